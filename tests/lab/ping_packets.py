"""Packets as a prober sends them, built and checked by other code than the lab's."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

import numpy as np

from zicht.lab.pings import ROW, Blocks, Instant, Replies, answer

if TYPE_CHECKING:
    Address = IPv4Address | IPv6Address

US4, US6 = ip_address("198.18.0.1"), ip_address("fd00::1")
FOUR = int(ip_address("5.34.0.0")) << 32
SIX = int(ip_address("2a03::")) >> 64


def blocks(*keys: int, **more: Any) -> Blocks:
    n = len(keys)
    usual = {
        "ever": 254,
        "turn": 0,
        "there": 1.0,
        "delay": 0.05,
        "loss": 0.0,
        "refuses": False,
        "open": 0.5,
    } | more
    return Blocks(
        np.array(keys, dtype=np.uint64), **{key: np.full(n, one) for key, one in usual.items()}
    )


def summed(data: bytes) -> int:
    words = data + b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(words) // 2}H", words))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return int(~total & 0xFFFF)


def pseudo(source: Address, target: Address, protocol: int, length: int) -> bytes:
    packed = source.packed + target.packed
    return packed + struct.pack("!II", length, protocol)  # the same sum for both families


def packet(source: Address, target: Address, protocol: int, inner: bytes) -> bytes:
    if source.version == 6:
        head = struct.pack("!IHBB", 6 << 28, len(inner), protocol, 64)
        return head + source.packed + target.packed + inner
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(inner), 7, 0, 64, protocol, 0)
    whole = head + source.packed + target.packed
    return whole[:10] + struct.pack("!H", summed(whole)) + whole[12:] + inner


def echo(target: str, data: bytes = b"who is there?", identifier: int = 7) -> bytes:
    to = ip_address(target)
    source, kind = (US4, 8) if to.version == 4 else (US6, 128)
    inner = struct.pack("!BBHHH", kind, 0, 0, identifier, 9) + data
    above = b"" if to.version == 4 else pseudo(source, to, 58, len(inner))
    inner = inner[:2] + struct.pack("!H", summed(above + inner)) + inner[4:]
    return packet(source, to, 1 if to.version == 4 else 58, inner)


def syn(target: str, port: int) -> bytes:
    to = ip_address(target)
    source = US4 if to.version == 4 else US6
    inner = struct.pack("!HHIIBBHHH", 40000, port, 1234, 0, 0x50, 2, 1024, 0, 0)
    inner = inner[:16] + struct.pack("!H", summed(pseudo(source, to, 6, 20) + inner)) + inner[18:]
    return packet(source, to, 6, inner)


def asked(
    *packets: bytes,
    four: Blocks | None = None,
    six: Blocks | None = None,
    time: int = 1_000_000,
    count: int = 0,
    seed: int = 5,
    instant: Instant | None = None,
) -> list[bytes]:
    replies = raw(*packets, four=four, six=six, time=time, count=count, seed=seed, instant=instant)
    return [
        row[:length].tobytes()
        for row, length in zip(replies.rows, replies.lengths.tolist(), strict=True)
    ]


def raw(
    *packets: bytes,
    four: Blocks | None = None,
    six: Blocks | None = None,
    time: int = 1_000_000,
    count: int = 0,
    seed: int = 5,
    instant: Instant | None = None,
) -> Replies:
    rows = np.zeros((len(packets), ROW), dtype=np.uint8)
    for row, one in zip(rows, packets, strict=True):
        row[: min(len(one), ROW)] = np.frombuffer(one[:ROW], dtype=np.uint8)
    lengths = np.array([min(len(one), ROW) for one in packets], dtype=np.int64)
    instant = instant or Instant(
        blocks(FOUR) if four is None else four, blocks(SIX) if six is None else six, seed, time
    )
    return answer(rows, lengths, instant, count)


def sound(data: bytes) -> bool:
    """Whether every checksum of a packet is right."""
    if data[0] >> 4 == 4:
        header, protocol = data[:20], data[9]
        source, target, inner = ip_address(data[12:16]), ip_address(data[16:20]), data[20:]
        good = summed(header) == 0 and int.from_bytes(data[2:4], "big") == len(data)
    else:
        protocol, source, target = data[6], ip_address(data[8:24]), ip_address(data[24:40])
        inner = data[40:]
        good = int.from_bytes(data[4:6], "big") == len(inner)
    above = b"" if protocol == 1 else pseudo(source, target, protocol, len(inner))
    return good and summed(above + inner) == 0
