"""TCP SYN: probes written and answers judged, one row at a time (RFC 9293).

Both who listens (SYN-ACK) and who does not (RST) answers, and acknowledges the sequence number.
That is a hash of the address plus the time in microseconds, as RFC 6528 asks of any initial
sequence number; so the round trip is known of either. The port it is sent from is a hash of the
address too. Where the timestamps option (RFC 7323) is echoed, it must be the one that was sent.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.sources.probe.packets import checksum, load, store, summed, summed_number
from zicht.sources.probe.token import stamp_base, syn_fields
from zicht.sources.probe.verdicts import DAMAGED, ERROR, FOREIGN, FORGED, timed

if TYPE_CHECKING:
    from zicht.sources.probe.packets import Rows, Words

FIRST_PORT = 61_440
"""Probes are sent from the 4,096 highest ports: beyond those that Linux gives to connections
(``net.ipv4.ip_local_port_range``), so that none is touched."""
HEADER = 36
_SYN, _RST, _ACK = 2, 4, 16
_WINDOW = 65_535
_STAMPS = 28  # where the timestamps option's value stands
_QUOTED = 8  # bytes of a datagram that an error must quote (RFC 792)
_NONE = np.int64(-1)
_LOW_32 = np.uint64(0xFFFFFFFF)
_MICRO = np.uint64(1000)
_LATEST = 64_000_000  # us; an answer that is later cannot be told from a made-up number
_UNSURE = -1000  # us; the time of sending is foretold, and may be wrong by less
_HALF = 1 << 31
_TCP = np.uint64(6)


def template(port: int) -> Rows:
    """uint8[36]: what all SYNs to a port have in common, the rest zero."""
    options = struct.pack("!BBHBBBBII", 2, 4, 1460, 1, 1, 8, 10, 0, 0)
    words = HEADER // 4
    header = struct.pack("!HHIIBBHHH", 0, port, 0, 0, words << 4, _SYN, _WINDOW, 0, 0)
    return np.frombuffer(header + options, dtype=np.uint8)


@njit(cache=True, nogil=True)
def write_syn(
    rows: Rows,
    row: int,
    key: Words,
    high: int,
    low: int,
    sent: int,
    fixed: int,
    source: int,
    ipv4: bool,
) -> None:
    """Write what differs from SYN to SYN into a row that holds the template.

    Args:
        rows: uint8[n, 36].
        row: which.
        key: uint64[2].
        high: the first 64 bits of the address.
        low: its last 64.
        sent: when, ns of the run.
        fixed: the sum of the template (``summed``).
        source: the first 64 bits of the address that it is sent from; of IPv4 alone.
        ipv4: for IPv4; the checksum of IPv6 is left to the kernel.
    """
    fields = syn_fields(key, high, low)
    time = sent // _MICRO
    port = _port(fields)
    sequence = (fields + time) & _LOW_32
    stamp = (stamp_base(key, high, low) + time) & _LOW_32
    store(rows, row, 0, 2, port)
    store(rows, row, 4, 4, sequence)
    store(rows, row, _STAMPS, 4, stamp)
    if ipv4:
        total = fixed + port + summed_number(sequence) + summed_number(stamp)
        total += summed_number(source) + summed_number(high) + _TCP + np.uint64(HEADER)
        store(rows, row, 16, 2, checksum(total))


@njit(cache=True, nogil=True)
def judge_syn(
    rows: Rows,
    row: int,
    length: int,
    key: Words,
    port: int,
    high: int,
    low: int,
    received: int,
    timeout: int,
    ipv4: bool,
) -> tuple[int, int]:
    """Judge one TCP segment that came, with its IP header before it if it is of IPv4.

    Args:
        rows: uint8[n, width]; what stands beyond the message's length is not looked at.
        row: which.
        length: how many bytes of it are the message.
        key: uint64[2].
        port: the one that is probed.
        high: the first 64 bits of the sender's address.
        low: its last 64.
        received: when, ns of the run.
        timeout: ns after which an answer is late.
        ipv4: of IPv4, or of IPv6.

    Returns:
        The verdict; the round trip in ns, -1 where it is unknown.
    """
    at = np.int64(rows[row, 0] & 15) * 4 if ipv4 else np.int64(0)
    if length < at + 20 or rows.shape[1] < at + 20 or load(rows, row, at, 2) != port:
        return FOREIGN, _NONE
    fields = syn_fields(key, high, low)
    if load(rows, row, at + 2, 2) != _port(fields):
        return FOREIGN, _NONE
    flags = np.int64(rows[row, at + 13])
    if not flags & _ACK or not flags & (_SYN | _RST):
        return FOREIGN, _NONE
    if ipv4 and length < rows.shape[1] and not _sound(rows, row, at, length):
        return DAMAGED, _NONE
    acknowledged = load(rows, row, at + 8, 4)
    time = (acknowledged - np.uint64(1) - fields) & _LOW_32
    since = _since(time, received)
    if not _UNSURE <= since <= _LATEST:
        return FORGED, _NONE
    echoed = _echoed_stamp(rows, row, at, length)
    if echoed >= 0 and np.uint64(echoed) != (stamp_base(key, high, low) + time) & _LOW_32:
        return FORGED, _NONE
    verdict, trip = timed(since * 1000, timeout)
    return verdict, trip


@njit(cache=True, nogil=True)
def judge_quoted_syn(
    rows: Rows, row: int, length: int, key: Words, port: int, high: int, low: int, received: int
) -> int:
    """The verdict on an ICMP error that the kernel gives with the segment that it quotes."""
    if length < _QUOTED or load(rows, row, 2, 2) != port:
        return FOREIGN
    fields = syn_fields(key, high, low)
    if load(rows, row, 0, 2) != _port(fields):
        return FOREIGN
    since = _since((load(rows, row, 4, 4) - fields) & _LOW_32, received)
    return ERROR if _UNSURE <= since <= _LATEST else FORGED


@njit(cache=True, nogil=True)
def _port(fields: int) -> int:
    return np.uint64(FIRST_PORT) + (fields >> np.uint64(52))


@njit(cache=True, nogil=True)
def _since(time: int, received: int) -> int:
    """Microseconds from a time to another that is known modulo 2^32."""
    since = np.int64((np.uint64(received) // _MICRO - time) & _LOW_32)
    return since - (1 << 32) if since >= _HALF else since


@njit(cache=True, nogil=True)
def _sound(rows: Rows, row: int, at: int, length: int) -> bool:
    """Whether a checksum is right, or not filled in yet as between networks of one machine.

    There the kernel leaves the sum of the pseudo-header in its place (CHECKSUM_PARTIAL).
    """
    pseudo = summed(rows, row, 12, 20) + _TCP + np.uint64(length - at)
    if checksum(summed(rows, row, at, length) + pseudo) == np.uint64(0):
        return True
    partial = ~checksum(pseudo) & np.uint64(0xFFFF)
    return load(rows, row, at + 16, 2) == partial


@njit(cache=True, nogil=True)
def _echoed_stamp(rows: Rows, row: int, at: int, length: int) -> int:
    """The timestamp that is echoed in the options, -1 without."""
    end = min(at + np.int64(rows[row, at + 12] >> 4) * 4, length, rows.shape[1])
    place = at + 20
    while place + 1 < end:
        kind = rows[row, place]
        if kind == 0:
            break
        if kind == 1:
            place += 1
            continue
        size = np.int64(rows[row, place + 1])
        if kind == 8 and size == 10 and place + 10 <= end:  # noqa: PLR2004 - RFC 7323
            return np.int64(load(rows, row, place + 6, 4))
        if size < 2:  # noqa: PLR2004 - kind and length
            break
        place += size
    return _NONE
