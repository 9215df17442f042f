"""``zicht export``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zicht.cli.options import TIME, as_of_option

if TYPE_CHECKING:
    from collections.abc import Callable

_COLUMNS = ("file", "rows", "simulated")

_COMMON = (
    click.option("--entity", "entities", multiple=True, help="Only of this; may be repeated."),
    click.option("--from", "start", type=TIME, help="Only what is at or after it (UTC)."),
    click.option("--until", type=TIME, help="Only what is before it (UTC)."),
    as_of_option,
    click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        required=True,
        help="The file: .parquet, .csv, .jsonl or .json; - is standard output, in JSON lines or in"
        " what the --format of zicht says.",
    ),
    click.option("--force", is_flag=True, help="Write over a file that is there already."),
)
_SIGNAL = click.option("--signal", "signals", multiple=True, help="Only this; may be repeated.")


@click.group("export")
def command() -> None:
    """Write series, outages and events to files.

    Each row says its licence, how to cite it, and whether it is simulated.
    """


def _export(*options: Callable[[Any], Any]) -> Callable[[Callable[..., None]], click.Command]:
    """Make a command with the options that all have and its own."""

    def decorate(function: Callable[..., None]) -> click.Command:
        for option in reversed((*options, *_COMMON)):
            function = option(function)
        return command.command(name=function.__name__)(click.pass_obj(function))

    return decorate


@_export(_SIGNAL)
def series(obj: dict[str, Any], /, **options: Any) -> None:
    """Write observations: the newest revision of every bin."""
    from zicht.observe.exports import export_series

    _write(obj, export_series, options)


@_export(_SIGNAL)
def outages(obj: dict[str, Any], /, **options: Any) -> None:
    """Write outages: a stretch of one signal of one entity each."""
    from zicht.observe.exports import export_outages

    _write(obj, export_outages, options)


@_export(
    click.option(
        "--as",
        "shape",
        type=click.Choice(["zicht", "codf"]),
        default="zicht",
        show_default=True,
        help="The shape of the records: ours, or IODA's Common Outage Data Format.",
    )
)
def events(obj: dict[str, Any], /, **options: Any) -> None:
    """Write events: outages that belong together."""
    from zicht.observe.exports import export_events

    _write(obj, export_events, options)


def _write(obj: dict[str, Any], export: Callable[..., Any], options: dict[str, Any]) -> None:
    from zicht.cli.output import write_record
    from zicht.observe.exports import Written
    from zicht.publish.export import file_format
    from zicht.publish.files import STANDARD_OUTPUT, check_writable, write_whole
    from zicht.store import open_store

    path, force = options.pop("output"), options.pop("force")
    to_standard_output = path == STANDARD_OUTPUT
    written_as = obj["output_format"] if to_standard_output else file_format(path)
    if written_as == "table":
        written_as = "jsonl"
    check_writable(path, force=force)
    exported = export(open_store(obj["store"]), written_as, **options)
    write_whole(path, exported.data, force=force)
    if not to_standard_output:
        record = Written(file=str(path), rows=exported.rows, simulated=exported.simulated)
        write_record(record, obj["output_format"], _COLUMNS)
