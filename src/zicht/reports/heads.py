"""The day of publication that a report's head tells: a dateline, or a line with a date alone."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from zicht.reports.languages import speech
from zicht.reports.times.words import TimeWords
from zicht.reports.times.written import written_days

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from zicht.reports.reading import Report

_LINES = 6  # with words, in which a head may say its date
_LONGEST = 120  # characters of a line up to the end of its date
_BEFORE = re.compile(
    r"[\W_]*"
    # a town, a byline or an account, apart from the date by a mark
    r"(?:[^\W\d_](?:[^\W\d_]|['’.*\- ]){0,40}(?<=\S) ?[,/|·•:–—-]|@\w{1,30}|\w{2,12}(?: \w{2,3})?:"
    r"|published(?: on)?|posted(?: on)?|gepubliceerd(?: op)?|publié|veröffentlicht|erschienen"
    r"|publicado|опубликовано)?"
    r"[\W_]*(?:(?:le|el|am|den) )?",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[*_]{0,2}(?: ?(?:года|г|р)\b\.?)?"
    r"(?:,? ?(?:at |om |à |um |a las |в )?\d{1,2}[:.h]\d{2}(?: ?[A-Za-z]{2,5})?)?"
    r"[*_]{0,2}(?: ?[(/\[][^()\n]{2,40}[)/\]])?"
    r"(?:\s*$|\s?[.:]?[*_]{0,2} ?[-–—]|\.(?=\s|$))"
)
_AMBIGUOUS = re.compile(r"0?(?:[1-9]|1[0-2])/0?(?:[1-9]|1[0-2])/\d{2,4}")


def day_in_head(report: Report) -> date | None:
    """The day, with its year, that a report's first lines name as its own.

    ``KAMPALA, 15 January 2021 (Agency) -`` tells it, and so does a line of a date with a town, a
    byline or a time of the clock. *On 15 January 2021 the net went* is a sentence, and tells none.

    Args:
        report: the report, in a language that can be read.
    """
    if report.language is None:
        return None
    for start, end in _first_lines(report):
        found = _day_of_line(report, start, end)
        if found is not None:
            return found
    return None


def _first_lines(report: Report) -> Iterator[tuple[int, int]]:
    """Where the first lines that have words begin and end, from the report's begin on."""
    start = report.sentences[0].start if report.sentences else 0
    start = report.text.rfind("\n", 0, start) + 1
    found = 0
    while start < len(report.text) and found < _LINES:
        end = report.text.find("\n", start)
        end = len(report.text) if end < 0 else end
        if report.text[start:end].strip():
            found += 1
            yield start, end
        start = end + 1


def _day_of_line(report: Report, start: int, end: int) -> date | None:
    words, text = report.words, report.text
    first = bisect_left(words.starts, start)
    last = bisect_left(words.starts, min(end, start + _LONGEST))
    if first == last:
        return None
    matches = speech(report.language or "en").times.find(words.folded, first, last)
    weekdays = {
        place for one in matches if one.kind == "weekday" for place in range(one.first, one.last)
    }
    for begin, after, day in written_days(TimeWords(report, first, last, tuple(matches), first)):
        while begin - 1 in weekdays:
            begin -= 1  # noqa: PLW2901 - "Sunday, 17 November"
        said = text[words.starts[begin] : words.ends[after - 1]]
        if report.language == "en" and _AMBIGUOUS.fullmatch(said):
            continue
        before = text[start : words.starts[begin]]
        if _BEFORE.fullmatch(before) and _AFTER.match(text[words.ends[after - 1] : end]):
            return day
    return None
