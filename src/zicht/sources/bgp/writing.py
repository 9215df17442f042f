"""Kernels that write numbers and addresses as text, byte by byte, into memory that has room.

Numba checks no bounds: the caller has seen to it that there is room. Each function gives the place
behind what it wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from zicht.sources.bgp.wire import IPV4, u8

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

ZERO, COLON, DOT, SLASH, SPACE = ord("0"), ord(":"), ord("."), ord("/"), ord(" ")
_LETTER = ord("a") - 10
_GROUPS = 8  # of an IPv6 address
_IPV4_GROUPS = 6  # of them are before an IPv4 address that is mapped (RFC 4291, section 2.5.5)
_TEN = np.uint64(10)
_ALL_ONES = 0xFFFF
_MICROSECONDS = 1_000_000
_DAY = 86_400  # seconds

# Styles of IPv6 addresses; the number is how many groups of zeros :: stands for at least.
AS_BGPDUMP, RFC_5952 = 1, 2

BUFFER = 4 << 20
"""Bytes that are written before they are given away; far more than the longest line."""
ROOM = 1024
"""Bytes of a line beside what its attributes and its peer become."""
MOST_GROWTH = 5
"""Characters that a byte of an attribute can become: ``"1:2",`` of four, ``{1} `` of four."""

LONGEST_ADDRESS = 45
"""Characters: an IPv6 address whose end is written as IPv4."""


def literal(text: str) -> NDArray[np.uint8]:
    """Make bytes that kernels can write of a text."""
    return np.frombuffer(text.encode("ascii"), np.uint8)


def _store(_context: Any, _address: Any, _byte: Any) -> Any:
    """Make the instruction that writes a byte at an address."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> None:
        kind = ir.IntType(8)
        place = builder.inttoptr(arguments[0], kind.as_pointer())
        builder.store(builder.trunc(arguments[1], kind), place, align=1)

    return types.void(types.int64, types.int64), generate


_store8 = cast("Callable[[int, int], None]", intrinsic(_store))


@njit(nogil=True)
def put(out: int, at: int, byte: int) -> int:
    """Write one byte."""
    _store8(out + at, byte)
    return at + 1


@njit(nogil=True)
def write(out: int, at: int, text: NDArray[np.uint8]) -> int:
    """Write a text."""
    for k in range(len(text)):
        put(out, at + k, text[k])
    return at + len(text)


@njit(nogil=True)
def copy(out: int, at: int, begin: int, end: int) -> int:
    """Write once more what stands in the same memory from ``begin`` to ``end``."""
    for k in range(end - begin):
        put(out, at + k, u8(out, begin + k))
    return at + end - begin


@njit(nogil=True)
def write_number(out: int, at: int, number: int) -> int:
    """Write a number from 0 to 2**63 - 1 in decimal."""
    value = np.uint64(number)
    size = 1
    bound = _TEN
    while size < 19 and value >= bound:  # noqa: PLR2004 - the most digits there can be
        bound *= _TEN
        size += 1
    place = at + size
    while place > at:
        place -= 1
        rest = value // _TEN
        put(out, place, ZERO + _small(value - rest * _TEN))
        value = rest
    return at + size


@njit(nogil=True)
def write_padded(out: int, at: int, number: int, size: int) -> int:
    """Write a number with so many digits, zeros first."""
    value = np.uint64(number)
    for k in range(size - 1, -1, -1):
        rest = value // _TEN
        put(out, at + k, ZERO + _small(value - rest * _TEN))
        value = rest
    return at + size


@njit(nogil=True)
def write_ipv4(out: int, at: int, address: int) -> int:
    """Write an IPv4 address of 32 bits."""
    at = write_number(out, at, (address >> 24) & 0xFF)
    at = write_number(out, put(out, at, DOT), (address >> 16) & 0xFF)
    at = write_number(out, put(out, at, DOT), (address >> 8) & 0xFF)
    return write_number(out, put(out, at, DOT), address & 0xFF)


