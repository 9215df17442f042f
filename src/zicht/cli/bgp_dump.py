"""``zicht bgp dump``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zicht.cli.compiling import announce_compilation
from zicht.errors import UsageError

if TYPE_CHECKING:
    from zicht.observe.dumping import Form

_PARQUET = ".parquet"


@click.command("dump")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("-m", "lines", is_flag=True, help="Write lines as bgpdump -m does; the default.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file; one whose name ends in .parquet becomes a table.",
)
@click.option("--collector", default="", help="The collector that the files are of, such as rrc00.")
@click.option("--strict", is_flag=True, help="Stop at the first damage, instead of counting it.")
@click.pass_obj
def command(obj: dict[str, Any], /, files: tuple[str, ...], **options: Any) -> None:
    """Write what MRT files say, one line for each route, withdrawal or change of a session.

    Files may be compressed (gzip, bzip2, Zstandard); - is standard input. The lines are those of
    bgpdump -m. With --format jsonl all that is said of a route is written; docs/dumping.md tells
    the fields.
    """
    from zicht.observe.dumping import dump_routes

    announce_compilation("bgp")
    output = options.pop("output")
    form = _form(obj["output_format"], output, lines=options.pop("lines"))
    sys.stdout.flush()
    dump_routes(
        files,
        output or sys.stdout.buffer,
        form=form,
        tell=lambda text: click.echo(text, err=True),
        **options,
    )


def _form(output_format: str, output: Path | None, *, lines: bool) -> Form:
    if lines:
        return "lines"
    if output is not None and output.suffix == _PARQUET:
        return "parquet"
    if output_format == "table":
        return "lines"
    if output_format == "jsonl":
        return "jsonl"
    raise UsageError(
        f"Routes are not written as {output_format}.",
        "Leave --format out, or say --format jsonl; a file that ends in .parquet becomes a table.",
    )
