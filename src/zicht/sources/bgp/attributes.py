"""The path attributes of one element, read when somebody asks for them.

    attributes = read_attributes(
        elements.data[elements.attributes_begin[row] : elements.attributes_end[row]],
        as4=bool(elements.as4[row]),
    )

An attribute whose value is malformed is as if it were absent, and one that occurs twice counts
once (RFC 7606, sections 3 and 7); what lies behind one that runs beyond the end cannot be read.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any

from zicht.sources.bgp.path_attributes import AS_TRANS, EXTENDED_LENGTH
from zicht.sources.bgp.wire import AS_CONFED_SEQUENCE, AS_CONFED_SET, AS_SEQUENCE, AS_SET

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

# RFC 4271, section 5; RFC 1997; RFC 4760; RFC 4360; RFC 6793; RFC 8092.
ORIGIN, AS_PATH, NEXT_HOP, MULTI_EXIT_DISC, LOCAL_PREF, ATOMIC_AGGREGATE = 1, 2, 3, 4, 5, 6
AGGREGATOR, COMMUNITIES, MP_REACH_NLRI, EXTENDED_COMMUNITIES = 7, 8, 14, 16
AS4_PATH, AS4_AGGREGATOR, LARGE_COMMUNITIES = 17, 18, 32

ORIGINS = ("IGP", "EGP", "INCOMPLETE")
_IPV4_SIZE, _IPV6_SIZE = 4, 16


@dataclass(frozen=True)
class Segment:
    """A part of an AS path.

    Attributes:
        kind: 1 a set, 2 a sequence (RFC 4271, section 4.3), 3 a sequence and 4 a set of a
            confederation's members (RFC 5065, section 3).
        asns: its AS numbers, in the order of the bytes.
    """

    kind: int
    asns: tuple[int, ...]

    def __str__(self) -> str:
        match self.kind:
            case 1:
                return "{" + ",".join(map(str, self.asns)) + "}"
            case 3:
                return "(" + " ".join(map(str, self.asns)) + ")"
            case 4:
                return "[" + ",".join(map(str, self.asns)) + "]"
        return " ".join(map(str, self.asns))


@dataclass(frozen=True)
class Attributes:
    """The path attributes of a route; what is absent is ``None``, empty or false.

    Attributes:
        origin: ``IGP``, ``EGP`` or ``INCOMPLETE``.
        path: the AS path; where the session's AS numbers have two bytes, with AS4_PATH merged into
            it (RFC 6793, section 4.2.3).
        next_hop: of the IPv4 routes (NEXT_HOP).
        mp_next_hop: of the routes in MP_REACH_NLRI (RFC 4760); of two addresses the global one
            (RFC 2545, section 3). Tables hold it abbreviated (RFC 6396, section 4.3.4).
        med: MULTI_EXIT_DISC.
        local_pref: LOCAL_PREF.
        atomic_aggregate: whether ATOMIC_AGGREGATE is there.
        aggregator: the AS that aggregated, and its router; AS4_AGGREGATOR where that counts.
        communities: pairs of 16 bits (RFC 1997).
        extended_communities: eight bytes each (RFC 4360).
        large_communities: triples of 32 bits (RFC 8092).
    """

    origin: str | None = None
    path: tuple[Segment, ...] = ()
    next_hop: IPv4Address | None = None
    mp_next_hop: IPv4Address | IPv6Address | None = None
    med: int | None = None
    local_pref: int | None = None
    atomic_aggregate: bool = False
    aggregator: tuple[int, IPv4Address] | None = None
    communities: tuple[tuple[int, int], ...] = ()
    extended_communities: tuple[bytes, ...] = ()
    large_communities: tuple[tuple[int, int, int], ...] = ()

    @property
    def path_text(self) -> str:
        """The path as it is usually written: ``1 2 {3,4}``."""
        return " ".join(map(str, self.path))


def read_attributes(data: bytes | memoryview | NDArray[np.uint8], *, as4: bool) -> Attributes:
    """Read path attributes (RFC 4271, section 4.3).

    Args:
        data: the attributes' bytes, those of ``Elements.data`` from ``attributes_begin`` to
            ``attributes_end``.
        as4: whether AS numbers have four bytes there (``Elements.as4``).
    """
    values: dict[int, bytes] = {}
    for kind, value in iterate_attributes(bytes(data)):
        values.setdefault(kind, value)
    get = values.get
    aggregator = _aggregator(get(AGGREGATOR, b""), 4 if as4 else 2)
    path = read_segments(get(AS_PATH, b""), 4 if as4 else 2) or ()
    if not as4:
        as4_aggregator = _aggregator(get(AS4_AGGREGATOR, b""), 4)
        if aggregator is None or as4_aggregator is None or aggregator[0] == AS_TRANS:
            path = _merge(path, read_segments(get(AS4_PATH, b""), 4) or ())
            if aggregator is not None and as4_aggregator is not None:
                aggregator = as4_aggregator
    origin = get(ORIGIN, b"")
    next_hop = get(NEXT_HOP, b"")
    return Attributes(
        origin=ORIGINS[origin[0]] if len(origin) == 1 and origin[0] < len(ORIGINS) else None,
        path=path,
        next_hop=IPv4Address(next_hop) if len(next_hop) == _IPV4_SIZE else None,
        mp_next_hop=_mp_next_hop(get(MP_REACH_NLRI, b"")),
        med=_number(get(MULTI_EXIT_DISC, b"")),
        local_pref=_number(get(LOCAL_PREF, b"")),
        atomic_aggregate=ATOMIC_AGGREGATE in values,
        aggregator=aggregator,
        communities=tuple(_each(">HH", get(COMMUNITIES, b""))),
        extended_communities=tuple(one for (one,) in _each("8s", get(EXTENDED_COMMUNITIES, b""))),
        large_communities=tuple(_each(">III", get(LARGE_COMMUNITIES, b""))),
    )


def iterate_attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Give type and value of each path attribute, up to one that runs beyond the end."""
    at = 0
    while len(data) - at >= 3:  # noqa: PLR2004 - flags, type, length
        kind, size = data[at + 1], data[at + 2]
        begin = at + 3
        if data[at] & EXTENDED_LENGTH:
            if len(data) == begin:
                return
            size = size << 8 | data[begin]
            begin += 1
        at = begin + size
        if at > len(data):
            return
        yield kind, data[begin:at]


