"""``zicht status``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec

from zicht.cli.options import NOTHING_KNOWN, TIME, as_of_option

if TYPE_CHECKING:
    from zicht.model.status import Status


@click.command("status")
@click.argument("entities", nargs=-1, metavar="[ENTITY]...")
@click.option("--at", type=TIME, default=None, help="The time; by default the end of the data.")
@as_of_option
@click.pass_obj
def command(obj: dict[str, Any], /, entities: tuple[str, ...], **when: Any) -> None:
    """Show the state of entities, now or at a time.

    A figure always names the signal that it was read of; what cannot be told is unknown. Of each
    plane the table shows the belief that its signals have together, and how many of their
    independent groups hold an outage to be likelier than not.
    """
    from zicht.cli.output import write_records
    from zicht.observe.status import status
    from zicht.store import open_store

    states = status(open_store(obj["store"]), entities=entities or None, **when)
    if not states and when["as_of"] is not None:
        click.echo(NOTHING_KNOWN, err=True)
    columns = ("entity", "time", "connectivity_percent", "signal", "belief_outage", "planes")
    if obj["output_format"] == "table":
        rows = [msgspec.structs.asdict(one) | {"planes": _planes(one)} for one in states]
        write_records(rows, "table", (*columns, "since", "health"))
    else:
        write_records(states, obj["output_format"], columns)


def _planes(state: Status) -> str:
    """The belief of each plane, and how many of its independent groups of signals are down."""
    return "\n".join(
        f"{plane} {belief.belief_outage:.4g} ({belief.groups_down} of {belief.groups})"
        for plane, belief in state.plane_beliefs.items()
    )
