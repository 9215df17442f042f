"""Where and when something is said to be."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.reports.calendars import (
    from_jalali,
    is_jalali_leap,
    weekday_after,
    weekday_before,
    year_of,
)
from zicht.reports.claims import find_claims
from zicht.reports.gazetteer import russian_cases
from zicht.reports.places import find_mentions, topic
from zicht.reports.reading import publication, read_report
from zicht.reports.times import time_of


def mentions(text: str) -> list[tuple[str, str]]:
    report = read_report(text.encode(), name="a")
    return [(one.kind, one.value) for one in find_mentions(report)]


def when(text: str, published: str | None, country: str | None = "KZ") -> tuple[str, str, str]:
    stated = publication(published) if published else None
    report = read_report(text.encode(), name="a", published=stated)
    words = len(report.words.folded)
    found = time_of(report, [(0, words)], country, future=False)
    assert found.inferred_from
    start = found.start.isoformat()[:16] if found.start else "-"
    until = found.until.isoformat()[:16] if found.until else "-"
    return start, until, found.precision


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("The internet was cut in Kazakhstan's largest city.", "KZ"),
        ("De Kazachse regering sloot het internet af.", "KZ"),
        ("Les autorités kazakhes ont coupé internet.", "KZ"),
        ("In ganz Kasachstans Süden fiel das Internet aus.", "KZ"),
        ("El gobierno kazajo cortó internet.", "KZ"),
        ("Казахстанцы остались без интернета.", "KZ"),
        ("В Южном Судане отключили интернет.", "SS"),
        ("Internet was cut in Khartoum.", "SD"),
        ("Internet was cut in the DR Congo.", "CD"),
        ("Internet was cut off in Almaty by Kazakhtelecom.", "KZ"),
        ("The internet was cut by Kcell.", "KZ"),
        ("انقطع الإنترنت في السودان اليوم.", "SD"),
    ],
)
def test_places_are_found_by_all_their_names(text: str, country: str) -> None:
    claims = find_claims(read_report(text.encode(), name="a"))
    assert [one.place.country for one in claims] == [country]


def test_where_those_sit_who_speak_is_no_place() -> None:
    assert ("town", "GB") not in mentions("London-based NetBlocks said Togo was offline.")
    assert ("people", "RU") not in mentions("The Russian news agency TASS said so of Togo.")
    assert ("town", "GB") not in mentions("LONDON (Reuters) - Togo was offline on Monday.")


def test_a_word_in_small_letters_is_no_country() -> None:
    assert mentions("They roasted a turkey and some chad.") == []
    assert mentions("Того же дня интернет отключили в Чаде.") == [("country", "TD")]


def test_the_topic_is_what_is_named_first_and_most() -> None:
    text = "Kazakhstan is burning. Russia sent troops to Kazakhstan. Armenia leads the alliance."
    report = read_report(text.encode(), name="a")
    assert topic(report, find_mentions(report)) == "KZ"


def test_a_sentence_without_a_place_is_of_the_topic_and_says_so() -> None:
    text = "Protests go on in Kazakhstan. On Wednesday the internet was cut."
    claim = find_claims(read_report(text.encode(), name="a"))[0]
    assert (claim.place.country, claim.place.inferred_from) == ("KZ", "topic of the report")


def test_russian_names_are_declined() -> None:
    assert "Казахстане" in russian_cases("Казахстан")
    assert "Индией" in russian_cases("Индия")
    assert russian_cases("Мали") == []


@pytest.mark.parametrize(
    ("text", "published", "expected"),
    [
        (
            "Internet a été coupé dimanche 04 février à 22 heures.",
            "2024-02-06",
            ("2024-02-04T16:00", "2024-02-04T16:01", "minute"),
        ),
        (
            "Ze vielen in de nacht van woensdag op donderdag.",
            "2022-01-06",
            ("2022-01-05T14:00", "2022-01-06T01:00", "part of day"),
        ),
        (
            "In der Nacht auf Donnerstag fiel das Internet aus.",
            "2022-01-06",
            ("2022-01-05T14:00", "2022-01-06T01:00", "part of day"),
        ),
        (
            "В ночь со среды на четверг отключили интернет.",
            "2022-01-06",
            ("2022-01-05T14:00", "2022-01-06T01:00", "part of day"),
        ),
        (
            "It was cut at 10 p.m. local time (16:00 GMT) on Wednesday.",
            "2022-01-06",
            ("2022-01-05T16:00", "2022-01-05T16:01", "minute"),
        ),
        (
            "It fell between 10:00 and 14:00 UTC yesterday.",
            "2022-01-06",
            ("2022-01-05T10:00", "2022-01-05T14:00", "minute"),
        ),
        (
            "It has been off since Wednesday.",
            "2022-01-06",
            ("2022-01-04T18:00", "2022-01-06T18:00", "days"),
        ),
        (
            "Sinds een aantal dagen ligt het internet plat.",
            "2022-01-06",
            ("2022-01-01T18:00", "2022-01-06T18:00", "days"),
        ),
        (
            "It was cut in January 2019.",
            "2022-01-06",
            ("2018-12-31T18:00", "2019-01-31T18:00", "month"),
        ),
        (
            "It was cut on 5 January 2022, and after 12 hours back.",
            None,
            ("2022-01-04T18:00", "2022-01-05T18:00", "day"),
        ),
        ("It was cut on 5 January 2022.", None, ("2022-01-04T18:00", "2022-01-05T18:00", "day")),
        ("It was cut on Wednesday.", None, ("-", "-", "unknown")),
    ],
)
def test_times_are_resolved(
    text: str, published: str | None, expected: tuple[str, str, str]
) -> None:
    assert when(text, published) == expected


def test_days_of_the_solar_hijri_calendar_are_understood() -> None:
    text = "اینترنت در ۱۵ دی ۱۴۰۰ قطع شد"
    assert when(text, "2022-02-06", "IR")[0] == "2022-01-04T20:30"


def test_an_unknown_day_of_publication_widens_what_is_relative_to_it() -> None:
    start, until, precision = when("It was cut this morning.", "2022-01")
    assert (start[:10], until[:10], precision) == ("2021-12-31", "2022-01-31", "unknown")


@pytest.mark.parametrize(
    ("jalali", "gregorian"),
    [
        ((1400, 10, 15), date(2022, 1, 5)),
        ((1398, 8, 25), date(2019, 11, 16)),
        ((1399, 12, 30), date(2021, 3, 20)),
        ((1403, 1, 1), date(2024, 3, 20)),
        ((1342, 1, 1), date(1963, 3, 21)),
        ((1320, 1, 1), date(1941, 3, 21)),
    ],
)
def test_known_days_of_both_calendars_agree(jalali: tuple[int, int, int], gregorian: date) -> None:
    assert from_jalali(*jalali) == gregorian


def test_a_day_that_no_calendar_has_is_refused() -> None:
    assert not is_jalali_leap(1400)
    with pytest.raises(ValueError, match="no day"):
        from_jalali(1400, 12, 30)


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(0, 6))
def test_weekdays_before_and_after(day: date, weekday: int) -> None:
    before, after = weekday_before(day, weekday), weekday_after(day, weekday)
    assert before.weekday() == after.weekday() == weekday
    assert before <= day < after
    assert (after - before).days == 7


@given(st.dates(date(2010, 1, 1), date(2030, 1, 1)), st.integers(0, 300))
def test_a_year_left_unsaid_is_the_last_one_that_fits(day: date, before: int) -> None:
    then = date.fromordinal(day.toordinal() - before)
    if (then.month, then.day) != (2, 29):
        assert year_of(then.month, then.day, day, None) == then.year
        assert year_of(then.month, then.day, day, then.weekday()) == then.year
