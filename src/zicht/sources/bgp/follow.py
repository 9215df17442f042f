"""Following live streams: tables kept up to date, and no vote for whom something was not seen.

A collector of which an archive exists is *resynced* after each gap, and at the beginning: its
tables are built anew from the archive's newest dump and the updates that follow it, up to an
instant from which on the stream is known to be whole. What came since then was kept, and is said
once more on top of them. The overlap does no harm: who is told the same statements again, in the
same order, ends with the same routes.

A collector without an archive is a router that connects by BMP: each session tells its tables anew.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zicht.model.time import MICROSECONDS
from zicht.sources.bgp.changes import changes_of, join
from zicht.sources.bgp.decode import Decoder
from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.playback import Playback
from zicht.sources.bgp.ribs_rows import DOWN, STALE
from zicht.sources.bgp.silence import Habits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from ipaddress import IPv4Address, IPv6Address

    from numpy.typing import NDArray

    from zicht.sources.bgp.changes import Changes
    from zicht.sources.bgp.live import Batch, Gap
    from zicht.sources.bgp.ribs import Ribs
    from zicht.sources.bgp.visibility import Reading, Visibility

    Address = IPv4Address | IPv6Address | None

SKEW = 5 * MICROSECONDS
"""Our clock and a collector's may differ by so much."""
MOST_KEPT = 16_000_000
"""Statements that are kept for resyncs, of all collectors together: some 600 MB."""
_QUORUM = 0.5
_DAY = 86_400


class Watch(NamedTuple):
    """How well a bin could be seen.

    Attributes:
        voters: how many ASes could vote, of IPv4 and of IPv6.
        needed: with fewer than these, the figures are unknown.
        peers: peers of which there is a table.
        silent: of them, those that say nothing for longer than is their habit.
        down: of them, those whose session is down.
        stale: of them, those of which statements are missing.
        waiting: collectors that are being resynced.
    """

    voters: tuple[int, int]
    needed: tuple[int, int]
    peers: int
    silent: int
    down: int
    stale: int
    waiting: int


@dataclass
class _Stream:
    """One collector's stream.

    ``lost`` holds of whom statements are missing (``None`` is all peers), and the time up to which
    the archive must tell of them: ``None`` as long as the gap lasts.
    """

    decoder: Decoder
    is_archived: bool
    is_known: bool
    lost: dict[Address, int | None] = field(default_factory=dict)
    kept: deque[Changes] = field(default_factory=deque)
    kept_rows: int = 0

    @property
    def wanted(self) -> int | None:
        """Up to when the archive must tell, or ``None`` where nothing can be done or need be."""
        times = [time for time in self.lost.values() if time is not None]
        return min(times) if times and len(times) == len(self.lost) else None


