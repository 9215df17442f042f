"""When something is said to be: words for times, resolved to an interval in UTC.

Parts of a day and clock times are those of the place that is spoken of, unless a zone is named. All
that is relative is relative to the day of publication; where that is not known, it stays unknown.
How a time was told is always said with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

from zicht.errors import UsageError
from zicht.model.claim import ClaimTime
from zicht.place.zones import capital_zone
from zicht.reports.calendars import (
    JALALI_MONTHS,
    JALALI_YEARS,
    from_jalali,
    weekday_after,
    weekday_before,
    year_of,
)
from zicht.reports.languages import speech

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

    from zicht.model.claim import Precision, Published
    from zicht.reports.reading import Report
    from zicht.reports.tokens import Match

_PARTS = {  # hours of the local day; above 24 is the next day, below 0 the day before
    "morning": (4, 12),
    "noon": (11, 14),
    "afternoon": (12, 18),
    "evening": (17, 24),
    "night": (18, 30),
    "tonight": (17, 30),
    "last_night": (-6, 8),
}
_UNITS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
_ZONES = {
    "utc": 0, "gmt": 0, "bst": 60, "cet": 60, "mez": 60, "cest": 120, "mesz": 120, "eet": 120,
    "eest": 180, "msk": 180, "мск": 180, "est": -300, "edt": -240, "pst": -480, "pdt": -420,
    "cst": -360, "ist": 330, "pkt": 300, "eat": 180, "cat": 120, "wat": 60, "irst": 210,
    "гринвичу": 0,
}  # fmt: skip
_YEARS = range(1990, 2100)
_A_FEW = 4  # of "a few days"
_NEAR = 3  # words between the parts of one time
_LONGEST_SPAN = timedelta(days=2)  # of days of publication, until they tell nothing of a day
_CLOCK = re.compile(r"(\d{1,2})(?:h|[:.])(\d{2})|(\d{1,2})(?:h|u)|(\d{1,2})(am|pm)")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|e|º|ª|го|го)?")
_DAY = timedelta(days=1)
_OF_A_DAY = frozenset({"minute", "hour", "part of day", "day"})


class _Found(NamedTuple):
    """A time that words say: local begin and end, how exactly, and how it was told."""

    start: datetime
    end: datetime
    precision: Precision
    how: str


@dataclass(frozen=True)
class _Words:
    """Words of a stretch, and phrases of times among them."""

    report: Report
    first: int
    last: int
    matches: tuple[Match, ...]

    def of(self, *kinds: str) -> Iterator[Match]:
        return (one for one in self.matches if one.kind in kinds)

    def any(self, *kinds: str) -> bool:
        return any(self.of(*kinds))

    def near(
        self, place: int, *kinds: str, before: int = _NEAR, after: int = _NEAR
    ) -> Match | None:
        return next(
            (m for m in self.of(*kinds) if place - before <= m.first <= place + after), None
        )

    def word(self, place: int) -> str:
        return self.report.words.folded[place] if self.first <= place < self.last else ""

    def gap(self, place: int) -> str:
        """What stands between a word and the next."""
        words = self.report.words
        if place + 1 >= self.last:
            return ""
        return self.report.text[words.ends[place] : words.starts[place + 1]]


def time_of(
    report: Report, stretches: Sequence[tuple[int, int]], country: str | None, *, future: bool
) -> ClaimTime:
    """When something is said to be.

    Args:
        report: the report.
        stretches: the words of the statement, then those of its sentence: the first that says any
            time counts.
        country: the place that it is said of, whose clock it is.
        future: it is said of what is to come.
    """
    zone, clock = _clock_of(country)
    days = _days_of(report.published, zone)
    for first, last in stretches:
        matches = speech(report.language or "en").times.find(report.words.folded, first, last)
        words = _Words(report, first, last, tuple(matches))
        found = _over_days(words, days, zone, future=future)
        if found is not None:
            named = _zone_named(words)
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
    return _unsaid(report.published, days, zone, clock)


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
    end = datetime.combine(days[1] + _DAY, time(), zone)
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


def _over_days(
    words: _Words, days: tuple[date, date] | None, zone: tzinfo, *, future: bool
) -> _Found | None:
    """What the words say, on the first and on the last day on which they may have been written."""
    del zone
    if days is None:
        return _resolve(words, None, future=future)
    first = _resolve(words, days[0], future=future)
    if days[0] == days[1] or first is None:
        return first
    last = _resolve(words, days[1], future=future)
    if last is None or (first.start, first.end) == (last.start, last.end):
        return first
    precision: Precision = "days" if last.end - first.start <= 8 * _DAY else "unknown"
    return _Found(
        min(first.start, last.start),
        max(first.end, last.end),
        precision,
        f"{last.how}; published on any day of {_told(days)}",
    )


def _told(days: tuple[date, date]) -> str:
    return str(days[0]) if days[0] == days[1] else f"{days[0]} to {days[1]}"


def _resolve(words: _Words, today: date | None, *, future: bool) -> _Found | None:
    """What the words say when they are written on a day."""
    base = _dates(words, today) or _nights(words, today) or _weekdays(words, today, future=future)
    base = base or _relative(words, today) or _lasting(words, today) or _part_today(words, today)
    if base is None:
        base = _clock_alone(words, today)
        return base if base is None else _with_clock(words, base)
    if base.precision in {"day", "part of day"}:
        base = _with_clock(words, _with_part(words, base))
    return base


def _day(day: date, how: str) -> _Found:
    start = datetime.combine(day, time())
    return _Found(start, start + _DAY, "day", how)


# ------------------------------------------------------------------------------------------ dates


class _Date(NamedTuple):
    first: int
    last: int
    found: _Found


def _dates(words: _Words, today: date | None) -> _Found | None:
    """Days, months and years that are written as such; two with *to* between them are a stretch."""
    found = sorted(_days_written(words, today), key=lambda one: one.first)
    if not found:
        found = sorted(_months_written(words, today), key=lambda one: one.first)
    if not found:
        return None
    one = found[0]
    if len(found) > 1:
        two = found[1]
        joined = words.gap(one.last - 1).strip() in {"-", "–", "—"}
        joined = joined or any(
            one.last <= match.first <= two.first for match in words.of("until", "into")
        )
        started = any(match.last <= one.first + 1 for match in words.of("between", "following"))
        if (joined or started) and two.found.end > one.found.start:
            return _Found(one.found.start, two.found.end, "days", "two dates")
    since = words.near(one.first, "following", before=2, after=0)
    if since is not None and today is not None and _starts(words, since):
        return _until_today(one.found, today)
    return one.found


def _starts(words: _Words, since: Match) -> bool:
    """Whether *from* or *since* begins a stretch that lasts, rather than naming a day."""
    return words.word(since.first) not in {"from", "von", "vom", "de", "с", "со", "من", "از"}


def _until_today(found: _Found, today: date) -> _Found:
    end = datetime.combine(today + _DAY, time())
    if end <= found.start:
        return found
    return _Found(found.start, end, "days", f"since {found.how}")


def _days_written(words: _Words, today: date | None) -> Iterator[_Date]:
    folded = words.report.words.folded
    for place in range(words.first, words.last):
        word = folded[place]
        if word[0].isdigit():
            yield from _numeric(words, place, today)
    for month in words.of("month"):
        yield from _with_month(words, month.first, month.last, int(month.value), today)
    for place in range(words.first, words.last):
        if folded[place] in JALALI_MONTHS:
            yield from _jalali(words, place)


def _numeric(words: _Words, place: int, today: date | None) -> Iterator[_Date]:
    word = words.word(place)
    parts = re.split(r"[.:,]", word)
    last = place + 1
    if len(parts) == 1:
        joints = words.gap(place).strip(), words.gap(place + 1).strip()
        if not (words.gap(place) in {"-", "/"} and joints[0] == joints[1]):
            return
        parts = [word, words.word(place + 1), words.word(place + 2)]
        last = place + 3
    if len(parts) not in {2, 3} or not all(part.isdigit() for part in parts):
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
        if found and (order[0] in _YEARS or order[0] in JALALI_YEARS):
            yield _Date(place, last, found)
    del today


def _safe(year: int, month: int, day: int, how: str) -> _Found | None:
    try:
        return _day(date(year, month, day), how)
    except ValueError:
        return None


def _with_month(
    words: _Words, first: int, last: int, month: int, today: date | None
) -> Iterator[_Date]:
    """A day beside a month's name, with the year that is written or was last."""
    day, begin, end = _day_beside(words, first, last)
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
        year = year_of(month, day, today, weekday)
        how = "a date without its year, the last up to the publication"
        how += " that is such a weekday" if weekday is not None else ""
    if year is not None and (found := _safe(year, month, day, how)):
        yield _Date(begin, end, found)


