"""What holds of every answer of the API: caches, problems, the documentation, charts and texts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from starlette.testclient import TestClient
from web_world import KNOWN

from zicht.errors import FaultError, NotFoundError, StoreError, UsageError
from zicht.web.api.about import OPERATIONS
from zicht.web.api.cursors import question_of, read_cursor, write_cursor
from zicht.web.api.events import tamed
from zicht.web.api.problems import TYPES, ProblemError, harmless, problem_of
from zicht.web.api.reports import SENT
from zicht.web.app import application
from zicht.web.desk import Desk

if TYPE_CHECKING:
    from zicht.store import Store


def test_an_answer_that_the_reader_has_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/api/v1/events")
    again = client.get("/api/v1/events", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert not again.content
    other = client.get("/api/v1/events?limit=1", headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


@pytest.mark.parametrize("held", ["*", "{tag}", 'W/"x", {tag}', "{strong}"])
def test_any_way_to_name_what_a_reader_has_is_understood(client: TestClient, held: str) -> None:
    tag = client.get("/v2/entities/query").headers["etag"]
    named = held.format(tag=tag, strong=tag.removeprefix("W/"))
    again = client.get("/v2/entities/query", headers={"if-none-match": named})
    assert again.status_code == 304


def test_an_answer_is_known_by_its_time_once_it_is_older_than_a_second(store: Store) -> None:
    now = [KNOWN]
    desk = Desk(store, now=lambda: now[0])
    with TestClient(application(desk)) as reader:
        assert "last-modified" not in reader.get("/api/v1/events").headers
        now[0] += timedelta(seconds=5)
        made = reader.get("/api/v1/events").headers["last-modified"]
        assert made == "Fri, 22 Mar 2030 00:05:00 GMT"
        for since, status in (
            (made, 304),
            ("Fri, 22 Mar 2030 00:04:59 GMT", 200),
            ("soon", 200),
            ("Fri, 99 Mar 99999 00:04:59 GMT", 200),
        ):
            again = reader.get("/api/v1/events", headers={"if-modified-since": since})
            assert again.status_code == status
        other = {"if-none-match": '"another"', "if-modified-since": made}
        assert reader.get("/api/v1/events", headers=other).status_code == 200


def test_names_that_others_gave_are_short_and_harmless_in_records(store: Store) -> None:
    event = next(one for one in store.events() if one.entity == "country/KZ")
    long = "\N{RIGHT-TO-LEFT OVERRIDE}<script>" * 50_000
    assert event.operators
    operators = tuple(msgspec.structs.replace(one, name=long) for one in event.operators)
    told = tamed(msgspec.structs.replace(event, operators=operators))
    for one in told.operators:
        assert one.name is not None
        assert len(one.name) <= 80
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in one.name


def test_a_head_has_no_body(client: TestClient) -> None:
    asked = client.head("/api/v1/events")
    assert asked.status_code == 200
    assert asked.headers["etag"] == client.get("/api/v1/events").headers["etag"]


def test_answers_are_compressed_for_those_who_can_read_it(client: TestClient) -> None:
    zipped = client.get("/api/v1/outages", headers={"accept-encoding": "gzip"})
    plain = client.get("/api/v1/outages", headers={"accept-encoding": "identity"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.json() == plain.json()
    assert {"accept", "accept-encoding"} == set(plain.headers["vary"].split(", "))


@pytest.mark.parametrize(
    ("address", "status", "name", "parameter"),
    [
        ("/api/v1/nowhere", 404, "not-found", None),
        ("/api/v1/events/no-such-event", 404, "not-found", None),
        ("/api/v1/events/no such event", 400, "bad-parameter", "id"),
        ("/api/v1/events?colour=red", 400, "unknown-parameter", None),
        ("/api/v1/events?limit=0", 400, "bad-parameter", "limit"),
        ("/api/v1/events?limit=1&limit=2", 400, "bad-parameter", "limit"),
        ("/api/v1/events?limit=9999999999999999999999", 400, "bad-parameter", "limit"),
        ("/api/v1/events?limit=٣", 400, "bad-parameter", "limit"),
        ("/api/v1/events?entity=Atlantis", 400, "bad-parameter", "entity"),
        ("/api/v1/events?entity=" + ",".join(["KZ"] * 51), 400, "bad-parameter", "entity"),
        ("/api/v1/events?entity=" + "K" * 700, 400, "bad-parameter", "entity"),
        ("/api/v1/events?from=yesterday", 400, "bad-parameter", "from"),
        ("/api/v1/events?from=0001-01-01", 400, "bad-parameter", "from"),
        ("/api/v1/events?from=2030-03-02&until=2030-03-01", 400, "bad-parameter", "from"),
        ("/api/v1/events?ongoing=perhaps", 400, "bad-parameter", "ongoing"),
        ("/api/v1/events?as_of=9999-12-31", 400, "bad-parameter", "as_of"),
        ("/api/v1/events?format=xml", 400, "bad-parameter", "format"),
        ("/api/v1/events?" + "&".join(["limit=1"] * 80), 400, "bad-request", None),
        ("/api/v1/events?limit=%ff", 400, "bad-request", None),
        ("/api/v1/series", 400, "bad-parameter", "entity"),
        ("/api/v1/series?entity=KZ&signal=a%00b", 400, "bad-parameter", "signal"),
        ("/api/v1/status?at=2030-03-20", 400, "bad-parameter", "entity"),
        ("/api/v1/charts?entity=asn/1", 404, "not-found", None),
        ("/api/v1/charts?entity=KZ&language=tlh", 400, "bad-parameter", "language"),
        ("/api/v1/problems/none", 400, "bad-parameter", "name"),
    ],
)
def test_a_problem_says_what_is_wrong_and_what_to_do(
    client: TestClient, address: str, status: int, name: str, parameter: str | None
) -> None:
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["type"] == f"/api/v1/problems/{name}"
    assert problem.get("parameter") == parameter
    assert problem["detail"].endswith((".", "here."))
    assert problem["hint"]
    assert "`zicht" not in problem["hint"]


def test_every_kind_of_problem_is_explained_at_its_address(client: TestClient) -> None:
    for kind in TYPES.values():
        told = client.get(f"/api/v1/problems/{kind.name}").json()
        assert told == msgspec.to_builtins(kind)


def test_what_a_client_sent_is_said_back_harmless_and_short(client: TestClient) -> None:
    sent = "\N{RIGHT-TO-LEFT OVERRIDE}\x1b[31m" + "<script>" * 60
    answer = client.get("/api/v1/events", params={"from": sent})
    detail = answer.json()["detail"]
    assert len(detail) < 400
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in detail
    assert "\x1b" not in detail
    assert len(harmless("x" * 1_000_000)) == 300


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError("No.", "Look at `zicht status`."), 404),
        (UsageError("No."), 400),
        (StoreError("/secret/place is gone."), 503),
        (FaultError("index 7 of secrets"), 500),
    ],
)
def test_errors_of_ours_tell_nothing_of_the_machine(error: Any, status: int) -> None:
    problem = problem_of(error).problem
    assert problem.status == status
    assert "secret" not in problem.detail + problem.hint
    assert "`zicht" not in problem.hint


def test_cursors_come_back_as_they_were_written() -> None:
    question = question_of("events", {"entity": ("country/KZ",), "limit": 3})
    assert question == question_of("events", {"entity": ("country/KZ",), "limit": 4})
    assert question != question_of("events", {"entity": ("country/IR",)})
    cursor = write_cursor(question, ["a", "é"])
    assert read_cursor(cursor, question, parts=2) == ["a", "é"]
    with pytest.raises(ProblemError):
        read_cursor(cursor, question, parts=3)


def test_the_index_names_every_operation(client: TestClient) -> None:
    told = client.get("/api/v1").json()
    assert [one["address"] for one in told["operations"]] == [
        one.path for one in (*OPERATIONS, *SENT)
    ]
    assert client.get(told["documentation"]).json()["openapi"] == "3.1.0"


def test_the_document_describes_every_operation_and_its_records(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert set(document["paths"]) == {one.path for one in (*OPERATIONS, *SENT)}
    schemas = document["components"]["schemas"]
    assert {"Event", "Outage", "Status", "Problem", "Observation"} <= set(schemas)
    assert set(schemas["Event"]["properties"]) >= {"id", "class", "onset", "shutdown_likelihood"}
    for path, item in document["paths"].items():
        [operation] = item.values()
        assert operation["summary"], path
        assert all(one["description"] for one in operation["parameters"]), path
        assert {"400", "429", "503"} <= set(operation["responses"]), path


def test_a_chart_is_figures_a_specification_and_a_picture(client: TestClient) -> None:
    chart = client.get("/api/v1/charts?entity=KZ").json()
    assert {one["signal"] for one in chart["panels"]} == {
        "bgp.visible24",
        "probe.up24",
        "google.search",
    }
    assert chart["simulated"] is True
    spec = client.get("/api/v1/charts?entity=KZ&format=vega").json()
    assert spec["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
    picture = client.get("/api/v1/charts?entity=KZ&format=svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert chart["title"].replace("%", "") in picture.text.replace("%", "")
    assert client.get("/api/v1/charts?entity=KZ&format=png").content.startswith(b"\x89PNG")


def test_a_chart_of_operators_names_them_harmlessly(client: TestClient) -> None:
    chart = client.get("/api/v1/charts?entity=KZ&operators=true").json()
    assert {one["entity"] for one in chart["panels"]} == {"asn/64500/KZ", "asn/64501/KZ"}
    assert not any("\N{RIGHT-TO-LEFT OVERRIDE}" in one["name"] for one in chart["panels"])
    picture = client.get("/api/v1/charts?entity=KZ&operators=true&format=svg").text
    assert "<script" not in picture


def test_a_bulletin_is_plain_text_and_markdown(client: TestClient, store: Store) -> None:
    event = next(one for one in store.events() if one.entity == "country/KZ")
    told = client.get(f"/api/v1/events/{event.id}/bulletin?language=nl").json()
    assert told["language"] == "nl"
    assert "Kazachstan" in told["title"]
    assert told["simulated"] is True
    markdown = client.get(f"/api/v1/events/{event.id}/bulletin?format=md").text
    assert "Kazakhstan" in markdown
    assert "NOT A MEASUREMENT" in markdown


def test_health_is_told_of_this_moment(client: TestClient) -> None:
    told = client.get("/api/v1/health").json()
    assert told["time"] == "2030-03-22T00:05:00Z"
    assert told["sees"] is False
    assert told["verdict"]


def test_the_signals_are_told_with_their_terms(client: TestClient, store: Store) -> None:
    told = client.get("/api/v1/signals").json()["data"]
    assert {one["name"] for one in told} == set(store.signals())
    assert all(one["licence"] and one["citation"] for one in told)


def test_the_first_onset_of_an_event_does_not_move(store: Store) -> None:
    first = store.first_onsets("events")
    for event in store.events():
        assert first[event.id] == store.event_revisions(event.id)[0].record.onset[0]
    assert set(store.first_onsets("outages")) == {one.id for one in store.outages()}
