"""Days that are counted: *for a third day*, *the day before*."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.reports.times.words import DAY, Found, day_of

if TYPE_CHECKING:
    from datetime import date

    from zicht.reports.times.words import TimeWords
    from zicht.reports.tokens import Match

_BESIDE = 3  # words between a day's number and what says that the days go on


def days_running(words: TimeWords, found: Found) -> Found:
    """*For a third day on Tuesday*: since two days before; else the time as it was found."""
    number = _running(words)
    if number is None or found.precision not in {"day", "part of day"}:
        return found
    start = day_of(found.start.date() - (number - 1) * DAY, "").start
    return Found(start, found.end, "days", f"day number {number}, counted back; {found.how}")


def running_today(words: TimeWords, today: date | None) -> Found | None:
    """*For a third day*, and no other time: counted back from the day of publication."""
    if today is None or _running(words) is None:
        return None
    return day_of(today, f"relative to the publication ({today})")


def _running(words: TimeWords) -> int | None:
    """The number of the day on which something still goes on."""
    for day in words.of("day"):
        beside = [one for one in words.of("ordinal") if -2 <= one.first - day.first <= 1]  # noqa: PLR2004
        if not beside:
            continue
        first, last = min(beside[0].first, day.first), max(beside[0].last, day.last)
        goes_on = any(  # in Arabic "its third day" says it in the word for the day
            0 <= first - one.last < _BESIDE
            or 0 <= one.first - last < _BESIDE
            or one.first == day.first
            for one in words.of("in_a_row")
        )
        elsewhere = any(_parted(words, one.first, day.first) for one in words.of("weekday"))
        if goes_on and not elsewhere:
            return int(beside[0].value)
    return None


def _parted(words: TimeWords, one: int, two: int) -> bool:
    """Whether a comma or the like stands between two words."""
    places = range(min(one, two), max(one, two))
    return any(mark in words.gap(place) for place in places for mark in ",;:–—")


def eve_of(words: TimeWords) -> Match | None:
    """*The day before*, where it is not the eve of an event: *on the eve of the election*."""
    return next(
        (one for one in words.of("eve") if words.word(one.last) not in words.grammar.of_an_event),
        None,
    )


def day_before(words: TimeWords, found: Found) -> Found:
    """*On the eve*: the day before the one that was found; else the time as it was found."""
    if eve_of(words) is None or found.precision not in {"day", "part of day"}:
        return found
    return day_of(found.start.date() - DAY, f"the day before: {found.how}")
