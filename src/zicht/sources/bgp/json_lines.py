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

from zicht.sources.bgp.attributes import (
    ATOMIC_AGGREGATE,
    COMMUNITIES,
    EXTENDED_COMMUNITIES,
    LARGE_COMMUNITIES,
    LOCAL_PREF,
    MULTI_EXIT_DISC,
)
from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.found import (
    KINDS,
    aggregator_of,
    find_attributes,
    next_hop_of,
    number_of,
    origin_of,
    write_path,
)
from zicht.sources.bgp.reaching import own_prefixes
from zicht.sources.bgp.wire import IPV4, MULTICAST, u8, u16, u32
from zicht.sources.bgp.writing import (
    BUFFER,
    COLON,
    MOST_GROWTH,
    RFC_5952,
    ROOM,
    SLASH,
    copy,
    literal,
    put,
    write,
    write_address,
    write_ipv4,
    write_number,
    write_padded,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from zicht.sources.bgp.elements import Elements, Peer

_ROUTE, _ANNOUNCE, _WITHDRAW = int(Kind.ROUTE), int(Kind.ANNOUNCE), int(Kind.WITHDRAW)
_STATE, _END_OF_RIB = int(Kind.STATE), int(Kind.END_OF_RIB)
_SECOND = 1_000_000
_DAY = 86_400

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
_PATH, _PATH_LENGTH, _ORIGIN_ASN = (
    literal(',"path":'),
    literal(',"path_length":'),
    literal(',"origin_asn":'),
)
_ORIGIN, _IGP, _EGP, _INCOMPLETE = (
    literal(',"origin":'),
    literal('"IGP"'),
    literal('"EGP"'),
    literal('"INCOMPLETE"'),
)
_NEXT_HOP, _MED, _LOCAL_PREF = (
    literal(',"next_hop":'),
    literal(',"med":'),
    literal(',"local_pref":'),
)
_COMMUNITIES, _LARGE, _EXTENDED = (
    literal(',"communities":['),
    literal('],"large_communities":['),
    literal('],"extended_communities":['),
)
_ATOMIC, _NOT_ATOMIC = literal('],"atomic_aggregate":true'), literal('],"atomic_aggregate":false')
_AGGREGATOR_ASN, _AGGREGATOR = literal(',"aggregator_asn":'), literal(',"aggregator":')
_OLD, _NEW, _FAMILY = literal(',"old_state":'), literal(',"new_state":'), literal(',"family":')
_NULL, _END = literal("null"), literal("}\n")
_DIGITS = literal("0123456789abcdef")
_QUOTE, _COMMA = ord('"'), ord(",")


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
        at = _write_time(out, write(out, at, _TIME), time[row])
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
            at = _write_or_null(out, at, path_id[row])
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
                    at = _write_attributes(
                        data, found, as4[row], reached, origin[row], path_length[row], out, at
                    )
                    tail_end, tail_of, tail_reached = at, begin[row], reached
        at = write(out, at, _END)
        row += 1
    return row, at


@njit(nogil=True)
def _write_attributes(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    data: int,
    found: NDArray[np.int64],
    as4: bool,  # noqa: FBT001 - as above
    reached: bool,  # noqa: FBT001 - as above
    origin_asn: int,
    path_length: int,
    out: int,
    at: int,
) -> int:
    at = write(out, at, _PATH)
    behind = write_path(data, found, as4, out, at + 1)
    if behind < 0 or found[4] == 0:  # malformed, or absent
        at = write(out, at, _NULL)
        at = write(out, write(out, at, _PATH_LENGTH), _NULL)
    else:
        put(out, at, _QUOTE)
        at = put(out, behind, _QUOTE)
        at = write_number(out, write(out, at, _PATH_LENGTH), path_length)
    at = write(out, at, _ORIGIN_ASN)
    at = _write_or_null(out, at, origin_asn or -1)
    at = write(out, at, _ORIGIN)
    origin = origin_of(data, found)
    if origin == 0:
        at = write(out, at, _IGP)
    elif origin == 1:
        at = write(out, at, _EGP)
    else:
        at = write(out, at, _NULL if origin < 0 else _INCOMPLETE)
    at = write(out, at, _NEXT_HOP)
    family, high, low = next_hop_of(data, found, reached)
    if family:
        at = put(out, write_address(out, put(out, at, _QUOTE), family, high, low, RFC_5952), _QUOTE)
    else:
        at = write(out, at, _NULL)
    at = _write_or_null(out, write(out, at, _MED), number_of(data, found, MULTI_EXIT_DISC))
    at = _write_or_null(out, write(out, at, _LOCAL_PREF), number_of(data, found, LOCAL_PREF))
    at = _write_communities(data, found, out, at)
    at = write(out, at, _ATOMIC if found[2 * ATOMIC_AGGREGATE] else _NOT_ATOMIC)
    asn, router = aggregator_of(data, found, as4)
    at = _write_or_null(out, write(out, at, _AGGREGATOR_ASN), asn)
    at = write(out, at, _AGGREGATOR)
    if asn < 0:
        return write(out, at, _NULL)
    return put(out, write_ipv4(out, put(out, at, _QUOTE), router), _QUOTE)


@njit(nogil=True)
def _write_communities(data: int, found: NDArray[np.int64], out: int, at: int) -> int:
    """Write communities of the three kinds; a field whose size does not fit is as if absent."""
    at = write(out, at, _COMMUNITIES)
    begin, end = found[2 * COMMUNITIES], found[2 * COMMUNITIES + 1]
    if (end - begin) % 4 == 0:
        for place in range(begin, end, 4):
            at = _begin_item(out, at, place > begin)
            at = put(out, write_number(out, at, u16(data, place)), COLON)
            at = put(out, write_number(out, at, u16(data, place + 2)), _QUOTE)
    at = write(out, at, _LARGE)
    begin, end = found[2 * LARGE_COMMUNITIES], found[2 * LARGE_COMMUNITIES + 1]
    if (end - begin) % 12 == 0:
        for place in range(begin, end, 12):
            at = _begin_item(out, at, place > begin)
            at = put(out, write_number(out, at, u32(data, place)), COLON)
            at = put(out, write_number(out, at, u32(data, place + 4)), COLON)
            at = put(out, write_number(out, at, u32(data, place + 8)), _QUOTE)
    at = write(out, at, _EXTENDED)
    begin, end = found[2 * EXTENDED_COMMUNITIES], found[2 * EXTENDED_COMMUNITIES + 1]
    if (end - begin) % 8 == 0:
        for place in range(begin, end, 8):
            at = _begin_item(out, at, place > begin)
            for k in range(8):
                byte = u8(data, place + k)
                at = put(out, put(out, at, _DIGITS[byte >> 4]), _DIGITS[byte & 0xF])
            at = put(out, at, _QUOTE)
    return at


@njit(nogil=True)
def _begin_item(out: int, at: int, more: bool) -> int:  # noqa: FBT001 - as above
    if more:
        at = put(out, at, _COMMA)
    return put(out, at, _QUOTE)


@njit(nogil=True)
def _write_or_null(out: int, at: int, number: int) -> int:
    if number < 0:
        return write(out, at, _NULL)
    return write_number(out, at, number)


@njit(nogil=True)
def _write_time(out: int, at: int, time: int) -> int:
    """Write a time in microseconds since 1970 as ISO 8601, to the second or to the microsecond.

    The day is found as Howard Hinnant's "chrono-compatible low-level date algorithms" do: years
    begin in March, so that the leap day is the last.
    """
    seconds, rest = time // _SECOND, time % _SECOND
    days, second = seconds // _DAY + 719_468, seconds % _DAY  # since 0000-03-01
    era, of_era = days // 146_097, days % 146_097
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month += 3 if month < 10 else -9  # noqa: PLR2004 - January and February are of the next year
    year += era * 400 + (1 if month <= 2 else 0)  # noqa: PLR2004 - as above
    at = put(out, write_padded(out, at, year, 4), ord("-"))
    at = put(out, write_padded(out, at, month, 2), ord("-"))
    at = put(out, write_padded(out, at, day, 2), ord("T"))
    at = put(out, write_padded(out, at, second // 3600, 2), COLON)
    at = put(out, write_padded(out, at, second // 60 % 60, 2), COLON)
    at = write_padded(out, at, second % 60, 2)
    if rest:
        at = write_padded(out, put(out, at, ord(".")), rest, 6)
    return at
