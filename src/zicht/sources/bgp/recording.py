"""What comes live, written as MRT records, so that archives and live are decoded alike.

BGP4MP_ET of RFC 6396, sections 3 and 4.4, with the subtypes of RFC 8050 for add-path: the records
that route collectors themselves write. An observatory that keeps them has its live stream as
evidence that any MRT reader can replay.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

AS_TRANS = 23456
"""Stands for a four-byte AS number where only two bytes fit (RFC 6793, section 9)."""

_BGP4MP_ET = 17
_MESSAGE = 1
_MESSAGE_AS4 = 4
_STATE_CHANGE_AS4 = 5
_MESSAGE_ADDPATH = 8
_MESSAGE_AS4_ADDPATH = 9
_AFI = {4: 1, 6: 2}
_TWO_BYTES = 0xFFFF


class State(IntEnum):
    """States of a BGP session (RFC 6396, section 4.4.1; RFC 4271, section 8.2.2)."""

    IDLE = 1
    CONNECT = 2
    ACTIVE = 3
    OPEN_SENT = 4
    OPEN_CONFIRM = 5
    ESTABLISHED = 6


@dataclass(frozen=True)
class Session:
    """A BGP session, as the header of a BGP4MP record names it.

    Attributes:
        peer: the address of the router that tells its routes.
        peer_asn: its AS.
        local: the address of the router that is told, ``None`` where it is not known; it is then
            written as the unspecified address.
        local_asn: its AS, 0 where it is not known.
    """

    peer: IPv4Address | IPv6Address
    peer_asn: int
    local: IPv4Address | IPv6Address | None = None
    local_asn: int = 0


def record_message(
    session: Session, time: int, message: bytes, *, as4: bool = True, add_path: bool = False
) -> bytes:
    """A BGP message as a BGP4MP_ET record.

    ``time`` is in microseconds since 1970 UTC; ``message`` is whole, with its header. ``as4`` says
    whether AS numbers in its AS_PATH have four bytes, ``add_path`` whether its prefixes carry path
    identifiers (RFC 8050, section 3). Where AS numbers have two bytes a larger one of the session
    is written as AS_TRANS, for the record has no room for it.
    """
    if as4:
        subtype = _MESSAGE_AS4_ADDPATH if add_path else _MESSAGE_AS4
    else:
        subtype = _MESSAGE_ADDPATH if add_path else _MESSAGE
    return _record(time, subtype, _header(session, as4=as4) + message)


def record_state(session: Session, time: int, *, old: State, new: State) -> bytes:
    """A change of the session's state as a BGP4MP_ET record; ``time`` as in ``record_message``."""
    body = _header(session, as4=True) + struct.pack(">HH", old, new)
    return _record(time, _STATE_CHANGE_AS4, body)


def _header(session: Session, *, as4: bool) -> bytes:
    peer = session.peer
    local = session.local
    there = local.packed if local and local.version == peer.version else bytes(len(peer.packed))
    if as4:
        numbers = struct.pack(">II", session.peer_asn, session.local_asn)
    else:
        numbers = struct.pack(">HH", *map(_fit, (session.peer_asn, session.local_asn)))
    return numbers + struct.pack(">HH", 0, _AFI[peer.version]) + peer.packed + there


def _fit(asn: int) -> int:
    return asn if asn <= _TWO_BYTES else AS_TRANS


def _record(time: int, subtype: int, body: bytes) -> bytes:
    seconds, microseconds = divmod(time, 1_000_000)
    # The microseconds count as part of the message (RFC 6396, section 3).
    head = struct.pack(">IHHII", seconds, _BGP4MP_ET, subtype, 4 + len(body), microseconds)
    return head + body
