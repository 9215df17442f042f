from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zicht.errors import UsageError
from zicht.sources.probe.replies import ROW, Judged, Messages, echo_probes, judge, naming, write
from zicht.sources.probe.token import echo_fields, mark_of, token
from zicht.sources.probe.verdicts import Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEY = (1, 2)
TEXT = naming("noc@example.org")
SENT = 1_700_000_000_000
SECOND = 1_000_000_000
HOST = 0x0A010203


def words(*values: int) -> NDArray[np.uint64]:
    return np.array(values, dtype=np.uint64)


def internet_checksum(data: bytes) -> int:
    """RFC 1071, section 4.1, in plain Python."""
    data += b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip_header(protocol: int, source: int, to: int, options: bytes = b"") -> bytes:
    words = 5 + len(options) // 4
    head: bytes = struct.pack("!BBHHHBBHII", 64 | words, 0, 0, 0, 0, 60, protocol, 0, source, to)
    return head + options


def request(host: int = HOST, sent: int = SENT, key: tuple[int, int] = KEY) -> bytes:
    probes = echo_probes(key, TEXT, 5.0, ipv4=True)
    return bytes(write(probes, words(host << 32), words(0), sent)[0])


def request_6(low: int) -> bytes:
    probes = echo_probes(KEY, TEXT, 5.0, ipv4=False)
    return bytes(write(probes, words(0x2A00 << 48), words(low), SENT)[0])


def with_checksum(message: bytes) -> bytes:
    bare = message[:2] + b"\0\0" + message[4:]
    return b"".join([message[:2], struct.pack("!H", internet_checksum(bare)), message[4:]])


def echoed(message: bytes) -> bytes:
    return with_checksum(b"\0" + message[1:])


