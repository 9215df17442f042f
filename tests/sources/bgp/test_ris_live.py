from __future__ import annotations

import base64
import json
import struct
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ris_service import ris_message
from speaking import announce, announce6, update

from zicht.errors import InputError
from zicht.sources.bgp.decode import Decoder
from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.live import Cause, Gap
from zicht.sources.bgp.ordering import Sorter
from zicht.sources.bgp.rebuilding import rebuild
from zicht.sources.bgp.ris_live import (
    Message,
    Notice,
    Subscription,
    find_peer,
    ping,
    read,
    subscribe,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECOND = 1_000_000


def message(time: float = 1.0, **fields: Any) -> Message:
    found = read(ris_message(time, **fields))
    assert isinstance(found, Message)
    return found


def prefix(family: int, high: int, low: int, length: int) -> str:
    whole = high << 64 | low
    return f"{IPv4Address(whole >> 96) if family == 4 else IPv6Address(whole)}/{length}"


def decoded(*records: bytes) -> list[tuple[Kind, str, int]]:
    """What MRT records say: kind, prefix, origin."""
    found = []
    decoder = Decoder(collector="rrc00")
    for batch in decoder.decode(b"".join(records)):
        columns = (batch.family, batch.prefix_high, batch.prefix_low, batch.length)
        for row in range(len(batch)):
            kind = Kind(int(batch.kind[row]))
            values = [int(column[row]) for column in columns]
            has_prefix = kind in {Kind.ANNOUNCE, Kind.WITHDRAW}
            found.append((kind, prefix(*values) if has_prefix else "", int(batch.origin[row])))
    assert decoder.problems.damaged == 0
    return found


# What is asked for


def test_a_subscription_asks_for_the_messages_themselves_and_an_acknowledgement() -> None:
    asked = json.loads(subscribe(Subscription(host="rrc00", type="UPDATE")))
    assert asked == {
        "type": "ris_subscribe",
        "data": {
            "host": "rrc00",
            "type": "UPDATE",
            "socketOptions": {"includeRaw": True, "acknowledge": True},
        },
    }


def test_each_filter_has_the_services_name() -> None:
    asked = json.loads(
        subscribe(
            Subscription(
                peer="192.0.2.1",
                path="^64500,64501$",
                prefix=("192.0.2.0/24", "2001:db8::/32"),
                more_specific=False,
                less_specific=True,
                require="withdrawals",
            )
        )
    )
    assert {name: value for name, value in asked["data"].items() if name != "socketOptions"} == {
        "peer": "192.0.2.1",
        "path": "^64500,64501$",
        "prefix": ["192.0.2.0/24", "2001:db8::/32"],
        "moreSpecific": False,
        "lessSpecific": True,
        "require": "withdrawals",
    }
    assert json.loads(ping())["type"] == "ping"


# What comes


def test_recorded_messages_are_read(data_folder: Path) -> None:
    lines = (data_folder / "bgp" / "ris-live" / "ris-live-stream.json").read_text().splitlines()
    with pytest.raises(InputError, match="truncated"):
        read(lines.pop())  # the recording breaks off
    found = [read(line) for line in lines]
    assert [one.kind for one in found] == [
        "UPDATE",
        "RIS_PEER_STATE",
        "ris_error",
        "OPEN",
        "NOTIFICATION",
        "KEEPALIVE",
    ]
    assert found[2] == Notice("ris_error", "this is a test error message")
    route = found[0]
    assert isinstance(route, Message)
    assert (route.collector, str(route.peer), route.peer_asn) == ("rrc00", "72.22.223.9", 11708)
    assert route.time == 1_553_627_987_890_000
    assert decoded(*route.records) == [(Kind.ANNOUNCE, "45.161.192.0/23", 268481)]


def test_recorded_ends_of_tables_are_ends_of_tables(data_folder: Path) -> None:
    lines = (data_folder / "bgp" / "ris-live" / "eor-stream.json").read_text().splitlines()
    records: list[bytes] = []
    for line in lines:
        found = read(line)
        assert isinstance(found, Message)
        assert not found.is_damaged
        records += found.records
    kinds = [(kind, where) for kind, where, _ in decoded(*records)]
    assert kinds == [
        (Kind.END_OF_RIB, ""),
        (Kind.END_OF_RIB, ""),
        (Kind.END_OF_RIB, ""),
        (Kind.WITHDRAW, "10.0.0.0/8"),
        (Kind.WITHDRAW, "2001:db8::/32"),
        (Kind.END_OF_RIB, ""),  # multicast
        (Kind.END_OF_RIB, ""),  # with a needless attribute
        (Kind.ANNOUNCE, "192.0.2.0/24"),
    ]


@pytest.mark.parametrize("write", [bytes.hex, lambda raw: base64.b64encode(raw).decode()])
def test_the_message_itself_goes_before_its_fields(write: Callable[[bytes], str]) -> None:
    raw = announce("192.0.2.0/24", path=(64500, 4_200_000_000))
    found = message(raw=write(raw), path=[1], announcements=[])
    assert found.records[0].endswith(raw)
    assert decoded(*found.records) == [(Kind.ANNOUNCE, "192.0.2.0/24", 4_200_000_000)]


def test_a_message_of_an_old_session_has_as_numbers_of_two_bytes() -> None:
    found = message(raw=announce("192.0.2.0/24", path=(64500, 3, 64501), size=2).hex())
    assert decoded(*found.records) == [(Kind.ANNOUNCE, "192.0.2.0/24", 64501)]


def test_without_the_message_itself_one_is_built_of_its_fields() -> None:
    found = message(
        path=[64500, 64501, [64502, 64503]],
        origin="igp",
        announcements=[
            {"next_hop": "192.0.2.9", "prefixes": ["198.51.100.0/24", "203.0.113.0/25"]},
            {"next_hop": "2001:db8::9,fe80::1", "prefixes": ["2001:db8:1::/48"]},
        ],
        withdrawals=["192.0.2.0/24", "2605:de00:bb:0:0:0:0:0/48"],
    )
    assert decoded(*found.records) == [
        (Kind.WITHDRAW, "192.0.2.0/24", 0),
        (Kind.WITHDRAW, "2605:de00:bb::/48", 0),
        (Kind.ANNOUNCE, "198.51.100.0/24", 0),
        (Kind.ANNOUNCE, "203.0.113.0/25", 0),
        (Kind.ANNOUNCE, "2001:db8:1::/48", 0),
    ]


@pytest.mark.parametrize(("state", "code"), [("connected", 6), ("down", 1)])
def test_a_peers_state_is_recorded(state: str, code: int) -> None:
    found = message(type="RIS_PEER_STATE", state=state)
    assert struct.unpack(">H", found.records[0][-2:]) == (code,)
    assert decoded(*found.records) == [(Kind.STATE, "", 0)]


@pytest.mark.parametrize(
    "fields",
    [
        {"raw": "zz"},
        {"raw": "00"},
        {"raw": announce("192.0.2.0/24")[:-1].hex()},
        {"type": "RIS_PEER_STATE", "state": "confused"},
        {"announcements": [{"next_hop": "192.0.2.1", "prefixes": ["192.0.2.0/33"]}]},
        {"announcements": [{"next_hop": "?", "prefixes": ["192.0.2.0/24"]}]},
        {"withdrawals": ["all"]},
        {"withdrawals": [], "announcements": [], "path": [-1], "raw": "ff" * 19},
    ],
)
def test_what_cannot_be_understood_is_damage_of_its_peer(fields: dict[str, Any]) -> None:
    found = message(**fields)
    assert found.is_damaged
    assert found.records == ()
    assert str(found.peer) == "192.0.2.9"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "no JSON",
        '{"type": "ris_message"}',
        '{"type": "ris_message", "data": {"timestamp": 1}}',
        ris_message(1, peer="nobody"),
        ris_message(1, peer_asn="AS1"),
        ris_message(1, peer_asn=2**32),
        ris_message(-1),
        ris_message(2**32),
    ],
)
def test_what_is_no_message_of_the_service_is_an_error(text: str) -> None:
    with pytest.raises(InputError, match="none of RIS Live"):
        read(text)


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_nothing_else_does_harm(text: str) -> None:
    find_peer(text)
    with pytest.raises(InputError):
        read(text)


