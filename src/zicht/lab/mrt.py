"""An encoder of MRT: what routers of a world say, as the bytes that a collector would write.

RFC 6396 (tables, messages, states), RFC 8050 (with path identifiers), RFC 4271 and 4760 (what is in
a message), RFC 6793 (AS numbers of four bytes). Times are microseconds since 1970 UTC. Nothing here
is shared with the decoder, so that one can be tested against the other.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Path = tuple[tuple[int, tuple[int, ...]], ...]
"""Segments: a kind (1 a set, 2 a sequence, 3 and 4 the same of confederations) and AS numbers."""

UNICAST, MULTICAST = 1, 2
BGP, TABLE_DUMP, TABLE_DUMP_V2, BGP4MP, BGP4MP_ET = 5, 12, 13, 16, 17
UPDATE, KEEPALIVE = 2, 4  # RFC 4271, section 4.1

_LONG = 255  # a value that is longer needs two bytes of length
_OPTIONAL, _TRANSITIVE, _EXTENDED = 0x80, 0x40, 0x10
_FLAGS = {1: 0x40, 2: 0x40, 3: 0x40, 4: 0x80, 5: 0x40, 6: 0x40, 14: 0x80, 15: 0x80}
_MARKER = b"\xff" * 16


@dataclass(frozen=True)
class Speaker:
    """A router that speaks to the collector: its address, AS and BGP identifier."""

    address: Address
    asn: int
    identifier: IPv4Address


@dataclass(frozen=True)
class Entry:
    """One peer's route in a table: its place in the index table, since when, and how."""

    peer: int
    originated: int
    attributes: bytes
    path_id: int = 0


def record(time: int, kind: int, subtype: int, body: bytes, *, extended: bool = False) -> bytes:
    """Put the header of MRT before a body; an extended one carries microseconds."""
    seconds, microseconds = divmod(time, 1_000_000)
    if extended:
        body = struct.pack(">I", microseconds) + body
    return struct.pack(">IHHI", seconds, kind, subtype, len(body)) + body


def prefix(network: Network, path_id: int | None = None) -> bytes:
    """Encode a prefix, with its path identifier where there is one (RFC 7911, section 3)."""
    size = (network.prefixlen + 7) // 8
    body = bytes([network.prefixlen]) + network.network_address.packed[:size]
    return body if path_id is None else struct.pack(">I", path_id) + body


def attribute(kind: int, value: bytes) -> bytes:
    """Encode one path attribute."""
    flags = _FLAGS.get(kind, _OPTIONAL | _TRANSITIVE)
    if len(value) > _LONG:
        return struct.pack(">BBH", flags | _EXTENDED, kind, len(value)) + value
    return struct.pack(">BBB", flags, kind, len(value)) + value


def path_value(path: Path, as_size: int = 4) -> bytes:
    """Encode the value of an AS path."""
    letter = "I" if as_size == 4 else "H"  # noqa: PLR2004 - bytes
    return b"".join(
        struct.pack(f">BB{len(asns)}{letter}", kind, len(asns), *asns) for kind, asns in path
    )


def attributes(  # noqa: C901, PLR0913 - one for each attribute
    *,
    path: Path | None = None,
    as_size: int = 4,
    origin: int | None = 0,
    next_hop: IPv4Address | None = None,
    med: int | None = None,
    local_pref: int | None = None,
    aggregator: tuple[int, IPv4Address] | None = None,
    communities: Iterable[tuple[int, int]] = (),
    reach: bytes | None = None,
    unreach: bytes | None = None,
    extended_communities: Iterable[bytes] = (),
    as4_path: Path | None = None,
    as4_aggregator: tuple[int, IPv4Address] | None = None,
    large_communities: Iterable[tuple[int, int, int]] = (),
) -> bytes:
    """Encode path attributes in the order of their types; what is not given is left out."""
    values: dict[int, bytes] = {}
    if origin is not None:
        values[1] = bytes([origin])
    if path is not None:
        values[2] = path_value(path, as_size)
    if next_hop is not None:
        values[3] = next_hop.packed
    if med is not None:
        values[4] = struct.pack(">I", med)
    if local_pref is not None:
        values[5] = struct.pack(">I", local_pref)
    if aggregator is not None:
        values[7] = aggregator[0].to_bytes(as_size, "big") + aggregator[1].packed
    values[8] = b"".join(struct.pack(">HH", *pair) for pair in communities)
    if reach is not None:
        values[14] = reach
    if unreach is not None:
        values[15] = unreach
    values[16] = b"".join(extended_communities)
    if as4_path is not None:
        values[17] = path_value(as4_path)
    if as4_aggregator is not None:
        values[18] = struct.pack(">I", as4_aggregator[0]) + as4_aggregator[1].packed
    values[32] = b"".join(struct.pack(">III", *triple) for triple in large_communities)
    kept_if_empty = (2, 14, 15, 17)
    return b"".join(
        attribute(kind, value) for kind, value in values.items() if value or kind in kept_if_empty
    )


def reach_value(
    next_hop: Address, prefixes: bytes, *, family: int = 6, safi: int = UNICAST
) -> bytes:
    """Encode the value of MP_REACH_NLRI (RFC 4760, section 3)."""
    packed = next_hop.packed
    return struct.pack(">HBB", _afi(family), safi, len(packed)) + packed + b"\0" + prefixes


def abbreviated_reach_value(next_hop: Address) -> bytes:
    """Encode the value of MP_REACH_NLRI as tables hold it (RFC 6396, section 4.3.4)."""
    return bytes([len(next_hop.packed)]) + next_hop.packed


def unreach_value(prefixes: bytes, *, family: int = 6, safi: int = UNICAST) -> bytes:
    """Encode the value of MP_UNREACH_NLRI (RFC 4760, section 4)."""
    return struct.pack(">HB", _afi(family), safi) + prefixes


