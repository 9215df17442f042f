"""One router's BMP session as MRT records, one stream of them for each view of its tables.

Time is when a message came here, not the router's own: its clock may be wrong, and while it tells
its whole table it gives each route the time at which that route was learned, days ago perhaps.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from zicht.errors import InputError
from zicht.sources.bgp.bmp import LONGEST_MESSAGE, Framer, read
from zicht.sources.bgp.bmp_messages import (
    VISIBLE,
    Initiation,
    Message,
    PeerDown,
    PeerHeader,
    PeerType,
    PeerUp,
    Policy,
    Rib,
    RouteMirroring,
    RouteMonitoring,
    StatisticsReport,
    Termination,
    Unknown,
    View,
)
from zicht.sources.bgp.capabilities import read_open
from zicht.sources.bgp.messages import UPDATE, fits_as_size, is_message, message_length, split_by
from zicht.sources.bgp.recording import Session, State, record_message, record_state

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv6Address

    from zicht.sources.bgp.capabilities import Capabilities

MOST_PEERS = 10_000
"""Peers of one router; the largest route servers have about a thousand."""


class Recorded(NamedTuple):
    """An MRT record, and the view whose stream it belongs to."""

    view: View
    data: bytes


@dataclass
class _Peer:
    """What is known of one BGP session of the router."""

    session: Session
    as4: bool = True
    in_families: frozenset[tuple[int, int]] = frozenset()
    out_families: frozenset[tuple[int, int]] = frozenset()
    up: bool = False
    views: set[View] = field(default_factory=set)


_Key = tuple[int, bytes, "IPv4Address | IPv6Address"]


@dataclass
class RouterSession:
    """A router's BMP session: bytes in, MRT records out.

    Attributes:
        longest: the longest BMP message that is waited for, in bytes.
        counts: how many messages of each kind came, and how many of them were not understood or
            not used, by the reason.
        name: the router's name for itself, empty as long as it has not said one.
        ended: whether the router has said that it ends the session.
        delay: microseconds from the router's time of the newest message that changed a route or a
            session to its arrival here, or ``None``; large as long as a table is told, and for good
            where one of the two clocks is wrong.
    """

    longest: int = LONGEST_MESSAGE
    counts: Counter[str] = field(default_factory=Counter)
    name: str = ""
    ended: bool = False
    delay: int | None = None

    def __post_init__(self) -> None:
        self._framer = Framer(self.longest)
        self._peers: dict[_Key, _Peer] = {}

    @property
    def held(self) -> int:
        """How many bytes of a message that is not yet complete are held."""
        return self._framer.held

    @property
    def peers_up(self) -> int:
        """How many of the router's peers are up."""
        return sum(peer.up for peer in self._peers.values())

    def take(self, data: bytes, now: int) -> Iterator[Recorded]:
        """The MRT records of the messages that ``data`` completes.

        ``now`` is the time of arrival, in microseconds since 1970 UTC.

        Raises:
            InputError: the bytes are no BMP, or the router tells of more peers than can be.
        """
        for whole in self._framer.take(data):
            try:
                message = read(whole)
            except ValueError as error:
                self.counts[f"damaged: {error}"] += 1
                continue
            yield from self._take_message(message, now)

    def _take_message(self, message: Message, now: int) -> Iterator[Recorded]:
        match message:
            case PeerUp():
                yield from self._take_up(message, now)
            case PeerDown():
                yield from self._take_down(message, now)
            case RouteMonitoring():
                yield from self._take_route(message, now)
            case RouteMirroring():
                yield from self._take_mirrored(message, now)
            case _:
                self._take_notice(message)

    def _take_notice(self, message: Message) -> None:
        """What says nothing of routes."""
        match message:
            case Initiation():
                self.counts["initiation"] += 1
                self.name = message.name
            case Termination():
                self.counts["termination"] += 1
                self.ended = True
            case StatisticsReport():
                self.counts["statistics report"] += 1
            case Unknown():
                self.counts[f"unknown type {message.type}"] += 1

    def _take_up(self, message: PeerUp, now: int) -> Iterator[Recorded]:
        self.counts["peer up"] += 1
        self._note_delay(message.peer, now)
        yield from self._close(message.peer, now)  # up again without a Peer Down
        sent, received = read_open(message.sent), read_open(message.received)
        if sent is None or received is None:
            self.counts["peer up: damaged OPEN"] += 1
        inward, outward = _agreed(received, sent), _agreed(sent, received)
        if message.peer.type == PeerType.LOC_RIB and sent:
            inward = sent.sends | sent.receives  # one OPEN, made up (RFC 9069, section 5.2)
        self._keep(
            message.peer,
            _Peer(
                session=Session(
                    message.peer.address, message.peer.asn, message.local, sent.asn if sent else 0
                ),
                as4=not (sent and received) or (sent.as4 and received.as4),
                in_families=inward,
                out_families=outward,
                up=True,
            ),
        )

    def _take_down(self, message: PeerDown, now: int) -> Iterator[Recorded]:
        self.counts["peer down"] += 1
        self._note_delay(message.peer, now)
        yield from self._close(message.peer, now)
        self._peers.pop(_key(message.peer), None)

    def _take_route(self, message: RouteMonitoring, now: int) -> Iterator[Recorded]:
        # Routers append TLVs that are still drafts (marks of paths): the message is what its own
        # length says.
        update = message.message[: message_length(message.message)]
        if not is_message(update, UPDATE):
            self.counts["route monitoring: no UPDATE"] += 1
            return
        self.counts["route monitoring"] += 1
        self.counts["route monitoring: bytes after the UPDATE"] += update != message.message
        self._note_delay(message.peer, now)
        as4 = self._as4(update, flagged=not message.peer.as2)
        yield from self._record(message.peer, message.peer.view, now, update, as4=as4)

    def _as4(self, update: bytes, *, flagged: bool) -> bool:
        """Whether AS numbers have four bytes: as flagged, unless the AS_PATH fits the other alone.

        FRR's Loc-RIB sends paths of two bytes without the flag.
        """
        if fits_as_size(update, 4 if flagged else 2):
            return flagged
        if fits_as_size(update, 2 if flagged else 4):
            self.counts["route monitoring: AS numbers of another size than flagged"] += 1
            return not flagged
        self.counts["route monitoring: damaged AS_PATH"] += 1
        return flagged

    def _take_mirrored(self, message: RouteMirroring, now: int) -> Iterator[Recorded]:
        self.counts["route mirroring"] += 1
        self.counts["route mirroring: messages lost"] += message.lost
        view = View(Rib.MIRRORED, Policy.PRE, message.peer.instance)
        for one in message.messages:
            if is_message(one, UPDATE):
                as4 = self._peer(message.peer).as4
                yield from self._record(message.peer, view, now, one, as4=as4)
            else:
                self.counts["route mirroring: no UPDATE"] += 1

    def _record(
        self, header: PeerHeader, view: View, now: int, message: bytes, *, as4: bool
    ) -> Iterator[Recorded]:
        peer = self._peer(header)
        if not peer.up:
            self.counts["routes of a peer that is not up"] += 1
        if view not in peer.views:
            peer.views.add(view)
            yield Recorded(
                view, record_state(peer.session, now, old=State.IDLE, new=State.ESTABLISHED)
            )
        families = peer.out_families if view.rib is Rib.ADJ_RIB_OUT else peer.in_families
        for part in split_by(message, families):
            self.counts["path identifiers other than agreed"] += not part.is_as_agreed
            record = record_message(
                peer.session, now, part.message, as4=as4, add_path=part.add_path
            )
            yield Recorded(view, record)

    def _close(self, header: PeerHeader, now: int) -> Iterator[Recorded]:
        """A session goes down: said in each view in which the peer has told anything."""
        peer = self._peers.get(_key(header))
        if peer is None:
            return
        down = record_state(peer.session, now, old=State.ESTABLISHED, new=State.IDLE)
        for view in sorted(peer.views):
            yield Recorded(view, down)
        peer.views.clear()
        peer.up = False

    def _peer(self, header: PeerHeader) -> _Peer:
        """The peer of a header; one that no Peer Up has told of is taken as without add-path."""
        found = self._peers.get(_key(header))
        return found or self._keep(header, _Peer(Session(header.address, header.asn)))

    def _keep(self, header: PeerHeader, peer: _Peer) -> _Peer:
        if len(self._peers) >= MOST_PEERS and _key(header) not in self._peers:
            raise InputError(
                f"A router tells by BMP of more than {MOST_PEERS:,} peers.",
                "What connects here may be no router.",
            )
        self._peers[_key(header)] = peer
        return peer

    def _note_delay(self, header: PeerHeader, now: int) -> None:
        if header.time:
            self.delay = now - header.time


def name_collector(router: str, view: View) -> str:
    """The collector's name that elements of a view carry.

    That of the router alone for the view that visibility rests on; for the others followed by the
    view, so that routes of different tables never meet in one.
    """
    return router if view == VISIBLE else f"{router}/{view}"


def _key(header: PeerHeader) -> _Key:
    """What tells peers apart: one Peer Up and Down holds for all views (RFC 8671, section 5.2)."""
    return header.type, header.distinguisher, header.address


def _agreed(
    sender: Capabilities | None, receiver: Capabilities | None
) -> frozenset[tuple[int, int]]:
    """The families whose prefixes carry path identifiers on the way (RFC 7911, section 4)."""
    return sender.sends & receiver.receives if sender and receiver else frozenset()
