from __future__ import annotations

import shutil
import struct
import subprocess
from collections import Counter
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from captures import read_streams
from hypothesis import given
from hypothesis import strategies as st
from speaking import (
    announce,
    bgp,
    bgp_open,
    bmp,
    initiation,
    monitoring,
    peer,
    peer_down,
    peer_up,
    update,
)

from zicht.errors import InputError
from zicht.sources.bgp import bmp_session
from zicht.sources.bgp.bmp import LONGEST_MESSAGE, Framer, read
from zicht.sources.bgp.bmp_messages import (
    VISIBLE,
    Initiation,
    PeerDown,
    PeerUp,
    Policy,
    Rib,
    RouteMirroring,
    RouteMonitoring,
    StatisticsReport,
    Termination,
    Unknown,
    View,
)
from zicht.sources.bgp.bmp_session import RouterSession, name_collector
from zicht.sources.bgp.decode import Decoder
from zicht.sources.bgp.elements import Kind

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_700_000_000_000_000
OPENS = bgp_open(64496), bgp_open(64500)
UP = peer_up(peer(), *OPENS)
NOWHERE = "0.0.0.0"  # noqa: S104  # what a Loc-RIB has for a peer
LOST = "AS numbers of another size than flagged"


def subtypes(data: bytes) -> list[int]:
    """The subtypes of MRT records."""
    found, at = [], 0
    while at < len(data):
        subtype, length = struct.unpack_from(">HI", data, at + 6)
        found.append(subtype)
        at += 12 + length
    assert at == len(data)
    return found


def take(session: RouterSession, *messages: bytes) -> dict[View, list[int]]:
    found: dict[View, list[int]] = {}
    for view, record in session.take(b"".join(messages), NOW):
        found.setdefault(view, []).extend(subtypes(record))
    return found


# The stream


@given(st.lists(st.binary(max_size=50), max_size=8), st.data())
def test_a_stream_cut_anywhere_yields_the_same_messages(
    bodies: list[bytes], data: st.DataObject
) -> None:
    messages = [bmp(index % 7, body) for index, body in enumerate(bodies)]
    stream = b"".join(messages)
    framer = Framer()
    found: list[bytes] = []
    while stream:
        step = data.draw(st.integers(1, len(stream)))
        found += framer.take(stream[:step])
        stream = stream[step:]
    assert found == messages
    assert framer.held == 0


@pytest.mark.parametrize("length", [0, 5, LONGEST_MESSAGE + 1, 2**32 - 1])
def test_an_impossible_length_is_an_error_before_any_of_it_is_waited_for(length: int) -> None:
    framer = Framer()
    with pytest.raises(InputError, match=f"claims {length:,} bytes"):
        list(framer.take(struct.pack(">BIB", 3, length, 0)))


def test_what_is_no_bmp_is_an_error_that_names_the_version() -> None:
    with pytest.raises(InputError, match="version 71"):
        list(Framer().take(b"GET / HTTP/1.1\r\n\r\n"))


def test_no_more_than_one_incomplete_message_is_held() -> None:
    framer = Framer(longest=100)
    for _ in range(50):
        list(framer.take(bmp(4, bytes(90))[:60]))
        list(framer.take(bmp(4, bytes(90))[60:]))
        assert framer.held == 0


@given(st.integers(0, 255), st.binary(max_size=120))
def test_a_message_is_read_or_damaged_and_nothing_else(kind: int, body: bytes) -> None:
    with suppress(ValueError):
        read(bmp(kind, body))


# Each message


def test_an_initiation_names_the_router() -> None:
    message = read(initiation("core-1"))
    assert isinstance(message, Initiation)
    assert message.name == "core-1"


def test_a_termination_gives_its_reason() -> None:
    assert read(bmp(5, struct.pack(">HHH", 1, 2, 3))) == Termination(3)
    assert read(bmp(5, b"")) == Termination(None)


def test_a_peer_up_holds_both_opens() -> None:
    message = read(peer_up(peer("2001:db8::2", 64500), *OPENS, local="2001:db8::1"))
    assert isinstance(message, PeerUp)
    assert message.peer.address == ip_address("2001:db8::2")
    assert message.local == ip_address("2001:db8::1")
    assert (message.sent, message.received) == OPENS


