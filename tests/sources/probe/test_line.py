"""The compiled loop: the times of messages while the wall clock is set."""

from __future__ import annotations

import socket

import numpy as np
import pytest
from own_network import in_own_network

from zicht.sources.probe.fetch.buffers import CONTROL_LENGTH, receiving
from zicht.sources.probe.fetch.line import DROPPED, EMPTY, OFFSET, STATE, _error, _received
from zicht.sources.probe.fetch.network import is_up, way_to

MS = 1_000_000
WALL = 1_700_000_000 * 1000 * MS  # the run began then
STAMP, OVERFLOW = (1 | 35 << 32), (1 | 40 << 32)


def received(stamp: int, *, before: int, after: int, now: int = 500 * MS) -> tuple[int, int]:
    """When a message came, by its stamp of a wall clock that was set; and the drops it tells of."""
    into, state = receiving(ipv4=True), np.zeros(STATE, dtype=np.int64)
    seconds, rest = divmod(stamp, 1000 * MS)
    into.control[0, :4] = [32, STAMP, seconds, rest]
    into.control[0, 4:7] = [20, OVERFLOW, 7]
    into.headers[0, CONTROL_LENGTH] = 56
    state[EMPTY], state[OFFSET] = 490 * MS, -(WALL + before)
    return int(_received(into, 0, state, -(WALL + after), now)), int(state[DROPPED])


@pytest.mark.parametrize("step", [0, -3600_000 * MS, 3600_000 * MS, 5000 * MS])
@pytest.mark.parametrize("stamped_after", [True, False])
def test_a_wall_clock_that_is_set_makes_no_answer_late_or_early(
    step: int,
    stamped_after: bool,  # noqa: FBT001 - pytest gives it
) -> None:
    stamp = WALL + 495 * MS + (step if stamped_after else 0)
    assert received(stamp, before=0, after=step) == (495 * MS, 7)


def test_a_stamp_that_cannot_be_is_taken_for_now() -> None:
    assert received(WALL + 9_000 * MS, before=0, after=0)[0] == 500 * MS
    assert received(0, before=0, after=0)[0] == 500 * MS


@pytest.mark.parametrize("what", [0 | 11 << 32, 41 | 25 << 32])
def test_a_queued_error_tells_its_origin_type_and_code(what: int) -> None:
    into = receiving(ipv4=True)
    into.control[0, :4] = [32, STAMP, 1, 2]
    into.control[0, 4:7] = [48, what, 113 | (2 << 32) | (3 << 40) | (13 << 48)]
    into.headers[0, CONTROL_LENGTH] = 80
    assert _error(into, 0) == (2, 3, 13)
    into.headers[0, CONTROL_LENGTH] = 32
    assert _error(into, 0) == (0, 0, 0)


def test_control_messages_that_make_no_sense_end() -> None:
    into, state = receiving(ipv4=True), np.zeros(STATE, dtype=np.int64)
    into.headers[0, CONTROL_LENGTH] = 128
    assert _received(into, 0, state, 0, 9) == 0  # a stamp of 0 is what there is
    assert _error(into, 0) == (0, 0, 0)


def test_where_no_route_leads_there_is_no_way() -> None:
    assert in_own_network(lambda: way_to(0x0A630001 << 32, 0, ipv4=True)) is None
    assert not in_own_network(lambda: is_up(0x0A630001 << 32, 0, ipv4=True))


def test_the_way_to_this_machine_is_up() -> None:
    loopback = 0x7F000001 << 32
    way = way_to(loopback, 0, ipv4=True)
    assert way is not None
    assert socket.if_indextoname(way.device) == "lo"
    assert is_up(loopback, 0, ipv4=True)
