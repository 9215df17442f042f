from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.sources.probe.replies import ROW, Judged, Messages, judge, syn_probes, write
from zicht.sources.probe.syn import FIRST_PORT
from zicht.sources.probe.verdicts import Verdict

KEY = (1, 2)
HOST, SOURCE = 0x0A010203, 0x0A090001
SENT, MS = 70_000_000_000, 1_000_000
PROBES = syn_probes(KEY, 443, 5.0, ipv4=True, source=SOURCE << 32)
SYN_ACK, RST_ACK, RST, ACK = 0x12, 0x14, 0x04, 0x10


def internet_checksum(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo(source: int, to: int, length: int) -> bytes:
    return struct.pack("!IIBBH", source, to, 0, 6, length)


def probe() -> bytes:
    to = np.array([HOST << 32], dtype=np.uint64)
    return bytes(write(PROBES, to, np.zeros_like(to), SENT)[0])


def answer(flags: int, *, change: int = 0, stamp: int | None = None, port: int = 443) -> bytes:
    """A segment of an answer with its IP header; ``stamp`` is added to what is echoed."""
    sent = probe()
    mine, sequence = struct.unpack_from("!HxxI", sent)
    options = b""
    if stamp is not None:
        echoed = (struct.unpack_from("!I", sent, 28)[0] + stamp) % 2**32
        options = struct.pack("!BBBBII", 1, 1, 8, 10, 77, echoed)
    acknowledged = (sequence + 1 + change) % 2**32
    size = 20 + len(options)
    bare = struct.pack("!HHIIBB6x", port, mine, 99, acknowledged, size << 2, flags) + options
    summed = internet_checksum(pseudo(HOST, SOURCE, size) + bare)
    segment = bare[:16] + struct.pack("!H", summed) + bare[18:]
    return struct.pack("!BBHHHBBHII", 69, 0, 0, 0, 0, 60, 6, 0, HOST, SOURCE) + segment


def judged(message: bytes, host: int = HOST, after: int = 10 * MS) -> Judged:
    rows = np.full((1, ROW), 0xA5, dtype=np.uint8)
    rows[0, : len(message)] = np.frombuffer(message, dtype=np.uint8)
    high = np.array([host << 32], dtype=np.uint64)
    lengths, received = np.array([len(message)]), np.array([SENT + after])
    return judge(PROBES, Messages(rows, lengths, high, np.zeros_like(high), received))


def verdict(message: bytes, host: int = HOST, after: int = 10 * MS) -> Verdict:
    return Verdict(int(judged(message, host, after).verdict[0]))


def test_a_probe_is_a_syn_with_a_right_checksum_from_a_high_port() -> None:
    sent = probe()
    port, to = struct.unpack_from("!HH", sent)
    assert (port >= FIRST_PORT, to, sent[13]) == (True, 443, 2)
    assert internet_checksum(pseudo(SOURCE, HOST, len(sent)) + sent) == 0


@given(st.sampled_from([SYN_ACK, RST_ACK]), st.integers(0, 60_000), st.sampled_from([None, 0]))
def test_both_answers_are_known_and_timed(flags: int, after: int, stamp: int | None) -> None:
    result = judged(answer(flags, stamp=stamp), after=after * MS)
    expected = Verdict.LATE if after > 5000 else Verdict.ANSWER
    assert result.verdict[0] == expected
    assert result.round_trip[0] == pytest.approx(after / 1000, abs=2e-6)


@pytest.mark.parametrize(
    ("message", "host", "expected"),
    [
        (answer(RST), HOST, Verdict.FOREIGN),
        (answer(ACK), HOST, Verdict.FOREIGN),
        (answer(SYN_ACK, port=80), HOST, Verdict.FOREIGN),
        (answer(SYN_ACK), HOST + 1, Verdict.FOREIGN),
        (answer(SYN_ACK, change=1 << 30), HOST, Verdict.FORGED),
        (answer(SYN_ACK, change=20_000), HOST, Verdict.FORGED),
        (answer(SYN_ACK, stamp=1), HOST, Verdict.FORGED),
        (answer(SYN_ACK)[:-1] + b"\1", HOST, Verdict.DAMAGED),
        (answer(SYN_ACK)[:39], HOST, Verdict.FOREIGN),
    ],
)
def test_what_only_looks_like_an_answer_is_told_apart(
    message: bytes, host: int, expected: Verdict
) -> None:
    assert verdict(message, host) is expected


def test_a_checksum_that_is_not_filled_in_yet_is_no_damage() -> None:
    message = answer(SYN_ACK)
    partial = ~internet_checksum(pseudo(HOST, SOURCE, 20)) & 0xFFFF
    assert verdict(message[:36] + struct.pack("!H", partial) + message[38:]) is Verdict.ANSWER


@given(st.binary(max_size=ROW))
def test_no_bytes_of_strangers_are_taken_for_an_answer(data: bytes) -> None:
    assert verdict(data) in {Verdict.FOREIGN, Verdict.DAMAGED, Verdict.FORGED}


@given(st.lists(st.tuples(st.integers(0, 51), st.integers(0, 255)), max_size=4))
def test_hostile_options_end(changes: list[tuple[int, int]]) -> None:
    message = bytearray(answer(SYN_ACK, stamp=0))
    for place, value in changes:
        message[place] = value
    assert verdict(bytes(message)) in set(Verdict) - {Verdict.ERROR}
