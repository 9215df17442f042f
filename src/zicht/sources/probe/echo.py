"""ICMP echo: requests written and answers judged, one row at a time (RFC 792, RFC 4443).

A request's data: the run's mark (4 bytes), the time at which it was sent (8, ns of the run), its
token (8), then a text that tells whoever looks at the packet who asks and how to be left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.sources.probe.packets import checksum, load, store, summed, summed_number
from zicht.sources.probe.token import echo_fields, mark_of, token
from zicht.sources.probe.verdicts import DAMAGED, ERROR, FOREIGN, FORGED, timed

if TYPE_CHECKING:
    from zicht.sources.probe.packets import Rows, Words
    from zicht.sources.probe.token import Key

STAMP = 20
"""Bytes of mark, time and token, before the text."""
HEADER = 8
_REPLY_4, _REQUEST_4 = 0, 8
_REQUEST_6, _REPLY_6 = 128, 129
_UNREACHABLE, _QUENCH, _EXCEEDED, _PARAMETER = 3, 4, 11, 12  # errors of ICMPv4
_LAST_ERROR_6 = 127
_ICMP_4, _ICMP_6 = 1, 58  # the protocol numbers of IANA
_HEADER_6 = 40
_NONE = np.int64(-1)
_ZERO = np.uint64(0)


def template(key: Key, text: bytes, *, ipv4: bool) -> Rows:
    """uint8[width]: what all requests of a run have in common, the rest zero."""
    kind = _REQUEST_4 if ipv4 else _REQUEST_6
    whole = bytes([kind]) + bytes(7) + mark_of(key).to_bytes(4, "big") + bytes(16) + text
    return np.frombuffer(whole, dtype=np.uint8)


@njit(cache=True, nogil=True)
def write_echo(
    rows: Rows,
    row: int,
    key: Words,
    high: int,
    low: int,
    sent: int,
    fixed: int,
    ipv4: bool,
) -> None:
    """Write what differs from request to request into a row that holds the template.

    Args:
        rows: uint8[n, width].
        row: which.
        key: uint64[2].
        high: the first 64 bits of the address.
        low: its last 64.
        sent: when, ns of the run.
        fixed: the sum of the template (``summed``).
        ipv4: for IPv4; the checksum of IPv6 is left to the kernel.
    """
    fields = echo_fields(key, high, low)
    mine = token(key, high, low, sent)
    store(rows, row, 4, 4, fields)
    store(rows, row, HEADER + 4, 8, sent)
    store(rows, row, HEADER + 12, 8, mine)
    if ipv4:
        total = fixed + summed_number(fields) + summed_number(sent) + summed_number(mine)
        store(rows, row, 2, 2, checksum(total))


@njit(cache=True, nogil=True)
def judge_echo(
    rows: Rows,
    row: int,
    length: int,
    key: Words,
    mark: int,
    high: int,
    low: int,
    received: int,
    timeout: int,
    ipv4: bool,
    ip_header: bool,
) -> tuple[int, int, int, int, int, int]:
    """Judge one message that came; nothing of it is trusted, nothing raises.

    Args:
        rows: uint8[n, width]; what stands beyond the message's length is not looked at.
        row: which.
        length: how many bytes of it are the message.
        key: uint64[2].
        mark: the run's.
        high: the first 64 bits of the sender's address.
        low: its last 64.
        received: when, ns of the run.
        timeout: ns after which an answer is late.
        ipv4: of IPv4, or of IPv6.
        ip_header: whether the IP header stands before the ICMP message.

    Returns:
        The verdict; the address that was probed, two words; the round trip in ns, -1 where it is
        unknown; ICMP type and code.
    """
    at = np.int64(rows[row, 0] & 15) * 4 if ip_header else np.int64(0)
    if length < at + HEADER or at + HEADER > rows.shape[1]:
        return FOREIGN, high, low, _NONE, 0, 0
    kind, code = np.int64(rows[row, at]), np.int64(rows[row, at + 1])
    verdict, since = FOREIGN, _NONE
    if kind == (_REPLY_4 if ipv4 else _REPLY_6):
        body = at + HEADER
        if length >= body + STAMP and load(rows, row, body, 4) == mark:
            sent = load(rows, row, body + 4, 8)
            verdict = FORGED
            if load(rows, row, body + 12, 8) == token(key, high, low, sent):
                verdict, since = timed(received - np.int64(sent), timeout)
    elif _is_error(kind, ipv4):
        verdict, high, low = _judge_error(rows, row, at + HEADER, length, key, mark, ipv4)
    whole = length < rows.shape[1]  # a full row may be cut off
    if ipv4 and verdict != FOREIGN and whole and checksum(summed(rows, row, at, length)) != _ZERO:
        return DAMAGED, high, low, _NONE, kind, code
    return verdict, high, low, since, kind, code


@njit(cache=True, nogil=True)
def judge_quoted_echo(
    rows: Rows, row: int, length: int, key: Words, mark: int, high: int, low: int
) -> int:
    """The verdict on an error that the kernel gives with the request that it quotes.

    The kernel chose the identifier, and knows by it that the error is this socket's.
    """
    if length < HEADER or np.int64(rows[row, 0]) not in {_REQUEST_4, _REQUEST_6}:
        return FOREIGN
    if load(rows, row, 6, 2) != echo_fields(key, high, low) & np.uint64(0xFFFF):
        return FORGED
    if length >= HEADER + STAMP:
        sent = load(rows, row, HEADER + 4, 8)
        if load(rows, row, HEADER, 4) != mark:
            return FORGED
        if load(rows, row, HEADER + 12, 8) != token(key, high, low, sent):
            return FORGED
    return ERROR


@njit(cache=True, nogil=True)
def _is_error(kind: int, ipv4: bool) -> bool:
    if ipv4:
        return kind in {_UNREACHABLE, _QUENCH, _EXCEEDED, _PARAMETER}
    return 0 < kind <= _LAST_ERROR_6


@njit(cache=True, nogil=True)
def _judge_error(
    rows: Rows,
    row: int,
    quoted: int,
    length: int,
    key: Words,
    mark: int,
    ipv4: bool,
) -> tuple[int, int, int]:
    """The verdict on an error whose quoted packet begins there, and whom that went to."""
    if ipv4:
        inner = quoted + np.int64(load(rows, row, quoted, 1) & np.uint64(15)) * 4
        protocol, kind = load(rows, row, quoted + 9, 1), load(rows, row, inner, 1)
        fits = protocol == _ICMP_4 and kind == _REQUEST_4
        high, low = load(rows, row, quoted + 16, 4) << np.uint64(32), _ZERO
    else:
        inner = quoted + _HEADER_6
        protocol, kind = load(rows, row, quoted + 6, 1), load(rows, row, inner, 1)
        fits = protocol == _ICMP_6 and kind == _REQUEST_6
        high, low = load(rows, row, quoted + 24, 8), load(rows, row, quoted + 32, 8)
    if not fits or length < inner + HEADER or rows.shape[1] < inner + HEADER:
        return FOREIGN, _ZERO, _ZERO
    if load(rows, row, inner + 4, 4) == echo_fields(key, high, low):
        return ERROR, high, low
    body = inner + HEADER
    if length >= body + STAMP and load(rows, row, body, 4) == mark:
        return FORGED, high, low
    return FOREIGN, high, low
