"""What stands on the pages: home, events, an event, health, method, words."""

from __future__ import annotations

import dataclasses
import gzip
import html
import re
from typing import TYPE_CHECKING

import msgspec
import pytest
from web_world import AGAIN, HOSTILE, KNOWN, ONSET, RESTORED

from zicht.place.names import country_codes
from zicht.publish.language import language
from zicht.web.asked import Asked
from zicht.web.page import render
from zicht.web.pages.home import home
from zicht.web.pages.method import scorecard

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from zicht.web.desk import Desk

PAGES = ("/", "/events", "/health", "/method", "/words", "/search?q=kazakhstan")


def _event(desk: Desk, entity: str) -> str:
    return next(one.id for one in desk.view().events if one.entity == entity)


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_weighs_little(client: TestClient, path: str) -> None:
    page = client.get(f"/en{path}")
    assert page.status_code == 200
    assert len(gzip.compress(page.content)) <= 50_000


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_heading_a_title_and_a_way_past_the_menu(
    client: TestClient, path: str
) -> None:
    page = client.get(f"/en{path}").text
    assert len(re.findall("<h1", page)) == 1
    assert re.search("<title>[^<]+ · Zicht</title>", page)
    assert 'href="#main"' in page
    assert 'id="main"' in page


def test_the_first_page_begins_with_what_goes_on(client: TestClient, desk: Desk) -> None:
    page = client.get("/en/").text
    assert "<h1>1 outage is going on</h1>" in page
    cards = page.split("</ul>")[0]
    assert f"/en/event/{_event(desk, 'country/IR')}" in cards
    assert "Iran" in cards


def test_the_first_page_has_the_countries_the_bad_ones_first(client: TestClient) -> None:
    text = _text(client.get("/en/").text)
    assert text.index("Iran outage") < text.index("Kazakhstan ordinary")
    assert "Netherlands" in text


def test_the_first_page_says_that_nothing_of_it_was_measured(client: TestClient) -> None:
    assert "RECONSTRUCTION" in client.get("/en/").text


def test_the_first_page_at_a_past_time_tells_what_was_known_then(client: TestClient) -> None:
    page = client.get("/en/", params={"as_of": "2030-03-01"}).text
    assert "This is what was known on 1 March 2030 00:00 UTC." in page
    assert "No outage is known to be going on" in page
    assert "as_of=2030-03-01" in page  # links stay in that time


def test_events_are_listed_the_latest_first(client: TestClient) -> None:
    page = client.get("/en/events").text
    assert page.index("Iran") < page.index("Kazakhstan fell")


def test_events_of_one_place_alone_are_listed(client: TestClient) -> None:
    page = client.get("/en/events", params={"entity": "KZ"}).text
    assert "Events in Kazakhstan" in page
    assert "Iran" not in page.split("<main")[1].split("</main>")[0]


@pytest.mark.parametrize("page", ["0", "-1", "x", "1" * 400, "1e3"])
def test_a_page_number_that_is_none_is_told_so(client: TestClient, page: str) -> None:
    answer = client.get("/en/events", params={"page": page})
    assert answer.status_code == 400
    assert "no number of a page" in answer.text


def test_an_event_is_told_with_its_evidence(client: TestClient, desk: Desk) -> None:
    page = client.get(f"/en/event/{_event(desk, 'country/KZ')}")
    text = _text(page.text)
    assert page.status_code == 200
    assert "while its routes stayed up" in text
    assert "What is not known" in text
    assert "Who or what caused it: measurements of connectivity do not tell." in text
    assert "probe.up24" in text
    assert f"{ONSET:%H:%M} UTC" in text or f"{ONSET:%H:%M}" in text
    assert "in Almaty" in text
    assert f"{RESTORED:%-d} March" in text
    assert "CC0 1.0" in text
    assert "zicht archive" in text


