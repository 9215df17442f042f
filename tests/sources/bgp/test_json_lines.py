"""JSON lines: every element of real files, beside what is read of it in another way."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import TYPE_CHECKING, Any

import mrt_made as made
import pytest
from mrt_made import NEXT_HOP, ORIGIN, PATH, attribute, message, prefix, segment, update

from zicht.model.time import format_time, from_microseconds
from zicht.sources.bgp.attributes import AS_PATH, iterate_attributes, read_attributes
from zicht.sources.bgp.decode import Decoder
from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.fetch.files import read_mrt
from zicht.sources.bgp.json_lines import to_json_lines

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.sources.bgp.elements import Elements, Peer

KINDS = {
    Kind.ROUTE: "route",
    Kind.ANNOUNCE: "announce",
    Kind.WITHDRAW: "withdraw",
    Kind.STATE: "state",
    Kind.END_OF_RIB: "end-of-rib",
}
RECORDINGS = (
    "bview.64k_stream_overflow.gz",
    "bview.ipv6_unicast_add_path.gz",
    "ris.rrc06.updates.1427846400.gz",
    "updates.20071015.1505.gz",
)


def rows_of(data: bytes, collector: str = "rrc00") -> list[dict[str, Any]]:
    decoder = Decoder(collector=collector)
    views = to_json_lines(decoder.decode(data), decoder.peers)
    return [json.loads(line) for line in b"".join(map(bytes, views)).splitlines()]


def read_otherwise(batch: Elements, row: int, peers: list[Peer]) -> dict[str, Any]:
    """A row by the reader of one element's attributes, which is written for itself."""
    peer, kind = peers[batch.peer[row]], Kind(int(batch.kind[row]))
    said: dict[str, Any] = {
        "time": format_time(from_microseconds(int(batch.time[row]))),
        "kind": KINDS[kind],
        "collector": peer.collector,
        "peer": str(peer.address),
        "peer_asn": peer.asn,
        "local": peer.local,
    }
    if kind not in {Kind.ROUTE, Kind.ANNOUNCE, Kind.WITHDRAW}:
        return said
    number = int(batch.prefix_high[row]) << 64 | int(batch.prefix_low[row])
    address = IPv4Address(number >> 96) if batch.family[row] == 4 else IPv6Address(number)
    said["prefix"] = str(ip_network((address, int(batch.length[row]))))
    said["multicast"] = int(batch.safi[row]) == 2
    said["path_id"] = int(batch.path_id[row]) if batch.path_id[row] >= 0 else None
    if kind == Kind.WITHDRAW:
        return said
    data = batch.data[batch.attributes_begin[row] : batch.attributes_end[row]].tobytes()
    found = read_attributes(data, as4=bool(batch.as4[row]))
    has_path = AS_PATH in dict(iterate_attributes(data))
    hop: object = found.mp_next_hop if batch.family[row] == 6 else found.next_hop
    if isinstance(hop, IPv6Address) and hop.ipv4_mapped is not None:
        hop = f"::ffff:{hop.ipv4_mapped}"
    asn, router = found.aggregator or (None, None)
    return said | {
        "path": found.path_text if has_path else None,
        "path_length": int(batch.path_length[row]) if has_path else None,
        "origin_asn": int(batch.origin[row]) or None,
        "origin": found.origin,
        "next_hop": None if hop is None else str(hop),
        "med": found.med,
        "local_pref": found.local_pref,
        "communities": [f"{high}:{low}" for high, low in found.communities],
        "large_communities": [":".join(map(str, parts)) for parts in found.large_communities],
        "extended_communities": [community.hex() for community in found.extended_communities],
        "atomic_aggregate": found.atomic_aggregate,
        "aggregator_asn": asn,
        "aggregator": None if router is None else str(router),
    }


