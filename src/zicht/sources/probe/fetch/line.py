"""The compiled loop on the line: sends when it may, takes what comes and judges it.

It holds no lock of Python's and makes nothing new, so that neither the pace nor the times of
sending wait for anything but the kernel. Times are ns of the run: CLOCK_MONOTONIC since its begin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from zicht.sources.probe.fetch.buffers import CONTROL_LENGTH, CONTROL_WORDS, LENGTH, NAME_LENGTH
from zicht.sources.probe.fetch.system import (
    CLOCK_MONOTONIC,
    CLOCK_REALTIME,
    MSG_DONTWAIT,
    MSG_ERRQUEUE,
    POLLIN,
    POLLOUT,
    clock,
    errno,
    recvmmsg,
    sendmmsg,
    sleep_until,
    wait_for,
)
from zicht.sources.probe.pacing import due, spend, turn
from zicht.sources.probe.packets import load, store
from zicht.sources.probe.replies import judge_quoted_row, judge_row, keep, write_row
from zicht.sources.probe.verdicts import ANSWER, ERROR, LATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.probe.fetch.buffers import Buffers
    from zicht.sources.probe.pacing import Rhythm
    from zicht.sources.probe.packets import Words
    from zicht.sources.probe.replies import Judged, Probes

    Numbers = NDArray[np.int64]

TOGETHER = 16
"""Probes that are sent in a call; the time of each is foretold from what the last ones took."""
_RECEIVE_EVERY = 64  # probes
_MOST_CALLS = 8  # to take in what is there before it is time to send again
_APART = 250_000  # ns; at high rates so much is sent at once, or the calls alone take a processor
_BY_CLOCK = 2_000_000  # ns; shorter waits end by the clock alone, since replies come all the time
_EAGAIN, _EINTR, _ENOBUFS = 11, 4, 105
_NO_ROOM = 1_000_000  # ns that the kernel gets to make room
_SLACK = 1_000_000  # ns by which a message may be stamped before the queue was seen empty

# What control messages are of (level and type in one word) and where their data begin.
_STAMP = np.int64(1 | 35 << 32)  # SOL_SOCKET, SO_TIMESTAMPNS
_DROPPED = np.int64(1 | 40 << 32)  # SOL_SOCKET, SO_RXQ_OVFL
_ERROR_4 = np.int64(0 | 11 << 32)  # SOL_IP, IP_RECVERR
_ERROR_6 = np.int64(41 | 25 << 32)  # SOL_IPV6, IPV6_RECVERR
_OF_ICMP = (2, 3)  # SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6

# The words of a line's state.
BASE, COST, EMPTY, OFFSET, SENT, FULL, DROPPED, FIRST_VERDICT = range(8)
STATE = FIRST_VERDICT + 6


class Line(NamedTuple):
    """A socket with its buffers and where it stands.

    Attributes:
        descriptor: of the socket.
        errors: whether the kernel queues ICMP errors for it.
        rhythm: how fast it sends.
        pace: float64[2]: where that stands.
        out: what is sent.
        into: what is received.
        state: int64[STATE], by the names above; the counts of verdicts stand at its end.
        spec: int64[4] to work in.
    """

    descriptor: int
    errors: bool
    rhythm: Rhythm
    pace: NDArray[np.float64]
    out: Buffers
    into: Buffers
    state: Numbers
    spec: Numbers


@njit(cache=True, nogil=True)
def run_line(
    line: Line,
    probes: Probes,
    high: Words,
    low: Words,
    begin: int,
    until: int,
    found: Judged,
) -> tuple[int, int, int]:
    """Send to addresses from the one at ``begin`` on as the pace allows, and judge what comes.

    Ends when all have gone out; when there was nobody to send to and it is ``until`` (ns of the
    run) or something came; when there is no more room in ``found``; or at an error.

    Returns:
        Where in the addresses it stands; how many messages were found; the number of the error
        that stopped it, 0 without.
    """
    state = line.state
    at, count, number = begin, 0, 0
    unheard = 0
    while True:
        now = _now(line)
        room = min(due(line.rhythm, line.pace, now), len(high) - at, TOGETHER)
        if room > 0:
            sent, number = _send(line, probes, high, low, at, room, now)
            at += sent
            unheard += sent
            if number:
                if number not in {_EAGAIN, _EINTR, _ENOBUFS}:
                    break
                number = 0
                state[FULL] += 1
                wait_for(line.descriptor, POLLOUT, _NO_ROOM, line.spec)
                unheard = _RECEIVE_EVERY
        ended = at >= len(high) and len(high) > begin
        if room <= 0 or unheard >= _RECEIVE_EVERY or ended:
            unheard = 0
            count = _receive(line, probes, found, count)
            if count > len(found.verdict) - len(line.into.headers):
                break
        now = _now(line)
        if ended or now >= until:
            break
        if room <= 0 and not _wait(line, now, until, at < len(high)):
            count = _receive(line, probes, found, count)
            break
    if line.errors:
        count = _receive_errors(line, probes, found, count)
    return at, count, number


@njit(cache=True, nogil=True)
def _now(line: Line) -> int:
    return clock(CLOCK_MONOTONIC, line.spec) - line.state[BASE]


@njit(cache=True, nogil=True)
def _send(
    line: Line, probes: Probes, high: Words, low: Words, at: int, due: int, now: int
) -> tuple[int, int]:
    """Send so many; how many went, and the error's number."""
    state = line.state
    for row in range(due):
        to, rest = high[at + row], low[at + row]
        write_row(probes, line.out.rows, row, to, rest, np.uint64(now + row * state[COST]))
        if probes.ipv4:
            store(line.out.names, row, 4, 4, to >> np.uint64(32))
        else:
            store(line.out.names, row, 8, 8, to)
            store(line.out.names, row, 16, 8, rest)
    sent = sendmmsg(
        np.int32(line.descriptor),
        np.uint64(line.out.headers.ctypes.data),
        np.uint32(due),
        np.int32(MSG_DONTWAIT),
    )
    if sent <= 0:
        return 0, errno()
    took = (_now(line) - now) // sent
    state[COST] = min(took, state[COST] + state[COST] // 8 + 1)  # a pause teaches little
    spend(line.rhythm, line.pace, sent)
    state[SENT] += sent
    return np.int64(sent), 0


@njit(cache=True, nogil=True)
def _wait(line: Line, now: int, until: int, waiting: bool) -> bool:
    """Wait for the next one's turn, or for messages; whether the loop goes on."""
    base = line.state[BASE]
    if not waiting:
        wait_for(line.descriptor, POLLIN, until - now, line.spec)
        return False
    then = turn(line.pace)
    if line.rhythm.interval < _APART:
        then = max(then, now + _APART)
    then = min(then, until)
    if then - now <= _BY_CLOCK:
        sleep_until(base + then, line.spec)
    else:
        wait_for(line.descriptor, POLLIN, then - now - _BY_CLOCK // 2, line.spec)
    return True


@njit(cache=True, nogil=True)
def _receive(line: Line, probes: Probes, found: Judged, count: int) -> int:
    """Judge the messages that are there, as far as there is room; how many are found by now."""
    into, state = line.into, line.state
    size = len(into.headers)
    for _ in range(_MOST_CALLS):
        if count > len(found.verdict) - size:
            break
        asked = _now(line)
        got = _get(line, MSG_DONTWAIT)
        now = _now(line)
        offset = now - clock(CLOCK_REALTIME, line.spec)
        for row in range(got):
            high, low = _sender(into, row, probes.ipv4)
            received = _received(into, row, state, offset, now)
            length = np.int64(into.headers[row, LENGTH] & np.uint64(0xFFFFFFFF))
            verdict, high, low, since, icmp_type, icmp_code = judge_row(
                probes, into.rows, row, length, high, low, received
            )
            state[FIRST_VERDICT + verdict] += 1
            if verdict in {ANSWER, LATE, ERROR}:
                keep(found, count, verdict, high, low, since, icmp_type, icmp_code)
                count += 1
        if got < size:
            state[EMPTY] = asked
            state[OFFSET] = offset
            break
        state[OFFSET] = offset
    return count


@njit(cache=True, nogil=True)
def _receive_errors(line: Line, probes: Probes, found: Judged, count: int) -> int:
    """Judge the ICMP errors that the kernel queued; how many messages are found by now."""
    into = line.into
    size = len(into.headers)
    for _ in range(_MOST_CALLS):
        if count > len(found.verdict) - size:
            break
        got = _get(line, MSG_DONTWAIT | MSG_ERRQUEUE)
        now = _now(line)
        for row in range(got):
            origin, icmp_type, icmp_code = _error(into, row)
            if origin not in _OF_ICMP:
                continue
            high, low = _sender(into, row, probes.ipv4)
            length = np.int64(into.headers[row, LENGTH] & np.uint64(0xFFFFFFFF))
            verdict = judge_quoted_row(probes, into.rows, row, length, high, low, now)
            line.state[FIRST_VERDICT + verdict] += 1
            if verdict == ERROR:
                keep(found, count, verdict, high, low, np.int64(-1), icmp_type, icmp_code)
                count += 1
        if got < size:
            break
    return count


@njit(cache=True, nogil=True)
def _get(line: Line, flags: int) -> int:
    """Receive messages; how many. What an earlier probe has done wrong is told elsewhere."""
    into = line.into
    for row in range(len(into.headers)):
        into.headers[row, NAME_LENGTH] = np.uint64(into.names.shape[1])
        into.headers[row, CONTROL_LENGTH] = np.uint64(8 * CONTROL_WORDS)
    got = recvmmsg(
        np.int32(line.descriptor),
        np.uint64(into.headers.ctypes.data),
        np.uint32(len(into.headers)),
        np.int32(flags),
        np.uint64(0),
    )
    return np.int64(max(got, 0))


@njit(cache=True, nogil=True)
def _sender(into: Buffers, row: int, ipv4: bool) -> tuple[int, int]:
    if ipv4:
        return load(into.names, row, 4, 4) << np.uint64(32), np.uint64(0)
    return load(into.names, row, 8, 8), load(into.names, row, 16, 8)


@njit(cache=True, nogil=True)
def _received(into: Buffers, row: int, state: Numbers, offset: int, now: int) -> int:
    """When the kernel had a message, in ns of the run; it counts what it had to drop before it.

    The kernel's stamp is of the wall clock. If that was set meanwhile, the stamp as it was before
    is right; whatever is impossible is taken for now.
    """
    control, stamped = into.control, np.int64(0)
    end = np.int64(into.headers[row, CONTROL_LENGTH]) // 8
    word = 0
    while word + 2 < end:
        size = control[row, word]
        what = control[row, word + 1]
        if what == _STAMP:
            stamped = control[row, word + 2] * np.int64(1_000_000_000) + control[row, word + 3]
        elif what == _DROPPED:
            state[DROPPED] = control[row, word + 2] & 0xFFFFFFFF
        if size < 16:  # noqa: PLR2004 - no control message is shorter than its header
            break
        word += (size + 7) // 8
    earliest = state[EMPTY] - _SLACK
    for shift in (offset, state[OFFSET]):
        if earliest <= stamped + shift <= now:
            return stamped + shift
    return now


@njit(cache=True, nogil=True)
def _error(into: Buffers, row: int) -> tuple[int, int, int]:
    """Origin, type and code of a queued error (struct sock_extended_err)."""
    control = into.control
    end = np.int64(into.headers[row, CONTROL_LENGTH]) // 8
    word = 0
    while word + 2 < end:
        size, what = control[row, word], control[row, word + 1]
        if what in {_ERROR_4, _ERROR_6}:
            said = control[row, word + 2] >> 32
            return said & 0xFF, (said >> 8) & 0xFF, (said >> 16) & 0xFF
        if size < 16:  # noqa: PLR2004 - no control message is shorter than its header
            break
        word += (size + 7) // 8
    return 0, 0, 0
