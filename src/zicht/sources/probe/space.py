"""The space that a census goes through: addresses by position, however many there are.

IPv4 is gone through range by range. Nobody can try the addresses of an IPv6 /64, so of IPv6 only
addresses that are known from a list can be asked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from zicht.errors import UsageError
from zicht.sources.probe.order import LARGEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.probe.packets import Words

_HALF = np.uint64(32)
_BLOCK_4, _BLOCK_6 = np.uint64(40), np.uint64(16)  # bits of an address's first 64 below its block


class Space(Protocol):
    """Addresses of one family at positions 0 to size - 1, in their order, none twice."""

    @property
    def ipv4(self) -> bool:
        """Whether they are of IPv4."""

    @property
    def size(self) -> int:
        """How many there are."""

    def addresses(self, positions: Words) -> tuple[Words, Words]:
        """The first and the last 64 bits of the addresses at these positions."""

    def positions(self, high: Words, low: Words) -> NDArray[np.int64]:
        """int64[n]: the position of each address, -1 where it is not of the space."""

    def blocks(self) -> tuple[Words, NDArray[np.int64]]:
        """The first 64 bits of each block's first address, /24 or /48, and where blocks begin.

        Of b blocks there are b + 1 begins, positions, the last of them the size.
        """


class Ranges:
    """A space of ranges of IPv4.

    Args:
        first: uint64[n]: the first 64 bits of the first address of each range, in any order.
        last: uint64[n]: of the last one; the 32 bits below an IPv4 address do not count.

    Raises:
        UsageError: there are no addresses, or more than can be put into an order.
    """

    ipv4 = True

    def __init__(self, first: Words, last: Words) -> None:
        begins, ends = merged(first >> _HALF, last >> _HALF)
        sizes = ends - begins + np.uint64(1)
        self.first, self.last = begins << _HALF, ends << _HALF
        self._sizes = sizes
        self._starts = np.cumsum(sizes) - sizes
        self.size = int(sizes.sum())
        if not 1 <= self.size <= LARGEST:
            raise UsageError(f"{self.size:,} addresses are not gone through; 1 to {LARGEST:,} are.")

    def addresses(self, positions: Words) -> tuple[Words, Words]:
        """See ``Space``."""
        row = np.searchsorted(self._starts, positions, side="right") - 1
        offset = positions - self._starts[row]
        return self.first[row] + (offset << _HALF), np.zeros_like(positions)

    def positions(self, high: Words, low: Words) -> NDArray[np.int64]:
        """See ``Space``."""
        row = np.searchsorted(self.first, high, side="right") - 1
        at = np.maximum(row, 0)
        offset = (high - self.first[at]) >> _HALF
        known = (row >= 0) & (offset < self._sizes[at]) & (low == 0)
        return np.where(known, (self._starts[at] + offset).astype(np.int64), -1)

    def blocks(self) -> tuple[Words, NDArray[np.int64]]:
        """See ``Space``."""
        begin, end = self.first >> _BLOCK_4, self.last >> _BLOCK_4
        counts = (end - begin + np.uint64(1)).astype(np.int64)
        row = np.repeat(np.arange(len(counts)), counts)
        within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        block = (begin[row] + within.astype(np.uint64)) << _BLOCK_4
        start = np.maximum(block, self.first[row])
        where = (self._starts[row] + ((start - self.first[row]) >> _HALF)).astype(np.int64)
        fresh = np.ones(len(block), dtype=np.bool_)
        fresh[1:] = block[1:] != block[:-1]
        return block[fresh], np.append(where[fresh], self.size)


class Listed:
    """A space of single addresses of either family.

    Args:
        high: uint64[n]: the first 64 bits of each.
        low: uint64[n]: the last 64; the addresses are ascending and none comes twice.
        ipv4: which family.

    Raises:
        UsageError: there are none.
    """

    def __init__(self, high: Words, low: Words, *, ipv4: bool) -> None:
        if not len(high):
            raise UsageError("There are no addresses to go through.")
        self.ipv4 = ipv4
        self.size = len(high)
        self.high, self.low = high, low
        self._keys = _sortable(high, low)

    def addresses(self, positions: Words) -> tuple[Words, Words]:
        """See ``Space``."""
        at = positions.astype(np.int64)
        return self.high[at], self.low[at]

    def positions(self, high: Words, low: Words) -> NDArray[np.int64]:
        """See ``Space``."""
        wanted = _sortable(high, low)
        row = np.minimum(np.searchsorted(self._keys, wanted), self.size - 1)
        return np.where(self._keys[row] == wanted, row, -1)

    def blocks(self) -> tuple[Words, NDArray[np.int64]]:
        """See ``Space``."""
        bits = _BLOCK_4 if self.ipv4 else _BLOCK_6
        block, begins = np.unique(self.high >> bits, return_index=True)
        return block << bits, np.append(begins, self.size).astype(np.int64)


def merged(first: Words, last: Words) -> tuple[Words, Words]:
    """Ranges of numbers in order, without overlaps; neighbours become one."""
    order = np.argsort(first, kind="stable")
    first, last = first[order], last[order]
    if not len(first):
        return first, last
    reach = np.maximum.accumulate(last)
    apart = np.ones(len(first), dtype=np.bool_)
    apart[1:] = first[1:] > reach[:-1]
    apart[1:] &= first[1:] - np.uint64(1) != reach[:-1]
    starts = np.flatnonzero(apart)
    return first[starts], reach[np.append(starts[1:], len(first)) - 1]


def common(one: tuple[Words, Words], other: tuple[Words, Words]) -> tuple[Words, Words]:
    """The numbers that are in two lists of ranges, each in order and without overlaps."""
    low = np.searchsorted(other[1], one[0])
    high = np.searchsorted(other[0], one[1], side="right")
    counts = np.maximum(high - low, 0)
    a = np.repeat(np.arange(len(counts)), counts)
    b = np.arange(len(a)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(low, counts)
    return np.maximum(one[0][a], other[0][b]), np.minimum(one[1][a], other[1][b])


def _sortable(high: Words, low: Words) -> NDArray[np.void]:
    """Addresses as 16 bytes in network order, which compare as the addresses do."""
    pairs = np.stack([high, low], axis=1).astype(">u8")
    return np.ascontiguousarray(pairs).view("V16").reshape(-1)