def read_segments(data: bytes, as_size: int) -> tuple[Segment, ...] | None:
    """Read the segments of an AS path; ``None`` where it is malformed (RFC 7606, section 7.2)."""
    segments = []
    at = 0
    while at < len(data):
        kind, count = data[at], data[at + 1] if at + 1 < len(data) else 0
        begin = at + 2
        at = begin + count * as_size
        if not AS_SET <= kind <= AS_CONFED_SET or count == 0 or at > len(data):
            return None
        asns = struct.unpack(f">{count}{'I' if as_size == _IPV4_SIZE else 'H'}", data[begin:at])
        segments.append(Segment(kind, asns))
    return tuple(segments)


def _merge(path: tuple[Segment, ...], as4_path: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Put AS4_PATH in the place of the path's end (RFC 6793, section 4.2.3).

    Segments of confederations do not belong in AS4_PATH (section 6); in the path those that come
    with what is kept stay.
    """
    tail = tuple(part for part in as4_path if part.kind <= AS_SEQUENCE)
    missing = _length(path) - _length(tail)
    if not tail or missing < 0:
        return path
    head: list[Segment] = []
    for part in path:
        if part.kind >= AS_CONFED_SEQUENCE:
            head.append(part)
            continue
        if missing == 0:
            break
        kept = part.asns[:missing] if part.kind == AS_SEQUENCE else part.asns
        head.append(Segment(part.kind, kept))
        missing -= len(kept) if part.kind == AS_SEQUENCE else 1
    if head and head[-1].kind == tail[0].kind == AS_SEQUENCE:
        joined = Segment(AS_SEQUENCE, head[-1].asns + tail[0].asns)
        return (*head[:-1], joined, *tail[1:])
    return (*head, *tail)


def _length(path: tuple[Segment, ...]) -> int:
    """The length of a path: RFC 4271, section 9.1.2.2; RFC 5065, section 5.3."""
    return sum(
        len(part.asns) if part.kind == AS_SEQUENCE else 1
        for part in path
        if part.kind <= AS_SEQUENCE
    )


def _aggregator(value: bytes, as_size: int) -> tuple[int, IPv4Address] | None:
    if len(value) != as_size + _IPV4_SIZE:
        return None
    return int.from_bytes(value[:as_size], "big"), IPv4Address(value[as_size:])


def _mp_next_hop(value: bytes) -> IPv4Address | IPv6Address | None:
    """The next hop of MP_REACH_NLRI, whole (it begins with the AFI, so with 0) or abbreviated."""
    if value[:1] == b"\0":
        value = value[3:]
    size = value[0] if value else 0
    address = value[1 : 1 + size]
    if size == _IPV4_SIZE == len(address):
        return IPv4Address(address)
    if size in (_IPV6_SIZE, 2 * _IPV6_SIZE) and len(address) == size:
        return IPv6Address(address[:_IPV6_SIZE])
    return None


def _number(value: bytes) -> int | None:
    return int.from_bytes(value, "big") if len(value) == 4 else None  # noqa: PLR2004 - 32 bits


def _each(layout: str, value: bytes) -> Iterator[tuple[Any, ...]]:
    if len(value) % struct.calcsize(layout):
        return iter(())
    return struct.iter_unpack(layout, value)