def test_the_other_messages_are_read() -> None:
    header = peer(time=NOW)
    down = read(peer_down(header, 3))
    assert isinstance(down, PeerDown)
    assert (down.reason, down.peer.time, down.peer.asn) == (3, NOW, 64500)
    route = read(monitoring(header, update()))
    assert isinstance(route, RouteMonitoring)
    assert route.message == update()
    gauge = struct.pack(">IHHQ", 1, 7, 8, 50_000)
    report = read(bmp(1, header + gauge))
    assert isinstance(report, StatisticsReport)
    assert report.values == {7: (50_000).to_bytes(8)}
    mirrored = struct.pack(">HH", 0, 23) + update() + struct.pack(">HHH", 1, 2, 1)
    mirror = read(bmp(6, header + mirrored))
    assert isinstance(mirror, RouteMirroring)
    assert (mirror.messages, mirror.lost) == ((update(),), True)
    assert read(bmp(200, b"?")) == Unknown(200)


@pytest.mark.parametrize(
    ("header", "view"),
    [
        (peer(), "adj-rib-in/pre-policy"),
        (peer(flags=0x40), "adj-rib-in/post-policy"),
        (peer(flags=0x10), "adj-rib-out/pre-policy"),
        (peer(flags=0x50), "adj-rib-out/post-policy"),
        (peer(NOWHERE, kind=3), "loc-rib/post-policy"),
        (
            peer(kind=1, distinguisher=struct.pack(">HHI", 0, 65000, 7)),
            "adj-rib-in/pre-policy/65000:7",
        ),
        (
            peer(kind=1, distinguisher=bytes([0, 1, 192, 0, 2, 1, 0, 9])),
            "adj-rib-in/pre-policy/192.0.2.1:9",
        ),
        (
            peer(kind=1, distinguisher=struct.pack(">HIH", 2, 4_200_000_000, 5)),
            "adj-rib-in/pre-policy/4200000000:5",
        ),
        (
            peer(kind=2, distinguisher=bytes([1, 2, 3, 4, 5, 6, 7, 8])),
            "adj-rib-in/pre-policy/0102030405060708",
        ),
    ],
)
def test_each_view_of_a_routers_tables_has_its_name(header: bytes, view: str) -> None:
    message = read(monitoring(header, update()))
    assert isinstance(message, RouteMonitoring)
    assert str(message.peer.view) == view
    collector = name_collector("bmp", message.peer.view)
    assert collector == ("bmp" if view == "adj-rib-in/pre-policy" else f"bmp/{view}")


# What becomes of them


def test_a_session_is_recorded_from_up_to_down() -> None:
    session = RouterSession()
    route = monitoring(peer(time=NOW - 500), announce("192.0.2.0/24"))
    assert take(session, initiation("core-1"), UP) == {}
    assert (session.name, session.peers_up) == ("core-1", 1)
    assert take(session, route) == {VISIBLE: [5, 4]}
    assert take(session, route) == {VISIBLE: [4]}
    assert session.delay == 500
    assert take(session, peer_down(peer())) == {VISIBLE: [5]}
    assert session.peers_up == 0
    assert +session.counts == Counter(
        {"initiation": 1, "peer up": 1, "route monitoring": 2, "peer down": 1}
    )


def test_records_bear_the_peers_names_and_the_time_of_arrival() -> None:
    session = RouterSession()
    records = list(session.take(UP + monitoring(peer(time=5), announce("192.0.2.0/24")), NOW))
    for _, record in records:
        seconds, micros = struct.unpack_from(">I8xI", record)
        assert seconds * 1_000_000 + micros == NOW
        assert struct.unpack_from(">II", record, 16) == (64500, 64496)
        assert record[28:36] == bytes([10, 0, 0, 2, 10, 0, 0, 1])
    assert records[1].data.endswith(announce("192.0.2.0/24"))


def test_views_of_one_peer_are_told_apart_and_each_says_that_the_session_went_down() -> None:
    session = RouterSession()
    post = peer(flags=0x40)
    found = take(session, UP, monitoring(peer(), update()), monitoring(post, update()))
    after = View(Rib.ADJ_RIB_IN, Policy.POST)
    assert found == {VISIBLE: [5, 4], after: [5, 4]}
    assert take(session, peer_down(peer())) == {VISIBLE: [5], after: [5]}


def test_a_peer_that_comes_up_anew_without_having_gone_down_was_down_between() -> None:
    session = RouterSession()
    route = monitoring(peer(), update())
    assert take(session, UP, route, UP, route) == {VISIBLE: [5, 4, 5, 5, 4]}


def test_path_identifiers_are_announced_by_the_opens_of_both() -> None:
    both = {(1, 1): 3}
    for sent, received, subtype in [
        (both, both, 9),
        ({(1, 1): 1}, {(1, 1): 2}, 9),
        ({(1, 1): 2}, {(1, 1): 1}, 4),  # only the other way
        (None, both, 4),
    ]:
        opens = bgp_open(64496, add_path=sent), bgp_open(64500, add_path=received)
        found = take(RouterSession(), peer_up(peer(), *opens), monitoring(peer(), update()))
        assert found[VISIBLE] == [5, subtype]