def _day_beside(words: _Words, first: int, last: int) -> tuple[int | None, int, int]:
    for before in (1, 2):
        match = _ORDINAL.fullmatch(words.word(first - before))
        small = before == 1 or words.word(first - 1) in {"of", "de", "del", "d", "-"}
        if match and small and 1 <= int(match[1]) <= 31:  # noqa: PLR2004 - days
            return int(match[1]), first - before, last
    if words.report.language == "en" and (match := _ORDINAL.fullmatch(words.word(last))):
        after = words.gap(last)
        clock = after.startswith(":") or words.word(last + 1) in {"am", "pm"}
        if 1 <= int(match[1]) <= 31 and not clock:  # noqa: PLR2004 - days
            return int(match[1]), first, last + 1
    return None, first, last


def _year_after(words: _Words, place: int) -> tuple[int | None, int]:
    for there in (place, place + 1):
        word = words.word(there)
        if word.isdigit() and int(word) in _YEARS:
            return int(word), there + 1
        if word not in {"de", "del", "of", ""}:
            break
    return None, place


def _jalali(words: _Words, place: int) -> Iterator[_Date]:
    month = JALALI_MONTHS[words.word(place)]
    day = _ORDINAL.fullmatch(words.word(place - 1))
    year = words.word(place + 1)
    if day and year.isdigit() and int(year) in JALALI_YEARS:
        found = _jalali_day(int(year), month, int(day[1]))
        if found:
            yield _Date(place - 1, place + 2, found)


