"""Feeds: which routers tell a collector their routes, how many, and whether all that they know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np
from numba import njit

from zicht.model.time import from_microseconds
from zicht.sources.bgp.changes import changes_of
from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.records import TABLE_DUMP
from zicht.sources.bgp.ribs import Ribs
from zicht.sources.bgp.voters import find_votes
from zicht.sources.bgp.wire import IPV4, UNICAST, u16, u32

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from zicht.sources.bgp.elements import Elements, Peer

Sick = Literal["session-down", "no-routes"]
"""Why nothing can be learned of a feed: its session ended and did not come back; or the collector
knows the router, and has no route of it."""

_ROUTE = int(Kind.ROUTE)
_ESTABLISHED = 6  # RFC 6396, section 4.4.1
_MICROSECONDS = 1_000_000


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """What one router tells a collector.

    Attributes:
        collector: the collector's name; empty where none was given.
        peer: the router's address.
        peer_asn: the router's AS.
        ipv4_prefixes: how many IPv4 prefixes its table holds (unicast); ``None`` where there is no
            table, as in files of updates.
        ipv6_prefixes: how many IPv6 prefixes, likewise.
        full_ipv4: whether it has a full table and so a vote (``voters``); ``None`` where there is
            no table.
        full_ipv6: likewise.
        elements: how many elements there are of it, updates and states included.
        last_heard: when its newest route was last changed, or its newest message came; ``None``
            where there is nothing of it.
        sick: why nothing can be learned of it, or ``None``.
    """

    collector: str
    peer: str
    peer_asn: int
    ipv4_prefixes: int | None
    ipv6_prefixes: int | None
    full_ipv4: bool | None
    full_ipv6: bool | None
    elements: int
    last_heard: datetime | None
    sick: Sick | None = None


@dataclass
class _Counts:
    prefixes: NDArray[np.int64]  # of each peer: IPv4, IPv6
    elements: NDArray[np.int64]
    heard: NDArray[np.int64]
    record: NDArray[np.int64]  # the last one that was counted, of each peer


def count_feeds(batches: Iterable[Elements], peers: Sequence[Peer]) -> list[Feed]:
    """Count what each router tells, in the order of the table's size.

    A prefix with several paths (RFC 7911) counts once. Routers of which there is nothing are listed
    too: a table's index names them.

    Args:
        batches: elements, such as a ``Decoder`` gives.
        peers: the routers that they are of; it may grow with the batches.
    """
    counts = _grown(None, 0)
    ribs = Ribs()
    states: dict[int, int] = {}
    for batch in batches:
        counts = _grown(counts, len(peers))
        changes = changes_of(batch, peers)
        ribs.apply(changes.rows(changes.kind == _ROUTE))
        changed = batch.kind == Kind.STATE
        states.update(zip(batch.peer[changed].tolist(), batch.state[changed].tolist(), strict=True))
        _count(
            batch.data.ctypes.data,
            batch.offset,
            batch.time,
            batch.peer,
            batch.kind,
            batch.family,
            batch.safi,
            batch.record,
            batch.attributes_begin,
            batch.path_id,
            counts.prefixes,
            counts.elements,
            counts.heard,
            counts.record,
        )
    counts = _grown(counts, len(peers))
    has_tables = [bool(counts.prefixes[:, family].any()) for family in range(2)]
    votes = find_votes(ribs, 0)[ribs.columns_of(peers)] > 0
    feeds = [
        _feed(peer, row, counts, has_tables, votes[row].tolist(), states.get(row, _ESTABLISHED))
        for row, peer in enumerate(peers)
    ]
    return sorted(feeds, key=lambda feed: (-(feed.ipv4_prefixes or 0), -(feed.ipv6_prefixes or 0)))


def _feed(
    peer: Peer,
    row: int,
    counts: _Counts,
    has_tables: list[bool],
    votes: list[bool],
    state: int,
) -> Feed:
    heard = int(counts.heard[row])
    prefixes = counts.prefixes[row].tolist()
    told: list[int | None] = [count if any(has_tables) else None for count in prefixes]
    full = [vote if there else None for vote, there in zip(votes, has_tables, strict=True)]
    sick: Sick | None = None
    if state != _ESTABLISHED:
        sick = "session-down"
    elif any(has_tables) and not any(prefixes):
        sick = "no-routes"
    return Feed(
        collector=peer.collector,
        peer=str(peer.address),
        peer_asn=peer.asn,
        ipv4_prefixes=told[0],
        ipv6_prefixes=told[1],
        full_ipv4=full[0],
        full_ipv6=full[1],
        elements=int(counts.elements[row]),
        last_heard=from_microseconds(heard) if heard else None,
        sick=sick,
    )


def _grown(counts: _Counts | None, size: int) -> _Counts:
    """Counts of so many peers; what was counted before stays."""
    if counts is None:
        none = np.zeros(0, np.int64)
        return _Counts(np.zeros((0, 2), np.int64), none, none, none)
    more = size - len(counts.elements)
    if more <= 0:
        return counts
    return _Counts(
        np.concatenate((counts.prefixes, np.zeros((more, 2), np.int64))),
        np.concatenate((counts.elements, np.zeros(more, np.int64))),
        np.concatenate((counts.heard, np.zeros(more, np.int64))),
        np.concatenate((counts.record, np.full(more, -1, np.int64))),
    )


@njit(cache=True, nogil=True)
def _count(  # noqa: PLR0913, PLR0917 - Numba binds no keyword-only arguments
    data: int,
    offset: int,
    time: NDArray[np.int64],
    peer: NDArray[np.int32],
    kind: NDArray[np.uint8],
    family: NDArray[np.uint8],
    safi: NDArray[np.uint8],
    record: NDArray[np.int64],
    begin: NDArray[np.int64],
    path_id: NDArray[np.int64],
    prefixes: NDArray[np.int64],
    elements: NDArray[np.int64],
    heard: NDArray[np.int64],
    last_record: NDArray[np.int64],
) -> None:
    for row in range(len(time)):
        who = peer[row]
        elements[who] += 1
        if kind[row] == _ROUTE:
            changed = _changed(data, record[row], begin[row], family[row], path_id[row] >= 0)
            heard[who] = max(heard[who], changed * _MICROSECONDS)
            place = offset + record[row]
            if safi[row] == UNICAST and last_record[who] != place:
                prefixes[who, 0 if family[row] == IPV4 else 1] += 1
                last_record[who] = place
        else:
            heard[who] = max(heard[who], time[row])


@njit(nogil=True)
def _changed(
    data: int,
    record: int,
    attributes: int,
    family: int,
    has_path_id: bool,  # noqa: FBT001 - Numba binds no keyword-only arguments
) -> int:
    """When a table's route was last changed: "originated time" (RFC 6396, sections 4.2 and 4.3.4).

    It stands before the attributes: behind it are, in TABLE_DUMP, the peer's address and AS and a
    length; in TABLE_DUMP_V2, a path identifier if there are any (RFC 8050) and a length.
    """
    if u16(data, record + 4) == TABLE_DUMP:
        return u32(data, attributes - (12 if family == IPV4 else 24))
    return u32(data, attributes - (10 if has_path_id else 6))