def test_adj_rib_out_goes_the_other_way() -> None:
    opens = bgp_open(64496, add_path={(1, 1): 2}), bgp_open(64500, add_path={(1, 1): 1})
    route = monitoring(peer(flags=0x10), update())
    found = take(RouterSession(), peer_up(peer(), *opens), route)
    assert found == {View(Rib.ADJ_RIB_OUT, Policy.PRE): [5, 9]}


def test_as_numbers_of_two_bytes_are_recorded_as_such() -> None:
    route = monitoring(peer(flags=0x20), announce("192.0.2.0/24", size=2))
    session = RouterSession()
    assert take(session, UP, route) == {VISIBLE: [5, 1]}
    assert not any(LOST in reason for reason in session.counts)


def test_as_numbers_that_do_not_fit_their_flag_are_recorded_as_they_are_and_counted() -> None:
    session = RouterSession()
    route = monitoring(peer(), announce("192.0.2.0/24", path=(64500, 2, 3), size=2))
    assert take(session, UP, route) == {VISIBLE: [5, 1]}
    assert session.counts[f"route monitoring: {LOST}"] == 1


def test_what_is_not_understood_is_counted_and_the_rest_goes_on() -> None:
    session = RouterSession()
    found = take(
        session,
        bmp(99, b""),
        bmp(0, b"short"),
        monitoring(peer(), b"no BGP"),
        peer_up(peer(), bgp(1, bgp_open(1)[19:-4]), OPENS[1]),
        monitoring(peer(), update() + b"\xea\x62\0\4\0\0\0\x0a"),
        monitoring(peer("10.0.0.9"), update()),
    )
    assert found == {VISIBLE: [5, 4, 5, 4]}
    assert {reason: count for reason, count in session.counts.items() if count} == {
        "unknown type 99": 1,
        "damaged: a per-peer header that is cut off": 1,
        "route monitoring: no UPDATE": 1,
        "peer up": 1,
        "peer up: damaged OPEN": 1,
        "route monitoring": 2,
        "route monitoring: bytes after the UPDATE": 1,
        "routes of a peer that is not up": 1,
    }


def test_mirrored_messages_have_a_stream_of_their_own() -> None:
    session = RouterSession()
    parts = struct.pack(">HH", 0, 23) + update() + struct.pack(">HH", 0, 19) + bgp_open(1)[:19]
    found = take(session, UP, bmp(6, peer() + parts + struct.pack(">HHH", 1, 2, 1)))
    assert found == {View(Rib.MIRRORED, Policy.PRE): [5, 4]}
    assert session.counts["route mirroring: messages lost"] == 1
    assert session.counts["route mirroring: no UPDATE"] == 1


def test_a_router_that_says_goodbye_has_ended() -> None:
    session = RouterSession()
    take(session, bmp(5, struct.pack(">HHH", 1, 2, 0)))
    assert session.ended


def test_peers_without_end_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bmp_session, "MOST_PEERS", 3)
    session = RouterSession()
    ups = [peer_up(peer(f"10.0.1.{number}"), *OPENS) for number in range(4)]
    with pytest.raises(InputError, match="more than 3 peers"):
        take(session, *ups)


@given(st.lists(st.binary(max_size=200), max_size=10))
def test_no_bytes_from_a_router_do_anything_but_raise_an_input_error(pieces: list[bytes]) -> None:
    session = RouterSession()
    with suppress(InputError):
        for piece in pieces:
            list(session.take(piece, NOW))


@given(st.integers(0, 7), st.binary(max_size=200))
def test_no_body_of_a_message_does_anything_but_raise_an_input_error(
    kind: int, body: bytes
) -> None:
    session = RouterSession()
    list(session.take(UP + bmp(kind, peer() + body) + bmp(kind, body), NOW))


# Real routers

CAPTURES = {
    # File → messages of each type.
    "201-BMP-CISCO-rd_instance_traffic-00.pcap": {4: 1, 3: 42, 1: 42, 0: 251},
    "204-BMP-CISCO-peer_down_traffic-00.pcap": {4: 1, 3: 10, 0: 301, 1: 28, 2: 3},
    "205-BMP-6wind-FRR-peer_down_traffic-00.pcap": {4: 1, 3: 7, 0: 451, 1: 48, 2: 2},
    "208-BMP-mem-leak-test_bmp-multi-sources-route-monitoring.pcap": {0: 6955},
}
KINDS = {
    0: "route monitoring",
    1: "statistics report",
    2: "peer down",
    3: "peer up",
    4: "initiation",
}