def _jalali_day(year: int, month: int, day: int) -> _Found | None:
    try:
        return _day(from_jalali(year, month, day), "a date of the Solar Hijri calendar")
    except ValueError:
        return None


def _is_month(language: str | None, name: str) -> bool:
    """Whether a word that may be a month's short name is one, without a day beside it."""
    short = len(name) < 4 and name.lower() not in {"mei", "may", "mai", "май"}  # noqa: PLR2004
    return not short and not (language in {"en", "de"} and name[0].islower())


def _months_written(words: _Words, today: date | None) -> Iterator[_Date]:
    """Months and years that stand without a day."""
    text, tokens = words.report.text, words.report.words
    used = set()
    for month in words.of("month"):
        name = text[tokens.starts[month.first] : tokens.ends[month.last - 1]]
        if not _is_month(words.report.language, name):
            continue
        year, end = _year_after(words, month.last)
        if name.lower() == "may" and year is None and words.word(month.first - 1) != "in":
            continue
        if year is None and today is not None:
            year = today.year if int(month.value) <= today.month else today.year - 1
        if year is not None:
            used.add(end - 1)
            yield _Date(month.first, end, _month(year, int(month.value)))
    for place in range(words.first, words.last):
        word = words.word(place)
        if place not in used and word.isdigit() and len(word) == 4 and int(word) in _YEARS:  # noqa: PLR2004
            if words.gap(place).startswith(("%", "-")) or not _is_year(words, place):
                continue
            start = datetime(int(word), 1, 1)  # noqa: DTZ001 - local, its zone comes later
            end_of = datetime(int(word) + 1, 1, 1)  # noqa: DTZ001 - likewise
            yield _Date(place, place + 1, _Found(start, end_of, "year", "a year"))


