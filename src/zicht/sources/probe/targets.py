"""What is to be probed: networks as one space of positions, each an address."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, collapse_addresses
from typing import TYPE_CHECKING, cast

import numpy as np

from zicht.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

MOST = 1 << 24
"""Addresses of one space: each keeps some bytes of memory."""
_LONGEST_6 = 104  # 2^24 addresses; nobody can try those of a /64
_HALF = np.uint64(32)


class Targets:
    """The addresses of networks of one family, by position 0 to ``size`` - 1; none twice.

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
                f"1 to {MOST:,} are (IPv4: a /8, IPv6: a /{_LONGEST_6})."
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

    def addresses(self, positions: Words) -> tuple[Words, Words]:
        """The first and the last 64 bits of the addresses at these positions."""
        row = np.searchsorted(self._begin, positions, side="right") - 1
        offset = positions - self._begin[row]
        if self.ipv4:
            return self._high[row] + (offset << _HALF), np.zeros_like(positions)
        return self._high[row], self._low[row] + offset

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
