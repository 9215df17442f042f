"""One pass over targets: each address once, in the order drawn."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from zicht.sources.probe.order import positions
from zicht.sources.probe.plan import Asked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.probe.order import Order
    from zicht.sources.probe.packets import Words
    from zicht.sources.probe.plan import Refusal
    from zicht.sources.probe.replies import Judged
    from zicht.sources.probe.tally import Tally
    from zicht.sources.probe.targets import Targets

_MOST_WAITING = 1 << 16
"""Addresses that were put back; with more, no others are looked at until some have gone."""


class Schedule:
    """Asks for each target once; a ``Plan``.

    Args:
        targets: what to probe.
        order: drawn over as many positions.
        tally: what comes of it is noted there.
        step: where in the order to begin, such as where an earlier run stopped.
    """

    def __init__(self, targets: Targets, order: Order, tally: Tally, step: int = 0) -> None:
        self._targets = targets
        self._order = order
        self._tally = tally
        self._step = step
        self._waiting: list[tuple[float, int]] = []

    @property
    def ipv4(self) -> bool:
        """Whether the targets are of IPv4, or of IPv6."""
        return self._targets.ipv4

    @property
    def step(self) -> int:
        """How far in the order it is."""
        return self._step

    @property
    def done(self) -> bool:
        """Whether all were asked for."""
        return self._step >= self._order.steps and not self._waiting

    def next(self, now: float) -> float:
        """The earliest time at which ``take`` may give anything."""
        fresh = self._step < self._order.steps and len(self._waiting) < _MOST_WAITING
        return now if fresh or not self._waiting else max(now, self._waiting[0][0])

    def take(self, count: int, now: float) -> Asked:
        """At most ``count`` targets."""
        waited: list[int] = []
        while self._waiting and self._waiting[0][0] <= now and len(waited) < count:
            waited.append(heapq.heappop(self._waiting)[1])
        found: Words = np.array(waited, dtype=np.uint64)
        more = count - len(found)
        if more and len(self._waiting) < _MOST_WAITING:
            fresh = positions(self._order, self._step, more)
            self._step = min(self._step + more, self._order.steps)
            found = np.concatenate([found, fresh]) if waited else fresh
        return Asked(*self._targets.addresses(found))

    def note_sent(self, asked: Asked, now: float) -> None:  # noqa: ARG002 - a Plan's
        """Probes went out to these."""
        self._tally.note_sent(asked)

    def note_refused(self, asked: Asked, why: Refusal) -> None:
        """These are not probed."""
        self._tally.note_refused(asked, why)

    def put_back(self, asked: Asked, again: NDArray[np.float64]) -> None:
        """These were not sent; their turn comes again."""
        at = self._targets.positions(asked.high, asked.low)
        for time, position in zip(again.tolist(), at.tolist(), strict=True):
            heapq.heappush(self._waiting, (time, position))

    def note_heard(self, judged: Judged, now: float) -> None:  # noqa: ARG002 - a Plan's
        """These messages came."""
        self._tally.note_heard(judged)

    def tick(self, now: float) -> None:
        """Nothing: in one pass, silence is what is left over."""