_BEFORE_YEAR = frozenset(
    "in en since of during from de del année el año im jahr jahre seit sinds au durant desde"
    " в с году года год عام سنة سال در until the late early and election elections".split()
)


def _is_year(words: _Words, place: int) -> bool:
    around = {words.word(place - 1), words.word(place + 1)}
    return bool(around & _BEFORE_YEAR) or words.gap(place - 1).endswith("(")


def _month(year: int, month: int) -> _Found:
    start = datetime(year, month, 1)  # noqa: DTZ001 - local, its zone comes later
    return _Found(start, (start + 32 * _DAY).replace(day=1), "month", "a month")


# ----------------------------------------------------------------------------- nights and weekdays


def _nights(words: _Words, today: date | None) -> _Found | None:
    """*In the night from Wednesday to Thursday*, *in der Nacht auf Donnerstag*."""
    if today is None:
        return None
    night = next(words.of("of_night"), None) or next(words.of("night", "last_night"), None)
    days = list(words.of("weekday"))
    if night is None or not days:
        return None
    near = [one for one in days if -2 <= one.first - night.first <= 6]  # noqa: PLR2004 - "in the night from W to T"
    if len(near) >= 2 and (int(near[1].value) - int(near[0].value)) % 7 == 1:  # noqa: PLR2004
        last = weekday_before(today, int(near[1].value))
        return _night_before(last, "the night between two weekdays")
    if near and night.kind == "of_night":
        between = [words.word(place) for place in range(night.first, near[0].first)]
        if words.near(near[0].first, "into", before=2, after=-1) or any(
            word in {"auf", "zum", "zu", "на", "op"} for word in between
        ):
            last = weekday_before(today, int(near[0].value))
            return _night_before(last, "the night that ends on a weekday")
    return None


def _night_before(last: date, how: str) -> _Found:
    start = datetime.combine(last, time())
    return _Found(start - timedelta(hours=4), start + timedelta(hours=7), "part of day", how)


def _weekdays(words: _Words, today: date | None, *, future: bool) -> _Found | None:
    days = list(words.of("weekday"))
    if today is None or not days:
        return None
    one = days[0]
    value = int(one.value)
    beside = words.near(one.first, "next", before=2, after=1)
    if beside is not None or future:
        day = weekday_after(today, value)
        return _day(day, f"the first such weekday after the publication ({today})")
    day = weekday_before(today, value)
    if day == today and words.near(one.first, "last", before=2, after=1):
        day -= 7 * _DAY
    found = _day(day, f"the last such weekday up to the publication ({today})")
    if len(days) > 1 and any(
        one.last <= match.first <= days[1].first for match in words.of("until")
    ):
        end = weekday_before(today, int(days[1].value))
        if end >= day and words.near(one.first, "following", "between", before=2, after=0):
            return _Found(found.start, _day(end, "").end, "days", "from one weekday to another")
    since = words.near(one.first, "following", "since", before=2, after=0)
    if since is not None and _starts(words, since):
        return _until_today(found, today)
    return found


# --------------------------------------------------------------------------------- what is relative


def _relative(words: _Words, today: date | None) -> _Found | None:
    if today is None:
        return None
    offsets = {"before_yesterday": -2, "yesterday": -1, "tomorrow": 1, "after_tomorrow": 2}
    for kind, offset in offsets.items():
        if (match := next(words.of(kind), None)) is not None:
            found = _day(today + offset * _DAY, f"relative to the publication ({today})")
            since = words.near(match.first, "following", "since", before=2, after=-1)
            if since is not None and _starts(words, since):
                return _until_today(found, today)
            return found
    for kind in ("last_night", "tonight"):
        if words.any(kind):
            return _hours(today, _PARTS[kind], f"relative to the publication ({today})")
    return None


