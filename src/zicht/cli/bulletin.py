"""``zicht bulletin``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zicht.cli.options import as_of_option

_COLUMNS = ("file", "title", "simulated")


@click.command("bulletin")
@click.argument("event")
@as_of_option
@click.option(
    "--language",
    "code",
    type=click.Choice(["en", "nl"]),
    default="en",
    show_default=True,
    envvar="ZICHT_LANGUAGE",
    show_envvar=True,
    help="The language of the bulletin.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="-",
    help="The file: .md, its chart beside it, or .html, its chart within it. By default standard"
    " output, as Markdown without the chart.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there already.")
@click.pass_obj
def command(obj: dict[str, Any], /, **options: Any) -> None:
    """Write the text that a monitor would publish of EVENT.

    It tells what happened, since when, how deep, at which operators, when it came back, what is not
    known, and from which sources; `zicht events` lists the events.
    """
    from zicht.cli.output import write_record
    from zicht.observe.bulletins import bulletin, bulletin_to_file
    from zicht.publish.files import STANDARD_OUTPUT, check_writable
    from zicht.store import open_store

    check_writable(options["output"], force=options["force"])
    published = bulletin(
        open_store(obj["store"]), options["event"], as_of=options["as_of"], code=options["code"]
    )
    record = bulletin_to_file(published, options["output"], force=options["force"])
    if options["output"] != STANDARD_OUTPUT:
        write_record(record, obj["output_format"], _COLUMNS)
