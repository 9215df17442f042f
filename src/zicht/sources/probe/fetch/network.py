"""Which way probes go, and whether there is any: Linux's routing table, asked by rtnetlink(7)."""

from __future__ import annotations

import fcntl
import socket
import struct
from typing import NamedTuple

_GET_ROUTE, _NEW_ROUTE = 26, 24
_REQUEST = 1
_DESTINATION, _DEVICE, _SOURCE = 1, 4, 7  # RTA_DST, RTA_OIF, RTA_PREFSRC
_ROUTE = struct.Struct("=BBBBBBBBI")  # struct rtmsg
_HEADER = struct.Struct("=IHHII")  # struct nlmsghdr
_GET_FLAGS = 0x8913  # SIOCGIFFLAGS
_RUNNING = 0x40  # IFF_RUNNING


class Way(NamedTuple):
    """How packets to an address go.

    Attributes:
        device: the number of the interface.
        source: the address that they are sent from, as bytes; empty where the kernel does not say.
    """

    device: int
    source: bytes


def way_to(high: int, low: int, *, ipv4: bool) -> Way | None:
    """The way to an address, ``None`` where no route leads there. Sends nothing."""
    family, bits = (socket.AF_INET, 32) if ipv4 else (socket.AF_INET6, 128)
    address = (high << 64 | low).to_bytes(16, "big")[: bits // 8]
    wanted = struct.pack("=HH", 4 + len(address), _DESTINATION) + address
    body = _ROUTE.pack(family, bits, 0, 0, 0, 0, 0, 0, 0) + wanted
    message = _HEADER.pack(_HEADER.size + len(body), _GET_ROUTE, _REQUEST, 0, 0) + body
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as asking:
        asking.sendto(message, (0, 0))
        answer = asking.recv(4096)
    if _HEADER.unpack_from(answer)[1] != _NEW_ROUTE:
        return None
    parts = _attributes(answer[_HEADER.size + _ROUTE.size :])
    device = int.from_bytes(parts.get(_DEVICE, b"\0"), "little")
    return Way(device, parts.get(_SOURCE, b"")) if device else None


def is_up(high: int, low: int, *, ipv4: bool) -> bool:
    """Whether a route leads to an address, and its interface is up with somebody at the end."""
    way = way_to(high, low, ipv4=ipv4)
    if way is None:
        return False
    try:
        name = socket.if_indextoname(way.device).encode()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            told = fcntl.ioctl(asking, _GET_FLAGS, struct.pack("16sH14x", name, 0))
    except OSError:  # it went meanwhile
        return False
    return bool(struct.unpack_from("=H", told, 16)[0] & _RUNNING)


def _attributes(data: bytes) -> dict[int, bytes]:
    found = {}
    while len(data) >= 4:  # noqa: PLR2004 - struct rtattr
        size, kind = struct.unpack_from("=HH", data)
        if size < 4:  # noqa: PLR2004 - struct rtattr
            break
        found[kind] = data[4:size]
        data = data[(size + 3) & ~3 :]
    return found