def _hours(day: date, hours: tuple[int, int], how: str) -> _Found:
    start = datetime.combine(day, time())
    begin, end = (start + timedelta(hours=one) for one in hours)
    return _Found(begin, end, "part of day", how)


def _lasting(words: _Words, today: date | None) -> _Found | None:
    """*Two days ago*, *for three days*, *since a few days*, *in recent weeks*, *last week*."""
    if today is None:
        return None
    for tell in (_before_now, _up_to_now):
        for kind in _UNITS:
            for unit in words.of(kind):
                if (found := tell(words, today, kind, unit)) is not None:
                    return found
    return None


def _before_now(words: _Words, today: date, kind: str, unit: Match) -> _Found | None:
    """*Two days ago*, *last week*, *this month*."""
    count = _count_before(words, unit.first)
    ago = words.near(unit.last, "ago", before=0, after=1) or words.near(
        unit.first, "ago", before=3, after=-1
    )
    if ago is not None and count is not None:
        return _ago(today, kind, _UNITS[kind] * count)
    recent = words.near(unit.first, "last", before=2, after=1)
    if recent is not None and kind in {"week", "month", "year"} and count is None:
        return _last(today, kind)
    if kind in {"week", "month"} and words.near(unit.first, "this", before=1, after=-1):
        return _this(today, kind)
    return None


def _up_to_now(words: _Words, today: date, kind: str, unit: Match) -> _Found | None:
    """*For three days*, *since a few hours*, *in recent days*."""
    count = _count_before(words, unit.first)
    since = words.near(unit.first, "since", before=4, after=-1)
    recent = words.near(unit.first, "last", before=2, after=1)
    if count is not None and (since or recent):
        return _stretch(today, _UNITS[kind] * count)
    if recent is not None and kind in {"day", "hour"}:
        return _stretch(today, _UNITS[kind] * _A_FEW)
    return None


def _count_before(words: _Words, place: int) -> int | None:
    for there in range(place - 1, max(place - 4, words.first - 1), -1):
        word = words.word(there)
        if word.isdigit() and len(word) <= 3:  # noqa: PLR2004 - hours or days
            return int(word)
        match = next(
            (m for m in words.of("one_by_one", "a_few") if m.first <= there < m.last), None
        )
        if match is not None:
            return _A_FEW if match.kind == "a_few" else int(match.value)
    return None


def _ago(today: date, kind: str, length: timedelta) -> _Found:
    how = f"so long before the publication ({today})"
    if kind in {"second", "minute", "hour"} and length < _DAY:
        return _day(today, how)
    day = today - length
    if kind == "day":
        return _day(day, how)
    start = datetime.combine(day, time())
    if kind == "week":
        return _Found(start - 3 * _DAY, start + 4 * _DAY, "days", how)
    if kind == "month":
        return _Found(start - 15 * _DAY, start + 16 * _DAY, "month", how)
    year = datetime(day.year, 1, 1)  # noqa: DTZ001 - local, its zone comes later
    return _Found(year, datetime(day.year + 1, 1, 1), "year", how)  # noqa: DTZ001 - likewise


def _stretch(today: date, length: timedelta) -> _Found:
    end = datetime.combine(today + _DAY, time())
    begin = datetime.combine(today, time()) - length
    how = f"so long up to the publication ({today})"
    return _Found(begin, end, "days" if length >= _DAY else "day", how)


def _last(today: date, kind: str) -> _Found:
    how = f"the one before that of the publication ({today})"
    if kind == "week":
        monday = datetime.combine(today - timedelta(days=today.weekday() + 7), time())
        return _Found(monday, monday + 7 * _DAY, "days", how)
    if kind == "month":
        before = today.replace(day=1) - _DAY
        found = _month(before.year, before.month)
        return _Found(found.start, found.end, "month", how)
    start, end = datetime(today.year - 1, 1, 1), datetime(today.year, 1, 1)  # noqa: DTZ001 - local
    return _Found(start, end, "year", how)


