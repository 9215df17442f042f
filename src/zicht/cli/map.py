"""``zicht map``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zicht.cli.options import TIME, as_of_option

_COLUMNS = ("file", "title", "time", "countries", "simulated")


@click.command("map")
@click.option("--at", type=TIME, default=None, help="The time; by default the end of the data.")
@as_of_option
@click.option(
    "--language",
    "code",
    type=click.Choice(["en", "nl"]),
    default="en",
    show_default=True,
    envvar="ZICHT_LANGUAGE",
    show_envvar=True,
    help="The language of the map.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("world.svg"),
    show_default=True,
    help="The file: .svg, .png or .html; - is standard output, as SVG.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there already.")
@click.pass_obj
def command(obj: dict[str, Any], /, **options: Any) -> None:
    """Draw the world: where things are ordinary, disturbed, in an outage, or cannot be seen.

    A country's state is that of the worst plane of which anything is known. Borders are Natural
    Earth's and express no opinion.
    """
    from zicht.cli.output import write_record
    from zicht.observe.world import draw_map_to_file, world
    from zicht.publish.files import STANDARD_OUTPUT, check_writable
    from zicht.store import open_store

    path = options["output"]
    check_writable(path, force=options["force"])
    drawn = world(
        open_store(obj["store"]), at=options["at"], as_of=options["as_of"], code=options["code"]
    )
    record = draw_map_to_file(drawn, path, code=options["code"], force=options["force"])
    if path != STANDARD_OUTPUT:
        write_record(record, obj["output_format"], _COLUMNS)
