"""Messages put back into the order in which a collector got them, each once.

What passes through several machines on its way can overtake, or come twice. A route's newest
statement counts, so order decides what is held to be reachable.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from zicht.sources.bgp.live import Cause, Gap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv6Address

    from zicht.sources.bgp.ris_live import Message

HOLD = 1_000_000
"""Microseconds for which a message waits for older ones that were overtaken."""
MOST_HELD = 200_000
"""Messages that wait at most; beyond that the oldest goes on at once."""
_MOST_PEERS = 50_000


@dataclass
class Sorter:
    """Puts messages in order.

    Attributes:
        hold: microseconds for which a message waits.
        counts: messages that came twice, and those that came too late to be put in order.
        gaps: those of peers of which a message came too late: its routes may have been told anew
            before, so what holds of them is not known.
    """

    hold: int = HOLD
    counts: Counter[str] = field(default_factory=Counter)
    gaps: list[Gap] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._heap: list[tuple[int, int, int, int, Message]] = []
        self._arrived = 0
        # Identifiers of this stretch of time and of the one before it.
        self._seen: tuple[set[tuple[str, str]], set[tuple[str, str]]] = (set(), set())
        self._turn = 0
        self._newest: dict[tuple[str, IPv4Address | IPv6Address], int] = {}

    def take(self, message: Message, now: int) -> None:
        """Take a message that came at ``now`` (microseconds since 1970 UTC)."""
        self._forget(now)
        name = (message.collector, message.id)
        if message.id and (name in self._seen[0] or name in self._seen[1]):
            self.counts["came twice"] += 1
            return
        self._seen[0].add(name)
        self._arrived += 1
        heappush(self._heap, (message.time, _number(message.id), self._arrived, now, message))

    def release(self, now: int) -> Iterator[Message]:
        """The messages that have waited long enough, or are in front of such, in order."""
        due = [entry[3] for entry in self._heap if entry[3] <= now - self.hold]
        count = len(due)
        while self._heap and (count or len(self._heap) > MOST_HELD):
            *_, came, message = heappop(self._heap)
            count -= came <= now - self.hold
            self._note_late(message)
            yield message

    def _note_late(self, message: Message) -> None:
        peer = (message.collector, message.peer)
        newest = self._newest.get(peer, 0)
        if message.time < newest:
            self.counts["came too late"] += 1
            self.gaps.append(Gap(*peer, message.time, newest, Cause.LATE))
        elif len(self._newest) < _MOST_PEERS or peer in self._newest:
            self._newest[peer] = message.time

    def _forget(self, now: int) -> None:
        """Forget identifiers after twice the hold or so, so that memory stays bounded."""
        turn = now // (2 * self.hold or 1)
        if turn != self._turn or len(self._seen[0]) > MOST_HELD:
            self._seen = (set(), self._seen[0])
            self._turn = turn


def _number(identifier: str) -> int:
    """A message's number within its peer: the last part of its identifier.

    It is of hexadecimal digits in recordings of 2025 and decimal in older ones, which read as
    hexadecimal have the same order.
    """
    try:
        return int(identifier.rpartition("-")[2], 16)
    except ValueError:
        return 0
