"""Texts that are made to hurt: endless lines, nested marks, repeated halves of phrases."""

from __future__ import annotations

import threading

import pytest

from zicht.errors import InputError
from zicht.reports.claims import find_claims
from zicht.reports.figures import find_figures
from zicht.reports.reading import LARGEST, read_report

HANG = 90.0  # seconds; far more than any of these takes on the slowest machine

_MEGABYTE = 1 << 20


def within(text: str, language: str = "en") -> int:
    """How many claims a text makes; fails where reading it never ends."""
    found: list[int] = []

    def read() -> None:
        report = read_report(text.encode(), name="a", language=language)
        found.append(len(find_claims(report)) + len(find_figures(report)))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(HANG)
    assert found, "reading this text does not end"
    return found[0]


@pytest.mark.parametrize(
    "text",
    [
        "internet cut " * 4_000,
        "shut the " * 8_000,
        "a" * _MEGABYTE,
        "1," * 200_000,
        "1.000." * 60_000,
        "(" * 100_000 + "internet" + ")" * 100_000,
        "\n\n# " * 50_000 + "x",
        "date: " * 50_000 + "x",
        "5 January 2022 at 10:00 and " * 3_000,
        "according to " * 8_000,
        "“" * 100_000 + "internet was cut",
        "killed 5 people, " * 3_000,
        "- " * 100_000 + "x",
        "Kazakhstan " * 8_000,
    ],
    ids=lambda text: text[:12],
)
def test_no_text_makes_the_reading_slow(text: str) -> None:
    within(text)


def test_a_line_of_a_megabyte_is_read_to_its_end() -> None:
    text = "nothing happens here " * (_MEGABYTE // 21) + "The internet was cut in Togo on Monday."
    report = read_report(text.encode(), name="a", language="en")
    claims = find_claims(report)
    assert claims
    assert claims[-1].place.country == "TG"
    assert report.text[claims[-1].start : claims[-1].end] == claims[-1].quote


def test_ten_megabytes_are_read_and_more_is_refused() -> None:
    line = "The crowd went home, and nothing else is known of that evening.\n\n"
    text = line * (LARGEST // len(line))
    assert read_report(text.encode(), name="a", language="en").sentences
    with pytest.raises(InputError, match="larger"):
        read_report(text.encode() + b"x" * len(line) * 2, name="a")


def test_a_page_that_is_nested_without_end_is_no_fault() -> None:
    page = "<html><body>" + "<div>" * 5_000 + "The internet was cut in Togo." + "</div>" * 5_000
    try:
        report = read_report(page.encode(), name="a.html")
    except InputError:
        return
    assert "script" not in report.text


def test_mixed_encodings_are_read_as_far_as_they_go() -> None:
    data = "L'internet a été coupé au Togo lundi. ".encode() * 20 + "coupé".encode("latin-1")
    report = read_report(data, name="a")
    assert "coupé au Togo" in report.text
    assert [one.code for one in report.notes] == ["faulty-bytes"]
