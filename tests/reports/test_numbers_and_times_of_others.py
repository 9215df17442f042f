"""Numbers, days and answers that somebody made up to make the reading fail."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.errors import InputError, UsageError, ZichtError
from zicht.model.claim import CheckedReport
from zicht.model.time import parse_time
from zicht.observe.checking import check_report
from zicht.reports.claims import find_claims
from zicht.reports.corrections import correct, read_corrections
from zicht.reports.extraction import LONGEST, MOST, read_answer
from zicht.reports.figures import find_figures
from zicht.reports.reading import publication, read_report

DAY = publication("2022-01-06")
REPORT = read_report(
    b"The internet in Iran was cut on Monday. Nobody was there, they say.",
    name="a",
    language="en",
    published=DAY,
)
CLAIMS = find_claims(REPORT)

ODD_NUMBERS = [
    "\u00b2",
    "5\u00b2",
    "\u2464",
    "\u00bd",
    "\u216b",
    "9" * 400,
    "9" * 5_000,
    "1" + ",000" * 30,
    "1" + ",000" * 3_000,
    "1.1." + "9" * 5_000,
    "\u0665\u0660",
]


@pytest.mark.parametrize("number", ODD_NUMBERS, ids=lambda text: ascii(text[:12]))
@pytest.mark.parametrize(
    "line",
    [
        "The internet in Iran was cut to {} percent.",
        "The internet in Iran was cut on {} January {}.",
        "The internet in Iran was cut on 5 esfand {} and at {} am, {}:{}, {}-{}-2022.",
        "The internet in Iran was cut {} days ago for the {}th time.",
        "In Iran {} people were killed, and about {} thousand were arrested, police said.",
    ],
    ids=lambda line: line[-24:],
)
def test_numbers_that_are_none_are_read_as_none(line: str, number: str) -> None:
    text = line.replace("{}", number)
    checked = check_report(None, text.encode(), name="a", language="en", published=DAY)
    assert msgspec.json.decode(msgspec.json.encode(checked), type=CheckedReport) == checked
    for claim in checked.claims:
        assert checked.text[claim.start : claim.end] == claim.quote
        assert claim.percent is None or 0 <= claim.percent <= 100
    report = read_report(text.encode(), name="a", language="en", published=DAY)
    for row in find_figures(report):
        assert (row.value_low or 0) < 1 << 53, "JSON knows no larger one"
        assert (row.value_high or 0) < 1 << 53


def test_numbers_with_marks_in_them_are_still_read() -> None:
    text = "In Iran 1,234,567 people were arrested and 2 000 000 people were wounded, police said."
    report = read_report(text.encode(), name="a", language="en", published=DAY)
    assert [row.value_low for row in find_figures(report)] == [1_234_567, 2_000_000]


@pytest.mark.parametrize(
    "time",
    ["0001-01-01", "0001-01", "1989-12-31", "2200-01-01", "9999-12", "9999-12-31T23:59-14:00"],
)
def test_nothing_was_published_in_other_ages(time: str) -> None:
    with pytest.raises(UsageError, match="internet"):
        publication(time)
    side = read_corrections(f'confirmed_by = "a"\npublished = "{time}"'.encode(), "s")
    with pytest.raises(UsageError, match="internet"):
        check_report(None, b"The internet in Iran was cut.", name="a", corrections=side)
    dated = check_report(None, f"date: {time}\n\nThe internet in Iran was cut.".encode(), name="a")
    assert dated.published is None


@pytest.mark.parametrize("time", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00"])
def test_the_first_and_the_last_hours_of_all_are_no_times(time: str) -> None:
    with pytest.raises(UsageError, match="is no time"):
        parse_time(time)


_WORDS = (
    "yesterday",
    "tomorrow",
    "999 years ago",
    "999 months ago",
    "last year",
    "next month",
    "on Wednesday night",
    "on 31 December",
    "on 29 February",
    "for a ninth day in a row",
    "on the eve",
    "between 23:00 and 22:00 UTC",
    "on 30 Esfand 1400",
    "on 31 February 2022",
    "in 2099",
)


@given(
    st.sampled_from(["1990-01-01", "2199-12-31", "1990-01", "2199-12", "2199-12-31T23:59-14:00"]),
    st.lists(st.sampled_from(_WORDS), min_size=1, max_size=3),
    st.sampled_from(["was cut", "will be cut", "was restored"]),
    st.sampled_from(["Iran", "Samoa", "Kiribati"]),
)
def test_words_for_times_can_be_said_on_any_day(
    day: str, words: list[str], verb: str, country: str
) -> None:
    text = f"The internet in {country} {verb} {', '.join(words)}."
    checked = check_report(None, text.encode(), name="a", language="en", published=publication(day))
    for claim in checked.claims:
        start, until = claim.time.start, claim.time.until
        assert start is None or until is None or start < until


@pytest.mark.parametrize(
    "line",
    [
        "percent = nan",
        "percent = inf",
        "percent = -5",
        "percent = 100.5",
        "percent = " + "9" * 5_000,
        "repeated = -5",
        "repeated = " + "9" * 30,
        "repeated = " + "9" * 5_000,
        "repeated = 0x" + "f" * 5_000,
        "from = 0001-01-01T00:00:00+14:00",
        "until = 9999-12-31T23:59:59-14:00",
        "from = 2022-01-05T00:00:00Z\nuntil = 2021-01-05T00:00:00Z",
        "from = 2022-01-01T00:00:00",
        "from = 2022-01-01",
        "place = 'asn/" + "9" * 5_000 + "'",
    ],
    ids=lambda line: line[:24],
)
def test_a_side_file_says_nothing_that_cannot_be(line: str) -> None:
    data = f'confirmed_by = "a"\n[[claim]]\nid = "{CLAIMS[0].id}"\n{line}\n'
    with pytest.raises(InputError):
        read_corrections(data.encode(), "s")


def test_a_side_file_cannot_end_a_claim_before_it_begins() -> None:
    data = f'confirmed_by = "a"\n[[claim]]\nid = "{CLAIMS[0].id}"\nuntil = 2021-01-05T00:00:00Z\n'
    with pytest.raises(UsageError, match="before it begins"):
        correct(CLAIMS, read_corrections(data.encode(), "s"))


@given(st.text(max_size=200))
def test_any_text_is_a_side_file_or_refused(text: str) -> None:
    for whole in (text, f'confirmed_by = "a"\n{text}'):
        try:
            read_corrections(whole.encode("utf-8", "replace"), "s")
        except ZichtError:
            continue


def _answer(content: str) -> bytes:
    return json.dumps({"choices": [{"message": {"content": content}}]}).encode()


@pytest.mark.parametrize(
    "answer",
    [
        b"[" * 200_000,
        b'{"choices":' * 50_000,
        b'{"choices":[{"message":{"content":"\xff"}}]}',
        _answer("[" * 200_000),
        _answer('{"statements":' + '{"a":' * 100_000),
        _answer('{"statements":{"shutdown":[{"sentence":' + "9" * 5_000 + ',"words":"x"}]}}'),
    ],
    ids=["deep", "deep objects", "no UTF-8", "deep content", "deep statements", "no number"],
)
def test_a_model_that_answers_nonsense_is_told_so(answer: bytes) -> None:
    with pytest.raises(InputError, match="model"):
        read_answer(REPORT, answer)


def test_a_model_that_lies_adds_nothing_and_takes_no_time() -> None:
    lies = [{"sentence": 2, "words": f"nobody {n}"} for n in range(MOST)]
    more = [{"sentence": 2, "words": "Nobody"} for _ in range(20_000)]
    content = json.dumps({"statements": {"shutdown": lies + more}})
    found = read_answer(REPORT, _answer(content))
    assert found.claims == CLAIMS
    assert (found.added, found.dropped) == (0, MOST + 20_000)


def test_what_a_model_says_again_counts_once() -> None:
    said = [{"sentence": 2, "words": "Nobody was there"}] * 3
    found = read_answer(REPORT, _answer(json.dumps({"statements": {"shutdown": said}})))
    assert (found.added, found.dropped) == (1, 0)
    assert len({one.id for one in found.claims}) == len(found.claims)


def test_a_model_reads_nothing_that_it_was_not_sent() -> None:
    text = "Nobody was there, they say. " * (LONGEST // 20)
    report = read_report(text.encode(), name="a", language="en", published=DAY)
    last = len(report.sentences)
    content = json.dumps({"statements": {"shutdown": [{"sentence": last, "words": "Nobody"}]}})
    found = read_answer(report, _answer(content))
    assert (found.claims, found.dropped) == ((), 1)


@pytest.mark.parametrize("language", ["en", "fa", "ar", "ru"])
def test_strokes_that_draw_words_out_are_no_words(language: str) -> None:
    text = "\u0640 The internet \u0640\u0640 in Iran, \u0640 was cut. \u0642\u0637\u0639 \u0640"
    checked = check_report(None, text.encode(), name="a", language=language, published=DAY)
    for claim in checked.claims:
        assert checked.text[claim.start : claim.end] == claim.quote
    report = read_report(text.encode(), name="a", language=language)
    assert all(report.words.folded)
    with pytest.raises(InputError, match="holds no words"):
        read_report("\u0640 \u0640\u0640".encode(), name="a")
