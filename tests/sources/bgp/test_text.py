"""Lines as bgpdump -m writes them: the same bytes, but where an RFC says otherwise."""

from __future__ import annotations

import bz2
import gzip
import shutil
import struct
import subprocess
from typing import TYPE_CHECKING

import mrt_made as made
import pytest
from mrt_made import NEXT_HOP, OLD_PATH, ORIGIN, PATH, attribute, message, prefix, segment, update

from zicht.sources.bgp.decode import Decoder
from zicht.sources.bgp.fetch.files import read_mrt
from zicht.sources.bgp.text import to_lines

if TYPE_CHECKING:
    from pathlib import Path

HANG_GUARD = 120  # seconds
WITH_TEXT = (
    "bview.64k_stream_overflow.gz",
    "bview.ipv4_unicast_add_path.gz",
    "bview.ipv6_unicast_add_path.gz",
    "updates.20070211.0141.gz",
    "updates.20071015.1505.gz",
    "updates.20160811.1600.gz",
)
WITHOUT_TEXT = (
    "rib.20140523.0600_firstMB.bz2",
    "rib6.20151101.0600_firstMB.bz2",
    "ris.rrc06.updates.1427846400.gz",
    "routeviews.route-views.jinx.updates.1427846400.bz2",
    "rrc01.updates.20241001.0055.gz",
    "sydney.updates.20220601.0415.bz2",
)
IS_OLD = "updates.19990903.1041.gz"  # records of the type BGP


def our_lines(data: bytes) -> bytes:
    decoder = Decoder()
    return b"".join(bytes(view) for view in to_lines(decoder.decode(data), decoder.peers))


def our_lines_of(path: Path) -> bytes:
    file = read_mrt(path)
    return b"".join(bytes(view) for view in to_lines(file, file.peers))


def bgpdumps_lines(path: Path) -> bytes:
    """What Debian's bgpdump writes."""
    program = shutil.which("bgpdump")
    if program is None:
        pytest.skip("bgpdump is not installed (Debian, Ubuntu: apt install bgpdump)")
    return subprocess.run(
        [program, "-m", str(path)], capture_output=True, check=True, timeout=HANG_GUARD
    ).stdout


def first_difference(ours: bytes, theirs: bytes) -> tuple[bytes, bytes] | None:
    pairs = zip(ours.split(b"\n"), theirs.split(b"\n"), strict=False)
    return next((pair for pair in pairs if pair[0] != pair[1]), None)


def assert_same(ours: bytes, theirs: bytes) -> None:
    assert first_difference(ours, theirs) is None
    assert len(ours) == len(theirs)


@pytest.mark.parametrize("name", WITH_TEXT)
def test_a_recording_is_written_as_its_maintainers_expect(data_folder: Path, name: str) -> None:
    folder = data_folder / "bgp" / "mrt"
    expected = gzip.decompress((folder / f"{name}.bgp.gz").read_bytes())
    assert_same(our_lines_of(folder / name), expected)


@pytest.mark.parametrize("name", WITHOUT_TEXT)
def test_a_recording_is_written_as_bgpdump_writes_it(data_folder: Path, name: str) -> None:
    path = data_folder / "bgp" / "mrt" / name
    assert_same(our_lines_of(path), bgpdumps_lines(path))


def test_old_withdrawals_are_of_their_prefix_where_bgpdump_writes_the_peers_address(
    data_folder: Path,
) -> None:
    path = data_folder / "bgp" / "mrt" / IS_OLD
    ours = our_lines_of(path).splitlines()
    theirs = bgpdumps_lines(path).splitlines()
    pairs = list(zip(ours, theirs, strict=True))
    differing = [(our.split(b"|"), their.split(b"|")) for our, their in pairs if our != their]
    assert len(differing) == 25
    for our, their in differing:
        assert our[2] == b"W"
        assert [*our[:5], our[5].split(b"/")[1]] == [*their[:5], their[5].split(b"/")[1]]
        assert their[5].split(b"/")[0] == their[3]


def test_no_recording_is_left_out(data_folder: Path) -> None:
    names = {path.name for path in (data_folder / "bgp" / "mrt").iterdir()}
    assert {*WITH_TEXT, *WITHOUT_TEXT, IS_OLD} == {n for n in names if not n.endswith(".bgp.gz")}


