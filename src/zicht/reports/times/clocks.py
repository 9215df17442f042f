"""Parts of a day, times of the clock, and the zones that stand beside them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

from zicht.reports.times.words import CLOCK_ALONE, DAY, PARTS, Found, day_of, hours_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from zicht.reports.times.words import TimeWords

ZONES = {
    "utc": 0, "gmt": 0, "bst": 60, "cet": 60, "mez": 60, "cest": 120, "mesz": 120, "eet": 120,
    "eest": 180, "msk": 180, "мск": 180, "est": -300, "edt": -240, "pst": -480, "pdt": -420,
    "cst": -360, "ist": 330, "pkt": 300, "eat": 180, "cat": 120, "wat": 60, "irst": 210,
    "гринвичу": 0,
}  # fmt: skip
_CLOCK = re.compile(r"(\d{1,2})(?:h|[:.])(\d{2})|(\d{1,2})(?:h|u)|(\d{1,2})(am|pm)")


def with_part(words: TimeWords, base: Found) -> Found:
    """The part of the day that was found, where one is named."""
    if base.precision != "day":
        return base
    day = base.start.date()
    for kind in ("morning", "noon", "afternoon", "evening", "night"):
        if words.any(kind) and not (kind == "night" and words.any("of_night")):
            return hours_of(day, PARTS[kind], base.how)
    return base


def with_clock(words: TimeWords, base: Found) -> Found:
    """A time of the clock on the day that was found; two are a stretch."""
    clocks = list(_clocks(words))
    if not clocks:
        return base
    afternoon = base.precision == "part of day" and base.start.hour >= 12  # noqa: PLR2004 - noon
    day = datetime.combine(base.start.date(), time())
    times = []
    for hour, minute, half in clocks[:2]:
        later = half == "pm" or (half is None and afternoon and hour < 12)  # noqa: PLR2004 - noon
        hours = hour % 12 + 12 if later and hour <= 12 else hour  # noqa: PLR2004 - noon
        times.append(day + timedelta(hours=hours, minutes=minute))
    if len(times) > 1 and words.any("between", "until", "following") and not _zones_in(words) > 1:
        end = times[1] if times[1] > times[0] else times[1] + DAY
        return Found(times[0], end, "minute", f"{base.how}, two times of the clock")
    return Found(
        times[0], times[0] + timedelta(minutes=1), "minute", f"{base.how}, a time of the clock"
    )


def clock_alone(words: TimeWords, today: date | None) -> Found | None:
    """The day of publication, where nothing but a time of the clock is said."""
    if today is None or not any(True for _ in _clocks(words)):
        return None
    return day_of(today, f"{CLOCK_ALONE} ({today})")


def _clocks(words: TimeWords) -> Iterator[tuple[int, int, str | None]]:
    """Hours, minutes and the half of the day of times of the clock."""
    place = words.first
    while place < words.last:
        word = words.word(place)
        found = None
        if word[:1].isdecimal():
            found = _clock_at(words, place, word)
        if found is not None:
            yield found
        place += 1


def _clock_at(words: TimeWords, place: int, word: str) -> tuple[int, int, str | None] | None:
    half = _half(words, place)
    led = words.near(place, "clock", before=2, after=-1)
    marked = words.near(place + 1, "hour_mark", before=0, after=0)
    if words.report.language == "en" and words.near(place + 1, "hour", before=0, after=0):
        marked = marked if words.word(place - 1) == "at" else None  # "after 12 hours" is a span
    if match := _CLOCK.fullmatch(word):
        sure = match[2] is None or ":" in word or "h" in word or bool(led or marked or half)
        return _time_written(match, half, sure=sure and ("." not in word or bool(marked or half)))
    if not word.isdecimal() or len(word) > 4:  # noqa: PLR2004 - 1630 GMT
        return None
    zone = words.word(place + 1) in ZONES
    if len(word) == 4 and zone and int(word[:2]) < 24:  # noqa: PLR2004 - 1630 GMT
        return int(word[:2]), int(word[2:]), None
    if int(word) > 24 or len(word) > 2:  # noqa: PLR2004 - hours
        return None
    if half or (marked and led) or zone:
        return int(word) % 24, 0, half
    if marked and words.report.language in {"nl", "de", "fr"} and led:
        return int(word) % 24, 0, half
    return None


def _time_written(
    match: re.Match[str], half: str | None, *, sure: bool
) -> tuple[int, int, str | None] | None:
    hour, minute = int(match[1] or match[3] or match[4]), int(match[2] or 0)
    if not sure or hour > 24 or minute > 59:  # noqa: PLR2004 - of a clock
        return None
    return hour % 24, minute, match[5] or half


def _half(words: TimeWords, place: int) -> str | None:
    for kind in ("am", "pm"):
        if words.near(place + 1, kind, before=0, after=1):
            return kind
    return None


def zone_named(words: TimeWords) -> tzinfo | None:
    """The zone that stands beside the first time of the clock."""
    for place in range(words.first, words.last):
        if words.word(place)[:1].isdecimal() and _clock_at(words, place, words.word(place)):
            for there in range(place + 1, place + 4):
                if words.word(there) in ZONES:
                    minutes = ZONES[words.word(there)]
                    return UTC if minutes == 0 else timezone(timedelta(minutes=minutes))
                if words.near(there, "local_time", before=0, after=0):
                    return None
            return None
    return None


def _zones_in(words: TimeWords) -> int:
    named = sum(words.word(place) in ZONES for place in range(words.first, words.last))
    return named + sum(1 for _ in words.of("local_time"))
