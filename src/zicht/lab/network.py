"""The prefixes of a world."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network
from typing import TYPE_CHECKING

import numpy as np

from zicht.lab import chance
from zicht.lab.plan import (
    LENGTHS6,
    SHARES6,
    Prefixes,
    draw,
    lay_out,
    lengths_for,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zicht.lab.parts import Part


def make_prefixes(parts: Sequence[Part], seed: int) -> Prefixes:
    """Lay out what every part announces, both families.

    Raises:
        ValueError: there are not as many addresses.
    """
    lengths4 = [
        lengths_for(0 if part.networks else part.blocks, seed, "lengths4", part.index)
        for part in parts
    ]
    lengths6 = [_lengths6(part.prefixes6, seed, part.index) for part in parts]
    columns = [
        _column(4, *lay_out(lengths4, 4)),
        _column(6, *lay_out(lengths6, 6)),
        _named(parts),
    ]
    family, high, low, length, part = (np.concatenate(rows) for rows in zip(*columns, strict=True))
    order = np.lexsort((length, low, high, family, part))
    family, high, low, length, part = (
        column[order] for column in (family, high, low, length, part)
    )
    mixed = chance.hashes(chance.key(seed, "rank", "low"), low) ^ high
    rank = chance.uniforms_at(chance.key(seed, "rank"), mixed + length.astype(np.uint64))
    return Prefixes(
        family.astype(np.uint8),
        high.astype(np.uint64),
        low.astype(np.uint64),
        length.astype(np.uint8),
        part.astype(np.int32),
        rank,
    )


def _lengths6(count: int, seed: int, part: int) -> NDArray[np.int64]:
    drawn = draw(LENGTHS6, SHARES6, chance.uniforms(seed, "lengths6", part, count=count))
    return np.sort(drawn)


_Column = tuple[
    "NDArray[np.uint8]",
    "NDArray[np.uint64]",
    "NDArray[np.uint64]",
    "NDArray[np.int64]",
    "NDArray[np.int32]",
]


def _column(
    family: int, high: NDArray[np.uint64], length: NDArray[np.int64], part: NDArray[np.int32]
) -> _Column:
    return np.full(len(high), family, np.uint8), high, np.zeros_like(high), length, part


def _named(parts: Sequence[Part]) -> _Column:
    """The prefixes that a scenario names."""
    rows = []
    for part in parts:
        for text in part.networks:
            network = ip_network(text)
            four = isinstance(network, IPv4Network)
            address = int(network.network_address) << (96 if four else 0)
            rows.append(
                (
                    4 if four else 6,
                    address >> 64,
                    address & (1 << 64) - 1,
                    network.prefixlen,
                    part.index,
                )
            )
    family, high, low, length, place = zip(*rows, strict=True) if rows else ([], [], [], [], [])
    return (
        np.array(family, np.uint8),
        np.array(high, np.uint64),
        np.array(low, np.uint64),
        np.array(length, np.int64),
        np.array(place, np.int32),
    )
