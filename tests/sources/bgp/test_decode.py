"""What is encoded is decoded again; what is damaged is counted, and decoding goes on behind it."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from said import Said, in_words, recordings

from zicht.errors import InputError
from zicht.lab import mrt
from zicht.sources.bgp.decode import Decoder, begins_like_mrt
from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.memory import BATCH
from zicht.sources.bgp.problems import Fault, Problem
from zicht.sources.bgp.records import LONGEST_RECORD

if TYPE_CHECKING:
    from collections.abc import Iterable

TIME = 1_700_000_000_000_000
NOBODY = IPv4Address(0)
SPEAKER = mrt.Speaker(ip_address("10.0.0.1"), 65001, NOBODY)
NETWORK = IPv4Network("10.1.0.0/16")
ATTRIBUTES = mrt.attributes(path=((2, (65001, 65002)),), next_hop=IPv4Address("10.0.0.1"))


def decode(decoder: Decoder, pieces: Iterable[bytes]) -> list[Said]:
    rows = []
    for piece in pieces:
        for elements in decoder.decode(piece):
            rows += in_words(elements, decoder.peers)
    return rows


def announcement(
    attributes: bytes = ATTRIBUTES,
    announced: bytes = mrt.prefix(NETWORK),
    *,
    as_size: int = 4,
    add_path: bool = False,
) -> bytes:
    body = mrt.update_body(path_attributes=attributes, announced=announced)
    message = mrt.message(mrt.UPDATE, body)
    return mrt.bgp4mp(TIME, SPEAKER, message, as_size=as_size, add_path=add_path)


def found(data: bytes) -> tuple[list[Said], dict[Fault, int]]:
    """What is said between two sound records, and which faults there are."""
    sound = announcement()
    decoder = Decoder()
    rows = decode(decoder, [sound + data + sound])
    decoder.close()
    assert rows[0].network == rows[-1].network == NETWORK
    assert all(len(sound) <= problem.offset for problem in decoder.problems.first)
    assert len(rows) >= 2, "what is sound was lost"
    return rows[1:-1], decoder.problems.counts


@given(recordings)
def test_what_is_encoded_is_decoded_again(recording: tuple[bytes, list[Said]]) -> None:
    data, said = recording
    decoder = Decoder(strict=True)
    assert decode(decoder, [data]) == said
    decoder.close()
    assert decoder.problems.counts == {}


@given(recordings, st.lists(st.integers(0, 2000), max_size=6))
def test_it_does_not_matter_how_the_input_is_cut_into_pieces(
    recording: tuple[bytes, list[Said]], cuts: list[int]
) -> None:
    data, said = recording
    places = [0, *sorted(cuts), len(data)]
    pieces = [data[begin:end] for begin, end in pairwise(places)]
    decoder = Decoder(strict=True)
    assert decode(decoder, pieces) == said
    decoder.close()


@given(recordings, st.data())
def test_a_cut_off_input_gives_a_beginning_of_what_was_said(
    recording: tuple[bytes, list[Said]], data: st.DataObject
) -> None:
    whole, said = recording
    cut = data.draw(st.integers(0, len(whole)))
    decoder = Decoder()
    rows = decode(decoder, [whole[:cut]])
    assert rows == said[: len(rows)]
    assert decoder.problems.damaged == 0
    decoder.close()
    assert set(decoder.problems.counts) <= {Fault.CUT}
    if cut == len(whole):
        assert not decoder.problems.is_cut


@given(recordings, st.data())
def test_one_changed_byte_harms_nothing_but_what_it_is_part_of(
    recording: tuple[bytes, list[Said]], data: st.DataObject
) -> None:
    whole = bytearray(recording[0])
    if whole:
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    decoder = Decoder()
    decode(decoder, [bytes(whole)])
    decoder.close()
    assert all(0 <= problem.offset <= len(whole) for problem in decoder.problems.first)


def test_batches_are_small_and_say_where_they_stand() -> None:
    record = announcement()
    decoder = Decoder()
    offsets: list[int] = []
    for elements in decoder.decode(np.frombuffer(record * 40_000, np.uint8)):
        assert len(elements) <= BATCH
        assert elements.record.tolist()[0] == offsets[-1] + len(record) if offsets else True
        offsets.append(int(elements.record[-1]) + elements.offset)
    assert len(offsets) == 3
    assert offsets[-1] == 39_999 * len(record)


def test_a_message_of_65_535_bytes_is_read_whole() -> None:
    prefixes = bytes(65_535 - 19 - 4 - len(ATTRIBUTES))  # all of them 0.0.0.0/0
    rows, faults = found(announcement(announced=prefixes))
    assert len(rows) == len(prefixes)
    assert not faults


def test_one_peer_is_known_again_in_tables_and_messages() -> None:
    speakers = [
        mrt.Speaker(SPEAKER.address, SPEAKER.asn, IPv4Address("1.1.1.1")),
        mrt.Speaker(SPEAKER.address, SPEAKER.asn, IPv4Address("2.2.2.2")),
        mrt.Speaker(SPEAKER.address, 65009, IPv4Address("1.1.1.1")),
    ]
    decoder = Decoder(collector="rrc00")
    decode(decoder, [announcement()])
    assert [peer.router_id for peer in decoder.peers] == [None]
    decode(decoder, [mrt.index_table(TIME, speakers), announcement()])
    assert [(peer.asn, str(peer.router_id)) for peer in decoder.peers] == [
        (65001, "1.1.1.1"),
        (65001, "2.2.2.2"),
        (65009, "1.1.1.1"),
    ]


def test_a_route_of_a_peer_that_no_index_names_is_counted() -> None:
    table = mrt.index_table(TIME, [SPEAKER])
    entries = [mrt.Entry(1, 0, ATTRIBUTES), mrt.Entry(0, 0, ATTRIBUTES)]
    rows, faults = found(table + mrt.rib(TIME, NETWORK, entries))
    assert [row.kind for row in rows] == [Kind.ROUTE]
    assert faults == {Fault.PEER: 1}


@pytest.mark.parametrize(
    ("path", "as4_path", "aggregator", "as4_aggregator", "origin"),
    [
        (((2, (1, 2, 23456)),), ((2, (2, 70_000)),), None, None, 70_000),
        (((2, (1, 23456)),), ((2, (1, 2, 70_000)),), None, None, 23456),  # longer: ignored
        (((2, (1, 23456)),), (), None, None, 23456),
        (((2, (1, 23456)),), ((3, (70_000,)),), None, None, 23456),  # confederations do not count
        (((2, (1, 23456)),), ((1, (70_000, 2)),), None, None, 0),
        (((2, (1, 23456)),), ((2, (70_000,)),), 23456, 70_000, 70_000),
        (((2, (1, 23456)),), ((2, (70_000,)),), 5, 70_000, 23456),  # somebody aggregated since
        (((2, (1, 23456)),), ((2, (70_000,)),), 5, None, 70_000),
    ],
)
def test_the_origin_of_four_bytes_is_taken_where_it_counts(
    path: mrt.Path,
    as4_path: mrt.Path,
    aggregator: int | None,
    as4_aggregator: int | None,
    origin: int,
) -> None:
    attributes = mrt.attributes(
        path=path,
        as_size=2,
        as4_path=as4_path,
        aggregator=None if aggregator is None else (aggregator, NOBODY),
        as4_aggregator=None if as4_aggregator is None else (as4_aggregator, NOBODY),
    )
    rows, faults = found(announcement(attributes, as_size=2))
    assert [(row.origin, row.path_length) for row in rows] == [(origin, len(path[0][1]))]
    assert not faults


@pytest.mark.parametrize(
    ("attributes", "fault"),
    [
        (mrt.attribute(2, b"\2\3\0\0\0\1"), Fault.PATH),  # a segment longer than its path
        (mrt.attribute(2, b"\2\0"), Fault.PATH),  # an empty segment
        (mrt.attribute(2, b"\7\1\0\0\0\1"), Fault.PATH),  # a kind that does not exist
        (mrt.attribute(2, b"\2"), Fault.PATH),
        (mrt.attribute(1, b"\0"), Fault.PATHLESS),
    ],
)
def test_a_route_with_a_malformed_path_is_there_without_an_origin(
    attributes: bytes, fault: Fault
) -> None:
    rows, faults = found(announcement(attributes))
    assert [(row.kind, row.network, row.origin, row.path_length) for row in rows] == [
        (Kind.ANNOUNCE, NETWORK, 0, 0)
    ]
    assert faults == {fault: 1}


def test_of_an_attribute_that_occurs_twice_the_first_counts() -> None:
    other = mrt.attributes(path=((2, (65001, 7)),), origin=None)
    rows, faults = found(announcement(ATTRIBUTES + other))
    assert [row.origin for row in rows] == [65002]
    assert faults == {Fault.REPEATED: 1}


SHORT_REACH = b"\0\2\1\x10" + bytes(16)
BAD_MESSAGES = {
    "an attribute beyond its field": (announcement(ATTRIBUTES[:-1]), Fault.ATTRIBUTE),
    "an attribute of one byte": (announcement(ATTRIBUTES + b"\0"), Fault.ATTRIBUTE),
    "a prefix of 33 bits": (announcement(announced=b"\x21\1\2\3\4\5"), Fault.PREFIX),
    "a prefix beyond its field": (announcement(announced=b"\x18\1\2"), Fault.PREFIX),
    "half a path identifier": (announcement(announced=b"\0\0\0", add_path=True), Fault.PREFIX),
    "a next hop beyond its field": (
        announcement(mrt.attributes(path=(), reach=SHORT_REACH)),
        Fault.ATTRIBUTE,
    ),
    "half a family": (announcement(mrt.attributes(path=(), unreach=b"\0")), Fault.ATTRIBUTE),
    "prefixes of 129 bits": (
        announcement(mrt.attributes(path=(), unreach=b"\0\2\1\x81" + bytes(17))),
        Fault.PREFIX,
    ),
    "lengths beyond the message": (
        mrt.bgp4mp(TIME, SPEAKER, mrt.message(mrt.UPDATE, b"\0\1\0\0")),
        Fault.UPDATE,
    ),
    "attributes beyond the message": (
        mrt.bgp4mp(TIME, SPEAKER, mrt.message(mrt.UPDATE, b"\0\0\0\1")),
        Fault.UPDATE,
    ),
    "an empty update": (mrt.bgp4mp(TIME, SPEAKER, mrt.message(mrt.UPDATE, b"")), Fault.UPDATE),
    "a marker with a hole": (
        mrt.bgp4mp(TIME, SPEAKER, b"\0" + mrt.message(mrt.UPDATE, bytes(4))[1:]),
        Fault.MESSAGE,
    ),
    "a message longer than its record": (
        mrt.bgp4mp(TIME, SPEAKER, mrt.message(mrt.UPDATE, bytes(4))[:-1]),
        Fault.MESSAGE,
    ),
    "no message": (mrt.bgp4mp(TIME, SPEAKER, b""), Fault.MESSAGE),
    "half a session": (mrt.record(TIME, mrt.BGP4MP, 4, bytes(9)), Fault.RECORD),
    "no microseconds": (mrt.record(TIME, mrt.BGP4MP_ET, 4, b""), Fault.RECORD),
    "half a state": (
        mrt.record(TIME, mrt.BGP4MP, 5, mrt.state_change(TIME, SPEAKER, 1, 6)[12:-2]),
        Fault.RECORD,
    ),
    "half an old table": (mrt.record(TIME, mrt.TABLE_DUMP, 1, bytes(8)), Fault.RECORD),
    "half an old update": (mrt.record(TIME, mrt.BGP, 1, bytes(8)), Fault.RECORD),
    "half an index": (mrt.record(TIME, mrt.TABLE_DUMP_V2, 1, bytes(7)), Fault.RECORD),
    "an index without its peers": (
        mrt.record(TIME, mrt.TABLE_DUMP_V2, 1, bytes(6) + b"\0\2"),
        Fault.RECORD,
    ),
    "half a prefix of a table": (
        mrt.record(TIME, mrt.TABLE_DUMP_V2, 2, bytes(4) + b"\x20\1"),
        Fault.RECORD,
    ),
    "a table's prefix of 33 bits": (
        mrt.record(TIME, mrt.TABLE_DUMP_V2, 2, bytes(4) + b"\x21" + bytes(9)),
        Fault.PREFIX,
    ),
    "a type that nobody knows yet": (mrt.record(TIME, 50, 0, bytes(9)), Fault.SKIPPED_TYPE),
    "a type of other protocols": (mrt.record(TIME, 11, 0, bytes(9)), Fault.SKIPPED_TYPE),
    "a geo table": (mrt.record(TIME, mrt.TABLE_DUMP_V2, 7, bytes(9)), Fault.SKIPPED_SUBTYPE),
    "generic with path identifiers": (
        mrt.record(TIME, mrt.TABLE_DUMP_V2, 12, bytes(99)),
        Fault.SKIPPED_SUBTYPE,
    ),
    "generic of a VPN": (
        mrt.record(TIME, mrt.TABLE_DUMP_V2, 6, bytes(4) + b"\0\1\x80" + bytes(9)),
        Fault.SKIPPED_FAMILY,
    ),
    "a snapshot": (mrt.record(TIME, mrt.BGP4MP, 3, bytes(99)), Fault.SKIPPED_SUBTYPE),
    "a session of no family": (
        mrt.record(TIME, mrt.BGP4MP, 1, bytes(99)),
        Fault.SKIPPED_FAMILY,
    ),
    "withdrawals of a VPN": (
        announcement(mrt.attributes(unreach=b"\0\1\x80" + bytes(9)), b""),
        Fault.SKIPPED_FAMILY,
    ),
}


@pytest.mark.parametrize("name", BAD_MESSAGES)
def test_what_cannot_be_read_is_counted_and_gives_nothing(name: str) -> None:
    data, fault = BAD_MESSAGES[name]
    rows, faults = found(data)
    assert rows == []
    assert faults == {fault: 1}


@pytest.mark.parametrize("name", [name for name, (_, f) in BAD_MESSAGES.items() if f.is_damage])
def test_strictness_stops_at_damage_and_gives_what_was_before(name: str) -> None:
    sound, decoder = announcement(), Decoder(strict=True)
    rows: list[Said] = []
    batches = decoder.decode(sound + BAD_MESSAGES[name][0] + sound)
    with pytest.raises(InputError, match=r"damaged at byte [\d,]+: "):
        rows.extend(row for batch in batches for row in in_words(batch, decoder.peers))
    assert [row.network for row in rows] == [NETWORK]


@pytest.mark.parametrize("name", [n for n, (_, f) in BAD_MESSAGES.items() if not f.is_damage])
def test_strictness_minds_nothing_that_is_sound(name: str) -> None:
    decoder = Decoder(strict=True)
    assert len(decode(decoder, [BAD_MESSAGES[name][0] + announcement()])) == 1
    decoder.close()


def test_entries_of_a_table_stand_where_the_next_is_damaged() -> None:
    entries = [mrt.Entry(0, 0, ATTRIBUTES), mrt.Entry(0, 0, ATTRIBUTES + b"\0")]
    record = mrt.rib(TIME, NETWORK, entries)
    rows, faults = found(mrt.index_table(TIME, [SPEAKER]) + record)
    assert [(row.origin, row.path_length) for row in rows] == [(65002, 2), (0, 0)]
    assert faults == {Fault.ATTRIBUTE: 1}
    short = bytearray(mrt.rib(TIME, NETWORK, entries[:1] * 2)[:-1])
    short[8:12] = struct.pack(">I", len(short) - 12)
    rows, faults = found(mrt.index_table(TIME, [SPEAKER]) + bytes(short))
    assert [row.origin for row in rows] == [65002]
    assert faults == {Fault.RECORD: 1}


@pytest.mark.parametrize(
    "header",
    [
        struct.pack(">IHHI", TIME // 10**6, mrt.BGP4MP, 4, LONGEST_RECORD + 1),
        struct.pack(">IHHI", TIME // 10**6, 4711, 4, 10),
        b"\xff" * 12,
        bytes(12),
        b"\xee" * 99_999,
    ],
)
@pytest.mark.parametrize("size", [7, 1000, 1 << 20])
def test_behind_what_is_no_header_the_next_record_is_found(header: bytes, size: int) -> None:
    sound = announcement()
    data = sound + header + sound * 3
    decoder = Decoder()
    rows = decode(decoder, [data[k : k + size] for k in range(0, len(data), size)])
    decoder.close()
    assert len(rows) == 4
    assert decoder.problems.counts == {Fault.HEADER: 1}
    assert decoder.problems.first == [Problem(Fault.HEADER, len(sound))]


def test_a_record_may_claim_the_most_and_no_more() -> None:
    decoder = Decoder()
    long = mrt.record(TIME, 11, 0, bytes(LONGEST_RECORD))
    assert len(decode(decoder, [long[:1000], long[1000:], announcement()])) == 1
    assert decoder.problems.counts == {Fault.SKIPPED_TYPE: 1}


def test_peers_are_not_kept_without_end() -> None:
    decoder = Decoder()
    for half in range(2):
        data = b"".join(
            mrt.state_change(TIME, mrt.Speaker(IPv4Address(k), half, NOBODY), 1, 6)
            for k in range(40_000)
        )
        count = sum(map(len, decoder.decode(data)))
    assert len(decoder.peers) == 65_536
    assert count == 65_536 - 40_000
    assert decoder.problems.counts == {Fault.PEER: 80_000 - 65_536}


def test_only_the_first_problems_are_kept_and_all_are_counted() -> None:
    decoder = Decoder()
    bad = announcement(ATTRIBUTES[:-1])
    decode(decoder, [bad * 1000, bad * 1000])
    assert decoder.problems.counts == {Fault.ATTRIBUTE: 2000}
    assert decoder.problems.damaged == 2000
    assert len(decoder.problems.first) == 32
    assert "runs beyond its field" in str(decoder.problems.first[0])


def test_a_file_of_mrt_is_told_by_its_first_header() -> None:
    assert begins_like_mrt(announcement())
    assert not begins_like_mrt(b"<!DOCTYPE html>")
    assert not begins_like_mrt(bytes(12))


def test_multicast_and_ipv6_in_old_messages_are_read() -> None:
    network = IPv6Network("2001:db8::/33")
    unreach = mrt.unreach_value(mrt.prefix(network), safi=2)
    rows, _ = found(announcement(mrt.attributes(unreach=unreach), b""))
    assert [(row.kind, row.family, row.safi, row.network) for row in rows] == [
        (Kind.WITHDRAW, 6, 2, network)
    ]