def test_an_event_that_goes_on_says_so(client: TestClient, desk: Desk) -> None:
    text = _text(client.get(f"/en/event/{_event(desk, 'country/IR')}").text)
    assert "still going on" in text
    assert f"{AGAIN:%-d} March 2030" in text


def test_an_event_shows_what_was_said_when(client: TestClient, desk: Desk) -> None:
    text = _text(client.get(f"/en/event/{_event(desk, 'country/KZ')}").text)
    assert "First said: routes up, packets dead" in text


def test_an_event_that_nobody_knew_yet_is_not_there(client: TestClient, desk: Desk) -> None:
    path = f"/en/event/{_event(desk, 'country/KZ')}"
    assert client.get(path, params={"as_of": "2030-03-01"}).status_code == 404
    assert client.get(path, params={"as_of": KNOWN.isoformat()}).status_code == 200
    assert client.get("/en/event/none").status_code == 404


def test_what_others_wrote_can_do_no_harm(client: TestClient, desk: Desk) -> None:
    page = client.get(f"/en/event/{_event(desk, 'country/KZ')}").text
    assert HOSTILE not in page
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;" in page


def test_the_bulletin_can_be_copied_in_the_language_of_the_page(
    client: TestClient, desk: Desk
) -> None:
    page = client.get(f"/nl/event/{_event(desk, 'country/KZ')}").text
    assert "Kazachstan viel terug" in page.split("<textarea")[1].split("</textarea>")[0]


def test_health_says_that_no_watch_writes(client: TestClient) -> None:
    text = _text(client.get("/en/health").text)
    assert "No watch has written to this store" in text
    assert "Answers to probes" in text
    assert "Licence: CC0 1.0." in text


def test_the_method_shows_the_scorecard_as_it_is(client: TestClient) -> None:
    text = _text(client.get("/en/method").text)
    for cells in scorecard().figures.values():
        for cell in cells:
            assert cell is None or cell.value in text


def test_words_tell_each_kind_of_event(client: TestClient) -> None:
    text = _text(client.get("/en/words").text)
    for kind in ("total", "routes-up-packets-dead", "platform-block"):
        assert kind in text


def test_a_page_is_made_once_and_again_when_the_store_has_changed(
    client: TestClient, desk: Desk
) -> None:
    first = client.get("/en/words", params={"x": "1"})
    assert client.get("/en/words", params={"x": "1"}).headers["etag"] == first.headers["etag"]
    assert desk.view().key


def test_an_event_says_what_it_looks_like_and_why(client: TestClient, desk: Desk) -> None:
    event = next(one for one in desk.view().events if one.entity == "country/KZ")
    text = _text(client.get(f"/en/event/{event.id}").text)
    assert event.shutdown_likelihood is not None
    assert "Ordered, or a fault?" in text
    assert "None of it tells who did it." in text
    sentences = event.shutdown_likelihood.evidence_for + event.shutdown_likelihood.not_weighed
    assert sentences
    assert all(html.escape(one) in text or one in text for one in sentences)


def test_many_ordinary_countries_are_a_list_below_the_others(desk: Desk) -> None:
    view = desk.view()
    assert view.statuses is not None
    ordinary = view.statuses["country/NL"]
    others = [f"country/{code}" for code in sorted(country_codes())[:60]]
    statuses = {one: msgspec.structs.replace(ordinary, entity=one) for one in others}
    statuses |= {"country/IR": view.statuses["country/IR"]}
    asked = Asked(
        desk=desk,
        view=dataclasses.replace(view, entities=tuple(statuses), statuses=statuses),
        words=language("en"),
        path="/",
        parts={},
        parameters={},
        as_of=None,
        in_address=True,
    )
    text = render(asked, home(asked))
    rows, rest = text.split('<table class="data countries">')[1].split("</table>")
    assert "country/IR" in rows
    assert "country/NL" not in rows
    assert "60 countries are ordinary" in _text(rest)
