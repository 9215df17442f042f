"""What RIS Live and BMP say of a world, as our own decoders understand it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
from small_world import BEGIN, SHUTDOWN, fault, small_world, station_of

from zicht.lab.routes import bmp
from zicht.lab.routes.files import update_records
from zicht.lab.routes.ris_live import Client, Said, said_between
from zicht.sources.bgp.bmp_session import Recorded, RouterSession
from zicht.sources.bgp.decode import Decoder
from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.ris_live import Message, Notice, Subscription, ping, read, subscribe

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.lab.routes.collectors import Station

HOUR = timedelta(hours=1)
DURING = BEGIN + timedelta(hours=3, minutes=10), BEGIN + timedelta(hours=3, minutes=30)
RESET = fault("bgp/rrc00/4200900002", "reset", "03:12")


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Station:
    return station_of(small_world(tmp_path_factory.mktemp("world"), SHUTDOWN + RESET), "rrc00")


@pytest.fixture(scope="module")
def said(station: Station) -> list[Said]:
    return list(said_between(station, *DURING))


def elements(*records: bytes, since: int = 0) -> list[tuple[Any, ...]]:
    """What MRT records say: when, who, what, of which prefix, to which origin."""
    decoder, found = Decoder(collector="rrc00", strict=True), []
    for batch in decoder.decode(b"".join(records)):
        for row in range(len(batch)):
            who = decoder.peers[batch.peer[row]]
            what = (
                (Kind(int(batch.kind[row])), int(batch.family[row]), int(batch.prefix_high[row])),
                (int(batch.length[row]), int(batch.origin[row]), int(batch.state[row])),
            )
            found.append((int(batch.time[row]) - since, str(who.address), who.asn, *what))
    return found


def client_of(*subscriptions: dict[str, Any]) -> Client:
    client = Client(("rrc00",), [])
    for data in subscriptions:
        assert client.ask(json.dumps({"type": "ris_subscribe", "data": data})) is None
    return client


def told(client: Client, said: list[Said]) -> list[dict[str, Any]]:
    return [json.loads(text)["data"] for one in said for text in client.messages(one)]


# RIS Live


def test_a_stream_with_messages_says_what_the_archive_says(
    station: Station, said: list[Said]
) -> None:
    client = client_of({"socketOptions": {"includeRaw": True}})
    records: list[bytes] = []
    for one in said:
        for text in client.messages(one):
            message = read(text)
            assert isinstance(message, Message)
            assert not message.is_damaged
            assert message.collector == "rrc00"
            records += message.records
    archive = elements(*update_records(station, *DURING))
    stream = elements(*records)
    # The stream has no states that a record would have, but of the same session.
    assert stream == archive
    assert {one[3][0] for one in stream} >= {Kind.ANNOUNCE, Kind.WITHDRAW, Kind.STATE}


def test_a_stream_without_messages_says_the_same_of_prefixes_and_origins(said: list[Said]) -> None:
    with_raw, without = client_of({"socketOptions": {"includeRaw": True}}), client_of({})
    routes: list[list[Any]] = []
    for client in (with_raw, without):
        messages = [read(text) for one in said for text in client.messages(one)]
        records = [one for got in messages if isinstance(got, Message) for one in got.records]
        routes.append([one for one in elements(*records) if one[3][0] != Kind.END_OF_RIB])
    assert routes[0] == routes[1]


def test_messages_have_the_fields_of_the_service(said: list[Said]) -> None:
    data = told(client_of({}), said)
    [announced] = [one for one in data if "announcements" in one][:1]
    assert announced.keys() >= {
        *("timestamp", "peer", "peer_asn", "id", "host", "type"),
        *("path", "community", "origin", "announcements"),
    }
    assert announced["host"] == "rrc00.ripe.net"
    assert announced["path"][0] == int(announced["peer_asn"])
    ip_address(announced["announcements"][0]["next_hop"])
    states = [one["state"] for one in data if one["type"] == "RIS_PEER_STATE"]
    assert states == ["down", "connected"]
    assert len({one["id"] for one in data}) == len(data)
    times = [one["timestamp"] for one in data]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({"host": "rrc00"}, lambda _: True),
        ({"host": "rrc01"}, lambda _: False),
        ({"type": "RIS_PEER_STATE"}, lambda one: one["type"] == "RIS_PEER_STATE"),
        ({"require": "withdrawals"}, lambda one: "withdrawals" in one),
        ({"peer": "198.18.0.1"}, lambda one: one["peer"] == "198.18.0.1"),
        ({"path": "1136$"}, lambda one: one.get("path", [0])[-1] == 1136),
        ({"path": "^4200900001"}, lambda one: one.get("path", [0])[0] == 4200900001),
        ({"path": 1136}, lambda one: 1136 in one.get("path", [])),
    ],
)
def test_a_client_gets_what_it_asked_for(
    wanted: dict[str, Any], fits: Any, said: list[Said]
) -> None:
    every = told(client_of({}), said)
    expected = [one["id"] for one in every if fits(one)]
    assert [one["id"] for one in told(client_of(wanted), said)] == expected


def test_prefixes_are_asked_for_with_what_is_within_or_around_them(said: list[Said]) -> None:
    every = told(client_of({}), said)
    texts = Counter(
        prefix
        for one in every
        for prefix in [
            *(one.get("withdrawals") or []),
            *(text for told in one.get("announcements") or [] for text in told["prefixes"]),
        ]
    )
    prefix, _ = next((text, n) for text, n in texts.most_common() if "." in text)
    whole = f"{prefix.split('.')[0]}.0.0.0/8"
    around = told(client_of({"prefix": whole}), said)
    assert len(around) >= len(told(client_of({"prefix": prefix}), said)) > 0
    assert not told(client_of({"prefix": whole, "moreSpecific": False}), said)
    half = f"{prefix.split('/')[0]}/32"
    assert told(client_of({"prefix": [half], "lessSpecific": True}), said)


def test_the_service_answers_as_its_manual_says() -> None:
    client = Client(("rrc00", "rrc01"), [])
    asked = subscribe(Subscription(host="rrc00"))
    assert read(client.ask(asked) or b"") == Notice("ris_subscribe_ok")
    assert read(client.ask(ping()) or b"") == Notice("pong")
    listed = json.loads(client.ask('{"type": "request_rrc_list"}') or b"")
    assert listed == {"type": "ris_rrc_list", "data": ["rrc00", "rrc01"]}
    gone = asked.replace(b"ris_subscribe", b"ris_unsubscribe")
    assert read(client.ask(gone) or b"") == Notice("ris_unsubscribe_ok")
    assert client.wanted == []


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        '{"type": "nonsense"}',
        '{"type": "ris_subscribe", "data": {"host": 7}}',
        '{"type": "ris_subscribe", "data": {"prefix": "no prefix"}}',
    ],
)
def test_what_makes_no_sense_is_an_error_of_the_service(text: str) -> None:
    notice = read(Client((), []).ask(text) or b"")
    assert isinstance(notice, Notice)
    assert notice.kind == "ris_error"
    assert notice.text


def test_two_subscriptions_that_fit_give_a_message_once(said: list[Said]) -> None:
    assert len(told(client_of({"host": "rrc00"}, {"type": "UPDATE"}), said)) == len(said)


def test_a_dead_collector_says_nothing(tmp_path: Path) -> None:
    more = fault("bgp/rrc00", "dies", "03:00", "03:20")
    station = station_of(small_world(tmp_path, more), "rrc00")
    times = [one.time for one in said_between(station, BEGIN + 2 * HOUR, BEGIN + 4 * HOUR)]
    begin = int((BEGIN + 3 * HOUR).timestamp()) * 1_000_000
    assert not [one for one in times if begin <= one < begin + 20 * 60_000_000]
    assert any(one < begin for one in times)
    assert any(one > begin for one in times)


# BMP


def test_a_router_tells_its_tables_and_what_follows(station: Station) -> None:
    session = RouterSession()
    begin, end = DURING
    data = bmp.begin_session(station, begin) + bmp.said_between(station, begin, end)
    data += bmp.statistics(station, end) + bmp.termination()
    recorded: list[Recorded] = []
    for first in range(0, len(data), 1000):
        recorded += list(session.take(data[first : first + 1000], 1))
    assert session.name == "rrc00"
    assert session.ended
    assert not [name for name in session.counts if "damaged" in name]
    found = elements(*(one.data for one in recorded))
    ups = [one for one in found if one[3][0] == Kind.STATE and one[4][2] == 6]
    assert len(ups) == 7 + 1  # each peer, and the one that was reset once more
    table = {
        (who, what[1:], size[0]) for _, who, _, what, size in found if what[0] == Kind.ANNOUNCE
    }
    assert len({who for who, _, _ in table}) >= 6  # of the seventh it is a part, or nothing
    stream = elements(*update_records(station, *DURING))
    kinds = (Kind.ANNOUNCE, Kind.WITHDRAW)
    later = [one[1:] for one in stream if one[3][0] in kinds]
    assert [one[1:] for one in found if one[3][0] in kinds][-len(later) :] == later


def test_a_router_counts_its_routes(station: Station) -> None:
    session = RouterSession()
    list(session.take(bmp.begin_session(station, BEGIN), 1))
    list(session.take(bmp.statistics(station, BEGIN), 1))
    assert sum(n for name, n in session.counts.items() if "statistic" in name) == 7