ATTRIBUTES = ORIGIN + PATH + NEXT_HOP
TEN = prefix("10.2.0.0/16")
SIX = prefix("2001:db8:1::/48")
HOP6 = made.address("2001:db8::1")
COMMUNITIES = struct.pack(
    ">20H", 65535, 65281, 65535, 65282, 65535, 65283, 65535, 65284, 65535, 0,
    65535, 666, 1, 2, 0, 0, 65000, 65535, 65534, 65281,
)  # fmt: skip
AGGREGATOR = attribute(7, struct.pack(">I", 3356) + made.address("10.0.0.1"))
OLD_AGGREGATOR = attribute(7, struct.pack(">H", 23456) + made.address("10.0.0.1"))
AS4_AGGREGATOR = attribute(18, struct.pack(">I", 200000) + made.address("10.0.0.2"))
PEERS = made.index_table(("192.0.2.1", 65001), ("2001:db8::5", 4_200_000_000))
SHORT_HOP6 = attribute(14, bytes([16]) + HOP6, 0x80)
TWO_HOPS6 = attribute(14, bytes([32]) + HOP6 + made.address("fe80::1"), 0x80)


def with_path(*parts: bytes, size: int = 4) -> bytes:
    """An announcement with this path, of a session whose AS numbers have so many bytes."""
    path = ORIGIN + attribute(2, b"".join(parts)) + NEXT_HOP
    return message(update(b"", path, TEN), 4 if size == 4 else 1)


def with_as4(path: bytes, as4: bytes, more: bytes = b"") -> bytes:
    attributes = ORIGIN + attribute(2, path) + NEXT_HOP + attribute(17, as4, 0xC0) + more
    return message(update(b"", attributes, TEN), 1)


def of_subtype(subtype: int, microseconds: int | None = None) -> bytes:
    size, path_id = 4 if subtype in (4, 7, 9) else 2, 5 if subtype >= 8 else None
    attributes = ORIGIN + attribute(2, segment(65001, size=size)) + NEXT_HOP
    body = update(prefix("10.1.0.0/16", path_id), attributes, prefix("10.2.0.0/16", path_id))
    return message(body, subtype, microseconds=microseconds)


def of_address(text: str) -> bytes:
    """A withdrawal by this peer of this address."""
    return message(update(b"", made.unreach(2, 1, b"\x80" + made.address(text))), peer=text)


