"""An event by the hour of the day: each local day a row, so that a repeated hour is a column.

What was down is a solid bar, what came back within the event is an outlined one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from zicht.publish.inline.svg import box, label, picture, upright

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from markupsafe import Markup

    from zicht.publish.chart_data import LocalTime
    from zicht.publish.language import Language

MOST_DAYS = 62
_ROW = 16.0
_TOP = 22.0
_LEFT = 0.16
_HOURS = 24


@dataclass(frozen=True)
class Stretch:
    """A stretch of an event: whether connectivity was back, and what a pointer is told."""

    start: datetime
    end: datetime
    back: bool
    label: str


def day_rows(
    words: Language,
    stretches: Sequence[Stretch],
    local: LocalTime,
    *,
    key: str,
    title: str,
    description: Sequence[str] = (),
) -> Markup:
    """Stretches by local day and hour; the first ``MOST_DAYS`` days are shown.

    The length of a day is 24 hours here: on days on which clocks change, what falls into the hour
    that comes twice is drawn once.
    """
    zone = local.zone
    first = min(one.start for one in stretches).astimezone(zone).date()
    last = max(one.end for one in stretches).astimezone(zone).date()
    rows = min((last - first).days + 1, MOST_DAYS)
    bottom = _TOP + rows * _ROW
    body = [
        *(upright(_hour(hour), _TOP - 4, bottom, "grid") for hour in range(0, _HOURS + 1, 3)),
        *_hours(words),
    ]
    for row in range(rows):
        day = first + timedelta(days=row)
        y = _TOP + row * _ROW
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        if row % max(1, rows // 20) == 0:
            body.append(label(words, 0, y + 12, words.short_day(midnight, zone)))
        for one in stretches:
            body += _bar(one, midnight, zone, y)
    return picture(
        words, key, body, title=title, description=description, height=bottom, patterns=False
    )


def _hour(hour: float) -> float:
    return _LEFT + (1 - _LEFT) * hour / _HOURS


def _hours(words: Language) -> list[str]:
    labels = []
    for hour in range(0, _HOURS, 3):
        text = words.clock(datetime(2024, 1, 1, hour, tzinfo=UTC))
        kind = "" if hour % 6 == 0 else "wide"
        labels.append(label(words, _hour(hour), 12, text, kind=kind))
    return labels


def _bar(one: Stretch, midnight: datetime, zone: tzinfo, y: float) -> list[str]:
    next_day = (midnight + timedelta(days=1)).date()
    until = datetime(next_day.year, next_day.month, next_day.day, tzinfo=zone)
    begin, end = max(one.start, midnight), min(one.end, until)
    if begin >= end:
        return []
    left = _wall(begin, zone)
    right = _HOURS if end == until else _wall(end, zone)
    if right <= left:
        return []
    kind = "back" if one.back else "outage"
    inset = 3 if one.back else 2
    return [box(_hour(left), _hour(right), y + inset, _ROW - 2 * inset, kind, tip=one.label)]


def _wall(time: datetime, zone: tzinfo) -> float:
    clock = time.astimezone(zone)
    return clock.hour + clock.minute / 60
