"""The sockets that this system permits, and how to do without every other right once they are open.

A *raw* socket (CAP_NET_RAW) sees all ICMP of the machine, errors too. A *datagram* socket, Linux's
"ping socket", needs no right but a group within ``net.ipv4.ping_group_range``; the kernel then
chooses the identifier and passes on answers alone.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
from typing import Literal, NamedTuple

from zicht.errors import UsageError

Sort = Literal["raw", "datagram"]

REMEDY = (
    "Run as root, give Python the right (setcap cap_net_raw+ep PYTHON), or let a group use ping"
    ' sockets: sysctl net.ipv4.ping_group_range="GROUP GROUP".'
)

_BUFFER = 8 << 20  # bytes: some 0.1 s of replies at a hundred thousand a second
_SO_RCVBUFFORCE = 33
_SO_TIMESTAMPNS = 35
_ICMP_FILTER, _SOL_RAW = 1, 255  # linux/icmp.h
_ICMP6_FILTER = 1  # linux/icmpv6.h
_WANTED_4 = (0, 3, 4, 11, 12)
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522


class Opened(NamedTuple):
    """A socket to probe with.

    Attributes:
        socket: never blocks; it gives the kernel's time of each message (SO_TIMESTAMPNS).
        sort: raw or datagram.
        ipv4: of IPv4, or of IPv6.
    """

    socket: socket.socket
    sort: Sort
    ipv4: bool

    @property
    def ip_header(self) -> bool:
        """Whether messages come with their IP header before them."""
        return self.ipv4 and self.sort == "raw"


def open_socket(*, ipv4: bool) -> Opened:
    """Open a raw socket, or else a datagram socket.

    Raises:
        UsageError: the system permits neither.
    """
    refusals = []
    for sort in ("raw", "datagram"):
        try:
            return _open(sort, ipv4=ipv4)
        except OSError as error:
            refusals.append(f"{sort}: {error.strerror}")
    family = "IPv4" if ipv4 else "IPv6"
    raise UsageError(f"No socket to probe {family} with ({', '.join(refusals)}).", REMEDY)


def permitted(*, ipv4: bool) -> list[Sort]:
    """The sorts of socket that may be opened here, the better first."""
    sorts: list[Sort] = []
    for sort in ("raw", "datagram"):
        try:
            _open(sort, ipv4=ipv4).socket.close()
        except OSError:
            continue
        sorts.append(sort)
    return sorts


def _open(sort: Sort, *, ipv4: bool) -> Opened:
    family = socket.AF_INET if ipv4 else socket.AF_INET6
    protocol = socket.IPPROTO_ICMP if ipv4 else socket.IPPROTO_ICMPV6
    kind = socket.SOCK_RAW if sort == "raw" else socket.SOCK_DGRAM
    opened = socket.socket(family, kind | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, protocol)
    try:
        if sort == "raw":
            _filter(opened, ipv4=ipv4)
        opened.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        try:
            opened.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        except PermissionError:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)  # up to rmem_max
    except OSError:
        opened.close()
        raise
    return Opened(opened, sort, ipv4)


def _filter(opened: socket.socket, *, ipv4: bool) -> None:
    """Let the kernel keep what can be neither an answer nor an error."""
    if ipv4:
        passed = sum(1 << number for number in _WANTED_4)
        blocked = struct.pack("=I", ~passed & 0xFFFFFFFF)
        opened.setsockopt(_SOL_RAW, _ICMP_FILTER, blocked)
        return
    words = [0, 0, 0, 0, ~(1 << 1) & 0xFFFFFFFF, *[0xFFFFFFFF] * 3]  # errors, and 129
    opened.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, struct.pack("=8I", *words))


def drop_privileges() -> None:
    """Give up every capability of this thread, for good, and the way to gain any.

    Sockets that are open stay usable. Root keeps the right to its own files and no other.

    Raises:
        OSError: the system refuses, which it does for no known reason.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    ambient = libc.prctl(47, 4, 0, 0, 0)  # PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL
    if ambient or libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.capset(header, bytes(24)):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
