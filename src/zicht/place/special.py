"""Addresses that are not for the public internet.

From IANA's registries of special-purpose addresses (RFC 6890): those that are not globally
reachable; outside 2000::/3 there is no public IPv6 (RFC 4291). An address is stood for by its first
64 bits, an IPv4 address left-aligned in them.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_SPECIAL_4 = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
)
_SPECIAL_6 = (
    "::/3",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "4000::/2",
    "8000::/1",
)


def bounds(networks: Iterable[IPv4Network | IPv6Network]) -> NDArray[np.uint64]:
    """uint64[n, 2]: the first and last 64 bits' worth of address of each network, left-aligned.

    A network longer than /64 is taken as the whole /64 around it.
    """
    rows = []
    for network in networks:
        address = int(network.network_address)
        high = address << 32 if isinstance(network, IPv4Network) else address >> 64
        rows.append((high, high | ((1 << max(64 - network.prefixlen, 0)) - 1)))
    return np.array(rows, dtype=np.uint64).reshape(-1, 2)


SPECIAL_PREFIXES = tuple(map(ip_network, _SPECIAL_4 + _SPECIAL_6))
"""The addresses that are not for the public internet."""
SPECIAL_4 = bounds(map(ip_network, _SPECIAL_4))
SPECIAL_6 = bounds(map(ip_network, _SPECIAL_6))
