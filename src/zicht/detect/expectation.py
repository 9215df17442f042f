"""Expectation: what a series would be now if all were ordinary, learned as it goes.

Values are handled on a logarithmic scale, since rhythms multiply. The expectation is a level and
two rhythms (by hour of day and by hour of week), each an average that forgets and whose innovations
are clipped. Only bins that are believed to be ordinary teach it. While an hour has not been seen on
a few days the expectation follows the recent level instead.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.detect.constants import (
    BLOCK_BINS,
    BLOCK_HOURS,
    FADE_PART,
    LARGEST_ORDINARY_LOSS,
    LEVEL_HOURS,
    MEMORY_DAYS,
    NEW_LEVEL_DAYS,
    NEW_LEVEL_SHARE,
    NOISE_DAYS,
    ORDINARY_LOSS,
    RECENT_HOURS,
    RETURN_MARGIN,
    RHYTHM_HOURS,
    USUAL_DAYS,
    WEEKDAY_DAYS,
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
    LOSS,
    LOWEST,
    NEIGHBOUR,
    NEIGHBOUR_HOUR,
    NOISE,
    NOISE_SEEN,
    RECENT,
    SETTLED,
    SETTLED_LEVEL,
    SWING,
    UNSEEN,
    USUAL_LEVEL,
    WEEK,
    WEEK_SEEN,
    WEEKDAY_SPREAD,
    WOBBLE,
    WOBBLE_SEEN,
)
from zicht.model.time import HOUR

if TYPE_CHECKING:
    from numpy.typing import NDArray


@njit(cache=True, error_model="numpy", inline="always")
def expectation(
    state: NDArray[np.float64], moment: int, hours: float, rhythm: float
) -> tuple[float, float, float, float]:
    """What is expected of a bin.

    Args:
        state: the series' state, in which the rhythm at the hour next to this one is kept.
        moment: microseconds from Monday 00:00 UTC to the bin's begin.
        hours: the bin's length in hours.
        rhythm: how far a day may swing, from the plane's habit.

    Returns:
        The logarithm expected, its variance, how far the rhythm is unknown (0 to 1), and the
        logarithm that level and rhythm alone give.
    """
    hour = moment // HOUR
    seen = state[DAY_SEEN + hour % 24]
    level = _rhythm(state, hour)
    if hours < 1:
        # Bins finer than the hours of the rhythm read it between the hours' middles.
        offset = (moment - hour * HOUR) / HOUR - 0.5
        other = hour + 1 if offset > 0 else hour - 1
        if other != state[NEIGHBOUR_HOUR]:  # no bin of this hour teaches that one
            state[NEIGHBOUR_HOUR] = other
            known = state[DAY_SEEN + other % 24] > 0
            state[NEIGHBOUR] = _rhythm(state, other % 168) if known else np.nan
        if not math.isnan(state[NEIGHBOUR]):
            level += abs(offset) * (state[NEIGHBOUR] - level)
    level += state[LEVEL]
    if seen <= 0:
        level = state[RECENT]
    unknown = 1 / (1 + seen * seen)
    recent_variance = rhythm * rhythm * min(1.0, (state[UNSEEN] + hours) / RHYTHM_HOURS)
    wobble = max(state[WOBBLE], 0.0)
    rhythm_variance = wobble / max(seen, 0.5) + _weekday_variance(state, hour)
    expected = (1 - unknown) * level + unknown * state[RECENT]
    variance = (1 - unknown) ** 2 * rhythm_variance + unknown**2 * recent_variance
    return expected, variance, unknown, level


@njit(cache=True, error_model="numpy", inline="always")
def _rhythm(state: NDArray[np.float64], hour: int) -> float:
    """The rhythm at an hour of the week: the day's, drawn to the week's as weeks were seen."""
    day: float = state[DAY + hour % 24]
    seen = state[WEEK_SEEN + hour]
    if seen <= 0:
        return day
    weight = seen / (seen + 2.0)
    level: float = (1 - weight) * day + weight * state[WEEK + hour]
    return level


@njit(cache=True, error_model="numpy", inline="always")
def _weekday_variance(state: NDArray[np.float64], hour: int) -> float:
    """What this weekday may differ from others, as far as it has not been seen.

    How much weekdays differ is held to be half of what hours do, until two weeks have shown it.
    """
    days = state[DAY_SEEN + hour % 24]
    assumed = max(1 - days / WEEKDAY_DAYS, 0.0)
    variance = (
        assumed * (WEEKDAY_SWING * state[SWING]) ** 2
        + (1 - assumed) * state[WEEKDAY_SPREAD] * state[WEEKDAY_SPREAD]
    )
    ignorance: float = variance / (1 + state[WEEK_SEEN + hour]) ** 2
    return ignorance


@njit(cache=True, error_model="numpy", inline="always")
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


@njit(cache=True, error_model="numpy")
def learn(
    state: NDArray[np.float64],
    logarithm: float,
    expected: tuple[float, float, float, float],
    moment: int,
    hours: float,
    weight: float,
) -> None:
    """Let an ordinary value teach the level, the rhythm and the spread.

    Args:
        state: the series' state, changed in place.
        logarithm: of the value.
        expected: what ``expectation`` gave.
        moment: microseconds from Monday 00:00 UTC to the bin's begin.
        hours: the bin's length in hours.
        weight: probability that the bin is ordinary.
    """
    prediction, variance, unknown, level = expected
    innovation = logarithm - prediction
    total = state[NOISE] + max(state[WOBBLE], 0.0) + variance
    limit = 3 * math.sqrt(total)
    clipped = min(max(innovation, -limit), limit)
    state[UNSEEN] *= 1 - weight
    # Where the rhythm is known the recent level is the value's own, for when it should be needed.
    recent = clipped if unknown > 0.01 else logarithm - state[RECENT]  # noqa: PLR2004
    state[RECENT] += weight * min(1.0, hours / RECENT_HOURS) * recent

    _learn_rhythm(state, logarithm, level, limit, moment // HOUR, weight * min(1.0, hours))
    moved = min(max(logarithm - level, -limit), limit)
    state[LEVEL] += weight * (1 - unknown) * min(0.3, hours / LEVEL_HOURS) * moved

    # The level follows ordinary values, but not a fade of days; the usual level follows it slowly.
    floor = state[USUAL_LEVEL] + state[LOWEST]
    fading = state[LEVEL] < floor
    state[LEVEL] = max(state[LEVEL], floor)
    age = min(max(state[NOISE_SEEN] * hours, 24.0), USUAL_DAYS * 24)
    state[USUAL_LEVEL] += weight * min(1.0, hours / age) * (state[LEVEL] - state[USUAL_LEVEL])
    if fading:
        return  # what a fade does to the spread is not ordinary

    # The spread: a few bins of the habit's weight at first, then the last week's.
    gain = weight / (min(state[NOISE_SEEN], NOISE_DAYS * 24 / hours) + 6)
    state[NOISE_SEEN] += weight
    state[NOISE] += gain * (min(innovation * innovation, 9 * total) - state[NOISE])
    _learn_wobble(state, innovation, moment, hours, weight)


@njit(cache=True, error_model="numpy", inline="always")
def settle(state: NDArray[np.float64], ratio: float, hours: float) -> None:
    """Take a partial loss that has stayed for four weeks for the new level.

    Args:
        state: the series' state, changed in place.
        ratio: the value of a bin in an outage, divided by what is expected.
        hours: the bin's length in hours.
    """
    if ratio < NEW_LEVEL_SHARE:
        state[SETTLED] = 0
        return
    level = math.log(ratio)
    if state[SETTLED] == 0:
        state[SETTLED_LEVEL] = level
    state[SETTLED_LEVEL] += min(1.0, hours / LEVEL_HOURS) * (level - state[SETTLED_LEVEL])
    state[SETTLED] += hours
    if state[SETTLED] >= NEW_LEVEL_DAYS * 24:
        state[LEVEL] += state[SETTLED_LEVEL]
        state[USUAL_LEVEL] = state[LEVEL]
        state[RECENT] += state[SETTLED_LEVEL]
        state[SETTLED] = 0


@njit(cache=True, error_model="numpy", inline="always")
def _learn_rhythm(
    state: NDArray[np.float64],
    logarithm: float,
    level: float,
    limit: float,
    hour: int,
    share: float,
) -> None:
    """Let a value teach its hour of the day and of the week; ``share`` is its part of the hour."""
    day, week = DAY + hour % 24, WEEK + hour
    day_seen, week_seen = state[DAY_SEEN + hour % 24], state[WEEK_SEEN + hour]
    if day_seen < 2:  # noqa: PLR2004 - nothing surprises in the first two days
        limit = max(limit, 0.5)
    clipped = min(max(logarithm - level, -limit), limit)
    if day_seen <= 0:
        state[day] = logarithm - state[LEVEL]
    else:
        state[day] += share / (min(day_seen, MEMORY_DAYS) + share) * clipped
    if week_seen <= 0:
        state[week] = logarithm - state[LEVEL]
    else:
        state[week] += share / (min(week_seen, MEMORY_DAYS / 7) + share) * clipped
    state[DAY_SEEN + hour % 24] += share
    state[WEEK_SEEN + hour] += share


@njit(cache=True, error_model="numpy", inline="always")
def _learn_wobble(
    state: NDArray[np.float64],
    innovation: float,
    moment: int,
    hours: float,
    weight: float,
) -> None:
    """Let a value teach how means over a block vary beyond what their bins' own noise leaves."""
    block_hours = max(BLOCK_HOURS, BLOCK_BINS * hours)
    block = math.floor(moment / HOUR / block_hours)
    if block != state[BLOCK_INDEX]:
        bins = state[BLOCK_COUNT]
        if bins > 1.5:  # noqa: PLR2004 - one bin alone cannot tell noise from wobble
            mean = state[BLOCK_SUM] / bins
            # A bin's noise holds the wobble too: it leaves (noise - wobble) / bins in a mean.
            beyond = (mean * mean - state[NOISE] / bins) / (1 - 1 / bins)
            limit = 9 * (max(state[WOBBLE], 0.0) + state[NOISE] / bins)
            gain = 1 / (min(state[WOBBLE_SEEN], 2 * NOISE_DAYS * 24 / block_hours) + 8)
            state[WOBBLE_SEEN] += 1
            state[WOBBLE] += gain * (min(beyond, limit) - state[WOBBLE])
        state[BLOCK_SUM] = 0
        state[BLOCK_COUNT] = 0
        state[BLOCK_INDEX] = block
        _look_at_rhythm(state)
    state[BLOCK_SUM] += weight * innovation
    state[BLOCK_COUNT] += weight


