"""RIPE Atlas: probes counted out of an archive and events, made up after its documentation."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.errors import InputError
from zicht.model.entity import parse_entity
from zicht.sources.atlas import SERVICE
from zicht.sources.service import Answer, Piece, Request

if TYPE_CHECKING:
    from zicht.sources.parsed import Parsed

START = datetime(2022, 1, 5, tzinfo=UTC)
END = START + timedelta(hours=1)
BEFORE = START - timedelta(days=1)


def probe(number: int, asn: int | None = 9198, country: str = "KZ", *, up: bool = True) -> Any:
    return {
        "id": number,
        "country_code": country,
        "asn_v4": asn,
        "status": {"id": 1 if up else 2},
    }


def event(minutes: float, number: int, kind: str) -> Any:
    moment = int((START + timedelta(minutes=minutes)).timestamp())
    return {"prb_id": number, "timestamp": moment, "event": kind}


def read(
    probes: list[Any],
    events: list[Any],
    *entities: str,
    snapshot: object = None,
    end: datetime = END,
) -> Parsed:
    asked = [parse_entity(text) for text in entities or ("country/KZ",)]
    (piece,) = SERVICE.plan(asked, START, end, "http://127.0.0.1")
    stretches: dict[str, list[Any]] = {}
    for one in piece.requests[1:]:
        begin, stop = map(int, one.subject.split())
        stretches[one.subject] = [e for e in events if begin <= e["timestamp"] < stop]
    archive = {"results": probes, "snapshot_datetime": snapshot, "next": None}
    answers = [Answer(piece.requests[0], json.dumps(archive).encode())]
    answers += [
        Answer(one, json.dumps(stretches[one.subject]).encode()) for one in piece.requests[1:]
    ]
    return SERVICE.parse(piece, answers)


def counts(parsed: Parsed, entity: str = "country/KZ") -> list[float]:
    rows = parsed.observations.to_pylist()
    return [row["value"] for row in rows if row["entity"] == entity]


def test_a_probe_is_counted_until_it_is_found_to_be_gone() -> None:
    parsed = read([probe(1), probe(2)], [event(12, 1, "disconnect"), event(31, 1, "connect")])
    assert counts(parsed) == [2, 2, 2, 1, 1, 1, 1, 2, 2, 2, 2, 2]
    assert parsed.observations["samples"].to_pylist()[0] == 2


def test_all_gone_is_a_measured_zero_and_nowhere_a_probe_is_nothing() -> None:
    gone = [event(1, 1, "disconnect")]
    assert counts(read([probe(1)], gone))[1:] == [0] * 11
    assert read([probe(1)], gone, "country/IR").observations.num_rows == 0


def test_what_is_said_twice_or_out_of_order_counts_once() -> None:
    events = [event(31, 1, "connect"), event(12, 1, "disconnect"), event(12, 1, "disconnect")]
    assert counts(read([probe(1)], events)) == [1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1]


def test_of_two_events_in_a_second_the_connection_is_the_later() -> None:
    events = [event(12, 1, "connect"), event(12, 1, "disconnect")]
    assert counts(read([probe(1)], events)) == [1] * 12


def test_events_before_the_snapshot_are_in_it() -> None:
    noon = int((BEFORE + timedelta(hours=12)).timestamp())
    events = [event(-20 * 60, 1, "disconnect"), event(-10 * 60, 2, "disconnect")]
    assert counts(read([probe(1), probe(2)], events, snapshot=noon)) == [1] * 12
    stamp = "2022-01-04T12:00:00Z"
    assert counts(read([probe(1), probe(2)], events, snapshot=stamp)) == [1] * 12


def test_operators_are_counted_where_they_are() -> None:
    home = [probe(number) for number in range(10, 16)]
    guests = [probe(number, 174) for number in range(20, 26)]
    few = [probe(number, 29555) for number in range(30, 35)]
    probes = [*home, *guests, *few, probe(3, None), probe(4, 9198, "RU")]
    parsed = read(probes, [])
    assert counts(parsed) == [18] * 12
    assert set(parsed.observations["entity"].to_pylist()) == {
        "country/KZ",
        "asn/9198",
        "asn/174/KZ",
    }
    assert {fact.country for fact in parsed.entities} == {"KZ"}
    assert counts(read(probes, [], "asn/9198"), "asn/9198") == [6] * 12
    assert counts(read(probes, [], "asn/29555"), "asn/29555") == [5] * 12, "who asks is told"
    assert counts(read(probes, [], "asn/9198/RU"), "asn/9198/RU") == [1] * 12


def test_a_time_without_any_event_of_the_world_is_a_gap() -> None:
    many = [probe(number) for number in range(3000)]
    end = START + timedelta(hours=9)
    minutes = [one for one in range(-24 * 60, 9 * 60, 10) if not 3 * 60 < one < 4 * 60]
    events = [event(minute, 1, "connect") for minute in minutes]
    parsed = read(many, events, end=end)
    assert counts(parsed) == [3000] * 36, "nothing is said from the gap on"
    assert "its own fault" in parsed.notes[0]
    few = read(many[:10], events, end=end)
    assert few.notes == (), "of ten probes none may have moved"
    assert len(counts(few)) == 9 * 12


def test_without_an_archive_nothing_is_said() -> None:
    (piece,) = SERVICE.plan([parse_entity("KZ")], START, END, "http://127.0.0.1")
    parsed = SERVICE.parse(piece, [Answer(piece.requests[1], b"[]")])
    assert parsed.observations.num_rows == 0
    assert "no archive of 2022-01-04" in parsed.notes[0]


def test_the_next_page_of_an_archive_is_asked_for() -> None:
    request = Request("http://127.0.0.1/a", topic="probes")
    page = {"results": [], "next": "http://127.0.0.1/a?page=2"}
    following = SERVICE.more(Answer(request, json.dumps(page).encode()))
    assert following is not None
    assert (following.address, following.topic) == (page["next"], "probes")
    assert SERVICE.more(Answer(request, b'{"results": [], "next": null}')) is None


@pytest.mark.parametrize("stamp", ["soon", -1, 10**18])
def test_a_snapshot_of_no_time_is_refused(stamp: object) -> None:
    with pytest.raises(InputError, match="snapshot_datetime"):
        read([probe(1)], [], snapshot=stamp)


@given(
    st.lists(
        st.tuples(st.integers(-1440, 59), st.integers(1, 4), st.booleans()),
        max_size=30,
        unique=True,
    )
)
def test_counts_are_what_walking_through_the_events_gives(moves: list[Any]) -> None:
    events = [event(at, n, "connect" if up else "disconnect") for at, n, up in moves]
    state = {1: True, 2: True, 3: False, 4: True}
    expected = []
    rest = sorted(moves, key=lambda move: (move[0], move[2]))
    rest = [move for move in rest if move[0] > -1440]  # what is at the snapshot is in it
    for minute in range(0, 60, 5):
        while rest and rest[0][0] <= minute:
            _, number, up = rest.pop(0)
            state[number] = up
        expected.append(sum(state.values()))
    probes = [probe(n, up=n != 3) for n in (1, 2, 3, 4)]
    assert counts(read(probes, events)) == expected


def test_a_day_is_a_piece() -> None:
    pieces = list(SERVICE.plan([parse_entity("KZ")], START, END + timedelta(days=2), "http://x"))
    assert [(one.end - one.start) <= timedelta(days=1) for one in pieces] == [True] * 3
    assert isinstance(pieces[0], Piece)
    dates = [one.requests[0].address.partition("date=")[2][:10] for one in pieces]
    assert dates == ["2022-01-04", "2022-01-05", "2022-01-06"]
