"""Spaces: positions and addresses belong together, and blocks begin where they begin."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.errors import UsageError
from zicht.sources.probe.order import LARGEST
from zicht.sources.probe.space import Listed, Ranges, common, merged

RANGES = st.lists(
    st.tuples(st.integers(0, 2**32 - 2000), st.integers(0, 1500)).map(
        lambda r: (r[0], r[0] + r[1])
    ),
    min_size=1,
    max_size=9,
)
NEAR = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 30)).map(lambda r: (r[0], sum(r))))


def columns(ranges: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    array = np.array(ranges, dtype=np.uint64).reshape(-1, 2)
    return array[:, 0], array[:, 1]


def space_of(ranges: list[tuple[int, int]]) -> Ranges:
    first, last = columns(ranges)
    return Ranges(first << np.uint64(32), last << np.uint64(32))


def numbers(ranges: list[tuple[int, int]]) -> set[int]:
    return {n for first, last in ranges for n in range(first, last + 1)}


@given(RANGES)
def test_every_address_of_the_ranges_has_one_position(ranges: list[tuple[int, int]]) -> None:
    space = space_of(ranges)
    high, low = space.addresses(np.arange(space.size, dtype=np.uint64))
    assert (high >> np.uint64(32)).tolist() == sorted(numbers(ranges))
    assert space.positions(high, low).tolist() == list(range(space.size))


@given(RANGES)
def test_blocks_hold_the_addresses_that_are_theirs(ranges: list[tuple[int, int]]) -> None:
    space = space_of(ranges)
    block, begins = space.blocks()
    high, _ = space.addresses(np.arange(space.size, dtype=np.uint64))
    wanted, first = np.unique(high >> np.uint64(40), return_index=True)
    assert (block >> np.uint64(40)).tolist() == wanted.tolist()
    assert begins.tolist() == [*first.tolist(), space.size]


def test_what_is_outside_has_no_position() -> None:
    space = space_of([(10, 20), (40, 50)])
    outside = np.array([9, 21, 39, 51], dtype=np.uint64) << np.uint64(32)
    assert space.positions(outside, np.zeros(4, dtype=np.uint64)).tolist() == [-1] * 4
    six = np.array([10 << 32], dtype=np.uint64)
    assert space.positions(six, np.array([1], dtype=np.uint64)).tolist() == [-1]


def test_nearly_all_of_ipv4_is_a_space_and_nothing_is_none() -> None:
    assert space_of([(0, LARGEST - 1)]).size == LARGEST
    with pytest.raises(UsageError, match="are not gone through"):
        space_of([(0, 2**32 - 1)])
    with pytest.raises(UsageError, match="are not gone through"):
        space_of([])


@given(NEAR, NEAR)
def test_ranges_have_in_common_the_numbers_of_both(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    first, last = common(merged(*columns(one)), merged(*columns(other)))
    got = list(zip(first.tolist(), last.tolist(), strict=True))
    assert numbers(got) == numbers(one) & numbers(other)


@given(st.sets(st.integers(0, 2**128 - 1), min_size=1))
def test_a_list_has_a_position_for_each_of_its_addresses(chosen: set[int]) -> None:
    ordered = sorted(chosen)
    high = np.array([n >> 64 for n in ordered], dtype=np.uint64)
    low = np.array([n & (2**64 - 1) for n in ordered], dtype=np.uint64)
    space = Listed(high, low, ipv4=False)
    at = space.positions(high, low)
    assert at.tolist() == list(range(len(ordered)))
    again = space.addresses(at.astype(np.uint64))
    assert again[0].tolist() == high.tolist()
    assert again[1].tolist() == low.tolist()
    if (2**128 - 1) not in chosen:
        end = np.array([2**64 - 1], dtype=np.uint64)
        assert space.positions(end, end).tolist() == [-1]
    blocks, begins = space.blocks()
    assert len(blocks) == len({n >> 80 for n in ordered})
    assert begins[-1] == len(ordered)


def test_a_list_of_nobody_is_refused() -> None:
    none = np.empty(0, dtype=np.uint64)
    with pytest.raises(UsageError):
        Listed(none, none, ipv4=True)


def test_lists_of_either_family_know_their_blocks() -> None:
    four = np.array([int(IPv4Address("192.0.2.9")) << 32], dtype=np.uint64)
    assert Listed(four, np.zeros(1, np.uint64), ipv4=True).blocks()[0].tolist() == [
        int(IPv4Address("192.0.2.0")) << 32
    ]
    six = int(IPv6Address("2001:db8:7:8::9"))
    space = Listed(
        np.array([six >> 64], dtype=np.uint64), np.array([9], dtype=np.uint64), ipv4=False
    )
    assert space.blocks()[0].tolist() == [int(IPv6Address("2001:db8:7::")) >> 64]
