"""Days, months and years that are written as such."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from zicht.reports.calendars import JALALI_MONTHS, JALALI_YEARS, from_jalali, year_of
from zicht.reports.times.words import (
    WITHOUT_YEAR,
    YEARS,
    Found,
    count_before,
    day_of,
    ends_at,
    goes_on_from,
    month_of,
    until_today,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zicht.reports.times.words import TimeWords
    from zicht.reports.tokens import Match

_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|e|º|ª|го|го)?")
_BEFORE_YEAR = frozenset({"ماه", "سال"})
"""Persian for month and year, which stand before a year or alone."""
_SHORT_YEARS = range(50, 100)  # of 1350 to 1399; 1400 and later are written out
_CENTURY = 1300
_JALALI_BEHIND = 621  # years that the Solar Hijri calendar is behind from spring on
_AHEAD = timedelta(days=7)
_LONGEST = 4  # digits of a year


class _Date(NamedTuple):
    first: int
    last: int
    found: Found


def dates(words: TimeWords, today: date | None, *, future: bool) -> Found | None:
    """Days, months and years that are written as such; two with *to* between them are a stretch.

    Without its year a date is the last one up to the publication, or the next (``future``).
    """
    found = sorted(_days_written(words, today, future=future), key=lambda one: one.first)
    if not found:
        found = sorted(_months_written(words, today, future=future), key=lambda one: one.first)
        if words.report.language == "fa":
            found = sorted([*found, *_jalali_months(words)], key=lambda one: one.first)
    if not found:
        return None
    for one, two in pairwise(found):
        if _is_stretch(words, one, two):
            return Found(one.found.start, two.found.end, "days", "two dates")
    found = [one for one in found if not ends_at(words, one.first)]
    if not found:
        return None
    one = min(found, key=lambda date: abs(date.first - words.at))
    since = words.near(one.first, "following", before=2, after=0)
    if since is not None and today is not None and goes_on_from(words, since):
        return until_today(one.found, today)
    return one.found


def written_days(words: TimeWords) -> list[tuple[int, int, date]]:
    """Days that are written with their year, in order: their first word, the one after, the day."""
    found = sorted(_days_written(words, None, future=False), key=lambda one: one.first)
    return [
        (one.first, one.last, one.found.start.date())
        for one in found
        if one.found.precision == "day"
    ]


def _is_stretch(words: TimeWords, one: _Date, two: _Date) -> bool:
    """Whether two dates are the ends of one stretch: *from 3 to 5 May*."""
    joined = words.gap(one.last - 1).strip() in {"-", "–", "—"}
    joined = joined or any(
        one.last <= match.first <= two.first for match in words.of("until", "into")
    )
    started = any(match.last <= one.first + 1 for match in words.of("between", "following"))
    return (joined or started) and two.found.end > one.found.start


def _days_written(words: TimeWords, today: date | None, *, future: bool) -> Iterator[_Date]:
    folded = words.report.words.folded
    for place in range(words.first, words.last):
        word = folded[place]
        if word[0].isdecimal():
            yield from _numeric(words, place, today)
    for month in words.of("month_name", "month_short"):
        yield from _with_month(words, month, today, future=future)
    for place in range(words.first, words.last):
        if folded[place] in JALALI_MONTHS:
            yield from _jalali(words, place, today, future=future)


def _numeric(words: TimeWords, place: int, today: date | None) -> Iterator[_Date]:
    word = words.word(place)
    parts = re.split(r"[.:,]", word)
    last = place + 1
    if len(parts) == 1:
        joints = words.gap(place).strip(), words.gap(place + 1).strip()
        if not (words.gap(place) in {"-", "/"} and joints[0] == joints[1]):
            return
        parts = [word, words.word(place + 1), words.word(place + 2)]
        last = place + 3
    if len(parts) not in {2, 3} or not all(_is_short(part) for part in parts):
        return
    numbers = [int(part) for part in parts]
    if len(numbers) == 3:  # noqa: PLR2004 - day, month and year
        if len(parts[0]) == 4:  # noqa: PLR2004 - a year
            order = numbers
        elif words.report.language == "en" and "/" in words.gap(place) and numbers[1] > 12:  # noqa: PLR2004
            order = [numbers[2], numbers[0], numbers[1]]
        else:
            order = numbers[::-1]
        if order[0] < 100:  # noqa: PLR2004 - a year in two digits
            order[0] += 2000
        solar = order[0] in JALALI_YEARS
        found = (
            _jalali_day(order[0], order[1], order[2])
            if solar
            else (_safe(order[0], order[1], order[2], "a date"))
        )
        if found and (order[0] in YEARS or order[0] in JALALI_YEARS):
            yield _Date(place, last, found)
    del today


def _is_short(part: str) -> bool:
    """Whether it may be a day, a month or a year."""
    return part.isdecimal() and len(part) <= _LONGEST


def _safe(year: int, month: int, day: int, how: str) -> Found | None:
    try:
        return day_of(date(year, month, day), how)
    except ValueError:
        return None


def _with_month(
    words: TimeWords, name: Match, today: date | None, *, future: bool
) -> Iterator[_Date]:
    """A day beside a month's name, with the year that is written, or the last or next one."""
    month = int(name.value)
    day, begin, end = _day_beside(words, name.first, name.last)
    if day is None:
        return
    year, end = _year_after(words, end)
    weekday = next(
        (int(one.value) for one in words.of("weekday") if begin - 3 <= one.first < begin), None
    )
    how = "a date"
    if year is None:
        if today is None:
            return
        year, how = _year_unsaid(words, (month, day), today, weekday, future=future)
    if year is None or (found := _safe(year, month, day, how)) is None:
        return
    first = _first_of_range(words, begin, day)
    if first is not None and (start := _safe(year, month, first, how)) is not None:
        found = Found(start.start, found.end, "days", f"two days of a month: {how}")
    yield _Date(begin, end, found)


