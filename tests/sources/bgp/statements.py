"""Statements of peers, made in tests, and the figures that come of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING

import numpy as np

from zicht.place.blocks import Blocks
from zicht.sources.bgp.changes import Changes
from zicht.sources.bgp.elements import Kind, Peer
from zicht.sources.bgp.prefixes import key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zicht.sources.bgp.visibility import Reading

Network = IPv4Network | IPv6Network
SECOND = 1_000_000


def peer(number: int, asn: int | None = None) -> Peer:
    return Peer("rrc00", IPv4Address(0x0B000000 + number), 100 + number if asn is None else asn)


@dataclass
class Said:
    """Statements, one after the other."""

    peers: list[Peer]
    rows: list[tuple[int, int, int, int, int, int, int]] = field(default_factory=list)

    def say(
        self,
        kind: Kind,
        peer: int,
        prefix: str | Network | None = None,
        origin: int = 0,
        path_id: int = -1,
        state: int = 0,
        time: int = 0,
    ) -> Said:
        key = 0 if prefix is None else key_of(ip_network(prefix))
        self.rows.append((time * SECOND, kind, peer, key, origin, path_id, state))
        return self

    def changes(self) -> Changes:
        columns = list(zip(*self.rows, strict=True)) or [()] * 7
        types = (np.int64, np.uint8, np.int32, np.uint64, np.uint32, np.int64, np.uint8)
        arrays = [np.array(c, dtype=t) for c, t in zip(columns, types, strict=True)]
        time, kind, who, key, origin, path_id, state = arrays
        return Changes(self.peers, time, kind, who, key, origin, path_id, state)


def blocks_of(places: Mapping[str, str | None]) -> Blocks:
    """Blocks by their prefix."""
    names = tuple(sorted({place for place in places.values() if place is not None}))
    networks = [ip_network(text) for text in places]
    return Blocks(
        family=np.array([network.version for network in networks], dtype=np.uint8),
        high=np.array(
            [
                int(network.network_address) << 32
                if network.version == 4
                else int(network.network_address) >> 64
                for network in networks
            ],
            dtype=np.uint64,
        ),
        length=np.array([network.prefixlen for network in networks], dtype=np.uint8),
        place=np.array(
            [-1 if place is None else names.index(place) for place in places.values()],
            dtype=np.int32,
        ),
        places=names,
        as_of=date(2024, 7, 1),
        sources=(),
    )


def figures(reading: Reading, column: int = 0) -> dict[int, int]:
    """By AS, where it is anything."""
    total: Counter[int] = Counter()
    for asn, row in zip(reading.asns.tolist(), reading.by_asn_place, strict=True):
        total[asn] += int(row[column])
    return {asn: count for asn, count in total.items() if count}
