"""The prefixes of a world."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network
from typing import TYPE_CHECKING

import numpy as np

from zicht.lab import chance
from zicht.lab.plan import Prefixes, lay_out, lengths4, lengths6

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zicht.lab.parts import Part


def make_prefixes(parts: Sequence[Part], seed: int) -> Prefixes:
    """Lay out what every part announces, both families.

    Raises:
        UsageError: there are not as many addresses.
    """
    named = np.array([bool(one.networks) for one in parts])
    visible = np.array([one.blocks for one in parts], dtype=np.int64)
    part4, length4 = lengths4(np.where(named, 0, visible), seed)
    part6, length6 = lengths6(np.array([one.prefixes6 for one in parts], dtype=np.int64), seed)
    columns = [
        _column(4, lay_out(part4, length4, 4), length4, part4),
        _column(6, lay_out(part6, length6, 6), length6, part6),
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
