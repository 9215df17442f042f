"""Kernels that read numbers, prefixes and AS paths out of bytes.

The bytes are known by their address, and places in them by their distance from it. An array would
cost more than the reading: Numba counts the references to one in every function that takes it.
Nothing checks bounds here, so each function says what its caller must have checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from zicht.sources.bgp.memory import SIZE

if TYPE_CHECKING:
    from collections.abc import Callable

    from zicht.sources.bgp.memory import Memory

IPV4, IPV6 = 4, 6
UNICAST, MULTICAST = 1, 2
IPV4_BITS, IPV6_BITS = 32, 128

# Segments of an AS path: RFC 4271, section 4.3; RFC 5065, section 3.
AS_SET, AS_SEQUENCE, AS_CONFED_SEQUENCE, AS_CONFED_SET = 1, 2, 3, 4

_HALF = np.uint64(32)
_NONE = np.uint64(0)
_ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_BYTE, _WORD_BITS = 8, 64


def _load(bits: int) -> Callable[..., Any]:
    """Make the instruction that reads a big-endian word at an address and widens it to 64 bits."""

    def load(_context: Any, _address: Any) -> Any:
        def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            kind = ir.IntType(bits)
            word = builder.load(builder.inttoptr(arguments[0], kind.as_pointer()), align=1)
            if bits > _BYTE:
                word = builder.bswap(word)  # all machines that Numba knows are little-endian
            return builder.zext(word, ir.IntType(_WORD_BITS)) if bits < _WORD_BITS else word

        return (types.uint64 if bits == _WORD_BITS else types.int64)(types.int64), generate

    return cast("Callable[..., Any]", intrinsic(load))


_load8, _load16, _load32, _load64 = _load(8), _load(16), _load(32), _load(64)


@njit(nogil=True)
def u8(data: int, at: int) -> int:
    """Read one byte, ``at`` bytes behind the address ``data``."""
    return int(_load8(data + at))


@njit(nogil=True)
def u16(data: int, at: int) -> int:
    """Read two bytes, big-endian."""
    return int(_load16(data + at))


@njit(nogil=True)
def u32(data: int, at: int) -> int:
    """Read four bytes, big-endian."""
    return int(_load32(data + at))


@njit(nogil=True)
def u64(data: int, at: int) -> np.uint64:
    """Read eight bytes, big-endian."""
    return np.uint64(_load64(data + at))


@njit(nogil=True)
def read_address(data: int, at: int, family: int) -> tuple[np.uint64, np.uint64]:
    """Read an address as two words; its 4 or 16 bytes lie within ``data``."""
    if family == IPV4:
        return np.uint64(u32(data, at)) << _HALF, _NONE
    return u64(data, at), u64(data, at + 8)


@njit(nogil=True)
def read_prefix(
    data: int, at: int, length: int, family: int, limit: int
) -> tuple[np.uint64, np.uint64]:
    """Read the address of a prefix as two words, bits beyond its length being zero.

    The caller has checked that the prefix's bytes lie within the data, which end at ``limit``, and
    that ``length`` is at most 32 or 128. Whole words are read where there are enough bytes behind,
    else byte by byte.
    """
    high, low = _NONE, _NONE
    size = (length + 7) >> 3
    if family == IPV4:
        if at + 4 <= limit:
            high = np.uint64(u32(data, at)) << _HALF
        else:
            for k in range(size):
                high |= np.uint64(u8(data, at + k)) << np.uint64(56 - 8 * k)
    elif at + 16 <= limit:
        high, low = u64(data, at), u64(data, at + 8)
    else:
        for k in range(min(size, 8)):
            high |= np.uint64(u8(data, at + k)) << np.uint64(56 - 8 * k)
        for k in range(8, size):
            low |= np.uint64(u8(data, at + k)) << np.uint64(120 - 8 * k)
    if length == 0:
        return _NONE, _NONE
    if length <= _WORD_BITS:
        return high & (_ALL << np.uint64(_WORD_BITS - length)), _NONE
    return high, low & (_ALL << np.uint64(2 * _WORD_BITS - length))


@njit(nogil=True)
def read_prefixes(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    data: int,
    begin: int,
    end: int,
    family: int,
    add_path: bool,  # noqa: FBT001 - as above
    memory: Memory,
    row: int,
) -> int:
    """Read a field of prefixes (NLRI: RFC 4271, section 4.3; with path ids: RFC 7911, section 3).

    ``begin`` and ``end`` lie within ``data``; rows from ``row`` on have room for one prefix a byte.

    Returns:
        the row behind the last, or ``-1 - place`` where a prefix is damaged: longer than its
        family allows, or running beyond the field's end.
    """
    most = IPV4_BITS if family == IPV4 else IPV6_BITS
    at = begin
    path_id = -1
    while at < end:
        here = at
        if add_path:
            if end - at < 5:  # noqa: PLR2004 - four bytes of path id, one of length
                return -1 - here
            path_id = u32(data, at)
            at += 4
        length = u8(data, at)
        size = (length + 7) >> 3
        if length > most or size > end - at - 1:
            return -1 - here
        high, low = read_prefix(data, at + 1, length, family, memory.status[SIZE])
        memory.prefix_high[row] = high
        memory.prefix_low[row] = low
        memory.length[row] = length
        memory.path_id[row] = path_id
        row += 1
        at += 1 + size
    return row


@njit(nogil=True)
def read_path(data: int, begin: int, end: int, as_size: int) -> tuple[int, int, bool]:
    """Read an AS path: its origin, its length as BGP counts it, and whether it is sound.

    ``begin`` and ``end`` lie within ``data``; AS numbers have ``as_size`` bytes. The origin is the
    last AS of the last segment that is none of a confederation (RFC 6811, section 2). Is that
    segment a set, then the origin is its member if it has but one, else unknown, which is 0.
    Without such a segment it is 0 as well, but of an empty path -1. A sequence counts its members,
    a set one (RFC 4271, section 9.1.2.2), a confederation nothing (RFC 5065, section 5.3). Segments
    that are empty, of an unknown kind or longer than the path make it malformed (RFC 7606, section
    7.2).
    """
    if begin == end:
        return -1, 0, True
    count = u8(data, begin + 1) if end - begin > 1 else 0
    if count and u8(data, begin) == AS_SEQUENCE and begin + 2 + count * as_size == end:
        return _read_as(data, end - as_size, as_size), count, True  # nearly all are so
    origin, length = 0, 0
    at = begin
    while at < end:
        if end - at < 2:  # noqa: PLR2004 - a kind and a count
            return 0, 0, False
        kind, count = u8(data, at), u8(data, at + 1)
        size = count * as_size
        at += 2
        if count == 0 or size > end - at or kind < AS_SET or kind > AS_CONFED_SET:
            return 0, 0, False
        at += size
        if kind <= AS_SEQUENCE:
            if kind == AS_SEQUENCE or count == 1:
                origin = _read_as(data, at - as_size, as_size)
            else:
                origin = 0
            length += count if kind == AS_SEQUENCE else 1
    return origin, length, True


@njit(nogil=True)
def _read_as(data: int, at: int, as_size: int) -> int:
    return u32(data, at) if as_size == 4 else u16(data, at)  # noqa: PLR2004 - bytes
