"""The marks of a fall that labelled outages support: what may be weighed.

Each mark has a name and a level. What the data do not tell has no level and weighs nothing: that
evidence is absent is no evidence. Which marks there are follows Bischof et al., "Destination
Unreachable: Characterizing Internet Outages and Shutdowns" (SIGCOMM 2023): ordered shutdowns begin
on the hour or half-hour of the local clock, come again at the same time of day, and last for round
times. That several countries are hit at once is the labels' own mark of cable cuts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from zicht.explain.falls import Fall, middle, width

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from zicht.model.outage import Interval

KNOWN_AT_ONSET = timedelta(minutes=30)
"""What is known in so much time after an onset belongs to it."""

SAME_TIME = timedelta(minutes=10)
"""Falls on different days are at the same local time when they begin no further apart."""

PAST = timedelta(days=7)
"""How far back falls at the same local time are looked for."""

NEAR = timedelta(minutes=5)
"""An onset is on the hour when it is no further from it; the labels' times are of ten minutes."""

SHARP = timedelta(minutes=10)
"""An instant that is not known to so much does not tell its minute."""

WATCHED = 20
"""With fewer other countries in view nobody can say that no other was hit."""

SAME_DURATION = timedelta(minutes=30)

_DAY = timedelta(days=1)
_ANOTHER_DAY = timedelta(hours=12)
_COARSE = timedelta(hours=2)
_HOUR = 60
_DAWN = (2.5, 7.0)  # local hours
_LATE = (20.0, 1.0)
_HALF_DAY, _TWO_DAYS = timedelta(hours=12), timedelta(hours=48)

Marks = dict[str, str]
"""The level of each mark that is known, by the mark's name."""

ONSET = ("onset-minute", "onset-hour", "recurrence", "elsewhere")
AFTER = ("duration", "whole-half-hours", "same-duration")


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What is known around a fall.

    Attributes:
        zone: the clock that the place lives by.
        earlier: falls of the same place before.
        watched_since: since when the place has been watched, or ``None`` if that is not known.
        elsewhere: by other country the onsets of its falls.
        others_watched: how many other countries are in view.
    """

    zone: tzinfo
    earlier: Sequence[Fall] = ()
    watched_since: datetime | None = None
    elsewhere: Mapping[str, Sequence[Interval]]
    others_watched: int


def onset_marks(fall: Fall, around: Surroundings) -> Marks:
    """The marks that are known half an hour after an onset; nothing later is looked at."""
    onset = middle(fall.onset)
    levels = {
        "onset-minute": _minute(fall.onset, around.zone),
        "onset-hour": _hour(fall.onset, around.zone),
        "recurrence": _recurrence(fall, around),
        "elsewhere": _elsewhere(onset, around),
    }
    return _known(levels)


def end_marks(fall: Fall, around: Surroundings) -> Marks:
    """The marks that an end adds; none while there is no end."""
    if fall.end is None:
        return {}
    lasted = middle(fall.end) - middle(fall.onset)
    sharp = width(fall.onset) <= SHARP and width(fall.end) <= SHARP
    levels = {
        "duration": _duration(fall.onset, fall.end),
        "whole-half-hours": _whole(lasted) if sharp else None,
        "same-duration": _same_duration(fall, lasted, around),
    }
    return _known(levels)


def days_at_same_time(fall: Fall, around: Surroundings) -> int:
    """On how many of the days before a fall of the place began at the same local time."""
    return len({_days_before(fall, one) for one in _at_same_time(fall, around)})


def countries_at_same_time(fall: Fall, around: Surroundings) -> list[str]:
    """The other countries in which a fall began within half an hour."""
    onset = middle(fall.onset)
    return sorted(
        country
        for country, onsets in around.elsewhere.items()
        if any(abs(middle(other) - onset) <= KNOWN_AT_ONSET for other in onsets)
    )


def _known(levels: Mapping[str, str | None]) -> Marks:
    return {name: level for name, level in levels.items() if level is not None}


def _minute(onset: Interval, zone: tzinfo) -> str | None:
    if width(onset) > SHARP:
        return None
    local = middle(onset).astimezone(zone)
    minute = local.minute + local.second / _HOUR
    near = NEAR / timedelta(minutes=1)
    if min(minute, _HOUR - minute) <= near:
        return "hour"
    return "half-hour" if abs(minute - _HOUR / 2) <= near else "other"


def _hour(onset: Interval, zone: tzinfo) -> str | None:
    if width(onset) > _COARSE:
        return None
    local = middle(onset).astimezone(zone)
    hour = local.hour + local.minute / _HOUR
    if _DAWN[0] <= hour < _DAWN[1]:
        return "before dawn"
    return "late" if hour >= _LATE[0] or hour < _LATE[1] else "other"


def _recurrence(fall: Fall, around: Surroundings) -> str | None:
    if width(fall.onset) > 2 * SAME_TIME:
        return None
    days = days_at_same_time(fall, around)
    if days == 0:
        since = around.watched_since
        return "none" if since is not None and since <= fall.onset[0] - PAST else None
    return "once" if days == 1 else "repeated"


def _at_same_time(fall: Fall, around: Surroundings) -> list[Fall]:
    onset = middle(fall.onset)
    return [
        one
        for one in around.earlier
        if _ANOTHER_DAY < onset - middle(one.onset) <= PAST + SAME_TIME
        and _apart(_clock(onset, around.zone), _clock(middle(one.onset), around.zone)) <= SAME_TIME
    ]


def _clock(time: datetime, zone: tzinfo) -> timedelta:
    local = time.astimezone(zone)
    return timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)


def _apart(one: timedelta, other: timedelta) -> timedelta:
    apart = abs(one - other)
    return min(apart, _DAY - apart)


def _days_before(fall: Fall, earlier: Fall) -> int:
    return round((middle(fall.onset) - middle(earlier.onset)) / _DAY)


def _elsewhere(onset: datetime, around: Surroundings) -> str | None:
    near = sum(
        any(abs(middle(other) - onset) <= KNOWN_AT_ONSET for other in onsets)
        for onsets in around.elsewhere.values()
    )
    if near == 0:
        return "none" if around.others_watched >= WATCHED else None
    return "one" if near == 1 else "several"


def _duration(onset: Interval, end: Interval) -> str | None:
    """The level, where the shortest and the longest that it can have lasted agree on it."""
    shortest, longest = _length(end[0] - onset[1]), _length(end[1] - onset[0])
    return shortest if shortest == longest else None


def _length(lasted: timedelta) -> str:
    if lasted < _HALF_DAY:
        return "under 12 h"
    return "12 to 48 h" if lasted < _TWO_DAYS else "over 48 h"


def _whole(lasted: timedelta) -> str:
    half = timedelta(minutes=30)
    rest = lasted % half
    return "yes" if min(rest, half - rest) <= NEAR else "no"


def _same_duration(fall: Fall, lasted: timedelta, around: Surroundings) -> str | None:
    if width(fall.onset) > 2 * SAME_TIME:
        return None
    for one in _at_same_time(fall, around):
        if one.end is None:
            continue
        if abs(middle(one.end) - middle(one.onset) - lasted) <= SAME_DURATION:
            return "yes"
    since = around.watched_since
    return "no" if since is not None and since <= fall.onset[0] - PAST else None
