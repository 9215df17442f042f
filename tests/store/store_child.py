"""What the tests run in a process of its own: ``python store_child.py TASK FOLDER ARGUMENTS…``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from store_bench import Bench, a_signal, an_origin

from zicht.errors import ZichtError
from zicht.store import open_store
from zicht.store.location import place_of

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 40


def say(*words: object) -> None:
    """Write a line that the test waits for."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def append_for_ever(place: Path | str, first: str) -> None:
    """Append ``ROWS`` bins at a time from append ``first`` on, and say each that is done."""
    bench = Bench(open_store(place, create=True), a_signal(), an_origin())
    number = int(first)
    say("ready")
    while True:
        bench.append(*[(number * ROWS + row, float(number)) for row in range(ROWS)], hour=number)
        say(number)
        number += 1


def append_some(place: Path | str, entity: str, value: str, count: str) -> None:
    """Append ``count`` times to the bins that the other writer appends to, too."""
    bench = Bench(open_store(place, create=True), a_signal(), an_origin())
    for number in range(int(count)):
        bench.append((number, float(value)), hour=number, entity="country/KZ")
        bench.append((number, float(number)), hour=number, entity=entity)


def read_for_ever(folder: Path) -> None:
    """Read until stopped; what is seen may only grow."""
    store = open_store(folder)
    seen = 0
    say("ready")
    while True:
        rows = store.table()
        count = len({(row["entity"], row["time"]) for row in rows.to_pylist()})
        if count != rows.num_rows or count < seen:
            sys.exit(f"{count} bins in {rows.num_rows} rows after {seen}")
        seen = count
        say(seen)


def open_only(folder: Path) -> None:
    """Try to open."""
    try:
        open_store(folder)
    except ZichtError as error:
        say(type(error).__name__, error)


def read_and_append(folder: Path) -> None:
    """Read, then try to append."""
    bench = Bench(open_store(folder), a_signal(), an_origin())
    say(len(bench.values()))
    try:
        bench.append((1000, 1.0))
    except ZichtError as error:
        say(type(error).__name__, error)


def append_until_full(folder: Path) -> None:
    """Append until it fails, say how, free some space, and go on."""
    reserve = folder.parent / "reserve"
    reserve.write_bytes(bytes(500_000))
    bench = Bench(open_store(folder, create=True), a_signal(), an_origin())
    number = 0
    try:
        while True:
            _append_noise(bench, number)
            number += 1
    except ZichtError as error:
        say(type(error).__name__, error)
    stored = bench.store.table().num_rows
    again = open_store(folder)
    if not stored == again.table().num_rows == number * ROWS:
        sys.exit(f"{stored} rows after {number} appends")
    reserve.unlink()
    _append_noise(bench, number)
    say(f"{bench.store.table().num_rows // ROWS - number} more")


def _append_noise(bench: Bench, number: int) -> None:
    noise = os.urandom(ROWS)
    rows = [(number * ROWS + row, float(noise[row])) for row in range(ROWS)]
    bench.append(*rows, hour=number)


def append_with_small_files(folder: Path) -> None:
    """Append more than a file may hold."""
    import resource  # noqa: PLC0415 - only here
    import signal  # noqa: PLC0415

    bench = Bench(open_store(folder, create=True), a_signal(), an_origin())
    bench.append((0, 1.0))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
    try:
        bench.append(*[(row, row * 1.37) for row in range(5000)])
    except ZichtError as error:
        say(type(error).__name__, error)
    say(bench.values())


if __name__ == "__main__":
    globals()[sys.argv[1]](place_of(sys.argv[2]), *sys.argv[3:])
