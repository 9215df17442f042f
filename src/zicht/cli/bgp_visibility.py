"""``zicht bgp visibility``: what could be reached, from files of routes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from zicht.cli.compiling import announce_compilation
from zicht.cli.options import TIME, simulated_option
from zicht.model.time import MICROSECONDS, format_time, from_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from zicht.place.blocks import Blocks
    from zicht.sources.bgp.series import Bin

_STEPS = {"1m": 60, "5m": 300}
_SHOWN = 50  # entities of a bin in a table; a table of all routes has a hundred thousand
_COLUMNS = ("time", "entity", "visible24", "visible6", "visible48", "voters4", "voters6")


@click.command("visibility")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--entity", "only", multiple=True, help="Only this one; may be given several times.")
@click.option(
    "--step",
    type=click.Choice([*_STEPS]),
    default="5m",
    show_default=True,
    help="The length of a bin; a value is of its end.",
)
@click.option(
    "--collector", help="Whose files these are, where their names do not tell (rrc00/updates…)."
)
@click.option(
    "--from-nothing",
    is_flag=True,
    help="There is no dump of tables before the updates: believe that peers have what they"
    " announce, and no more.",
)
@click.option(
    "--as-of",
    type=TIME,
    help="Take addresses to be where they were on this day, if not where the newest files say.",
)
@click.option("--keep", is_flag=True, help="Store the series as well.")
@simulated_option
@click.pass_obj
def command(obj: dict[str, Any], /, files: tuple[str, ...], **options: Any) -> None:
    """Count, bin by bin, what of operators and countries the world has routes to.

    FILEs are MRT of route collectors: a dump of tables of each (bview…, rib…), and updates that
    follow it; packed or not, in any order. A /24 block of IPv4 is visible when more than half of
    the peer ASes with a full table have a route to it. Countries are told where zicht place has
    been told which addresses are where. IPv6 is counted in prefixes and in /48 blocks.

    A table shows the largest entities of each bin; --format csv, jsonl and json give all.
    """
    from zicht.errors import UsageError
    from zicht.model.entity import parse_entity
    from zicht.observe.routes_files import visible_in_files

    if options["keep"] and options["from_nothing"]:
        raise UsageError(
            "Series that begin from nothing are not kept: they tell what was said, and not what"
            " there was.",
            "Give a dump of tables with the updates, and leave --from-nothing out.",
        )
    announce_compilation("bgp")
    step = _STEPS[options["step"]]
    only = [str(parse_entity(entity)) for entity in options["only"]]
    bins = visible_in_files(
        files,
        step,
        blocks=_blocks(obj, options["as_of"]),
        only=only or None,
        collector=options["collector"],
        trusting=options["from_nothing"],
        tell=_tell,
    )
    if options["keep"]:
        from zicht.observe.routes_keep import keep_bins, origin_of_files
        from zicht.store import open_store

        store = open_store(obj["store"], create=True)
        origin = origin_of_files(files, simulated=options["simulated"])
        bins = keep_bins(store, bins, step, origin)
    told = _tell_of_unseen(_tell_of_unknown(bins, step), only)
    match obj["output_format"]:
        case "csv":
            _write_csv(told)
        case "jsonl":
            _write_lines(told)
        case form:
            from zicht.cli.output import write_records

            largest = None if form == "json" or only else _SHOWN
            write_records(list(_records(told, largest)), form, _COLUMNS)


def _tell(text: str) -> None:
    click.echo(text, err=True)


def _blocks(obj: dict[str, Any], as_of: datetime | None) -> Blocks | None:
    from zicht.errors import NotFoundError
    from zicht.observe.places import load_blocks
    from zicht.store.location import host_folder

    try:
        return load_blocks(
            host_folder(obj["store"]), None if as_of is None else as_of.date(), _tell
        )
    except NotFoundError as error:
        click.echo(f"No countries are told: {error}", err=True)
        return None


def _tell_of_unknown(bins: Iterable[Bin], step: int) -> Iterator[Bin]:
    """Say once of each stretch of time that it is unknown, and how it could be known."""
    begin = end = None
    for one in bins:
        if end is not None and one.time > end:
            _tell(f"{_span(end, one.time)}: left out, no file tells of it")
        end = one.time + step * MICROSECONDS
        if any(one.voters):
            if begin is not None:
                _tell_unknown(begin, one.time)
            begin = None
        elif begin is None:
            begin = one.time
        yield one
    if begin is not None and end is not None:
        _tell_unknown(begin, end)


def _tell_of_unseen(bins: Iterable[Bin], only: Iterable[str]) -> Iterator[Bin]:
    """Say of which entities that are wanted nothing was ever seen: it is no nought."""
    import numpy as np

    unseen = set(only)
    for one in bins:
        if unseen:
            rows = np.flatnonzero(one.known.any(axis=1)).tolist()
            unseen -= {one.entities[row] for row in rows}
        yield one
    for entity in sorted(unseen):
        _tell(f"{entity}: unknown, no route to it was seen")


def _tell_unknown(begin: int, end: int) -> None:
    _tell(
        f"{_span(begin, end)}: unknown, no peer has a full table that can be trusted. Give the dump"
        " of tables before it, too (bview…, rib…), or --from-nothing to look at updates alone."
    )


def _span(begin: int, end: int) -> str:
    return " to ".join(format_time(from_microseconds(time)) for time in (begin, end))


def _rows(
    bins: Iterable[Bin], largest: int | None = None
) -> Iterator[tuple[str | int | None, ...]]:
    """A row for each entity of each bin, or for so many that are the largest in it."""
    import numpy as np

    told = False
    shared: list[int] = []
    for one in bins:
        time = format_time(from_microseconds(one.time))
        rows = np.flatnonzero(one.known.any(axis=1))
        if largest is not None and len(rows) > largest:
            blocks = np.where(one.known, one.values, -1)[rows]
            rows = np.sort(rows[np.lexsort((-blocks[:, 2], -blocks[:, 0]))[:largest]])
            if not told:
                _tell(
                    f"Of each bin the {largest} largest of the entities are shown: name others"
                    " with --entity, or take all with --format csv."
                )
            told = True
        for row in rows.tolist():
            cells = (
                value if is_known else None
                for value, is_known in zip(
                    one.values[row].tolist(), one.known[row].tolist(), strict=True
                )
            )
            yield time, one.entities[row], *cells, *one.voters
        shared = one.shared.tolist()
    if any(shared):
        click.echo(
            f"At the end {shared[0]:,} /24 blocks, {shared[1]:,} prefixes and {shared[2]:,} /48"
            " blocks of IPv6 have several origins (MOAS); they count for each.",
            err=True,
        )


def _records(bins: Iterable[Bin], largest: int | None = None) -> Iterator[dict[str, Any]]:
    return (dict(zip(_COLUMNS, row, strict=True)) for row in _rows(bins, largest))


def _write_csv(bins: Iterable[Bin]) -> None:
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(_rows(bins))


def _write_lines(bins: Iterable[Bin]) -> None:
    import msgspec

    for record in _records(bins):
        sys.stdout.write(msgspec.json.encode(record).decode() + "\n")
