"""Who looks at the world: route collectors and their peers."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.lab.scenario_places import CollectorRow

_FIRST_ASN = 4_200_900_001  # for private use (RFC 6996)
_FIRST4 = int(IPv4Address("198.18.0.1"))  # for benchmarks (RFC 2544)
_FIRST6 = int(IPv6Address("2001:db8:ffff::1"))  # for documentation (RFC 3849)
_SIX_EVERY = 3  # one session in so many is over IPv6


@dataclass(frozen=True)
class Peer:
    """A router that speaks to a collector.

    Attributes:
        asn: its AS number.
        address: the session's address; either carries routes of both families.
        identifier: its BGP identifier.
        full_feed: it gives its whole table, else only a part.
    """

    asn: int
    address: IPv4Address | IPv6Address
    identifier: IPv4Address
    full_feed: bool


@dataclass(frozen=True)
class Collector:
    """A route collector.

    Attributes:
        name: ``rrc00``, ``route-views2``.
        project: whose it is.
        peers: who speaks to it.
    """

    name: str
    project: Literal["ris", "routeviews"]
    peers: tuple[Peer, ...]


def make_collectors(rows: Sequence[CollectorRow]) -> tuple[Collector, ...]:
    """Give each collector its peers; no two sessions share an AS number or an address."""
    made: list[Collector] = []
    number = 0
    for row in rows:
        peers = []
        for place in range(row.peers):
            four, six = IPv4Address(_FIRST4 + number), IPv6Address(_FIRST6 + number)
            address = six if number % _SIX_EVERY == _SIX_EVERY - 1 else four
            full = place < row.peers - row.partial
            peers.append(Peer(_FIRST_ASN + number, address, four, full))
            number += 1
        made.append(Collector(row.name, row.project, tuple(peers)))
    return tuple(made)