@njit(cache=True, error_model="numpy", inline="always")
def _look_at_rhythm(state: NDArray[np.float64]) -> None:
    """Note how much the hours of a day differ, and weekdays from the day's rhythm."""
    number = total = squares = 0.0
    for hour in range(24):
        if state[DAY_SEEN + hour] > 0:
            number += 1
            total += state[DAY + hour]
            squares += state[DAY + hour] ** 2
    if number > 0:
        state[SWING] = math.sqrt(max(squares / number - (total / number) ** 2, 0.0))
    number = squares = 0.0
    for hour in range(168):
        if state[WEEK_SEEN + hour] > 0:
            number += 1
            squares += (state[WEEK + hour] - state[DAY + hour % 24]) ** 2
    if number > 0:
        state[WEEKDAY_SPREAD] = math.sqrt(squares / number)


@njit(cache=True, error_model="numpy", inline="always")
def ordinary_loss(state: NDArray[np.float64], hour: int) -> None:
    """Note how much the series may lose by itself at an hour of the week.

    Slow variation, unseen weekdays, holidays, and the way back from a rise.
    """
    seen = max(state[DAY_SEEN + hour % 24], 0.5)
    wobble = max(state[WOBBLE], 0.0)
    slow = math.sqrt(wobble * (1 + 1 / seen) + _weekday_variance(state, hour))
    holiday = 1 - _holiday(state, hour) * (1 - slow)
    back = 1 - RETURN_MARGIN * math.exp(state[USUAL_LEVEL] - state[LEVEL])
    loss = max(WOBBLE_WIDTH * slow, holiday, back, ORDINARY_LOSS)
    state[LOSS] = min(loss, LARGEST_ORDINARY_LOSS)
    state[LOWEST] = math.log(1 - FADE_PART * state[LOSS])
