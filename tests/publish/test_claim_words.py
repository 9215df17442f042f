"""What is said of reports, in six languages: nothing stays a code, and nothing stays English."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

import zicht.reports
from zicht.model.claim import (
    CheckedReport,
    Claim,
    ClaimTime,
    ClaimType,
    LedgerRow,
    Measured,
    Note,
    Place,
    Precision,
    Published,
    RelationCode,
    Scope,
    Severity,
    Spell,
    SubClaim,
    Verdict,
)
from zicht.publish.checked_text import card, card_picture, checked_lines
from zicht.publish.checked_words import in_words, note_words, published_words
from zicht.publish.claim_words import (
    about,
    level_word,
    place_words,
    precision_word,
    scope_word,
    type_word,
    when,
)
from zicht.publish.language import LANGUAGES, language
from zicht.publish.ledger_words import figure, group_word, ledger_table, relation_words, row_kind
from zicht.publish.told_words import told
from zicht.publish.verdict_words import figure_words, part_words, reason_words, verdict_word

if TYPE_CHECKING:
    from collections.abc import Callable

    from zicht.publish.language import Language

FOREIGN = [code for code in LANGUAGES if code != "en"]
NOON = datetime(2022, 1, 5, 12, tzinfo=UTC)
TIME = ClaimTime(
    start=NOON,
    until=NOON.replace(hour=18),
    precision="part of day",
    inferred_from="the last such weekday up to the publication (2022-01-06), a time of the clock",
    clock="Asia/Almaty",
)
MEASURED = Measured(
    signal="ioda.bgp",
    title="Visible /24 blocks",
    entity="country/KZ",
    plane="control",
    lowest_percent=4.0,
    lowest_at=NOON,
    seen_percent=98.0,
    spells=(
        Spell(start=NOON, until=NOON.replace(hour=13), percent=4.0, down=True),
        Spell(start=NOON.replace(hour=13), until=NOON.replace(hour=14), percent=71.0, down=False),
        Spell(start=NOON.replace(hour=14), until=NOON.replace(hour=15), percent=5.0, down=True),
    ),
)
VALUES = {
    "entity": "country/KZ",
    "name": None,
    "scope": ("mobile", "fixed"),
    "left_percent": 20.0,
    "signal": "ioda.bgp",
    "belief": 0.95,
    "times": 2,
    "times_down": 1,
    "days": 14,
    "back_percent": 50.0,
    "depth_percent": 20.0,
    "chance": 0.97,
    "chance_asked": 0.95,
    "seen_percent": 99.0,
    "seen_percent_asked": 90.0,
    "operators": ("asn/9198",),
    "kinds": ("mobile",),
    "services": ("Telegram",),
    "precision": "month",
}


JUDGING = ("evidence", "losses", "reading", "services", "silence", "slowness", "verdict")


def codes(pattern: str) -> set[str]:
    """The codes that the judging of claims and the reading of reports give."""
    folder = Path(zicht.reports.__file__).parent
    checking = folder.parent / "observe" / "checking.py"
    judging = [folder / f"{name}.py" for name in JUDGING]
    texts = [one.read_text("utf-8") for one in (*judging, checking)]
    return {code for text in texts for code in re.findall(pattern, text)}


REASONS = codes(r'(?:Why\(|was_below\(|: |\("[a-z-]+",)\s*"([a-z]+-[a-z-]+)"')
NOTES = codes(r'Note\(\s*code="([a-z-]+)"')
PARTS = codes(r'part\(\s*claim,\s*"([a-z-]+)"')


def part(code: str = "down", reason: str = "was-down", **values: object) -> SubClaim:
    return SubClaim(
        code=code,
        verdict="supported",
        reason_code=reason,
        values={**VALUES, **values},  # type: ignore[dict-item]
        measured=(MEASURED,),
    )


CLAIM = Claim(
    id="abc",
    quote="Kazakhstan was offline.",
    start=0,
    end=23,
    sentence=1,
    type="shutdown",
    place=Place(entity="country/KZ", country="KZ", name="Kazakhstan", inferred_from="sentence"),
    places=("country/KZ",),
    scope=("all",),
    severity=Severity(level="nearly all", percent=5.0),
    percent=5.0,
    time=TIME,
    repeated=2,
    source="police",
    chain=("Reuters",),
    hedged=True,
    subclaims=(part(),),
    verdict="supported",
)
CHECKED = CheckedReport(
    report="r.txt",
    sha256="0" * 64,
    language="en",
    published=Published(start=NOON, until=NOON, inferred_from="now"),
    notes=(Note(code="published-unknown"),),
    simulated=False,
    claims=(CLAIM,),
    text=CLAIM.quote,
    version="0.1.0",
)


def test_the_code_names_what_is_told_here() -> None:
    assert {"was-down", "never-shown", "not-shown", "no-speed", "time-vague"} <= REASONS
    assert {"down", "back", "slowed", "unreachable"} <= PARTS
    assert {"hidden-characters", "published-by-event", "model-read"} <= NOTES


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_part_reason_and_note_has_words(code: str) -> None:
    words = language(code)
    for reason in REASONS - {"calls-affected", "messages-affected"}:
        assert reason_words(words, part(reason=reason)) != reason
    for name in PARTS:
        assert part_words(words, part(name)) != name
    for note in NOTES:
        assert note_words(words, Note(code=note)) != note


@pytest.mark.parametrize("code", FOREIGN)
@pytest.mark.parametrize(
    ("say", "values"),
    [
        (type_word, get_args(ClaimType)),
        (scope_word, get_args(Scope)),
        (precision_word, get_args(Precision)),
        (level_word, ("all", "nearly all", "largely", "partly", "unstated")),
        (verdict_word, (*get_args(Verdict), None)),
        (row_kind, ("emergency", "airport", "flights", "troops", "dead", "wounded")),
        (group_word, ("protesters", "security forces", "civilians", "in force", "ended")),
    ],
)
def test_every_word_is_of_the_language(
    code: str, say: Callable[[Language, str], str], values: tuple[str, ...]
) -> None:
    same = [one for one in values if say(language(code), one) == say(language("en"), one)]
    assert same in ([], ["restriction"], ["service"])  # French says these as English does


@pytest.mark.parametrize("code", FOREIGN)
def test_whole_reports_are_said_in_the_language(code: str) -> None:
    words, english = language(code), language("en")
    assert about(words, CLAIM) != about(english, CLAIM)
    assert when(words, TIME) != when(english, TIME)
    assert figure_words(words, MEASURED) != figure_words(english, MEASURED)
    shown = in_words(words, CHECKED)
    assert shown.notes[0].text != in_words(english, CHECKED).notes[0].text
    assert list(checked_lines(words, CHECKED)) != list(checked_lines(english, CHECKED))
    assert verdict_word(words, "supported") in card(words, CHECKED, "abc")
    assert (' text-anchor="end"' in card_picture(words, CHECKED, "abc")) == (code in {"fa", "ar"})
    assert published_words(words, CHECKED)


def test_in_english_a_report_reads_as_a_newsroom_would_say_it() -> None:
    words = language("en")
    shown = in_words(words, CHECKED).claims[0].subclaims[0]
    assert shown.text == "Kazakhstan, mobile data and fixed lines: down to 20% of ordinary or less"
    assert shown.reason == ("ioda.bgp was at most 20% of ordinary, with a belief of 95% and more.")
    assert " ".join(shown.figures) == (
        "Visible /24 blocks (ioda.bgp), Kazakhstan: lowest 4% of ordinary, on 5 January 2022 12:00"
        " UTC · back at 71% from 5 Jan 13:00 to 5 Jan 14:00 · down again · 98% of the time seen"
    )
    simulated = part_of(shown, "supported")
    assert reason_words(words, simulated).startswith("The data are simulated and confirm nothing.")


def part_of(shown: SubClaim, verdict: Verdict) -> SubClaim:
    return SubClaim(
        code=shown.code,
        verdict="simulated",
        simulated_verdict=verdict,
        reason_code=shown.reason_code,
        values=shown.values,
    )


def test_a_place_is_told_by_its_country_and_a_town_by_its_own_name() -> None:
    town = Place(entity="country/KZ", country="KZ", name="Aktau", inferred_from="sentence: a town")
    assert place_words(language("nl"), town) == "Aktau (Kazachstan)"
    assert place_words(language("nl"), CLAIM.place) == "Kazachstan"
    assert place_words(language("en"), Place(entity=None, country=None)) == "place unknown"


def test_how_a_time_was_told_is_taken_apart() -> None:
    words = language("nl")
    how = "no time is said; that of the statement before it: since a date, two times of the clock"
    assert told(words, how) == (
        "geen tijd genoemd; die van de uitspraak ervoor: sinds een datum, twee kloktijden"
    )
    over = "the day of publication (2022-01-02); published on any day of 2022-01-01 to 2022-01-02"
    assert told(words, over) == (
        "de dag van publicatie (2022-01-02); gepubliceerd op een dag van 2022-01-01 tot 2022-01-02"
    )
    third = "day number 3, counted back; the day before: a date of the Solar Hijri calendar"
    assert told(words, third) == (
        "dag nummer 3, teruggeteld; de dag ervoor: een datum van de Iraanse kalender"
    )
    assert told(words, "as a bird told") == "as a bird told"


def test_the_ledger_is_said_in_the_language() -> None:
    row = LedgerRow(
        quote="q",
        start=0,
        end=1,
        report="r",
        kind="dead",
        group="protesters",
        place=CLAIM.place,
        value_low=1001,
        value_high=None,
        issuer=None,
        chain=(),
        as_of=TIME,
        relation_code="same",
        relation_row=1,
    )
    words = language("fr")
    assert figure(words, row) == "1\N{NARROW NO-BREAK SPACE}001 ou plus"
    heads, cells = ledger_table(words, [row])
    assert len(heads) == len(cells[0])
    for code in get_args(RelationCode):
        one = LedgerRow(
            **{name: getattr(row, name) for name in row.__struct_fields__} | {"relation_code": code}
        )
        assert relation_words(words, one, [one]) not in {"", code}
