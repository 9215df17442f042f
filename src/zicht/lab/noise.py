"""What ordinary days look like: rhythms of day and week, and the noise that counts have."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from zicht.lab.timeline import MINUTE

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

_MINUTES_A_DAY = 24 * 60
_DAY = _MINUTES_A_DAY * MINUTE
_THURSDAY = 3  # 1970-01-01 was one, Monday being 0
_FIRST_WEEKEND_DAY = 5
_DAY_BEGINS = 5  # at this local hour people are the quietest


def generator(seed: int, *names: str) -> np.random.Generator:
    """A source of randomness of its own for what the names say, always the same for one seed."""
    return np.random.default_rng([seed, *(crc32(name.encode()) for name in names)])


def persistent(
    random: np.random.Generator, count: int, spread: float, memory: float
) -> NDArray[np.float64]:
    """Noise that remembers: a first-order autoregression, float64[count].

    Args:
        random: the source of randomness.
        count: how many bins.
        spread: its standard deviation in the long run.
        memory: how much of one bin is left in the next, from 0 to below 1.
    """
    steps = random.normal(0.0, spread * np.sqrt(1 - memory**2), count)
    noise = np.empty(count)
    last = random.normal(0.0, spread)
    for index in range(count):
        last = memory * last + steps[index]
        noise[index] = last
    return noise


def overdispersed(
    random: np.random.Generator, mean: NDArray[np.float64], shape: float
) -> NDArray[np.float64]:
    """Counts that vary more than Poisson's: the mean itself varies as a gamma of this shape."""
    return random.poisson(mean * random.gamma(shape, 1 / shape, len(mean))).astype(np.float64)


def hour_of_day(times: NDArray[np.int64], utc_offset_hours: float) -> NDArray[np.float64]:
    """The local hour, float64[n] from 0 to below 24."""
    local = times / MINUTE + utc_offset_hours * 60
    return np.asarray(local % _MINUTES_A_DAY / 60)


def resting(
    times: NDArray[np.int64], utc_offset_hours: float, days_off: tuple[date, ...]
) -> NDArray[np.bool_]:
    """Whether it is a weekend or a day off there, bool[n]; a night belongs to the day before."""
    days = (times + int((utc_offset_hours - _DAY_BEGINS) * 60) * MINUTE) // _DAY
    weekday = (days + _THURSDAY) % 7
    off = np.array([np.datetime64(day, "D").astype(np.int64) for day in days_off], dtype=np.int64)
    return np.asarray((weekday >= _FIRST_WEEKEND_DAY) | np.isin(days, off))


def daily_traffic(
    times: NDArray[np.int64], utc_offset_hours: float, days_off: tuple[date, ...]
) -> NDArray[np.float64]:
    """How people use the internet over the day: a low at five, a high in the evening; mean about 1.

    On days of rest the morning begins later and the day is busier.
    """
    hour = hour_of_day(times, utc_offset_hours)
    workday = _rhythm(hour)
    rest = 1.06 * _rhythm(hour - 1.0)
    return np.where(resting(times, utc_offset_hours, days_off), rest, workday)


def _rhythm(hour: NDArray[np.float64]) -> NDArray[np.float64]:
    """One cosine for day and night and one for the bulge of the evening."""
    turn = 2 * np.pi / 24
    return np.asarray(
        1.0 - 0.5 * np.cos((hour - 6.0) * turn) + 0.16 * np.cos((hour - 21.0) * 2 * turn)
    )


def gentle_day(
    times: NDArray[np.int64], utc_offset_hours: float, swing: float
) -> NDArray[np.float64]:
    """A single soft wave over the day with its high at 15 h local, 1 plus or minus ``swing``."""
    hour = hour_of_day(times, utc_offset_hours)
    return np.asarray(1.0 + swing * np.cos((hour - 15.0) * 2 * np.pi / 24))
