"""``zicht status``."""

from __future__ import annotations

from typing import Any

import click

from zicht.cli.options import NOTHING_KNOWN, TIME, as_of_option


@click.command("status")
@click.argument("entities", nargs=-1, metavar="[ENTITY]...")
@click.option("--at", type=TIME, default=None, help="The time; by default the end of the data.")
@as_of_option
@click.pass_obj
def command(obj: dict[str, Any], /, entities: tuple[str, ...], **when: Any) -> None:
    """Show the state of entities, now or at a time.

    A figure always names the signal that it was read of; what cannot be told is unknown.
    """
    from zicht.cli.output import write_records
    from zicht.observe.status import status
    from zicht.store import open_store

    states = status(open_store(obj["store"]), entities=entities or None, **when)
    if not states and when["as_of"] is not None:
        click.echo(NOTHING_KNOWN, err=True)
    write_records(
        states,
        obj["output_format"],
        ("entity", "time", "connectivity_percent", "signal", "belief_outage", "since", "health"),
    )
