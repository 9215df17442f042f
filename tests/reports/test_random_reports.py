"""Words of each language thrown together: whatever they say, reading them is no fault."""

from __future__ import annotations

import random

import msgspec
import pytest
from babel import Locale

from zicht.reports.claims import find_claims
from zicht.reports.figures import find_figures
from zicht.reports.languages import CODES, cues_of, speech
from zicht.reports.reading import publication, read_report

_NAMES = [
    "Kazakhstan",
    "Казахстане",
    "Iran",
    "NetBlocks",
    "London",
    "Almaty",
    "WhatsApp",
    "Kcell",
    "السودان",
    "Reuters",
]
_NUMBERS = (
    *[
        "5",
        "2022",
        "10:30",
        "22h30",
        "5.",
        "05.01.2022",
        "2022-01-05",
        "31/12/21",
        "1.000",
        "99%",
        "1400",
        "0",
        "32",
        "2022-13-45",
    ],
    *("29.02.2021", "1630 GMT", "12:99", "15 dey 1400", "1 000", "31 June", "30 February 2022"),
)
_MARKS = ("", "", ",", ".", ". ", ":", " –")
_PUBLISHED = (None, "2022-01-06", "2022-01", "2024-02-29T10:00Z")


@pytest.mark.parametrize("code", CODES)
def test_words_thrown_together_are_read_without_a_fault(code: str) -> None:
    chance = random.Random(code)  # noqa: S311 - no secret
    own = [" ".join(one.words).replace("*", "") for one in cues_of(code)]
    locale = Locale.parse(code)
    own += [*locale.days["format"]["wide"].values(), *locale.months["format"]["wide"].values()] * 5
    assert speech(code).code == code
    for _ in range(80):
        words = [
            chance.choice(own if chance.random() < 0.7 else [*_NAMES, *_NUMBERS])
            + chance.choice(_MARKS)
            for _ in range(chance.randrange(3, 60))
        ]
        stated = chance.choice(_PUBLISHED)
        report = read_report(
            " ".join(words).encode(),
            name="a",
            language=code,
            published=publication(stated) if stated else None,
        )
        for claim in find_claims(report):
            assert report.text[claim.start : claim.end] == claim.quote
            assert msgspec.json.encode(claim)
            if claim.time.start is not None and claim.time.until is not None:
                assert claim.time.start <= claim.time.until
        for row in find_figures(report):
            assert report.text[row.start : row.end] == row.quote
