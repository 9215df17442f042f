"""``zicht bgp live``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from zicht.cli.options import simulated_option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from zicht.sources.bgp.follow import Watch
    from zicht.sources.bgp.series import Bin

_STEPS = {"30s": 30, "1m": 60, "5m": 300}
_COLUMNS = (
    *("time", "entity", "visible24", "visible6", "visible48"),
    *("voters4", "voters6", "peers", "silent", "down", "stale", "waiting"),
)
_WIDTHS = (22, 18, 9, 9, 9, 7, 7, 6, 6, 5, 5, 7)


@click.command("live")
@click.option("--ris", metavar="NAME,...", help="Follow these collectors of RIS: rrc00,rrc01 ...")
@click.option(
    "--bmp",
    metavar="HOST:PORT",
    help="Listen there for routers that tell their routes by BMP; anybody who reaches it is"
    " believed.",
)
@click.option(
    "--step",
    type=click.Choice([*_STEPS]),
    default="1m",
    show_default=True,
    help="The length of a bin; a value is of its end.",
)
@click.option(
    "--entity",
    "entities",
    multiple=True,
    help="Store and show only this entity: KZ, asn/9198 ...; may be repeated.",
)
@click.option(
    "--ris-live",
    envvar="ZICHT_RIS_LIVE",
    show_envvar=True,
    help="Where RIS Live is, if it has moved.",
)
@click.option(
    "--archive",
    envvar="ZICHT_RIS",
    show_envvar=True,
    help="Where RIS's archive is, if it has moved.",
)
@simulated_option
@click.pass_obj
def command(obj: dict[str, Any], /, **options: Any) -> None:
    """Follow what routes operators and countries have, minute by minute, until interrupted.

    Bins go into the store, and to standard output; operators only into the store, unless --entity
    names them. RIS Live tells changes and no tables, so these are read from RIS's archive first:
    warming up takes some minutes and up to some GB. What is not known is left empty, never zero.
    RIS wants to know who listens: set ZICHT_CONTACT to a mail address or a page of yours.
    """
    import asyncio
    import signal

    from zicht.errors import UsageError
    from zicht.observe.routes_live import LiveRoutes, follow_routes
    from zicht.observe.watch_settings import listening_address
    from zicht.sources.bgp.fetch.ris_live import URL
    from zicht.store import open_store

    if obj["output_format"] == "json":
        raise UsageError("JSON in one piece would never end.", "Take --format jsonl.")
    live = LiveRoutes(
        store=open_store(obj["store"], create=True),
        ris=[] if options["ris"] is None else options["ris"].split(","),
        bmp=None if options["bmp"] is None else listening_address(options["bmp"]),
        step=_STEPS[options["step"]],
        entities=options["entities"],
        ris_live=options["ris_live"] or URL,
        archive=options["archive"],
        simulated=options["simulated"],
        tell=lambda text: click.echo(text, err=True),
        show=writer(obj["output_format"], all_of_them=bool(options["entities"])),
    )

    async def run() -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        await follow_routes(live, stopped)

    asyncio.run(run())


def writer(output_format: str, *, all_of_them: bool) -> Callable[[Bin, Watch], None]:
    """What writes a bin to standard output, at once.

    Args:
        output_format: ``table``, ``csv`` or ``jsonl``.
        all_of_them: operators too.
    """
    import csv

    import msgspec

    plain = csv.writer(sys.stdout, lineterminator="\n")
    head = {"csv": ",".join(_COLUMNS), "table": _line(_COLUMNS), "jsonl": None}[output_format]
    if head is not None:
        click.echo(head)

    def show(one: Bin, watch: Watch) -> None:
        for row in _rows(one, watch, all_of_them=all_of_them):
            if output_format == "csv":
                plain.writerow(row)
            elif output_format == "table":
                click.echo(_line(row))
            else:
                click.echo(msgspec.json.encode(dict(zip(_COLUMNS, row, strict=True))).decode())
        sys.stdout.flush()

    return show


def _line(cells: tuple[Any, ...]) -> str:
    texts = ("unknown" if cell is None else str(cell) for cell in cells)
    pairs = zip(texts, _WIDTHS, strict=True)
    return "".join(
        f"{text:<{width}}" if place < 2 else f"{text:>{width + 1}}"  # noqa: PLR2004 - texts
        for place, (text, width) in enumerate(pairs)
    )


def _rows(one: Bin, watch: Watch, *, all_of_them: bool) -> Iterator[tuple[Any, ...]]:
    """A row for each entity that is shown; one without an entity where none is known."""
    from zicht.model.time import format_time, from_microseconds

    time = format_time(from_microseconds(one.time))
    seen = (*watch.voters, watch.peers, watch.silent, watch.down, watch.stale, watch.waiting)
    shown = [
        row
        for row, entity in enumerate(one.entities)
        if all_of_them or not entity.startswith("asn/")
    ]
    shown = [row for row in shown if one.known[row].any()]
    for row in shown:
        cells = (
            value if is_known else None
            for value, is_known in zip(
                one.values[row].tolist(), one.known[row].tolist(), strict=True
            )
        )
        yield time, one.entities[row], *cells, *seen
    if not shown:
        yield time, "", None, None, None, *seen
