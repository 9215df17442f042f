"""Digests of several collectors, played back as one stream and read at the end of each bin."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zicht.model.time import MICROSECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv6Address

    from numpy.typing import NDArray

    from zicht.sources.bgp.changes import Changes
    from zicht.sources.bgp.digest import Digest
    from zicht.sources.bgp.ribs import Ribs
    from zicht.sources.bgp.visibility import Reading, Visibility


@dataclass
class _Statements:
    changes: Changes
    latest: NDArray[np.int64]  # the latest time so far: collectors write a little out of order
    row: int = 0


@dataclass(frozen=True)
class _Tables:
    time: int
    ribs: Ribs


@dataclass(frozen=True)
class _Gap:
    time: int
    address: IPv4Address | IPv6Address | None


class Playback:
    """Plays digests into a ``Visibility``, and reads it at the end of each bin.

    What a collector says is taken in its own order; of two collectors neither waits for the other
    but for the ends of bins.

    Args:
        visibility: what to play into.
        start: begin of the first bin, microseconds since 1970 UTC.
        step: length of a bin in seconds.
        trusting: take every peer for complete as soon as it has spoken, for files without a dump
            of tables before them.
        silence: after so many seconds without a statement a collector is taken to be missing, until
            its next dump, and bins of which nobody tells are left out. ``None`` is for those who
            say themselves what is missing.
    """

    def __init__(
        self,
        visibility: Visibility,
        start: int,
        step: int,
        *,
        trusting: bool = False,
        silence: int | None = None,
    ) -> None:
        self._visibility = visibility
        self._edge = start + step * MICROSECONDS
        self._step = step * MICROSECONDS
        self._trusting = trusting
        self._silence = None if silence is None else silence * MICROSECONDS
        self._heard: dict[str, int] = {}
        self._waiting: dict[str, deque[_Statements | _Tables | _Gap]] = defaultdict(deque)

    def take(self, digest: Digest) -> None:
        """Queue a file's digest behind those of the same collector."""
        if digest.ribs is not None:
            self._waiting[digest.collector].append(_Tables(digest.begin, digest.ribs))
        for changes in digest.changes:
            self.follow(digest.collector, changes)

    def follow(self, collector: str, changes: Changes) -> None:
        """Queue statements behind those of the same collector."""
        if len(changes):
            latest = np.maximum.accumulate(changes.time)
            self._waiting[collector].append(_Statements(changes, latest))

    def lose(
        self, collector: str, time: int, address: IPv4Address | IPv6Address | None = None
    ) -> None:
        """From a time on, statements of a collector, or of one of its peers, are missing."""
        self._waiting[collector].append(_Gap(time, address))

    def replace(self, collector: str, time: int, ribs: Ribs) -> None:
        """What of a collector is still queued is void: these are its tables at a time."""
        self._waiting[collector].clear()
        self._visibility.take(ribs, time)

    def until(self, time: int) -> Iterator[Reading]:
        """The readings of all bins that end at or before a time.

        Args:
            time: microseconds since 1970 UTC; all digests that tell of before it were taken.
        """
        while True:
            self._leave_out(time)
            if self._edge > time:
                return
            for collector, queue in self._waiting.items():
                self._play(collector, queue)
            if self._trusting:
                self._visibility.trust()
            else:
                self._lose_silent()
            yield self._visibility.read(self._edge)
            self._edge += self._step

    def _leave_out(self, time: int) -> None:
        """Go on to the bin in which somebody tells something again, or that a time is in."""
        if self._silence is None or not self._heard:
            return
        if self._edge - max(self._heard.values()) <= self._silence:
            return
        next_told = min([time, *(_time_of(queue[0]) for queue in self._waiting.values() if queue)])
        if next_told >= self._edge:
            self._edge += ((next_told - self._edge) // self._step + 1) * self._step

    def _lose_silent(self) -> None:
        if self._silence is None:
            return
        for collector, heard in self._heard.items():
            if self._edge - heard > self._silence:
                self._lose(collector)

    def _lose(self, collector: str, address: IPv4Address | IPv6Address | None = None) -> None:
        peers = [peer for peer in self._visibility.ribs.peers if peer.collector == collector]
        self._visibility.lose(peer for peer in peers if address is None or peer.address == address)

    def _play(self, collector: str, queue: deque[_Statements | _Tables | _Gap]) -> None:
        """Play what a collector says before the end of the bin."""
        while queue:
            match queue[0]:
                case _Tables(time, ribs):
                    if time >= self._edge:
                        return
                    self._visibility.take(ribs, time)
                    self._heard[collector] = time
                case _Gap(time, address):
                    if time >= self._edge:
                        return
                    self._lose(collector, address)
                case _Statements() as statements:
                    end = int(np.searchsorted(statements.latest, self._edge))
                    self._visibility.apply(statements.changes.rows(slice(statements.row, end)))
                    statements.row = end
                    if end:
                        self._heard[collector] = int(statements.latest[end - 1])
                    if end < len(statements.latest):
                        return
            queue.popleft()


def _time_of(waiting: _Statements | _Tables | _Gap) -> int:
    if isinstance(waiting, _Statements):
        return int(waiting.latest[waiting.row])
    return waiting.time
