"""What tells of news: feeds, the stream of updates, and Grafana's lists."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack
from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import msgspec
import pytest
from web_world import HOSTILE, KNOWN, ONSET, make_store

from zicht.publish.alerts.atom import NAMESPACE
from zicht.store.records import Stored
from zicht.web.api import updates
from zicht.web.api.feeds import worth_telling
from zicht.web.api.problems import ProblemError
from zicht.web.api.updates import MOST_OF_A_CLIENT, MOST_STREAMS, Streams, changed
from zicht.web.serving import serving, terms_at
from zicht.web.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient

    from zicht.model.outage import Event
    from zicht.store import Store
    from zicht.web.desk import Desk

_GUARD = 60


def tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def feed(client: TestClient, address: str) -> ET.Element:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    return ET.fromstring(answer.content)  # noqa: S314 - our own answer


def test_a_feed_tells_the_events_of_all_countries_and_of_one(
    client: TestClient, store: Store
) -> None:
    whole = feed(client, "/feeds/all.atom")
    links = [entry.find(tag("link")).get("href") for entry in whole.iter(tag("entry"))]  # type: ignore[union-attr]
    assert {f"/event/{one.id}" for one in store.events()} == set(links)
    own = feed(client, "/feeds/country/KZ.atom?language=nl")
    assert own.findtext(tag("title")) == "Zicht: Kazachstan"
    assert all("Kazachstan" in (one.findtext(tag("title")) or "") for one in own.iter(tag("entry")))
    assert not list(feed(client, "/feeds/country/FR.atom").iter(tag("entry")))


def test_a_feed_is_what_the_standard_asks_for(client: TestClient) -> None:
    whole = feed(client, "/feeds/all.atom")
    for name in ("id", "title", "updated", "author"):
        assert whole.find(tag(name)) is not None
    entries = list(whole.iter(tag("entry")))
    ids = [entry.findtext(tag("id")) for entry in entries]
    assert len(set(ids)) == len(ids)
    times = [entry.findtext(tag("updated")) or "" for entry in entries]
    assert times == sorted(times, reverse=True)
    again = feed(client, "/feeds/all.atom?language=en")
    assert [entry.findtext(tag("id")) for entry in again.iter(tag("entry"))] == ids
    text = client.get("/feeds/all.atom").text
    assert "<script" not in text
    assert HOSTILE not in text


def test_a_country_that_is_none_is_refused(client: TestClient) -> None:
    assert client.get("/feeds/country/kz.atom").status_code == 400
    assert client.get("/feeds/country/.atom").status_code == 404


def revision(event: Event, number: int, **changes: Any) -> Stored[Event]:
    made = msgspec.structs.replace(event, revision=number, **changes)
    return Stored(made.id, number, made.retracted, KNOWN + timedelta(minutes=number), made)


def test_a_feed_has_an_entry_for_what_matters_alone(store: Store) -> None:
    event = next(one for one in store.events() if one.entity == "country/IR")
    end = (KNOWN, KNOWN + timedelta(minutes=5))
    history = [
        revision(event, 1),
        revision(event, 2, depth_percent=3.0),
        revision(event, 3, end=end, ongoing=False),
        revision(event, 4, end=None, ongoing=True),
        revision(event, 5, retracted=True),
        revision(event, 6, retracted=True, depth_percent=4.0),
        revision(event, 7),
    ]
    told = [(one.revision, kind) for one, kind in worth_telling(history)]
    assert told == [(1, "new"), (3, "end"), (4, "update"), (5, "retracted"), (7, "new")]
    assert [kind for _, kind in worth_telling(history[2:3])] == ["end"]
    assert not list(worth_telling([revision(event, 1, retracted=True)]))


class Stream:
    """A reader of server-sent events, over a socket."""

    def __init__(self, port: int, address: str, **headers: str) -> None:
        self.line = socket.create_connection(("127.0.0.1", port), timeout=_GUARD)
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        self.line.sendall(f"GET {address} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode())
        self.file = self.line.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = list(iter(self.file.readline, b"\r\n"))

    def lines(self) -> Iterator[str]:
        """Lines of the stream; the sizes of chunks stand between them."""
        for line in self.file:
            yield line.decode().rstrip("\r\n")

    def until(self, kind: str) -> Any:
        """The data of the next event of a kind."""
        found = False
        for line in self.lines():
            if line.startswith("event: "):
                found = line == f"event: {kind}"
            if found and line.startswith("data: "):
                return json.loads(line.removeprefix("data: "))
        raise AssertionError(f"the stream ended without {kind}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.line.close()


def test_updates_tell_what_is_new_as_it_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updates, "_LOOK", 0.05)
    monkeypatch.setattr("zicht.web.desk.LOOK", 0.1)
    store = make_store(tmp_path / "store")
    event = next(one for one in store.events() if one.entity == "country/KZ")
    with serving(store) as address:
        port = int(address.rstrip("/").rpartition(":")[2])
        with Stream(port, "/api/v1/updates?entity=KZ") as stream:
            assert stream.status == 200
            assert any(b"text/event-stream" in line for line in stream.headers)
            assert stream.until("view")["ongoing"] == 1
            later = msgspec.structs.replace(event, depth_percent=1.5, revision=event.revision + 1)
            store.write_detection(outages=(), events=[later], sicknesses=(), known_at=KNOWN)
            told = stream.until("event")
            assert told["id"] == event.id
            assert told["depth_percent"] == 1.5
            assert stream.until("view")["simulated"] is True


def test_a_client_reads_so_many_streams_and_no_more(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updates, "_LOOK", 0.05)
    with serving(store, terms=terms_at("127.0.0.1", per_second=0)) as address:
        port = int(address.rstrip("/").rpartition(":")[2])
        with ExitStack() as stack:
            streams = [
                stack.enter_context(Stream(port, "/api/v1/updates"))
                for _ in range(MOST_OF_A_CLIENT)
            ]
            assert [one.status for one in streams] == [200] * MOST_OF_A_CLIENT
            assert status_of(port) == 429
        # Until it is noticed that they have gone:
        assert any(status_of(port) == 200 for _ in range(10_000))


def status_of(port: int) -> int:
    with Stream(port, "/api/v1/updates") as stream:
        return stream.status


def test_streams_of_all_clients_are_bounded() -> None:
    streams = Streams()
    for number in range(MOST_STREAMS):
        streams.enter(str(number))
    with pytest.raises(ProblemError):
        streams.enter("one more")
    streams.leave("0")
    streams.enter("one more")
    assert "0" not in streams.readers


def test_a_stream_may_be_for_some_entities(client: TestClient, desk: Desk) -> None:
    view = desk.view()
    before = changed_view(view, events=())
    assert [one.id for one in changed(before, view, frozenset({"country/IR"}))] == [
        one.id for one in view.events if one.entity == "country/IR"
    ]
    assert len(list(changed(before, view, frozenset()))) == len(view.events)
    assert not list(changed(view, view, frozenset()))
    assert client.get("/api/v1/updates?entity=nowhere").status_code == 400


def changed_view(view: View, **changes: Any) -> View:
    given = {one.name: getattr(view, one.name) for one in fields(view) if one.init}
    return View(**given | changes)


def test_grafana_s_dashboard_asks_for_what_there_is(client: TestClient) -> None:
    dashboard = client.get("/grafana/dashboard.json").json()
    queries = [target for panel in dashboard["panels"] for target in panel["targets"]]
    queries += [one["query"]["infinityQuery"] for one in dashboard["templating"]["list"]]
    queries += [one["target"] for one in dashboard["annotations"]["list"]]
    begin = round(ONSET.timestamp() * 1000)
    values = {
        "${entity}": "country/KZ",
        "${__from}": str(begin),
        "${__to}": str(begin + 86_400_000),
    }
    assert len(queries) == 5
    for query in queries:
        asked = {one["key"]: values[one["value"]] for one in query["url_options"]["params"]}
        rows = client.get(f"{query['url']}?{urlencode(asked)}").json()
        assert isinstance(rows, list)
        assert rows
        for column in query["columns"]:
            assert column["selector"] in rows[0], query["url"]


def test_grafana_s_choices_are_the_entities_by_name(client: TestClient) -> None:
    choices = client.get("/grafana/entities").json()
    assert {"__text": "Kazakhstan", "__value": "country/KZ"} in choices
    assert not any("\N{RIGHT-TO-LEFT OVERRIDE}" in one["__text"] for one in choices)
