"""What a router of a world says by BMP of its peers: RFC 7854, Adj-RIB-In before policy.

A collector stands for a router whose peers are the collector's. Nothing is shared with the decoder.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from zicht.lab.mrt import message
from zicht.lab.routes.columns import Kind
from zicht.lab.routes.encode import encode_updates
from zicht.lab.routes.holding import up_since
from zicht.lab.routes.telling import messages_between, table_messages
from zicht.model.time import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from zicht.lab.routes.collectors import Station
    from zicht.lab.routes.columns import Messages
    from zicht.lab.watchers import Peer

_VERSION = 3
_MONITORING, _STATISTICS, _PEER_DOWN, _PEER_UP, _INITIATION, _TERMINATION = range(6)
_SYS_DESCR, _SYS_NAME = 1, 2
_REASON, _CLOSED_BY_ADMIN = 1, 0  # of a termination (section 4.5)
_REMOTE_WITHOUT_NOTIFICATION = 4  # why a peer is down (section 4.9)
_REJECTED, _ROUTES_IN = 0, 7  # statistics (section 4.8): prefixes rejected, routes in Adj-RIB-In
_OPEN = 1
_TRANS_ASN = 23456  # RFC 6793, section 9
_HOLD_TIME = 180
_PORT = 179
_LARGEST_AS2 = 0xFFFF
_ESTABLISHED = 6
_MICROSECONDS = 1_000_000


def begin_session(station: Station, time: datetime) -> bytes:
    """What a router says first: who it is, which peers are up, and their whole tables."""
    now = to_microseconds(time)
    up = [
        router
        for router in range(len(station.collector.peers))
        if up_since(station.post, router, now - 1) >= 0
    ]
    tables = table_messages(station.ground, station.post, np.array(up, np.int32), now)
    ups = b"".join(_peer_up(station.collector.peers[router], now) for router in up)
    return initiation(station.collector.name) + ups + b"".join(_messages(station, tables))


def said_between(station: Station, begin: datetime, end: datetime) -> bytes:
    """What the router says of ``[begin, end)``, in the order of time."""
    start, stop = to_microseconds(begin), to_microseconds(end)
    return b"".join(_messages(station, messages_between(station.ground, station.post, start, stop)))


def statistics(station: Station, time: datetime) -> bytes:
    """How many routes each peer that is up has told: a report of each (section 4.8)."""
    now = to_microseconds(time)
    reports = []
    for router, peer in enumerate(station.collector.peers):
        if up_since(station.post, router, now - 1) < 0:
            continue
        tables = table_messages(station.ground, station.post, np.array([router], np.int32), now)
        values = struct.pack(">HHI", _REJECTED, 4, 0)
        values += struct.pack(">HHQ", _ROUTES_IN, 8, len(tables.network))
        body = _peer_header(peer, now) + struct.pack(">I", 2) + values
        reports.append(_message(_STATISTICS, body))
    return b"".join(reports)


def initiation(name: str) -> bytes:
    """Who the router is (section 4.3)."""
    texts = {_SYS_DESCR: b"A router of a made world", _SYS_NAME: name.encode()}
    body = b"".join(struct.pack(">HH", kind, len(text)) + text for kind, text in texts.items())
    return _message(_INITIATION, body)


def termination() -> bytes:
    """That the router ends the session (section 4.5)."""
    return _message(_TERMINATION, struct.pack(">HHH", _REASON, 2, _CLOSED_BY_ADMIN))


def _messages(station: Station, messages: Messages) -> Iterator[bytes]:
    updates = iter(encode_updates(messages, station.routers, station.networks))
    for row, kind in enumerate(messages.kind.tolist()):
        peer = station.collector.peers[messages.router[row]]
        time = int(messages.time[row])
        if kind != Kind.STATE:
            yield _message(_MONITORING, _peer_header(peer, time) + next(updates))
        elif messages.states[row, 1] == _ESTABLISHED:
            yield _peer_up(peer, time)
        else:
            reason = bytes([_REMOTE_WITHOUT_NOTIFICATION])
            yield _message(_PEER_DOWN, _peer_header(peer, time) + reason)


def _message(kind: int, body: bytes) -> bytes:
    """The common header (section 4.1) and what follows."""
    return struct.pack(">BIB", _VERSION, 6 + len(body), kind) + body


def _peer_header(peer: Peer, time: int) -> bytes:
    """The per-peer header (section 4.2): a global instance, AS numbers of four bytes."""
    flags = 0x80 if peer.address.version == 6 else 0  # noqa: PLR2004 - IPv6
    seconds, microseconds = divmod(time, _MICROSECONDS)
    return (
        struct.pack(">BB8x", 0, flags)
        + peer.address.packed.rjust(16, b"\0")
        + struct.pack(">I", peer.asn)
        + peer.identifier.packed
        + struct.pack(">II", seconds, microseconds)
    )


def _peer_up(peer: Peer, time: int) -> bytes:
    """A session came up (section 4.10), with both OPEN messages."""
    local = bytes(16)
    ports = struct.pack(">HH", _PORT, 49152 + peer.asn % 16384)
    opens = _open(_TRANS_ASN, bytes([10, 0, 0, 1])) + _open(peer.asn, peer.identifier.packed)
    return _message(_PEER_UP, _peer_header(peer, time) + local + ports + opens)


def _open(asn: int, identifier: bytes) -> bytes:
    """An OPEN (RFC 4271, section 4.2): both families, AS numbers of four bytes, and refresh."""
    capabilities = b"".join(struct.pack(">BBHBB", 1, 4, family, 0, 1) for family in (1, 2))
    capabilities += struct.pack(">BB", 2, 0) + struct.pack(">BBI", 65, 4, asn)
    parameters = struct.pack(">BB", 2, len(capabilities)) + capabilities
    short = asn if asn <= _LARGEST_AS2 else _TRANS_ASN
    head = struct.pack(">BHH4sB", 4, short, _HOLD_TIME, identifier, len(parameters))
    return message(_OPEN, head + parameters)
