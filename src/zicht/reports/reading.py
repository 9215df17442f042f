"""Texts of others as they are read: bytes to the text that is shown, its sentences and its date.

A report is hostile until shown otherwise: it may be of any size, any encoding, full of controls
that turn lines around, or no text at all.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Literal

import msgspec

from zicht.errors import InputError, UsageError
from zicht.model.claim import Note, Published
from zicht.model.time import parse_time
from zicht.reports.heads import day_in_head
from zicht.reports.identify import identify
from zicht.reports.languages import CODES, speech
from zicht.reports.sentences import Sentence, find_sentences
from zicht.reports.tokens import Words, find_words

LARGEST = 10 << 20
"""The most bytes of a report that are read."""

PUBLISHED = range(1990, 2200)
"""Years in which a report may have been published."""

Kind = Literal["plain", "markdown", "html"]

_MOST_CONTROLS = 0.02  # of the characters; more is no text
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ufeff\u00ad\u200b\u2060]")
_MOST_MARKS = 30
"""Marks upon one letter (Unicode Standard Annex 15, section 13, Stream-Safe Text Format).

To put more of them in order takes a time that grows with their square.
"""
_MARKS = re.compile(rf"[^\w\x00-\x7f]{{{_MOST_MARKS + 1},}}")  # marks are no part of words
_STAMP = re.compile(
    r"\s{0,4}(?:date|datum|published)\s{0,2}[:=]?\s{0,2}(\d{4}-\d{2}(?:-\d{2})?)\b", re.IGNORECASE
)
_DOCUMENTS = {
    b"%PDF-": ("a PDF", "Give its text: pdftotext makes one, or copy and paste it."),
    b"{\\rtf": ("a document in RTF", "Save it as plain text."),
    b"PK\x03\x04": ("a document or an archive", "Save it as plain text or HTML."),
    b"\xd0\xcf\x11\xe0": ("a document of an office program", "Save it as plain text or HTML."),
    b"\x89PNG": ("a picture", "Give the text that it shows."),
    b"\xff\xd8\xff": ("a picture", "Give the text that it shows."),
    b"GIF8": ("a picture", "Give the text that it shows."),
}
"""What files begin with that hold no plain text, what they are called, and what helps."""

_FRONT = re.compile(r"---\r?\n")
_FIELD = re.compile(
    r"(?m)^(?:date|published|datePublished|pubdate)\s{0,4}:\s{0,4}[\"']?([0-9T:+\-Z .]{7,35})",
    re.IGNORECASE,
)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A text by somebody else, as it is read.

    Attributes:
        name: what it is called: a file's name or an address.
        sha256: hash of the bytes that were read.
        text: what is shown; offsets count its code points.
        language: the code of its language, or ``None`` where that is none that can be read.
        published: when it was published, or ``None``: unknown.
        sentences: its sentences and headings, in order.
        words: its words.
        notes: what a reader should know of how it was read.
    """

    name: str
    sha256: str
    text: str
    language: str | None
    published: Published | None
    sentences: tuple[Sentence, ...]
    words: Words
    notes: tuple[Note, ...] = ()


def read_report(
    data: bytes,
    *,
    name: str,
    kind: Kind | None = None,
    language: str | None = None,
    published: Published | None = None,
) -> Report:
    """Read a report from its bytes.

    Args:
        data: the bytes.
        name: what to call it; its ending tells the kind where the kind is not given.
        kind: plain text, Markdown, or a page of HTML, of which the article is taken.
        language: its language's code, else it is found.
        published: when it was published, else what the report says of that itself.

    Raises:
        InputError: it is too large, no text, or holds none.
        UsageError: the language is none that can be read.
    """
    if len(data) > LARGEST:
        raise InputError(f"{name} is larger than {LARGEST >> 20} MiB.", "Give the article alone.")
    kind = kind or _kind_of(data, name)
    raw, notes = decode(data, name)
    stated = published
    if kind == "html":
        raw, found = _article(raw, name)
        stated = stated or found
    text, hidden = _without_hidden(raw)
    if hidden:
        notes.append(Note(code="hidden-characters", values={"count": hidden}))
    begin = 0
    if stated is None or kind == "markdown":
        begin, found = _stated(text)
        stated = stated or found
    words = find_words(text)
    if not words.folded:
        raise InputError(f"{name} holds no words.", "Is it a picture, or an empty page?")
    if language is not None:
        speech(language)
    code = language or identify(words.folded, text)
    if code is None:
        notes.append(Note(code="language-unknown", values={"languages": CODES}))
    elif not speech(code).well_supported:
        notes.append(Note(code="language-experimental", values={"language": code}))
    report = Report(
        name=name,
        sha256=sha256(data).hexdigest(),
        text=text,
        language=code,
        published=stated,
        sentences=find_sentences(text, words, code, begin),
        words=words,
        notes=tuple(notes),
    )
    if stated is None and (day := day_in_head(report)) is not None:
        return msgspec.structs.replace(report, published=_dated(day.isoformat()))
    return report