def judged(message: bytes, host: int = HOST, after: int = SECOND // 100, **how: bool) -> Judged:
    rows = np.full((1, ROW), 0xA5, dtype=np.uint8)  # what was in the buffer before
    data = np.frombuffer(message[:ROW], dtype=np.uint8)
    rows[0, : len(data)] = data
    high = words(host << 32) if how.get("ipv4", True) else words(0x2A00 << 48)
    low = words(0 if how.get("ipv4", True) else host)
    messages = Messages(rows, np.array([len(data)]), high, low, np.array([SENT + after]))
    probes = echo_probes(KEY, TEXT, 5.0, **({"ipv4": True, "ip_header": True} | how))
    return judge(probes, messages)


def verdict(message: bytes, host: int = HOST, after: int = SECOND // 100, **how: bool) -> Verdict:
    return Verdict(int(judged(message, host, after, **how).verdict[0]))


def raw(message: bytes, options: bytes = b"") -> bytes:
    return ip_header(1, HOST, 1, options) + message


def icmp_error(quoted: bytes, kind: int = 3, code: int = 13) -> bytes:
    return with_checksum(struct.pack("!BBHI", kind, code, 0, 0) + quoted)


def test_a_probe_is_an_echo_request_that_says_who_asks() -> None:
    message = request()
    assert message[:2] == b"\x08\0"
    assert internet_checksum(message) == 0
    assert message.endswith(b"to be left alone: noc@example.org")
    six = request_6(2)
    assert six[:4] == b"\x80\0\0\0"  # the kernel writes this checksum


@given(st.integers(0, 2**32 - 1), st.integers(0, 4 * SECOND), st.sampled_from([b"", b"\x01" * 8]))
def test_an_answer_is_known_and_timed(host: int, after: int, options: bytes) -> None:
    result = judged(raw(echoed(request(host)), options), host, after)
    assert result.verdict[0] == Verdict.ANSWER
    assert result.high[0] == host << 32
    assert result.round_trip[0] == pytest.approx(after / 1e9, abs=1e-6)


def test_a_datagram_socket_gives_no_ip_header() -> None:
    assert verdict(echoed(request()), ip_header=False) is Verdict.ANSWER


def test_an_answer_over_ipv6_is_known() -> None:
    message = request_6(HOST)
    reply = b"\x81" + message[1:]
    assert verdict(reply, ipv4=False, ip_header=False) is Verdict.ANSWER
    assert verdict(reply, HOST + 1, ipv4=False, ip_header=False) is Verdict.FORGED


def test_an_answer_after_its_time_is_late() -> None:
    assert verdict(raw(echoed(request())), after=5 * SECOND + 1000) is Verdict.LATE


def test_a_time_that_cannot_be_leaves_the_round_trip_unknown() -> None:
    result = judged(raw(echoed(request())), after=-SECOND)
    assert result.verdict[0] == Verdict.ANSWER
    assert np.isnan(result.round_trip[0])


def test_an_answer_of_another_address_is_forged() -> None:
    assert verdict(raw(echoed(request())), HOST + 1) is Verdict.FORGED


@given(st.integers(12, 27), st.integers(1, 255))
def test_an_answer_whose_time_or_token_was_altered_is_forged(place: int, change: int) -> None:
    message = bytearray(request())
    message[place] ^= change
    assert verdict(raw(echoed(bytes(message)))) is Verdict.FORGED


def test_a_wrong_checksum_is_damage() -> None:
    message = bytearray(echoed(request()))
    message[-1] ^= 1
    assert verdict(raw(bytes(message))) is Verdict.DAMAGED


def test_another_programs_and_another_runs_answers_are_foreign() -> None:
    ping = with_checksum(struct.pack("!BBHHH", 0, 0, 0, 77, 1) + bytes(range(56)))
    assert verdict(raw(ping)) is Verdict.FOREIGN
    assert verdict(raw(echoed(request(key=(3, 4))))) is Verdict.FOREIGN


@pytest.mark.parametrize("quoted_bytes", [8, 28, 200])
def test_an_error_about_a_probe_is_known_by_the_eight_bytes_that_it_must_quote(
    quoted_bytes: int,
) -> None:
    quoted = ip_header(1, 1, HOST) + request()[:quoted_bytes]
    result = judged(raw(icmp_error(quoted)), host=0x0B000001)
    assert result.verdict[0] == Verdict.ERROR
    assert (result.high[0], result.icmp_type[0], result.icmp_code[0]) == (HOST << 32, 3, 13)


def test_an_error_over_ipv6_is_known() -> None:
    address = struct.pack("!QQ", 0x2A00 << 48, 9)
    probe = request_6(9)
    header = struct.pack("!IHBB", 6 << 28, len(probe), 58, 3) + bytes(16) + address
    error = struct.pack("!BBHI", 1, 1, 0, 0) + header + probe
    result = judged(error, ipv4=False, ip_header=False)
    assert result.verdict[0] == Verdict.ERROR
    assert (result.high[0], result.low[0]) == (0x2A00 << 48, 9)


def test_an_error_that_quotes_a_probe_to_somebody_else_is_forged() -> None:
    quoted = ip_header(1, 1, HOST + 1) + request(HOST)
    assert verdict(raw(icmp_error(quoted))) is Verdict.FORGED


def test_an_error_about_other_traffic_is_foreign() -> None:
    udp = ip_header(17, 1, HOST) + request()
    ping = ip_header(1, 1, HOST) + struct.pack("!BBHHH", 8, 0, 0, 77, 1) + bytes(30)
    assert verdict(raw(icmp_error(udp))) is Verdict.FOREIGN
    assert verdict(raw(icmp_error(ping))) is Verdict.FOREIGN


@given(data=st.binary(max_size=ROW), ipv4=st.booleans(), header=st.booleans())
def test_no_bytes_of_strangers_are_taken_for_an_answer(
    data: bytes, *, ipv4: bool, header: bool
) -> None:
    found = verdict(data, ipv4=ipv4, ip_header=header and ipv4)
    assert found is Verdict.FOREIGN


@given(st.integers(0, 200))
def test_a_message_that_is_cut_off_is_no_answer(length: int) -> None:
    message = raw(echoed(request()))
    cut = message[: min(length, len(message) - 1)]
    assert verdict(cut) in {Verdict.FOREIGN, Verdict.DAMAGED}


@pytest.mark.parametrize("contact", ["", " noc@example.org", "é@example.org", "a\nb", "x" * 65])
def test_a_contact_that_cannot_be_sent_is_refused(contact: str) -> None:
    with pytest.raises(UsageError, match="cannot be sent along"):
        naming(contact)


def reckoned(message: bytes, host: int, after: int) -> Verdict:
    """What a message over IPv4 on a raw socket is, by the documented rules in plain Python."""
    key = np.array(KEY, dtype=np.uint64)
    icmp = message[(message[0] & 15) * 4 :] if message else b""
    if len(icmp) < 8:
        return Verdict.FOREIGN
    body, mark = icmp[8:], mark_of(KEY).to_bytes(4, "big")
    found = Verdict.FOREIGN
    if icmp[0] == 0 and len(body) >= 20 and body[:4] == mark:
        sent = int.from_bytes(body[4:12], "big")
        right = int(token(key, np.uint64(host << 32), np.uint64(0), np.uint64(sent)))
        genuine = body[12:20] == right.to_bytes(8, "big")
        on_time = SENT + after - sent <= 5 * SECOND
        found = (Verdict.ANSWER if on_time else Verdict.LATE) if genuine else Verdict.FORGED
    elif icmp[0] in {3, 4, 11, 12} and len(body) >= 20:
        inner = body[(body[0] & 15) * 4 :]
        to = int.from_bytes(body[16:20], "big")
        if body[9] == 1 and inner[:1] == b"\x08" and len(inner) >= 8:
            fields = int(echo_fields(key, np.uint64(to << 32), np.uint64(0)))
            if inner[4:8] == fields.to_bytes(4, "big"):
                found = Verdict.ERROR
            elif len(inner) >= 28 and inner[8:12] == mark:
                found = Verdict.FORGED
    if found != Verdict.FOREIGN and len(message) < ROW and internet_checksum(icmp):
        return Verdict.DAMAGED
    return found


@settings(max_examples=400)
@given(
    st.sampled_from(["answer", "error", "forged error"]),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=3),
    st.integers(0, 250),
    st.integers(-SECOND, 20 * SECOND),
    st.booleans(),
)
def test_hostile_messages_are_judged_by_the_rules(
    sort: str,
    changes: list[tuple[int, int]],
    length: int,
    after: int,
    mended: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    to = HOST + (sort == "forged error")
    icmp = bytearray(
        echoed(request()) if sort == "answer" else icmp_error(ip_header(1, 1, to) + request())
    )
    for place, value in changes:
        if place < len(icmp):
            icmp[place] = value
    whole = raw(with_checksum(bytes(icmp)) if mended else bytes(icmp))[: max(length, 1)]
    assert verdict(whole, after=after) is reckoned(whole, HOST, after)
