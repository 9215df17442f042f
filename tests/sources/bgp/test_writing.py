"""Numbers and addresses as text."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from zicht.sources.bgp.writing import (
    LONGEST_ADDRESS,
    RFC_5952,
    copy,
    literal,
    put,
    write,
    write_address,
    write_number,
    write_padded,
)

if TYPE_CHECKING:
    from collections.abc import Callable

LOW = (1 << 64) - 1
GROUPS = st.lists(st.sampled_from([0, 0, 0, 1, 0xFFFF, 0xAB]), min_size=8, max_size=8)


def written(make: Callable[[int], int]) -> str:
    """What a kernel writes at the begin of memory that is empty."""
    out = np.zeros(100, np.uint8)
    end = make(out.ctypes.data)
    assert not out[end:].any()
    return out[:end].tobytes().decode()


def ipv6(address: IPv6Address) -> str:
    number = int(address)
    high, low = np.uint64(number >> 64), np.uint64(number & LOW)
    return written(lambda out: write_address(out, 0, 6, high, low, RFC_5952))


@given(st.integers(0, 2**63 - 1))
@example(0)
@example(9)
@example(10)
@example(10**18)
@example(2**63 - 1)
def test_numbers_are_written_in_decimal(number: int) -> None:
    assert written(lambda out: write_number(out, 0, number)) == str(number)


@given(st.integers(0, 999_999))
def test_padded_numbers_begin_with_zeros(number: int) -> None:
    assert written(lambda out: write_padded(out, 0, number, 6)) == f"{number:06}"


@given(st.ip_addresses(v=4))
def test_ipv4_addresses_are_written_as_usual(address: IPv4Address) -> None:
    high = np.uint64(int(address) << 32)
    text = written(lambda out: write_address(out, 0, 4, high, np.uint64(0), RFC_5952))
    assert text == str(address)


@given(
    st.one_of(
        st.ip_addresses(v=6),
        GROUPS.map(lambda groups: IPv6Address(":".join(f"{group:x}" for group in groups))),
    )
)
def test_ipv6_addresses_are_written_by_rfc_5952(address: IPv6Address) -> None:
    text = ipv6(address)
    assert len(text) <= LONGEST_ADDRESS
    assert IPv6Address(text) == address
    if address.ipv4_mapped is None:
        assert text == str(address)
    else:
        assert text == f"::ffff:{address.ipv4_mapped}"


def test_texts_and_copies_are_put_one_behind_the_other() -> None:
    def make(out: int) -> int:
        at = write(out, put(out, 0, ord("<")), literal("text"))
        return copy(out, at, 1, at)

    assert written(make) == "<texttext"
