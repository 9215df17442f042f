"""The kernel that reads UPDATE messages of BGP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.path_attributes import EMPTY_PATH, NO_PATH, walk_attributes
from zicht.sources.bgp.problems import Fault, note
from zicht.sources.bgp.wire import IPV4, IPV6, MULTICAST, UNICAST, read_prefixes, u8, u16

if TYPE_CHECKING:
    from zicht.sources.bgp.memory import Memory

AFI_IPV4, AFI_IPV6 = 1, 2
_AFI_AND_SAFI = 3  # bytes
_ANNOUNCE, _WITHDRAW, _END_OF_RIB = int(Kind.ANNOUNCE), int(Kind.WITHDRAW), int(Kind.END_OF_RIB)
_UPDATE, _PREFIX, _ATTRIBUTE = int(Fault.UPDATE), int(Fault.PREFIX), int(Fault.ATTRIBUTE)
_PATHLESS, _FAMILY = int(Fault.PATHLESS), int(Fault.SKIPPED_FAMILY)
_DAMAGED = -1


@njit(nogil=True)
def fill_routes(  # noqa: PLR0913, PLR0917 - Numba binds no keyword-only arguments
    memory: Memory,
    begin: int,
    end: int,
    kind: int,
    family: int,
    safi: int,
    origin: int,
    path_length: int,
    attributes_begin: int,
    attributes_end: int,
) -> None:
    """Fill what the rows of one field of prefixes have in common."""
    for row in range(begin, end):
        memory.kind[row] = kind
        memory.state[row] = 0
        memory.family[row] = family
        memory.safi[row] = safi
        memory.origin[row] = origin
        memory.path_length[row] = path_length
        memory.attributes_begin[row] = attributes_begin
        memory.attributes_end[row] = attributes_end


@njit(nogil=True)
def fill_no_prefix(memory: Memory, row: int) -> None:
    """Fill the columns of a row that has no prefix."""
    memory.prefix_high[row] = 0
    memory.prefix_low[row] = 0
    memory.length[row] = 0
    memory.path_id[row] = -1


@njit(nogil=True)
def read_family(data: int, at: int) -> tuple[int, int]:
    """Read an AFI and a SAFI of three bytes within ``data``; 0 and 0 where it is not ours.

    Ours are IPv4 and IPv6, unicast and multicast (RFC 4760, section 6).
    """
    afi, safi = u16(data, at), u8(data, at + 2)
    if afi < AFI_IPV4 or afi > AFI_IPV6 or safi < UNICAST or safi > MULTICAST:
        return 0, 0
    return IPV4 if afi == AFI_IPV4 else IPV6, safi


@njit(nogil=True)
def read_update(  # noqa: C901, PLR0911, PLR0912, PLR0915, PLR0917 - one pass, for speed
    data: int,
    begin: int,
    end: int,
    as_size: int,
    add_path: bool,  # noqa: FBT001 - Numba binds no keyword-only arguments
    peer_asn: int,
    memory: Memory,
    row: int,
) -> int:
    """Read an UPDATE (RFC 4271, section 4.3) that begins behind its header, into rows.

    First come withdrawals (IPv4, then MP_UNREACH_NLRI), then announcements (IPv4, then
    MP_REACH_NLRI), so that a prefix in both is announced at the end, as section 4.3 wants it.

    What is damaged: RFC 7606 would have a router take the routes as withdrawn. An observer who did
    so would see an outage in every damaged archive, so nothing is made up: where a field's frame is
    broken (lengths that do not fit, a damaged prefix) none of the message's elements are given;
    where the frame holds and only the path is malformed or absent, the routes are, with an unknown
    origin and a path length of 0.

    Returns:
        the row behind the last.
    """
    if end - begin < 4:  # noqa: PLR2004 - two lengths
        note(memory, _UPDATE, begin)
        return row
    withdrawn = begin + 2
    withdrawn_end = withdrawn + u16(data, begin)
    if end - withdrawn_end < 2:  # noqa: PLR2004 - the second length
        note(memory, _UPDATE, begin)
        return row
    attributes = withdrawn_end + 2
    attributes_end = attributes + u16(data, withdrawn_end)
    if attributes_end > end:
        note(memory, _UPDATE, withdrawn_end)
        return row
    sound, origin, path_length, reach, reach_end, unreach, unreach_end = walk_attributes(
        data, attributes, attributes_end, as_size, memory
    )
    if not sound:
        return row

    first = row
    row = read_prefixes(data, withdrawn, withdrawn_end, IPV4, add_path, memory, row)
    if row < 0:
        note(memory, _PREFIX, -1 - row)
        return first
    fill_routes(memory, first, row, _WITHDRAW, IPV4, UNICAST, 0, 0, attributes, attributes)
    if unreach:
        if unreach_end - unreach < _AFI_AND_SAFI:
            note(memory, _ATTRIBUTE, unreach)
            return first
        family, safi = read_family(data, unreach)
        if family:
            begin = row
            nlri = unreach + _AFI_AND_SAFI
            row = read_prefixes(data, nlri, unreach_end, family, add_path, memory, row)
            if row < 0:
                note(memory, _PREFIX, -1 - row)
                return first
            kind = _WITHDRAW
            if nlri == unreach_end and row == first and not reach and attributes_end == end:
                kind = _END_OF_RIB
                fill_no_prefix(memory, row)
                row += 1
            fill_routes(memory, begin, row, kind, family, safi, 0, 0, attributes, attributes)
        else:
            note(memory, _FAMILY, unreach)
    elif withdrawn == withdrawn_end and attributes == end:
        fill_no_prefix(memory, row)
        fill_routes(memory, row, row + 1, _END_OF_RIB, IPV4, UNICAST, 0, 0, attributes, attributes)
        return row + 1

    if reach or attributes_end < end:
        if origin == NO_PATH:
            note(memory, _PATHLESS, attributes)
            origin = 0
        elif origin == EMPTY_PATH:
            origin = peer_asn
    if attributes_end < end:
        begin = row
        row = read_prefixes(data, attributes_end, end, IPV4, add_path, memory, row)
        if row < 0:
            note(memory, _PREFIX, -1 - row)
            return first
        fill_routes(
            memory,
            begin,
            row,
            _ANNOUNCE,
            IPV4,
            UNICAST,
            origin,
            path_length,
            attributes,
            attributes_end,
        )
    if reach:
        begin = row
        row = _read_reach(data, reach, reach_end, add_path, memory, row)
        if row < 0:
            return first
        if row > begin:
            family, safi = read_family(data, reach)
            fill_routes(
                memory,
                begin,
                row,
                _ANNOUNCE,
                family,
                safi,
                origin,
                path_length,
                attributes,
                attributes_end,
            )
    return row


@njit(nogil=True)
def _read_reach(
    data: int,
    begin: int,
    end: int,
    add_path: bool,  # noqa: FBT001 - as above
    memory: Memory,
    row: int,
) -> int:
    """Read the prefixes of an MP_REACH_NLRI (RFC 4760, section 3); -1 where it is damaged."""
    nlri = begin + _AFI_AND_SAFI + 2  # a length of the next hop, and a reserved byte
    if end < nlri or end < nlri + u8(data, begin + _AFI_AND_SAFI):
        note(memory, _ATTRIBUTE, begin)
        return _DAMAGED
    nlri += u8(data, begin + _AFI_AND_SAFI)
    family, _ = read_family(data, begin)
    if not family:
        note(memory, _FAMILY, begin)
        return row
    row = read_prefixes(data, nlri, end, family, add_path, memory, row)
    if row < 0:
        note(memory, _PREFIX, -1 - row)
        return _DAMAGED
    return row
