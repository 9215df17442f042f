"""An encoder of BGP and BMP, written for the tests alone: what speakers put on the wire."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

MARKER = b"\xff" * 16


def bgp(kind: int, body: bytes) -> bytes:
    return MARKER + struct.pack(">HB", 19 + len(body), kind) + body


def bgp_open(
    asn: int, *, as4: bool = True, add_path: dict[tuple[int, int], int] | None = None
) -> bytes:
    capabilities = struct.pack(">BBI", 65, 4, asn) if as4 else b""
    if add_path:
        value = b"".join(struct.pack(">HBB", *family, way) for family, way in add_path.items())
        capabilities += struct.pack(">BB", 69, len(value)) + value
    parameters = struct.pack(">BB", 2, len(capabilities)) + capabilities if capabilities else b""
    short = asn if asn < 65536 else 23456
    head = struct.pack(">BHH4sB", 4, short, 90, bytes([10, 0, 0, 1]), len(parameters))
    return bgp(1, head + parameters)


def nlri(*prefixes: str, path_id: int | None = None) -> bytes:
    whole = b""
    for prefix in prefixes:
        network = IPv6Network(prefix) if ":" in prefix else IPv4Network(prefix)
        if path_id is not None:
            whole += struct.pack(">I", path_id)
        length = network.prefixlen
        whole += bytes([length]) + network.network_address.packed[: (length + 7) // 8]
    return whole


def attribute(kind: int, value: bytes, flags: int = 0x40) -> bytes:
    return struct.pack(">BBH", flags | 0x10, kind, len(value)) + value


def as_path(*asns: int, size: int = 4) -> bytes:
    form = f">BB{len(asns)}{'I' if size == 4 else 'H'}"
    return attribute(2, struct.pack(form, 2, len(asns), *asns))


def update(withdrawn: bytes = b"", attributes: bytes = b"", announced: bytes = b"") -> bytes:
    lengths = struct.pack(">H", len(withdrawn)), struct.pack(">H", len(attributes))
    return bgp(2, lengths[0] + withdrawn + lengths[1] + attributes + announced)


def announce(*prefixes: str, path: tuple[int, ...] = (64500, 64501), size: int = 4) -> bytes:
    attributes = (
        attribute(1, b"\0") + as_path(*path, size=size) + attribute(3, bytes([10, 0, 0, 1]))
    )
    return update(b"", attributes, nlri(*prefixes))


def announce6(*prefixes: str, path: tuple[int, ...] = (64500, 64501)) -> bytes:
    reach = struct.pack(">HBB", 2, 1, 16) + IPv6Address("2001:db8::1").packed + b"\0"
    attributes = attribute(1, b"\0") + as_path(*path) + attribute(14, reach + nlri(*prefixes), 0x80)
    return update(b"", attributes)


def bmp(kind: int, body: bytes, version: int = 3) -> bytes:
    return struct.pack(">BIB", version, 6 + len(body), kind) + body


def peer(
    address: str = "10.0.0.2",
    asn: int = 64500,
    *,
    kind: int = 0,
    flags: int = 0,
    distinguisher: bytes = bytes(8),
    time: int = 0,
) -> bytes:
    there = ip_address(address)
    flags |= 0x80 if there.version == 6 else 0
    where = there.packed.rjust(16, b"\0")
    identifier = IPv4Address("10.0.0.2").packed
    moment = divmod(time, 1_000_000)
    return struct.pack(">BB8s16sI4sII", kind, flags, distinguisher, where, asn, identifier, *moment)


def initiation(name: str = "router") -> bytes:
    return bmp(4, struct.pack(">HH", 2, len(name)) + name.encode())


def peer_up(header: bytes, sent: bytes, received: bytes, local: str = "10.0.0.1") -> bytes:
    where = ip_address(local).packed.rjust(16, b"\0")
    return bmp(3, header + where + struct.pack(">HH", 179, 40000) + sent + received)


def peer_down(header: bytes, reason: int = 4) -> bytes:
    return bmp(2, header + bytes([reason]))


def monitoring(header: bytes, message: bytes) -> bytes:
    return bmp(0, header + message)
