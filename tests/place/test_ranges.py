"""Ranges that overlap, and the blocks that cover ranges."""

from __future__ import annotations

import ipaddress
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zicht.place.ranges import cidrs, flatten, prefix_mask, prefix_ranges

TOP = 2**64 - 1
NUMBERS = st.one_of(st.integers(0, 40), st.integers(TOP - 40, TOP), st.integers(0, TOP))
RANGES = st.tuples(NUMBERS, NUMBERS).map(lambda ends: (min(ends), max(ends)))
VALUED = st.lists(st.tuples(RANGES, st.integers(-1, 3)), max_size=12)


def winner(number: int, ranges: list[tuple[tuple[int, int], int]]) -> int | None:
    """The value of the last range that covers a number: here a later one wins."""
    found = [value for (first, last), value in ranges if first <= number <= last]
    return found[-1] if found else None


@given(VALUED)
def test_each_number_has_the_value_of_the_highest_rank(
    ranges: list[tuple[tuple[int, int], int]],
) -> None:
    first, last, value = flatten(
        np.array([ends[0] for ends, _ in ranges], np.uint64),
        np.array([ends[1] for ends, _ in ranges], np.uint64),
        np.array([value for _, value in ranges], np.int32),
        np.arange(len(ranges)),
    )
    flat = list(zip(first.tolist(), last.tolist(), value.tolist(), strict=True))
    ends = {number for (low, high), _ in ranges for number in (low, high)}
    looked_at = {n for end in ends for n in (end - 1, end, end + 1) if 0 <= n <= TOP}
    for number in looked_at:
        found = [v for low, high, v in flat if low <= number <= high]
        expected = winner(number, ranges)
        assert found == ([] if expected is None else [expected])
    for (_, high, before), (low, _, after) in pairwise(flat):
        assert high < low
        assert high + 1 < low or before != after  # neighbours of one value are one range


@given(st.lists(RANGES, max_size=6))
def test_blocks_cover_a_range_exactly_and_are_the_fewest(ranges: list[tuple[int, int]]) -> None:
    begin, length, which = cidrs(
        np.array([first for first, _ in ranges], np.uint64),
        np.array([last for _, last in ranges], np.uint64),
    )
    for number, (first, last) in enumerate(ranges):
        mine = sorted(
            (int(begin[i]), int(length[i])) for i in np.flatnonzero(which == number).tolist()
        )
        ends = ipaddress.IPv6Address(first << 64), ipaddress.IPv6Address(last << 64 | TOP)
        expected = [
            (int(network.network_address) >> 64, network.prefixlen)
            for network in ipaddress.summarize_address_range(*ends)
        ]
        assert mine == expected


def test_nothing_is_made_of_nothing() -> None:
    none = np.zeros(0, np.uint64)
    assert [len(column) for column in cidrs(none, none)] == [0, 0, 0]
    columns = flatten(none, none, np.zeros(0, np.int32), np.zeros(0, np.int64))
    assert [len(column) for column in columns] == [0, 0, 0]


def test_a_prefix_is_the_range_from_its_first_to_its_last_number() -> None:
    high = np.array([0, 5 << 56, 2**64 - 1], dtype=np.uint64)
    first, last = prefix_ranges(high, np.array([0, 8, 64], dtype=np.uint8))
    assert first.tolist() == high.tolist()
    assert last.tolist() == [2**64 - 1, (6 << 56) - 1, 2**64 - 1]
    assert [int(prefix_mask(n)) for n in (0, 1, 64)] == [0, 1 << 63, 2**64 - 1]
