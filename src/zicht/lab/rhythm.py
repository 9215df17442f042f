"""The ordinary day and week of what people do, by the clock that they live by."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from zicht.lab.shares import WEEKDAYS

if TYPE_CHECKING:
    from datetime import date, datetime

    from numpy.typing import NDArray

# Of each local hour, relative to the others: quiet before dawn, busiest in the evening. The shape
# is that of traffic in general; the figures are the lab's.
_WORKDAY = (
    *(0.74, 0.50, 0.36, 0.28, 0.25, 0.26, 0.36, 0.54, 0.74, 0.88, 0.96, 1.00),
    *(1.03, 1.04, 1.05, 1.08, 1.13, 1.20, 1.30, 1.42, 1.51, 1.52, 1.39, 1.08),
)
_REST = (
    *(0.92, 0.68, 0.47, 0.35, 0.29, 0.27, 0.30, 0.38, 0.54, 0.76, 0.95, 1.08),
    *(1.14, 1.16, 1.17, 1.18, 1.21, 1.27, 1.35, 1.44, 1.51, 1.53, 1.43, 1.17),
)
_DAY_BEGINS = 5  # a night belongs to the day before
_HOURS = 24


def rhythm(
    begin: datetime, minutes: int, zone: str, weekend: tuple[str, ...], days_off: tuple[date, ...]
) -> NDArray[np.float64]:
    """How much is ordinary at each minute, float64[minutes], 1.0 on average.

    Args:
        begin: a whole hour.
        minutes: how many.
        zone: the clock, a name of the IANA database.
        weekend: the days of rest.
        days_off: further days of rest.
    """
    clock = ZoneInfo(zone)
    resting = {WEEKDAYS.index(day) for day in weekend}
    hourly = []
    for hour in range(-(-minutes // 60) + 1):
        local = (begin + timedelta(hours=hour)).astimezone(clock)
        day = (local.replace(tzinfo=None) - timedelta(hours=_DAY_BEGINS)).date()
        table = _REST if day.weekday() in resting or day in days_off else _WORKDAY
        part = local.minute / 60  # clocks of some zones are half an hour off
        after = table[(local.hour + 1) % _HOURS]
        hourly.append(table[local.hour] * (1 - part) + after * part)
    values = np.interp(np.arange(minutes) / 60, np.arange(len(hourly)), hourly)
    return np.asarray(np.round(values / values.mean(), 6))
