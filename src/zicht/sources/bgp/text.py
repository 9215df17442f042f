"""Elements as lines of text, in the one-line format of bgpdump (``-m``).

    BGP4MP|1470931200|A|192.0.2.1|64496|198.51.100.0/24|64496 64511|IGP|192.0.2.1|0|0||NAG||

Fields are: what record it is of; the time; ``A`` announced, ``W`` withdrawn, ``B`` in a table or
``STATE``; the peer's address and AS; the prefix, behind it the path identifier where the type ends
in ``_AP``; path, ORIGIN, next hop, LOCAL_PREF, MULTI_EXIT_DISC, communities, ``AG`` or ``NAG`` for
ATOMIC_AGGREGATE, AGGREGATOR. What is absent is 0, 255.255.255.255 as a next hop, or empty. Lines of
the old type BGP lack the bar between MULTI_EXIT_DISC and communities, as bgpdump's do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.sources.bgp.attributes import (
    ATOMIC_AGGREGATE,
    COMMUNITIES,
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
from zicht.sources.bgp.records import (
    BGP,
    BGP4MP_ET,
    MESSAGE_ADDPATH,
    MESSAGE_AS4_LOCAL,
    MESSAGE_LOCAL,
    TABLE_DUMP,
    TABLE_DUMP_V2,
)
from zicht.sources.bgp.wire import IPV4, u16, u32
from zicht.sources.bgp.writing import (
    AS_BGPDUMP,
    BUFFER,
    COLON,
    LONGEST_ADDRESS,
    MOST_GROWTH,
    ROOM,
    SLASH,
    SPACE,
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

_BAR, _NEWLINE = ord("|"), ord("\n")
_ROUTE, _ANNOUNCE, _WITHDRAW = int(Kind.ROUTE), int(Kind.ANNOUNCE), int(Kind.WITHDRAW)
_STATE, _END_OF_RIB = int(Kind.STATE), int(Kind.END_OF_RIB)

_BGP, _TABLE_DUMP, _TABLE_DUMP2 = literal("BGP"), literal("TABLE_DUMP"), literal("TABLE_DUMP2")
_BGP4MP, _ET, _LOCAL, _AP = literal("BGP4MP"), literal("_ET"), literal("_LOCAL"), literal("_AP")
_STATE_WORD = literal("STATE|")
_LETTERS = literal("BAW")  # by Kind
_IGP, _EGP, _INCOMPLETE = literal("|IGP|"), literal("|EGP|"), literal("|INCOMPLETE|")
_AG, _NAG = literal("|AG|"), literal("|NAG|")
_MALFORMED = literal("! Error !")
_ABSENT = 0xFFFF_FFFF
# Well-known communities (RFC 1997) by the names that bgpdump gives them.
_WELL_KNOWN = 0xFFFF_FF01
_NO_EXPORT, _NO_ADVERTISE = literal("no-export"), literal("no-advertise")
_LOCAL_AS = literal("local-AS")
_MICROSECONDS = 1_000_000


def to_lines(batches: Iterable[Elements], peers: Sequence[Peer]) -> Iterator[memoryview]:
    """Write elements as lines of bgpdump's ``-m``.

    The end of a table, which is no line there, is left out.

    Args:
        batches: elements, such as a ``Decoder`` gives.
        peers: the routers that they are of; it may grow with the batches.

    Yields:
        whole lines, many at a time; they hold until the next ones.
    """
    out = np.empty(BUFFER, np.uint8)
    found = np.zeros(2 * KINDS, np.int64)
    texts = np.empty((0, LONGEST_ADDRESS + 16), np.uint8)
    sizes = np.empty(0, np.uint8)
    at = 0
    for batch in batches:
        if len(sizes) < len(peers):
            texts, sizes = _peer_texts(peers)
        row = 0
        while row < len(batch):
            row, at = _write_rows(
                batch.data.ctypes.data,
                batch.time,
                batch.peer,
                batch.kind,
                batch.family,
                batch.prefix_high,
                batch.prefix_low,
                batch.length,
                batch.path_id,
                batch.state,
                batch.record,
                batch.attributes_begin,
                batch.attributes_end,
                batch.as4,
                texts,
                sizes,
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


def _peer_texts(peers: Sequence[Peer]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """What lines say of each peer, row by row, and how many bytes that is."""
    texts = np.zeros((len(peers), LONGEST_ADDRESS + 16), np.uint8)
    sizes = np.zeros(len(peers), np.uint8)
    for row, peer in enumerate(peers):
        number, family = int(peer.address), peer.address.version
        high, low = (number << 32, 0) if family == IPV4 else (number >> 64, number & (1 << 64) - 1)
        words = np.uint64(high), np.uint64(low)
        sizes[row] = _write_peer(texts[row].ctypes.data, family, *words, peer.asn)
    return texts, sizes


@njit(cache=True, nogil=True)
def _write_peer(out: int, family: int, high: np.uint64, low: np.uint64, asn: int) -> int:
    at = write_address(out, 0, family, high, low, AS_BGPDUMP)
    return put(out, write_number(out, put(out, at, _BAR), asn), _BAR)


@njit(cache=True, nogil=True)
def _write_rows(  # noqa: C901, PLR0912, PLR0913, PLR0917 - one pass, for speed
    data: int,
    time: NDArray[np.int64],
    peer: NDArray[np.int32],
    kind: NDArray[np.uint8],
    family: NDArray[np.uint8],
    high: NDArray[np.uint64],
    low: NDArray[np.uint64],
    length: NDArray[np.uint8],
    path_id: NDArray[np.int64],
    state: NDArray[np.uint8],
    record: NDArray[np.int64],
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
    as4: NDArray[np.bool_],
    texts: NDArray[np.uint8],
    sizes: NDArray[np.uint8],
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
        if at + ROOM + MOST_GROWTH * (end[row] - begin[row]) > size:
            break
        what = kind[row]
        if what == _END_OF_RIB:
            row += 1
            continue
        record_kind = u16(data, record[row] + 4)
        at = _write_head(data, record[row], record_kind, time[row], path_id[row], out, at)
        if what == _STATE:
            at = write(out, at, _STATE_WORD)
        else:
            at = put(out, put(out, at, _LETTERS[what]), _BAR)
        for k in range(sizes[peer[row]]):
            at = put(out, at, texts[peer[row], k])
        if what == _STATE:
            at = put(out, write_number(out, at, u16(data, begin[row])), _BAR)
            at = put(out, write_number(out, at, state[row]), _NEWLINE)
            row += 1
            continue
        at = write_address(out, at, family[row], high[row], low[row], AS_BGPDUMP)
        at = write_number(out, put(out, at, SLASH), length[row])
        if path_id[row] >= 0:
            at = write_number(out, put(out, at, _BAR), path_id[row])
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
                    hop, _, _ = next_hop_of(data, found, True)  # noqa: FBT003 - as above
                    reached = hop != 0
                at = _write_attributes(data, found, as4[row], reached, record_kind == BGP, out, at)
                tail_end, tail_of, tail_reached = at, begin[row], reached
        at = put(out, at, _NEWLINE)
        row += 1
    return row, at


@njit(nogil=True)
def _write_head(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    data: int,
    record: int,
    kind: int,
    time: int,
    path_id: int,
    out: int,
    at: int,
) -> int:
    """Write what record it is of, and the time."""
    subtype = u16(data, record + 6)
    if kind == TABLE_DUMP_V2:
        at = write(out, at, _TABLE_DUMP2)
        if path_id >= 0:
            at = write(out, at, _AP)
    elif kind == TABLE_DUMP:
        at = write(out, at, _TABLE_DUMP)
    elif kind == BGP:
        at = write(out, at, _BGP)
    else:
        at = write(out, at, _BGP4MP)
        if kind == BGP4MP_ET:
            at = write(out, at, _ET)
        if subtype >= MESSAGE_ADDPATH:
            at = write(out, at, _AP)
        elif MESSAGE_LOCAL <= subtype <= MESSAGE_AS4_LOCAL:
            at = write(out, at, _LOCAL)
    seconds = u32(data, record)
    at = write_number(out, put(out, at, _BAR), seconds)
    if kind == BGP4MP_ET:
        at = put(out, at, ord("."))
        at = write_padded(out, at, time - seconds * _MICROSECONDS, 6)
    return put(out, at, _BAR)


@njit(nogil=True)
def _write_attributes(  # noqa: PLR0917 - as above
    data: int,
    found: NDArray[np.int64],
    as4: bool,  # noqa: FBT001 - as above
    reached: bool,  # noqa: FBT001 - as above
    is_old: bool,  # noqa: FBT001 - as above
    out: int,
    at: int,
) -> int:
    at = put(out, at, _BAR)
    behind = write_path(data, found, as4, out, at)
    at = write(out, at, _MALFORMED) if behind < 0 else behind
    origin = origin_of(data, found)
    if origin == 0:
        at = write(out, at, _IGP)
    elif origin == 1:
        at = write(out, at, _EGP)
    else:
        at = write(out, at, _INCOMPLETE)
    family, high, low = next_hop_of(data, found, reached)
    if family:
        at = write_address(out, at, family, high, low, AS_BGPDUMP)
    else:
        at = write_ipv4(out, at, _ABSENT)
    at = put(out, at, _BAR)
    at = write_number(out, at, max(0, number_of(data, found, LOCAL_PREF)))
    at = put(out, at, _BAR)
    at = write_number(out, at, max(0, number_of(data, found, MULTI_EXIT_DISC)))
    if not is_old:
        at = put(out, at, _BAR)
    at = _write_communities(data, found, out, at)
    at = write(out, at, _AG if found[2 * ATOMIC_AGGREGATE] else _NAG)
    asn, router = aggregator_of(data, found, as4)
    if asn >= 0:
        at = write_ipv4(out, put(out, write_number(out, at, asn), SPACE), router)
    return put(out, at, _BAR)


@njit(nogil=True)
def _write_communities(data: int, found: NDArray[np.int64], out: int, at: int) -> int:
    first, last = found[2 * COMMUNITIES], found[2 * COMMUNITIES + 1]
    if (last - first) % 4:  # malformed, so absent (RFC 7606, section 7.8)
        return at
    for place in range(first, last, 4):
        if place > first:
            at = put(out, at, SPACE)
        well_known = u32(data, place) - _WELL_KNOWN
        if well_known == 0:
            at = write(out, at, _NO_EXPORT)
        elif well_known == 1:
            at = write(out, at, _NO_ADVERTISE)
        elif well_known == 2:  # noqa: PLR2004 - the third
            at = write(out, at, _LOCAL_AS)
        else:
            at = put(out, write_number(out, at, u16(data, place)), COLON)
            at = write_number(out, at, u16(data, place + 2))
    return at
