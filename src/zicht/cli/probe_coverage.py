"""``zicht probe coverage``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from datetime import datetime

_ROW = (
    "entity",
    "name",
    "kind",
    "known_blocks",
    "measured_blocks",
    "observable",
    "why",
    "users",
    "users_percent",
)


@click.command("coverage")
@click.argument("country")
@click.option(
    "--as-of",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="The day whose places, origins and users count, if not the newest.",
)
@click.pass_obj
def command(obj: dict[str, Any], /, country: str, as_of: datetime | None) -> None:
    """Say whom in a country probing can see, and for whom the country's figure speaks.

    Of each operator: how many of its blocks are known and how many are measured, and whether it is
    observable by probing; those of which too little answers are not, and nothing is said of them.
    """
    from zicht.cli.output import write_record, write_records
    from zicht.observe.probe_coverage import show_coverage
    from zicht.sources.probe.observable import in_words
    from zicht.store import open_store

    told = show_coverage(
        open_store(obj["store"]).path,
        country,
        as_of.date() if as_of else None,
        lambda text: click.echo(text, err=True),
    )
    click.echo(in_words(told), err=True)
    if obj["output_format"] == "json":
        write_record(told, "json", ())
    else:
        write_records(told.operators, obj["output_format"], _ROW)
