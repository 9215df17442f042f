"""When something is said to be: words for times, resolved to an interval in UTC.

Parts of a day and clock times are those of the place that is spoken of, unless a zone is named. All
that is relative is relative to the day of publication; where that is not known, it stays unknown.
How a time was told is always said with it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import UsageError
from zicht.model.claim import ClaimTime
from zicht.place.zones import capital_zone
from zicht.reports.languages import speech
from zicht.reports.times.clocks import clock_alone, with_clock, with_part, zone_named
from zicht.reports.times.datelines import after_dateline
from zicht.reports.times.relative import lasting, part_today, relative
from zicht.reports.times.running import day_before, days_running, running_today
from zicht.reports.times.weekdays import nights, weekdays
from zicht.reports.times.words import CLOCK_ALONE, DAY, Found, TimeWords, whole_day
from zicht.reports.times.written import dates

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from zicht.model.claim import Precision, Published
    from zicht.reports.reading import Report

_SINCE = "since a "  # month or year: a nearer day is what is meant
_LONGEST_SPAN = timedelta(days=2)  # of days of publication, until they tell nothing of a day
_OF_A_DAY = frozenset({"minute", "hour", "part of day", "day"})


GOES_ON = "no time is said; that of the statement before it: "
"""How a time was told that is taken over from a statement before."""


def time_of(
    report: Report,
    stretches: Sequence[tuple[int, int]],
    country: str | None,
    *,
    future: bool,
    before: ClaimTime | None = None,
    at: int | None = None,
) -> ClaimTime:
    """When something is said to be.

    Args:
        report: the report.
        stretches: the words of the statement, then those of its sentence: the first that says any
            time counts.
        country: the place that it is said of, whose clock it is.
        future: it is said of what is to come.
        before: when the statement before it was said to be: its day goes on.
        at: the word that the statement turns on: of several times the nearest to it is meant.
    """
    zone, clock = _clock_of(country)
    days = _days_of(report.published, zone)
    anchor = _last_day(before, zone) if before is not None else None
    for begin, last in stretches:
        first = after_dateline(report, begin, last)
        matches = speech(report.language or "en").times.find(report.words.folded, first, last)
        words = TimeWords(report, first, last, tuple(matches), first if at is None else at)
        found = _over_days(words, days, future=future)
        if found is not None and anchor is not None and found.how.startswith(CLOCK_ALONE):
            told = Found(*whole_day(anchor), "day", "the day of the statement before it")
            found = with_clock(words, told)
        if found is not None:
            named = zone_named(words)
            if named is not None and found.precision in {"minute", "hour"}:
                zone, clock = named, "UTC" if named is UTC else str(named)
            return ClaimTime(
                start=found.start.replace(tzinfo=zone).astimezone(UTC),
                until=found.end.replace(tzinfo=zone).astimezone(UTC),
                precision=found.precision,
                inferred_from=found.how,
                clock=clock,
                day=found.start.date() if found.precision in _OF_A_DAY else None,
            )
    if before is not None and before.start is not None and not future:
        how = before.inferred_from.removeprefix(GOES_ON)
        return msgspec.structs.replace(before, inferred_from=f"{GOES_ON}{how}")
    return _unsaid(report.published, days, zone, clock)


def _last_day(found: ClaimTime, zone: tzinfo) -> date | None:
    """The local day on which a time ends, where it is of one day or night."""
    if found.day is None or found.until is None:
        return None
    return (found.until - timedelta(microseconds=1)).astimezone(zone).date()


def _unsaid(
    published: Published | None, days: tuple[date, date] | None, zone: tzinfo, clock: str
) -> ClaimTime:
    if published is None or days is None:
        return ClaimTime(
            start=None,
            until=None,
            precision="unknown",
            inferred_from="no time is said, and the day of publication is not known",
            clock=clock,
        )
    start = datetime.combine(days[0], time(), zone)
    end = datetime.combine(days[1] + DAY, time(), zone)
    return ClaimTime(
        start=start.astimezone(UTC),
        until=end.astimezone(UTC),
        precision="day" if days[1] - days[0] < _LONGEST_SPAN else "unknown",
        inferred_from=f"no time is said; the day of publication ({_told(days)})",
        clock=clock,
        day=days[0] if days[0] == days[1] else None,
    )


def _clock_of(country: str | None) -> tuple[tzinfo, str]:
    if country is not None:
        try:
            zone = capital_zone(country)
        except UsageError:
            return UTC, "UTC"
        return zone, str(zone)
    return UTC, "UTC"


def _days_of(published: Published | None, zone: tzinfo) -> tuple[date, date] | None:
    """The first and the last local day on which a report may have been published."""
    if published is None:
        return None
    if published.start == published.until:
        day = published.start.astimezone(zone).date()
        return day, day
    last = (published.until - timedelta(microseconds=1)).date()
    return published.start.date(), last


def _over_days(words: TimeWords, days: tuple[date, date] | None, *, future: bool) -> Found | None:
    """What the words say, on the first and on the last day on which they may have been written."""
    if days is None:
        return _resolve(words, None, future=future)
    first = _resolve(words, days[0], future=future)
    if days[0] == days[1] or first is None:
        return first
    last = _resolve(words, days[1], future=future)
    if last is None or (first.start, first.end) == (last.start, last.end):
        return first
    precision: Precision = "days" if last.end - first.start <= 8 * DAY else "unknown"
    return Found(
        min(first.start, last.start),
        max(first.end, last.end),
        precision,
        f"{last.how}; published on any day of {_told(days)}",
    )


def _told(days: tuple[date, date]) -> str:
    return str(days[0]) if days[0] == days[1] else f"{days[0]} to {days[1]}"


def _resolve(words: TimeWords, today: date | None, *, future: bool) -> Found | None:
    """What the words say when they are written on a day."""
    base = _days_said(words, today, future=future)
    if base is None:
        base = clock_alone(words, today)
        return base if base is None else with_clock(words, base)
    if today is not None:
        base = days_running(words, day_before(words, base))
    if base.precision in {"day", "part of day"}:
        base = with_clock(words, with_part(words, base))
    return base


def _days_said(words: TimeWords, today: date | None, *, future: bool) -> Found | None:
    written = dates(words, today, future=future)
    if written is not None and not written.how.startswith(_SINCE):
        return written
    base = nights(words, today) or weekdays(words, today, future=future)
    base = base or relative(words, today) or written or lasting(words, today)
    return base or running_today(words, today) or part_today(words, today)
