"""A fast encoder of MRT: columns in, the bytes of records out.

It writes what ``zicht.lab.mrt`` writes, byte for byte: RFC 6396
(tables, messages, states), RFC 4271 and 4760 (what is in a message). Nothing is shared with the
decoder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.lab import mrt
from zicht.lab.routes.columns import Entries, Kind, Messages, Networks, Routers
from zicht.lab.routes.lean import lean_kernel
from zicht.lab.routes.octets import (
    address_size,
    attribute_size,
    put16,
    put32,
    put_attribute,
    put_attributes,
    put_bytes,
    put_network,
    size_of_attributes,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST_MESSAGE = 4096
"""Bytes of a BGP message (RFC 4271, section 4.1)."""

_ANNOUNCE, _WITHDRAW, _STATE = int(Kind.ANNOUNCE), int(Kind.WITHDRAW), int(Kind.STATE)
_IPV4 = 4
_HEADER = 12  # of MRT
_BGP_HEADER = 19
_OPTIONAL = 0x80
_MP_REACH, _MP_UNREACH = 14, 15
_MILLION = 1_000_000
_UPDATE = 2
_STATE_CHANGE_AS4, _MESSAGE_AS4 = 5, 4
_BGP4MP, _BGP4MP_ET, _TABLE_DUMP_V2 = mrt.BGP4MP, mrt.BGP4MP_ET, mrt.TABLE_DUMP_V2
_REACH_SIZE = (
    21  # MP_REACH_NLRI before its prefixes: family, next hop, a byte (RFC 4760, section 3)
)
_TABLE_REACH_SIZE = 17  # as tables have it (RFC 6396, section 4.3.4)


def encode_messages(
    messages: Messages, routers: Routers, networks: Networks, *, extended: bool
) -> NDArray[np.uint8]:
    """The records of messages and states, BGP4MP with AS numbers of four bytes.

    Args:
        messages: what is said.
        routers: by whom.
        networks: of what.
        extended: with microseconds (BGP4MP_ET), as RIS writes; else seconds.

    Raises:
        ValueError: a message is longer than BGP allows.
    """
    ends = np.cumsum(_sizes_of_messages(messages, routers, networks, extended))
    out = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    if not _put_messages(out, ends, messages, routers, networks, extended):
        raise ValueError(f"A message is longer than {LONGEST_MESSAGE} bytes.")
    return out


def encode_updates(messages: Messages, routers: Routers, networks: Networks) -> list[bytes]:
    """The BGP messages alone, as they go over the wire: one for each row that is no state.

    Raises:
        ValueError: a message is longer than BGP allows.
    """
    rows = np.flatnonzero(messages.kind != _STATE)
    found = []
    for row in rows.tolist():
        size = _size_of_update(messages, row, networks)
        if size > LONGEST_MESSAGE:
            raise ValueError(f"A message is longer than {LONGEST_MESSAGE} bytes.")
        out = np.empty(size, np.uint8)
        _put_update(out, 0, size, messages, row, routers, networks)
        found.append(out.tobytes())
    return found


def encode_tables(
    time: int, entries: Entries, routers: Routers, networks: Networks, *, sequence: int = 0
) -> NDArray[np.uint8]:
    """The records of a table's prefixes, TABLE_DUMP_V2 (RFC 6396, section 4.3.2).

    Before the first of them belongs a ``zicht.lab.mrt.index_table`` of the routers.

    Args:
        time: seconds since 1970 UTC.
        entries: the routes.
        routers: whose.
        networks: to where.
        sequence: the number of the first prefix within the whole table.
    """
    ends = np.cumsum(_sizes_of_tables(entries, networks))
    out = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    _put_tables(out, ends, time, entries, routers, networks, sequence)
    return out


@lean_kernel
def _size_of_networks(messages: Messages, row: int, networks: Networks) -> int:
    size = 0
    for place in range(messages.network_first[row], messages.network_first[row + 1]):
        size += 1 + ((networks.length[messages.network[place]] + 7) >> 3)
    return size


@lean_kernel
def _size_of_update(messages: Messages, row: int, networks: Networks) -> int:
    """The length of a BGP message."""
    size = _BGP_HEADER + 4
    told = _size_of_networks(messages, row, networks)
    kind, family = messages.kind[row], messages.family[row]
    if kind == _ANNOUNCE:
        size += size_of_attributes(messages.attributes, row, family)
        return size + (told if family == _IPV4 else attribute_size(_REACH_SIZE + told))
    if family == _IPV4:
        return size + told
    return size + attribute_size(3 + told)


@njit(cache=True, nogil=True)
def _sizes_of_messages(
    messages: Messages,
    routers: Routers,
    networks: Networks,
    extended: bool,  # noqa: FBT001 - Numba binds no keyword-only arguments
) -> NDArray[np.int64]:
    sizes = np.empty(len(messages.time), np.int64)
    for row in range(len(sizes)):
        size = _HEADER + 12 + 2 * address_size(routers.family[messages.router[row]])
        if messages.kind[row] == _STATE:
            size += 4
        else:
            size += _size_of_update(messages, row, networks)
        sizes[row] = size + (4 if extended else 0)
    return sizes


@lean_kernel
def _put_messages(
    out: NDArray[np.uint8],
    ends: NDArray[np.int64],
    messages: Messages,
    routers: Routers,
    networks: Networks,
    extended: bool,  # noqa: FBT001 - Numba binds no keyword-only arguments
) -> bool:
    begin = 0
    for row in range(len(ends)):
        end = ends[row]
        is_state = messages.kind[row] == _STATE
        seconds = messages.time[row] // _MILLION
        at = put32(out, begin, seconds)
        at = put16(out, at, _BGP4MP_ET if extended else _BGP4MP)
        at = put16(out, at, _STATE_CHANGE_AS4 if is_state else _MESSAGE_AS4)
        at = put32(out, at, end - begin - _HEADER)
        if extended:
            at = put32(out, at, messages.time[row] - seconds * _MILLION)
        at = _put_session(out, at, routers, messages.router[row])
        if is_state:
            at = put16(out, at, messages.states[row, 0])
            put16(out, at, messages.states[row, 1])
        else:
            if end - at > LONGEST_MESSAGE:
                return False
            _put_update(out, at, end - at, messages, row, routers, networks)
        begin = end
    return True


@lean_kernel
def _put_session(out: NDArray[np.uint8], at: int, routers: Routers, router: int) -> int:
    """Write the head of BGP4MP: both ASes, an interface, the family, both addresses."""
    family = routers.family[router]
    size = address_size(family)
    at = put32(out, at, routers.asn[router])
    at = put32(out, at, 0)
    at = put16(out, at, 0)
    at = put16(out, at, 1 if family == _IPV4 else 2)
    at = put_bytes(out, at, routers.address[router], size)
    for position in range(size):
        out[at + position] = 0
    return at + size


@lean_kernel
def _put_update(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    out: NDArray[np.uint8],
    at: int,
    size: int,
    messages: Messages,
    row: int,
    routers: Routers,
    networks: Networks,
) -> int:
    """Write a BGP message of ``size`` bytes: an UPDATE (RFC 4271, section 4.3)."""
    kind, family = messages.kind[row], messages.family[row]
    for position in range(16):
        out[at + position] = 0xFF
    at = put16(out, at + 16, size)
    out[at] = _UPDATE
    at += 1
    told = _size_of_networks(messages, row, networks)
    if family == _IPV4 and kind != _ANNOUNCE:
        at = put16(out, at, told)
        at = _put_networks(out, at, messages, row, networks)
        return put16(out, at, 0)
    at = put16(out, at, 0)
    if kind != _ANNOUNCE:
        at = put16(out, at, attribute_size(3 + told))
        at = put_attribute(out, at, _OPTIONAL, _MP_UNREACH, 3 + told)
        at = put16(out, at, 2)
        out[at] = mrt.UNICAST
        return _put_networks(out, at + 1, messages, row, networks)
    router = messages.router[row]
    length = size_of_attributes(messages.attributes, row, family)
    if family != _IPV4:
        length += attribute_size(_REACH_SIZE + told)
    at = put16(out, at, length)
    at = put_attributes(out, at, messages.attributes, row, family, routers.next_hop4[router])
    if family != _IPV4:
        at = put_attribute(out, at, _OPTIONAL, _MP_REACH, _REACH_SIZE + told)
        at = put16(out, at, 2)
        out[at] = mrt.UNICAST
        out[at + 1] = 16
        at = put_bytes(out, at + 2, routers.next_hop6[router], 16)
        out[at] = 0
        at += 1
    return _put_networks(out, at, messages, row, networks)


@lean_kernel
def _put_networks(
    out: NDArray[np.uint8], at: int, messages: Messages, row: int, networks: Networks
) -> int:
    for place in range(messages.network_first[row], messages.network_first[row + 1]):
        at = put_network(out, at, networks, messages.network[place])
    return at


@lean_kernel
def _size_of_entry(entries: Entries, row: int, family: int) -> int:
    """The length of an entry's attributes."""
    size = size_of_attributes(entries.attributes, row, family)
    return size if family == _IPV4 else size + attribute_size(_TABLE_REACH_SIZE)