def walk(stream: bytes) -> Counter[int]:
    """Counts types of messages, knowing only the length and the type of each."""
    found: Counter[int] = Counter()
    at = 0
    while at < len(stream):
        found[stream[at + 5]] += 1
        at += int.from_bytes(stream[at + 1 : at + 5])
    assert at == len(stream)
    return found


def prefixes(data: bytes) -> int:
    """How many prefixes a field of an UPDATE holds.

    A Cisco router tells some of its Loc-RIB with path identifiers, of value zero, and without a
    Peer Up that would say so.
    """
    found = at = 0
    while at < len(data):
        at += 4 if data[at : at + 4] == bytes(4) else 0
        at += 1 + (data[at] + 7) // 8
        found += 1
    return found


def walk_routes(stream: bytes) -> Counter[str]:
    """Counts unicast prefixes announced and withdrawn in Route Monitoring, with no help of ours."""
    found: Counter[str] = Counter()
    at = 0
    while at < len(stream):
        length, kind = struct.unpack_from(">IB", stream, at + 1)
        body = stream[at + 48 + 19 : at + length] if kind == 0 else b""
        at += length
        if not body:
            continue
        withdrawn = int.from_bytes(body[:2])
        attributes = int.from_bytes(body[2 + withdrawn : 4 + withdrawn])
        # Some routers append bytes: the BGP message ends where its own length says.
        begin = at - length + 48
        end = int.from_bytes(stream[begin + 16 : begin + 18]) - 19
        found["withdrawn"] += prefixes(body[2 : 2 + withdrawn])
        found["announced"] += prefixes(body[4 + withdrawn + attributes : end])
        here, last = 4 + withdrawn, 4 + withdrawn + attributes
        while here < last:
            wide = body[here] & 0x10
            size = int.from_bytes(body[here + 2 : here + (4 if wide else 3)])
            value = body[here + (4 if wide else 3) :][:size]
            if body[here + 1] == 14 and value[:3] in {b"\0\1\1", b"\0\2\1"}:
                found["announced"] += prefixes(value[5 + value[3] :])
            if body[here + 1] == 15 and value[:3] in {b"\0\1\1", b"\0\2\1"}:
                found["withdrawn"] += prefixes(value[3:])
            here += (4 if wide else 3) + size
    return found


@pytest.mark.parametrize("name", CAPTURES)
def test_what_real_routers_sent_is_read_and_decoded_without_a_loss(
    name: str, data_folder: Path, tmp_path: Path
) -> None:
    walked: Counter[int] = Counter()
    routes: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    recorded: list[bytes] = []
    for pieces in read_streams(data_folder / "bgp" / "bmp" / name).values():
        session = RouterSession()
        for time, data in pieces:
            recorded += [record for _, record in session.take(data, time)]
        assert session.held == 0
        stream = b"".join(data for _, data in pieces)
        walked += walk(stream)
        routes += walk_routes(stream)
        counted += session.counts
    assert walked == CAPTURES[name]
    assert {KINDS[kind]: counted[KINDS[kind]] for kind in walked} == {
        KINDS[kind]: count for kind, count in walked.items()
    }
    assert not any(reason.startswith(("damaged", "unknown")) for reason in counted)
    assert counted["path identifiers other than agreed"] == (4 if name.startswith("208") else 0)
    decoder = Decoder()
    kinds: Counter[int] = Counter()
    for elements in decoder.decode(b"".join(recorded)):
        kinds.update(elements.kind.tolist())
    assert decoder.problems.damaged == 0
    assert (kinds[Kind.ANNOUNCE], kinds[Kind.WITHDRAW]) == (
        routes["announced"],
        routes["withdrawn"],
    )
    (tmp_path / "live.mrt").write_bytes(b"".join(recorded))
    other = read_with_bgpdump(tmp_path / "live.mrt")
    assert other["A"] == routes["announced"]
    assert other["W"] == routes["withdrawn"]
    assert other["STATE"] == kinds[Kind.STATE]


def read_with_bgpdump(path: Path) -> Counter[str]:
    """What another reader of MRT finds: lines of ``bgpdump -m`` by their kind."""
    program = shutil.which("bgpdump")
    if program is None:
        pytest.skip("no bgpdump here: apt install bgpdump")
    lines = subprocess.run([program, "-m", path], capture_output=True, text=True, check=True)
    return Counter(line.split("|")[2] for line in lines.stdout.splitlines() if "|" in line)
