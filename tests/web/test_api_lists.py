"""Lists of the API: what is in them, their formats, their pages, and what travels along."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from web_world import END, HOSTILE, KNOWN, START

from zicht.model.outage import Event, Outage
from zicht.model.status import Status
from zicht.model.time import format_time
from zicht.web.api.events import tamed

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from zicht.store import Store

LISTS = [
    "/api/v1/events",
    "/api/v1/outages",
    "/api/v1/status",
    "/api/v1/series?entity=country/KZ",
    "/api/v1/connectivity?entity=country/KZ",
    "/api/v1/entities",
]
OF_DATA = LISTS[:-1]


def get(client: TestClient, address: str, **parameters: Any) -> Any:
    answer = client.get(address, params=parameters or None)
    assert answer.status_code == 200, answer.text
    return answer.json()


def arrow(client: TestClient, address: str) -> pa.Table:
    answer = client.get(address, headers={"accept": "application/vnd.apache.arrow.stream"})
    assert answer.headers["content-type"] == "application/vnd.apache.arrow.stream"
    return pa.ipc.open_stream(answer.content).read_all()


def csv(client: TestClient, address: str) -> pa.Table:
    answer = client.get(address, headers={"accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return pa_csv.read_csv(BytesIO(answer.content))


def test_events_are_the_records_of_the_store_with_their_promised_names(
    client: TestClient, store: Store
) -> None:
    told = get(client, "/api/v1/events")["data"]
    assert set(told[0]) == set(msgspec.to_builtins(store.events()[0]))
    events = msgspec.convert(told, list[Event])
    stored = [tamed(one) for one in store.events()]
    assert sorted(events, key=lambda one: one.id) == sorted(stored, key=lambda one: one.id)
    assert events[0].onset >= events[-1].onset


def test_outages_are_the_records_of_the_store(client: TestClient, store: Store) -> None:
    outages = msgspec.convert(get(client, "/api/v1/outages")["data"], list[Outage])
    assert {one.id for one in outages} == {one.id for one in store.outages()}
    pings = get(client, "/api/v1/outages", signal="probe.up24", entity="country/KZ")["data"]
    assert {one["signal"] for one in pings} == {"probe.up24"}
    assert {one["entity"] for one in pings} == {"country/KZ"}


def test_events_can_be_asked_by_entity_time_and_state(client: TestClient) -> None:
    assert {one["entity"] for one in get(client, "/api/v1/events", entity="KZ")["data"]} == {
        "country/KZ"
    }
    ongoing = get(client, "/api/v1/events", ongoing="true")["data"]
    assert [one["entity"] for one in ongoing] == ["country/IR"]
    late = get(client, "/api/v1/events", **{"from": format_time(END)})["data"]
    assert [one["entity"] for one in late] == ["country/IR"]
    assert not get(client, "/api/v1/events", until=format_time(START))["data"]


def test_the_state_of_everybody_is_told_and_of_some_at_another_time(client: TestClient) -> None:
    now = msgspec.convert(get(client, "/api/v1/status")["data"], list[Status])
    assert {"country/KZ", "country/IR"} <= {one.entity for one in now}
    then = get(client, "/api/v1/status", entity="country/KZ", at="2030-03-20T00:00Z")["data"]
    (kazakhstan,) = msgspec.convert(then, list[Status])
    assert kazakhstan.connectivity_percent is not None
    assert kazakhstan.connectivity_percent < 20
    assert kazakhstan.since is not None


def test_values_are_those_of_the_store_and_say_where_they_came_from(
    client: TestClient, store: Store
) -> None:
    told = get(client, "/api/v1/series", entity="country/KZ", signal="probe.up24", limit=20_000)
    stored = store.table(signals=["probe.up24"], entities=["country/KZ"])
    assert [one["value"] for one in told["data"]] == stored["value"].to_pylist()
    (origin,) = {one["origin"] for one in told["data"]}
    assert told["origins"][origin]["licence"] == "CC0 1.0"
    assert told["origins"][origin]["simulated"] is True
    assert told["signals"]["probe.up24"]["step"] == 1800


def test_connectivity_falls_in_the_outage_and_belief_rises(client: TestClient) -> None:
    span = {"from": "2030-03-19T06:00Z", "until": "2030-03-19T12:00Z"}
    told = get(client, "/api/v1/connectivity", entity="KZ", signal="probe.up24", **span)["data"]
    before, after = told[0], told[-1]
    assert before["connectivity_percent"] > 85
    assert before["belief_outage"] < 0.1
    assert after["connectivity_percent"] < 10
    assert after["belief_outage"] > 0.9


def test_an_event_tells_its_outages_and_what_was_said_before(
    client: TestClient, store: Store
) -> None:
    event = next(one for one in store.events() if one.entity == "country/KZ")
    told = get(client, f"/api/v1/events/{event.id}")
    assert msgspec.convert(told["data"], Event) == tamed(event)
    assert [one["id"] for one in told["evidence"]] == list(event.outages)
    assert len(told["revisions"]) == len(store.event_revisions(event.id))
    assert told["revisions"][-1]["event"]["revision"] == event.revision


def test_nothing_was_known_before_the_first_commit(client: TestClient, store: Store) -> None:
    early = format_time(START)
    assert not get(client, "/api/v1/events", as_of=early)["data"]
    assert not get(client, "/api/v1/series", entity="KZ", as_of=early)["data"]
    event = store.events()[0].id
    assert client.get(f"/api/v1/events/{event}", params={"as_of": early}).status_code == 404
    later = get(client, "/api/v1/events", as_of=format_time(KNOWN))
    assert later["data"]
    assert later["as_of"] == format_time(KNOWN)


@pytest.mark.parametrize("address", OF_DATA)
def test_licence_citation_and_simulated_travel_along_in_json(
    client: TestClient, address: str
) -> None:
    told = get(client, address)
    assert told["simulated"] is True
    assert told["sources"]
    for source in told["sources"]:
        assert source["licence"] == "CC0 1.0"
        assert source["citation"].startswith("The lab of Zicht")
        assert source["simulated"] is True


@pytest.mark.parametrize("address", OF_DATA)
def test_each_row_of_csv_and_arrow_tells_its_terms(client: TestClient, address: str) -> None:
    for table in (arrow(client, address), csv(client, address)):
        assert set(table["licence"].to_pylist()) == {"CC0 1.0"}
        assert all(text.startswith("The lab") for text in table["citation"].to_pylist())
        assert set(table["simulated"].to_pylist()) == {True}


@pytest.mark.parametrize("address", LISTS)
def test_the_three_formats_hold_the_same_rows(client: TestClient, address: str) -> None:
    rows = len(get(client, address)["data"])
    assert rows > 0
    assert arrow(client, address).num_rows == csv(client, address).num_rows == rows


def test_the_address_chooses_the_format_before_accept_does(client: TestClient) -> None:
    answer = client.get("/api/v1/events?format=csv", headers={"accept": "application/json"})
    assert answer.headers["content-type"].startswith("text/csv")
    ranged = client.get("/api/v1/events", headers={"accept": "text/html, text/*;q=0.9, */*;q=0.1"})
    assert ranged.headers["content-type"].startswith("text/csv")


@pytest.mark.parametrize("accept", ["image/png", "text/csv;q=0", "application/json;q=none", ";;,"])
def test_a_format_that_there_is_not_is_refused(client: TestClient, accept: str) -> None:
    answer = client.get("/api/v1/events", headers={"accept": accept})
    assert answer.status_code == 406
    assert "format=csv" in answer.json()["hint"]


def pages(client: TestClient, address: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    following: str | None = address
    while following:
        answer = client.get(following)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        link = answer.links.get("next") if hasattr(answer, "links") else None
        assert (link["url"] if link else None) == page["next"]
        found += page["data"]
        following = page["next"]
    return found


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/events?limit=1",
        "/api/v1/outages?limit=2",
        "/api/v1/entities?limit=1&type=asn",
        "/api/v1/series?entity=country/KZ,country/IR&limit=1000",
        "/api/v1/series?entity=KZ&from=2030-03-19T09:00Z&until=2030-03-19T12:00Z&limit=2",
    ],
)
def test_pages_add_up_to_the_whole(client: TestClient, address: str) -> None:
    base, _, query = address.partition("?")
    rest = [word for word in query.split("&") if not word.startswith("limit=")]
    limit = "limit=500" if "series" not in base else "limit=20000"
    whole = get(client, f"{base}?{'&'.join([*rest, limit])}")["data"]
    assert pages(client, address) == whole


def test_a_cursor_answers_only_the_question_that_it_was_given_for(client: TestClient) -> None:
    cursor = get(client, "/api/v1/outages?limit=1")["next"].partition("cursor=")[2]
    other = client.get("/api/v1/outages", params={"cursor": cursor, "entity": "KZ"})
    assert other.status_code == 400
    assert "another question" in other.json()["detail"]
    for nonsense in ("x", "AAAA", cursor[:-3], "kwGsYzll" * 20):
        answer = client.get("/api/v1/outages", params={"cursor": nonsense})
        assert answer.status_code == 400
        assert answer.json()["parameter"] == "cursor"


@pytest.mark.parametrize("word", ["Казахстан", "Kazachstan", "kasachstan", "قزاقستان"])
def test_a_country_is_found_by_its_name_in_any_language(client: TestClient, word: str) -> None:
    found = get(client, "/api/v1/entities", search=word)["data"]
    assert found[0]["entity"] == "country/KZ"
    assert not get(client, "/api/v1/entities", search=word, country="NL")["data"]


def test_the_entities_of_a_country_are_told(client: TestClient) -> None:
    found = get(client, "/api/v1/entities", country="KZ", type="asn")["data"]
    assert [one["entity"] for one in found] == ["asn/64500/KZ", "asn/64501/KZ"]


def test_an_operator_is_found_by_number_and_name_and_nobody_by_nonsense(
    client: TestClient,
) -> None:
    for word in ("64501", "AS64501", "dala fixed"):
        assert get(client, "/api/v1/entities", search=word)["data"][0]["entity"] == "asn/64501/KZ"
    assert not get(client, "/api/v1/entities", search="%%%\N{RIGHT-TO-LEFT OVERRIDE}")["data"]
    assert not get(client, "/api/v1/entities", search="no such place")["data"]


def test_titles_are_in_the_language_that_is_asked_for(client: TestClient) -> None:
    (found,) = get(client, "/api/v1/entities", search="Kazakhstan", type="country", language="nl")[
        "data"
    ]
    assert found["title"] == "Kazachstan"


def test_a_hostile_name_is_told_without_what_steers_a_screen(client: TestClient) -> None:
    told = get(client, "/api/v1/entities", search="64500")["data"][0]
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in told["name"] + told["title"]
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" in HOSTILE
