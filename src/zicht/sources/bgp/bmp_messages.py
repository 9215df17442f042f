"""What BMP messages say: structs, and the views of a router's tables that they speak of.

RFC 7854 (BMP), RFC 8671 (Adj-RIB-Out), RFC 9069 (Loc-RIB); sections are those of RFC 7854 where
none other is named.
"""

from __future__ import annotations

import struct
from enum import IntEnum, StrEnum
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ipaddress import IPv6Address


class MessageType(IntEnum):
    """Types of BMP messages (RFC 7854, section 4.1)."""

    ROUTE_MONITORING = 0
    STATISTICS_REPORT = 1
    PEER_DOWN = 2
    PEER_UP = 3
    INITIATION = 4
    TERMINATION = 5
    ROUTE_MIRRORING = 6


class PeerType(IntEnum):
    """Types of peers (RFC 7854, section 4.2; RFC 9069, section 4.1)."""

    GLOBAL = 0
    RD = 1
    LOCAL = 2
    LOC_RIB = 3


class Rib(StrEnum):
    """Which of a router's tables a message is about."""

    ADJ_RIB_IN = "adj-rib-in"
    ADJ_RIB_OUT = "adj-rib-out"
    LOC_RIB = "loc-rib"
    MIRRORED = "mirrored"
    """No table but messages as they came (RFC 7854, section 4.7)."""


class Policy(StrEnum):
    """Whether routes are told before or after the router's policy was applied."""

    PRE = "pre-policy"
    POST = "post-policy"


class View(NamedTuple):
    """A table of a router: routes of different views never belong into one table.

    Attributes:
        rib: which table.
        policy: before or after policy; a Loc-RIB is always after.
        instance: ``""`` for the global instance, else the route distinguisher (RFC 4364, section
            4.2) or, of local instances, the distinguisher in hexadecimal digits.
    """

    rib: Rib
    policy: Policy
    instance: str = ""

    def __str__(self) -> str:
        whole = f"{self.rib}/{self.policy}"
        return f"{whole}/{self.instance}" if self.instance else whole


VISIBLE = View(Rib.ADJ_RIB_IN, Policy.PRE)
"""The view that visibility rests on: what peers of the global instance announced, before the
router's own policy. It is what route collectors record. Tables after policy show what the operator
lets in, Adj-RIB-Out what it passes on, a Loc-RIB one best route a prefix, and instances may hold
private networks: none of them says what a peer can reach."""


class PeerHeader(NamedTuple):
    """The per-peer header (RFC 7854, section 4.2).

    Attributes:
        type: the type of peer, one of ``PeerType`` or a number that no RFC names.
        flags: as sent.
        distinguisher: 8 bytes that tell instances of routing apart.
        address: the peer's; unspecified for a Loc-RIB.
        asn: the peer's AS.
        bgp_id: its BGP identifier.
        time: microseconds since 1970 UTC by the router's clock, 0 where it gives none.
    """

    type: int
    flags: int
    distinguisher: bytes
    address: IPv4Address | IPv6Address
    asn: int
    bgp_id: IPv4Address
    time: int

    @property
    def as2(self) -> bool:
        """Whether AS_PATHs are in the old form, with AS numbers of two bytes (the A flag)."""
        return self.type != PeerType.LOC_RIB and bool(self.flags & 0x20)

    @property
    def view(self) -> View:
        """The view that a Route Monitoring message with this header is of."""
        if self.type == PeerType.LOC_RIB:
            return View(Rib.LOC_RIB, Policy.POST, self.instance)
        rib = Rib.ADJ_RIB_OUT if self.flags & 0x10 else Rib.ADJ_RIB_IN  # RFC 8671, section 4
        return View(rib, Policy.POST if self.flags & 0x40 else Policy.PRE, self.instance)

    @property
    def instance(self) -> str:
        """The instance of routing, as in ``View``."""
        if not any(self.distinguisher):
            return ""
        if self.type == PeerType.LOCAL:
            return self.distinguisher.hex()
        return _name_distinguisher(self.distinguisher)


class Initiation(NamedTuple):
    """What a router says of itself, and that it begins (section 4.3): type → texts."""

    information: dict[int, list[str]]

    @property
    def name(self) -> str:
        """The router's name (sysName), empty where it gives none."""
        return next(iter(self.information.get(2, [])), "")


class Termination(NamedTuple):
    """That a router ends the session (section 4.5), and why: a reason's code or ``None``."""

    reason: int | None


class PeerUp(NamedTuple):
    """A session of the router came up (section 4.10), with both OPEN messages."""

    peer: PeerHeader
    local: IPv4Address | IPv6Address
    sent: bytes
    received: bytes


class PeerDown(NamedTuple):
    """A session of the router went down (section 4.9), with the code of the reason."""

    peer: PeerHeader
    reason: int


class RouteMonitoring(NamedTuple):
    """A BGP message as of a view of the router (section 4.6)."""

    peer: PeerHeader
    message: bytes


class RouteMirroring(NamedTuple):
    """BGP messages as they came (section 4.7), and whether some were lost."""

    peer: PeerHeader
    messages: tuple[bytes, ...]
    lost: bool


class StatisticsReport(NamedTuple):
    """Counters and gauges of a peer (section 4.8): type → bytes of the value."""

    peer: PeerHeader
    values: dict[int, bytes]


class Unknown(NamedTuple):
    """A message of a type that no RFC names."""

    type: int


Message = (
    Initiation
    | Termination
    | PeerUp
    | PeerDown
    | RouteMonitoring
    | RouteMirroring
    | StatisticsReport
    | Unknown
)


def _name_distinguisher(data: bytes) -> str:
    """A route distinguisher as people write it (RFC 4364, section 4.2)."""
    (kind,) = struct.unpack_from(">H", data)
    match kind:
        case 0:
            asn, number = struct.unpack_from(">HI", data, 2)
            return f"{asn}:{number}"
        case 1:
            (number,) = struct.unpack_from(">H", data, 6)
            return f"{IPv4Address(data[2:6])}:{number}"
        case 2:
            asn, number = struct.unpack_from(">IH", data, 2)
            return f"{asn}:{number}"
        case _:
            return data.hex()
