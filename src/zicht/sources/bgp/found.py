"""Kernels that find the path attributes of one element, and what they say, to be written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.sources.bgp.attributes import (
    AGGREGATOR,
    AS4_AGGREGATOR,
    AS4_PATH,
    AS_PATH,
    MP_REACH_NLRI,
    NEXT_HOP,
)
from zicht.sources.bgp.path_attributes import AS_TRANS, EXTENDED_LENGTH
from zicht.sources.bgp.wire import (
    AS_CONFED_SEQUENCE,
    AS_CONFED_SET,
    AS_SEQUENCE,
    AS_SET,
    IPV4,
    IPV6,
    read_address,
    u8,
    u16,
    u32,
)
from zicht.sources.bgp.writing import SPACE, put, write_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = 33
"""Types of attributes that are looked for: up to LARGE_COMMUNITIES."""

_AS4, _AS2 = 4, 2
_OPEN = np.array([0, ord("{"), 0, ord("("), ord("[")], np.uint8)
_CLOSE = np.array([0, ord("}"), 0, ord(")"), ord("]")], np.uint8)
_COMMA = ord(",")
_IPV4_SIZE, _IPV6_SIZE = 4, 16


@njit(nogil=True)
def find_attributes(data: int, begin: int, end: int, found: NDArray[np.int64]) -> None:
    """Find path attributes (RFC 4271, section 4.3).

    One that occurs twice counts once (RFC 7606, section 3, g), and what lies behind one that runs
    beyond the end is not there.

    Args:
        data: the bytes.
        begin: where the attributes begin in them.
        end: where they end.
        found: int64[2 * KINDS], filled with begin and end of each type's value; both are 0 where
            there is none.
    """
    found[:] = 0
    at = begin
    while end - at >= 3:  # noqa: PLR2004 - flags, type, length
        extended = u8(data, at) & EXTENDED_LENGTH
        kind, size = u8(data, at + 1), u8(data, at + 2)
        at += 3
        if extended:
            if at == end:
                return
            size = (size << 8) | u8(data, at)
            at += 1
        if size > end - at:
            return
        if kind < KINDS and found[2 * kind] == 0:
            found[2 * kind] = at
            found[2 * kind + 1] = at + size
        at += size


@njit(nogil=True)
def number_of(data: int, found: NDArray[np.int64], kind: int) -> int:
    """Read an attribute of 32 bits; -1 where it is absent or malformed."""
    begin = found[2 * kind]
    if found[2 * kind + 1] - begin != 4:  # noqa: PLR2004 - bytes
        return -1
    return u32(data, begin)


@njit(nogil=True)
def origin_of(data: int, found: NDArray[np.int64]) -> int:
    """Read ORIGIN; -1 where it is absent or malformed."""
    if found[3] - found[2] != 1 or u8(data, found[2]) > 2:  # noqa: PLR2004 - INCOMPLETE
        return -1
    return u8(data, found[2])


@njit(nogil=True)
def next_hop_of(
    data: int,
    found: NDArray[np.int64],
    from_reach: bool,  # noqa: FBT001 - Numba binds no keyword-only arguments
) -> tuple[int, np.uint64, np.uint64]:
    """Read where the route leads: the family of the address, and it as two words; else zeros.

    Args:
        data: the bytes.
        found: what ``find_attributes`` found.
        from_reach: whether MP_REACH_NLRI says so (RFC 4760, section 3; in tables it may be
            abbreviated: RFC 6396, section 4.3.4). Of two addresses it is the first, which is the
            global one (RFC 2545, section 3). Else NEXT_HOP does.
    """
    if from_reach:
        at, end = found[2 * MP_REACH_NLRI], found[2 * MP_REACH_NLRI + 1]
        if end - at > 3 and u8(data, at) == 0:  # noqa: PLR2004 - AFI and SAFI, which are absent else
            at += 3
        if end - at >= 1:
            size = u8(data, at)
            if size <= end - at - 1:
                if size == _IPV4_SIZE:
                    high, low = read_address(data, at + 1, IPV4)
                    return IPV4, high, low
                if size in (_IPV6_SIZE, 2 * _IPV6_SIZE):
                    high, low = read_address(data, at + 1, IPV6)
                    return IPV6, high, low
    elif found[2 * NEXT_HOP + 1] - found[2 * NEXT_HOP] == _IPV4_SIZE:
        high, low = read_address(data, found[2 * NEXT_HOP], IPV4)
        return IPV4, high, low
    return 0, np.uint64(0), np.uint64(0)


@njit(nogil=True)
def aggregator_of(
    data: int,
    found: NDArray[np.int64],
    as4: bool,  # noqa: FBT001 - as above
) -> tuple[int, int]:
    """Read who aggregated: AS and router; -1 and 0 where nobody says so (RFC 6793, 4.2.3)."""
    size = _AS4 if as4 else _AS2
    begin = found[2 * AGGREGATOR]
    if found[2 * AGGREGATOR + 1] - begin != size + _IPV4_SIZE:
        return -1, 0
    asn = u32(data, begin) if as4 else u16(data, begin)
    router = u32(data, begin + size)
    if not as4 and asn == AS_TRANS:
        other = found[2 * AS4_AGGREGATOR]
        if found[2 * AS4_AGGREGATOR + 1] - other == _AS4 + _IPV4_SIZE:
            return u32(data, other), u32(data, other + _AS4)
    return asn, router


@njit(nogil=True)
def write_path(
    data: int,
    found: NDArray[np.int64],
    as4: bool,  # noqa: FBT001 - as above
    out: int,
    at: int,
) -> int:
    """Write the AS path; -1 where it is malformed, ``at`` where there is none.

    Sequences are ``1 2``, sets ``{1,2}``, those of a confederation ``(1 2)`` and ``[1,2]`` (RFC
    5065). Where AS numbers have two bytes, AS4_PATH replaces the path's end (RFC 6793, section
    4.2.3); there its segments of confederations do not count, and neither does all of it where it
    is malformed (section 6).
    """
    begin, end = found[2 * AS_PATH], found[2 * AS_PATH + 1]
    size = _AS4 if as4 else _AS2
    length = _path_length(data, begin, end, size)
    if length < 0:
        return -1
    tail, tail_end = found[2 * AS4_PATH], found[2 * AS4_PATH + 1]
    if as4 or tail == 0 or _is_as4_void(data, found):
        return _write_segments(data, begin, end, size, out, at, length + 1)
    tail_length = _path_length(data, tail, tail_end, _AS4)
    if tail_length <= 0 or tail_length > length:
        return _write_segments(data, begin, end, size, out, at, length + 1)
    behind = _write_segments(data, begin, end, size, out, at, length - tail_length)
    if behind > at:
        behind = put(out, behind, SPACE)
    return _write_segments(data, tail, tail_end, _AS4, out, behind, -1)


@njit(nogil=True)
def _is_as4_void(data: int, found: NDArray[np.int64]) -> bool:
    """Whether AS4_PATH is to be left alone: AGGREGATOR is newer than AS4_AGGREGATOR."""
    begin, end = found[2 * AGGREGATOR], found[2 * AGGREGATOR + 1]
    if found[2 * AS4_AGGREGATOR] == 0 or end - begin < _AS2:
        return False
    return u16(data, begin) != AS_TRANS


@njit(nogil=True)
def _path_length(data: int, begin: int, end: int, size: int) -> int:
    """The length of a path as BGP counts it; -1 where its segments do not fit."""
    length, at = 0, begin
    while at < end:
        if end - at < 2:  # noqa: PLR2004 - a kind and a count
            return -1
        kind, count = u8(data, at), u8(data, at + 1)
        at += 2 + count * size
        if at > end or kind < AS_SET or kind > AS_CONFED_SET:
            return -1
        if kind == AS_SEQUENCE:
            length += count
        elif kind == AS_SET:
            length += 1
    return length


@njit(nogil=True)
def _write_segments(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    data: int,
    begin: int,
    end: int,
    size: int,
    out: int,
    at: int,
    most: int,
) -> int:
    """Write segments until ``most`` of the path's length is used up; confederations use none.

    With -1 all are written but those of confederations.
    """
    first, place = at, begin
    plain = most < 0
    while place < end:
        kind, count = u8(data, place), u8(data, place + 1)
        place += 2
        kept = count
        confederation = kind >= AS_CONFED_SEQUENCE
        if not confederation and not plain:
            if most == 0:
                break
            kept = min(count, most) if kind == AS_SEQUENCE else count
            most -= kept if kind == AS_SEQUENCE else 1
        if not (confederation and plain) and (kept or kind != AS_SEQUENCE):
            if at > first:
                at = put(out, at, SPACE)
            at = _write_segment(data, place, kind, kept, size, out, at)
        place += count * size
    return at


@njit(nogil=True)
def _write_segment(  # noqa: PLR0917 - as above
    data: int,
    place: int,
    kind: int,
    count: int,
    size: int,
    out: int,
    at: int,
) -> int:
    if kind != AS_SEQUENCE:
        at = put(out, at, _OPEN[kind])
    between = _COMMA if kind in (AS_SET, AS_CONFED_SET) else SPACE
    for k in range(count):
        if k:
            at = put(out, at, between)
        at = write_number(
            out, at, u32(data, place + k * size) if size == _AS4 else u16(data, place + k * size)
        )
    if kind != AS_SEQUENCE:
        at = put(out, at, _CLOSE[kind])
    return at
