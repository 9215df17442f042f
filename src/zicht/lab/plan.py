"""The plan of addresses: who announces which prefixes, and which of their blocks answer pings."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING

import numpy as np

from zicht.errors import UsageError
from zicht.lab import chance

if TYPE_CHECKING:
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


def lengths4(blocks: NDArray[np.int64], seed: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Lengths of prefixes that together hold so many /24 blocks of each part.

    Lengths are drawn as they are spread in public tables, but none holds more than a quarter of its
    part; what is left over is as few prefixes as possible.

    Returns:
        Parts int32[n] and lengths int64[n], by part and then by length.
    """
    shortest = _LONGEST4 - np.frexp(np.maximum(blocks // 4, 1))[1] + 1
    means = np.array([_mean_size(length) for length in range(_LONGEST4 + 1)])
    draws = np.ceil(blocks / means[shortest]).astype(np.int64)
    part, place = _counted(draws)
    luck = _lucky(seed, "lengths4", part, place)
    length = np.maximum(_draw(LENGTHS4, SHARES4, luck), shortest[part])
    size = np.left_shift(np.int64(1), _LONGEST4 - length)
    held = np.cumsum(size) - size
    first = np.cumsum(draws) - draws
    kept = held - (held[first[part]] if len(held) else held) + size <= blocks[part]
    part, length, size = part[kept], length[kept], size[kept]
    rest = blocks - np.bincount(part, weights=size, minlength=len(blocks)).astype(np.int64)
    parts, lengths = [part], [length]
    for bit in range(_LONGEST4):
        rows = np.flatnonzero(rest >> bit & 1)
        parts.append(rows)
        lengths.append(np.full(len(rows), _LONGEST4 - bit))
    part, length = np.concatenate(parts), np.concatenate(lengths)
    order = np.lexsort((length, part))
    return part[order].astype(np.int32), length[order]


def lengths6(counts: NDArray[np.int64], seed: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Lengths of so many prefixes of IPv6 of each part: parts int32[n], lengths int64[n]."""
    part, place = _counted(counts)
    luck = _lucky(seed, "lengths6", part, place)
    length = _draw(LENGTHS6, SHARES6, luck)
    order = np.lexsort((length, part))
    return part[order].astype(np.int32), length[order]


def _mean_size(shortest: int) -> float:
    sizes = np.left_shift(1, _LONGEST4 - np.maximum(LENGTHS4, max(shortest, LENGTHS4.min())))
    return float(sizes @ SHARES4)


def _counted(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each of so many things of each part: the part, and its place among them."""
    part = np.repeat(np.arange(len(counts)), counts)
    return part, np.arange(len(part)) - np.repeat(np.cumsum(counts) - counts, counts)


def _lucky(
    seed: int, what: str, part: NDArray[np.int64], place: NDArray[np.int64]
) -> NDArray[np.float64]:
    return chance.uniforms_at(chance.key(seed, what), (part << 32 | place).astype(np.uint64))


def _draw(
    values: NDArray[np.int64], shares: NDArray[np.float64], uniforms: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Values in proportion to their shares, one for each uniform."""
    return np.asarray(values[np.searchsorted(np.cumsum(shares)[:-1], uniforms, side="right")])


def lay_out(part: NDArray[np.int32], length: NDArray[np.int64], family: int) -> NDArray[np.uint64]:
    """Find a place for prefixes, sorted by part and then by length: the address of each, uint64[n].

    Each part's prefixes lie together, the shortest first, and none overlaps another.

    Raises:
        UsageError: there are not as many addresses.
    """
    if not len(length):
        return np.empty(0, dtype=np.uint64)
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
        return np.asarray(np.uint64(_SIX) + (slots.astype(np.uint64) << np.uint64(16)))
    eight = slots // _BLOCKS_AN_EIGHT
    if eight.max() >= len(_EIGHTS):
        raise UsageError(
            f"{int(room.sum()):,} /24 blocks are more than IPv4 has.", "Make the world smaller."
        )
    inside = (slots % _BLOCKS_AN_EIGHT).astype(np.uint64)
    return np.asarray(_EIGHTS[eight] << np.uint64(56) | inside << np.uint64(40))
