"""The sockets that this system permits.

A *raw* socket (CAP_NET_RAW) sees all ICMP of the machine, or all TCP from the port that is probed.
A *datagram* socket, Linux's "ping socket", needs no right but a group within
``net.ipv4.ping_group_range``; the kernel then chooses the identifier. Of datagram sockets and of
TCP the kernel queues ICMP errors (IP_RECVERR), with the probe that each is about.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from typing import Literal, NamedTuple

from zicht.errors import UsageError
from zicht.sources.probe.replies import Kind
from zicht.sources.probe.syn import FIRST_PORT

Sort = Literal["raw", "datagram"]

REMEDY = (
    "Run as root, give Python the right (setcap cap_net_raw+ep PYTHON), or let a group use ping"
    ' sockets for ICMP: sysctl net.ipv4.ping_group_range="GROUP GROUP".'
)

_BUFFER = 8 << 20  # bytes: some 0.1 s of replies at a hundred thousand a second
_SO_ATTACH_FILTER = 26
_SO_RCVBUFFORCE = 33
_SO_TIMESTAMPNS = 35
_SO_RXQ_OVFL = 40
_IP_RECVERR, _IPV6_RECVERR, _IPV6_CHECKSUM = 11, 25, 7
_ICMP_FILTER, _SOL_RAW = 1, 255  # linux/icmp.h
_ICMP6_FILTER = 1  # linux/icmpv6.h
_WANTED_4 = (0, 3, 4, 11, 12)
_TCP_CHECKSUM = 16  # where it stands in a segment


class Opened(NamedTuple):
    """A socket to probe with.

    Attributes:
        socket: never blocks; it gives the kernel's time of each message (SO_TIMESTAMPNS), and how
            many the kernel had to drop (SO_RXQ_OVFL).
        sort: raw or datagram.
        kind: what is sent.
        ipv4: of IPv4, or of IPv6.
    """

    socket: socket.socket
    sort: Sort
    kind: Kind
    ipv4: bool

    @property
    def ip_header(self) -> bool:
        """Whether messages come with their IP header before them."""
        return self.ipv4 and self.sort == "raw"

    @property
    def errors(self) -> bool:
        """Whether the kernel queues ICMP errors apart from other messages."""
        return self.sort == "datagram" or self.kind is Kind.SYN


def open_socket(*, ipv4: bool, kind: Kind = Kind.ECHO, port: int = 0) -> Opened:
    """Open a raw socket, or else, for echo requests, a datagram socket.

    Args:
        ipv4: for IPv4, or for IPv6.
        kind: what it is to send.
        port: to which, of TCP.

    Raises:
        UsageError: the system permits neither.
    """
    refusals = []
    for sort in _sorts(kind):
        try:
            return open_sort(sort, ipv4=ipv4, kind=kind, port=port)
        except OSError as error:
            refusals.append(f"{sort}: {error.strerror}")
    family = "IPv4" if ipv4 else "IPv6"
    what = "" if kind is Kind.ECHO else " by TCP"
    raise UsageError(f"No socket to probe {family} with{what} ({', '.join(refusals)}).", REMEDY)


def open_sockets() -> list[Opened]:
    """A socket for echo requests of each family that the system permits one for.

    Raises:
        UsageError: it permits none.
    """
    opened: list[Opened] = []
    refused: list[UsageError] = []
    for ipv4 in (True, False):
        try:
            opened.append(open_socket(ipv4=ipv4))
        except UsageError as error:
            refused.append(error)
    if not opened:
        raise refused[0]
    return opened


def permitted(*, ipv4: bool, kind: Kind = Kind.ECHO) -> list[Sort]:
    """The sorts of socket that may be opened here, the better first."""
    sorts: list[Sort] = []
    for sort in _sorts(kind):
        try:
            open_sort(sort, ipv4=ipv4, kind=kind, port=443).socket.close()
        except OSError:
            continue
        sorts.append(sort)
    return sorts


def open_sort(sort: Sort, *, ipv4: bool, kind: Kind = Kind.ECHO, port: int = 0) -> Opened:
    """Open a socket of one sort.

    Raises:
        OSError: the system does not permit it.
    """
    family = socket.AF_INET if ipv4 else socket.AF_INET6
    protocol = socket.IPPROTO_ICMP if ipv4 else socket.IPPROTO_ICMPV6
    if kind is Kind.SYN:
        protocol = socket.IPPROTO_TCP
    number = socket.SOCK_RAW if sort == "raw" else socket.SOCK_DGRAM
    opened = socket.socket(family, number | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, protocol)
    result = Opened(opened, sort, kind, ipv4)
    try:
        if kind is Kind.SYN:
            _filter_segments(opened, port, ipv4=ipv4)
        elif sort == "raw":
            _filter_messages(opened, ipv4=ipv4)
        if result.errors:
            level, option = (0, _IP_RECVERR) if ipv4 else (41, _IPV6_RECVERR)
            opened.setsockopt(level, option, 1)
        opened.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        opened.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
        try:
            opened.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        except PermissionError:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)  # up to rmem_max
    except OSError:
        opened.close()
        raise
    return result


def _sorts(kind: Kind) -> tuple[Sort, ...]:
    return ("raw", "datagram") if kind is Kind.ECHO else ("raw",)


def _filter_messages(opened: socket.socket, *, ipv4: bool) -> None:
    """Let the kernel keep what can be neither an answer nor an error."""
    if ipv4:
        passed = sum(1 << number for number in _WANTED_4)
        blocked = struct.pack("=I", ~passed & 0xFFFFFFFF)
        opened.setsockopt(_SOL_RAW, _ICMP_FILTER, blocked)
        return
    words = [0, 0, 0, 0, ~(1 << 1) & 0xFFFFFFFF, *[0xFFFFFFFF] * 3]  # errors, and 129
    opened.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, struct.pack("=8I", *words))


def _filter_segments(opened: socket.socket, port: int, *, ipv4: bool) -> None:
    """Let the kernel keep all TCP but from the port that is probed to those probed from.

    Classic BPF (bpf(4) of BSD, linux/filter.h); over IPv4 the IP header stands before the segment.
    The checksum of IPv6 is the kernel's.
    """
    if not ipv4:
        opened.setsockopt(socket.IPPROTO_IPV6, _IPV6_CHECKSUM, _TCP_CHECKSUM)
    load_half = 0x48 if ipv4 else 0x28  # at X and a number, or at a number
    program = [
        (0xB1, 0, 0, 0),  # X = the length of the IP header
        (load_half, 0, 0, 0),
        (0x15, 0, 3, port),  # equal, or drop
        (load_half, 0, 0, 2),
        (0x35, 0, 1, FIRST_PORT),  # not below, or drop
        (0x06, 0, 0, 0xFFFF),
        (0x06, 0, 0, 0),
    ][0 if ipv4 else 1 :]
    code = b"".join(struct.pack("=HBBI", *step) for step in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    what = struct.pack("@HP", len(program), ctypes.addressof(buffer))
    opened.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, what)
