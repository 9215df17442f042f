"""Rounds under watch: what the engine asks is passed on, what minutes told is passed out.

The engine's thread calls this and nothing else of the run. It keeps its own time, so that the
minutes are those of the wall's clock, and so that a test can let a day pass in seconds.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TYPE_CHECKING

import numpy as np

from zicht.model.time import MICROSECONDS
from zicht.sources.probe.learning import Counted
from zicht.sources.probe.plan import Asked, Refusal
from zicht.sources.probe.readings import Minute
from zicht.sources.probe.replies import Verdict
from zicht.sources.probe.rounds import Rounds
from zicht.sources.probe.signals import MINUTE

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from zicht.sources.probe.clock import Clock
    from zicht.sources.probe.history import BlockHistory
    from zicht.sources.probe.readings import Membership
    from zicht.sources.probe.replies import Judged
    from zicht.sources.probe.samples import Sample

_KEPT_A_BLOCK = 1e-4  # seconds: the state of a million blocks is kept every hundred seconds
_LOOK_EVERY = 0.5  # seconds of the plan's time between two looks at minutes and clocks


@dataclass(frozen=True)
class Times:
    """The clocks: a steady one and the wall's, both in seconds.

    Attributes:
        speed: how much faster they go than the world's; for tests on networks of one's own.
        begin: by which both begin: the world's steady clock and its wall's.
    """

    speed: float = 1.0
    begin: tuple[float, float] = field(default_factory=lambda: (time.monotonic(), time.time()))

    def steady(self) -> float:
        """Seconds on a clock that is never set."""
        return (time.monotonic() - self.begin[0]) * self.speed

    def wall(self) -> float:
        """Seconds since 1970 on the clock that people and services set."""
        if self.speed == 1:
            return time.time()
        return self.begin[1] + self.steady()


@dataclass(frozen=True)
class Watched:
    """Blocks of one family to be watched.

    Attributes:
        history: what is known of the blocks.
        membership: which entities they belong to.
        operator: int32[n]: who runs each, any numbers.
    """

    history: BlockHistory
    membership: Membership
    operator: NDArray[np.int32]


@dataclass(frozen=True)
class Told:
    """What a minute told.

    Attributes:
        ipv4: which family.
        minute: what was judged.
        sample: the same as the rounds gave it, to take it back should the line have been sick.
        belief: float32[n]: of each block then, NaN where it is unknown.
        state: the rounds' state then, to go on from; ``None`` while it is not due.
        counted: what histories learn from, once an hour; else ``None``.
    """

    ipv4: bool
    minute: Minute
    sample: Sample
    belief: NDArray[np.float32]
    state: pa.Table | None
    counted: Counted | None


@dataclass(frozen=True)
class Lost:
    """The clock was set: these minutes cannot be told, or were told already.

    Attributes:
        minutes: their numbers.
        by: seconds by which the clock was set.
    """

    minutes: range
    by: float


class Watch:
    """A plan: rounds over blocks, whose minutes go into a queue.

    Attributes:
        watched: the blocks.
        withdrawn: samples to be taken back.
        renewed: the same blocks with a newer history, to begin anew with.

    Args:
        watched: the blocks.
        seed: of the order, kept over restarts.
        state: of an earlier run, or ``None``.
        times: the clocks.
        clock: which minutes are told.
        told: where they go.
    """

    def __init__(
        self,
        watched: Watched,
        seed: int,
        state: pa.Table | None,
        times: Times,
        clock: Clock,
        told: SimpleQueue[Told | Lost],
    ) -> None:
        self.watched = watched
        self.withdrawn: SimpleQueue[Sample] = SimpleQueue()
        self.renewed: SimpleQueue[Watched] = SimpleQueue()
        self._seed = seed
        self._times = times
        self._clock = clock
        self._told = told
        self._looked = 0.0
        self._unsent = 0
        self._engine = 0.0  # the engine's own time when it last spoke
        self._counted = _Counted(watched.history)
        self._hour = self._hour_of(clock.minute(times.steady()))
        self._kept = times.steady()
        self._begin(state)

    def _begin(self, state: pa.Table | None) -> None:
        self._steady = self._times.steady()
        self._rounds = Rounds(
            self.watched.history,
            self.watched.operator,
            self._seed,
            utc=self._clock.offset + self._steady,
            state=state,
        )

    def _now(self) -> float:
        return self._times.steady() - self._steady

    @property
    def ipv4(self) -> bool:
        """Whether its addresses are of IPv4, or of IPv6."""
        return self.watched.history.ipv4

    @property
    def done(self) -> bool:
        """Never, but where there is nothing to probe."""
        return self._rounds.done

    def next(self, now: float) -> float:
        """The earliest time at which ``take`` may give anything."""
        own = self._now()
        wait = max(self._rounds.next(own) - own, 0.0)
        if self._times.speed > 1:  # the engine's own pauses would be long ones
            wait = min(wait, _LOOK_EVERY)
        return now + wait / self._times.speed

    def take(self, count: int, now: float) -> Asked:
        """At most ``count`` addresses to probe now."""
        self._engine = now
        if self._times.speed > 1:
            self._rounds.tick(self._now())
        return self._rounds.take(count, self._now())

    def note_sent(self, asked: Asked, now: float) -> None:
        """Probes went out to these."""
        self._engine = now
        self._rounds.note_sent(asked, self._now())

    def note_refused(self, asked: Asked, why: Refusal) -> None:
        """These are not probed."""
        if why == Refusal.UNSENDABLE:
            self._unsent += len(asked.high)
        self._rounds.note_refused(asked, why)

    def put_back(self, asked: Asked, again: NDArray[np.float64]) -> None:
        """These were not sent; ask for each from its time ``again`` on."""
        later = (again - self._engine) * self._times.speed
        self._rounds.put_back(asked, self._now() + later)

    def note_heard(self, judged: Judged, now: float) -> None:
        """These messages came."""
        self._engine = now
        self._counted.heard(judged)
        self._rounds.note_heard(judged, self._now())

    def tick(self, now: float) -> None:
        """Time passed: silence is judged, minutes are told."""
        self._engine = now
        own = self._now()
        self._rounds.tick(own)
        if own < self._looked + _LOOK_EVERY:
            return
        self._looked = own
        while not self.withdrawn.empty():
            self._rounds.withdraw(self.withdrawn.get())
        for sample in self._rounds.samples(own):
            self._tell(sample, own)
        if not self.renewed.empty():
            state = self._rounds.state(own)
            self.watched = self.renewed.get()
            self._counted = _Counted(self.watched.history)
            self._begin(state)
        moved = self._clock.moved(self._times.wall(), self._times.steady())
        if moved:
            self._set_clock(moved, own)

    def _tell(self, sample: Sample, own: float) -> None:
        number = sample.time // MINUTE
        if not self._clock.tell(number):
            return
        self._counted.judged(sample)
        minute = Minute(
            number,
            sample.block,
            sample.up.astype(np.float64),
            sample.probes.astype(np.int64),
            sample.answers.astype(np.int64),
            sample.rtt.astype(np.float64),
            self._unsent,
        )
        self._unsent = 0
        hour, counted = self._hour_of(number), None
        if hour != self._hour:
            counted = self._counted.so_far(self._hour)
            self._hour, self._counted = hour, _Counted(self.watched.history)
        self._told.put(
            Told(self.ipv4, minute, sample, self._rounds.belief, self._state(own), counted)
        )

    def _state(self, own: float) -> pa.Table | None:
        """Every minute, or less often where there is much of it."""
        every = max(float(MINUTE), len(self.watched.history) * _KEPT_A_BLOCK)
        if self._times.steady() < self._kept + every:
            return None
        self._kept = self._times.steady()
        return self._rounds.state(own)

    @staticmethod
    def _hour_of(minute: int) -> int:
        return minute // 60

    def _set_clock(self, moved: float, own: float) -> None:
        """Begin anew by the clock as it is now; what of a minute was under way is lost."""
        lost = self._clock.set(self._times.wall(), self._times.steady())
        self._begin(self._rounds.state(own))
        self._looked = 0.0
        self._told.put(Lost(lost, moved))


class _Counted:
    """Counts what histories learn from."""

    def __init__(self, history: BlockHistory) -> None:
        self._history = history
        self._sums = {
            name: np.zeros(len(history), np.int32) for name in ("turns", "probes", "answers")
        }
        self._answered = np.zeros((len(history) if history.ipv4 else 0, 32), np.uint8)
        self._addresses = np.zeros(len(history.address_high), np.bool_)

    def judged(self, sample: Sample) -> None:
        np.add.at(self._sums["turns"], sample.block, 1)
        np.add.at(self._sums["probes"], sample.block, sample.probes.astype(np.int32))
        np.add.at(self._sums["answers"], sample.block, sample.answers.astype(np.int32))

    def heard(self, judged: Judged) -> None:
        answers = judged.verdict == Verdict.ANSWER
        high, low = judged.high[answers], judged.low[answers]
        if not len(high) or not len(self._history):
            return
        shift = np.uint64(40 if self._history.ipv4 else 16)
        row = np.searchsorted(self._history.high, high >> shift << shift)
        row = np.minimum(row, len(self._history) - 1)
        known = self._history.high[row] == high >> shift << shift
        row, high, low = row[known], high[known], low[known]
        if self._history.ipv4:
            last = ((high >> np.uint64(32)) & np.uint64(0xFF)).astype(np.int64)
            bit = (1 << (last & 7)).astype(np.uint8)
            np.bitwise_or.at(self._answered, (row, last >> 3), bit)
            return
        for block, one, other in zip(row.tolist(), high.tolist(), low.tolist(), strict=True):
            places = np.arange(self._history.first[block], self._history.first[block + 1])
            same = self._history.address_high[places] == one
            same &= self._history.address_low[places] == other
            self._addresses[places[same]] = True

    def so_far(self, hour: int) -> Counted:
        return Counted(
            rounds=self._sums["turns"],
            probes=self._sums["probes"],
            answers=self._sums["answers"],
            answered=self._answered,
            address_answered=self._addresses,
            hour=hour % 24,
            time=(hour + 1) * 3600 * MICROSECONDS,
        )
