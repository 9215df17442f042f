"""RIS Live: what RIPE's route collectors hear, as they hear it; read, and asked for.

The format is that of https://ris-live.ripe.net/manual/: JSON messages over a WebSocket, a
``ris_message`` for each BGP message of a peer. The stream holds no tables: it begins in the middle.
"""

from __future__ import annotations

import base64
import binascii
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import msgspec

from zicht.errors import InputError
from zicht.sources.bgp.messages import UPDATE, fits_as_size, is_message, split_by
from zicht.sources.bgp.rebuilding import rebuild
from zicht.sources.bgp.recording import Session, State, record_message, record_state

COLLECTOR_ASN = 12654
"""The AS of RIPE's collectors."""

_LATEST = 2**32 - 1  # seconds since 1970 that a record has room for
_LARGEST_ASN = 2**32 - 1


class Subscription(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """Which messages are asked for; a message is sent where all that is given fits.

    Attributes:
        host: a collector, such as ``rrc00``.
        type: ``UPDATE``, ``OPEN``, ``NOTIFICATION``, ``KEEPALIVE`` or ``RIS_PEER_STATE``.
        require: a key that the message must have, such as ``announcements``.
        peer: a peer's address.
        path: a pattern of AS numbers, such as ``^64500,64501$``.
        prefix: prefixes that an UPDATE must speak of.
        more_specific: whether more specific prefixes are meant too.
        less_specific: whether less specific prefixes are meant too.
    """

    host: str | None = None
    type: str | None = None
    require: str | None = None
    peer: str | None = None
    path: str | None = None
    prefix: tuple[str, ...] | None = None
    more_specific: bool = True
    less_specific: bool = False


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What a ``ris_message`` says of one peer.

    Attributes:
        collector: the collector's name, such as ``rrc00``.
        peer: the peer's address.
        peer_asn: its AS.
        time: microseconds since 1970 UTC at which the collector got the message.
        id: the message's own identifier; one that comes twice is the same message.
        kind: ``UPDATE``, ``RIS_PEER_STATE`` and so on.
        records: MRT records of it; none for what changes no route and no session.
        is_damaged: whether it speaks of routes or states that could not be understood.
    """

    collector: str
    peer: IPv4Address | IPv6Address
    peer_asn: int
    time: int
    id: str
    kind: str
    records: tuple[bytes, ...] = ()
    is_damaged: bool = False


class Notice(msgspec.Struct, frozen=True):
    """What the service says of itself: ``ris_error``, ``ris_subscribe_ok``, ``pong`` and others.

    Attributes:
        kind: the message's type.
        text: an error's text, else empty.
    """

    kind: str
    text: str = ""


class _Announcement(msgspec.Struct):
    next_hop: str = ""
    prefixes: tuple[str, ...] = ()


class _Data(msgspec.Struct):
    timestamp: float
    peer: str
    peer_asn: int | str
    host: str
    type: str = ""
    id: str = ""
    raw: str | None = None
    state: str = ""
    path: tuple[int | tuple[int, ...], ...] | None = None
    origin: str = ""
    announcements: tuple[_Announcement, ...] | None = None
    withdrawals: tuple[str, ...] | None = None


class _Envelope(msgspec.Struct):
    type: str
    data: msgspec.Raw = msgspec.Raw(b"null")


class _Header(msgspec.Struct):
    peer: str
    host: str


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_DATA = msgspec.json.Decoder(_Data, strict=False)
_HEADER = msgspec.json.Decoder(_Header)


def subscribe(subscription: Subscription) -> bytes:
    """The message that asks for a subscription, with the BGP messages themselves, acknowledged."""
    wanted = msgspec.to_builtins(subscription)
    wanted["socketOptions"] = {"includeRaw": True, "acknowledge": True}
    return msgspec.json.encode({"type": "ris_subscribe", "data": wanted})


def ping() -> bytes:
    """The message that asks for a ``pong``."""
    return msgspec.json.encode({"type": "ping", "data": None})


def read(text: str | bytes) -> Message | Notice:
    """One message of the service.

    Raises:
        InputError: it is no message of RIS Live.
    """
    try:
        envelope = _ENVELOPE.decode(text)
        if envelope.type != "ris_message":
            return Notice(envelope.type, _read_error(envelope))
        data = _DATA.decode(envelope.data)
        return _read_message(data)
    except (msgspec.MsgspecError, ValueError, OverflowError) as error:
        raise InputError(
            f"A message that is none of RIS Live: {error}.",
            "Its format may have changed, or this is another service.",
        ) from None


def find_peer(text: str | bytes) -> tuple[str, IPv4Address | IPv6Address] | None:
    """Whose message this is (collector, peer), or ``None`` where it does not say; quickly."""
    try:
        header = _HEADER.decode(_ENVELOPE.decode(text).data)
        return _name(header.host), ip_address(header.peer)
    except (msgspec.MsgspecError, ValueError):
        return None


def _read_error(envelope: _Envelope) -> str:
    data: Any = msgspec.json.decode(envelope.data)
    return str(data.get("message", "")) if isinstance(data, dict) else ""


def _read_message(data: _Data) -> Message:
    if not 0 <= data.timestamp < _LATEST:
        raise ValueError(f"{data.timestamp} is no time")
    asn = int(data.peer_asn)
    if not 0 <= asn <= _LARGEST_ASN:
        raise ValueError(f"{asn} is no AS number")
    time = round(data.timestamp * 1_000_000)
    session = Session(ip_address(data.peer), asn, local_asn=COLLECTOR_ASN)
    try:
        records = _record(data, session, time)
        damaged = False
    except ValueError:
        records, damaged = (), True
    return Message(
        collector=_name(data.host),
        peer=session.peer,
        peer_asn=session.peer_asn,
        time=time,
        id=data.id,
        kind=data.type,
        records=records,
        is_damaged=damaged,
    )


def _record(data: _Data, session: Session, time: int) -> tuple[bytes, ...]:
    """Raises ValueError where what is said cannot be understood."""
    match data.type, data.state:
        case "RIS_PEER_STATE" | "STATE", "connected":
            return (record_state(session, time, old=State.OPEN_CONFIRM, new=State.ESTABLISHED),)
        case "RIS_PEER_STATE" | "STATE", "down":
            return (record_state(session, time, old=State.ESTABLISHED, new=State.IDLE),)
        case "RIS_PEER_STATE" | "STATE", _:
            raise ValueError(f"a state {data.state!r}")
        case "UPDATE", _:
            # What the session agreed upon is not told; the message shows it.
            return tuple(
                record_message(
                    session,
                    time,
                    part.message,
                    as4=fits_as_size(update, 4),
                    add_path=part.add_path,
                )
                for update in _updates(data)
                for part in split_by(update, ())
            )
        case _:
            return ()


def _updates(data: _Data) -> list[bytes]:
    """The BGP messages of an UPDATE: as they were where that is given, else built anew."""
    if data.raw is None:
        announced = [
            (one.next_hop, prefix) for one in data.announcements or () for prefix in one.prefixes
        ]
        return rebuild(announced, data.withdrawals or (), path=data.path or (), origin=data.origin)
    update = _read_raw(data.raw)
    if not is_message(update, UPDATE):
        raise ValueError("no whole UPDATE")
    return [update]


def _read_raw(raw: str) -> bytes:
    """A BGP message in hexadecimal digits, as recorded; the manual speaks of Base64."""
    try:
        return bytes.fromhex(raw)
    except ValueError:
        try:
            return base64.b64decode(raw, validate=True)
        except binascii.Error as error:
            raise ValueError(str(error)) from None


def _name(host: str) -> str:
    """``rrc25.ripe.net`` and ``rrc25`` are the same collector."""
    return host.removesuffix(".ripe.net")
