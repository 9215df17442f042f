"""What addresses of a world answer: packets in, packets out, without any network."""

from __future__ import annotations

import socket
import struct
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zicht.lab.pings import ROW, Blocks, Replies, answer

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
) -> list[bytes]:
    replies = raw(*packets, four=four, six=six, time=time, count=count, seed=seed)
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
) -> Replies:
    rows = np.zeros((len(packets), ROW), dtype=np.uint8)
    for row, one in zip(rows, packets, strict=True):
        row[: min(len(one), ROW)] = np.frombuffer(one[:ROW], dtype=np.uint8)
    lengths = np.array([min(len(one), ROW) for one in packets], dtype=np.int64)
    return answer(
        rows,
        lengths,
        blocks(FOUR) if four is None else four,
        blocks(SIX) if six is None else six,
        seed=seed,
        time=time,
        count=count,
    )


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


@given(data=st.binary(max_size=400), identifier=st.integers(0, 0xFFFF))
def test_an_echo_comes_back_as_it_was_sent(data: bytes, identifier: int) -> None:
    for target in ("5.34.0.77", "2a03::4d"):
        question = echo(target, data, identifier)
        (reply,) = asked(question)
        at, kind = (20, 0) if "." in target else (40, 129)
        assert sound(reply)
        assert reply[at] == kind
        assert reply[at + 4 :] == question[at + 4 :]
        addresses = 12 if at == 20 else 8
        assert (
            reply[addresses:at]
            == question[at - (at - addresses) // 2 : at]
            + question[addresses : at - (at - addresses) // 2]
        )


def test_other_networks_and_a_blocks_own_addresses_are_silent() -> None:
    silent = ["5.34.1.77", "9.9.9.9", "5.34.0.0", "5.34.0.255", "2a03:1::4d", "2a03::1:0:0:4d"]
    assert asked(*(echo(one) for one in silent)) == []


def test_a_connection_is_taken_or_refused_by_address_and_port() -> None:
    replies = asked(*(syn(f"5.34.0.{host}", 443) for host in range(1, 255)))
    assert len(replies) == 254
    assert all(sound(one) for one in replies)
    flags = [one[33] for one in replies]
    assert set(flags) == {0x12, 0x14}  # SYN and ACK, RST and ACK
    assert 80 < flags.count(0x12) < 174
    assert all(one[28:32] == struct.pack("!I", 1235) for one in replies)
    assert all(one[20:24] == struct.pack("!HH", 443, 40000) for one in replies)
    (six,) = asked(syn("2a03::4d", 80))
    assert sound(six)


def test_where_all_is_down_a_router_may_say_so() -> None:
    question = echo("5.34.0.77")
    assert asked(question, four=blocks(FOUR, there=0.0)) == []
    (reply,) = asked(question, four=blocks(FOUR, there=0.0, refuses=True))
    assert sound(reply)
    assert socket.inet_ntoa(reply[12:16]) == "5.34.0.1"
    assert reply[20:22] == bytes([3, 1])
    assert reply[28:] == question
    question = echo("2a03::4d")
    (reply,) = asked(question, six=blocks(SIX, there=0.0, refuses=True))
    assert sound(reply)
    assert reply[40:42] == bytes([1, 3])
    assert reply[48:] == question


def test_an_error_quotes_no_more_than_it_may() -> None:
    long = echo("5.34.0.77", b"x" * 400)
    (reply,) = asked(long, four=blocks(FOUR, there=0.0, refuses=True))
    assert sound(reply)
    assert reply[28:] == long[:128]


def test_so_many_answer_as_the_world_says_and_always_the_same() -> None:
    keys = [FOUR + (block << 40) for block in range(200)]
    some = blocks(*keys, ever=102, turn=77, there=0.5)
    questions = [echo(f"5.34.{block}.{host}") for block in range(200) for host in range(1, 255, 8)]
    replies = asked(*questions, four=some)
    assert abs(len(replies) / len(questions) - 0.2) < 0.03
    assert asked(*questions, four=some) == replies
    later = asked(*questions, four=some, time=1_000_000 + 86_400)
    assert {one[12:16] for one in later} != {one[12:16] for one in replies}
    assert asked(*questions, four=some, seed=6) != replies


def test_who_ever_answers_is_a_run_around_the_circle() -> None:
    few = blocks(FOUR, ever=10, turn=250)
    replies = asked(*(echo(f"5.34.0.{host}") for host in range(256)), four=few)
    assert sorted(one[15] for one in replies) == list(range(5, 15))


def test_what_is_lost_now_may_come_through_the_next_time() -> None:
    lossy = blocks(FOUR, loss=0.3)
    question = echo("5.34.0.77")
    came = [len(asked(question, four=lossy, count=count)) for count in range(1000)]
    assert abs(sum(came) / 1000 - 0.7) < 0.06


def test_answers_take_their_time() -> None:
    delays = raw(*[echo("5.34.0.77")] * 500).delays
    assert delays.min() >= 0.05
    assert 0.058 < delays.mean() < 0.062
    assert len(set(delays.tolist())) == 500


@given(st.binary(max_size=ROW))
def test_nonsense_goes_unanswered(data: bytes) -> None:
    for one in (data, b"\x45" + data[1:], b"\x4f" + data[1:], b"\x60" + data[1:]):
        assert all(sound(reply) for reply in asked(one))


def test_what_is_no_question_goes_unanswered() -> None:
    question = echo("5.34.0.77")
    assert asked(question[:20] + b"\0" + question[21:]) == []  # a reply
    assert asked(echo("5.34.0.77", b"x" * 500)) == []  # too long
    acknowledging = bytearray(syn("5.34.0.77", 80))
    acknowledging[33] = 0x10
    assert asked(bytes(acknowledging)) == []
