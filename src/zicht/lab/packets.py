"""Packets that answer packets: IPv4 (RFC 791) and IPv6 (RFC 8200) as a TUN device gives them.

ICMP's echo and errors are those of RFC 792 and RFC 4443, TCP's handshake that of RFC 9293. A packet
is a row of bytes, longer than the packet itself; ``version`` is IP's, 4 or 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.uint8]

IPV4, IPV6 = 4, 6
HEADER_4, HEADER_6, ICMP, TCP_HEADER = 20, 40, 8, 20
"""Bytes of headers; IPv4's without options."""
ICMP_4, TCP, ICMP_6 = 1, 6, 58
"""The protocol numbers of IANA."""
_QUOTED = 128  # bytes of a packet that a router's error quotes at most
_SYN, _SYN_ACK, _RST_ACK = 0x02, 0x12, 0x14


@njit(cache=True, nogil=True)
def is_question(
    packet: Rows,
    length: int,
    at: int,
    protocol: int,
    version: int,
) -> bool:
    """Whether it is an echo request, or a SYN and no more."""
    if protocol == TCP:
        return length >= at + TCP_HEADER and packet[at + 13] == _SYN
    if protocol != (ICMP_4 if version == IPV4 else ICMP_6) or length < at + ICMP:
        return False
    return bool(packet[at] == (8 if version == IPV4 else 128) and packet[at + 1] == 0)


@njit(cache=True, nogil=True)
def echo(packet: Rows, length: int, at: int, version: int, out: Rows) -> int:
    """The same back, with the type of a reply; the checksum follows (RFC 1624)."""
    out[:length] = packet[:length]
    _turn_round(out, at, length - at, version)
    old = number(packet, at + 2, 2)
    change = np.uint64(0x0800) if version == IPV4 else np.uint64(0x10000 - 0x101)
    total = old + change
    _put(out, at + 2, (total & np.uint64(0xFFFF)) + (total >> np.uint64(16)), 2)
    out[at] = 0 if version == IPV4 else 129
    return length


@njit(cache=True, nogil=True)
def refuse(packet: Rows, length: int, version: int, out: Rows) -> int:
    """Unreachable, as the block's first address says: host (3/1) or address (1/3)."""
    quoted = min(length, _QUOTED)
    at = HEADER_4 if version == IPV4 else HEADER_6
    out[:at] = packet[:at]
    if version == IPV4:
        out[0] = 0x45
        out[9] = ICMP_4
    else:
        out[6] = ICMP_6
    _turn_round(out, at, ICMP + quoted, version)
    if version == IPV4:
        out[15] = 1
        _sum_header(out, at)
    else:
        out[16:24] = 0
        out[23] = 1
    out[at : at + ICMP] = 0
    out[at], out[at + 1] = (3, 1) if version == IPV4 else (1, 3)
    out[at + ICMP : at + ICMP + quoted] = packet[:quoted]
    start = np.uint64(0) if version == IPV4 else _pseudo(out, ICMP + quoted, version)
    _put(out, at + 2, _checksum(out, at, at + ICMP + quoted, start), 2)
    return at + ICMP + quoted


@njit(cache=True, nogil=True)
def handshake(
    packet: Rows,
    at: int,
    version: int,
    takes: bool,  # noqa: FBT001 - Numba binds no keyword-only arguments
    luck: int,
    out: Rows,
) -> int:
    """SYN and ACK where the port is open, RST and ACK where it is not."""
    header = HEADER_4 if version == IPV4 else HEADER_6
    out[:header] = packet[:header]
    if version == IPV4:
        out[0] = 0x45
    _turn_round(out, header, TCP_HEADER, version)
    out[header : header + TCP_HEADER] = 0
    out[header : header + 2] = packet[at + 2 : at + 4]
    out[header + 2 : header + 4] = packet[at : at + 2]
    if takes:
        _put(out, header + 4, luck, 4)
        _put(out, header + 14, np.uint64(64240), 2)
    _put(out, header + 8, number(packet, at + 4, 4) + np.uint64(1), 4)
    out[header + 12] = 0x50
    out[header + 13] = _SYN_ACK if takes else _RST_ACK
    start = _pseudo(out, TCP_HEADER, version)
    _put(out, header + 16, _checksum(out, header, header + TCP_HEADER, start), 2)
    return header + TCP_HEADER


@njit(cache=True, nogil=True)
def _turn_round(out: Rows, header: int, inner: int, version: int) -> None:
    """Make the header of an answer out of the question's: from whom it went to, and its length."""
    first, width = (12, 4) if version == IPV4 else (8, 16)
    for byte in range(first, first + width):
        out[byte], out[byte + width] = out[byte + width], out[byte]
    if version == IPV4:
        _put(out, 2, np.uint64(header + inner), 2)
        out[8] = 52
        _sum_header(out, header)
    else:
        _put(out, 4, np.uint64(inner), 2)
        out[7] = 52


@njit(cache=True, nogil=True)
def _sum_header(out: Rows, header: int) -> None:
    out[10:12] = 0
    _put(out, 10, _checksum(out, 0, header, np.uint64(0)), 2)


@njit(cache=True, nogil=True)
def _pseudo(out: Rows, inner: int, version: int) -> int:
    """The sum over the pseudo-header (RFC 9293, section 3.1; RFC 8200, section 8.1)."""
    first, last = (12, 20) if version == IPV4 else (8, 40)
    total = np.uint64(inner) + np.uint64(out[9] if version == IPV4 else out[6])
    for at in range(first, last, 2):
        total += number(out, at, 2)
    return total


@njit(cache=True, nogil=True)
def _checksum(data: Rows, begin: int, end: int, start: int) -> int:
    """The Internet checksum (RFC 1071) of bytes, the sum begun at ``start``."""
    total = start
    for at in range(begin, end - 1, 2):
        total += number(data, at, 2)
    if (end - begin) % 2:
        total += np.uint64(data[end - 1]) << np.uint64(8)
    while total >> np.uint64(16):
        total = (total & np.uint64(0xFFFF)) + (total >> np.uint64(16))
    return ~total & np.uint64(0xFFFF)


@njit(cache=True, nogil=True)
def number(data: Rows, at: int, width: int) -> int:
    """The number of ``width`` bytes in network order."""
    number = np.uint64(0)
    for place in range(at, at + width):
        number = (number << np.uint64(8)) | np.uint64(data[place])
    return number


@njit(cache=True, nogil=True)
def _put(data: Rows, at: int, value: int, width: int) -> None:
    """Write the last ``width`` bytes of a number in network order."""
    for place in range(width):
        shift = np.uint64(8 * (width - 1 - place))
        data[at + place] = np.uint8((value >> shift) & np.uint64(0xFF))
