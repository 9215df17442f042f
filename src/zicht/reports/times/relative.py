"""Times that are told by the day of publication: *yesterday*, *two days ago*, *last week*."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from zicht.reports.times.running import eve_of
from zicht.reports.times.words import (
    A_FEW,
    CLOCK_ALONE,
    DAY,
    PARTS,
    Found,
    count_before,
    day_of,
    goes_on_from,
    hours_of,
    month_of,
    until_today,
)

if TYPE_CHECKING:
    from zicht.reports.times.words import TimeWords
    from zicht.reports.tokens import Match

UNITS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}


def relative(words: TimeWords, today: date | None) -> Found | None:
    """*Yesterday*, *tomorrow*, *tonight*, *since yesterday*."""
    if today is None:
        return None
    offsets = {"before_yesterday": -2, "yesterday": -1, "tomorrow": 1, "after_tomorrow": 2}
    for kind, offset in offsets.items():
        if (match := next(words.of(kind), None)) is not None:
            found = day_of(today + offset * DAY, f"relative to the publication ({today})")
            since = words.near(match.first, "following", "since", before=2, after=-1)
            if since is not None and goes_on_from(words, since):
                return until_today(found, today)
            return found
    if eve_of(words) is not None and not words.any("today"):
        return day_of(today, f"relative to the publication ({today})")
    for kind in ("last_night", "tonight"):
        if words.any(kind):
            return hours_of(today, PARTS[kind], f"relative to the publication ({today})")
    return None


def lasting(words: TimeWords, today: date | None) -> Found | None:
    """*Two days ago*, *for three days*, *since a few days*, *in recent weeks*, *last week*."""
    if today is None:
        return None
    for tell in (_before_now, _up_to_now):
        for kind in UNITS:
            for unit in words.of(kind):
                if (found := tell(words, today, kind, unit)) is not None:
                    return found
    return None


def _before_now(words: TimeWords, today: date, kind: str, unit: Match) -> Found | None:
    """*Two days ago*, *last week*, *this month*."""
    count = count_before(words, unit.first)
    ago = words.near(unit.last, "ago", before=0, after=1) or words.near(
        unit.first, "ago_before", before=3, after=-1
    )
    if ago is not None and count is not None:
        return _ago(today, kind, UNITS[kind] * count)
    recent = words.near(unit.first, "last", before=2, after=1)
    if recent is not None and kind in {"week", "month", "year"} and count is None:
        return _last(today, kind)
    if kind in {"week", "month"} and words.near(unit.first, "this", before=1, after=-1):
        return _this(today, kind)
    return None


def _up_to_now(words: TimeWords, today: date, kind: str, unit: Match) -> Found | None:
    """*For three days*, *since a few hours*, *in recent days*."""
    count = count_before(words, unit.first)
    since = words.near(unit.first, "since", before=4, after=-1)
    recent = words.near(unit.first, "last", before=2, after=1)
    if count is not None and (since or recent):
        return _stretch(today, UNITS[kind] * count)
    if recent is not None and kind in {"day", "hour"}:
        return _stretch(today, UNITS[kind] * A_FEW)
    return None


def _ago(today: date, kind: str, length: timedelta) -> Found:
    how = f"so long before the publication ({today})"
    if kind in {"second", "minute", "hour"} and length < DAY:
        return day_of(today, how)
    day = today - length
    if kind == "day":
        return day_of(day, how)
    start = datetime.combine(day, time())
    if kind == "week":
        return Found(start - 3 * DAY, start + 4 * DAY, "days", how)
    if kind == "month":
        return Found(start - 15 * DAY, start + 16 * DAY, "month", how)
    year = datetime(day.year, 1, 1)  # noqa: DTZ001 - local, its zone comes later
    return Found(year, datetime(day.year + 1, 1, 1), "year", how)  # noqa: DTZ001 - likewise


def _stretch(today: date, length: timedelta) -> Found:
    end = datetime.combine(today + DAY, time())
    begin = datetime.combine(today, time()) - length
    if length < DAY:
        return day_of(today, f"{CLOCK_ALONE} ({today})")
    how = f"so long up to the publication ({today})"
    return Found(begin, end, "days", how)


def _last(today: date, kind: str) -> Found:
    how = f"the one before that of the publication ({today})"
    if kind == "week":
        monday = datetime.combine(today - timedelta(days=today.weekday() + 7), time())
        return Found(monday, monday + 7 * DAY, "days", how)
    if kind == "month":
        before = today.replace(day=1) - DAY
        found = month_of(before.year, before.month)
        return Found(found.start, found.end, "month", how)
    start, end = datetime(today.year - 1, 1, 1), datetime(today.year, 1, 1)  # noqa: DTZ001 - local
    return Found(start, end, "year", how)


def _this(today: date, kind: str) -> Found:
    how = f"that of the publication ({today})"
    if kind == "week":
        monday = datetime.combine(today - timedelta(days=today.weekday()), time())
        return Found(monday, monday + 7 * DAY, "days", how)
    found = month_of(today.year, today.month)
    return Found(found.start, found.end, "month", how)


def part_today(words: TimeWords, today: date | None) -> Found | None:
    """A part of a day that stands alone, or *today*."""
    if today is None:
        return None
    how = f"the day of publication ({today})"
    for kind in ("morning", "noon", "afternoon", "evening"):
        if words.any(kind):
            return hours_of(today, PARTS[kind], how)
    if words.any("night"):
        return hours_of(today, PARTS["last_night"], f"the night before the publication ({today})")
    return day_of(today, how) if words.any("today") else None