def _year_unsaid(
    words: TimeWords, said: tuple[int, int], today: date, weekday: int | None, *, future: bool
) -> tuple[int | None, str]:
    """The year of a month and day: so many years ago, the next, or the last."""
    month, day = said
    for unit in words.of("year"):
        count = count_before(words, unit.first)
        if count and words.near(unit.last, "ago", before=0, after=0):
            return today.year - count, f"a date so many years before the publication ({today})"
    year = year_of(month, day, today, weekday)
    if future and year is not None and (year, month, day) < (today.year, today.month, today.day):
        return year + 1, f"a date {WITHOUT_YEAR}, the next after the publication"
    how = f"a date {WITHOUT_YEAR}, the last up to the publication"
    return year, how + (" that is such a weekday" if weekday is not None else "")


def _first_of_range(words: TimeWords, begin: int, day: int) -> int | None:
    """The first of two days that share a month: *from 7 to 9 May*."""
    for back in (1, 2):
        match = _ORDINAL.fullmatch(words.word(begin - back))
        if match is None or not 1 <= int(match[1]) < day:
            continue
        between = any(begin - back < one.first <= begin for one in words.of("until", "into"))
        if between or words.gap(begin - back).strip() in {"-", "–", "—"}:
            return int(match[1])
    return None


def _day_beside(words: TimeWords, first: int, last: int) -> tuple[int | None, int, int]:
    for before in (1, 2):
        match = _ORDINAL.fullmatch(words.word(first - before))
        small = before == 1 or words.word(first - 1) in words.grammar.of
        if match and small and 1 <= int(match[1]) <= 31:  # noqa: PLR2004 - days
            return int(match[1]), first - before, last
    for one in words.of("ordinal"):  # "the sixth of August"
        small = one.last == first or (
            one.last == first - 1 and words.word(one.last) in words.grammar.of
        )
        if small and 1 <= int(one.value) <= 31:  # noqa: PLR2004 - days
            return int(one.value), one.first, last
    if words.report.language == "en" and (match := _ORDINAL.fullmatch(words.word(last))):
        after = words.gap(last)
        clock = after.startswith(":") or words.word(last + 1) in {"am", "pm"}
        if 1 <= int(match[1]) <= 31 and not clock:  # noqa: PLR2004 - days
            return int(match[1]), first, last + 1
    return None, first, last


def _year_after(words: TimeWords, place: int) -> tuple[int | None, int]:
    for there in (place, place + 1):
        word = words.word(there)
        if _is_short(word) and int(word) in YEARS:
            return int(word), there + 1
        if word and word not in words.grammar.of:
            break
    return None, place


def _jalali(words: TimeWords, place: int, today: date | None, *, future: bool) -> Iterator[_Date]:
    """A day beside a month of the Solar Hijri calendar; in Persian its year may be left unsaid."""
    month = JALALI_MONTHS[words.word(place)]
    day, begin = _jalali_day_before(words, place)
    year, last = _jalali_year(words, place + 1)
    if day is None:
        return
    if year is not None:
        found = _jalali_day(year, month, day)
    elif words.report.language == "fa" and today is not None:
        found = _jalali_unsaid(month, day, today, future=future)
    else:
        return
    if found:
        yield _Date(begin, last, found)


