"""Captured packets as the streams of bytes that their TCP connections carried."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Segment(NamedTuple):
    """One TCP segment: the connection it is of, the time in µs, its sequence number and bytes."""

    connection: bytes
    time: int
    sequence: int
    data: bytes


def read_streams(path: Path) -> dict[bytes, list[tuple[int, bytes]]]:
    """Each connection's bytes in order, with the time at which they came."""
    streams: dict[bytes, list[tuple[int, bytes]]] = {}
    expected: dict[bytes, int] = {}
    for segment in _segments(path.read_bytes()):
        if not segment.data:
            continue
        here = expected.setdefault(segment.connection, segment.sequence)
        again = (here - segment.sequence) % 2**32
        assert again == 0 or again < 2**31, "a segment is missing or comes too early"
        new = segment.data[again:]
        expected[segment.connection] = (here + len(new)) % 2**32
        streams.setdefault(segment.connection, []).append((segment.time, new))
    return streams


def _segments(data: bytes) -> Iterator[Segment]:
    magic, link = struct.unpack_from("<I16xI", data)
    assert (magic, link) == (0xA1B2C3D4, 1), "only little-endian µs captures of Ethernet are read"
    at = 24
    while at < len(data):
        seconds, micros, length, _ = struct.unpack_from("<IIII", data, at)
        frame = data[at + 16 : at + 16 + length]
        at += 16 + length
        addresses, tcp = _internet(frame)
        ports, sequence = tcp[:4], int.from_bytes(tcp[4:8])
        payload = tcp[(tcp[12] >> 4) * 4 :]
        time = seconds * 1_000_000 + micros
        # A SYN would take a number of its own; in these captures it has data and takes none.
        yield Segment(addresses + ports, time, sequence, payload)


def _internet(frame: bytes) -> tuple[bytes, bytes]:
    kind, packet = int.from_bytes(frame[12:14]), frame[14:]
    if kind == 0x8100:  # a VLAN's tag
        kind, packet = int.from_bytes(packet[2:4]), packet[4:]
    if kind == 0x0800:
        end = int.from_bytes(packet[2:4])
        return packet[12:20], packet[(packet[0] & 15) * 4 : end]
    assert kind == 0x86DD, f"EtherType {kind:#x}"
    return packet[8:40], packet[40 : 40 + int.from_bytes(packet[4:6])]
