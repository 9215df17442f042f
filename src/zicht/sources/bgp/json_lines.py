"""Elements as JSON lines: one object a line, with all that is said of a route.

| field | what | in |
|---|---|---|
| ``time`` | of the MRT record, ISO 8601 in UTC | all |
| ``kind`` | ``route`` (in a table), ``announce``, ``withdraw``, ``state``, ``end-of-rib`` | all |
| ``collector`` | its name | all |
| ``peer``, ``peer_asn`` | the router's address and AS | all |
| ``local`` | whether the collector itself sent it | all |
| ``prefix`` | ``198.51.100.0/24`` | routes, withdrawals |
| ``multicast`` | whether it is of the multicast table | routes, withdrawals |
| ``path_id`` | of add-path (RFC 7911), else ``null`` | routes, withdrawals |
| ``path`` | ``64496 {64511,64512}``; ``null`` where malformed or absent | routes |
| ``path_length``, ``origin_asn`` | as in ``Elements``; ``null`` where not known | routes |
| ``origin`` | ``IGP``, ``EGP``, ``INCOMPLETE`` or ``null`` | routes |
| ``next_hop``, ``med``, ``local_pref`` | or ``null`` | routes |
| ``communities`` | ``["64496:1"]`` (RFC 1997) | routes |
| ``large_communities`` | ``["64496:1:2"]`` (RFC 8092) | routes |
| ``extended_communities`` | eight bytes each in hexadecimal (RFC 4360) | routes |
| ``atomic_aggregate`` | whether it is there | routes |
| ``aggregator_asn``, ``aggregator`` | who aggregated, and its router; or ``null`` | routes |
| ``old_state``, ``new_state`` | numbers of RFC 6396, section 4.4.1 | states |
| ``family`` | 4 or 6: of the table that has ended | ends of tables |

``routes`` are those in a table and those announced. Addresses are written by RFC 5952.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numba import njit

from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.found import KINDS, find_attributes, next_hop_of
from zicht.sources.bgp.json_fields import write_attributes, write_or_null
from zicht.sources.bgp.reaching import own_prefixes
from zicht.sources.bgp.wire import IPV4, MULTICAST, u16
from zicht.sources.bgp.writing import (
    BUFFER,
    MOST_GROWTH,
    RFC_5952,
    ROOM,
    SLASH,
    copy,
    literal,
    put,
    write,
    write_address,
    write_number,
    write_time,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from zicht.sources.bgp.elements import Elements, Peer

_ROUTE, _ANNOUNCE, _WITHDRAW = int(Kind.ROUTE), int(Kind.ANNOUNCE), int(Kind.WITHDRAW)
_STATE, _END_OF_RIB = int(Kind.STATE), int(Kind.END_OF_RIB)

_TIME = literal('{"time":"')
_KIND_ROUTE, _KIND_ANNOUNCE, _KIND_WITHDRAW, _KIND_STATE, _KIND_END = (
    literal(f'Z","kind":"{kind}",')
    for kind in ("route", "announce", "withdraw", "state", "end-of-rib")
)
_PREFIX, _MULTICAST, _UNICAST = (
    literal(',"prefix":"'),
    literal('","multicast":true,"path_id":'),
    literal('","multicast":false,"path_id":'),
)
_OLD, _NEW, _FAMILY = literal(',"old_state":'), literal(',"new_state":'), literal(',"family":')
_END = literal("}\n")


def to_json_lines(batches: Iterable[Elements], peers: Sequence[Peer]) -> Iterator[memoryview]:
    """Write elements as JSON lines, with the fields that this module's head lists.

    Args:
        batches: elements, such as a ``Decoder`` gives.
        peers: the routers that they are of; it may grow with the batches.

    Yields:
        whole lines, many at a time; they hold until the next ones.
    """
    out = np.empty(BUFFER, np.uint8)
    found = np.zeros(2 * KINDS, np.int64)
    texts, ends = np.zeros(1, np.uint8), np.zeros(1, np.int64)
    known: list[Peer] = []
    at = 0
    for batch in batches:
        if known != peers:
            known = list(peers)
            texts, ends = _peer_texts(known)
        row = 0
        while row < len(batch):
            row, at = _write_rows(
                batch.data.ctypes.data,
                batch.time,
                batch.peer,
                batch.kind,
                batch.family,
                batch.safi,
                batch.prefix_high,
                batch.prefix_low,
                batch.length,
                batch.path_id,
                batch.origin,
                batch.path_length,
                batch.state,
                batch.record,
                batch.attributes_begin,
                batch.attributes_end,
                batch.as4,
                texts,
                ends,
                found,
                out.ctypes.data,
                len(out),
                row,
                at,
            )
            if row < len(batch):
                yield out[:at].data
                at = 0
    if at:
        yield out[:at].data


def _peer_texts(peers: Sequence[Peer]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The fields of each peer, one behind the other, and where each ends, the first at row 1."""
    texts = [
        msgspec.json.encode(
            {
                "collector": peer.collector,
                "peer": str(peer.address),
                "peer_asn": peer.asn,
                "local": peer.local,
            }
        )[1:-1]
        for peer in peers
    ]
    ends = np.cumsum([0, *map(len, texts)], dtype=np.int64)
    return np.frombuffer(b"".join(texts) + b"\0", np.uint8), ends


