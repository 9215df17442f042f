"""Texts whose reading would take the square of their length if anything were read twice."""

from __future__ import annotations

import sys
import threading
import tracemalloc
from typing import TYPE_CHECKING, TypeVar

import pytest

from zicht.errors import InputError
from zicht.reports.claims import find_claims
from zicht.reports.figures import find_figures
from zicht.reports.ledger import make_ledger
from zicht.reports.lineage import lineages
from zicht.reports.reading import publication, read_report
from zicht.reports.times.datelines import after_dateline

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from zicht.reports.reading import Report

HANG = 60.0  # seconds; far more than any of these takes, far less than the square of its length
_MEGABYTE = 1 << 20
_DAY = publication("2022-01-06")
_CUT = "The internet was cut in Iran on Monday "

_T = TypeVar("_T")


def ends(work: Callable[[], _T]) -> _T:
    """What some work gives; fails where it does not end."""
    found: list[_T] = []
    wrong: list[Exception] = []

    def do() -> None:
        try:
            found.append(work())
        except Exception as error:  # noqa: BLE001 - it is raised below
            wrong.append(error)

    thread = threading.Thread(target=do, daemon=True)
    thread.start()
    thread.join(HANG)
    for error in wrong:
        raise error
    assert found, "this does not end"
    return found[0]


def read(text: str) -> Report:
    return read_report(text.encode(), name="a", language="en", published=_DAY)


@pytest.mark.parametrize(
    "text",
    [
        _CUT + "." * _MEGABYTE + "a",
        _CUT + ".…!?" * 200_000 + "'" * 200_000 + "a",
        _CUT + "e" + "\u0301\u0323" * (_MEGABYTE // 2),
        _CUT + "\u0301\u0323\u0327" * (_MEGABYTE // 3) + " again",
    ],
    ids=["stops", "stops and quotes", "marks upon a letter", "marks upon nothing"],
)
def test_rows_of_one_kind_of_mark_are_looked_at_once(text: str) -> None:
    assert len(ends(lambda: find_claims(read(text)))) == 1


def test_marks_beyond_those_of_any_language_are_taken_out_and_that_is_said() -> None:
    report = read("The net was cut in Iran, said Ngo\u0302\u0323 " + "x" + "\u0301" * 1_000)
    assert "Ng\u1ed9" in report.text
    assert len(report.text) < 100
    [note] = report.notes
    assert (note.code, note.values["count"]) == ("hidden-characters", 970)


def calls(name: str, work: Callable[[], object]) -> int:
    """How often a function of a name is called while some work is done."""
    count = 0

    def see(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event == "call" and frame.f_code.co_name == name

    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_headings_without_end_are_each_held_against_their_own_section() -> None:
    text = "Evening news\n\n"
    text += "## Internet cut in Iran\n\nThe internet was cut in Togo on Monday.\n\n" * 100
    assert calls("_same", lambda: find_claims(read(text))) == 100


def test_a_heading_is_merged_with_its_own_section_alone() -> None:
    text = (
        "Evening news\n\n## Internet cut in Iran\n\nThe internet was cut in Iran on Monday.\n\n"
        "## Internet cut in Togo\n\nPeople stayed at home.\n\n"
        "## More\n\nThe internet was cut in Togo on Monday."
    )
    claims = find_claims(read(text))
    assert [(one.place.country, len(one.also)) for one in claims] == [
        ("IR", 1),
        ("TG", 0),
        ("TG", 0),
    ]


def test_a_title_is_merged_with_whatever_section_says_it() -> None:
    text = (
        "Internet cut in Togo\n\n## Prices\n\nBread is dearer.\n\n"
        "## Networks\n\nThe internet was cut in Togo on Monday."
    )
    [claim] = find_claims(read(text))
    assert [one.quote for one in claim.also] == ["Internet cut in Togo"]


def test_a_dateline_is_looked_for_where_it_may_stand() -> None:
    text = "nothing happens here " * (9 * _MEGABYTE // 21) + _CUT
    report = read(text)
    last = len(report.words.folded)
    places = ends(lambda: {after_dateline(report, last - 8, last) for _ in range(100_000)})
    assert places == {last - 8}


def test_a_dateline_stands_behind_marks_of_a_list_too() -> None:
    report = read("News.\n\n* “KAMPALA, Jan 15 (Agency) - The internet was cut in Uganda.")
    assert report.words.folded[after_dateline(report, 1, len(report.words.folded))] == "the"


def test_one_statement_many_times_makes_a_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    report = read("At least 12 people were killed in Almaty, police said on Wednesday.")
    [row] = find_figures(report)
    monkeypatch.setattr("zicht.reports.ledger.find_figures", lambda _: (row,) * 60_000)
    rows = ends(lambda: make_ledger([report]))
    assert len(rows) == 60_000
    assert {row.lineage for row in rows} == {1}
    assert rows[-1].relation_row == 59_999


def test_a_statement_is_copied_from_the_first_other_report_that_has_it() -> None:
    text = b"At least 12 people were killed in Almaty, Kazakhstan, police said on Wednesday. "
    reports = [
        read_report(text * times, name=name, language="en", published=_DAY)
        for name, times in (("a", 2), ("b", 2), ("a", 1))
    ]
    rows = make_ledger(reports)
    told = [(row.report, row.relation_code, row.relation_row) for row in rows]
    assert told == [
        ("a", None, None),
        ("a", "same", 1),
        ("b", "copied", 1),
        ("b", "copied", 1),
        ("a", "copied", 3),
    ]


def test_statements_that_share_all_but_a_word_are_compared_with_some() -> None:
    shared = ["people", "were", "killed", "in", "the", "city", "on", "wednesday", "police"]
    found = ends(lambda: lineages([(*shared, str(number)) for number in range(60_000)]))
    assert set(found) == {1}


def test_a_text_of_many_words_and_claims_stays_small() -> None:
    text = (_CUT + ", it was said. ") * 300 + "nothing happens here on any quiet day " * 3_000
    find_claims(read(text))  # what is loaded once
    tracemalloc.start()
    try:
        assert len(find_claims(read(text))) == 300
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 15 * len(text)


@pytest.mark.parametrize("tag", ["<p {}>", "<p {}", '<img alt=">" {}>'])
def test_a_tag_with_attributes_without_end_is_refused(tag: str) -> None:
    page = "<html><body><p>The internet was cut in Togo.</p>"
    many = " ".join(f'a{number}="1"' for number in range(200_000))
    joined = "".join(f'a{number}="1"' for number in range(200_000))
    for attributes in (many, joined):
        data = (page + tag.format(attributes)).encode()
        with pytest.raises(InputError, match="tag without end"):
            ends(lambda data=data: read_report(data, name="a.html"))  # type: ignore[misc]


def test_long_pictures_drawings_and_scripts_within_a_page_are_no_such_tags() -> None:
    words = "The internet was cut in Togo on Monday, said the ministry of the interior. "
    path = " ".join(f"L {number} 5" for number in range(3_000))
    script = "if (a<b) " + "let a = b; " * 3_000
    page = (
        f"<html><head><script>{script}</script></head><body><p>{words}</p>"
        f'<img src="data:image/png;base64,{"A" * 90_000}=="><svg><path d="{path}"/></svg>'
        f"<p>{words * 300}</p></body></html>"
    )
    assert "cut in Togo" in read_report(page.encode(), name="a.html").text