class Follower:
    """Takes in live streams and the tables that they are resynced with, and is read bin by bin.

    A bin in which fewer than half as many ASes vote as of late (the most of them, counting half
    after a day) is unknown: what is left of the voters says more about them than about the world.

    Args:
        visibility: what is kept up to date.
        start: begin of the first bin, microseconds since 1970 UTC.
        step: length of a bin in seconds.
        archived: the collectors that have an archive; nothing is known of them until a resync.
        most_kept: statements that are kept at most.
    """

    def __init__(
        self,
        visibility: Visibility,
        start: int,
        step: int,
        archived: Collection[str],
        *,
        most_kept: int = MOST_KEPT,
    ) -> None:
        self._visibility = visibility
        self._playback = Playback(visibility, start, step)
        self._step = step
        self._edge = start + step * MICROSECONDS
        self._streams = {name: _new_stream(name, is_archived=True) for name in archived}
        self._most_kept = most_kept // max(len(archived), 1)
        self._habits = Habits()
        self._most = [0.0, 0.0]

    def join(self, now: int) -> None:
        """The stream of the archived collectors stands, for the first time, at ``now``."""
        for stream in self._streams.values():
            if stream.is_archived and stream.lost == {None: None}:
                stream.lost = {None: now + SKEW}

    def take(self, batch: Batch, now: int) -> None:
        """Take in what came of a stream at ``now`` (microseconds since 1970 UTC)."""
        everywhere = [name for name, stream in self._streams.items() if stream.is_archived]
        gaps: dict[str, list[Gap]] = {}
        for gap in batch.gaps:
            for name in [gap.collector] if gap.collector else everywhere:
                gaps.setdefault(name, []).append(gap)
        for name in {**batch.records, **gaps}:
            stream = self._streams.get(name)
            if stream is None:
                stream = self._streams[name] = _new_stream(name, is_archived=False)
            changes = _decode(stream.decoder, batch.records.get(name, b""))
            if stream.is_archived:
                self._take_archived(name, stream, changes, gaps.get(name, []), now)
            else:
                self._take_session(name, changes, gaps.get(name, []))

    def wanted(self) -> dict[str, int]:
        """The collectors that must be resynced, and up to when an archive must tell of them."""
        wanted = {name: stream.wanted for name, stream in self._streams.items()}
        return {name: time for name, time in wanted.items() if time is not None}

    def collectors(self) -> dict[str, str]:
        """How each collector fares: ``known``, ``waiting`` (for its tables) or ``lost``.

        Lost is one of which nothing comes at the moment, as far as its stream says.
        """
        return {name: _state_of(stream) for name, stream in self._streams.items()}

    def resync(self, collector: str, ribs: Ribs, until: int) -> bool:
        """Take the tables of a collector over, as an archive has them at ``until`` or later.

        Returns:
            whether they were of any use: not so when a gap came about meanwhile.
        """
        stream = self._streams[collector]
        left = {
            address: time for address, time in stream.lost.items() if time is None or time > until
        }
        if None in left or not stream.lost:
            return False
        stream.lost = left
        stream.is_known = True
        self._playback.replace(collector, until, ribs)
        if stream.kept:
            self._playback.follow(collector, join(list(stream.kept)))
        for address in left:
            self._playback.lose(collector, until, address)
        if not left:
            stream.kept.clear()
            stream.kept_rows = 0
        return True

    def until(self, time: int) -> Iterator[tuple[Reading, Watch]]:
        """The readings of all bins that end at or before a time, and how well they were seen.

        Args:
            time: microseconds since 1970 UTC; what comes later of before it counts afterwards.
        """
        while self._edge <= time:
            silent = np.flatnonzero(self._habits.silent(self._edge))
            self._visibility.mute(silent)
            [reading] = self._playback.until(self._edge)
            yield reading, self._watch(reading, silent)
            self._visibility.compact()
            self._edge += self._step * MICROSECONDS

    def _take_archived(
        self, name: str, stream: _Stream, changes: Changes, gaps: list[Gap], now: int
    ) -> None:
        if stream.is_known:
            self._hear(changes)
            self._playback.follow(name, changes)
        self._keep(stream, changes)
        for gap in gaps:
            if gap.peer is None:
                stream.lost.clear()
                stream.kept.clear()
                stream.kept_rows = 0
            # What came a little before ``now`` is told of already, and is kept no more.
            stream.lost[gap.peer] = None if gap.end is None else max(gap.end, now) + SKEW
            if stream.is_known:
                self._playback.lose(name, gap.begin, gap.peer)
                self._pause(name, gap.peer)

    def _keep(self, stream: _Stream, changes: Changes) -> None:
        """Keep what a resync will need; where it is too much, the archive must tell more."""
        if not stream.lost or not len(changes):
            return
        stream.kept.append(changes)
        stream.kept_rows += len(changes)
        while stream.kept_rows > self._most_kept:
            gone = stream.kept.popleft()
            stream.kept_rows -= len(gone)
            least = int(gone.time.max()) + SKEW
            stream.lost = {
                address: None if time is None else max(time, least)
                for address, time in stream.lost.items()
            }

    def _take_session(self, name: str, changes: Changes, gaps: list[Gap]) -> None:
        """What a router tells; its times are those of arrival, so losses have their place."""
        row = 0
        for gap in gaps:
            if gap.end is None:
                end = int(np.searchsorted(changes.time, gap.begin, side="right"))
                self._playback.follow(name, changes.rows(slice(row, end)))
                self._playback.lose(name, gap.begin)
                self._pause(name, None)
                row = max(row, end)
        self._hear(changes.rows(slice(row, None)))
        self._playback.follow(name, changes.rows(slice(row, None)))
        if gaps and gaps[-1].end is None:
            del self._streams[name]  # a decoder takes 12 MB, and names may never come again

    def _hear(self, changes: Changes) -> None:
        if not len(changes):
            return
        columns = self._visibility.ribs.columns_of(changes.peers)[changes.peer]
        self._habits.hear(changes.time, columns)
        ends = np.flatnonzero((changes.kind == Kind.STATE) & (changes.state != _ESTABLISHED))
        if len(ends):
            self._habits.pause(np.unique(columns[ends]).astype(np.int32))

    def _pause(self, collector: str, address: Address) -> None:
        peers = self._visibility.ribs.peers
        columns = [
            column
            for column, peer in enumerate(peers)
            if peer.collector == collector and address in {None, peer.address}
        ]
        self._habits.pause(np.array(columns, dtype=np.int32))

    def _watch(self, reading: Reading, silent: NDArray[np.int64]) -> Watch:
        ribs = self._visibility.ribs
        state = ribs.columns.state[: len(ribs.peers)]
        has_table = np.asarray(ribs.columns.routes[: len(ribs.peers)].any(axis=1))
        half = 0.5 ** (self._step / _DAY)
        self._most = [
            max(now, most * half) for now, most in zip(reading.voters, self._most, strict=True)
        ]
        needed = tuple(int(np.ceil(_QUORUM * most)) for most in self._most)
        return Watch(
            voters=reading.voters,
            needed=(needed[0], needed[1]),
            peers=int(has_table.sum()),
            silent=int(has_table[silent].sum()),
            down=int((has_table & (state == DOWN)).sum()),
            stale=int((has_table & (state == STALE)).sum()),
            waiting=sum(bool(stream.lost) for stream in self._streams.values()),
        )


_ESTABLISHED = 6  # RFC 6396, section 4.4.1


def _new_stream(name: str, *, is_archived: bool) -> _Stream:
    return _Stream(
        Decoder(collector=name),
        is_archived=is_archived,
        is_known=not is_archived,
        lost={None: None} if is_archived else {},
    )


def _state_of(stream: _Stream) -> str:
    if stream.lost.get(None, 0) is None:
        return "lost"
    return "known" if stream.is_known and None not in stream.lost else "waiting"


def _decode(decoder: Decoder, records: bytes) -> Changes:
    """The statements of whole records."""
    return join([changes_of(elements, decoder.peers) for elements in decoder.decode(records)])
