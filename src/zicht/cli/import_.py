"""``zicht import``: read a source's files into the store."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from zicht.observe.files import Progress
    from zicht.observe.ingest import Imported

_COLUMNS = (
    "file",
    "signals",
    "entities",
    "new",
    "revised",
    "unchanged",
    "skipped",
    "from",
    "until",
)

_COMMON = (
    click.argument("files", nargs=-1, required=True, metavar="FILE..."),
    click.option(
        "--on-bad",
        type=click.Choice(["stop", "skip"]),
        default="stop",
        show_default=True,
        help="What to do at a row that cannot be read: stop and store nothing of its file, or skip"
        " it and count.",
    ),
    click.option("--licence", help="Under which these data may be used, if not the source's own."),
    click.option("--citation", help="How to cite these data, if not as the source asks."),
    click.option(
        "--simulated", is_flag=True, help="The data are of the lab, no measurement; this shows."
    ),
)
_COUNTRY = click.option(
    "--country", metavar="CC", help="The country, by ISO 3166-1 code, of files that do not name it."
)


@click.group(name="import")
def command() -> None:
    """Read a source's files into the store.

    Each file is stored whole or not at all, and one that was imported before changes nothing. Files
    may be compressed (gzip, bzip2, Zstandard); - is standard input.
    """


def _source(*options: Callable[[Any], Any]) -> Callable[[Callable[..., None]], click.Command]:
    """Make a command of a source, with the options that all have and its own."""

    def decorate(function: Callable[..., None]) -> click.Command:
        for option in reversed((*_COMMON, *options)):
            function = option(function)
        return command.command(name=function.__name__.strip("_"))(function)

    return decorate


@_source(
    _COUNTRY,
    click.option("--entity", help="What an export is of that does not say so: asn/44244 …"),
)
@click.pass_obj
def ioda(obj: dict[str, Any], /, **options: Any) -> None:
    """Import exports of IODA, side by side (its dashboard) or one below the other (OONI, 2019)."""
    _import(obj, "ioda", options)


@_source(_COUNTRY)
@click.pass_obj
def tor(obj: dict[str, Any], /, **options: Any) -> None:
    """Import estimated users of Tor from Tor Metrics, by day and country."""
    _import(obj, "tor", options)


@_source(_COUNTRY)
@click.pass_obj
def ooni(obj: dict[str, Any], /, **options: Any) -> None:
    """Import counts of OONI's measurements, by day, in total or by operator."""
    _import(obj, "ooni", options)


@_source(_COUNTRY)
@click.pass_obj
def mlab(obj: dict[str, Any], /, **options: Any) -> None:
    """Import speed tests by day, as exported from M-Lab's BigQuery; CSV or JSON."""
    _import(obj, "mlab", options)


@_source(
    _COUNTRY,
    click.option("--product", help="The product, if not youtube: search, gmail, maps …"),
)
@click.pass_obj
def google(obj: dict[str, Any], /, **options: Any) -> None:
    """Import traffic to a product of Google's from its Transparency Report."""
    _import(obj, "google", options)


@_source(
    _COUNTRY,
    click.option(
        "--utc-offset",
        metavar="+HH:MM",
        help="What the file's local times are ahead of UTC, if not as in the country's capital.",
    ),
)
@click.pass_obj
def icmp(obj: dict[str, Any], /, **options: Any) -> None:
    """Import shares of answering addresses by county, of the Monash IP Observatory."""
    _import(obj, "icmp", options)


@_source(_COUNTRY)
@click.pass_obj
def peers(obj: dict[str, Any], /, **options: Any) -> None:
    """Import counts of RouteViews peers that see an operator's prefixes."""
    _import(obj, "peers", options)


@_source(
    _COUNTRY,
    click.option("--signal", required=True, help="The name that the signal gets."),
    click.option("--time", required=True, metavar="COLUMN", help="The column of times."),
    click.option("--value", required=True, metavar="COLUMN", help="The column of values."),
    click.option("--entity", help="The entity that all rows are of: country/KZ, asn/9198 …"),
    click.option("--entity-column", metavar="COLUMN", help="The column of entities."),
    click.option("--samples", metavar="COLUMN", help="The column of numbers of samples."),
    click.option("--unit", help="The unit of a value."),
    click.option(
        "--step", type=click.IntRange(min=1), help="The length of a bin in seconds, if not found."
    ),
    click.option(
        "--plane",
        type=click.Choice(["control", "data", "user"]),
        help="Of routes, of packets, or of what people do.  [default: data]",
    ),
    click.option(
        "--scale",
        type=click.Choice(["count", "share", "index"]),
        help="Of things, percent of something, or a relative measure.  [default: index]",
    ),
    click.option(
        "--time-zone", metavar="ZONE", help="The zone of times that carry none, if not UTC."
    ),
    click.option("--title", help="What is measured, for people."),
)
@click.pass_obj
def table(obj: dict[str, Any], /, **options: Any) -> None:
    """Import any table, CSV or Parquet, whose columns are named here.

    A column is given by its name, or by its number (from 1) where there is no header. Times are ISO
    8601, or seconds, milliseconds or microseconds since 1970.
    """
    from zicht.sources.table import TableSpec

    names = TableSpec.__dataclass_fields__
    options["spec"] = TableSpec(**{name: options.pop(name) for name in names})
    _import(obj, "table", options)


def _import(obj: dict[str, Any], source: str, options: dict[str, Any]) -> None:
    from zicht.cli.output import write_records
    from zicht.observe.ingest import import_files
    from zicht.store import open_store

    store = open_store(obj["store"], create=True)
    files = options.pop("files")
    with _shown_progress() as progress:
        records = import_files(store, source, files, progress=progress, **options)
    _tell(records)
    write_records(records, obj["output_format"], _COLUMNS)


def _tell(records: Sequence[Imported]) -> None:
    """Say on standard error what is more than figures."""
    for record in records:
        for note in record.notes:
            click.echo(note, err=True)
        for kind in record.skipped_kinds:
            click.echo(
                f"{record.file}: skipped {kind.rows:,} bad rows, the first on line {kind.line}:"
                f" column {kind.column} is not {kind.expected}.",
                err=True,
            )
        if record.new == record.revised == 0:
            click.echo(f"{record.file}: nothing is new; all of it was stored before.", err=True)


@contextmanager
def _shown_progress() -> Iterator[Progress | None]:
    """Shows on standard error what is being done, where somebody is looking."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")
        yield lambda what, done, total: bar.update(
            task, description=what, completed=done, total=total or None
        )
