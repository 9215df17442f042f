"""What the scripts and grammars of Arabic and Persian ask of the reading."""

from __future__ import annotations

import pytest

from zicht.reports.claims import find_claims
from zicht.reports.reading import publication, read_report
from zicht.reports.tokens import find_words, fold


def read(text: str, published: str = "2025-06-20") -> list[tuple[str, str | None, str]]:
    """Type, country and day of each claim."""
    report = read_report(text.encode(), name="text", published=publication(published))
    return [(one.type, one.place.country, str(one.time.day)) for one in find_claims(report)]


def test_signs_for_vowels_and_stretching_strokes_are_no_letters() -> None:
    assert find_words("تُظهر الإنترنـت تقريبًا").folded == ["تظهر", "الانترنت", "تقریبا"]
    assert find_words("ـ قطع").folded == ["قطع"]
    assert fold("١٢٫٥") == "12.5"


def test_a_people_is_known_by_the_adjective_of_a_country_that_ends_in_ya() -> None:
    assert read("قطعت الحكومة الإثيوبية الإنترنت أمس.") == [("shutdown", "ET", "2025-06-19")]


@pytest.mark.parametrize("word", ["بالإنترنت", "وبالإنترنت", "للإنترنت", "والإنترنت"])
def test_prepositions_and_articles_are_written_onto_an_arabic_word(word: str) -> None:
    text = f"انقطع الاتصال {word} في السودان أمس."
    assert read(text) == [("shutdown", "SD", "2025-06-19")]


def test_a_day_may_be_told_by_an_ordinal_word() -> None:
    text = "انقطع الإنترنت في السودان في السادس من مايو."
    assert read(text) == [("shutdown", "SD", "2025-05-06")]


def test_its_third_day_counts_back_to_the_first() -> None:
    report = read_report(
        "دخل انقطاع الإنترنت في أفغانستان يومه الثالث.".encode(),
        name="text",
        published=publication("2025-10-01"),
    )
    (claim,) = find_claims(report)
    assert claim.time.inferred_from.startswith("day number 3")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("۲۸ خرداد", "2025-06-18"),
        ("بیست و هشتم خرداد", "2025-06-18"),
        ("۲۸ جوزا", "2025-06-18"),
        ("۲۸ خرداد ۱۴۰۴", "2025-06-18"),
        ("۲۸ خردادماه", "2025-06-18"),
    ],
)
def test_a_solar_day_needs_no_year_in_persian(day: str, expected: str) -> None:
    assert read(f"اینترنت ایران {day} قطع شد.") == [("shutdown", "IR", expected)]


@pytest.mark.parametrize("when", ["در آبان ۹۸", "در آبان ماه ۱۳۹۸", "در سال ۱۳۹۸"])
def test_a_solar_month_or_year_long_ago_is_history(when: str) -> None:
    (claim,) = read(f"{when} حکومت ایران اینترنت را به طور کامل قطع کرد.")
    assert claim[0] == "historical"


def test_a_persian_verb_at_the_end_says_what_befell() -> None:
    text = "دولت اینترنت همراه را در تهران و چند شهر دیگر ایران از دیروز به طور کامل قطع کرد."
    assert read(text)[0][:2] == ("shutdown", "IR")


def test_a_persian_verb_at_the_end_is_negated_by_its_prefix() -> None:
    assert read("دولت ایران اینترنت را قطع نکرده است.")[0][0] == "denial"
    assert read("اینترنت در تهران وصل نمی‌شود.")[0][0] == "shutdown"


def test_a_persian_cable_is_not_kabul() -> None:
    assert read("قطع کابل دریایی اینترنت ایران را دیروز قطع کرد.")[0][1] == "IR"
    assert read("طالبان دیروز اینترنت را در کابل قطع کرد.")[0][1] == "AF"
