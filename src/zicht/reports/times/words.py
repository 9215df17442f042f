"""Words of a stretch of text that may tell a time, and the times that are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from zicht.reports.languages import speech

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zicht.model.claim import Precision
    from zicht.reports.languages import Grammar
    from zicht.reports.reading import Report
    from zicht.reports.tokens import Match

NEAR = 3  # words between the parts of one time
DAY = timedelta(days=1)
A_FEW = 4  # of "a few days"
WITHOUT_YEAR = "without its year"
"""How a date was told that may be of another year."""
YEARS = range(1990, 2100)
PARTS = {  # hours of the local day; above 24 is the next day, below 0 the day before
    "morning": (4, 12),
    "noon": (11, 14),
    "afternoon": (12, 18),
    "evening": (17, 24),
    "night": (18, 30),
    "tonight": (17, 30),
    "last_night": (-6, 8),
}
CLOCK_ALONE = "the day of publication, for a time of the clock"


class Found(NamedTuple):
    """A time that words say: local begin and end, how exactly, and how it was told."""

    start: datetime
    end: datetime
    precision: Precision
    how: str


@dataclass(frozen=True)
class TimeWords:
    """Words of a stretch, and phrases of times among them.

    Attributes:
        report: the report.
        first: the first word.
        last: the word after the last.
        matches: phrases of times.
        at: the word that the statement turns on.
    """

    report: Report
    first: int
    last: int
    matches: tuple[Match, ...]
    at: int = 0

    @property
    def grammar(self) -> Grammar:
        """The small words of the report's language."""
        return speech(self.report.language or "en").grammar

    def of(self, *kinds: str) -> Iterator[Match]:
        """Phrases of some kinds, in order."""
        return (one for one in self.matches if one.kind in kinds)

    def any(self, *kinds: str) -> bool:
        """Whether there is a phrase of some kinds."""
        return any(self.of(*kinds))

    def near(self, place: int, *kinds: str, before: int = NEAR, after: int = NEAR) -> Match | None:
        """The first phrase of some kinds that begins so many words before or after a place."""
        return next(
            (m for m in self.of(*kinds) if place - before <= m.first <= place + after), None
        )

    def word(self, place: int) -> str:
        """A word, folded; empty beyond the stretch."""
        return self.report.words.folded[place] if self.first <= place < self.last else ""

    def gap(self, place: int) -> str:
        """What stands between a word and the next."""
        words = self.report.words
        if place + 1 >= self.last:
            return ""
        return self.report.text[words.ends[place] : words.starts[place + 1]]


def beginnings(words: TimeWords, days: list[Match]) -> list[Match]:
    """Days without those up to which something lasts and of which no beginning is said."""
    if days and not ends_at(words, days[0].first):
        return days  # the first one is a beginning: "from Monday to Wednesday"
    return [one for one in days if not ends_at(words, one.first)]


def ends_at(words: TimeWords, place: int) -> bool:
    """Whether *until* stands right before a word."""
    return any(one.last == place for one in words.of("until"))


def day_of(day: date, how: str) -> Found:
    """A local day."""
    return Found(*whole_day(day), "day", how)


def whole_day(day: date) -> tuple[datetime, datetime]:
    """Where a local day begins, and the next."""
    start = datetime.combine(day, time())
    return start, start + DAY


def month_of(year: int, month: int) -> Found:
    """A month, its first being 1."""
    start = datetime(year, month, 1)  # noqa: DTZ001 - local, its zone comes later
    return Found(start, (start + 32 * DAY).replace(day=1), "month", "a month")


def hours_of(day: date, hours: tuple[int, int], how: str) -> Found:
    """A part of a local day, by its hours (``PARTS``)."""
    start = datetime.combine(day, time())
    begin, end = (start + timedelta(hours=one) for one in hours)
    return Found(begin, end, "part of day", how)


def goes_on_from(words: TimeWords, since: Match) -> bool:
    """Whether *from* or *since* begins a stretch that lasts, rather than naming a day."""
    return words.word(since.first) not in words.grammar.naming


def until_today(found: Found, today: date) -> Found:
    """What began with a time and goes on up to the publication."""
    end = datetime.combine(today + DAY, time())
    if end <= found.start:
        return found
    return Found(found.start, end, "days", f"since {found.how}")


def count_before(words: TimeWords, place: int) -> int | None:
    """The number before a word, as figures or in words; a few are four."""
    for there in range(place - 1, max(place - 4, words.first - 1), -1):
        word = words.word(there)
        if word.isdecimal() and len(word) <= 3:  # noqa: PLR2004 - hours or days
            return int(word)
        match = next(
            (m for m in words.of("one_by_one", "a_few") if m.first <= there < m.last), None
        )
        if match is not None:
            return A_FEW if match.kind == "a_few" else int(match.value)
    return None
