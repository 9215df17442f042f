"""The kernel that reads MRT records, one after another (RFC 6396)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.memory import (
    BATCH,
    FAULTS,
    FULL,
    LAST_TIME,
    LOST,
    NO_PEER,
    ROWS,
    SIZE,
    STRICT,
)
from zicht.sources.bgp.path_attributes import AS4_SIZE
from zicht.sources.bgp.peering import find_peer
from zicht.sources.bgp.problems import Fault, note
from zicht.sources.bgp.tables import PEER_INDEX_TABLE, read_index_table, read_old_table, read_rib
from zicht.sources.bgp.updates import AFI_IPV4, AFI_IPV6, fill_no_prefix, read_update
from zicht.sources.bgp.wire import IPV4, IPV6, read_address, u8, u16, u32

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from zicht.sources.bgp.memory import Memory

HEADER_SIZE = 12
LONGEST_RECORD = 1 << 24
"""Bytes that a record may claim. The longest real ones are the routes of all peers to one prefix:
4,096 of them fill this with attributes of 4,096 bytes each, the longest of an ordinary message."""

# Types of MRT: RFC 6396, section 4 and appendix B.2.
BGP, TABLE_DUMP, TABLE_DUMP_V2, BGP4MP, BGP4MP_ET = 5, 12, 13, 16, 17
ASSIGNED = 64  # no type from here on: the registry ends at 49
_MICROSECONDS = 1_000_000
_DAY = 86_400
_MOST_SUBTYPE = 12

# Subtypes of BGP4MP: RFC 6396, section 4.4; RFC 8050, section 3.
STATE_CHANGE, MESSAGE, MESSAGE_AS4, STATE_CHANGE_AS4 = 0, 1, 4, 5
MESSAGE_LOCAL, MESSAGE_AS4_LOCAL = 6, 7
MESSAGE_ADDPATH, MESSAGE_AS4_ADDPATH, MESSAGE_LOCAL_ADDPATH, MESSAGE_AS4_LOCAL_ADDPATH = (
    8,
    9,
    10,
    11,
)
# Subtypes of BGP: RFC 6396, appendix B.2.1.
BGP_UPDATE, BGP_STATE_CHANGE, BGP_KEEPALIVE = 1, 3, 7

UPDATE = 2  # RFC 4271, section 4.1
_MARKER_SIZE, _MESSAGE_HEADER = 16, 19
_LONGEST_MESSAGE = 65_535  # RFC 8654
_MOST_STATE = 255

_STATE = int(Kind.STATE)
_HEADER, _RECORD, _PEER, _MESSAGE = (
    int(Fault.HEADER),
    int(Fault.RECORD),
    int(Fault.PEER),
    int(Fault.MESSAGE),
)
_TYPE, _SUBTYPE, _FAMILY = (
    int(Fault.SKIPPED_TYPE),
    int(Fault.SKIPPED_SUBTYPE),
    int(Fault.SKIPPED_FAMILY),
)
_ALL_ONES = 0xFFFF_FFFF


@njit(cache=True, nogil=True)
def read_records(array: NDArray[np.uint8], begin: int, memory: Memory) -> int:
    """Read records from ``begin`` on until a batch is full, or the next record is not complete.

    A header that claims more than ``LONGEST_RECORD``, or whose type was never assigned or never
    left the programs that knew it, is none. The next is then searched byte by byte: one of a type
    that we read, at most a day away from the last.

    Returns:
        where the next record begins. ``memory.status`` says how many rows were filled, and whether
        it was for them that reading ended.
    """
    status = memory.status
    data, status[SIZE] = array.ctypes.data, len(array)
    at = begin
    row = 0
    status[FULL] = 0
    status[FAULTS] = 0
    while len(array) - at >= HEADER_SIZE:
        if row >= BATCH or (status[STRICT] and status[FAULTS]):
            status[FULL] = 1
            break
        if status[LOST]:
            if not _begins_record(data, at, status[LAST_TIME]):
                at += 1
                continue
            status[LOST] = 0
        size = u32(data, at + 8)
        kind = u16(data, at + 4)
        if size > LONGEST_RECORD or kind < BGP or kind >= ASSIGNED:
            note(memory, _HEADER, at)
            status[LOST] = 1
            at += 1
            continue
        end = at + HEADER_SIZE + size
        if end > len(array):
            break
        row = _read_record(data, at, end, memory, row)
        status[LAST_TIME] = u32(data, at)
        at = end
    status[ROWS] = row
    return at


@njit(nogil=True)
def _begins_record(data: int, at: int, last_time: int) -> bool:
    kind = u16(data, at + 4)
    return (
        (kind == BGP or TABLE_DUMP <= kind <= TABLE_DUMP_V2 or BGP4MP <= kind <= BGP4MP_ET)
        and u16(data, at + 6) <= _MOST_SUBTYPE
        and u32(data, at + 8) <= LONGEST_RECORD
        and (last_time == 0 or abs(u32(data, at) - last_time) <= _DAY)
    )


@njit(nogil=True)
def _read_record(data: int, at: int, end: int, memory: Memory, row: int) -> int:
    """Read the record between ``at`` and ``end``; give the row behind its last."""
    time = u32(data, at) * _MICROSECONDS
    kind, subtype = u16(data, at + 4), u16(data, at + 6)
    begin = at + HEADER_SIZE
    first = row
    as4 = False
    if kind == TABLE_DUMP_V2:
        as4 = True
        if subtype == PEER_INDEX_TABLE:
            read_index_table(data, begin, end, memory)
        else:
            row = read_rib(data, begin, end, subtype, memory, row)
    elif BGP4MP <= kind <= BGP4MP_ET:
        if kind == BGP4MP_ET:
            if end - begin < 4:  # noqa: PLR2004 - the microseconds
                note(memory, _RECORD, at)
                return row
            time += u32(data, begin)
            begin += 4
        as4 = subtype in (
            MESSAGE_AS4,
            STATE_CHANGE_AS4,
            MESSAGE_AS4_LOCAL,
            MESSAGE_AS4_ADDPATH,
            MESSAGE_AS4_LOCAL_ADDPATH,
        )
        row = _read_bgp4mp(data, begin, end, subtype, 4 if as4 else 2, memory, row)
    elif kind == TABLE_DUMP:
        if AFI_IPV4 <= subtype <= AFI_IPV6:
            family = IPV4 if subtype == AFI_IPV4 else IPV6
            row = read_old_table(data, begin, end, family, memory, row)
        else:
            note(memory, _SUBTYPE, at)
    elif kind == BGP:
        row = _read_old_bgp(data, begin, end, subtype, memory, row)
    else:
        note(memory, _TYPE, at)
    for k in range(first, row):
        memory.time[k] = time
        memory.record[k] = at
        memory.as4[k] = as4
    return row


@njit(nogil=True)
def _read_bgp4mp(  # noqa: C901, PLR0911, PLR0917 - each check says what it found; Numba's arguments
    data: int,
    begin: int,
    end: int,
    subtype: int,
    as_size: int,
    memory: Memory,
    row: int,
) -> int:
    """Read a record of BGP4MP (RFC 6396, section 4.4; with path ids: RFC 8050, section 3)."""
    is_state = subtype in (STATE_CHANGE, STATE_CHANGE_AS4)
    if not is_state and not (
        subtype == MESSAGE or MESSAGE_AS4 <= subtype <= MESSAGE_AS4_LOCAL_ADDPATH
    ):
        note(memory, _SUBTYPE, begin)
        return row
    at = begin + 2 * as_size + 2  # two AS numbers, an interface
    if end - at < 2:  # noqa: PLR2004 - the address family
        note(memory, _RECORD, begin)
        return row
    afi = u16(data, at)
    if afi not in (AFI_IPV4, AFI_IPV6):
        note(memory, _FAMILY, at)
        return row
    family, address_size = (IPV4, 4) if afi == AFI_IPV4 else (IPV6, 16)
    message = at + 2 + 2 * address_size
    if message > end:
        note(memory, _RECORD, begin)
        return row
    asn = u32(data, begin) if as_size == AS4_SIZE else u16(data, begin)
    local = int(MESSAGE_LOCAL <= subtype <= MESSAGE_AS4_LOCAL or subtype >= MESSAGE_LOCAL_ADDPATH)
    high, low = read_address(data, at + 2, family)
    if is_state:
        return _read_state(data, message, end, family, high, low, asn, memory, row)
    if end - message < _MESSAGE_HEADER:
        note(memory, _MESSAGE, message)
        return row
    size = u16(data, message + _MARKER_SIZE)
    marked = True
    for k in range(0, _MARKER_SIZE, 4):
        marked = marked and u32(data, message + k) == _ALL_ONES
    if not marked or size < _MESSAGE_HEADER or size > end - message:
        note(memory, _MESSAGE, message)
        return row
    if u8(data, message + _MARKER_SIZE + 2) != UPDATE:
        return row
    peer = find_peer(memory, family, high, low, asn, local, -1)
    if peer == NO_PEER:
        note(memory, _PEER, begin)
        return row
    body = message + _MESSAGE_HEADER
    last = read_update(
        data, body, message + size, as_size, subtype >= MESSAGE_ADDPATH, asn, memory, row
    )
    for k in range(row, last):
        memory.peer[k] = peer
    return last


@njit(nogil=True)
def _read_old_bgp(data: int, begin: int, end: int, subtype: int, memory: Memory, row: int) -> int:
    """Read a record of the type BGP, which was before BGP4MP (RFC 6396, appendix B.2.1)."""
    if subtype not in (BGP_UPDATE, BGP_STATE_CHANGE):
        if subtype > BGP_KEEPALIVE:
            note(memory, _SUBTYPE, begin)
        return row
    if end - begin < 6:  # noqa: PLR2004 - an AS and an address
        note(memory, _RECORD, begin)
        return row
    asn = u16(data, begin)
    high, low = read_address(data, begin + 2, IPV4)
    if subtype == BGP_STATE_CHANGE:
        return _read_state(data, begin + 6, end, IPV4, high, low, asn, memory, row)
    body = begin + 12  # the AS and address of the collector
    if end < body or end - body > _LONGEST_MESSAGE:
        note(memory, _RECORD, begin)
        return row
    peer = find_peer(memory, IPV4, high, low, asn, 0, -1)
    if peer == NO_PEER:
        note(memory, _PEER, begin)
        return row
    last = read_update(data, body, end, 2, False, asn, memory, row)  # noqa: FBT003 - as above
    for k in range(row, last):
        memory.peer[k] = peer
    return last


@njit(nogil=True)
def _read_state(  # noqa: PLR0913, PLR0917 - Numba binds no keyword-only arguments
    data: int,
    at: int,
    end: int,
    family: int,
    high: np.uint64,
    low: np.uint64,
    asn: int,
    memory: Memory,
    row: int,
) -> int:
    """Read the old state and the new of a session (RFC 6396, section 4.4.1)."""
    if end - at < 4 or u16(data, at + 2) > _MOST_STATE:  # noqa: PLR2004 - two states
        note(memory, _RECORD, at)
        return row
    peer = find_peer(memory, family, high, low, asn, 0, -1)
    if peer == NO_PEER:
        note(memory, _PEER, at)
        return row
    fill_no_prefix(memory, row)
    memory.peer[row] = peer
    memory.kind[row] = _STATE
    memory.family[row] = 0
    memory.safi[row] = 0
    memory.origin[row] = 0
    memory.path_length[row] = 0
    memory.attributes_begin[row] = at
    memory.attributes_end[row] = at
    memory.state[row] = u16(data, at + 2)
    return row + 1
