"""A plan that asks each address of a space once in each of several rounds, and can be gone on with.

Where it stands is an order, a step and the addresses whose turn is not over: those that wait and
those whose answer may still come. All else is a bit an address and round count, so a space of any
size takes its own size in bits a few times over, and no more.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from zicht.sources.probe.order import Order, draw_order, positions
from zicht.sources.probe.plan import Asked, Refusal
from zicht.sources.probe.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from zicht.sources.probe.packets import Words
    from zicht.sources.probe.replies import Judged
    from zicht.sources.probe.space import Space

MOST_ROUNDS = 15
"""Answers of an address are counted in four bits."""
MOST_WAITING = 1 << 16
"""Addresses that wait; with more, no others are looked at until some have gone."""
TRIES = 3
"""How often an address is tried that this machine cannot send to, while it can to others."""
TRY_AGAIN = 30.0
"""Seconds until then."""
MOST_TRIES = 120
"""How often it is tried while nobody can be sent to: an hour."""
_UNREAD = 1.0  # seconds that an answer in time may lie in the socket before it is read
_FOREVER = float("inf")


@dataclass
class Progress:
    """Where a sweep stands: all that has to be written down to go on with it.

    Attributes:
        rounds: how many there will be.
        done: how many are over.
        order: the order of this round.
        step: the next step of it.
        unsettled: uint64[k]: positions of earlier steps whose turn is not over.
        began: when this round began, seconds since 1970.
        answered: uint8[size / 8]: a bit for each position that answered in this round.
        counts: uint8[p, size / 8]: in how many earlier rounds each did, its bits plane by plane.
        left_out: uint8[size / 8]: a bit for each position that was not asked in some round.
        told: counts of what was sent and came, over all rounds.
    """

    rounds: int
    done: int
    order: Order
    step: int
    unsettled: NDArray[np.uint64]
    began: float
    answered: NDArray[np.uint8]
    counts: NDArray[np.uint8]
    left_out: NDArray[np.uint8]
    told: Counter[str] = field(default_factory=Counter)


def begin(size: int, rounds: int, draw: Callable[[int], int], wall: float) -> Progress:
    """A sweep that has not begun.

    Args:
        size: of the space.
        rounds: how many, 1 to ``MOST_ROUNDS``.
        draw: gives a number below another, all equally likely.
        wall: seconds since 1970.
    """
    width = (size + 7) // 8
    return Progress(
        rounds=rounds,
        done=0,
        order=draw_order(size, draw),
        step=0,
        unsettled=np.empty(0, dtype=np.uint64),
        began=wall,
        answered=np.zeros(width, dtype=np.uint8),
        counts=np.zeros((rounds.bit_length(), width), dtype=np.uint8),
        left_out=np.zeros(width, dtype=np.uint8),
    )


class Sweep:
    """The plan.

    Args:
        space: what to go through.
        progress: where it stands; it is kept up to date by ``settle``.
        draw: gives a number below another, all equally likely.
        every: seconds from the begin of a round to that of the next, at least.
        timeout: seconds for which an answer is waited for.
        wall: when the run's clock was 0, seconds since 1970.
    """

    def __init__(
        self,
        space: Space,
        progress: Progress,
        draw: Callable[[int], int],
        *,
        every: float,
        timeout: float,
        wall: float,
    ) -> None:
        self.ipv4 = space.ipv4
        self.progress = progress
        self._space = space
        self._draw = draw
        self._every = every
        self._timeout = timeout + _UNREAD
        self._wall = wall
        self._step = progress.step
        self._waiting: list[tuple[float, int]] = [(0.0, at) for at in progress.unsettled.tolist()]
        heapq.heapify(self._waiting)
        self._held: set[int] = set()  # given, and nothing said of them yet
        self._flight: deque[tuple[float, Words]] = deque()
        self._tries: dict[int, tuple[int, int, int]] = {}
        self._now = 0.0

    @property
    def done(self) -> bool:
        """Whether all rounds were gone through and their answers waited for."""
        return self.progress.done >= self.progress.rounds

    def next(self, now: float) -> float:
        """The earliest time at which ``take`` may give anything."""
        if self.done:
            return _FOREVER
        starts = self.progress.began - self._wall
        if self._fresh:
            return max(now, starts)
        return max(now, self._waiting[0][0]) if self._waiting else _FOREVER

    def take(self, count: int, now: float) -> Asked:
        """At most ``count`` addresses to probe now."""
        self._now = now
        waited: list[int] = []
        while self._waiting and self._waiting[0][0] <= now and len(waited) < count:
            waited.append(heapq.heappop(self._waiting)[1])
        chosen = np.array(waited, dtype=np.uint64)
        more = count - len(chosen)
        if more and self._fresh and not self.done and now >= self.progress.began - self._wall:
            fresh = positions(self.progress.order, self._step, more)
            self._step += more
            chosen = np.concatenate([chosen, fresh])
        self._held.update(chosen.tolist())
        return Asked(*self._space.addresses(chosen))

    def note_sent(self, asked: Asked, now: float) -> None:
        """Probes went out to these."""
        at = self._back(asked)
        self.progress.told["sent"] += len(at)
        if len(at):
            self._flight.append((now, at))

    def note_refused(self, asked: Asked, why: Refusal) -> None:
        """These are left alone; where this machine could not send, they are tried again later."""
        at = self._back(asked)
        if why == Refusal.UNSENDABLE:
            for position in at.tolist():
                self._try_again(position)
        else:
            self.progress.told[why.name.lower()] += len(at)
            _set(self.progress.left_out, at.astype(np.int64))

    def put_back(self, asked: Asked, again: NDArray[np.float64]) -> None:
        """These were not sent: their turn comes from ``again`` on."""
        for time, position in zip(again.tolist(), self._back(asked).tolist(), strict=True):
            heapq.heappush(self._waiting, (time, position))

    def note_heard(self, judged: Judged, now: float) -> None:
        """These messages came."""
        del now
        at = self._space.positions(judged.high, judged.low)
        verdict = judged.verdict.copy()
        ours = (verdict == Verdict.ANSWER) | (verdict == Verdict.ERROR)
        verdict[ours & (at < 0)] = Verdict.FOREIGN  # a right token of what was never asked
        told, answered = self.progress.told, self.progress.answered
        answers = at[verdict == Verdict.ANSWER]
        first = np.unique(answers)
        first = first[~_are_set(answered, first)]
        _set(answered, first)
        told["answered"] += len(first)
        told["duplicate"] += len(answers) - len(first)
        for which in Verdict:
            if which != Verdict.ANSWER:
                told[which.name.lower()] += int((verdict == which).sum())

    def tick(self, now: float) -> None:
        """Time passed: who did not answer until now is silent in this round."""
        while self._flight and self._flight[0][0] + self._timeout <= now:
            self._flight.popleft()
        open_ = self._waiting or self._flight or self._held
        if self._step >= self.progress.order.steps and not open_ and not self.done:
            self._end_round(now)

    def settle(self) -> Progress:
        """Where it stands now, to be written down."""
        waiting = np.array([at for _, at in self._waiting], dtype=np.uint64)
        held = np.array(sorted(self._held), dtype=np.uint64)
        flying = [at[~_are_set(self.progress.answered, at)] for _, at in self._flight]
        self.progress.step = min(self._step, self.progress.order.steps)
        self.progress.unsettled = np.concatenate([waiting, held, *flying])
        return self.progress

    @property
    def _fresh(self) -> bool:
        """Whether addresses may be looked at whose turn has not come yet."""
        return self._step < self.progress.order.steps and len(self._waiting) < MOST_WAITING

    def _back(self, asked: Asked) -> Words:
        """The positions of addresses that were given and of which something is said now."""
        at = self._space.positions(asked.high, asked.low).astype(np.uint64)
        self._held.difference_update(at.tolist())
        return at

    def _try_again(self, position: int) -> None:
        """Wait; a try counts where others could be sent to since the last one."""
        sent = self.progress.told["sent"]
        tries, counted, then = self._tries.get(position, (0, 0, -1))
        tries, counted = tries + 1, counted + (sent > then)
        if counted >= TRIES or tries >= MOST_TRIES:
            self._tries.pop(position, None)
            self.progress.told["unsendable"] += 1
            _set(self.progress.left_out, np.array([position]))
            return
        self._tries[position] = tries, counted, sent
        heapq.heappush(self._waiting, (self._now + TRY_AGAIN, position))

    def _end_round(self, now: float) -> None:
        progress = self.progress
        carry = progress.answered
        for bit in range(len(progress.counts)):
            progress.counts[bit] ^= carry
            carry = carry & ~progress.counts[bit]
        progress.answered = np.zeros_like(progress.answered)
        progress.done += 1
        progress.unsettled = np.empty(0, dtype=np.uint64)
        self._tries.clear()
        self._step = progress.order.steps
        if not self.done:
            progress.order = draw_order(self._space.size, self._draw)
            self._step = 0
            progress.began = max(self._wall + now, progress.began + self._every)
        progress.step = self._step


def _are_set(bits: NDArray[np.uint8], at: NDArray[Any]) -> NDArray[np.bool_]:
    at = at.astype(np.int64)
    set_: NDArray[np.bool_] = (bits[at >> 3] >> (at & 7) & 1) == 1
    return set_


def _set(bits: NDArray[np.uint8], at: NDArray[np.int64]) -> None:
    np.bitwise_or.at(bits, at >> 3, (1 << (at & 7)).astype(np.uint8))
