"""``zicht detect``."""

from __future__ import annotations

from typing import Any

import click

from zicht.cli.options import TIME, as_of_option


@click.command("detect")
@click.argument("entities", nargs=-1, metavar="[ENTITY]...")
@click.option(
    "--until", type=TIME, default=None, help="Take only bins that begin before this time."
)
@as_of_option
@click.pass_obj
def command(obj: dict[str, Any], /, entities: tuple[str, ...], **period: Any) -> None:
    """Find outages and events in what the store holds, and keep them there.

    ENTITY is a country (KZ or country/KZ, which brings its operators and regions), a region
    (region/KZ-75) or an operator (asn/9198); without any, all are looked at. With --as-of nothing
    is kept.
    """
    from zicht.cli.output import write_records
    from zicht.observe.detection import run_detection
    from zicht.store import open_store

    detection = run_detection(open_store(obj["store"]), entities=entities or None, **period)
    for one in (*detection.sicknesses, *detection.blocks.sicknesses):
        click.echo(f"{one.signal} could not see: {one.reason}.", err=True)
    found = (*detection.events, *detection.blocks.events)
    events = [event for event in found if not event.retracted]
    click.echo(
        f"{len(detection.assessments)} series, {len(events)} events,"
        f" {sum(not one.retracted for one in detection.outages)} outages.",
        err=True,
    )
    write_records(events, obj["output_format"], EVENT_COLUMNS)


EVENT_COLUMNS = ("id", "entity", "class", "onset", "end", "ongoing", "depth_percent", "operators")
