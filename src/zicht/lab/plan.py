"""The plan of addresses: who announces which prefixes, and which of their blocks answer pings."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING

import numpy as np

from zicht.lab import chance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# /8s without any address that is not for the public internet (RFC 6890), in which prefixes are laid
# out one after another: none then straddles what must not be announced.
_HOLES = {10, 100, 127, 169, 172, 192, 198, 203}
_EIGHTS = np.array([eight for eight in range(1, 224) if eight not in _HOLES], dtype=np.uint64)
_BLOCKS_AN_EIGHT = 1 << 16
_SIX = 0x2400_0000_0000_0000  # IPv6 is laid out from 2400::/12 on
_LONGEST4, _LONGEST6 = 24, 48
# How long announced prefixes are, of the order seen in public tables of 2024.
LENGTHS4 = np.array([24, 23, 22, 21, 20, 19, 18, 17, 16])
SHARES4 = np.array([0.60, 0.10, 0.12, 0.05, 0.05, 0.03, 0.02, 0.01, 0.02])
LENGTHS6 = np.array([48, 47, 46, 44, 40, 36, 32, 29])
SHARES6 = np.array([0.48, 0.03, 0.04, 0.10, 0.11, 0.06, 0.13, 0.05])


@dataclass(frozen=True)
class Prefixes:
    """Announced prefixes, sorted by part and then by address; all arrays have one length.

    Attributes:
        family: uint8: 4 or 6.
        high: uint64: the first 64 bits of the address, IPv4 left-aligned in them.
        low: uint64: the last 64 bits.
        length: uint8: the prefix's length.
        part: int32: the place of its part in ``World.parts``.
        rank: float64: it is announced while this is below the part's share of routes.
    """

    family: NDArray[np.uint8]
    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    length: NDArray[np.uint8]
    part: NDArray[np.int32]
    rank: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.rank)

    def network(self, index: int) -> IPv4Network | IPv6Network:
        """One of them."""
        high, length = int(self.high[index]), int(self.length[index])
        if self.family[index] == 4:  # noqa: PLR2004 - IPv4
            return IPv4Network((high >> 32, length))
        return IPv6Network((high << 64 | int(self.low[index]), length))

    def sizes24(self) -> NDArray[np.int64]:
        """How many /24 blocks each holds, int64[n]; 0 for IPv6."""
        size = np.left_shift(1, np.maximum(_LONGEST4 - self.length.astype(np.int64), 0))
        return np.asarray(np.where(self.family == 4, size, 0))  # noqa: PLR2004 - IPv4


def lengths_for(blocks: int, seed: int, *names: str | int) -> NDArray[np.int64]:
    """Lengths of prefixes that together hold so many /24 blocks, the shortest first, int64[n]."""
    if not blocks:
        return np.empty(0, dtype=np.int64)
    largest = max(blocks // 4, 1)
    allowed = np.left_shift(1, _LONGEST4 - LENGTHS4) <= largest
    drawn = draw(LENGTHS4[allowed], SHARES4[allowed], chance.uniforms(seed, *names, count=blocks))
    held = np.cumsum(np.left_shift(1, _LONGEST4 - drawn))
    drawn = drawn[: int(np.searchsorted(held, blocks, side="right"))]
    rest = blocks - (int(held[len(drawn) - 1]) if len(drawn) else 0)
    bits = [_LONGEST4 - bit for bit in range(rest.bit_length()) if rest >> bit & 1]
    return np.sort(np.concatenate([drawn, np.array(bits, dtype=np.int64)]))


def draw(
    values: NDArray[np.int64], shares: NDArray[np.float64], uniforms: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Values in proportion to their shares, one for each uniform."""
    return np.asarray(values[np.searchsorted(np.cumsum(shares / shares.sum())[:-1], uniforms)])


def lay_out(
    lengths: Sequence[NDArray[np.int64]], family: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int32]]:
    """Find a place for the prefixes of each part: addresses, lengths and parts, by part.

    Each part's prefixes lie together, the shortest first, and none overlaps another.

    Raises:
        ValueError: there are not as many addresses.
    """
    part = np.repeat(np.arange(len(lengths), dtype=np.int32), [len(one) for one in lengths])
    length = np.concatenate([np.empty(0, dtype=np.int64), *lengths])
    return (*lay_out_flat(length, part, family), part)


def lay_out_flat(
    length: NDArray[np.int64], part: NDArray[np.int32], family: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """As ``lay_out``, of prefixes that are sorted by part and then by length."""
    if not len(length):
        return np.empty(0, dtype=np.uint64), length
    longest = _LONGEST4 if family == 4 else _LONGEST6  # noqa: PLR2004 - IPv4
    size = np.left_shift(np.int64(1), longest - length)
    first = np.flatnonzero(np.concatenate([[True], part[1:] != part[:-1]]))
    within = np.cumsum(size) - size
    within -= np.repeat(within[first], np.diff(np.append(first, len(part))))
    largest = size[first]
    total = np.add.reduceat(size, first)
    room = -(-total // largest) * largest  # so that the next part, no larger, is aligned too
    order = np.argsort(-largest, kind="stable")
    starts = np.empty(len(first), dtype=np.int64)
    starts[order] = np.cumsum(room[order]) - room[order]
    slots = within + np.repeat(starts, np.diff(np.append(first, len(part))))
    if family == 6:  # noqa: PLR2004 - IPv6
        return np.uint64(_SIX) + (slots.astype(np.uint64) << np.uint64(16)), length
    eight = slots // _BLOCKS_AN_EIGHT
    if eight[-1] >= len(_EIGHTS) or eight.max() >= len(_EIGHTS):
        raise ValueError(f"{int(room.sum()):,} blocks are more than IPv4 has")
    inside = (slots % _BLOCKS_AN_EIGHT).astype(np.uint64)
    return _EIGHTS[eight] << np.uint64(56) | inside << np.uint64(40), length
