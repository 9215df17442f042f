from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.errors import UsageError
from zicht.sources.probe.pacing import LONGEST_BURST, BlockLimit, Pace


def test_the_first_goes_out_at_once_and_the_others_at_the_rate() -> None:
    pace = Pace(100, now=5.0)
    assert pace.due(5.0) == 1
    pace.take(1)
    assert pace.due(5.005) == 0
    assert pace.wait(5.005) == pytest.approx(0.005)
    assert pace.due(5.0101) == 1


@given(st.floats(10, 1e6), st.lists(st.floats(0, 0.5), min_size=1, max_size=200))
def test_neither_the_rate_nor_the_burst_is_ever_exceeded(rate: float, pauses: list[float]) -> None:
    pace, now, sent = Pace(rate, now=0.0), 0.0, 0
    for pause in pauses:
        now += pause
        due = pace.due(now)
        assert due <= LONGEST_BURST * rate * (1 + 1e-9) + 1
        pace.take(due)
        sent += due
        assert sent <= now * rate * (1 + 1e-9) + 1


def test_a_prober_that_looks_often_enough_reaches_the_rate() -> None:
    pace, sent = Pace(10_000, now=0.0), 0
    for tick in range(1, 1001):  # each millisecond
        due = pace.due(tick / 1000)
        pace.take(due)
        sent += due
    assert sent == pytest.approx(10_000, abs=1)


def high(*addresses: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array(addresses, dtype=np.uint64) << np.uint64(32)


@given(
    st.integers(1, 120),
    st.lists(st.tuples(st.floats(0, 30), st.lists(st.integers(0, 1023), max_size=30)), max_size=30),
)
def test_no_block_gets_more_than_so_many_in_any_minute(
    per_minute: int, batches: list[tuple[float, list[int]]]
) -> None:
    limit, now = BlockLimit(per_minute), 0.0
    sent: dict[int, list[float]] = {}
    for pause, addresses in batches:
        now += pause
        admitted, again = limit.admit(high(*addresses), ipv4=True, now=now)
        assert (again[~admitted] > now).all()
        for address in np.array(addresses, dtype=int)[admitted].tolist():
            times = sent.setdefault(address >> 8, [])
            times.append(now)
            assert sum(time > now - 60 + 1e-6 for time in times) <= per_minute


def test_another_block_does_not_wait() -> None:
    limit = BlockLimit(1)
    admitted, again = limit.admit(high(0x0A000001, 0x0A000002, 0x0A000101), ipv4=True, now=10)
    assert admitted.tolist() == [True, False, True]
    assert again[1] == 70


def test_ipv6_is_limited_by_48() -> None:
    limit = BlockLimit(60)
    same = np.array([0x20010DB800010000, 0x20010DB80001FFFF, 0x20010DB800020000], dtype=np.uint64)
    admitted, _ = limit.admit(same, ipv4=False, now=0)
    assert admitted.tolist() == [True, False, True]


def test_nothing_a_second_is_refused() -> None:
    with pytest.raises(UsageError, match="sends nothing"):
        Pace(0, now=0)
    with pytest.raises(UsageError, match="sends nothing"):
        BlockLimit(0)
