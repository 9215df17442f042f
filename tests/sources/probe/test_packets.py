from __future__ import annotations

import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zicht.sources.probe.packets import checksum, load, store, summed, summed_number

WORD = st.integers(0, 2**64 - 1)


def internet_checksum(data: bytes) -> int:
    """RFC 1071, section 4.1, in plain Python."""
    data += b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


@given(st.binary(min_size=1, max_size=80), st.integers(0, 5))
def test_checksums_are_those_of_rfc_1071(data: bytes, skipped: int) -> None:
    rows = np.full((2, 100), 0xA5, dtype=np.uint8)
    begin = 2 * skipped
    rows[1, begin : begin + len(data)] = np.frombuffer(data, dtype=np.uint8)
    assert checksum(summed(rows, 1, begin, begin + len(data))) == internet_checksum(data)


@given(WORD)
def test_a_numbers_sum_is_that_of_its_bytes(number: int) -> None:
    data = number.to_bytes(8, "big")
    assert checksum(summed_number(np.uint64(number))) == internet_checksum(data)


@given(WORD, st.integers(1, 8), st.integers(0, 8))
def test_numbers_are_in_network_order(number: int, width: int, at: int) -> None:
    rows = np.zeros((2, 16), dtype=np.uint8)
    store(rows, 1, at, width, np.uint64(number))
    kept = number % (1 << 8 * width)
    assert rows[1, at : at + width].tobytes() == kept.to_bytes(width, "big")
    assert not rows[0].any()
    assert load(rows, 1, at, width) == kept


def test_what_lies_beyond_a_row_is_zero() -> None:
    rows = np.full((2, 4), 0xFF, dtype=np.uint8)
    assert load(rows, 0, 2, 4) == 0xFFFF0000
    assert load(rows, 0, 9, 2) == 0
