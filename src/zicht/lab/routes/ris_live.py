"""What RIS Live would say of a world: the JSON of its messages, and who gets which.

Shapes as of https://ris-live.ripe.net/manual/ and of recorded streams: times in seconds, the peer's
AS as text, the BGP message itself in hexadecimal digits where it is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from zicht.errors import InputError
from zicht.lab.routes.columns import Kind
from zicht.lab.routes.encode import encode_updates
from zicht.lab.routes.telling import messages_between
from zicht.model.time import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from zicht.lab.routes.collectors import Station
    from zicht.lab.routes.columns import Messages

_ORIGINS = ("IGP", "EGP", "INCOMPLETE")
_GONE = frozenset({"silent", "dies", "blank"})
_ESTABLISHED = 6  # RFC 6396, section 4.4.1
_MICROSECONDS = 1_000_000

Network = IPv4Network | IPv6Network


class Options(msgspec.Struct, frozen=True, rename="camel"):
    """How a subscription is to be served."""

    include_raw: bool = False
    acknowledge: bool = False


class Wanted(msgspec.Struct, frozen=True, rename="camel"):
    """A subscription: a message is sent where all that is given fits."""

    host: str | None = None
    type: str | None = None
    require: str | None = None
    peer: str | None = None
    path: int | str | None = None
    prefix: str | tuple[str, ...] | None = None
    more_specific: bool = True
    less_specific: bool = False
    socket_options: Options = Options()


@dataclass(frozen=True)
class Said:
    """A message before anybody asks for it.

    Attributes:
        time: microseconds since 1970 UTC.
        data: what it says, but for the BGP message.
        raw: the BGP message in hexadecimal digits; empty for a state.
        prefixes: that it speaks of.
    """

    time: int
    data: dict[str, Any]
    raw: str
    prefixes: tuple[Network, ...]


def said_between(station: Station, begin: datetime, end: datetime) -> Iterator[Said]:
    """What a collector of RIS passes on of ``[begin, end)``, in the order of time.

    Nothing while it is dead or silent.
    """
    messages = messages_between(
        station.ground, station.post, to_microseconds(begin), to_microseconds(end)
    )
    updates = iter(encode_updates(messages, station.routers, station.networks))
    for row, kind in enumerate(messages.kind.tolist()):
        raw = "" if kind == Kind.STATE else next(updates).hex().upper()
        if not _is_away(station, int(messages.time[row])):
            yield _said(station, messages, row, Kind(kind), raw)


def _is_away(station: Station, time: int) -> bool:
    return any(
        fault.kind in _GONE
        and to_microseconds(fault.begin) <= time
        and (fault.end is None or time < to_microseconds(fault.end))
        for fault in station.faults
    )


def _said(station: Station, messages: Messages, row: int, kind: Kind, raw: str) -> Said:
    router, time = int(messages.router[row]), int(messages.time[row])
    peer = station.collector.peers[router]
    data: dict[str, Any] = {
        "timestamp": time / _MICROSECONDS,
        "peer": str(peer.address),
        "peer_asn": str(peer.asn),
        "id": f"{station.collector.name}-{time:x}-{router:x}-{row:x}",
        "host": f"{station.collector.name}.ripe.net",
        "type": "RIS_PEER_STATE" if kind == Kind.STATE else "UPDATE",
    }
    if kind == Kind.STATE:
        data["state"] = "connected" if messages.states[row, 1] == _ESTABLISHED else "down"
        return Said(time, data, "", ())
    first, after = messages.network_first[row : row + 2]
    prefixes = tuple(_network(station, one) for one in messages.network[first:after].tolist())
    texts = [str(one) for one in prefixes]
    if kind == Kind.ANNOUNCE:
        data |= _attributes(messages, row)
        hop = _next_hop(station, router, int(messages.family[row]))
        data["announcements"] = [{"next_hop": hop, "prefixes": texts}]
    elif kind == Kind.WITHDRAW:
        data["withdrawals"] = texts
    return Said(time, data, raw, prefixes)


def _attributes(messages: Messages, row: int) -> dict[str, Any]:
    of = messages.attributes
    path = of.path[of.path_first[row] : of.path_first[row + 1]]
    community = of.community[of.community_first[row] : of.community_first[row + 1]]
    found: dict[str, Any] = {
        "path": path.tolist(),
        "community": np.stack([community >> 16, community & 0xFFFF], axis=1).tolist(),
        "origin": _ORIGINS[of.origin[row]],
    }
    if of.med[row] >= 0:
        found["med"] = int(of.med[row])
    return found


def _network(station: Station, which: int) -> Network:
    networks = station.networks
    length = int(networks.length[which])
    if networks.family[which] == 4:  # noqa: PLR2004 - IPv4
        return IPv4Network((networks.address[which, :4].tobytes(), length))
    return IPv6Network((networks.address[which].tobytes(), length))


def _next_hop(station: Station, router: int, family: int) -> str:
    if family == 4:  # noqa: PLR2004 - IPv4
        return str(IPv4Address(int(station.routers.next_hop4[router])))
    return str(IPv6Address(station.routers.next_hop6[router].tobytes()))


def write(said: Said, wanted: Wanted) -> bytes:
    """The message as it is sent to one who asked for it."""
    data = said.data | {"raw": said.raw} if wanted.socket_options.include_raw else said.data
    return msgspec.json.encode({"type": "ris_message", "data": data})


def fits(said: Said, wanted: Wanted) -> bool:
    """Whether a message is one of those that a subscription asks for."""
    data = said.data
    return (
        (wanted.host is None or data["host"] in {wanted.host, f"{wanted.host}.ripe.net"})
        and wanted.type in {None, data["type"]}
        and (wanted.require is None or wanted.require in data)
        and wanted.peer in {None, data["peer"]}
        and (wanted.path is None or _fits_path(data.get("path", []), str(wanted.path)))
        and (wanted.prefix is None or _fits_prefix(said.prefixes, wanted))
    )


def _fits_path(path: list[int], pattern: str) -> bool:
    """``^`` and ``$`` stand for the path's begin and end."""
    core = re.escape(pattern.removeprefix("^").removesuffix("$"))
    before = "^" if pattern.startswith("^") else "(?:^|,)"
    after = "$" if pattern.endswith("$") else "(?:,|$)"
    return re.search(f"{before}{core}{after}", ",".join(map(str, path))) is not None


