"""Records of MRT made up for tests, field by field (RFC 6396, RFC 4271)."""

from __future__ import annotations

import struct
from ipaddress import ip_address, ip_network

TIME = 1_600_000_000


def record(kind: int, subtype: int, body: bytes, time: int = TIME) -> bytes:
    return struct.pack(">IHHI", time, kind, subtype, len(body)) + body


def address(text: str) -> bytes:
    return ip_address(text).packed


def prefix(text: str, path_id: int | None = None) -> bytes:
    network = ip_network(text)
    size = (network.prefixlen + 7) // 8
    head = b"" if path_id is None else struct.pack(">I", path_id)
    return head + bytes([network.prefixlen]) + network.network_address.packed[:size]


def attribute(kind: int, value: bytes, flags: int = 0x40) -> bytes:
    if len(value) > 255:
        return struct.pack(">BBH", flags | 0x10, kind, len(value)) + value
    return struct.pack(">BBB", flags, kind, len(value)) + value


def segment(*asns: int, kind: int = 2, size: int = 4) -> bytes:
    return bytes([kind, len(asns)]) + b"".join(asn.to_bytes(size, "big") for asn in asns)


def reach(afi: int, safi: int, next_hop: bytes, prefixes: bytes) -> bytes:
    head = struct.pack(">HBB", afi, safi, len(next_hop))
    return attribute(14, head + next_hop + b"\0" + prefixes, 0x80)


def unreach(afi: int, safi: int, prefixes: bytes) -> bytes:
    return attribute(15, struct.pack(">HB", afi, safi) + prefixes, 0x80)


def update(withdrawn: bytes = b"", attributes: bytes = b"", prefixes: bytes = b"") -> bytes:
    body = struct.pack(">H", len(withdrawn)) + withdrawn
    body += struct.pack(">H", len(attributes)) + attributes + prefixes
    return b"\xff" * 16 + struct.pack(">HB", 19 + len(body), 2) + body


def message(
    bgp: bytes,
    subtype: int = 4,
    *,
    peer: str = "192.0.2.1",
    asn: int = 65001,
    microseconds: int | None = None,
) -> bytes:
    """A record of BGP4MP, or of BGP4MP_ET where there are microseconds."""
    layout = ">IIHH" if subtype in (4, 5, 7, 9, 11) else ">HHHH"
    local = "::2" if ":" in peer else "192.0.2.2"
    body = struct.pack(layout, asn, 65002, 0, 2 if ":" in peer else 1)
    body += address(peer) + address(local) + bgp
    if microseconds is None:
        return record(16, subtype, body)
    return record(17, subtype, struct.pack(">I", microseconds) + body)


def state(old: int, new: int, subtype: int = 5, microseconds: int | None = None) -> bytes:
    return message(struct.pack(">HH", old, new), subtype, microseconds=microseconds)


def index_table(*peers: tuple[str, int]) -> bytes:
    body = address("10.0.0.99") + b"\0\0" + struct.pack(">H", len(peers))
    for text, asn in peers:
        kind = 2 | (":" in text)
        body += bytes([kind]) + address("10.0.0.1") + address(text) + struct.pack(">I", asn)
    return record(13, 1, body)


def rib(subtype: int, text: str, *entries: tuple[int, bytes], path_id: int | None = None) -> bytes:
    """A record of TABLE_DUMP_V2: the routes of peers (by their place in the index) to a prefix."""
    body = struct.pack(">I", 7) + prefix(text) + struct.pack(">H", len(entries))
    for peer, attributes in entries:
        body += struct.pack(">HI", peer, 1_500_000_000)
        body += b"" if path_id is None else struct.pack(">I", path_id)
        body += struct.pack(">H", len(attributes)) + attributes
    return record(13, subtype, body)


def old_table(text: str, peer: str, asn: int, attributes: bytes) -> bytes:
    """A record of TABLE_DUMP."""
    network = ip_network(text)
    body = struct.pack(">HH", 0, 1) + network.network_address.packed
    body += bytes([network.prefixlen, 1]) + struct.pack(">I", 1_400_000_000) + address(peer)
    body += struct.pack(">HH", asn, len(attributes)) + attributes
    return record(12, 1 if network.version == 4 else 2, body)


def old_message(subtype: int, body: bytes) -> bytes:
    """A record of the type BGP."""
    head = struct.pack(">H", 65001) + address("192.0.2.1")
    if subtype == 3:
        return record(5, subtype, head + body)
    return record(5, subtype, head + struct.pack(">H", 65002) + address("192.0.2.2") + body[19:])


ORIGIN = attribute(1, b"\0")
PATH = attribute(2, segment(65001, 3356))
OLD_PATH = attribute(2, segment(65001, 3356, size=2))
NEXT_HOP = attribute(3, address("192.0.2.9"))
"""Of a route that is in order."""
