"""``zicht probe run``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_ABOVE_ZERO = click.FloatRange(min=0, min_open=True)
_COLUMNS = ("time", "entity", "family", "blocks", "measured", "up_percent", "rtt_ms")
_WIDTHS = (22, 18, 7, 9, 10, 12, 9)
_TELL_EVERY = 60.0  # seconds, where no line can move


@click.command("run")
@click.argument("countries", nargs=-1, required=True, metavar="COUNTRY...")
@click.option(
    "--contact",
    required=True,
    envvar="ZICHT_CONTACT",
    show_envvar=True,
    help="A mail or web address, sent along: where those probed can ask to be left alone.",
)
@click.option(
    "--exclude", type=_FILE, help="A file of networks to leave alone; read anew when it changes."
)
@click.option("--allow-private", is_flag=True, help="Also probe private and reserved space.")
@click.option("--rate", type=_ABOVE_ZERO, default=100, show_default=True, help="Probes a second.")
@click.option(
    "--per-block",
    "per_minute",
    type=_ABOVE_ZERO,
    default=20,
    show_default=True,
    help="Probes a minute to one /24 (IPv6: /48), at most.",
)
@click.option(
    "--rounds",
    type=click.IntRange(min=1),
    help="End after so many rounds of five minutes; by default it goes on until stopped.",
)
@click.option(
    "--vantage",
    default="local",
    show_default=True,
    help="The name of this vantage point, under which its readings are kept and cited.",
)
@click.option(
    "--control",
    type=_FILE,
    help="A file of addresses in other countries that always answer, one a line; by default blocks"
    " that a census of other countries found.",
)
@click.option("--dry-run", is_flag=True, help="Send nothing; say what would be sent.")
@click.pass_obj
def command(obj: dict[str, Any], /, countries: tuple[str, ...], **options: Any) -> None:
    """Follow which blocks of countries answer, minute by minute, until interrupted.

    Each block that a census found (zicht probe census) is asked once in each round of five minutes,
    and more often until it is clear whether it is up. Minutes go into the store as readings of this
    vantage point, and as the series probe.up24.1m, probe.up24 and others that all vantage points of
    the store make together; countries go to standard output too.

    Control blocks in other countries tell whether the vantage point itself is well: what a sick one
    misses is unknown, never an outage. One that was stopped or killed goes on where it was.

    Read docs/probing.md first: what it may mean for those who are probed, and for you.
    """
    import signal
    import threading

    from zicht.cli.without_rights import sockets_without_rights
    from zicht.errors import UsageError

    if obj["output_format"] == "json":
        raise UsageError("JSON in one piece would never end.", "Take --format jsonl.")
    opened = [] if options["dry_run"] else sockets_without_rights()
    from zicht.observe.probing_vantage import VantageRequest, run_vantage

    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    run_vantage(
        obj["store"],
        VantageRequest(countries=countries, **options),
        stopped,
        opened=opened,
        tell=lambda text: click.echo(text, err=True),
        show=_writer(obj["output_format"]),
        progress=_Progress(),
    )


class _Progress:
    """Says now and then how many probes were sent, and how many a second."""

    def __init__(self) -> None:
        self._told, self._sent = time.monotonic(), 0

    def __call__(self, counts: Any) -> None:
        now = time.monotonic()
        if now < self._told + _TELL_EVERY:
            return
        rate = (counts.sent - self._sent) / (now - self._told)
        self._told, self._sent = now, counts.sent
        refused = sum(counts.refused.values())
        errors = "".join(f", {why}: {count:,}" for why, count in counts.send_errors.items())
        if counts.dropped:
            errors += f", messages there was no room for: {counts.dropped:,}"
        click.echo(
            f"{counts.sent:,} probes sent, {rate:,.1f}/s, refused: {refused:,}{errors}",
            err=True,
        )


def _writer(output_format: str) -> Callable[[pa.Table], None]:
    """What writes the readings of a minute to standard output, at once: ``control`` last."""
    import csv

    import msgspec

    plain = csv.writer(sys.stdout, lineterminator="\n")
    if output_format != "jsonl":
        head = ",".join(_COLUMNS) if output_format == "csv" else _line(_COLUMNS)
        click.echo(head)

    def show(readings: pa.Table) -> None:
        rows = [row for row in readings.to_pylist() if not row["entity"].startswith("asn/")]
        for row in map(_cells, rows):
            if output_format == "csv":
                plain.writerow(row)
            elif output_format == "table":
                click.echo(_line(row))
            else:
                click.echo(msgspec.json.encode(dict(zip(_COLUMNS, row, strict=True))).decode())
        sys.stdout.flush()

    return show


def _cells(row: dict[str, Any]) -> tuple[Any, ...]:
    from zicht.model.time import format_time

    measured = row["measured"]
    return (
        format_time(row["time"]),
        row["entity"],
        4 if row["ipv4"] else 6,
        row["blocks"],
        measured,
        round(100 * row["up"] / measured, 1) if measured else None,
        None if row["rtt"] is None else round(row["rtt"], 1),
    )


def _line(cells: tuple[Any, ...]) -> str:
    texts = ("unknown" if cell is None else str(cell) for cell in cells)
    return "".join(
        f"{text:<{width}}" if place < 2 else f"{text:>{width}}"  # noqa: PLR2004 - texts
        for place, (text, width) in enumerate(zip(texts, _WIDTHS, strict=True))
    )
