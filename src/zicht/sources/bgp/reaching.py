"""The kernel that tells which field of an UPDATE announced a prefix, and so where it leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

from zicht.sources.bgp.attributes import MP_REACH_NLRI
from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.path_attributes import EXTENDED_LENGTH
from zicht.sources.bgp.records import (
    BGP,
    BGP4MP_ET,
    HEADER_SIZE,
    MESSAGE_ADDPATH,
    MESSAGE_AS4,
    MESSAGE_AS4_ADDPATH,
    MESSAGE_AS4_LOCAL,
    MESSAGE_AS4_LOCAL_ADDPATH,
)
from zicht.sources.bgp.updates import AFI_IPV4
from zicht.sources.bgp.wire import u8, u16, u32

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ALL = 1 << 30
"""More prefixes than a record can hold."""

_ANNOUNCE = int(Kind.ANNOUNCE)
_MARKER_SIZE = 16


@njit(nogil=True)
def own_prefixes(
    data: int,
    record: NDArray[np.int64],
    kind: NDArray[np.uint8],
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
    row: int,
) -> tuple[int, int]:
    """Count the announced IPv4 prefixes of a record that stand in the message's own field.

    IPv4 prefixes may stand there or in MP_REACH_NLRI (RFC 4760), where another next hop is; in rows
    those of the message's own field come first. IPv6 prefixes are always in MP_REACH_NLRI.

    Returns:
        how many there are (as good as all where MP_REACH_NLRI has none), and how many announced
        rows of the record come before ``row``.
    """
    before = 0
    while (
        before < row
        and record[row - before - 1] == record[row]
        and kind[row - before - 1] == _ANNOUNCE
    ):
        before += 1
    if not _reaches_ipv4(data, begin[row], end[row]):
        return ALL, before
    return _own_prefixes(data, record[row], end[row]), before


@njit(nogil=True)
def _reaches_ipv4(data: int, begin: int, end: int) -> bool:
    at = begin
    while end - at >= 5:  # noqa: PLR2004 - flags, type, length, AFI
        kind, size = u8(data, at + 1), u8(data, at + 2)
        value = at + 3
        if u8(data, at) & EXTENDED_LENGTH:
            size = (size << 8) | u8(data, value)
            value += 1
        if kind == MP_REACH_NLRI:
            return size >= 2 and value + 2 <= end and u16(data, value) == AFI_IPV4  # noqa: PLR2004
        at = value + size
    return False


@njit(nogil=True)
def _own_prefixes(data: int, record: int, attributes_end: int) -> int:
    """How many prefixes stand in the message's own field, behind its attributes."""
    subtype = u16(data, record + 6)
    end = record + HEADER_SIZE + u32(data, record + 8)
    add_path = False
    if u16(data, record + 4) != BGP:
        at = record + HEADER_SIZE + (4 if u16(data, record + 4) == BGP4MP_ET else 0)
        as4 = subtype in (
            MESSAGE_AS4,
            MESSAGE_AS4_LOCAL,
            MESSAGE_AS4_ADDPATH,
            MESSAGE_AS4_LOCAL_ADDPATH,
        )
        add_path = subtype >= MESSAGE_ADDPATH
        at += (8 if as4 else 4) + 2
        at += 2 + (8 if u16(data, at) == AFI_IPV4 else 32)
        end = min(end, at + u16(data, at + _MARKER_SIZE))
    count, at = 0, attributes_end
    while at < end:
        at += 4 if add_path else 0
        if at >= end:
            break
        at += 1 + ((u8(data, at) + 7) >> 3)
        count += 1
    return count
