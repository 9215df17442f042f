"""Kernels that read dumps of tables: TABLE_DUMP and TABLE_DUMP_V2 (RFC 6396, RFC 8050)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.memory import NO_PEER, SIZE
from zicht.sources.bgp.path_attributes import (
    AS4_SIZE,
    EMPTY_PATH,
    NO_PATH,
    find_path,
    walk_attributes,
)
from zicht.sources.bgp.peering import find_peer
from zicht.sources.bgp.problems import Fault, note
from zicht.sources.bgp.updates import read_family
from zicht.sources.bgp.wire import (
    IPV4,
    IPV4_BITS,
    IPV6,
    IPV6_BITS,
    MULTICAST,
    UNICAST,
    read_address,
    read_path,
    read_prefix,
    u8,
    u16,
    u32,
)

if TYPE_CHECKING:
    from zicht.sources.bgp.memory import Memory

# Subtypes of TABLE_DUMP_V2: RFC 6396, section 4.3; RFC 8050, section 4.
PEER_INDEX_TABLE, RIB_IPV4_UNICAST, RIB_IPV6_MULTICAST, RIB_GENERIC = 1, 2, 5, 6
RIB_IPV4_UNICAST_ADDPATH, RIB_IPV6_MULTICAST_ADDPATH = 8, 11
_TO_ADDPATH = RIB_IPV4_UNICAST_ADDPATH - RIB_IPV4_UNICAST

_ROUTE = int(Kind.ROUTE)
_RECORD, _PEER, _PREFIX = int(Fault.RECORD), int(Fault.PEER), int(Fault.PREFIX)
_PATH = int(Fault.PATH)
_FAMILY, _SUBTYPE = int(Fault.SKIPPED_FAMILY), int(Fault.SKIPPED_SUBTYPE)
_IS_IPV6, _HAS_AS4 = 1, 2  # bits of a peer's type: RFC 6396, section 4.3.1


@njit(nogil=True)
def read_index_table(data: int, begin: int, end: int, memory: Memory) -> None:
    """Read a PEER_INDEX_TABLE (RFC 6396, section 4.3.1) into ``memory.table``.

    Peers behind a damaged place stay unknown, and so do their routes.
    """
    memory.table[:] = NO_PEER
    if end - begin < 8:  # noqa: PLR2004 - the collector's identifier, two lengths
        note(memory, _RECORD, begin)
        return
    at = begin + 6 + u16(data, begin + 4)
    if end - at < 2:  # noqa: PLR2004 - the second length
        note(memory, _RECORD, begin)
        return
    count = u16(data, at)
    at += 2
    for k in range(count):
        if end - at < 5:  # noqa: PLR2004 - a type and an identifier
            note(memory, _RECORD, at)
            return
        kind, identifier = u8(data, at), u32(data, at + 1)
        family = IPV6 if kind & _IS_IPV6 else IPV4
        address_size = 16 if family == IPV6 else 4
        as_size = 4 if kind & _HAS_AS4 else 2
        at += 5
        if address_size + as_size > end - at:
            note(memory, _RECORD, at)
            return
        high, low = read_address(data, at, family)
        at += address_size
        asn = u32(data, at) if as_size == AS4_SIZE else u16(data, at)
        at += as_size
        peer = find_peer(memory, family, high, low, asn, 0, identifier)
        memory.table[k] = peer
        if peer == NO_PEER:
            note(memory, _PEER, at)


@njit(nogil=True)
def read_rib(  # noqa: C901, PLR0912, PLR0915 - one pass, for speed
    data: int, begin: int, end: int, subtype: int, memory: Memory, row: int
) -> int:
    """Read a record of TABLE_DUMP_V2 that holds the routes to one prefix (RFC 6396, 4.3.2-4).

    RIB_GENERIC is read for IPv4 and IPv6. RIB_GENERIC_ADDPATH is passed over: RFC 8050, section
    4.2, puts the path identifier elsewhere than those who write it do. Where an entry runs beyond
    the record, those before it stand.

    Returns:
        the row behind the last.
    """
    at = begin + 4  # a sequence number
    add_path = RIB_IPV4_UNICAST_ADDPATH <= subtype <= RIB_IPV6_MULTICAST_ADDPATH
    if subtype == RIB_GENERIC:
        if end - at < 3:  # noqa: PLR2004 - AFI and SAFI
            note(memory, _RECORD, begin)
            return row
        family, safi = read_family(data, at)
        if family == 0:
            note(memory, _FAMILY, begin)
            return row
        at += 3
    elif RIB_IPV4_UNICAST <= subtype <= RIB_IPV6_MULTICAST or add_path:
        place = subtype - (RIB_IPV4_UNICAST_ADDPATH if add_path else RIB_IPV4_UNICAST)
        family = IPV4 if place < 2 else IPV6  # noqa: PLR2004 - two of each
        safi = MULTICAST if place & 1 else UNICAST
    else:
        note(memory, _SUBTYPE, begin)
        return row
    if end - at < 1:
        note(memory, _RECORD, begin)
        return row
    length = u8(data, at)
    size = (length + 7) >> 3
    if length > (IPV4_BITS if family == IPV4 else IPV6_BITS):
        note(memory, _PREFIX, at)
        return row
    if end - at < size + 3:
        note(memory, _RECORD, begin)
        return row
    high, low = read_prefix(data, at + 1, length, family, memory.status[SIZE])
    at += 1 + size
    count = u16(data, at)
    at += 2

    first = row
    header = 12 if add_path else 8
    path_id = -1
    for _ in range(count):
        if end - at < header:
            note(memory, _RECORD, at)
            break
        attributes = at + header
        attributes_end = attributes + u16(data, attributes - 2)
        if attributes_end > end:
            note(memory, _RECORD, at)
            break
        peer = memory.table[u16(data, at)]
        if add_path:
            path_id = u32(data, at + 6)
        at = attributes_end
        if peer == NO_PEER:
            note(memory, _PEER, attributes - header)
            continue
        origin, path_length = _read_path(data, attributes, attributes_end, memory)
        memory.peer[row] = peer
        memory.path_id[row] = path_id
        memory.origin[row] = memory.peer_asn[peer] if origin == EMPTY_PATH else origin
        memory.path_length[row] = path_length
        memory.attributes_begin[row] = attributes
        memory.attributes_end[row] = attributes_end
        row += 1
    for k in range(first, row):
        memory.kind[k] = _ROUTE
        memory.state[k] = 0
        memory.family[k] = family
        memory.safi[k] = safi
        memory.prefix_high[k] = high
        memory.prefix_low[k] = low
        memory.length[k] = length
    return row


@njit(nogil=True)
def read_old_table(data: int, begin: int, end: int, family: int, memory: Memory, row: int) -> int:
    """Read a record of TABLE_DUMP, which holds one route (RFC 6396, section 4.2).

    Returns:
        the row behind the last.
    """
    address_size = 4 if family == IPV4 else 16
    # view and sequence number; prefix, length, status, time, peer, its AS; length of attributes
    attributes = begin + 4 + address_size + 6 + address_size + 4
    if attributes > end:
        note(memory, _RECORD, begin)
        return row
    attributes_end = attributes + u16(data, attributes - 2)
    if attributes_end > end:
        note(memory, _RECORD, begin)
        return row
    length = u8(data, begin + 4 + address_size)
    if length > (IPV4_BITS if family == IPV4 else IPV6_BITS):
        note(memory, _PREFIX, begin + 4)
        return row
    asn = u16(data, attributes - 4)
    peer_high, peer_low = read_address(data, attributes - 4 - address_size, family)
    peer = find_peer(memory, family, peer_high, peer_low, asn, 0, -1)
    if peer == NO_PEER:
        note(memory, _PEER, begin)
        return row
    high, low = read_prefix(data, begin + 4, length, family, memory.status[SIZE])
    memory.kind[row] = _ROUTE
    memory.state[row] = 0
    memory.family[row] = family
    memory.safi[row] = UNICAST
    memory.prefix_high[row] = high
    memory.prefix_low[row] = low
    memory.length[row] = length
    memory.path_id[row] = -1
    _, origin, path_length, _, _, _, _ = walk_attributes(
        data, attributes, attributes_end, 2, memory
    )
    if origin == NO_PATH:
        origin = 0
    memory.peer[row] = peer
    memory.origin[row] = asn if origin == EMPTY_PATH else origin
    memory.path_length[row] = path_length
    memory.attributes_begin[row] = attributes
    memory.attributes_end[row] = attributes_end
    return row + 1


@njit(nogil=True)
def _read_path(data: int, begin: int, end: int, memory: Memory) -> tuple[int, int]:
    """Read origin and length of the path among attributes whose AS numbers have four bytes.

    A route is there even where its attributes are damaged: the table says so, and the prefix
    stands outside of them. Its origin is then unknown, as with the collector's own routes, which
    may have no path.
    """
    path, path_end = find_path(data, begin, end, memory)
    if not path:
        return 0, 0
    origin, length, sound = read_path(data, path, path_end, AS4_SIZE)
    if not sound:
        note(memory, _PATH, path)
    return origin, length
