"""Bytes on the wire: numbers in network order, and the Internet checksum.

Kernels work on one row of uint8[n, width] at a time, in place. ICMP for IPv4 is RFC 792, for IPv6
RFC 4443; TCP is RFC 9293.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.uint8]
    Words = NDArray[np.uint64]

_BYTE = np.uint64(0xFF)
_LOW_16 = np.uint64(0xFFFF)


@njit(cache=True, nogil=True)
def load(rows: Rows, row: int, at: int, width: int) -> np.uint64:
    """The number of ``width`` bytes at a place of a row; bytes beyond the row count as 0."""
    number = np.uint64(0)
    for place in range(at, at + width):
        number <<= np.uint64(8)
        if place < rows.shape[1]:
            number |= np.uint64(rows[row, place])
    return number


@njit(cache=True, nogil=True)
def store(rows: Rows, row: int, at: int, width: int, number: np.uint64) -> None:
    """Write the last ``width`` bytes of a number at a place of a row."""
    for place in range(width):
        rows[row, at + place] = (number >> np.uint64(8 * (width - 1 - place))) & _BYTE


@njit(cache=True, nogil=True)
def summed(rows: Rows, row: int, begin: int, end: int) -> np.uint64:
    """The sum of the words of 16 bits from ``begin`` up to ``end``, carries not folded in yet."""
    even, odd = np.uint64(0), np.uint64(0)
    end = min(end, rows.shape[1])
    for at in range(begin, end - 1, 2):
        even += np.uint64(rows[row, at])
        odd += np.uint64(rows[row, at + 1])
    if (end - begin) & 1 and end > begin:
        even += np.uint64(rows[row, end - 1])
    return (even << np.uint64(8)) + odd


@njit(cache=True, nogil=True)
def summed_number(number: np.uint64) -> np.uint64:
    """The sum of a number's four words of 16 bits."""
    return (
        (number >> np.uint64(48))
        + ((number >> np.uint64(32)) & _LOW_16)
        + ((number >> np.uint64(16)) & _LOW_16)
        + (number & _LOW_16)
    )


@njit(cache=True, nogil=True)
def checksum(total: np.uint64) -> np.uint64:
    """The Internet checksum of a sum (RFC 1071); 0 of data that hold their own right checksum."""
    while total > _LOW_16:  # fold the carries back in
        total = (total & _LOW_16) + (total >> np.uint64(16))
    return ~total & _LOW_16
