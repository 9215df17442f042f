from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zicht.sources.probe.packets import (
    Kind,
    big_endian,
    big_number,
    checksums_hold,
    echo_requests,
    read,
)

SIXTEEN = st.integers(0, 0xFFFF)


@given(SIXTEEN, SIXTEEN, st.binary(max_size=80), st.booleans())
def test_the_reply_to_a_request_is_read_as_it_was_written(
    identifier: int,
    sequence: int,
    data: bytes,
    ipv4: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    ours = np.array([[identifier], [sequence]], dtype=np.uint64)
    body = np.frombuffer(data, dtype=np.uint8).reshape(1, -1)
    rows = echo_requests(ours[0], ours[1], body, ipv4=ipv4)
    rows[:, 0] = 0 if ipv4 else 129
    found = read(rows, np.array([rows.shape[1]]), ipv4=ipv4, ip_header=False)
    assert found.kind[0] == Kind.REPLY
    assert (found.identifier[0], found.sequence[0]) == (identifier, sequence)
    assert rows[0, found.body[0] :].tobytes() == data


def test_a_request_of_ours_seen_on_the_way_is_no_reply() -> None:
    one = np.array([1], dtype=np.uint64)
    rows = echo_requests(one, one, np.zeros((1, 20), np.uint8), ipv4=True)
    assert read(rows, np.array([28]), ipv4=True, ip_header=False).kind[0] == Kind.OTHER
    assert checksums_hold(np.pad(rows, ((0, 0), (0, 4))), np.array([28]), ip_header=False)[0]


@given(st.integers(0, 2**64 - 1))
def test_numbers_are_in_network_order(number: int) -> None:
    rows = big_endian(np.array([number], dtype=np.uint64), 8)
    assert rows.tobytes() == number.to_bytes(8, "big")
    assert big_number(rows, np.array([0]), 8)[0] == number
