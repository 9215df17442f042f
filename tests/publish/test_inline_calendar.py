from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import worlds
from pictures import parsed

from zicht.publish.inline.calendar import Day, calendar_year
from zicht.publish.inline.days import MOST_DAYS, Stretch, day_rows
from zicht.publish.language import language

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"
WORDS = language("en")


def year(days: dict[date, Day], seen: tuple[date, date] | None) -> ET.Element:
    watched = set()
    if seen is not None:
        length = (seen[1] - seen[0]).days + 1
        watched = {seen[0] + timedelta(days=number) for number in range(length)}
    drawn = calendar_year(WORDS, 2030, days, watched=watched, key="y", title="Events of 2030")
    return parsed(drawn)


def cells(svg: ET.Element, kind: str) -> int:
    return sum(
        str(path.get("d")).count("M")
        for path in svg.iter(f"{SVG}path")
        if path.get("class") == kind
    )


def test_a_year_has_a_cell_for_every_day() -> None:
    svg = year({}, (date(2030, 1, 1), date(2030, 12, 31)))
    assert (cells(svg, "quietly"), cells(svg, "blank")) == (365, 0)


def test_days_that_nobody_watched_are_blank_and_not_quiet() -> None:
    svg = year({}, (date(2030, 3, 1), date(2030, 3, 31)))
    assert (cells(svg, "quietly"), cells(svg, "blank")) == (31, 334)
    assert cells(year({}, None), "quietly") == 0


def test_a_day_with_an_event_is_filled_by_what_was_lost_and_links_to_it() -> None:
    days = {
        date(2030, 3, 7): Day(0.96, "7 March: fell to 4 %", "/event/one?x=1&y=2"),
        date(2030, 3, 8): Day(0.5, "8 March: fell to 50 %"),
    }
    svg = year(days, (date(2030, 1, 1), date(2030, 12, 31)))
    full, half = (
        float(str(one.get("height")))
        for one in svg.iter(f"{SVG}rect")
        if one.get("class") == "outage"
    )
    assert full == pytest.approx(2 * half, rel=0.1)
    (link,) = svg.iter(f"{SVG}a")
    assert (link.get("href"), link.get("aria-label")) == (
        "/event/one?x=1&y=2",
        "7 March: fell to 4 %",
    )
    assert cells(svg, "quietly") == 363


def test_weeks_begin_as_the_language_has_it() -> None:
    names = [one.text for one in year({}, None).iter(f"{SVG}text") if one.get("class") == "weekday"]
    assert names == ["M", "W", "F", "S"]


def stretches() -> list[Stretch]:
    return [
        Stretch(worlds.ONSET, worlds.LIFTED, back=False, label="down"),
        Stretch(worlds.LIFTED, worlds.AGAIN, back=True, label="back, <62 %"),
        Stretch(worlds.AGAIN, worlds.RESTORED, back=False, label="down again"),
    ]


def test_an_event_lies_in_rows_of_local_days() -> None:
    svg = parsed(day_rows(WORDS, stretches(), worlds.ALMATY, key="d", title="By the hour"))
    rows = [one.text for one in svg.iter(f"{SVG}text")]
    assert [text for text in rows if "Mar" in str(text)] == ["7 Mar", "8 Mar", "9 Mar", "10 Mar"]
    kinds = [one.get("class") for one in svg.iter(f"{SVG}rect")]
    assert kinds.count("back") == 1
    assert kinds.count("outage") >= 4


def test_the_hours_of_bars_add_up_to_the_stretches() -> None:
    svg = parsed(day_rows(WORDS, stretches(), worlds.ALMATY, key="d", title="By the hour"))
    widths = [
        float(str(one.get("width")).rstrip("%")) / 84 * 24
        for one in svg.iter(f"{SVG}rect")
        if one.get("class") == "outage"
    ]
    down = (worlds.LIFTED - worlds.ONSET) + (worlds.RESTORED - worlds.AGAIN)
    assert sum(widths) == pytest.approx(down / timedelta(hours=1), abs=0.3)


def test_an_event_of_years_has_a_bounded_number_of_rows() -> None:
    long = [Stretch(datetime(2020, 1, 1, tzinfo=UTC), worlds.END, back=False, label="down")]
    svg = parsed(day_rows(WORDS, long, worlds.ALMATY, key="d", title="By the hour"))
    assert len(list(svg.iter(f"{SVG}rect"))) == MOST_DAYS


def test_days_to_come_are_not_drawn() -> None:
    drawn = calendar_year(
        WORDS, 2030, {}, watched=(), until=date(2030, 1, 31), key="y", title="Events of 2030"
    )
    assert cells(parsed(drawn), "blank") == 31
