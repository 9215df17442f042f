"""Kernels that write the fields of a route as JSON; ``json_lines`` tells what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

from zicht.sources.bgp.attributes import (
    ATOMIC_AGGREGATE,
    COMMUNITIES,
    EXTENDED_COMMUNITIES,
    LARGE_COMMUNITIES,
    LOCAL_PREF,
    MULTI_EXIT_DISC,
)
from zicht.sources.bgp.found import (
    aggregator_of,
    next_hop_of,
    number_of,
    origin_of,
    write_path,
)
from zicht.sources.bgp.wire import u8, u16, u32
from zicht.sources.bgp.writing import (
    COLON,
    RFC_5952,
    literal,
    put,
    write,
    write_address,
    write_ipv4,
    write_number,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PATH, _PATH_LENGTH, _ORIGIN_ASN = (
    literal(',"path":'),
    literal(',"path_length":'),
    literal(',"origin_asn":'),
)
_ORIGIN, _IGP, _EGP, _INCOMPLETE = (
    literal(',"origin":'),
    literal('"IGP"'),
    literal('"EGP"'),
    literal('"INCOMPLETE"'),
)
_NEXT_HOP, _MED, _LOCAL_PREF = (
    literal(',"next_hop":'),
    literal(',"med":'),
    literal(',"local_pref":'),
)
_COMMUNITIES, _LARGE, _EXTENDED = (
    literal(',"communities":['),
    literal('],"large_communities":['),
    literal('],"extended_communities":['),
)
_ATOMIC, _NOT_ATOMIC = literal('],"atomic_aggregate":true'), literal('],"atomic_aggregate":false')
_AGGREGATOR_ASN, _AGGREGATOR = literal(',"aggregator_asn":'), literal(',"aggregator":')
_NULL = literal("null")
_DIGITS = literal("0123456789abcdef")
_QUOTE, _COMMA = ord('"'), ord(",")


@njit(nogil=True)
def write_attributes(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    data: int,
    found: NDArray[np.int64],
    as4: bool,  # noqa: FBT001 - as above
    reached: bool,  # noqa: FBT001 - as above
    origin_asn: int,
    path_length: int,
    out: int,
    at: int,
) -> int:
    """Write all that its attributes say of a route, each field with a comma before it."""
    at = write(out, at, _PATH)
    behind = write_path(data, found, as4, out, at + 1)
    if behind < 0 or found[4] == 0:  # malformed, or absent
        at = write(out, at, _NULL)
        at = write(out, write(out, at, _PATH_LENGTH), _NULL)
    else:
        put(out, at, _QUOTE)
        at = put(out, behind, _QUOTE)
        at = write_number(out, write(out, at, _PATH_LENGTH), path_length)
    at = write(out, at, _ORIGIN_ASN)
    at = write_or_null(out, at, origin_asn or -1)
    at = write(out, at, _ORIGIN)
    origin = origin_of(data, found)
    if origin == 0:
        at = write(out, at, _IGP)
    elif origin == 1:
        at = write(out, at, _EGP)
    else:
        at = write(out, at, _NULL if origin < 0 else _INCOMPLETE)
    at = write(out, at, _NEXT_HOP)
    family, high, low = next_hop_of(data, found, reached)
    if family:
        at = put(out, write_address(out, put(out, at, _QUOTE), family, high, low, RFC_5952), _QUOTE)
    else:
        at = write(out, at, _NULL)
    at = write_or_null(out, write(out, at, _MED), number_of(data, found, MULTI_EXIT_DISC))
    at = write_or_null(out, write(out, at, _LOCAL_PREF), number_of(data, found, LOCAL_PREF))
    at = _write_communities(data, found, out, at)
    at = write(out, at, _ATOMIC if found[2 * ATOMIC_AGGREGATE] else _NOT_ATOMIC)
    asn, router = aggregator_of(data, found, as4)
    at = write_or_null(out, write(out, at, _AGGREGATOR_ASN), asn)
    at = write(out, at, _AGGREGATOR)
    if asn < 0:
        return write(out, at, _NULL)
    return put(out, write_ipv4(out, put(out, at, _QUOTE), router), _QUOTE)


@njit(nogil=True)
def _write_communities(data: int, found: NDArray[np.int64], out: int, at: int) -> int:
    """Write communities of the three kinds; a field whose size does not fit is as if absent."""
    at = write(out, at, _COMMUNITIES)
    begin, end = found[2 * COMMUNITIES], found[2 * COMMUNITIES + 1]
    if (end - begin) % 4 == 0:
        for place in range(begin, end, 4):
            at = _begin_item(out, at, place > begin)
            at = put(out, write_number(out, at, u16(data, place)), COLON)
            at = put(out, write_number(out, at, u16(data, place + 2)), _QUOTE)
    at = write(out, at, _LARGE)
    begin, end = found[2 * LARGE_COMMUNITIES], found[2 * LARGE_COMMUNITIES + 1]
    if (end - begin) % 12 == 0:
        for place in range(begin, end, 12):
            at = _begin_item(out, at, place > begin)
            at = put(out, write_number(out, at, u32(data, place)), COLON)
            at = put(out, write_number(out, at, u32(data, place + 4)), COLON)
            at = put(out, write_number(out, at, u32(data, place + 8)), _QUOTE)
    at = write(out, at, _EXTENDED)
    begin, end = found[2 * EXTENDED_COMMUNITIES], found[2 * EXTENDED_COMMUNITIES + 1]
    if (end - begin) % 8 == 0:
        for place in range(begin, end, 8):
            at = _begin_item(out, at, place > begin)
            for k in range(8):
                byte = u8(data, place + k)
                at = put(out, put(out, at, _DIGITS[byte >> 4]), _DIGITS[byte & 0xF])
            at = put(out, at, _QUOTE)
    return at


@njit(nogil=True)
def _begin_item(out: int, at: int, more: bool) -> int:  # noqa: FBT001 - as above
    if more:
        at = put(out, at, _COMMA)
    return put(out, at, _QUOTE)


@njit(nogil=True)
def write_or_null(out: int, at: int, number: int) -> int:
    """Write a number, or ``null`` for one below zero."""
    if number < 0:
        return write(out, at, _NULL)
    return write_number(out, at, number)
