"""Expectation: what a series would be now if all were ordinary, learned as it goes.

Values are handled on a logarithmic scale, since rhythms multiply. The expectation is a level and
two rhythms (by hour of day and by hour of week), each an average that forgets and whose innovations
are clipped. Only bins that are believed to be ordinary teach it. While an hour has not been seen on
a few days the expectation follows the recent level instead.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numba import njit

from zicht.detect.constants import (
    BLOCK_HOURS,
    LARGEST_ORDINARY_LOSS,
    LEVEL_HOURS,
    MEMORY_DAYS,
    NOISE_DAYS,
    ORDINARY_LOSS,
    RECENT_HOURS,
    RHYTHM_HOURS,
    WEEKDAY_SWING,
    WOBBLE_WIDTH,
)
from zicht.detect.state import (
    BLOCK_COUNT,
    BLOCK_INDEX,
    BLOCK_SUM,
    DAY,
    DAY_SEEN,
    LEVEL,
    NOISE,
    NOISE_SEEN,
    RECENT,
    SWING,
    UNSEEN,
    WEEK,
    WEEK_SEEN,
    WOBBLE,
    WOBBLE_SEEN,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@njit(cache=True)
def expectation(
    state: NDArray[np.float64], week_hours: float, hours: float, rhythm: float
) -> tuple[float, float, float]:
    """The logarithm expected, its variance, and how far the rhythm is unknown (0 to 1)."""
    hour = int(week_hours) % 168
    seen = state[DAY_SEEN + hour % 24]
    level = _rhythm(state, hour)
    if hours < 1:
        # Bins finer than the hours of the rhythm read it between the hours' middles.
        offset = week_hours - int(week_hours) - 0.5
        other = (hour + (1 if offset > 0 else -1)) % 168
        if state[DAY_SEEN + other % 24] > 0:
            level += abs(offset) * (_rhythm(state, other) - level)
    unknown = 1 / (1 + seen * seen)
    recent_variance = rhythm * rhythm * min(1.0, (state[UNSEEN] + hours) / RHYTHM_HOURS)
    rhythm_variance = state[WOBBLE] / max(seen, 0.5) + _weekday_variance(state, hour)
    expected = (1 - unknown) * (state[LEVEL] + level) + unknown * state[RECENT]
    if seen <= 0:
        expected = state[RECENT]
    variance = (1 - unknown) ** 2 * rhythm_variance + unknown**2 * recent_variance
    return expected, variance, unknown


@njit(cache=True)
def _rhythm(state: NDArray[np.float64], hour: int) -> float:
    """The rhythm at an hour of the week: the day's, drawn to the week's as weeks were seen."""
    day: float = state[DAY + hour % 24]
    seen = state[WEEK_SEEN + hour]
    if seen <= 0:
        return day
    weight = seen / (seen + 2.0)
    level: float = (1 - weight) * day + weight * state[WEEK + hour]
    return level


@njit(cache=True)
def _weekday_variance(state: NDArray[np.float64], hour: int) -> float:
    """What this weekday may differ from others, as far as it has not been seen."""
    ignorance: float = WEEKDAY_SWING * state[SWING] / (1 + state[WEEK_SEEN + hour])
    return ignorance * ignorance


@njit(cache=True)
def _holiday(state: NDArray[np.float64], hour: int) -> float:
    """The quietest that this hour is on any day of the week, as part of what it is today.

    A holiday makes any day like the quietest of the week.
    """
    today = _rhythm(state, hour)
    quietest = today
    for day in range(7):
        other = hour % 24 + 24 * day
        if state[WEEK_SEEN + other] > 0:
            quietest = min(quietest, _rhythm(state, other))
    return math.exp(quietest - today)


@njit(cache=True)
def learn(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    state: NDArray[np.float64],
    logarithm: float,
    innovation: float,
    variance: float,
    unknown: float,
    week_hours: float,
    hours: float,
    weight: float,
) -> None:
    """Let an ordinary value teach the level, the rhythm and the spread."""
    total = state[NOISE] + state[WOBBLE] + variance
    limit = 3 * math.sqrt(total)
    clipped = min(max(innovation, -limit), limit)
    state[UNSEEN] *= 1 - weight

    state[RECENT] += (
        weight
        * min(1.0, hours / RECENT_HOURS)
        * (
            clipped if unknown > 0.01 else logarithm - state[RECENT]  # noqa: PLR2004
        )
    )
    hour = int(week_hours) % 168
    share = weight * min(1.0, hours)
    first = state[DAY_SEEN + hour % 24] <= 0
    if first:
        state[DAY + hour % 24] = logarithm - state[LEVEL]
    else:
        gain = share / (min(state[DAY_SEEN + hour % 24], MEMORY_DAYS) + share)
        state[DAY + hour % 24] += gain * clipped
    if state[WEEK_SEEN + hour] <= 0:
        state[WEEK + hour] = logarithm - state[LEVEL]
    else:
        gain = share / (min(state[WEEK_SEEN + hour], MEMORY_DAYS / 7) + share)
        state[WEEK + hour] += gain * clipped
    state[DAY_SEEN + hour % 24] += share
    state[WEEK_SEEN + hour] += share
    if not first:
        state[LEVEL] += weight * (1 - unknown) * min(0.3, hours / LEVEL_HOURS) * clipped

    # The spread: a few bins of the habit's weight at first, then the last week's.
    gain = weight / (min(state[NOISE_SEEN], NOISE_DAYS * 24 / hours) + 6)
    state[NOISE_SEEN] += weight
    state[NOISE] += gain * (min(innovation * innovation, 9 * total) - state[NOISE])


@njit(cache=True)
def learn_wobble(
    state: NDArray[np.float64], innovation: float, week_hours: float, weight: float
) -> None:
    """Let an ordinary value's innovation teach how means over three hours vary."""
    block = math.floor(week_hours / BLOCK_HOURS)
    if block != state[BLOCK_INDEX]:
        if state[BLOCK_COUNT] > 0:
            mean = state[BLOCK_SUM] / state[BLOCK_COUNT]
            gain = 1 / (min(state[WOBBLE_SEEN], 2 * NOISE_DAYS * 24 / BLOCK_HOURS) + 8)
            state[WOBBLE_SEEN] += 1
            state[WOBBLE] += gain * (min(mean * mean, 9 * state[WOBBLE]) - state[WOBBLE])
        state[BLOCK_SUM] = 0
        state[BLOCK_COUNT] = 0
        state[BLOCK_INDEX] = block
        state[SWING] = _swing(state)
    state[BLOCK_SUM] += weight * innovation
    state[BLOCK_COUNT] += weight


@njit(cache=True)
def _swing(state: NDArray[np.float64]) -> float:
    """Standard deviation of the day's rhythm over the hours that were seen."""
    number = total = squares = 0.0
    for hour in range(24):
        if state[DAY_SEEN + hour] > 0:
            number += 1
            total += state[DAY + hour]
            squares += state[DAY + hour] ** 2
    if number == 0:
        return 0.0
    return math.sqrt(max(squares / number - (total / number) ** 2, 0.0))


@njit(cache=True)
def ordinary_loss(state: NDArray[np.float64], hour: int) -> float:
    """How much the series may lose by itself: slow variation, unseen weekdays, holidays."""
    seen = max(state[DAY_SEEN + hour % 24], 0.5)
    slow = math.sqrt(state[WOBBLE] * (1 + 1 / seen) + _weekday_variance(state, hour))
    holiday = 1 - _holiday(state, hour) * (1 - slow)
    loss = max(WOBBLE_WIDTH * slow, holiday, ORDINARY_LOSS)
    return min(loss, LARGEST_ORDINARY_LOSS)