@njit(cache=True, nogil=True)
def _write_rows(  # noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917 - one pass, for speed
    data: int,
    time: NDArray[np.int64],
    peer: NDArray[np.int32],
    kind: NDArray[np.uint8],
    family: NDArray[np.uint8],
    safi: NDArray[np.uint8],
    high: NDArray[np.uint64],
    low: NDArray[np.uint64],
    length: NDArray[np.uint8],
    path_id: NDArray[np.int64],
    origin: NDArray[np.uint32],
    path_length: NDArray[np.uint16],
    state: NDArray[np.uint8],
    record: NDArray[np.int64],
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
    as4: NDArray[np.bool_],
    texts: NDArray[np.uint8],
    ends: NDArray[np.int64],
    found: NDArray[np.int64],
    out: int,
    size: int,
    row: int,
    at: int,
) -> tuple[int, int]:
    """Write rows from ``row`` on, until there may be no room; give the next row and place."""
    tail = tail_end = 0  # what was written last of attributes, to be copied
    tail_of, tail_reached = np.int64(-1), False
    counted, own, before = np.int64(-1), 0, 0
    while row < len(time):
        who = peer[row]
        room = ROOM + ends[who + 1] - ends[who] + MOST_GROWTH * (end[row] - begin[row])
        if at + room > size:
            break
        what = kind[row]
        at = write_time(out, write(out, at, _TIME), time[row])
        if what == _ROUTE:
            at = write(out, at, _KIND_ROUTE)
        elif what == _ANNOUNCE:
            at = write(out, at, _KIND_ANNOUNCE)
        elif what == _WITHDRAW:
            at = write(out, at, _KIND_WITHDRAW)
        elif what == _STATE:
            at = write(out, at, _KIND_STATE)
        else:
            at = write(out, at, _KIND_END)
        for k in range(ends[who], ends[who + 1]):
            at = put(out, at, texts[k])
        if what == _STATE:
            at = write_number(out, write(out, at, _OLD), u16(data, begin[row]))
            at = write_number(out, write(out, at, _NEW), state[row])
        elif what == _END_OF_RIB:
            at = write_number(out, write(out, at, _FAMILY), family[row])
        else:
            at = write(out, at, _PREFIX)
            at = write_address(out, at, family[row], high[row], low[row], RFC_5952)
            at = write_number(out, put(out, at, SLASH), length[row])
            at = write(out, at, _MULTICAST if safi[row] == MULTICAST else _UNICAST)
            at = write_or_null(out, at, path_id[row])
            if what != _WITHDRAW:
                reached = what == _ANNOUNCE and family[row] != IPV4
                if what == _ANNOUNCE and family[row] == IPV4:
                    if record[row] != counted:
                        counted = record[row]
                        own, before = own_prefixes(data, record, kind, begin, end, row)
                    reached = before >= own
                    before += 1
                if begin[row] == tail_of and reached == tail_reached:
                    at = copy(out, at, tail, tail_end)
                else:
                    tail = at
                    find_attributes(data, begin[row], end[row], found)
                    if what == _ROUTE:  # a table's next hop, wherever it stands
                        hop, _, _ = next_hop_of(data, found, True)  # noqa: FBT003 - Numba's
                        reached = hop != 0
                    at = write_attributes(
                        data, found, as4[row], reached, origin[row], path_length[row], out, at
                    )
                    tail_end, tail_of, tail_reached = at, begin[row], reached
        at = write(out, at, _END)
        row += 1
    return row, at
