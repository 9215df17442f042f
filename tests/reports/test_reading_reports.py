"""Reports are read from any bytes, and what is no text is refused with a word on it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.errors import InputError, UsageError
from zicht.reports.identify import identify
from zicht.reports.languages import CODES, speech, split
from zicht.reports.reading import LARGEST, Report, decode, publication, read_report
from zicht.reports.tokens import Lexicon, find_words, to_phrase

PAGE = """<!doctype html><html lang="en"><head><title>News</title>
<meta property="article:published_time" content="2022-01-06T09:30:00+00:00"></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><article><h1>Offline again</h1>
<p>The internet was cut across Kazakhstan on Wednesday, residents of the largest city said.</p>
<p>Officials gave no reason for the outage, and did not say when it would return to normal.</p>
</article><script>document.write("The internet was cut in France")</script></body></html>"""


def texts(report: Report) -> list[str]:
    return [report.text[one.start : one.end] for one in report.sentences]


def test_a_page_gives_its_article_its_heading_and_its_time_of_publication() -> None:
    report = read_report(PAGE.encode(), name="page.html")
    assert report.published is not None
    assert report.published.start.isoformat() == "2022-01-06T09:30:00+00:00"
    assert texts(report)[0] == "Offline again"
    assert "France" not in report.text
    assert any(one.startswith("The internet was cut across Kazakhstan") for one in texts(report))


def test_markdown_has_its_date_in_front_and_its_headings_marked() -> None:
    text = "---\ntitle: x\ndate: 2022-01-06\n---\n# Offline\n\nThe internet is down in Togo.\n"
    report = read_report(text.encode(), name="a.md")
    assert report.published is not None
    assert report.published.start.isoformat() == "2022-01-06T00:00:00+00:00"
    assert [one.heading for one in report.sentences] == [True, False]


def test_a_date_before_the_text_may_be_a_month() -> None:
    report = read_report(b" date 2022-01 The internet was cut in Togo.", name="a")
    assert report.published is not None
    assert report.published.until.isoformat() == "2022-02-01T00:00:00+00:00"
    assert texts(report) == ["The internet was cut in Togo."]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-16", "The internet was cut off in Togo."),
        ("utf-8-sig", "L’internet a été coupé au Togo."),
        ("windows-1252", "L'accès à internet a été coupé à Lomé, où l'élection était prévue."),
        ("windows-1251", "В Казахстане отключили интернет, сообщили жители страны."),
    ],
)
def test_encodings_are_told_apart(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding), "a")[0] == text


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(InputError, match="no text"):
        read_report(bytes(range(32)) * 300, name="a.bin")
    with pytest.raises(InputError, match="no words"):
        read_report(b"  \n ", name="empty")
    with pytest.raises(InputError, match="a PDF, which is not read"):
        read_report(b"%PDF-1.7\nThe internet is down.", name="report.pdf")
    with pytest.raises(InputError, match="RTF"):
        read_report(b"{\\rtf1 The internet is down.}", name="report.rtf")
    with pytest.raises(InputError, match="larger than 10 MiB"):
        read_report(b"a " * (LARGEST // 2 + 1), name="large")


def test_controls_that_turn_lines_around_are_taken_out_and_told() -> None:
    report = read_report("The \u202einternet\u202c was\u200b cut in Togo.".encode(), name="a")
    assert report.text == "The internet was cut in Togo."
    assert (report.notes[0].code, report.notes[0].values) == ("hidden-characters", {"count": 3})


def test_sentences_end_where_they_end() -> None:
    english = b'Gen. Smith spoke at 5 p.m. on Friday. It cost 3.5 million. "Enough!" he said.'
    assert texts(read_report(english, name="a", language="en")) == [
        "Gen. Smith spoke at 5 p.m. on Friday.",
        "It cost 3.5 million.",
        '"Enough!" he said.',
    ]
    dates = b"It fell on January 5. In Togo it came back.\n\n2/ It fell again."
    assert texts(read_report(dates, name="a", language="en")) == [
        "It fell on January 5.",
        "In Togo it came back.",
        "It fell again.",
    ]
    german = "Am 5. Januar fiel das Netz aus. Danach kam es zurück."
    assert len(texts(read_report(german.encode(), name="a", language="de"))) == 2


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "The internet was cut in Kazakhstan on Wednesday."),
        ("nl", "In heel Kazachstan lag het internet plat."),
        ("fr", "Le réseau a été coupé à Conakry dimanche."),
        ("de", "Viele Kunden in Hamburg waren am Montag ohne Internet."),
        ("es", "En Cuba se cortó internet el domingo."),
        ("ru", "В Казахстане отключили интернет."),
        ("ar", "قطعت السلطات الإنترنت في السودان"),
        ("fa", "اینترنت در ایران قطع شد"),
        (None, "У Казахстані вимкнули інтернет"),
        (None, "Қазақстанда интернет өшірілді"),
        (None, "Az internetet lekapcsolták Kazahsztánban szerdán"),
    ],
)
def test_the_language_is_found(code: str | None, text: str) -> None:
    assert identify(find_words(text).folded, text) == code


def test_a_language_that_cannot_be_read_is_said_and_one_that_is_experimental_too() -> None:
    unread = read_report("У Казахстані вимкнули інтернет".encode(), name="a")
    persian = read_report("اینترنت در ایران قطع شد".encode(), name="a")
    assert [one.code for one in unread.notes] == ["language-unknown"]
    assert [one.code for one in persian.notes] == ["language-experimental"]
    with pytest.raises(UsageError, match="cannot be read"):
        read_report(b"The internet is down.", name="a", language="xx")


def test_publication_is_a_month_a_day_or_an_instant() -> None:
    assert publication("2022-12").until.isoformat() == "2023-01-01T00:00:00+00:00"
    assert (publication("2022-01-05").until - publication("2022-01-05").start).days == 1
    instant = publication("2022-01-05T10:00+06:00")
    assert instant.start == instant.until
    assert instant.start.hour == 4


def test_phrases_have_stems_and_gaps_and_the_longest_wins() -> None:
    phrases = [
        to_phrase("cut", "", "shut ... down"),
        to_phrase("power", "", "power cut*"),
        to_phrase("cut", "", "cut*"),
    ]
    lexicon = Lexicon(phrases)
    words = find_words("They shut the whole net down after power cuts").folded
    assert [(one.kind, one.first) for one in lexicon.find(words)] == [("cut", 1), ("power", 7)]


def test_a_compound_is_both_of_its_parts() -> None:
    lexicon = Lexicon(
        [to_phrase("net", "", "mobilfunk"), to_phrase("cut", "", "abschalt*")], ["net"]
    )
    assert {one.kind for one in lexicon.find(["mobilfunkabschaltung"])} == {"net", "cut"}


@given(st.text(max_size=400))
def test_offsets_are_those_of_the_text_whatever_it_is(text: str) -> None:
    words = find_words(text)
    assert all(text[a:b] for a, b in zip(words.starts, words.ends, strict=True))
    try:
        report = read_report(text.encode("utf-8", "replace"), name="a", language="en")
    except InputError:
        return
    spans = [(one.start, one.end) for one in report.sentences]
    assert spans == sorted(spans)
    assert all(report.text[a:b].strip() == report.text[a:b] for a, b in spans)


def test_alternatives_in_a_list_are_as_many_phrases() -> None:
    assert list(split("go/went dark, cut\n ... off,")) == ["go dark", "went dark", "cut ... off"]
    assert len(list(split("a/b c/d e"))) == 4


def test_every_language_has_all_small_words() -> None:
    for code in CODES:
        grammar = speech(code).grammar
        assert grammar.where, code
        assert grammar.and_, code
        assert grammar.net, code


_PARTS = st.sampled_from(["aba", "abab*", "ba", "caba", "ca*", "dab*", "dabab"])
_WORDS = st.lists(st.sampled_from(["aba", "abab", "ba", "caba", "cab", "dabab", "x"]), max_size=9)


@given(
    st.lists(st.lists(_PARTS, min_size=1, max_size=3), min_size=1, max_size=6),
    _WORDS,
    st.sampled_from([" ", " ... "]),
)
def test_every_phrase_is_found_wherever_its_words_stand(
    parts: list[list[str]], words: list[str], joint: str
) -> None:
    texts = [joint.join(one[:2]) for one in parts]
    lexicon = Lexicon([to_phrase(text, "", text) for text in texts])
    longest = {(one.kind, one.first) for one in lexicon.find(words)}
    for text in texts:
        alone = {(one.kind, one.first) for one in Lexicon([to_phrase("", "", text)]).find(words)}
        assert {first for _, first in alone} == {
            place for place in range(len(words)) if _stands_at(text.split(), words[place:])
        }
    assert all(_stands_at(text.split(), words[place:]) for text, place in longest)


def _stands_at(phrase: list[str], words: list[str]) -> bool:
    if not phrase:
        return True
    if phrase[0] == "...":
        return any(_stands_at(phrase[1:], words[skip:]) for skip in range(len(words)))
    fits = words and (
        words[0].startswith(phrase[0][:-1]) if phrase[0].endswith("*") else words[0] == phrase[0]
    )
    return bool(fits) and _stands_at(phrase[1:], words[1:])
