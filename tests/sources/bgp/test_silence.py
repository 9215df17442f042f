from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.sources.bgp.silence import FEWEST_GAPS, LONGEST_LIMIT, SHORTEST_LIMIT, Habits

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SECOND = 1_000_000
DAY = 86_400
BEGIN = 1_700_000_000 * SECOND


def at(*seconds: float) -> NDArray[np.int64]:
    return BEGIN + (np.asarray(seconds) * SECOND).astype(np.int64)


def of(peer: int, count: int) -> NDArray[np.int32]:
    return np.full(count, peer, np.int32)


def steady(step: float, count: int = 500) -> Habits:
    habits = Habits()
    habits.hear(at(*np.arange(count) * step), of(0, count))
    return habits


def test_each_peer_is_held_against_its_own_habit() -> None:
    habits = Habits()
    habits.hear(at(*np.arange(5000.0)), of(0, 5000))
    habits.hear(at(*np.arange(500) * 600.0), of(1, 500))
    end = int(habits.heard[0])
    habits.heard[1] = end
    assert habits.silent(end + 100 * SECOND).tolist() == [False, False]
    assert habits.silent(end + 200 * SECOND).tolist() == [True, False]
    assert habits.silent(end + 3600 * SECOND).tolist() == [True, True]


def test_who_is_hardly_known_is_not_accused() -> None:
    habits = steady(10, FEWEST_GAPS)
    assert np.isnan(habits.limits()).all()
    assert not habits.silent(BEGIN + 365 * DAY * SECOND).any()
    assert not Habits().silent(BEGIN).any()


def test_messages_of_one_second_are_one() -> None:
    bursts = [second * 30 + part / 1000 for second in range(200) for part in range(300)]
    habits = Habits()
    habits.hear(at(*bursts), of(0, len(bursts)))
    assert habits.gaps.sum() == 199
    assert SHORTEST_LIMIT <= habits.limits()[0] < 300


def test_what_is_not_seen_is_no_silence_and_teaches_nothing() -> None:
    habits = steady(10)
    known = habits.gaps.copy()
    habits.pause()
    assert not habits.silent(BEGIN + 30 * DAY * SECOND).any()
    habits.hear(at(DAY), of(0, 1))
    assert np.array_equal(habits.gaps > 0.5, known > 0.5)
    assert habits.silent(BEGIN + (DAY + 1000) * SECOND).all()
    habits.pause(np.array([0, 7], np.int32))
    assert not habits.silent(BEGIN + 30 * DAY * SECOND).any()


def test_one_long_silence_hardly_moves_a_habit() -> None:
    habits = steady(10, 5000)
    before = habits.limits()[0]
    habits.hear(at(2 * DAY), of(0, 1))
    assert habits.limits()[0] == pytest.approx(before, rel=0.1)


def test_a_habit_that_changes_is_learned_anew() -> None:
    habits = steady(5, 20_000)
    late = np.arange(1, 60 * 24) * 600.0 + 30 * DAY
    for time in late:
        habits.hear(at(time), of(0, 1))
    assert habits.limits()[0] > 600


LAWS: dict[str, Callable[[np.random.Generator, int], NDArray[np.float64]]] = {
    "at random": lambda random, count: random.exponential(20, count),
    "in bursts": lambda random, count: random.lognormal(2, 1.5, count),
    "with a heavy tail": lambda random, count: 5 * (1 + random.pareto(2.0, count)),
}


@pytest.mark.parametrize("law", LAWS)
def test_a_peer_that_goes_on_as_it_does_is_hardly_ever_accused(law: str) -> None:
    random = np.random.default_rng(7)
    alarms, days = 0, 0.0
    for _ in range(20):
        gaps = LAWS[law](random, 40_000)
        habits = Habits()
        habits.hear(at(*np.cumsum(gaps[:5000])), of(0, 5000))
        limit = habits.limits()[0]
        assert SHORTEST_LIMIT <= limit <= min(LONGEST_LIMIT, 10 * gaps.max())
        alarms += int((gaps[5000:] > limit).sum())
        days += gaps[5000:].sum() / DAY
    assert alarms / days < 3 / 30, (alarms, days)


@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 5)), max_size=60),
    st.integers(1, 20),
)
def test_it_does_not_matter_how_messages_are_cut_into_batches(
    messages: list[tuple[int, int]], size: int
) -> None:
    messages.sort()
    time = at(*(moment for moment, _ in messages))
    peer = np.array([one for _, one in messages], np.int32)
    whole, pieces = Habits(), Habits()
    whole.hear(time, peer)
    for begin in range(0, len(time), size):
        pieces.hear(time[begin : begin + size], peer[begin : begin + size])
    assert np.array_equal(whole.heard, pieces.heard)
    assert np.array_equal(whole.gaps > 0, pieces.gaps > 0)