def _jalali_day_before(words: TimeWords, place: int) -> tuple[int | None, int]:
    if day := _ORDINAL.fullmatch(words.word(place - 1)):
        return int(day[1]), place - 1
    ordinal = next((one for one in words.of("ordinal") if one.last == place), None)
    return (None, place) if ordinal is None else (int(ordinal.value), ordinal.first)


def _jalali_year(words: TimeWords, place: int) -> tuple[int | None, int]:
    """The year after a month, in four figures or in two: *آبان ماه ۹۸*."""
    for there in range(place, place + 3):
        word = words.word(there)
        if _is_short(word) and int(word) in JALALI_YEARS:
            return int(word), there + 1
        if _is_short(word) and int(word) in _SHORT_YEARS and words.report.language == "fa":
            return _CENTURY + int(word), there + 1
        if word not in _BEFORE_YEAR:
            break
    return None, place


def _jalali_unsaid(month: int, day: int, today: date, *, future: bool) -> Found | None:
    """The last such day up to the publication and a week ahead, or the next."""
    year = today.year - _JALALI_BEHIND
    found = [one for back in (1, 0, -1) if (one := _jalali_day(year + back, month, day))]
    told = [one for one in found if one.start.date() <= today + _AHEAD]
    how = f"a date {WITHOUT_YEAR}, the last up to the publication"
    if future and (ahead := [one for one in found if one.start.date() >= today]):
        told, how = ahead[-1:], f"a date {WITHOUT_YEAR}, the next after the publication"
    return told[0]._replace(how=how) if told else None


def _jalali_months(words: TimeWords) -> Iterator[_Date]:
    """Months and years of the Solar Hijri calendar: *آبان ۹۸*, *سال ۱۴۰۱*."""
    for place in range(words.first, words.last):
        word = words.word(place)
        if word in JALALI_MONTHS:
            month = JALALI_MONTHS[word]
            year, last = _jalali_year(words, place + 1)
            start = _jalali_day(year, month, 1) if year is not None else None
            if start is not None and year is not None:
                after = _jalali_day(year + month // 12, month % 12 + 1, 1) or start
                yield _Date(place, last, Found(start.start, after.start, "month", "a month"))
        elif word in _BEFORE_YEAR:
            year, last = _jalali_year(words, place + 1)
            start = _jalali_day(year, 1, 1) if year is not None else None
            if start is not None and year is not None:
                after = _jalali_day(year + 1, 1, 1) or start
                yield _Date(place, last, Found(start.start, after.start, "year", "a year"))


def _jalali_day(year: int, month: int, day: int) -> Found | None:
    try:
        return day_of(from_jalali(year, month, day), "a date of the Solar Hijri calendar")
    except ValueError:
        return None


def _is_month(language: str | None, name: str) -> bool:
    """Whether a word that may be a month's short name is one, without a day beside it."""
    short = len(name) < 4 and name.lower() not in {"mei", "may", "mai", "май"}  # noqa: PLR2004
    return not short and not (language in {"en", "de"} and name[0].islower())


def _months_written(words: TimeWords, today: date | None, *, future: bool) -> Iterator[_Date]:
    """Months and years that stand without a day."""
    text, tokens = words.report.text, words.report.words
    used = set()
    for month in words.of("month_name", "month_short"):
        name = text[tokens.starts[month.first] : tokens.ends[month.last - 1]]
        year, end = _year_after(words, month.last)
        if year is None and (
            month.kind == "month_short" or not _is_month(words.report.language, name)
        ):
            continue
        if name.lower() == "may" and year is None and words.word(month.first - 1) != "in":
            continue
        if year is None and today is not None:
            year = today.year if int(month.value) <= today.month else today.year - 1
            if future and int(month.value) != today.month:
                year += 1
            used.add(end - 1)
            found = month_of(year, int(month.value))
            yield _Date(month.first, end, found._replace(how=f"a month {WITHOUT_YEAR}"))
        elif year is not None:
            used.add(end - 1)
            yield _Date(month.first, end, month_of(year, int(month.value)))
    for place in range(words.first, words.last):
        word = words.word(place)
        if place not in used and word.isdecimal() and len(word) == 4 and int(word) in YEARS:  # noqa: PLR2004
            if words.gap(place).startswith(("%", "-")) or not _is_year(words, place):
                continue
            start = datetime(int(word), 1, 1)  # noqa: DTZ001 - local, its zone comes later
            end_of = datetime(int(word) + 1, 1, 1)  # noqa: DTZ001 - likewise
            yield _Date(place, place + 1, Found(start, end_of, "year", "a year"))


def _is_year(words: TimeWords, place: int) -> bool:
    around = {words.word(place - 1), words.word(place + 1)}
    return bool(around & words.grammar.before_year) or words.gap(place - 1).endswith("(")