def publication(text: str, inferred_from: str = "said by whoever asks") -> Published:
    """A time of publication from ISO 8601: a month, a day, or an instant.

    A day or a month without a zone may be that of any clock: it begins and ends where the first
    and the last place on Earth have it.

    Raises:
        UsageError: the text is no time, or one at which nothing was published.
    """
    text = text.strip()
    if (year := re.match(r"[0-9]{4}", text)) and int(year[0]) not in PUBLISHED:
        raise UsageError(
            f"No report on the internet is of {year[0]}.",
            f"Years from {PUBLISHED[0]} to {PUBLISHED[-1]} are understood.",
        )
    if re.fullmatch(r"\d{4}-\d{2}", text):
        start = parse_time(f"{text}-01")
        after = (start + timedelta(days=32)).replace(day=1)
        return Published(start=start, until=after, inferred_from=f"{inferred_from}: a month")
    start = parse_time(text)
    if len(text) <= len("2022-01-05"):
        return Published(
            start=start, until=start + timedelta(days=1), inferred_from=f"{inferred_from}: a day"
        )
    return Published(start=start, until=start, inferred_from=inferred_from)


def decode(data: bytes, name: str) -> tuple[str, list[Note]]:
    """The text of bytes in UTF-8, UTF-16 with its mark, or a code page of Windows.

    Raises:
        InputError: they are no text.
    """
    for mark, (kind, hint) in _DOCUMENTS.items():
        if data.lstrip(b"\r\n \t").startswith(mark):
            raise InputError(f"{name} is {kind}, which is not read.", hint)
    notes: list[Note] = []
    if data.startswith(_UTF16):
        text = data.decode("utf-16", errors="replace")
    else:
        data = data.removeprefix(codecs.BOM_UTF8)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text, note = _in_a_code_page(data)
            notes.append(note)
    controls = sum(text.count(chr(one)) for one in range(32) if chr(one) not in "\t\n\r\f\x1b")
    if controls > _MOST_CONTROLS * len(text) + 1:
        raise InputError(f"{name} is no text.", "Give it as plain text, Markdown or HTML.")
    return text, notes


def _in_a_code_page(data: bytes) -> tuple[str, Note]:
    """What is no UTF-8: mostly UTF-8 with faults, or Cyrillic or Western letters of Windows."""
    faulty = data.decode("utf-8", errors="replace")
    wrong = faulty.count("\ufffd")
    beyond = sum(one > "\x7f" for one in faulty)
    if wrong * 4 < beyond:
        return faulty, Note(code="faulty-bytes", values={"count": wrong})
    page = "windows-1251" if _looks_cyrillic(data) else "windows-1252"
    note = Note(code="code-page", values={"page": page})
    return data.decode(page, errors="replace"), note


def _looks_cyrillic(data: bytes) -> bool:
    """Letters above 0xC0 follow one another in Russian; in Western languages they stand alone."""
    high = [one >= 0xC0 for one in data[:20_000]]  # noqa: PLR2004 - where the letters are
    pairs = sum(first and second for first, second in pairwise(high))
    return pairs * 2 > sum(high)


def _kind_of(data: bytes, name: str) -> Kind:
    ending = name.lower().rpartition(".")[2]
    if ending in {"md", "markdown"}:
        return "markdown"
    head = data[:1000].lstrip().lower()
    if ending in {"html", "htm", "xhtml"} or head.startswith((b"<!doctype html", b"<html")):
        return "html"
    return "plain"


def _without_hidden(text: str) -> tuple[str, int]:
    """The text without what turns lines around or cannot be seen, composed (NFC)."""
    plain = _MARKS.sub(_fewer_marks, _HIDDEN.sub("", text))
    hidden = len(text) - len(plain)
    plain = plain.replace("\r\n", "\n").replace("\r", "\n").replace("\x1b", " ")
    plain = (
        "".join(one if one >= " " or one in "\t\n" else " " for one in plain)
        if any(one < " " and one not in "\t\n" for one in set(plain))
        else plain
    )
    return unicodedata.normalize("NFC", plain), hidden


