"""Pages with charts: countries, operators, regions, charts alone, frames, comparisons."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from msgspec import structs
from web_world import HOSTILE, PINGS, ROUTES, TRAFFIC

from zicht.errors import UsageError
from zicht.model.belief import Assessment
from zicht.model.series import Series
from zicht.observe.pictures import common_signal
from zicht.web.marks import marks_asked, read_marks, write_marks

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from zicht.model.signal import Signal
    from zicht.web.desk import Desk

PATHS = (
    "/country/KZ",
    "/asn/64500/KZ",
    "/country/BE",
    "/chart/country/KZ",
    "/chart/country/KZ?signal=probe.up24&days=7",
    "/compare",
    "/compare?a=country/KZ&b=country/IR",
)


def _event(desk: Desk, entity: str) -> str:
    return next(one.id for one in desk.view().events if one.entity == entity)


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize("path", PATHS)
def test_a_page_with_charts_weighs_little(client: TestClient, path: str) -> None:
    page = client.get(f"/en{path}")
    assert page.status_code == 200
    assert len(gzip.compress(page.content)) <= 50_000


@pytest.mark.parametrize("path", PATHS)
def test_a_page_with_charts_keeps_to_the_policy(client: TestClient, path: str) -> None:
    page = client.get(f"/en{path}")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert not re.search(r"\sstyle=|<script(?! src=./static/)|\son[a-z]+=\"", page.text)
    assert len(re.findall("<h1", page.text)) == 1


def test_a_country_has_its_planes_operators_events_and_sources(client: TestClient) -> None:
    page = client.get("/en/country/KZ").text
    text = _text(page)
    assert "<h1><bdi>Kazakhstan</bdi></h1>" in page
    for words in ("Visible routes", "Answers to probes", "Search traffic", "The lab of Zicht"):
        assert words in text
    assert text.index("Mobile AS64502") < text.index("Kind unknown AS6450")
    assert "Dala Fixed" in text
    assert "2030" in text
    assert page.count('role="img"') >= 5


def test_every_chart_has_its_table_and_other_formats(client: TestClient) -> None:
    page = client.get("/en/country/KZ").text
    charts = page.count('<figure class="chart">')
    assert charts >= 4  # three planes and the hours
    assert page.count("The figures as a table") == 4  # the operators' too
    assert len(set(re.findall(r'href="(/api/v1/charts\?[^"]+format=png)"', page))) == 4


def test_a_chart_is_found_at_every_address_beside_it(client: TestClient) -> None:
    page = client.get("/en/chart/country/KZ", params={"signal": "probe.up24", "days": "7"}).text
    addresses = set(re.findall(r'href="(/api/v1/charts\?[^"]+)"', page))
    kinds = {}
    for address in addresses:
        answer = client.get(address.replace("&amp;", "&"))
        assert answer.status_code == 200, address
        kinds[answer.headers["content-type"].split(";")[0]] = answer
    assert set(kinds) == {"image/png", "image/svg+xml", "text/csv", "application/json"}


def test_an_operator_with_a_hostile_name_is_shown_as_text(client: TestClient) -> None:
    for path in ("/en/country/KZ", "/en/asn/64500/KZ", "/en/chart/asn/64500/KZ"):
        page = client.get(path).text
        assert HOSTILE not in page
        assert "\u202e" not in page
        assert "<script>" not in page
        assert "&lt;script&gt;" in page


def test_an_operator_that_cannot_be_observed_says_so(client: TestClient) -> None:
    assert "Nothing is measured of it." in client.get("/en/country/KZ").text


def test_a_country_of_which_nothing_is_measured_says_so(client: TestClient) -> None:
    page = client.get("/en/country/BE").text
    assert "Nothing is measured of it here." in page


@pytest.mark.parametrize(
    "path", ["/country/XX", "/country/KAZ", "/asn/zero", "/region/none", "/chart/planet/KZ"]
)
def test_what_there_is_not_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(f"/en{path}").status_code == 404


def test_a_calendar_tells_quiet_days_from_those_that_nobody_watched(client: TestClient) -> None:
    page = client.get("/en/country/NL").text
    (quiet,) = re.findall(r'class="quietly" d="([^"]+)"', page)
    (blank,) = re.findall(r'class="blank" d="([^"]+)"', page)
    assert quiet.count("M") == 21
    assert blank.count("M") > 40


def test_an_event_has_its_charts_the_belief_and_the_hours(client: TestClient, desk: Desk) -> None:
    page = client.get(f"/en/event/{_event(desk, 'country/KZ')}").text
    text = _text(page)
    assert "How sure it was, and when" in text
    assert "alert from 90%" in text
    assert page.count("The figures as a table") >= 4


def test_the_first_page_has_the_map(client: TestClient) -> None:
    page = client.get("/en/").text
    assert 'class="picture world" role="group"' in page
    assert 'href="/en/country/IR" aria-label="Iran: outage' in page
    assert "not measured" in page


def test_a_time_is_chosen_by_days_or_by_its_ends(client: TestClient) -> None:
    week = client.get("/en/country/KZ", params={"days": "7"}).text
    assert "15 March 2030" in week
    chosen = client.get(
        "/en/country/KZ", params={"from": "2030-03-10T00:00", "until": "2030-03-12T06:00"}
    ).text
    assert "10 March 2030 00:00 to 12 March 2030 06:00 UTC" in chosen


@pytest.mark.parametrize(
    "given",
    [
        {"days": "0"},
        {"days": "-1"},
        {"days": "9" * 5000},
        {"days": "soon"},
        {"from": "2030-03-12", "until": "2030-03-10"},
        {"from": "1990-01-01"},
        {"from": "yesterday"},
    ],
)
def test_a_time_that_makes_no_sense_is_refused(client: TestClient, given: dict[str, str]) -> None:
    assert client.get("/en/country/KZ", params=given).status_code == 400


def test_a_mark_in_the_address_stands_in_the_picture_as_text(client: TestClient) -> None:
    page = client.get(
        "/en/chart/country/KZ",
        params={"signal": "probe.up24", "mark": "2030-03-19T10:00Z~<script>cut</script>\u202e"},
    )
    assert page.status_code == 200
    assert "&lt;script&gt;cut&lt;/script&gt;" in page.text
    assert "<script" not in page.text
    assert "\u202e" not in page.text


def test_the_form_adds_a_mark_and_the_permanent_address_keeps_it(client: TestClient) -> None:
    page = client.get(
        "/en/chart/country/KZ",
        params={"signal": "probe.up24", "note_time": "2030-03-19T10:00", "note": "Cut"},
    ).text
    assert ">Cut</text>" in page
    assert "mark=2030-03-19T10%3A00%3A00Z~Cut" in page


@pytest.mark.parametrize("mark", ["no time", "soon~text", "2030-03-19T10:00Z"])
def test_a_mark_that_makes_no_sense_is_refused(client: TestClient, mark: str) -> None:
    assert client.get("/en/chart/country/KZ", params={"mark": mark}).status_code == 400


def test_marks_are_few_and_short() -> None:
    marks = marks_asked({"note_time": "2030-03-19T10:00", "note": "a | b" + "x" * 1_000_000})
    assert len(marks) == 1
    assert len(marks[0].text) <= 60
    two = (*marks, *read_marks("2030-03-19T11:00Z~Second, with a comma"))
    assert read_marks(write_marks(two)) == two
    with pytest.raises(UsageError, match="9 marks"):
        read_marks("|".join(["2030-03-19T10:00Z~x"] * 9))
    with pytest.raises(UsageError, match="letters"):
        read_marks("2030-03-19T10:00Z~" + "x" * 1_000_000)


def test_a_mark_stands_in_the_picture_to_download_too(client: TestClient) -> None:
    page = client.get(
        "/en/chart/country/KZ",
        params={"signal": "probe.up24", "mark": "2030-03-19T10:00Z~Cut <b>"},
    ).text
    address = re.findall(r'href="(/api/v1/charts[^"]+format=svg)"', page)[0]
    svg = client.get(address.replace("&amp;", "&")).text
    assert "Cut &lt;b&gt;" in svg
    assert "<b>" not in svg


def test_a_frame_may_stand_in_anybodys_page_and_has_no_scripts(client: TestClient) -> None:
    page = client.get("/en/embed/chart/country/KZ", params={"signal": "probe.up24"})
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors *" in policy
    assert "script-src" not in policy
    assert "x-frame-options" not in page.headers
    assert "The lab of Zicht" in page.text
    assert "RECONSTRUCTION" in page.text
    others = client.get("/en/country/KZ").headers["content-security-policy"]
    assert "frame-ancestors 'none'" in others


def test_a_signal_that_is_not_measured_is_not_found(client: TestClient) -> None:
    assert client.get("/en/chart/country/KZ", params={"signal": "no.such"}).status_code == 404


def test_two_places_are_compared_on_one_scale(client: TestClient) -> None:
    page = client.get("/en/compare", params={"a": "country/KZ", "b": "country/IR"}).text
    assert "Kazakhstan and Iran" in page
    assert "not measured here" in page  # Iran's use
    places = set(re.findall(r'class="level"[^>]* y="([\d.]+)"', page))
    assert len(places) == 2  # of 50 and of 100 percent, the same in all


def test_an_operator_may_be_compared_and_stays_chosen(client: TestClient) -> None:
    page = client.get("/en/compare", params={"a": "asn/64501/KZ", "b": "KZ"}).text
    assert '<option value="asn/64501/KZ" selected>' in page
    assert '<option value="country/KZ" selected>' in page


def test_two_events_are_compared_from_their_onsets(client: TestClient, desk: Desk) -> None:
    one, other = _event(desk, "country/KZ"), _event(desk, "country/IR")
    page = client.get("/en/compare", params={"event": one, "other": other})
    assert page.status_code == 200
    lefts = re.findall(r'class="maybe" x="([\d.]+)%"', page.text)
    assert len(lefts) >= 2
    assert max(map(float, lefts)) - min(map(float, lefts)) < 100
    assert client.get("/en/compare", params={"event": "no-such"}).status_code == 404


def test_pages_tell_what_was_known_at_a_time(client: TestClient) -> None:
    page = client.get("/en/country/KZ", params={"as_of": "2030-03-01T00:00Z"})
    assert page.status_code == 200
    assert "Nothing is measured of it here." in page.text


def test_the_style_of_pictures_is_served(client: TestClient) -> None:
    sheet = client.get("/charts.css")
    assert sheet.headers["content-type"].startswith("text/css")
    assert "--z-ink" in sheet.text
    assert "url(" not in sheet.text


def test_the_map_has_a_page_files_and_a_frame(client: TestClient) -> None:
    page = client.get("/en/map")
    assert "Outage in Iran" in page.text
    assert "The map as a table" in page.text
    svg = client.get("/en/map.svg")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in svg.headers["content-security-policy"]
    assert "The lab of Zicht" in svg.text
    assert client.get("/en/map.png").content.startswith(b"\x89PNG")
    frame = client.get("/en/embed/map")
    assert "frame-ancestors *" in frame.headers["content-security-policy"]
    assert 'target="_blank"' in frame.text


def test_the_map_of_a_past_time_is_another_one(client: TestClient) -> None:
    now = client.get("/en/map.svg").text
    then = client.get("/en/map.svg", params={"as_of": "2030-03-01"})
    assert then.status_code == 200
    assert then.text != now


def test_operators_are_laid_side_by_side_by_packets_of_the_hour() -> None:
    daily = replace_step(TRAFFIC, 86_400)
    series = [made(daily), made(daily), made(ROUTES), made(PINGS)]
    assert common_signal(series) == PINGS.name
    assert common_signal([made(daily), made(ROUTES)]) == ROUTES.name
    assert common_signal([made(daily)]) == daily.name
    assert common_signal([]) == ""


def replace_step(spec: Signal, step: int) -> Signal:
    return structs.replace(spec, name=f"{spec.name}.daily", step=step)


def made(spec: Signal) -> Assessment:
    none = np.empty(0)
    series = Series(spec, "asn/64500/KZ", 0, none, none)
    return Assessment(series, none, none, none, none, none, none, none, none, none, none, none)