def update_body(
    *, withdrawn: bytes = b"", path_attributes: bytes = b"", announced: bytes = b""
) -> bytes:
    """Encode what an UPDATE holds behind its header (RFC 4271, section 4.3)."""
    parts = struct.pack(">H", len(withdrawn)), withdrawn
    return b"".join((*parts, struct.pack(">H", len(path_attributes)), path_attributes, announced))


def message(kind: int, body: bytes) -> bytes:
    """Put the header of BGP before a body (RFC 4271, section 4.1)."""
    return _MARKER + struct.pack(">HB", 19 + len(body), kind) + body


def bgp4mp(
    time: int,
    speaker: Speaker,
    bgp_message: bytes,
    *,
    as_size: int = 4,
    local: bool = False,
    add_path: bool = False,
    extended: bool = False,
) -> bytes:
    """Encode a record of a BGP message (RFC 6396, section 4.4; RFC 8050, section 3)."""
    subtype = {
        (2, False, False): 1,
        (4, False, False): 4,
        (2, True, False): 6,
        (4, True, False): 7,
        (2, False, True): 8,
        (4, False, True): 9,
        (2, True, True): 10,
        (4, True, True): 11,
    }[as_size, local, add_path]
    body = _session(speaker, as_size) + bgp_message
    return record(time, BGP4MP_ET if extended else BGP4MP, subtype, body, extended=extended)


def state_change(
    time: int,
    speaker: Speaker,
    old: int,
    new: int,
    *,
    as_size: int = 4,
    extended: bool = False,
) -> bytes:
    """Encode a change of a session's state (RFC 6396, section 4.4.1)."""
    body = _session(speaker, as_size) + struct.pack(">HH", old, new)
    kind, subtype = BGP4MP_ET if extended else BGP4MP, 5 if as_size == 4 else 0  # noqa: PLR2004
    return record(time, kind, subtype, body, extended=extended)


def old_update(time: int, speaker: Speaker, body: bytes) -> bytes:
    """Encode an UPDATE in a record of the type BGP (RFC 6396, appendix B.2.1.2)."""
    return record(time, BGP, 1, _old_session(speaker) + bytes(6) + body)


def old_state_change(time: int, speaker: Speaker, old: int, new: int) -> bytes:
    """Encode a change of state in a record of the type BGP (RFC 6396, appendix B.2.1.4)."""
    return record(time, BGP, 3, _old_session(speaker) + struct.pack(">HH", old, new))


def index_table(time: int, speakers: Sequence[Speaker], *, view: bytes = b"") -> bytes:
    """Encode a PEER_INDEX_TABLE (RFC 6396, section 4.3.1)."""
    parts = [bytes(4), struct.pack(">H", len(view)), view, struct.pack(">H", len(speakers))]
    for speaker in speakers:
        kind = 2 | (speaker.address.version == 6)  # noqa: PLR2004 - IPv6
        parts += bytes([kind]), speaker.identifier.packed
        parts += speaker.address.packed, struct.pack(">I", speaker.asn)
    return record(time, TABLE_DUMP_V2, 1, b"".join(parts))


def rib(
    time: int,
    network: Network,
    entries: Iterable[Entry],
    *,
    safi: int = UNICAST,
    add_path: bool = False,
    sequence: int = 0,
) -> bytes:
    """Encode the routes to one prefix (RFC 6396, section 4.3.2; RFC 8050, section 4)."""
    subtype = (2 if network.version == 4 else 4) + safi - UNICAST + 6 * add_path  # noqa: PLR2004
    head = struct.pack(">I", sequence) + prefix(network)
    return record(time, TABLE_DUMP_V2, subtype, head + _entries(entries, add_path=add_path))


def rib_generic(
    time: int, network: Network, entries: Iterable[Entry], *, safi: int = UNICAST
) -> bytes:
    """Encode the routes to one prefix as RIB_GENERIC (RFC 6396, section 4.3.3)."""
    head = struct.pack(">IHB", 0, _afi(network.version), safi) + prefix(network)
    return record(time, TABLE_DUMP_V2, 6, head + _entries(entries, add_path=False))


def table_dump(time: int, network: Network, speaker: Speaker, path_attributes: bytes) -> bytes:
    """Encode one route as TABLE_DUMP (RFC 6396, section 4.2); AS numbers have two bytes."""
    body = bytes(4) + network.network_address.packed
    body += struct.pack(">BBI", network.prefixlen, 1, 0) + speaker.address.packed
    body += struct.pack(">HH", speaker.asn, len(path_attributes)) + path_attributes
    return record(time, TABLE_DUMP, _afi(network.version), body)


def _entries(entries: Iterable[Entry], *, add_path: bool) -> bytes:
    encoded = [
        struct.pack(">HI", entry.peer, entry.originated)
        + (struct.pack(">I", entry.path_id) if add_path else b"")
        + struct.pack(">H", len(entry.attributes))
        + entry.attributes
        for entry in entries
    ]
    return struct.pack(">H", len(encoded)) + b"".join(encoded)


def _session(speaker: Speaker, as_size: int) -> bytes:
    """The head of BGP4MP: both ASes, an interface, the family, both addresses."""
    family = speaker.address.version
    collector = bytes(len(speaker.address.packed))
    head = speaker.asn.to_bytes(as_size, "big") + bytes(as_size)
    return head + struct.pack(">HH", 0, _afi(family)) + speaker.address.packed + collector


def _old_session(speaker: Speaker) -> bytes:
    return struct.pack(">H", speaker.asn) + speaker.address.packed


def _afi(family: int) -> int:
    return 1 if family == 4 else 2  # noqa: PLR2004 - IPv4