@pytest.mark.parametrize("name", RECORDINGS)
def test_all_that_is_said_of_a_route_is_written(data_folder: Path, name: str) -> None:
    data = gzip.decompress((data_folder / "bgp" / "mrt" / name).read_bytes())
    rows = iter(rows_of(data))
    decoder = Decoder(collector="rrc00")
    for batch in decoder.decode(data):
        for row in range(len(batch)):
            written = next(rows)
            if written["kind"] == "state":
                assert {written.pop("old_state"), written.pop("new_state")} <= {1, 2, 3, 4, 5, 6}
            assert written == read_otherwise(batch, row, decoder.peers)
    assert next(rows, None) is None


def test_what_is_not_known_is_null_and_what_is_absent_is_empty() -> None:
    (row,) = rows_of(message(update(b"", b"", prefix("10.2.0.0/16"))))
    assert row["path"] is row["origin"] is row["next_hop"] is row["med"] is None
    assert row["path_length"] is row["origin_asn"] is row["aggregator"] is None
    assert row["communities"] == row["large_communities"] == row["extended_communities"] == []


def test_an_empty_path_is_none_that_is_not_known() -> None:
    (row,) = rows_of(
        message(update(b"", ORIGIN + attribute(2, b"") + NEXT_HOP, prefix("10.2.0.0/16")))
    )
    assert (row["path"], row["path_length"], row["origin_asn"]) == ("", 0, 65001)


def test_a_malformed_path_is_not_known() -> None:
    cut = attribute(2, segment(1, 2)[:-1])
    (row,) = rows_of(message(update(b"", ORIGIN + cut + NEXT_HOP, prefix("10.2.0.0/16"))))
    assert row["path"] is row["path_length"] is row["origin_asn"] is None


def test_times_are_written_to_the_microsecond_where_they_are_known_so() -> None:
    times = [row["time"] for row in rows_of(made.state(1, 2) + made.state(1, 2, 5, 7))]
    assert times == ["2020-09-13T12:26:40Z", "2020-09-13T12:26:40.000007Z"]


@pytest.mark.parametrize(
    "day", ["1970-01-01", "1999-12-31", "2000-02-29", "2024-02-29", "2100-03-01"]
)
def test_days_are_those_of_the_calendar(day: str) -> None:
    time = int(datetime.fromisoformat(f"{day}T23:59:59+00:00").timestamp())
    (row,) = rows_of(made.record(16, 5, made.state(1, 2)[12:], time))
    assert row["time"] == f"{day}T23:59:59Z"


def test_ends_of_tables_local_messages_and_multicast_are_told() -> None:
    end = message(update(b"", made.unreach(2, 1, b"")))
    assert rows_of(end)[0]["kind"] == "end-of-rib"
    assert rows_of(end)[0]["family"] == 6
    (local,) = rows_of(message(update(prefix("10.0.0.0/8")), 7))
    assert local["local"] is True
    hop = made.address("192.0.2.7")
    reached = update(b"", ORIGIN + PATH + made.reach(1, 2, hop, prefix("10.0.0.0/8")))
    (multicast,) = rows_of(message(reached))
    assert (multicast["multicast"], multicast["next_hop"]) == (True, "192.0.2.7")


def test_ipv4_prefixes_have_the_next_hop_of_their_field() -> None:
    reach = made.reach(1, 1, made.address("192.0.2.7"), prefix("10.9.0.0/16"))
    own = prefix("10.2.0.0/16") + prefix("10.3.0.0/16")
    rows = rows_of(message(update(b"", ORIGIN + PATH + NEXT_HOP + reach, own)))
    assert [row["next_hop"] for row in rows] == ["192.0.2.9", "192.0.2.9", "192.0.2.7"]


def test_a_collectors_name_may_be_any_text() -> None:
    (row,) = rows_of(made.state(1, 2), 'a "name" of ünusual length ' * 100)
    assert row["collector"].startswith('a "name"')


def test_peers_that_come_later_are_known(data_folder: Path) -> None:
    file = read_mrt(data_folder / "bgp/mrt/rrc01.updates.20241001.0055.gz")
    views = to_json_lines(file, file.peers)
    peers = {json.loads(line)["peer"] for view in views for line in bytes(view).splitlines()[::500]}
    assert len(peers) > 50
    assert peers <= {str(peer.address) for peer in file.peers}