SAME = {
    "withdrawals and announcements of both families": message(
        update(
            prefix("10.1.0.0/16"),
            ATTRIBUTES
            + made.reach(2, 1, HOP6, SIX)
            + made.unreach(2, 1, prefix("2001:db8:2::/48")),
            TEN + prefix("10.3.0.0/16"),
        )
    ),
    "IPv4 in both fields, with two next hops": message(
        update(
            b"",
            ATTRIBUTES + made.reach(1, 1, made.address("192.0.2.7"), prefix("10.9.0.0/16") * 2),
            TEN * 3,
        )
    ),
    "IPv4 in both fields, with path identifiers": message(
        update(
            b"",
            ATTRIBUTES + made.reach(1, 1, made.address("192.0.2.7"), prefix("10.9.0.0/16", 9)),
            prefix("10.2.0.0/16", 8),
        ),
        9,
    ),
    "IPv4 through MP_REACH_NLRI alone": message(
        update(b"", ORIGIN + PATH + made.reach(1, 1, made.address("192.0.2.7"), TEN))
    ),
    "IPv4 with an IPv6 next hop": message(
        update(b"", ORIGIN + PATH + made.reach(1, 1, HOP6, TEN))
    ),
    "IPv6 with two next hops": message(
        update(b"", ORIGIN + PATH + made.reach(2, 1, HOP6 + made.address("fe80::1"), SIX))
    ),
    "IPv6 with a mapped next hop": message(
        update(b"", ATTRIBUTES + made.reach(2, 1, made.address("::ffff:193.0.0.56"), SIX))
    ),
    "multicast": message(
        update(b"", ATTRIBUTES + made.reach(1, 2, made.address("192.0.2.7"), TEN))
    ),
    "every attribute": message(
        update(
            b"",
            ATTRIBUTES
            + attribute(4, b"\0\0\0\5")
            + attribute(5, b"\xff\xff\xff\xfe")
            + attribute(6, b"")
            + AGGREGATOR
            + attribute(8, COMMUNITIES)
            + attribute(16, bytes(range(16)), 0xC0)
            + attribute(32, bytes(range(24)), 0xC0),
            TEN,
        )
    ),
    "no attribute": message(update(b"", b"", TEN)),
    "no next hop": message(update(b"", ORIGIN + PATH, TEN)),
    "no origin": message(update(b"", PATH + NEXT_HOP, TEN)),
    "an aggregator without the flag": message(update(b"", ATTRIBUTES + AGGREGATOR, TEN)),
    "the flag alone": message(update(b"", ATTRIBUTES + attribute(6, b""), TEN)),
    "an empty path": with_path(),
    "a set at the end": with_path(segment(1, 2), segment(3, 4, kind=1)),
    "a set at the begin": with_path(segment(3, 4, kind=1), segment(1, 2)),
    "two sets": with_path(segment(1, kind=1), segment(2, kind=1)),
    "confederations": with_path(segment(64512, 64513, kind=3), segment(7, 8, kind=4), segment(1)),
    "two sequences": with_path(segment(1, 2), segment(4_200_000_000)),
    "a long path": with_path(segment(*range(1, 201))),
    "a malformed path": with_path(segment(1, 2)[:-2]),
    "a path of an unknown kind": with_path(segment(1, 2), segment(7, kind=5)),
    "two bytes": with_path(segment(1, 65535, size=2), size=2),
    "AS4_PATH": with_as4(segment(65001, 23456, 23456, size=2), segment(200000, 200001)),
    "AS4_PATH of the same length": with_as4(segment(65001, 23456, size=2), segment(7, 200001)),
    "AS4_PATH that is longer": with_as4(segment(65001, 23456, size=2), segment(1, 2, 3)),
    "AS4_PATH with a set": with_as4(
        segment(65001, 1, 23456, size=2) + segment(5, 6, kind=1, size=2),
        segment(200001) + segment(5, 6, kind=1),
    ),
    "an empty AS4_PATH": with_as4(segment(65001, size=2), b""),
    "AS4_AGGREGATOR": with_as4(
        segment(65001, 23456, size=2), segment(200001), OLD_AGGREGATOR + AS4_AGGREGATOR
    ),
    "AS4_AGGREGATOR that is out of date": with_as4(
        segment(65001, 23456, size=2),
        segment(200001),
        attribute(7, struct.pack(">H", 23) + made.address("10.0.0.1")) + AS4_AGGREGATOR,
    ),
    "AS4_PATH where it has no place": message(
        update(b"", ATTRIBUTES + attribute(17, segment(200001), 0xC0), TEN)
    ),
    "changes of state": made.state(6, 1) + made.state(0, 3, 0) + made.state(1, 2, 5, 99),
    "the ends of tables": message(update()) + message(update(b"", made.unreach(2, 1, b""))),
    "local messages": of_subtype(6) + of_subtype(7),
    "path identifiers": of_subtype(8) + of_subtype(9),
    "microseconds": of_subtype(4, 123456) + of_subtype(7, 5) + of_subtype(9, 0),
    "tables": PEERS
    + made.rib(2, "10.0.0.0/8", (0, ATTRIBUTES), (1, ATTRIBUTES))
    + made.rib(4, "2001:db8::/32", (0, ORIGIN + PATH + SHORT_HOP6), (1, PATH + TWO_HOPS6))
    + made.rib(4, "::/0", (0, ORIGIN + PATH + made.reach(2, 1, HOP6, SIX)))
    + made.rib(4, "2001:db8::/32", (0, ATTRIBUTES), (1, ATTRIBUTES + SHORT_HOP6))
    + made.rib(2, "0.0.0.0/0", (0, ORIGIN + PATH + SHORT_HOP6), (1, ATTRIBUTES + SHORT_HOP6)),
    "tables with path identifiers": PEERS
    + made.rib(8, "10.0.0.0/8", (0, ATTRIBUTES), path_id=77)
    + made.rib(10, "2001:db8::/32", (1, ORIGIN + PATH + SHORT_HOP6), path_id=0),
    "two index tables": PEERS
    + made.rib(2, "10.0.0.0/8", (0, ATTRIBUTES))
    + made.index_table(("192.0.2.77", 7))
    + made.rib(2, "10.0.0.0/8", (0, ATTRIBUTES)),
    "old tables": made.old_table("10.0.0.0/8", "192.0.2.1", 65001, ORIGIN + OLD_PATH + NEXT_HOP)
    + made.old_table(
        "2001:db8::/32", "2001:db8::5", 65001, ORIGIN + OLD_PATH + made.reach(2, 1, HOP6, b"")
    ),
    "old messages": made.old_message(1, update(b"", ORIGIN + OLD_PATH + NEXT_HOP, TEN))
    + made.old_message(
        1, update(b"", ORIGIN + OLD_PATH + NEXT_HOP + attribute(8, COMMUNITIES), TEN)
    )
    + made.old_message(3, struct.pack(">HH", 1, 2)),
    "lengths of prefixes": message(
        update(b"".join(map(prefix, ("0.0.0.0/0", "10.0.0.0/7", "10.1.2.3/32", "1.2.2.0/23"))))
    ),
    "a late time": made.record(16, 4, message(update(TEN))[12:], 2**32 - 1),
    "a file that is cut off": message(update(TEN)) + message(update(TEN))[:-3],
    "addresses": b"".join(
        map(
            of_address,
            (
                "::", "::1", "1::", "1:0:0:2:0:0:0:3", "1:0:2:0:3:0:4:0", "0:0:1::",
                "1:2:3:4:5:6:7:8", "0:1:2:3:4:5:6:7", "1:0:0:4:5:0:0:8", "::ffff:0:0:0",
                "::ffff:0:1", "::ffff:ffff:ffff", "::1:2", "::1:2:3", "::100", "::1:0", "::2",
                "::5:ffff:1:2", "0:0:0:1::", "abcd:ef01::", "64:ff9b::102:304",
            ),
        )
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_what_is_sound_is_written_as_bgpdump_writes_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / "made.mrt"
    path.write_bytes(SAME[name])
    theirs = bgpdumps_lines(path)
    assert our_lines(SAME[name]) == theirs
    assert theirs or name == "the ends of tables"


DIFFERENT = {
    "RFC 6793, section 4.2.3: a confederation before AS4_PATH is kept once": (
        with_as4(segment(64512, kind=3, size=2) + segment(65001, 23456, size=2), segment(200001)),
        b"|(64512) 65001 200001|",
    ),
    "RFC 6793, section 6: a confederation within AS4_PATH is left out": (
        with_as4(segment(65001, 23456, size=2), segment(64512, kind=3) + segment(200001)),
        b"|65001 200001|",
    ),
    "RFC 6793, section 6: a malformed AS4_PATH is as if absent": (
        with_as4(segment(65001, 23456, size=2), segment(200001)[:-1]),
        b"|65001 23456|",
    ),
    "RFC 7606, section 7.4: a metric of two bytes is none": (
        message(update(b"", ATTRIBUTES + attribute(4, b"\0\5"), TEN)),
        b"|192.0.2.9|0|0||NAG||\n",
    ),
    "RFC 7606, section 7.7: an aggregator of a wrong length is none": (
        message(update(b"", ATTRIBUTES + OLD_AGGREGATOR, TEN)),
        b"||NAG||\n",
    ),
    "RFC 7606, section 7.8: communities of a wrong length are none": (
        message(update(b"", ATTRIBUTES + attribute(8, b"\0\1\0\2\0"), TEN)),
        b"|0|0||NAG||\n",
    ),
    "RFC 8050, section 3: the peer of a local message is the peer": (
        message(update(prefix("10.1.0.0/16", 5)), 11),
        b"BGP4MP_AP|1600000000|W|192.0.2.1|65001|10.1.0.0/16|5\n",
    ),
    "RFC 6396, section 4.3.2: tables of multicast routes are tables": (
        PEERS + made.rib(3, "10.0.0.0/8", (0, ATTRIBUTES)),
        b"TABLE_DUMP2|1600000000|B|192.0.2.1|65001|10.0.0.0/8|65001 3356|IGP|192.0.2.9|0|0|",
    ),
    "RFC 4271, section 4.3: bits beyond a prefix's length do not count": (
        message(update(bytes([12, 10, 31]))),
        b"|10.16.0.0/12\n",
    ),
    "RFC 4271, section 4.3: an old message withdraws its prefix": (
        made.old_message(1, update(prefix("10.1.0.0/16"))),
        b"BGP|1600000000|W|192.0.2.1|65001|10.1.0.0/16\n",
    ),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_where_an_rfc_says_otherwise_lines_differ(tmp_path: Path, name: str) -> None:
    data, expected = DIFFERENT[name]
    path = tmp_path / "made.mrt"
    path.write_bytes(data)
    ours = our_lines(data)
    assert expected in ours
    assert ours != bgpdumps_lines(path)


def test_repeated_attributes_count_once_where_bgpdump_gives_up() -> None:
    data = message(
        update(b"", ATTRIBUTES + attribute(4, b"\0\0\0\5") + attribute(4, b"\0\0\0\6"), TEN)
    )
    assert b"|192.0.2.9|0|5||NAG||" in our_lines(data)


def test_the_longest_lines_have_room() -> None:
    """A message of 64 KiB (RFC 8654) with as much of everything as there can be."""
    sets = b"".join(segment(65535, kind=1, size=2) for _ in range(12_000))
    attributes = ORIGIN + attribute(2, sets) + attribute(8, b"\xff\xfe\xff\xff" * 4_000) + NEXT_HOP
    data = message(update(b"", attributes, TEN), 1) * 40
    lines = our_lines(data).splitlines()
    assert len(lines) == 40
    assert set(lines) == {lines[0]}
    assert lines[0].count(b"{65535}") == 12_000
    assert lines[0].count(b"65534:65535") == 4_000


def test_lines_do_not_depend_on_how_the_input_is_cut(data_folder: Path) -> None:
    packed = (
        data_folder / "bgp/mrt/routeviews.route-views.jinx.updates.1427846400.bz2"
    ).read_bytes()
    data = bz2.decompress(packed)
    decoder = Decoder()
    pieces = (data[at : at + 10_007] for at in range(0, len(data), 10_007))
    batches = (batch for piece in pieces for batch in decoder.decode(piece))
    assert b"".join(map(bytes, to_lines(batches, decoder.peers))) == our_lines(data)
