"""Kernels that write numbers, prefixes and path attributes into an array of bytes.

Each takes the place to write to and gives the place behind. Nothing checks bounds: the caller has
made the array as long as ``size_of_attributes`` and the rest say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.lab.routes.lean import lean

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from zicht.lab.routes.columns import Attributes, Networks

_LONG = 255  # a value that is longer needs two bytes of length (RFC 4271, section 4.3)
_WELL_KNOWN, _OPTIONAL, _TRANSITIVE, _EXTENDED = 0x40, 0x80, 0x40, 0x10
_ORIGIN, _AS_PATH, _NEXT_HOP, _MED, _COMMUNITIES = 1, 2, 3, 4, 8
_AS_SEQUENCE = 2
_NEXT_HOP_SIZE = 7
_IPV4 = 4


@lean
def put16(out: NDArray[np.uint8], at: int, value: int) -> int:
    """Write two bytes, big-endian."""
    out[at] = (value >> 8) & 0xFF
    out[at + 1] = value & 0xFF
    return at + 2


@lean
def put32(out: NDArray[np.uint8], at: int, value: int) -> int:
    """Write four bytes, big-endian."""
    out[at] = (value >> 24) & 0xFF
    out[at + 1] = (value >> 16) & 0xFF
    out[at + 2] = (value >> 8) & 0xFF
    out[at + 3] = value & 0xFF
    return at + 4


@lean
def put_bytes(out: NDArray[np.uint8], at: int, row: NDArray[np.uint8], size: int) -> int:
    """Write the first bytes of a row."""
    for position in range(size):
        out[at + position] = row[position]
    return at + size


@lean
def address_size(family: int) -> int:
    """How many bytes an address has."""
    return 4 if family == _IPV4 else 16


@lean
def put_network(out: NDArray[np.uint8], at: int, networks: Networks, which: int) -> int:
    """Write a prefix (RFC 4271, section 4.3)."""
    length = networks.length[which]
    out[at] = length
    return put_bytes(out, at + 1, networks.address[which], (length + 7) >> 3)


@lean
def put_attribute(out: NDArray[np.uint8], at: int, flags: int, kind: int, size: int) -> int:
    """Write what is before an attribute's value."""
    if size > _LONG:
        out[at] = flags | _EXTENDED
        out[at + 1] = kind
        return put16(out, at + 2, size)
    out[at] = flags
    out[at + 1] = kind
    out[at + 2] = size
    return at + 3


@lean
def attribute_size(size: int) -> int:
    """How long an attribute with a value of so many bytes is."""
    return size + (4 if size > _LONG else 3)


@lean
def size_of_attributes(attributes: Attributes, row: int, family: int) -> int:
    """How many bytes the attributes of a route take, but for MP_REACH_NLRI."""
    ases = attributes.path_first[row + 1] - attributes.path_first[row]
    communities = attributes.community_first[row + 1] - attributes.community_first[row]
    size = 4 + attribute_size(2 + 4 * ases if ases else 0)
    if family == _IPV4:
        size += _NEXT_HOP_SIZE
    if attributes.med[row] >= 0:
        size += 7
    if communities:
        size += attribute_size(4 * communities)
    return size


@lean
def put_attributes(
    out: NDArray[np.uint8], at: int, attributes: Attributes, row: int, family: int, next_hop: int
) -> int:
    """Write the attributes of a route in the order of their types, but for MP_REACH_NLRI."""
    at = put_attribute(out, at, _WELL_KNOWN, _ORIGIN, 1)
    out[at] = attributes.origin[row]
    begin, end = attributes.path_first[row], attributes.path_first[row + 1]
    ases = end - begin
    at = put_attribute(out, at + 1, _WELL_KNOWN, _AS_PATH, 2 + 4 * ases if ases else 0)
    if ases:
        out[at] = _AS_SEQUENCE
        out[at + 1] = ases
        at += 2
        for position in range(begin, end):
            at = put32(out, at, attributes.path[position])
    if family == _IPV4:
        at = put_attribute(out, at, _WELL_KNOWN, _NEXT_HOP, 4)
        at = put32(out, at, next_hop)
    if attributes.med[row] >= 0:
        at = put_attribute(out, at, _OPTIONAL, _MED, 4)
        at = put32(out, at, attributes.med[row])
    begin, end = attributes.community_first[row], attributes.community_first[row + 1]
    if end > begin:
        size = 4 * (end - begin)
        at = put_attribute(out, at, _OPTIONAL | _TRANSITIVE, _COMMUNITIES, size)
        for position in range(begin, end):
            at = put32(out, at, attributes.community[position])
    return at
