"""What is to be encoded, as columns.

Every list within a row (ASes of a path, communities, prefixes of a message) lies in one array with
those of all rows; those of row ``i`` are from ``first[i]`` to ``first[i + 1]``. So each ``first``
has one number more than there are rows.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from ipaddress import IPv4Address, IPv6Address

    from numpy.typing import NDArray

    from zicht.lab.mrt import Network


class Kind(IntEnum):
    """What a message says."""

    ANNOUNCE = 0
    WITHDRAW = 1
    STATE = 2
    END_OF_TABLE = 3
    """RFC 4724, section 2: an UPDATE of a family without any route."""


class Networks(NamedTuple):
    """Prefixes.

    Attributes:
        family: uint8[n]: 4 or 6.
        address: uint8[n, 16]: the address from its first byte on; of IPv4 the first four count.
            Bits beyond the length are zero.
        length: uint8[n]: in bits.
    """

    family: NDArray[np.uint8]
    address: NDArray[np.uint8]
    length: NDArray[np.uint8]


class Routers(NamedTuple):
    """Routers that speak to a collector.

    Attributes:
        asn: uint32[n].
        family: uint8[n]: 4 or 6, of the address.
        address: uint8[n, 16]: as of ``Networks``.
        identifier: uint32[n]: BGP identifiers (RFC 6286).
        next_hop4: uint32[n]: the next hop of their IPv4 routes.
        next_hop6: uint8[n, 16]: the next hop of their IPv6 routes.
    """

    asn: NDArray[np.uint32]
    family: NDArray[np.uint8]
    address: NDArray[np.uint8]
    identifier: NDArray[np.uint32]
    next_hop4: NDArray[np.uint32]
    next_hop6: NDArray[np.uint8]


class Attributes(NamedTuple):
    """Path attributes of routes, one row each; the next hop is that of the router.

    Attributes:
        path_first: int64[n + 1]: of ``path``.
        path: uint32[]: ASes, from the router's own to the origin; one AS_SEQUENCE, at most 255.
        origin: uint8[n]: 0 IGP, 1 EGP, 2 INCOMPLETE (RFC 4271, section 5.1.1).
        med: int64[n]: the metric, or -1 for none.
        community_first: int64[n + 1]: of ``community``.
        community: uint32[]: the AS in the upper two bytes (RFC 1997).
    """

    path_first: NDArray[np.int64]
    path: NDArray[np.uint32]
    origin: NDArray[np.uint8]
    med: NDArray[np.int64]
    community_first: NDArray[np.int64]
    community: NDArray[np.uint32]


class Messages(NamedTuple):
    """What routers say, one row a message, in the order in which it is to be written.

    Attributes:
        time: int64[n]: microseconds since 1970 UTC.
        router: int32[n]: an index into ``Routers``.
        kind: uint8[n]: of ``Kind``.
        family: uint8[n]: 4 or 6, of the prefixes; without meaning for a state.
        states: uint8[n, 2]: the old and the new state (RFC 6396, section 4.4.1) of a state.
        network_first: int64[n + 1]: of ``network``.
        network: int32[]: indices into ``Networks``, all of the message's family.
        attributes: rows of announcements; those of other messages are not looked at.
    """

    time: NDArray[np.int64]
    router: NDArray[np.int32]
    kind: NDArray[np.uint8]
    family: NDArray[np.uint8]
    states: NDArray[np.uint8]
    network_first: NDArray[np.int64]
    network: NDArray[np.int32]
    attributes: Attributes


class Entries(NamedTuple):
    """A table: for each of its prefixes the routes of all routers that have one.

    Attributes:
        network: int32[n]: indices into ``Networks``, in the table's order.
        first: int64[n + 1]: of the columns below.
        router: uint16[m]: an index into ``Routers``.
        originated: uint32[m]: seconds since 1970 at which the route was learned.
        attributes: of m rows.
    """

    network: NDArray[np.int32]
    first: NDArray[np.int64]
    router: NDArray[np.uint16]
    originated: NDArray[np.uint32]
    attributes: Attributes


def networks_of(networks: Sequence[Network]) -> Networks:
    """Prefixes as columns."""
    return Networks(
        np.array([one.version for one in networks], np.uint8),
        _addresses(one.network_address for one in networks),
        np.array([one.prefixlen for one in networks], np.uint8),
    )


def routers_of(
    asns: Sequence[int],
    addresses: Sequence[IPv4Address | IPv6Address],
    identifiers: Sequence[IPv4Address],
) -> Routers:
    """Routers as columns.

    The next hop of their routes is their own address. Of the other family it is, for IPv4, the
    identifier, and for IPv6 the address mapped as RFC 4291, section 2.5.5.2, says.
    """
    identifier = np.array([int(one) for one in identifiers], np.uint32)
    own = [int(one) if one.version == 4 else 0 for one in addresses]  # noqa: PLR2004 - IPv4
    family = np.array([one.version for one in addresses], np.uint8)
    is_six = family == 6  # noqa: PLR2004 - IPv6
    address = _addresses(addresses)
    mapped = np.zeros_like(address)
    mapped[:, 10:12] = 0xFF
    mapped[:, 12:] = address[:, :4]
    return Routers(
        np.array(asns, np.uint32),
        family,
        address,
        identifier,
        np.where(is_six, identifier, np.array(own, np.uint32)),
        np.where(is_six[:, None], address, mapped),
    )


def _addresses(addresses: Iterable[IPv4Address | IPv6Address]) -> NDArray[np.uint8]:
    packed = b"".join(one.packed.ljust(16, b"\0") for one in addresses)
    return np.frombuffer(packed, np.uint8).reshape(-1, 16)