@njit(cache=True, nogil=True)
def _sizes_of_tables(entries: Entries, networks: Networks) -> NDArray[np.int64]:
    sizes = np.empty(len(entries.network), np.int64)
    for row in range(len(sizes)):
        network = entries.network[row]
        family = networks.family[network]
        size = _HEADER + 4 + 1 + ((networks.length[network] + 7) >> 3) + 2
        for entry in range(entries.first[row], entries.first[row + 1]):
            size += 8 + _size_of_entry(entries, entry, family)
        sizes[row] = size
    return sizes


@lean_kernel
def _put_tables(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    out: NDArray[np.uint8],
    ends: NDArray[np.int64],
    time: int,
    entries: Entries,
    routers: Routers,
    networks: Networks,
    sequence: int,
) -> None:
    begin = 0
    for row in range(len(ends)):
        network = entries.network[row]
        family = networks.family[network]
        at = put32(out, begin, time)
        at = put16(out, at, _TABLE_DUMP_V2)
        at = put16(out, at, 2 if family == _IPV4 else 4)
        at = put32(out, at, ends[row] - begin - _HEADER)
        at = put32(out, at, sequence + row)
        at = put_network(out, at, networks, network)
        at = put16(out, at, entries.first[row + 1] - entries.first[row])
        for entry in range(entries.first[row], entries.first[row + 1]):
            router = entries.router[entry]
            at = put16(out, at, router)
            at = put32(out, at, entries.originated[entry])
            at = put16(out, at, _size_of_entry(entries, entry, family))
            next_hop = routers.next_hop4[router]
            at = put_attributes(out, at, entries.attributes, entry, family, next_hop)
            if family != _IPV4:
                at = put_attribute(out, at, _OPTIONAL, _MP_REACH, _TABLE_REACH_SIZE)
                out[at] = 16
                at = put_bytes(out, at + 1, routers.next_hop6[router], 16)
        begin = ends[row]
