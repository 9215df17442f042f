"""What is known of blocks: addresses become blocks, and tables come back as they went."""

from __future__ import annotations

from dataclasses import fields, replace
from ipaddress import ip_address

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.errors import InputError
from zicht.sources.probe.history import (
    BlockHistory,
    BlockSort,
    check,
    from_table,
    no_history,
    to_table,
    unmeasured,
)

ADDRESSES = st.lists(st.integers(0, 2**128 - 1) | st.integers(2**127, 2**127 + 2**81))


def history_of(*texts: str) -> BlockHistory:
    addresses = [ip_address(text) for text in texts]
    ipv4 = addresses[0].version == 4
    numbers = [int(a) << 96 if ipv4 else int(a) for a in addresses]
    high = np.array([n >> 64 for n in numbers], dtype=np.uint64)
    low = np.array([n & (2**64 - 1) for n in numbers], dtype=np.uint64)
    return unmeasured(high, low, ipv4=ipv4)


def same(one: BlockHistory, other: BlockHistory) -> bool:
    return all(
        np.array_equal(getattr(one, item.name), getattr(other, item.name), equal_nan=True)
        for item in fields(BlockHistory)
        if item.name not in {"ipv4", "weight", "asked", "recent", "address_recent"}
    ) and (one.ipv4 == other.ipv4)


def test_addresses_become_blocks_each_with_those_that_answered() -> None:
    history = history_of("192.0.2.9", "198.51.100.0", "192.0.2.255", "192.0.2.9")
    assert history.high.tolist() == [0xC0000200 << 32, 0xC6336400 << 32]
    assert history.ever_active.tolist() == [2, 1]
    assert history.active[0, 1] == 0b10
    assert history.active[0, 31] == 0b1000_0000
    assert np.isnan(history.availability).all()
    assert set(history.sort) == {BlockSort.UNKNOWN}


def test_addresses_of_ipv6_become_blocks_of_48_bits() -> None:
    history = history_of("2001:db8:1:2::3", "2001:db8:1::1", "2001:db8:2::1", "2001:db8:1::1")
    assert [f"{high:x}" for high in history.high.tolist()] == [
        "20010db800010000",
        "20010db800020000",
    ]
    assert history.first.tolist() == [0, 2, 3]
    assert history.address_low.tolist() == [1, 3, 1]


@given(ADDRESSES, st.booleans(), st.booleans())
def test_a_history_comes_back_from_its_table(numbers: list[int], ipv4: bool, hours: bool) -> None:  # noqa: FBT001 - drawn
    if ipv4:
        numbers = [n >> 96 << 96 for n in numbers]
    history = unmeasured(
        np.array([n >> 64 for n in numbers], dtype=np.uint64),
        np.array([n & (2**64 - 1) for n in numbers], dtype=np.uint64),
        ipv4=ipv4,
        seen=7,
    )
    if hours:
        history = replace(history, hourly=np.full((len(history), 24), 0.5, dtype=np.float32))
    again = from_table(to_table(check(history)))
    assert same(again, history)
    assert int(again.ever_active.sum()) == len(set(numbers))


def test_a_part_of_a_table_is_read_as_that_part() -> None:
    table = to_table(history_of("192.0.2.9", "198.51.100.1", "203.0.113.2"))
    assert same(from_table(table.slice(1, 1)), history_of("198.51.100.1"))
    six = to_table(history_of("2001:db8:1::1", "2001:db8:2::1", "2001:db8:2::5", "2001:db8:3::1"))
    assert same(from_table(six.slice(1, 1)), history_of("2001:db8:2::1", "2001:db8:2::5"))


@pytest.mark.parametrize("ipv4", [True, False])
def test_no_blocks_are_a_history_too(ipv4: bool) -> None:  # noqa: FBT001 - both families
    assert len(from_table(to_table(no_history(ipv4=ipv4)))) == 0


def test_what_is_no_history_is_refused() -> None:
    table = to_table(history_of("192.0.2.9", "198.51.100.1"))
    with pytest.raises(InputError, match="no history of blocks, or one of another version"):
        from_table(table.replace_schema_metadata(None))
    with pytest.raises(InputError, match="rounds"):
        from_table(table.drop_columns(["rounds"]))
    with pytest.raises(InputError, match="not in order"):
        from_table(table.take([1, 0]))
    active = pa.array([b"x", b"y"], pa.binary(1))
    with pytest.raises(InputError, match="not 32 bytes"):
        from_table(table.set_column(1, "active", active))
    with pytest.raises(InputError, match="gaps"):
        from_table(table.set_column(1, "active", pa.array([None, None], pa.binary(32))))


@pytest.mark.parametrize(
    ("column", "value", "wrong"),
    [
        ("availability", np.array([1.5], dtype=np.float32), "availability"),
        ("rounds", np.array([-1], dtype=np.int32), "rounds below zero"),
        ("sort", np.array([9], dtype=np.uint8), "unknown sort"),
        ("high", np.array([1], dtype=np.uint64), "in the middle"),
        ("seen", np.array([1, 2], dtype=np.int64), "seen has a length of its own"),
        ("recent", np.full((1, 32), 255, dtype=np.uint8), "recent is not of"),
        ("first", np.array([0, 1], dtype=np.int64), "first is wrong"),
    ],
)
def test_each_column_holds_what_can_be(column: str, value: object, wrong: str) -> None:
    with pytest.raises(InputError, match=wrong):
        check(replace(history_of("192.0.2.9"), **{column: value}))  # type: ignore[arg-type]


def test_an_address_outside_its_block_is_refused() -> None:
    history = history_of("2001:db8:1::1", "2001:db8:2::1")
    with pytest.raises(InputError, match="another's block"):
        check(replace(history, address_high=history.address_high[::-1].copy()))
