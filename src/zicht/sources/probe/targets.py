"""What is to be probed: networks as one space of positions, each an address."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, collapse_addresses
from typing import TYPE_CHECKING, cast

import numpy as np

from zicht.errors import UsageError
from zicht.sources.probe.order import LARGEST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

MOST = LARGEST
"""Addresses of one space."""
_LONGEST_6 = 97  # 2^31 addresses; nobody can try those of a /64
_HALF = np.uint64(32)
_BLOCK = {True: np.uint64(40), False: np.uint64(16)}  # bits below a /24, and below a /48


class Targets:
    """The addresses of networks of one family, by position 0 to ``size`` - 1; none twice.

    Attributes:
        size: how many addresses.
        blocks: how many blocks, /24 or /48, they lie in.

    Args:
        networks: IPv4, or IPv6, not both.
        ipv4: which of the two.

    Raises:
        UsageError: there are more than ``MOST`` addresses, or none.
    """

    def __init__(self, networks: Iterable[IPv4Network | IPv6Network], *, ipv4: bool) -> None:
        apart = list(collapse_addresses(cast("list[IPv4Network]", list(networks))))
        self.ipv4 = ipv4
        self.size = sum(network.num_addresses for network in apart)
        if not 1 <= self.size <= MOST:
            raise UsageError(
                f"{self.size:,} addresses of IPv{4 if ipv4 else 6} are not probed in one go; "
                f"1 to {MOST:,} are (IPv6: a /{_LONGEST_6})."
            )
        starts = [int(network.network_address) for network in apart]
        if ipv4:
            starts = [start << 96 for start in starts]
        self._high = np.array([start >> 64 for start in starts], dtype=np.uint64)
        self._low = np.array([start & (2**64 - 1) for start in starts], dtype=np.uint64)
        sizes = np.array([network.num_addresses for network in apart], dtype=np.uint64)
        self._begin = np.cumsum(sizes) - sizes
        self._sizes = sizes
        self._keys = _sortable(self._high, self._low)
        shift = _BLOCK[ipv4]
        first = self._high >> shift
        beyond = (sizes - np.uint64(1)) << _HALF if ipv4 else np.zeros_like(first)
        spans = ((self._high + beyond) >> shift) - first
        shared = np.zeros(len(apart), dtype=np.uint64)  # with the last block of the one before
        shared[1:] = (first + spans)[:-1] == first[1:]
        ends = np.cumsum(spans + np.uint64(1) - shared)
        self._first_block = first
        self._block_begin = ends - spans - np.uint64(1)
        self.blocks = int(ends[-1])

    def addresses(self, positions: Words) -> tuple[Words, Words]:
        """The first and the last 64 bits of the addresses at these positions."""
        row = np.searchsorted(self._begin, positions, side="right") - 1
        offset = positions - self._begin[row]
        if self.ipv4:
            return self._high[row] + (offset << _HALF), np.zeros_like(positions)
        return self._high[row], self._low[row] + offset

    def block_of(self, high: Words, low: Words) -> NDArray[np.int64]:
        """int64[n]: the number of each target's block, a /24 or a /48, in order of addresses."""
        row = np.searchsorted(self._keys, _sortable(high, low), side="right") - 1
        number = self._block_begin[row] + (high >> _BLOCK[self.ipv4]) - self._first_block[row]
        return np.asarray(number, dtype=np.int64)

    def block_highs(self) -> Words:
        """uint64[blocks]: the first 64 bits of each block's first address."""
        spans = np.diff(self._block_begin, append=np.uint64(self.blocks))
        row = np.repeat(np.arange(len(spans)), spans.astype(np.int64))
        at = np.arange(self.blocks, dtype=np.uint64)
        highs: Words = (self._first_block[row] + at - self._block_begin[row]) << _BLOCK[self.ipv4]
        return highs

    def block_sizes(self) -> NDArray[np.int64]:
        """int64[blocks]: how many targets lie in each block."""
        last = self._begin + self._sizes - np.uint64(1)
        edges = [self.block_of(*self.addresses(at)) for at in (self._begin, last)]
        per_block = 1 << 8 if self.ipv4 else 0
        sizes = np.zeros(self.blocks + 1, dtype=np.int64)
        first, final = edges
        for begin, end, size in zip(
            first.tolist(), final.tolist(), self._sizes.tolist(), strict=True
        ):
            if begin == end:
                sizes[begin] += size
            else:  # networks of more than one block fill each of theirs
                sizes[begin : end + 1] = per_block
        return sizes[:-1]

    def positions(self, high: Words, low: Words) -> NDArray[np.int64]:
        """int64[n]: the position of each address, -1 where it is no target."""
        row = np.searchsorted(self._keys, _sortable(high, low), side="right") - 1
        at = np.maximum(row, 0)
        if self.ipv4:
            offset = (high - self._high[at]) >> _HALF
        else:
            offset = np.where(high == self._high[at], low - self._low[at], self._sizes[at])
        known = (row >= 0) & (offset < self._sizes[at])
        return np.where(known, (self._begin[at] + offset).astype(np.int64), -1)


def _sortable(high: Words, low: Words) -> NDArray[np.void]:
    """Addresses as 16 bytes in network order, which compare as the addresses do."""
    pairs = np.stack([high, low], axis=1).astype(">u8")
    return np.ascontiguousarray(pairs).view("V16").reshape(-1)


def address_text(high: int, low: int, *, ipv4: bool) -> str:
    """An address as it is written."""
    return str(IPv4Address(high >> 32) if ipv4 else IPv6Address(high << 64 | low))


def block_text(high: int, *, ipv4: bool) -> str:
    """The block of an address, a /24 of IPv4 or a /48 of IPv6, as it is written."""
    if ipv4:
        return str(IPv4Network((high >> 40 << 8, 24)))
    return str(IPv6Network((high >> 16 << 80, 48)))
