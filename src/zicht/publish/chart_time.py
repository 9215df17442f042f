"""The two time axes of a chart: UTC, and the local time of the place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from zicht.model.time import to_microseconds

if TYPE_CHECKING:
    from datetime import tzinfo

    from zicht.publish.chart_data import Window
    from zicht.publish.language import Language

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MINUTE_STEPS = (1, 2, 5, 10, 15)  # of less than three hours
_HOUR_STEPS = (1, 2, 3, 6, 12)
_DAY_STEPS = (1, 2, 3, 5, 7, 10, 14, 21, 28, 42, 56, 91, 182, 365)


@dataclass(frozen=True)
class Tick:
    """A mark on a time axis.

    Attributes:
        time: when, microseconds since 1970 UTC.
        label: what it says.
        midnight: whether a day begins there.
    """

    time: int
    label: str
    midnight: bool


def ticks(window: Window, zone: tzinfo, words: Language, most: int) -> list[Tick]:
    """About ``most`` ticks at round times of that zone: minutes, hours, or beginnings of days."""
    length = window.end - window.start
    if length < 3 * _HOUR:
        minutes = (step for step in _MINUTE_STEPS if length / timedelta(minutes=step) <= most)
        return _clip(window, _within_days(window, zone, words, next(minutes, 15)))
    hours = next((step for step in _HOUR_STEPS if length / (step * _HOUR) <= most), None)
    if hours is not None:
        return _clip(window, _within_days(window, zone, words, 60 * hours))
    days = next((step for step in _DAY_STEPS if length / (step * _DAY) <= most), _DAY_STEPS[-1])
    return _clip(window, _daily(window, zone, words, days))


def _daily(window: Window, zone: tzinfo, words: Language, days: int) -> list[Tick]:
    day = window.start.astimezone(zone).date()
    last = window.end.astimezone(zone).date()
    with_year = last - day > 300 * _DAY
    found = []
    while day <= last:
        time = datetime(day.year, day.month, day.day, tzinfo=zone)
        label = words.short_day(time, zone)
        found.append(
            Tick(
                to_microseconds(time), f"{label} {day.year}" if with_year else label, midnight=True
            )
        )
        day += days * _DAY
    return found


def _within_days(window: Window, zone: tzinfo, words: Language, minutes: int) -> list[Tick]:
    day = window.start.astimezone(zone).date()
    last = window.end.astimezone(zone).date()
    found = []
    while day <= last:
        for minute in range(0, 24 * 60, minutes):
            wall = datetime(day.year, day.month, day.day, *divmod(minute, 60), tzinfo=zone)
            time = wall.astimezone(UTC)
            if time.astimezone(zone).hour != wall.hour:  # skipped by the change to summer time
                continue
            label = words.clock(wall, zone) if minute else words.short_day(wall, zone)
            found.append(Tick(to_microseconds(time), label, minute == 0))
        day += _DAY
    return found


def _clip(window: Window, found: list[Tick]) -> list[Tick]:
    start, end = to_microseconds(window.start), to_microseconds(window.end)
    return [tick for tick in found if start <= tick.time <= end]


def offset(time: datetime, zone: tzinfo) -> str:
    """The zone's distance from UTC at that time: ``UTC+03:30``."""
    shift = time.astimezone(zone).utcoffset() or timedelta()
    minutes = shift // timedelta(minutes=1)
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
