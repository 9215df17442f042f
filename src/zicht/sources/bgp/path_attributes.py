"""The kernel that walks over the path attributes of a route."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

from zicht.sources.bgp.problems import Fault, note
from zicht.sources.bgp.wire import read_path, u8, u16, u32

if TYPE_CHECKING:
    from zicht.sources.bgp.memory import Memory

# Types of path attributes: RFC 4271, 4760, 6793.
AS_PATH, AGGREGATOR, MP_REACH, MP_UNREACH, AS4_PATH, AS4_AGGREGATOR = 2, 7, 14, 15, 17, 18
AS_TRANS = 23456
EXTENDED_LENGTH = 0x10
AS4_SIZE = 4
EMPTY_PATH, NO_PATH = -1, -2  # in the place of an origin

_ATTRIBUTE, _PATH, _REPEATED = int(Fault.ATTRIBUTE), int(Fault.PATH), int(Fault.REPEATED)


@njit(nogil=True)
def read_header(data: int, at: int, end: int) -> tuple[int, int, int]:
    """Read the header of a path attribute: its type, where its value begins, and where that ends.

    ``at`` and ``end`` lie within ``data``, ``at`` before ``end``. An attribute that runs beyond
    ``end`` ends behind it.
    """
    if end - at >= 4:  # noqa: PLR2004 - flags, type, and one byte of length or two
        word = u32(data, at)
        if word & EXTENDED_LENGTH << 24:
            return (word >> 16) & 0xFF, at + 4, at + 4 + (word & 0xFFFF)
        return (word >> 16) & 0xFF, at + 3, at + 3 + ((word >> 8) & 0xFF)
    if end - at < 3 or u8(data, at) & EXTENDED_LENGTH:  # noqa: PLR2004 - too short
        return 0, at, end + 1
    return u8(data, at + 1), at + 3, at + 3 + u8(data, at + 2)


@njit(nogil=True)
def find_path(data: int, begin: int, end: int, memory: Memory) -> tuple[int, int]:
    """Find the AS path among path attributes, which lie within ``data``.

    Returns:
        begin and end of its value, both 0 where there is none or the attributes are damaged.
    """
    path_begin = path_end = 0
    at = begin
    while at < end:
        kind, value, after = read_header(data, at, end)
        if after > end:
            note(memory, _ATTRIBUTE, at)
            return 0, 0
        if kind == AS_PATH:
            if path_begin:
                note(memory, _REPEATED, at)
            else:
                path_begin, path_end = value, after
        at = after
    return path_begin, path_end


@njit(nogil=True)
def walk_attributes(  # noqa: C901, PLR0912 - one pass, for speed
    data: int, begin: int, end: int, as_size: int, memory: Memory
) -> tuple[bool, int, int, int, int, int, int]:
    """Walk over path attributes (RFC 4271, section 4.3), which lie within ``data``.

    An attribute that occurs twice counts once (RFC 7606, section 3, g). Of a session whose AS
    numbers have two bytes, the path's end is that of AS4_PATH where RFC 6793, section 4.2.3, says
    so; its length stays that of AS_PATH. Elsewhere AS4_PATH is not looked at.

    Returns:
        whether all attributes lie within the field; the origin (0 unknown, ``EMPTY_PATH`` and
        ``NO_PATH`` where it is so) and the path's length; begin and end of MP_REACH_NLRI and of
        MP_UNREACH_NLRI (0 and 0 where there are none).
    """
    path_begin = path_end = as4_begin = as4_end = 0
    reach_begin = reach_end = unreach_begin = unreach_end = 0
    aggregator, as4_aggregator = -1, False
    at = begin
    while at < end:
        kind, value, after = read_header(data, at, end)
        if after > end:
            note(memory, _ATTRIBUTE, at)
            return False, 0, 0, 0, 0, 0, 0
        if kind == AS_PATH:
            if path_begin:
                note(memory, _REPEATED, at)
            else:
                path_begin, path_end = value, after
        elif kind == MP_REACH:
            if reach_begin:
                note(memory, _REPEATED, at)
            else:
                reach_begin, reach_end = value, after
        elif kind == MP_UNREACH:
            if unreach_begin:
                note(memory, _REPEATED, at)
            else:
                unreach_begin, unreach_end = value, after
        elif as_size != AS4_SIZE:
            if kind == AS4_PATH and not as4_begin:
                as4_begin, as4_end = value, after
            elif kind == AGGREGATOR and after - value >= 2:  # noqa: PLR2004 - the AS
                aggregator = u16(data, value)
            elif kind == AS4_AGGREGATOR:
                as4_aggregator = True
        at = after
    if not path_begin:
        return True, NO_PATH, 0, reach_begin, reach_end, unreach_begin, unreach_end
    origin, length, sound = read_path(data, path_begin, path_end, as_size)
    if not sound:
        note(memory, _PATH, path_begin)
    if as4_begin and not (as4_aggregator and aggregator not in (-1, AS_TRANS)):
        as4_origin, as4_length, as4_sound = read_path(data, as4_begin, as4_end, AS4_SIZE)
        if not as4_sound:
            note(memory, _PATH, as4_begin)
        elif 0 < as4_length <= length:
            origin = as4_origin
    return True, origin, length, reach_begin, reach_end, unreach_begin, unreach_end