WHOLE = ris_message(
    5.25,
    id="192.0.2.9-1",
    raw=announce("192.0.2.0/24").hex(),
    path=[64500, [64501]],
    announcements=[{"next_hop": "192.0.2.9", "prefixes": ["192.0.2.0/24"]}],
    withdrawals=["2001:db8::/32"],
).encode()


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=4))
def test_a_damaged_message_is_read_or_an_error_and_its_records_can_be_decoded(
    changes: list[tuple[int, int]],
) -> None:
    text = bytearray(WHOLE)
    for place, value in changes:
        text[place] = value
    with suppress(InputError):
        found = read(bytes(text))
        for record in found.records if isinstance(found, Message) else ():
            list(Decoder().decode(record))


def test_whose_message_it_is_can_be_found_without_reading_it() -> None:
    assert find_peer(ris_message(1, raw="zz")) == ("rrc00", ip_address("192.0.2.9"))
    assert find_peer('{"type": "pong"}') is None


# What is built anew

NETWORKS = st.one_of(
    st.ip_addresses(v=4).map(lambda address: f"{address}/32"),
    st.ip_addresses(v=6).map(lambda address: f"{address}/128"),
)


@given(st.lists(NETWORKS, max_size=30), st.lists(NETWORKS, max_size=30))
def test_what_is_built_anew_says_the_same(announced: list[str], withdrawn: list[str]) -> None:
    fields: dict[str, Any] = {
        "path": [64500, 4_200_000_000],
        "withdrawals": withdrawn,
        "announcements": [{"next_hop": "192.0.2.9", "prefixes": announced}],
    }
    found = decoded(*message(**fields).records)
    said = [(Kind.WITHDRAW, one, 0) for one in withdrawn]
    said += [(Kind.ANNOUNCE, one, 4_200_000_000) for one in announced]
    assert sorted(found) == sorted(said)


