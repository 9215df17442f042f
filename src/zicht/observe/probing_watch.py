"""Rounds under watch: what the engine asks is passed on, what minutes told is passed out.

The engine's thread calls this and nothing else of the run. It keeps its own time, so that the
minutes are those of the wall's clock, and so that a test can let a day pass in seconds.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TYPE_CHECKING

from zicht.sources.probe.counting import Counting
from zicht.sources.probe.hearing import Hearing
from zicht.sources.probe.plan import Asked, Refusal
from zicht.sources.probe.readings import no_sample
from zicht.sources.probe.rounds import Rounds
from zicht.sources.probe.signals import MINUTE

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from zicht.sources.probe.clock import Clock
    from zicht.sources.probe.fetch.engine import Counts
    from zicht.sources.probe.history import BlockHistory
    from zicht.sources.probe.learning import Counted
    from zicht.sources.probe.readings import Membership
    from zicht.sources.probe.replies import Judged
    from zicht.sources.probe.samples import Sample

_KEPT_A_BLOCK = 1e-4  # seconds: the state of a million blocks is kept every hundred seconds
_LONGEST_TURN = 2  # minutes, until all turns of a minute are over
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
        operator: int32[n]: who runs each, numbered from 0 on; control blocks have a number of
            their own.
    """

    history: BlockHistory
    membership: Membership
    operator: NDArray[np.int32]


@dataclass(frozen=True)
class Told:
    """What a minute told.

    Attributes:
        ipv4: which family.
        number: of the minute since 1970.
        sample: whose turn it was.
        unsent: probes that this machine could not send.
        belief: float32[n]: of each block then, NaN where it is unknown.
        state: the rounds' state then, to go on from; ``None`` while it is not due.
        counted: what histories learn from, once an hour; else ``None``.
    """

    ipv4: bool
    number: int
    sample: Sample
    unsent: int
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
        network_down: set while the engine finds that nothing can be sent.

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
        self._down: set[int] = set()  # minutes in which the network was down
        self._hearing = Hearing()
        self.network_down = False
        self._engine = 0.0  # the engine's own time when it last spoke
        self._counted = Counting(watched.history)
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

    def note_counts(self, counts: Counts) -> None:
        """What the engine has counted so far: whether it can send, and hear."""
        self.network_down = counts.down
        self._hearing.note(
            self._clock.minute(self._times.steady()), counts.messages.total(), counts.dropped
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
        self._look_at_network(own)
        if not self.renewed.empty():
            state = self._rounds.state(own)
            self.watched = self.renewed.get()
            self._counted = Counting(self.watched.history)
            self._begin(state)
        moved = self._clock.moved(self._times.wall(), self._times.steady())
        if moved:
            self._set_clock(moved, own)

    def _look_at_network(self, own: float) -> None:
        """Tell of minutes in which the network was down and no block had its turn."""
        now = self._clock.minute(self._times.steady())
        if self.network_down:
            self._down.add(now)
        for number in sorted(self._down):
            if number < now - _LONGEST_TURN:
                self._tell(no_sample(number), own)
                self._down.discard(number)

    def _tell(self, sample: Sample, own: float) -> None:
        number = sample.time // MINUTE
        if not self._clock.tell(number):
            return
        self._counted.judged(sample)
        unsent, self._unsent = self._unsent, 0
        if number in self._down or self._hearing.was_deaf(number):
            # As if none could be sent: silence of then says nothing.
            unsent = max(unsent, int(sample.probes.sum()) + 1)
        hour, counted = self._hour_of(number), None
        if hour != self._hour:
            counted = self._counted.so_far(self._hour)
            self._hour, self._counted = hour, Counting(self.watched.history)
        self._told.put(
            Told(
                self.ipv4,
                number,
                sample,
                unsent,
                self._rounds.belief,
                self._state(own),
                counted,
            )
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
