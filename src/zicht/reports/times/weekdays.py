"""Days of the week, and the nights between them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from zicht.reports.calendars import weekday_after, weekday_before
from zicht.reports.times.words import DAY, Found, beginnings, day_of, goes_on_from, until_today

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.reports.times.words import TimeWords
    from zicht.reports.tokens import Match


def nights(words: TimeWords, today: date | None) -> Found | None:
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
            word in words.grammar.into_night for word in between
        ):
            last = weekday_before(today, int(near[0].value))
            return _night_before(last, "the night that ends on a weekday")
    return None


def _night_before(last: date, how: str) -> Found:
    start = datetime.combine(last, time())
    return Found(start - timedelta(hours=4), start + timedelta(hours=7), "part of day", how)


def _meant(words: TimeWords, days: Sequence[Match]) -> Match:
    """Of several days the one that something goes on since, else the nearest to the statement.

    *From Monday to Wednesday* begins with its first.
    """
    if any(days[0].last <= one.first <= days[-1].first for one in words.of("until", "into")):
        return days[0]
    lasting = [one for one in days if words.near(one.first, "since", before=2, after=0)]
    return min(lasting or days, key=lambda one: abs(one.first - words.at))


def weekdays(words: TimeWords, today: date | None, *, future: bool) -> Found | None:
    """*On Monday*, *since Monday*, *from Monday to Wednesday*."""
    days = beginnings(words, list(words.of("weekday")))
    if today is None or not days:
        return None
    one = _meant(words, days)
    value = int(one.value)
    beside = words.near(one.first, "next", before=2, after=1)
    this = words.near(one.first, "this", before=2, after=-1) is not None
    if beside is None and future and this and today.weekday() == value:
        return day_of(today, f"the day of publication, which is such a weekday ({today})")
    if beside is not None or future:
        day = weekday_after(today, value)
        return day_of(day, f"the first such weekday after the publication ({today})")
    day = weekday_before(today, value)
    if day == today and words.near(one.first, "last", before=2, after=1):
        day -= 7 * DAY
    found = day_of(day, f"the last such weekday up to the publication ({today})")
    following = next((two for two in days if two.first > one.first), None)
    if following is not None and any(
        one.last <= match.first <= following.first for match in words.of("until")
    ):
        end = weekday_before(today, int(following.value))
        if end >= day and words.near(one.first, "following", "between", before=2, after=0):
            return Found(found.start, day_of(end, "").end, "days", "from one weekday to another")
    since = words.near(one.first, "following", "since", before=2, after=0)
    if since is not None and goes_on_from(words, since):
        return until_today(found, today)
    return found
