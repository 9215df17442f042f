"""What addresses of a world answer: packets in, packets out, without any network."""

from __future__ import annotations

import socket
import struct

from hypothesis import given
from hypothesis import strategies as st
from ping_packets import FOUR, SIX, asked, blocks, echo, raw, sound, syn

from zicht.lab.pings import ROW, Instant, prepare


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


def test_getting_ready_answers_nothing() -> None:
    prepare(Instant(blocks(FOUR), blocks(SIX), 5, 0))
    assert asked() == []


def test_what_is_no_question_goes_unanswered() -> None:
    question = echo("5.34.0.77")
    assert asked(question[:20] + b"\0" + question[21:]) == []  # a reply
    assert asked(echo("5.34.0.77", b"x" * 500)) == []  # too long
    acknowledging = bytearray(syn("5.34.0.77", 80))
    acknowledging[33] = 0x10
    assert asked(bytes(acknowledging)) == []