def _fewer_marks(found: re.Match[str]) -> str:
    """A run of marks with no more of them upon one letter than any language has."""
    kept, upon = [], 0
    for one in found[0]:
        upon = upon + 1 if unicodedata.combining(one) else 0
        if upon <= _MOST_MARKS:
            kept.append(one)
    return "".join(kept)


def _stated(text: str) -> tuple[int, Published | None]:
    """Where the report itself begins, and the date that stands before it."""
    if _FRONT.match(text):
        end = text.find("\n---", 4)
        head = text[: max(end, 0)]
        found = _FIELD.search(head)
        begin = end + 4 if end > 0 else 0
        return begin, _dated(found[1]) if found else None
    found = _STAMP.match(text)
    if found:
        return found.end(), _dated(found[1])
    return 0, None


def _dated(text: str) -> Published | None:
    try:
        return publication(text.strip().rstrip("."), "said in the report's head")
    except Exception:  # noqa: BLE001 - what somebody wrote into a head may be anything
        return None


def _article(page: str, name: str) -> tuple[str, Published | None]:
    """The article of a page, as text that keeps headings apart, and when it says it was published.

    Raises:
        InputError: there is no article in it.
    """
    from trafilatura import extract, load_html  # noqa: PLC0415 - slow to load, needed for pages alone

    if _has_endless_tag(page):
        raise InputError(f"{name} has a tag without end.", "Give the article as plain text.")
    tree = load_html(page)
    if tree is None:
        raise InputError(f"{name} is no HTML that can be read.", "Give the article as plain text.")
    published = _dated_of(tree)
    text = extract(
        page, include_comments=False, include_tables=False, favor_recall=True, with_metadata=False
    )
    if not text:
        raise InputError(f"No article was found in {name}.", "Give the article as plain text.")
    headings = {
        " ".join("".join(one.itertext()).split()) for one in tree.iter("h1", "h2", "h3", "h4")
    }
    lines = [line.strip() for line in text.split("\n")]
    title = next((" ".join("".join(one.itertext()).split()) for one in tree.iter("h1")), "")
    shown = [line for line in lines if line]
    if title and title not in shown:
        shown.insert(0, title)
    assert headings is not None  # noqa: S101 - lines that are headings stand alone, as all do
    return "\n\n".join(shown), published


def _has_endless_tag(page: str) -> bool:
    """Whether a tag has more attributes than anybody writes; to parse them takes their square."""
    place = 0
    while tag := _TAG.search(page, place):
        place, count = tag.end(), 0
        while attribute := _ATTRIBUTE.match(page, place):
            place, count = attribute.end(), count + 1
            if count > _MOST_ATTRIBUTES:
                return True
        if tag[1].lower() in {"script", "style"}:
            end = _END_OF_SCRIPT.search(page, place)
            place = end.end() if end else len(page)
    return False


_MOST_ATTRIBUTES = 2_000
_TAG = re.compile(r"<([A-Za-z][^\s/>]*)")
_ATTRIBUTE = re.compile(
    r"""[\s/=]*+[^\s/=>][^\s/=>]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?"""
)
_END_OF_SCRIPT = re.compile("</(?:script|style)", re.IGNORECASE)

_META = (
    "article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "pubdate",
    "publishdate",
    "sailthru.date",
    "parsely-pub-date",
    "og:published_time",
)
_JSON_DATE = re.compile(r'"datePublished"\s{0,4}:\s{0,4}"([^"]{7,40})"')


def _dated_of(tree: object) -> Published | None:
    """The time of publication in a page's head, JSON-LD or ``time`` elements."""
    found: dict[str, str] = {}
    for one in tree.iter("meta"):  # type: ignore[attr-defined]
        key = (one.get("property") or one.get("name") or one.get("itemprop") or "").lower()
        if key in _META and one.get("content"):
            found.setdefault(key, one.get("content"))
    for one in tree.iter("script"):  # type: ignore[attr-defined]
        if "ld+json" in (one.get("type") or "") and (match := _JSON_DATE.search(one.text or "")):
            found.setdefault("json", match[1])
    for one in tree.iter("time"):  # type: ignore[attr-defined]
        if one.get("datetime"):
            found.setdefault("time", one.get("datetime"))
    for key in ("article:published_time", "json", *_META, "time"):
        if key in found and (published := _dated_page(found[key])):
            return published
    return None


def _dated_page(text: str) -> Published | None:
    try:
        return publication(text, "said in the page's head")
    except Exception:  # noqa: BLE001 - what somebody wrote into a head may be anything
        return None


def now_published(now: datetime) -> Published:
    """A report that is read as it is published."""
    return Published(start=now.astimezone(UTC), until=now.astimezone(UTC), inferred_from="now")
