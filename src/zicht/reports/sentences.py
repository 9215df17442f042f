"""A text's sentences and headings, with their places."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

import msgspec

from zicht.reports.languages import speech

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zicht.reports.tokens import Words

_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_STOP = re.compile(r"(?<![.!?…؟۔。])[.!?…؟۔。]++[\"'»”’)\]]*+(?=\s|$)")
# a row of stops is looked at once, from its first: else their square
_MARKS = re.compile(r"[ \t]*(?:#{1,6}[ \t]+|[-*+•>][ \t]+|\d{1,2}[.)/][ \t]+(?=\D))")
_ENDS = ".!?…:;,؟۔»”\"’'"
_LONGEST_HEADING = 14  # words
_LONGEST = 120  # words; what is longer is cut, so that no sentence takes long
_ORDINAL_DIGITS = 2  # "5. Januar"


class Sentence(msgspec.Struct, frozen=True):
    """A sentence or a heading.

    Attributes:
        start: its begin, in code points.
        end: its end, exclusive.
        first: its first word.
        last: the word after its last.
        heading: it stands alone and ends in no stop.
        section: the number of headings up to it.
    """

    start: int
    end: int
    first: int
    last: int
    heading: bool
    section: int


def find_sentences(
    text: str, words: Words, code: str | None, begin: int = 0
) -> tuple[Sentence, ...]:
    """The sentences of a text, from a place on.

    Args:
        text: the text.
        words: its words.
        code: its language's code, for abbreviations; ``None`` where unknown.
        begin: where the report itself begins.
    """
    sentences: list[Sentence] = []
    section = 0
    paragraphs = list(_paragraphs(text, begin))
    for start, end in paragraphs:
        first, last = _words_in(words, start, end)
        if first == last:
            continue
        marked = _MARKS.match(text, start, end)
        inner = marked.end() if marked else start
        sharp = text[start:inner].lstrip().startswith("#")
        short = last - first <= _LONGEST_HEADING and "\n" not in text[start:end]
        if sharp or (short and text[end - 1] not in _ENDS and len(paragraphs) > 1):
            section += 1
            first, last = _words_in(words, inner, end)
            sentences.append(Sentence(inner, end, first, last, heading=True, section=section))
            continue
        for begin_at, end_at in _split(text, inner, end, code):
            first, last = _words_in(words, begin_at, end_at)
            for piece, after in _pieces(first, last):
                one = begin_at if piece == first else words.starts[piece]
                two = end_at if after == last else words.ends[after - 1]
                sentences.append(Sentence(one, two, piece, after, heading=False, section=section))
    return tuple(sentences)


def _pieces(first: int, last: int) -> Iterator[tuple[int, int]]:
    for piece in range(first, last, _LONGEST):
        yield piece, min(piece + _LONGEST, last)


def _words_in(words: Words, start: int, end: int) -> tuple[int, int]:
    return bisect_left(words.starts, start), bisect_left(words.starts, end)


def _paragraphs(text: str, begin: int) -> Iterator[tuple[int, int]]:
    for gap in _PARAGRAPH.finditer(text, begin):
        yield from _trimmed(text, begin, gap.start())
        begin = gap.end()
    yield from _trimmed(text, begin, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def _split(text: str, start: int, end: int, code: str | None) -> Iterator[tuple[int, int]]:
    abbreviations = speech(code).grammar.abbreviations if code else frozenset()
    for stop in _STOP.finditer(text, start, end):
        numbered = code in {None, "de"} or stop.start() - start <= _ORDINAL_DIGITS
        if not _ends(text, stop.start(), stop.end(), end, abbreviations, numbered=numbered):
            continue
        yield from _trimmed(text, start, stop.end())
        start = stop.end()
    yield from _trimmed(text, start, end)


def _ends(
    text: str, stop: int, after: int, end: int, abbreviations: frozenset[str], *, numbered: bool
) -> bool:
    """Whether a stop ends its sentence: not before a small letter, nor after an abbreviation.

    ``numbered``: a number with a stop may be the fifth of something (*5. Januar*), or of a list.
    """
    begin = stop
    while begin > 0 and stop - begin < 12 and not text[begin - 1].isspace():  # noqa: PLR2004 - a word
        begin -= 1
    word = text[begin:stop].lstrip("(«\"'“‘").lower()
    following = after
    while following < end and text[following].isspace():
        following += 1
    if following >= end:
        return True
    begins = text[following]
    if begins.islower():
        return False
    if text[stop] != ".":
        return True
    if numbered and word.isdecimal() and len(word) <= _ORDINAL_DIGITS:
        return not (begins.isascii() and begins.isalpha())
    return word not in abbreviations and not (len(word) == 1 and word.isalpha())
