from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.errors import UsageError
from zicht.sources.probe.pacing import FASTER, LONGEST_BURST, BlockLimit, due, rhythm, spend, turn

MS = 1_000_000  # ns


def test_the_first_goes_out_at_once_and_the_others_at_the_rate() -> None:
    hundred, pace = rhythm(100), np.zeros(2)
    assert due(hundred, pace, 0) == 1
    spend(hundred, pace, 1)
    assert due(hundred, pace, 5 * MS) == 0
    assert turn(pace) == 10 * MS
    assert due(hundred, pace, 10 * MS) == 1


@given(st.floats(10, 1e6), st.lists(st.integers(0, 500 * MS), min_size=1, max_size=200))
def test_neither_the_rate_nor_the_burst_is_ever_exceeded(rate: float, pauses: list[int]) -> None:
    its, pace, now, sent = rhythm(rate), np.zeros(2), 0, 0
    for pause in pauses:
        now += pause
        ready = due(its, pace, now)
        assert ready <= LONGEST_BURST * FASTER * rate * (1 + 1e-9) + 1
        spend(its, pace, ready)
        sent += ready
        assert sent <= now / 1e9 * rate * (1 + 1e-9) + 1


@given(st.floats(1000, 1e5), st.integers(1, 500))
def test_a_pause_is_made_up_for_little_by_little(rate: float, pause: int) -> None:
    its, pace, sent, now = rhythm(rate), np.zeros(2), [], 0
    for tick in range(12_000):  # each millisecond, but for one pause
        now = (tick if tick < 100 else tick + pause) * MS
        ready = due(its, pace, now)
        spend(its, pace, ready)
        sent.append(ready)
    assert sum(sent) == pytest.approx(rate * now / 1e9, abs=2)
    window = np.convolve(sent[101:], np.ones(20), "valid")  # of 20 ms
    assert window.max() <= rate * (0.020 * FASTER + LONGEST_BURST) + 2


def test_a_pause_of_more_than_a_second_is_not_made_up_for() -> None:
    its, pace, sent = rhythm(1000), np.zeros(2), 0
    for now in range(3600 * 1000, 3640 * 1000):  # it slept for an hour
        ready = due(its, pace, now * MS)
        spend(its, pace, ready)
        sent += ready
    assert sent == pytest.approx(41_000, abs=5)


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
        rhythm(0)
    with pytest.raises(UsageError, match="sends nothing"):
        BlockLimit(0)


def test_what_went_out_later_than_it_was_admitted_counts_from_then() -> None:
    limit = BlockLimit(60)
    limit.admit(high(0x0A000001), ipv4=True, now=10.0)
    limit.sent(high(0x0A000001), ipv4=True, now=10.5)
    assert not limit.admit(high(0x0A000002), ipv4=True, now=11.4)[0][0]
    assert limit.admit(high(0x0A000003), ipv4=True, now=11.5)[0][0]
