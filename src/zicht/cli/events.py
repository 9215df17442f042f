"""``zicht events``."""

from __future__ import annotations

from typing import Any

import click

from zicht.cli.options import NOTHING_KNOWN, TIME, as_of_option

_SEEN_COLUMNS = ("source", "entity", "start", "end", "seen_in", "cause")


@click.command("events")
@click.argument("entities", nargs=-1, metavar="[ENTITY]...")
@click.option("--from", "start", type=TIME, default=None, help="Leave out what ended before.")
@click.option("--until", "end", type=TIME, default=None, help="Leave out what began later.")
@click.option(
    "--of-others",
    is_flag=True,
    help="List what other observatories say they saw instead; it is theirs, and was fetched.",
)
@as_of_option
@click.pass_obj
def command(
    obj: dict[str, Any], /, entities: tuple[str, ...], *, of_others: bool, **period: Any
) -> None:
    """List the events that were found, in order of onset.

    With ENTITY only events of that country, region or operator, and those in which that operator
    takes part.
    """
    from zicht.cli.detect import EVENT_COLUMNS
    from zicht.cli.output import write_records
    from zicht.observe.evidence import list_events, list_sightings
    from zicht.store import open_store

    if of_others:
        seen = list_sightings(open_store(obj["store"]), entities=entities or None, **period)
        write_records(seen, obj["output_format"], _SEEN_COLUMNS)
        return
    events = list_events(open_store(obj["store"]), entities=entities or None, **period)
    if not events and period["as_of"] is not None:
        click.echo(NOTHING_KNOWN, err=True)
    write_records(events, obj["output_format"], EVENT_COLUMNS)
