"""``zicht detect``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zicht.cli.options import TIME, as_of_option, settings_of, settings_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command("detect")
@click.argument("entities", nargs=-1, metavar="[ENTITY]...")
@click.option(
    "--until", type=TIME, default=None, help="Take only bins that begin before this time."
)
@as_of_option
@settings_option
@click.pass_context
def command(
    ctx: click.Context, /, entities: tuple[str, ...], settings: Path, **period: Any
) -> None:
    """Find outages and events in what the store holds, and keep them there.

    ENTITY is a country (KZ or country/KZ, which brings its operators and regions), a region
    (region/KZ-75) or an operator (asn/9198); without any, all are looked at. With --as-of nothing
    is kept. The settings may hold the prior of explanations and a calendar.
    """
    from zicht.cli.output import write_records
    from zicht.observe.detection import run_detection
    from zicht.observe.settings import premises_of
    from zicht.store import open_store

    obj: dict[str, Any] = ctx.obj
    detection = run_detection(
        open_store(obj["store"]),
        entities=entities or None,
        premises=premises_of(settings_of(ctx, settings)),
        **period,
    )
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
