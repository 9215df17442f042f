"""ICMP on the wire: echo requests written, replies and errors read, many at once.

Messages are rows of bytes, uint8[n, width]. ICMP for IPv4 is RFC 792, for IPv6 RFC 4443; there the
kernel writes and checks the checksum, which covers addresses too (RFC 3542, section 3.1).
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.uint8]
    Words = NDArray[np.uint64]

ICMP_HEADER = 8
_ECHO_REPLY_4, _ECHO_REQUEST_4 = 0, 8
_ECHO_REQUEST_6, _ECHO_REPLY_6 = 128, 129
_ERRORS_4 = (3, 4, 11, 12)  # unreachable, source quench, time exceeded, parameter problem
_LAST_ERROR_6 = 127
_ICMP_4, _ICMP_6 = 1, 58  # the protocol numbers of IANA
_HEADER_6 = 40


class Kind(IntEnum):
    """What a message is to a prober."""

    OTHER = 0
    REPLY = 1
    ERROR = 2


class Read(NamedTuple):
    """What messages say, one entry each.

    Attributes:
        kind: uint8[n], a ``Kind``.
        icmp_type: uint8[n].
        icmp_code: uint8[n].
        identifier: uint64[n]: of the reply, or of the request that an error quotes.
        sequence: uint64[n]: likewise.
        body: int64[n]: where in its row the echoed, or quoted, data begin.
        high: uint64[n]: of errors, the address that the quoted request went to: its first 64 bits,
            an IPv4 address left-aligned; else 0.
        low: uint64[n]: its last 64 bits; 0 for IPv4.
    """

    kind: Rows
    icmp_type: Rows
    icmp_code: Rows
    identifier: Words
    sequence: Words
    body: NDArray[np.int64]
    high: Words
    low: Words


def checksum(rows: Rows, begin: NDArray[np.int64], end: NDArray[np.int64]) -> Words:
    """uint64[n]: the Internet checksum of each row from ``begin`` up to ``end`` (RFC 1071).

    ``begin`` is even. Of data that hold their own right checksum it is 0.
    """
    column = np.arange(rows.shape[1])
    inside = (column >= begin[:, None]) & (column < end[:, None])
    taken = np.where(inside, rows, np.uint8(0)).astype(np.uint64)
    total = (taken[:, ::2].sum(axis=1) << np.uint64(8)) + taken[:, 1::2].sum(axis=1)
    for _ in range(2):  # fold the carries back in
        total = (total & np.uint64(0xFFFF)) + (total >> np.uint64(16))
    result: Words = ~total & np.uint64(0xFFFF)
    return result


def echo_requests(identifier: Words, sequence: Words, data: Rows, *, ipv4: bool) -> Rows:
    """Echo requests with these data; the checksum of IPv6 is left to the kernel.

    Args:
        identifier: uint64[n], 16 bits each.
        sequence: uint64[n], 16 bits each.
        data: uint8[n, width].
        ipv4: for IPv4, or for IPv6.
    """
    rows = np.zeros((len(data), ICMP_HEADER + data.shape[1]), dtype=np.uint8)
    rows[:, 0] = _ECHO_REQUEST_4 if ipv4 else _ECHO_REQUEST_6
    rows[:, 4:6] = big_endian(identifier, 2)
    rows[:, 6:8] = big_endian(sequence, 2)
    rows[:, ICMP_HEADER:] = data
    if ipv4:
        whole = np.full(len(rows), rows.shape[1])
        rows[:, 2:4] = big_endian(checksum(rows, np.zeros_like(whole), whole), 2)
    return rows


def read(rows: Rows, lengths: NDArray[np.int64], *, ipv4: bool, ip_header: bool) -> Read:
    """Read messages as sockets give them; nothing is trusted, nothing raises.

    A message too short for what it claims to be is ``OTHER``. That includes an error that quotes
    less than RFC 792 asks for, or something other than an echo request.

    Args:
        rows: uint8[n, width]; what stands beyond a message's length is not looked at.
        lengths: how many bytes of each row are the message.
        ipv4: of IPv4, or of IPv6.
        ip_header: whether the IP header stands before the ICMP message.
    """
    at = _header_4(rows, np.zeros(len(rows), np.int64)) if ip_header else np.zeros(len(rows), int)
    icmp_type, icmp_code = byte(rows, at), byte(rows, at + 1)
    whole = lengths >= at + ICMP_HEADER
    is_reply = whole & (icmp_type == (_ECHO_REPLY_4 if ipv4 else _ECHO_REPLY_6))
    is_error = whole & (
        np.isin(icmp_type, _ERRORS_4) if ipv4 else (icmp_type > 0) & (icmp_type <= _LAST_ERROR_6)
    )
    quoted = at + ICMP_HEADER
    if ipv4:
        inner = quoted + _header_4(rows, quoted)
        fits = (byte(rows, quoted + 9) == _ICMP_4) & (byte(rows, inner) == _ECHO_REQUEST_4)
        high, low = big_number(rows, quoted + 16, 4) << np.uint64(32), np.zeros(len(rows), "u8")
    else:
        inner = quoted + _HEADER_6
        fits = (byte(rows, quoted + 6) == _ICMP_6) & (byte(rows, inner) == _ECHO_REQUEST_6)
        high, low = big_number(rows, quoted + 24, 8), big_number(rows, quoted + 32, 8)
    is_error &= fits & (lengths >= inner + ICMP_HEADER)
    inner = np.where(is_error, inner, at)
    kind = np.where(is_error, Kind.ERROR, np.where(is_reply, Kind.REPLY, Kind.OTHER))
    return Read(
        kind=kind.astype(np.uint8),
        icmp_type=icmp_type,
        icmp_code=icmp_code,
        identifier=big_number(rows, inner + 4, 2),
        sequence=big_number(rows, inner + 6, 2),
        body=inner + ICMP_HEADER,
        high=np.where(is_error, high, np.uint64(0)),
        low=np.where(is_error, low, np.uint64(0)),
    )


def checksums_hold(rows: Rows, lengths: NDArray[np.int64], *, ip_header: bool) -> NDArray[np.bool_]:
    """bool[n]: whether the checksums of ICMPv4 messages are right, where they came whole.

    One that fills its row may have been cut off there, which cannot be checked and passes.
    """
    begin = (
        _header_4(rows, np.zeros(len(rows), np.int64)) if ip_header else np.zeros(len(rows), int)
    )
    hold: NDArray[np.bool_] = (checksum(rows, begin, lengths) == 0) | (lengths >= rows.shape[1])
    return hold


def big_endian(values: Words, width: int) -> Rows:
    """uint8[n, width]: the last ``width`` bytes of each value, in network order."""
    return values.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 8 - width :]


def big_number(rows: Rows, at: NDArray[np.int64], width: int) -> Words:
    """uint64[n]: the number of ``width`` bytes in network order at a place of each row."""
    number = np.zeros(len(rows), dtype=np.uint64)
    for place in range(width):
        number = (number << np.uint64(8)) | byte(rows, at + place)
    return number


def byte(rows: Rows, at: NDArray[np.int64]) -> Rows:
    """uint8[n]: the byte at a place of each row; beyond the row the last one there is."""
    found: Rows = rows[np.arange(len(rows)), np.minimum(at, rows.shape[1] - 1)]
    return found


def _header_4(rows: Rows, at: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64[n]: the length of the IPv4 header there (RFC 791, IHL)."""
    return (byte(rows, at) & np.uint8(0x0F)).astype(np.int64) * 4
