"""BMP: the stream that a router sends, cut into messages, and each of them read.

RFC 7854 (BMP), RFC 8671 (Adj-RIB-Out), RFC 9069 (Loc-RIB). What the messages mean for the routes is
``bmp_session``'s matter.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

from zicht.errors import InputError
from zicht.sources.bgp.bmp_messages import (
    Initiation,
    Message,
    MessageType,
    PeerDown,
    PeerHeader,
    PeerType,
    PeerUp,
    RouteMirroring,
    RouteMonitoring,
    StatisticsReport,
    Termination,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_MESSAGE = 1 << 20
"""Bytes. A BGP message has at most 65,535 (RFC 8654), a peer's two OPENs and notices far less than
a megabyte; a longer message is no BMP or an attack on the memory."""

VERSION = 3
_COMMON = struct.Struct(">BIB")  # RFC 7854, section 4.1
_PER_PEER = struct.Struct(">BB8s16sI4sII")  # section 4.2


@dataclass
class Framer:
    """Cuts a stream into whole messages, holding no more than one that is not yet complete.

    Attributes:
        longest: the longest message that is waited for, in bytes.
    """

    longest: int = LONGEST_MESSAGE

    def __post_init__(self) -> None:
        self._held = bytearray()

    @property
    def held(self) -> int:
        """How many bytes of a message that is not yet complete are held."""
        return len(self._held)

    def take(self, data: bytes) -> Iterator[bytes]:
        """The messages, with their common headers, that ``data`` completes.

        Raises:
            InputError: the version is not 3 or the length is impossible: this is no BMP, or the
                boundaries of messages are lost; nothing more can be read of this stream.
        """
        self._held += data
        at = 0
        try:
            while len(self._held) - at >= _COMMON.size:
                version, length, _ = _COMMON.unpack_from(self._held, at)
                self._check(version, length)
                if len(self._held) - at < length:
                    return
                at += length
                yield bytes(self._held[at - length : at])
        finally:
            del self._held[:at]

    def _check(self, version: int, length: int) -> None:
        if version != VERSION:
            raise InputError(
                f"A BMP message of version {version}; only version {VERSION} is known.",
                "Let the router speak BMP as in RFC 7854.",
            )
        if not _COMMON.size <= length <= self.longest:
            raise InputError(
                f"A BMP message claims {length:,} bytes; between {_COMMON.size} and"
                f" {self.longest:,} can be.",
                "What connects here may be no BMP speaker.",
            )


def read(message: bytes) -> Message:
    """One whole message, its common header included, as a struct.

    Raises:
        ValueError: its parts do not add up.
    """
    kind, body = message[_COMMON.size - 1], message[_COMMON.size :]
    if kind == MessageType.INITIATION:
        return Initiation(_read_information(body))
    if kind == MessageType.TERMINATION:
        reasons = [value for code, value in _read_tlvs(body) if code == 1]
        return Termination(int.from_bytes(reasons[0]) if reasons else None)
    if kind > MessageType.ROUTE_MIRRORING:
        return Unknown(kind)
    return _read_of_peer(kind, _read_peer(body), body[_PER_PEER.size :])


def _read_of_peer(kind: int, peer: PeerHeader, body: bytes) -> Message:
    match kind:
        case MessageType.ROUTE_MONITORING:
            return RouteMonitoring(peer, body)
        case MessageType.PEER_UP:
            return _read_peer_up(peer, body)
        case MessageType.PEER_DOWN:
            if not body:
                raise ValueError("a Peer Down without a reason")
            return PeerDown(peer, body[0])
        case MessageType.STATISTICS_REPORT:
            return StatisticsReport(peer, dict(_read_tlvs(body[4:])))
        case _:
            parts = _read_tlvs(body)
            messages = tuple(value for code, value in parts if code == 0)
            lost = any(code == 1 and int.from_bytes(value) == 1 for code, value in parts)
            return RouteMirroring(peer, messages, lost)


def _read_peer(body: bytes) -> PeerHeader:
    if len(body) < _PER_PEER.size:
        raise ValueError("a per-peer header that is cut off")
    kind, flags, distinguisher, address, asn, bgp_id, seconds, micros = _PER_PEER.unpack_from(body)
    six = kind != PeerType.LOC_RIB and flags & 0x80
    return PeerHeader(
        type=kind,
        flags=flags,
        distinguisher=distinguisher,
        address=_read_address(address, six=bool(six)),
        asn=asn,
        bgp_id=IPv4Address(bgp_id),
        time=seconds * 1_000_000 + micros,
    )


def _read_peer_up(peer: PeerHeader, body: bytes) -> PeerUp:
    fixed = 20  # local address and both ports
    opens = []
    at = fixed
    for _ in range(2):
        length = int.from_bytes(body[at + 16 : at + 18])
        if length == 0 or at + length > len(body):
            raise ValueError("a Peer Up whose OPEN messages are cut off")
        opens.append(body[at : at + length])
        at += length
    local = _read_address(body[:16], six=peer.address.version == 6)  # noqa: PLR2004
    return PeerUp(peer, local, *opens)


def _read_information(body: bytes) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for code, value in _read_tlvs(body):
        found.setdefault(code, []).append(value.decode("utf-8", "replace"))
    return found


def _read_tlvs(body: bytes) -> list[tuple[int, bytes]]:
    """Types, lengths and values (section 4.4)."""
    found = []
    at = 0
    while at < len(body):
        if at + 4 > len(body):
            raise ValueError("a TLV that is cut off")
        code, length = struct.unpack_from(">HH", body, at)
        at += 4 + length
        if at > len(body):
            raise ValueError("a TLV that is longer than its message")
        found.append((code, body[at - length : at]))
    return found


def _read_address(data: bytes, *, six: bool) -> IPv4Address | IPv6Address:
    return IPv6Address(data) if six else IPv4Address(data[12:])