def _this(today: date, kind: str) -> _Found:
    how = f"that of the publication ({today})"
    if kind == "week":
        monday = datetime.combine(today - timedelta(days=today.weekday()), time())
        return _Found(monday, monday + 7 * _DAY, "days", how)
    found = _month(today.year, today.month)
    return _Found(found.start, found.end, "month", how)


def _part_today(words: _Words, today: date | None) -> _Found | None:
    """A part of a day that stands alone, or *today*."""
    if today is None:
        return None
    how = f"the day of publication ({today})"
    for kind in ("morning", "noon", "afternoon", "evening"):
        if words.any(kind):
            return _hours(today, _PARTS[kind], how)
    if words.any("night"):
        return _hours(today, _PARTS["last_night"], f"the night before the publication ({today})")
    return _day(today, how) if words.any("today") else None


# ------------------------------------------------------------------------ parts of a day and clocks


def _with_part(words: _Words, base: _Found) -> _Found:
    if base.precision != "day":
        return base
    day = base.start.date()
    for kind in ("morning", "noon", "afternoon", "evening", "night"):
        if words.any(kind) and not (kind == "night" and words.any("of_night")):
            return _hours(day, _PARTS[kind], base.how)
    return base


def _with_clock(words: _Words, base: _Found) -> _Found:
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
        end = times[1] if times[1] > times[0] else times[1] + _DAY
        return _Found(times[0], end, "minute", f"{base.how}, two times of the clock")
    return _Found(
        times[0], times[0] + timedelta(minutes=1), "minute", f"{base.how}, a time of the clock"
    )


def _clock_alone(words: _Words, today: date | None) -> _Found | None:
    if today is None or not any(True for _ in _clocks(words)):
        return None
    return _day(today, f"the day of publication ({today})")


def _clocks(words: _Words) -> Iterator[tuple[int, int, str | None]]:
    """Hours, minutes and the half of the day of times of the clock."""
    place = words.first
    while place < words.last:
        word = words.word(place)
        found = None
        if word[:1].isdigit():
            found = _clock_at(words, place, word)
        if found is not None:
            yield found
        place += 1


def _clock_at(words: _Words, place: int, word: str) -> tuple[int, int, str | None] | None:
    half = _half(words, place)
    led = words.near(place, "clock", before=2, after=-1)
    marked = words.near(place + 1, "hour_mark", before=0, after=0)
    if match := _CLOCK.fullmatch(word):
        sure = match[2] is None or ":" in word or "h" in word or bool(led or marked or half)
        return _time_written(match, half, sure=sure and ("." not in word or bool(marked or half)))
    if not word.isdigit() or len(word) > 4:  # noqa: PLR2004 - 1630 GMT
        return None
    zone = words.word(place + 1) in _ZONES
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


def _half(words: _Words, place: int) -> str | None:
    for kind in ("am", "pm"):
        if words.near(place + 1, kind, before=0, after=1):
            return kind
    return None


def _zone_named(words: _Words) -> tzinfo | None:
    """The zone that stands beside the first time of the clock."""
    for place in range(words.first, words.last):
        if words.word(place)[:1].isdigit() and _clock_at(words, place, words.word(place)):
            for there in range(place + 1, place + 4):
                if words.word(there) in _ZONES:
                    minutes = _ZONES[words.word(there)]
                    return UTC if minutes == 0 else timezone(timedelta(minutes=minutes))
                if words.near(there, "local_time", before=0, after=0):
                    return None
            return None
    return None


def _zones_in(words: _Words) -> int:
    named = sum(words.word(place) in _ZONES for place in range(words.first, words.last))
    return named + sum(1 for _ in words.of("local_time"))