@njit(nogil=True)
def write_ipv6(out: int, at: int, high: np.uint64, low: np.uint64, style: int) -> int:
    """Write an IPv6 address with the first of its longest runs of zeros as ``::``.

    Args:
        out: where to.
        at: the place there.
        high: the first 64 bits.
        low: the last 64 bits.
        style: ``RFC_5952``: a run has two groups or more (section 4.2.2), and addresses of IPv4
            that are mapped end as such (section 5). ``AS_BGPDUMP``: a single group is a run too,
            and so do all addresses end whose first 96 bits are zero, but ``::`` and ``::1``.
    """
    run, longest = _longest_run(high, low)
    mixed = run == 0 and longest == _IPV4_GROUPS - 1 and _group(high, low, longest) == _ALL_ONES
    if style == AS_BGPDUMP:
        mixed = mixed or (run == 0 and longest == _IPV4_GROUPS)
        mixed = mixed or (longest == _GROUPS - 1 and _small(low) > 1)
    if longest < style:
        run, longest = _GROUPS, 0
    end = _IPV4_GROUPS if mixed else _GROUPS
    k = 0
    while k < end:
        if k == run:
            at = put(out, put(out, at, COLON), COLON)
            k += longest
            continue
        if k > 0 and k != run + longest:
            at = put(out, at, COLON)
        at = _write_group(out, at, _group(high, low, k))
        k += 1
    if mixed:
        if longest < _IPV4_GROUPS:
            at = put(out, at, COLON)
        at = write_ipv4(out, at, _small(low & np.uint64(0xFFFF_FFFF)))
    return at


@njit(nogil=True)
def write_address(
    out: int, at: int, family: int, high: np.uint64, low: np.uint64, style: int
) -> int:
    """Write an address of two words, as in ``Elements``; ``style`` as in ``write_ipv6``."""
    if family == IPV4:
        return write_ipv4(out, at, _small(high >> np.uint64(32)))
    return write_ipv6(out, at, high, low, style)


@njit(nogil=True)
def write_time(out: int, at: int, time: int) -> int:
    """Write a time in microseconds since 1970 as ISO 8601, to the second or to the microsecond.

    The day is found as Howard Hinnant's "chrono-compatible low-level date algorithms" do: years
    begin in March, so that the leap day is the last.
    """
    seconds, rest = time // _MICROSECONDS, time % _MICROSECONDS
    days, second = seconds // _DAY + 719_468, seconds % _DAY  # since 0000-03-01
    era, of_era = days // 146_097, days % 146_097
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month += 3 if month < 10 else -9  # noqa: PLR2004 - January and February are of the next year
    year += era * 400 + (1 if month <= 2 else 0)  # noqa: PLR2004 - as above
    at = put(out, write_padded(out, at, year, 4), ord("-"))
    at = put(out, write_padded(out, at, month, 2), ord("-"))
    at = put(out, write_padded(out, at, day, 2), ord("T"))
    at = put(out, write_padded(out, at, second // 3600, 2), COLON)
    at = put(out, write_padded(out, at, second // 60 % 60, 2), COLON)
    at = write_padded(out, at, second % 60, 2)
    if rest:
        at = write_padded(out, put(out, at, ord(".")), rest, 6)
    return at


@njit(nogil=True)
def _small(number: np.uint64) -> int:
    """Turn a number below 2**63 into a signed one; Numba makes floats of mixed sums."""
    return np.int64(number)  # type: ignore[return-value] # Numba's int is int64


@njit(nogil=True)
def _group(high: np.uint64, low: np.uint64, k: int) -> int:
    word = high if k < 4 else low  # noqa: PLR2004 - groups of a word
    return _small((word >> np.uint64(48 - 16 * (k & 3))) & np.uint64(0xFFFF))


@njit(nogil=True)
def _longest_run(high: np.uint64, low: np.uint64) -> tuple[int, int]:
    """The first of the longest runs of groups that are zero, and its length."""
    best, longest, run = 0, 0, 0
    for k in range(_GROUPS):
        run = run + 1 if _group(high, low, k) == 0 else 0
        if run > longest:
            best, longest = k + 1 - run, run
    return best, longest


@njit(nogil=True)
def _write_group(out: int, at: int, group: int) -> int:
    started = False
    for shift in (12, 8, 4, 0):
        digit = (group >> shift) & 0xF
        if digit or started or shift == 0:
            at = put(out, at, (ZERO if digit < 10 else _LETTER) + digit)  # noqa: PLR2004 - decimal
            started = True
    return at
