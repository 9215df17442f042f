"""Datelines: where and when a report was written, before a dash."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zicht.reports.reading import Report

_LONGEST = 90  # characters
_MARKS = frozenset(' \t"“«*_#')  # that may stand before one
_DATELINE = re.compile(
    r"[\W_]{0,4}[^\W\d_][\w'’.\- ]{1,40}[,/.] ?"  # a town
    r"(?:\d{1,2}\.?(?: de)? [^\W\d_]{3,12}\.?|[^\W\d_]{3,12}\.? \d{1,2})"  # a day and its month
    r"(?:,? ?\d{4})?[.:,]?"
    r"(?: ?[(/\[][^()\n]{2,40}[)/\]])?"  # an agency
    r" ?[.:]? ?[-–—] ?"
)


def after_dateline(report: Report, first: int, last: int) -> int:
    """The first word after a dateline, where a stretch of words begins with one; else its first.

    ``KAMPALA, Jan 15 (Agency) -`` says when something was written, not when anything happened.
    """
    words = report.words
    if first >= last:
        return first
    start = words.starts[first]
    before = start
    while before > max(start - _LONGEST, 0) and report.text[before - 1] in _MARKS:
        before -= 1
    if before and report.text[before - 1] != "\n":
        return first
    found = _DATELINE.match(report.text, start, start + _LONGEST)
    if found is None:
        return first
    place = bisect_left(words.starts, found.end())
    return place if place < last else first
