"""Claims are found, each tied to a verbatim quote, and read as a careful reader would."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelled_set import f1, kinds, labelled, read_sentence, score

from zicht.reports.claims import find_claims
from zicht.reports.languages import CODES, cues_of, speech
from zicht.reports.reading import publication, read_report

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.model.claim import Claim


def claims(text: str, published: str | None = "2022-01-06") -> tuple[Claim, ...]:
    stated = publication(published) if published else None
    return find_claims(read_report(text.encode(), name="a", published=stated))


def test_every_quote_is_verbatim_at_its_offsets() -> None:
    text = "Unrest.\n\nThe internet was cut in Togo 😀 on Monday. Access was restored on Tuesday."
    report = read_report(text.encode(), name="a")
    for one in find_claims(report):
        assert report.text[one.start : one.end] == one.quote
    assert len(find_claims(report)) == 2


def test_a_sentence_that_says_two_things_is_two_claims_each_with_its_time() -> None:
    found = claims("In Sudan the internet was cut on Monday, and access was restored on Wednesday.")
    assert [(one.type, str(one.time.day)) for one in found] == [
        ("shutdown", "2022-01-03"),
        ("restoration", "2022-01-05"),
    ]


def test_severity_is_what_is_left() -> None:
    left = {
        "Traffic in Iran fell from 100% to 2%: the internet was almost gone.": 2,
        "Internet traffic in Iran fell by 90 percent.": 10,
        "Connectivity in Iran is at 5% of ordinary levels, NetBlocks said, after it fell.": 5,
        "De connectiviteit in Iran daalde tot 4 procent van normaal.": 4,
        "Der Internetverkehr im Iran sank auf 4 Prozent.": 4,
        "Le trafic internet en Iran a chuté de 95 %.": 5,
        "El tráfico de internet en Irán cayó al 4 %.": 4,
        "Интернет-трафик в Иране упал до 4 процентов.": 4,
    }
    assert {text: claims(text)[0].percent for text in left} == left


def test_scope_repetition_source_and_reserve_are_read() -> None:
    text = (
        "According to the police spokesman, cited by Reuters, mobile internet and phone lines were"
        " reportedly cut in Togo for the third time."
    )
    found = claims(text)[0]
    assert found.scope == ("mobile", "voice")
    assert found.repeated == 3
    assert found.source == "the police spokesman"
    assert found.chain == ("Reuters",)
    assert found.hedged


def test_a_heading_that_repeats_a_claim_is_merged_with_it() -> None:
    text = (
        "Unrest goes on in Togo.\n\nOffline again\n\nNearly all of Togo was offline on Wednesday."
    )
    found = claims(text)
    assert len(found) == 1
    assert [one.quote for one in found[0].also] == ["Offline again"]
    assert found[0].repeated == 2


def test_who_it_was_and_why_is_shown_and_makes_no_claim_of_its_own() -> None:
    found = claims("The regime cut the internet in Togo in order to hide its crimes.")
    assert [one.type for one in found] == ["shutdown"]
    assert found[0].causes == ("in order to hide its crimes",)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The internet in Togo has not been restored.", "shutdown"),
        ("The internet in Togo was not cut.", "denial"),
        ("Togo ordered operators to cut mobile data.", "order"),
        ("On the orders of the government, mobile internet in Togo was cut on Monday.", "shutdown"),
        ("Togo will restore the internet tomorrow.", "plan"),
        ("Last year Togo shut down the internet for a week.", "historical"),
    ],
)
def test_what_is_so_is_told_from_what_is_not(text: str, kind: str) -> None:
    assert [one.type for one in claims(text)] == [kind]


def test_the_labelled_sentences_to_develop_by_are_read() -> None:
    table = score(one for one in labelled() if not one.kept)
    row = table["all"]
    assert all(f1(table[code]) >= 0.90 for code in ("en", "nl", "fr", "de", "es", "ru"))
    for measure, least in (("country", 0.95), ("day", 0.90), ("type", 0.85), ("refused", 0.90)):
        hits, tries = row[measure]
        assert hits / tries >= least, measure


def test_the_labelled_set_is_large_and_hard_enough() -> None:
    sentences = labelled()
    assert len(sentences) >= 1400
    assert sum(one.hard for one in sentences) >= 600
    assert {one.language for one in sentences} == {"en", "nl", "fr", "de", "es", "ru"}
    assert kinds(sentences)["shutdown"] >= 40


def test_every_list_of_a_well_supported_language_but_one_is_exercised() -> None:
    """Which lists no labelled sentence touches: where a native speaker's eye is needed most."""
    for code in CODES[:6]:
        used = set()
        for one in labelled():
            if one.language == code:
                words = read_report(one.text.encode(), name="a", language=code).words
                found = speech(code).claims.find(words.folded, breaks=words.breaks)
                used |= {match.kind for match in found}
        unused = {phrase.kind for phrase in cues_of(code)} - used
        assert len(unused) <= 1, (code, sorted(unused))


def test_no_list_has_a_phrase_twice() -> None:
    for code in CODES:
        phrases = [(one.kind, one.words) for one in cues_of(code)]
        assert all(one.words and all(one.words) for one in cues_of(code)), code
        assert len({kind for kind, _ in phrases}) >= 30, code


@given(st.text(alphabet="the internet was cut. off,;«»\n?", max_size=300))
def test_nothing_that_is_written_is_a_fault(text: str) -> None:
    report = read_report(b"x " + text.encode(), name="a", language="en")
    for one in find_claims(report):
        assert report.text[one.start : one.end] == one.quote


def test_the_reading_is_the_same_every_time() -> None:
    one = next(one for one in labelled() if one.kind == "shutdown")
    assert msgspec.json.encode(read_sentence(one)) == msgspec.json.encode(read_sentence(one))


def test_the_two_reports_make_the_claims_that_they_make(data_folder: Path) -> None:
    """Kept as offsets and hashes, for the texts are others'."""
    golden = {
        "000_dc177f7ba50d71bb.txt": (
            ("shutdown", "country/KZ", ("all",), "nearly all", 2, "NetBlocks", 1, HASHES[0]),
        ),
        "002_6b07fe4871454d0d.txt": (
            ("shutdown", "country/KZ", ("all", "voice"), "largely", None, None, 0, HASHES[1]),
        ),
    }
    for name, wanted in golden.items():
        report = read_report((data_folder / "reports" / name).read_bytes(), name=name)
        assert tuple(_golden(one) for one in find_claims(report)) == wanted


HASHES = ((919, 1066, "64afc49e8c7a"), (1515, 1658, "2195dc2334c6"))
"""Begin, end and the first of the SHA-256 of each quote."""


def _golden(one: Claim) -> tuple[object, ...]:
    quoted = hashlib.sha256(one.quote.encode()).hexdigest()[:12]
    return (
        one.type,
        one.place.entity,
        one.scope,
        one.severity.level,
        one.repeated,
        one.source,
        len(one.also),
        (one.start, one.end, quoted),
    )
