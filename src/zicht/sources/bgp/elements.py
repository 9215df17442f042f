"""Elements: what one peer of a collector says of one prefix, as columns.

An element is the smallest statement in BGP data: one peer, one prefix, one time (the word is that
of libbgpstream, Orsini et al., IMC 2016). A batch holds many of them, column by column, beside the
bytes that they were decoded of, so that what is rarely asked for (paths, communities) can still be
read there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    import numpy as np
    from numpy.typing import NDArray


class Kind(IntEnum):
    """What an element says."""

    ROUTE = 0
    """The peer's table holds a route to the prefix (TABLE_DUMP, TABLE_DUMP_V2)."""
    ANNOUNCE = 1
    """The peer announces a route to the prefix."""
    WITHDRAW = 2
    """The peer withdraws its route to the prefix."""
    STATE = 3
    """The session of peer and collector changed its state; there is no prefix."""
    END_OF_RIB = 4
    """The peer has sent its whole table (RFC 4724, section 2); there is no prefix."""


@dataclass(frozen=True)
class Peer:
    """A router that tells a collector its routes.

    Attributes:
        collector: the collector's name, such as ``rrc00``; empty where none was given.
        address: the router's address.
        asn: the router's AS.
        router_id: its BGP identifier, where the data say so, else ``None``.
        local: whether these are messages that the collector itself sent to the router (the
            ``_LOCAL`` subtypes of RFC 6396, section 4.4): not what the router says.
    """

    collector: str
    address: IPv4Address | IPv6Address
    asn: int
    router_id: IPv4Address | None = None
    local: bool = False


@dataclass(frozen=True)
class Elements:
    """A batch of elements of MRT data; each column has ``n`` rows.

    The arrays may be views into memory that is used again: they hold until the next batch is asked
    for. ``copy`` what is to be kept.

    Attributes:
        data: uint8[m]: the bytes that the batch was decoded of, whole MRT records.
        offset: where ``data`` begins in the (decompressed) input.
        time: int64: microseconds since 1970 UTC, of the MRT record's header.
        peer: int32: index into the decoder's ``peers``.
        kind: uint8: a ``Kind``.
        family: uint8: 4 or 6: of the prefix, or of the table whose end an ``END_OF_RIB`` marks; 0
            for a ``STATE``.
        safi: uint8: 1 unicast, 2 multicast (RFC 4760, section 6), likewise; 0 for a ``STATE``.
        prefix_high: uint64: the first 64 bits of the prefix's address, an IPv4 address being
            the uppermost 32 of them; bits beyond ``length`` are zero.
        prefix_low: uint64: the last 64 bits, zero for IPv4.
        length: uint8: the prefix's length in bits.
        path_id: int64: the path identifier of add-path (RFC 7911), or -1 where there is none.
        origin: uint32: the AS that originates the route: the last of the last segment that is not
            of a confederation (RFC 6811, section 2); of a set, its only member; of an empty path,
            the peer's own AS. 0 where it is not known: no path or a malformed one, a set of
            several, nothing but confederations; and for what is no route.
        path_length: uint16: the length of the AS path as BGP counts it (RFC 4271, section
            9.1.2.2: a set counts as one; RFC 5065, section 5.3: confederations count as none).
        state: uint8: the new state of a session (RFC 6396, section 4.4.1), 0 where there is none.
        record: int64: where in ``data`` the header of the element's MRT record begins.
        attributes_begin: int64: where in ``data`` the path attributes begin.
        attributes_end: int64: where they end; the same as the begin where there are none.
        as4: bool: whether AS numbers in these attributes are of four bytes.
    """

    data: NDArray[np.uint8]
    offset: int
    time: NDArray[np.int64]
    peer: NDArray[np.int32]
    kind: NDArray[np.uint8]
    family: NDArray[np.uint8]
    safi: NDArray[np.uint8]
    prefix_high: NDArray[np.uint64]
    prefix_low: NDArray[np.uint64]
    length: NDArray[np.uint8]
    path_id: NDArray[np.int64]
    origin: NDArray[np.uint32]
    path_length: NDArray[np.uint16]
    state: NDArray[np.uint8]
    record: NDArray[np.int64]
    attributes_begin: NDArray[np.int64]
    attributes_end: NDArray[np.int64]
    as4: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.time)
