"""Which address is probed next: in the order drawn, but for excluded ones and blocks that wait."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zicht.sources.probe.order import positions

if TYPE_CHECKING:
    from zicht.sources.probe.exclusions import Exclusions
    from zicht.sources.probe.order import Order
    from zicht.sources.probe.pacing import BlockLimit
    from zicht.sources.probe.packets import Words
    from zicht.sources.probe.targets import Targets

_MOST_WAITING = 1 << 16
"""Addresses whose block waits; with more, no others are looked at until some have gone."""


class Taken(NamedTuple):
    """What is to be probed now.

    Attributes:
        positions: uint64[n], of the targets.
        high: uint64[n]: the first 64 bits of each address.
        low: uint64[n]: the last 64.
        excluded: uint64[m]: positions that are not probed at all.
    """

    positions: Words
    high: Words
    low: Words
    excluded: Words


class Schedule:
    """Gives each target once, unless it is excluded at the time when its turn comes.

    Args:
        targets: what to probe.
        order: drawn over as many positions.
        limit: on the probes to one block.
    """

    def __init__(self, targets: Targets, order: Order, limit: BlockLimit) -> None:
        self._targets = targets
        self._order = order
        self._limit = limit
        self._step = 0
        self._waiting: list[tuple[float, int]] = []

    @property
    def done(self) -> bool:
        """Whether all were given."""
        return self._step >= self._order.steps and not self._waiting

    def next(self, now: float) -> float:
        """The earliest time at which ``take`` may give anything."""
        fresh = self._step < self._order.steps and len(self._waiting) < _MOST_WAITING
        return now if fresh or not self._waiting else max(now, self._waiting[0][0])

    def take(self, count: int, now: float, exclusions: Exclusions) -> Taken:
        """At most ``count`` targets that may be probed at ``now``; they count as probed."""
        ipv4 = self._targets.ipv4
        chosen = self._candidates(count, now)
        high, low = self._targets.addresses(chosen)
        barred = exclusions.listed(high, ipv4=ipv4) | exclusions.private(high, ipv4=ipv4)
        excluded = chosen[barred]
        chosen, high, low = chosen[~barred], high[~barred], low[~barred]
        admitted, again = self._limit.admit(high, ipv4=ipv4, now=now)
        for time, position in zip(
            again[~admitted].tolist(), chosen[~admitted].tolist(), strict=True
        ):
            heapq.heappush(self._waiting, (time, position))
        return Taken(chosen[admitted], high[admitted], low[admitted], excluded)

    def put_back(self, not_sent: Words, now: float) -> None:
        """Take back targets that could not be sent; their turn comes again."""
        for position in not_sent.tolist():
            heapq.heappush(self._waiting, (now, position))

    def _candidates(self, count: int, now: float) -> Words:
        waited: list[int] = []
        while self._waiting and self._waiting[0][0] <= now and len(waited) < count:
            waited.append(heapq.heappop(self._waiting)[1])
        found = np.array(waited, dtype=np.uint64)
        more = count - len(found)
        if more and len(self._waiting) < _MOST_WAITING:
            fresh = positions(self._order, self._step, more)
            self._step += more
            found = np.concatenate([found, fresh])
        return found
