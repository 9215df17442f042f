"""Who is not to be probed: lists of networks, and space that is not for the public internet."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING

import numpy as np

from zicht.errors import BadRowError
from zicht.place.special import SPECIAL_4, SPECIAL_6, bounds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_NEVER_4 = bounds(
    [ip_network("0.0.0.0/8"), ip_network("224.0.0.0/4"), ip_network("255.255.255.255/32")]
)
_NEVER_6 = bounds([ip_network("ff00::/8")])


def read_networks(text: str, file: str) -> list[IPv4Network | IPv6Network]:
    """The networks of a list: one a line, an address or CIDR; ``#`` begins a comment.

    Raises:
        BadRowError: a line is neither, or has bits set beyond its length. Of a list that cannot be
            read whole nothing counts, lest somebody be probed for a misspelling.
    """
    networks = []
    for number, line in enumerate(text.splitlines(), 1):
        entry = line.partition("#")[0].strip()
        if not entry:
            continue
        try:
            networks.append(ip_network(entry))
        except ValueError:
            raise BadRowError(
                file, number, "1", entry, "an address or a network such as 192.0.2.0/24"
            ) from None
    return networks


class Exclusions:
    """What must not be probed.

    Networks of IPv6 longer than /64 exclude the whole /64 around them.

    Args:
        networks: those that asked to be left alone, or that one leaves alone.
        allow_private: whether private and reserved space may be probed, for measuring one's own
            networks; multicast, broadcast and "this network" never are.
    """

    def __init__(
        self, networks: Iterable[IPv4Network | IPv6Network], *, allow_private: bool = False
    ) -> None:
        networks = list(networks)
        own = [bounds(n for n in networks if n.version == version) for version in (4, 6)]
        barred = (_NEVER_4, _NEVER_6) if allow_private else (SPECIAL_4, SPECIAL_6)
        self._private = [_merged(ranges) for ranges in barred]
        self._listed = [_merged(ranges) for ranges in own]

    def listed(self, high: NDArray[np.uint64], *, ipv4: bool) -> NDArray[np.bool_]:
        """bool[n]: whether each address, by its first 64 bits, is on the list."""
        return _holds(self._listed[not ipv4], high)

    def private(self, high: NDArray[np.uint64], *, ipv4: bool) -> NDArray[np.bool_]:
        """bool[n]: whether each address is private or reserved, and not allowed."""
        return _holds(self._private[not ipv4], high)


def _merged(ranges: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Ranges in order that do not overlap."""
    ranges = ranges[np.argsort(ranges[:, 0], kind="stable")]
    merged: list[list[int]] = []
    for first, last in ranges.tolist():
        if merged and first <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return np.array(merged, dtype=np.uint64).reshape(-1, 2)


def _holds(ranges: NDArray[np.uint64], high: NDArray[np.uint64]) -> NDArray[np.bool_]:
    if not len(ranges):
        return np.zeros(len(high), dtype=np.bool_)
    row = np.searchsorted(ranges[:, 0], high, side="right")
    inside: NDArray[np.bool_] = (row > 0) & (high <= ranges[np.maximum(row, 1) - 1, 1])
    return inside