def test_many_prefixes_and_long_paths_become_messages_that_fit() -> None:
    prefixes = [
        (f"{hop}.0.0.1", f"10.{a}.{b}.0/24")
        for hop in (1, 2)
        for a in range(20)
        for b in range(250)
    ]
    messages = rebuild(prefixes, (), path=[7] * 300)
    assert len(messages) > 2
    assert all(len(one) < 65_535 for one in messages)
    longest = rebuild([("192.0.2.1", "192.0.2.0/24")], (), path=[7] * 300)[0]
    assert bytes([2, 255]) + (7).to_bytes(4) * 255 + bytes([2, 45]) in longest


def test_what_cannot_be_is_not_built() -> None:
    with pytest.raises(ValueError, match="no AS numbers"):
        rebuild([("192.0.2.1", "192.0.2.0/24")], (), path=[2**32])


# Order


def sorted_ids(sorter: Sorter, now: int) -> list[str]:
    return [one.id for one in sorter.release(now)]


def test_messages_come_out_in_the_order_in_which_the_collector_got_them() -> None:
    sorter = Sorter(hold=SECOND)
    for number, time in [(3, 3.0), (1, 1.0), (2, 2.0)]:
        sorter.take(message(time, id=f"192.0.2.9-{number}"), 10 * SECOND)
    assert sorted_ids(sorter, 10 * SECOND) == []
    assert sorted_ids(sorter, 11 * SECOND) == ["192.0.2.9-1", "192.0.2.9-2", "192.0.2.9-3"]


def test_within_an_instant_the_messages_own_numbers_decide() -> None:
    sorter = Sorter(hold=0)
    for suffix in ("019541923d76000a", "019541923d760009", "019541923d760100"):
        sorter.take(message(1.0, id=f"192.0.2.9-{suffix}"), 0)
    assert [one[-3:] for one in sorted_ids(sorter, 0)] == ["009", "00a", "100"]


def test_a_message_that_comes_twice_counts_once() -> None:
    sorter = Sorter(hold=SECOND)
    for now in (0, 1, SECOND):
        sorter.take(message(1.0, id="a-1"), now)
    sorter.take(message(1.0, id="a-1", host="rrc01"), now)
    assert len(sorted_ids(sorter, 3 * SECOND)) == 2
    assert sorter.counts == {"came twice": 2}


def test_a_message_that_comes_too_late_passes_and_makes_a_gap_of_its_peer() -> None:
    sorter = Sorter(hold=0)
    for time in (5.0, 3.0, 4.0):
        sorter.take(message(time), 0)
        assert len(list(sorter.release(0))) == 1
    sorter.take(message(1.0, peer="192.0.2.10"), 0)
    assert len(list(sorter.release(0))) == 1
    peer = ip_address("192.0.2.9")
    assert sorter.gaps == [
        Gap("rrc00", peer, 3 * SECOND, 5 * SECOND, Cause.LATE),
        Gap("rrc00", peer, 4 * SECOND, 5 * SECOND, Cause.LATE),
    ]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5)), max_size=40))
def test_each_message_comes_out_once_and_none_is_forgotten(arrivals: list[tuple[int, int]]) -> None:
    sorter = Sorter(hold=3)
    out = []
    for now, (time, number) in enumerate(arrivals):
        sorter.take(message(float(time), id=f"{time}-{number}"), now)
        out += sorted_ids(sorter, now)
    out += sorted_ids(sorter, len(arrivals) + 3)
    assert set(out) == {f"{time}-{number}" for time, number in arrivals}
    assert len(out) + sorter.counts["came twice"] == len(arrivals)


def test_routes_of_both_families_are_kept_as_they_came() -> None:
    both = [announce("192.0.2.0/24"), announce6("2001:db8::/32"), update()]
    found = [decoded(*message(raw=raw.hex()).records)[0][:2] for raw in both]
    assert found == [
        (Kind.ANNOUNCE, "192.0.2.0/24"),
        (Kind.ANNOUNCE, "2001:db8::/32"),
        (Kind.END_OF_RIB, ""),
    ]