def _fits_prefix(prefixes: tuple[Network, ...], wanted: Wanted) -> bool:
    texts = (wanted.prefix,) if isinstance(wanted.prefix, str) else wanted.prefix or ()
    asked = [ip_network(text) for text in texts]
    return any(
        one == other
        or (wanted.more_specific and one.version == other.version and _within(one, other))
        or (wanted.less_specific and one.version == other.version and _within(other, one))
        for one in prefixes
        for other in asked
    )


def _within(inner: Network, outer: Network) -> bool:
    return (
        inner.prefixlen >= outer.prefixlen
        and inner.version == outer.version
        and int(inner.network_address) >> (inner.max_prefixlen - outer.prefixlen)
        == int(outer.network_address) >> (outer.max_prefixlen - outer.prefixlen)
    )


class _Asked(msgspec.Struct):
    type: str
    data: Any = None


@dataclass
class Client:
    """What one client has asked for.

    Attributes:
        collectors: names of the collectors that there are.
        wanted: its subscriptions.
    """

    collectors: tuple[str, ...]
    wanted: list[Wanted]

    def ask(self, text: str | bytes) -> bytes | None:
        """Take what the client says; the answer, if there is one."""
        try:
            asked = msgspec.json.decode(text, type=_Asked)
            return self._do(asked)
        except (msgspec.MsgspecError, InputError, ValueError) as error:
            return _answer("ris_error", {"message": str(error)})

    def _do(self, asked: _Asked) -> bytes | None:
        match asked.type:
            case "ping":
                return _answer("pong", None)
            case "request_rrc_list":
                return _answer("ris_rrc_list", list(self.collectors))
            case "ris_subscribe":
                wanted = msgspec.convert(asked.data or {}, Wanted)
                _fits_prefix((), wanted)  # what is no prefix is told at once
                self.wanted.append(wanted)
                if wanted.socket_options.acknowledge:
                    return _answer("ris_subscribe_ok", {"subscription": asked.data})
                return None
            case "ris_unsubscribe":
                gone = msgspec.convert(asked.data or {}, Wanted)
                self.wanted = [one for one in self.wanted if one != gone]
                return _answer("ris_unsubscribe_ok", asked.data)
            case _:
                raise InputError(f"Unknown message type {asked.type!r}.", "See the manual.")

    def messages(self, said: Said) -> Iterator[bytes]:
        """The message for each subscription that it fits: once, by the first."""
        for wanted in self.wanted:
            if fits(said, wanted):
                yield write(said, wanted)
                return


def _answer(kind: str, data: Any) -> bytes:
    return msgspec.json.encode({"type": kind, "data": data})
