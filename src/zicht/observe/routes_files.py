"""Files of routes, turned into what could be reached: several collectors as one stream."""

from __future__ import annotations

import os
import re
import sys
from collections import deque
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from zicht.errors import InputError
from zicht.model.time import MICROSECONDS
from zicht.observe.files import STANDARD_INPUT
from zicht.sources.bgp.digest import Digest, digest
from zicht.sources.bgp.fetch.files import read_mrt
from zicht.sources.bgp.fetch.inflate import CutOffError, DamagedError, inflate
from zicht.sources.bgp.playback import Playback
from zicht.sources.bgp.series import Bin, Entities
from zicht.sources.bgp.visibility import Visibility

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from concurrent.futures import Future

    from zicht.place.blocks import Blocks

_COLLECTOR = re.compile(r"rrc\d\d|route-views(?:\.[a-z0-9-]+|\d+)?", re.IGNORECASE)
_TIME_SIZE = 4  # of an MRT header: seconds since 1970 (RFC 6396, section 2)
_SILENCE = 3600  # seconds: files come every 5 or 15 minutes, and of a full feed never empty
_AHEAD = 2  # files a thread may be ahead of the one that is played


def visible_in_files(
    files: Sequence[str],
    step: int,
    *,
    blocks: Blocks | None = None,
    only: Collection[str] | None = None,
    collector: str | None = None,
    trusting: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[Bin]:
    """What could be reached in each bin that the files tell of.

    A collector of which nothing is told for an hour is unknown until its next dump: files are
    missing. While nothing is told of any there are no bins.

    Args:
        files: dumps of tables and updates of any collectors, in any order; a dump of each before
            its updates, or nobody is believed.
        step: length of a bin in seconds.
        blocks: where addresses are; without them there are operators and no countries.
        only: the entities that are wanted.
        collector: the name of the collector, where the files' names do not tell.
        trusting: believe peers whose tables were never dumped: what was announced is all there is.
        tell: says what is going on and what was wrong with a file.

    Raises:
        InputError: a file is no file of MRT, or a dump of tables is cut off.
    """
    named = [(_begin(file), collector or collector_of(file), file) for file in files]
    visibility = Visibility(blocks)
    entities = Entities(visibility.places, step, only=only)
    playback = None
    latest = 0
    for begin, one in _digest_all(sorted(named), tell):
        if playback is None and one.begin:
            edge = one.begin - one.begin % (step * MICROSECONDS)
            playback = Playback(visibility, edge, step, trusting=trusting, silence=_SILENCE)
        if playback is not None:
            yield from map(entities.bin, playback.until(min(begin, one.begin)))
            playback.take(one)
        latest = max(latest, one.end)
    if playback is not None:
        yield from map(entities.bin, playback.until(_next_edge(latest, step)))


def _next_edge(time: int, step: int) -> int:
    """The end of the bin that an instant is in."""
    return (time // (step * MICROSECONDS) + 1) * step * MICROSECONDS


def collector_of(file: str) -> str:
    """The collector that a file's path names, as archives do, else the empty name."""
    for part in reversed(Path(file).parts):
        if (match := _COLLECTOR.search(part)) is not None:
            return match[0].lower()
    return ""


def _begin(file: str) -> int:
    """Time of a file's first record in microseconds; 0 where it cannot be told beforehand."""
    if file == STANDARD_INPUT:
        return 0
    head = b""
    stop = Event()
    with suppress(CutOffError, DamagedError, OSError):  # which reading the whole of it will tell
        for piece in inflate(Path(file), stop):
            head += piece
            if len(head) >= _TIME_SIZE:
                stop.set()
                break
    return int.from_bytes(head[:_TIME_SIZE], "big") * MICROSECONDS


def _digest_all(
    files: Sequence[tuple[int, str, str]], tell: Callable[[str], None]
) -> Iterator[tuple[int, Digest]]:
    """The digests in this order; threads work a few files ahead, as kernels need no interpreter."""
    threads = os.cpu_count() or 1
    stop = Event()

    def look_up() -> None:
        if stop.is_set():
            raise CancelledError

    waiting: deque[tuple[int, str, Future[Digest]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for begin, collector, file in files:
                future = pool.submit(digest_file, file, collector, look_up=look_up)
                waiting.append((begin, file, future))
                if len(waiting) > _AHEAD * threads:
                    yield _finished(*waiting.popleft(), tell)
            while waiting:
                yield _finished(*waiting.popleft(), tell)
        finally:
            stop.set()
            for _, _, future in waiting:
                future.cancel()


def digest_file(file: str, collector: str, *, look_up: Callable[[], None] = lambda: None) -> Digest:
    """Read a file, packed or not, or standard input (``-``), and digest it.

    Args:
        file: its path.
        collector: whose it is.
        look_up: called now and then; what it raises breaks this off.

    Raises:
        InputError: it cannot be read, or is no file of MRT.
    """
    source = sys.stdin.buffer if file == STANDARD_INPUT else file
    return digest(collector, read_mrt(source, collector=collector), look_up=look_up)


def _finished(
    begin: int, file: str, future: Future[Digest], tell: Callable[[str], None]
) -> tuple[int, Digest]:
    one = future.result()
    problems = one.problems
    if one.ribs is not None and problems.is_cut:
        raise InputError(
            f"{file} is a dump of tables that is cut off: {problems.first[-1]}.",
            "Take it whole; what is missing of it would look like an outage.",
        )
    if problems.damaged:
        tell(f"{file}: damaged in {problems.damaged} places, first {problems.first[0]}")
    return begin, one
