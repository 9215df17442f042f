"""Rounds under watch: clocks that are set, networks that go down, what histories learn from."""

from __future__ import annotations

from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING

import numpy as np
import pytest
from probe_country import country

from zicht.observe.probing_watch import Lost, Times, Told, Watch
from zicht.sources.probe.chances import ROUND as TURNS
from zicht.sources.probe.clock import Clock
from zicht.sources.probe.counting import Counting, in_whole
from zicht.sources.probe.fetch.engine import Counts
from zicht.sources.probe.history import unmeasured
from zicht.sources.probe.joining import of_blocks
from zicht.sources.probe.plan import Refusal
from zicht.sources.probe.replies import Judged
from zicht.sources.probe.signals import MINUTE, ROUND
from zicht.sources.probe.verdicts import Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIRST = 27_000_000


def test_a_round_fills_a_bin() -> None:
    assert TURNS == ROUND
    assert ROUND % MINUTE == 0


@dataclass(frozen=True)
class HandTimes(Times):
    """Clocks that a test sets."""

    hands: dict[str, float] | None = None

    def steady(self) -> float:
        assert self.hands is not None
        return self.hands["steady"]

    def wall(self) -> float:
        assert self.hands is not None
        return self.hands["steady"] + self.hands["offset"]


class Bench:
    """A watch whose world answers at once, or cannot be reached."""

    def __init__(self) -> None:
        self.hands = {"steady": 0.0, "offset": FIRST * 60.0}
        times = HandTimes(hands=self.hands)
        self.told: SimpleQueue[Told | Lost] = SimpleQueue()
        clock = Clock(times.wall(), times.steady())
        self.watch = Watch(country(), 7, None, times, clock, self.told)
        self.answers = True
        self.sendable = True

    def run(self, seconds: float) -> None:
        """Let time pass, as an engine would see it."""
        for _ in range(int(seconds * 5)):
            self.hands["steady"] += 0.2
            now = self.hands["steady"]
            if not self.watch.network_down:
                self._ask(now)
            self.watch.tick(now)

    def _ask(self, now: float) -> None:
        asked = self.watch.take(64, now)
        if not self.sendable:
            self.watch.note_refused(asked, Refusal.UNSENDABLE)
            return
        self.watch.note_sent(asked, now)
        if self.answers:
            self.watch.note_heard(heard(*asked), now)

    def minutes(self) -> list[int]:
        """The minutes that were told since this was last asked."""
        return [one.number - FIRST for one in self.items() if isinstance(one, Told)]

    def items(self) -> list[Told | Lost]:
        found = []
        while not self.told.empty():
            found.append(self.told.get())
        return found


def heard(high: NDArray[np.uint64], low: NDArray[np.uint64]) -> Judged:
    n = len(high)
    return Judged(
        verdict=np.full(n, Verdict.ANSWER, dtype=np.uint8),
        high=high,
        low=low,
        round_trip=np.full(n, 0.08),
        icmp_type=np.zeros(n, dtype=np.uint8),
        icmp_code=np.zeros(n, dtype=np.uint8),
    )


def test_minutes_are_told_once_they_are_over() -> None:
    bench = Bench()
    bench.run(250)
    items = bench.items()
    assert [one.number - FIRST for one in items if isinstance(one, Told)] == [0, 1, 2, 3]
    last = items[-1]
    assert isinstance(last, Told)
    assert last.state is not None
    assert last.unsent == 0
    assert (last.sample.up > 0.5).all()


@pytest.mark.parametrize(
    ("by", "lost", "after"), [(-130.0, (2, 4), [4, 5]), (240.0, (5, 8), [8, 9])]
)
def test_a_clock_that_is_set_loses_minutes_and_says_so(
    by: float, lost: tuple[int, int], after: list[int]
) -> None:
    bench = Bench()
    bench.run(250)
    assert bench.minutes() == [0, 1, 2, 3]
    bench.hands["offset"] += by
    bench.run(310)
    items = bench.items()
    (said,) = (one for one in items if isinstance(one, Lost))
    assert (said.minutes.start - FIRST, said.minutes.stop - FIRST) == lost
    assert said.by == pytest.approx(by, abs=0.5)
    told = [one.number - FIRST for one in items if isinstance(one, Told)]
    assert told[:2] == after
    assert len(set(told)) == len(told)


@pytest.mark.parametrize(
    ("heard", "dropped", "deaf"),
    [(20_000, 2_000, True), (20_000, 500, False), (10, 900, False), (0, 5_000, True)],
)
def test_silence_says_nothing_in_a_minute_of_which_much_was_dropped(
    heard: int, dropped: int, *, deaf: bool
) -> None:
    bench, counts = Bench(), Counts()
    bench.watch.note_counts(counts)
    bench.run(130)
    bench.minutes()
    counts.messages[Verdict.FOREIGN] += heard
    counts.dropped += dropped
    bench.watch.note_counts(counts)
    bench.run(300)
    bench.watch.note_counts(counts)
    told = {one.number - FIRST: one for one in bench.items() if isinstance(one, Told)}
    unsent = {number for number, one in told.items() if one.unsent > one.sample.probes.sum()}
    assert unsent & {2, 3, 4, 5} == ({2} if deaf else set())


def test_a_network_that_is_down_is_told_as_that() -> None:
    bench = Bench()
    bench.run(130)
    bench.watch.network_down = True
    bench.run(180)
    bench.watch.network_down = False
    bench.run(200)
    told = {one.number - FIRST: one for one in bench.items() if isinstance(one, Told)}
    assert set(told) == set(range(8))
    for minute, one in told.items():
        assert (one.unsent > one.sample.probes.sum()) == (2 <= minute <= 5), minute


def test_what_cannot_be_sent_is_counted() -> None:
    bench = Bench()
    bench.sendable = False
    bench.run(130)
    told = [one for one in bench.items() if isinstance(one, Told)]
    assert told
    assert all(one.unsent > 0 and not len(one.sample.block) for one in told)


def test_addresses_that_answered_are_learned_from_and_only_they() -> None:
    history = country(controls=False).history
    counting = Counting(history)
    high = history.high[:2] + (np.uint64(9) << np.uint64(32))
    strangers = np.array([8 << 56], dtype=np.uint64)
    counting.heard(heard(np.concatenate([high, strangers]), np.zeros(3, dtype=np.uint64)))
    counted = counting.so_far(24 * 20_000 + 5)
    assert counted.hour == 5
    assert counted.time == (24 * 20_000 + 6) * 3_600_000_000
    assert np.bitwise_count(counted.answered).sum() == 2
    assert (counted.answered[:2, 1] == 2).all()


def test_what_was_counted_of_some_is_of_the_whole_too() -> None:
    addresses = [(0x2A00 << 48, last) for last in (1, 2)] + [((0x2A00 << 48) + (1 << 16), 1)]
    high, low = (np.array(column, dtype=np.uint64) for column in zip(*addresses, strict=True))
    whole = unmeasured(high, low, ipv4=False)
    own = of_blocks(whole, np.array([False, True]))
    counting = Counting(own)
    counting.heard(heard(high[2:], low[2:]))
    counted, frozen = in_whole(counting.so_far(0), np.array([True]), own, whole)
    assert counted.address_answered.tolist() == [False, False, True]
    assert frozen.tolist() == [False, True]
    assert counted.probes.tolist() == [0, 0]
