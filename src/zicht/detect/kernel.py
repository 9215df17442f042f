"""The recursive filter over one series: expectation and belief, bin by bin.

A series' state is one vector (see the offsets below), so that feeding bins one by one equals
feeding them all at once, and a state can be stored. Values are handled on a logarithmic scale for
the expectation (rhythms multiply) and on the linear scale for the belief (zero must be allowed).

Expectation: a level and two rhythms (by hour of day, by hour of week), each an average that forgets
and whose innovations are clipped, learned from bins that are believed to be ordinary only. While an
hour has not been seen on a few days the expectation follows the recent level instead.

Belief: a hidden Markov model over the share still reachable with four ordinary states and twelve
states of outage (Rabiner 1989, Proceedings of the IEEE 77:257-286, for the recursions), a sticky
transition, and Student's t with three degrees of freedom for the noise.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.detect.constants import (
    BLOCK_HOURS,
    DEPTH_RATE,
    GLITCH_PROBABILITY,
    LARGEST_ORDINARY_LOSS,
    LEVEL_HOURS,
    MEMORY_DAYS,
    NOISE_DAYS,
    ONSET_RATE,
    ORDINARY_LOSS,
    RECENT_HOURS,
    RECOVERY_RATE,
    RESOLUTION,
    RHYTHM_HOURS,
    SMALLEST_COUNT,
    WEEKDAY_SWING,
    WOBBLE_RATE,
    WOBBLE_WIDTH,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Ordinary states, as parts of the ordinary loss; the first is "all is there".
ORDINARY = np.array([0.0, 0.3, 0.6, 0.9])
ORDINARY_PRIOR = np.array([0.55, 0.25, 0.13, 0.07])
# States of outage, as parts of the share below which an outage begins.
DOWN = np.array([0.0, 0.02, 0.05, 0.09, 0.14, 0.20, 0.28, 0.38, 0.50, 0.62, 0.75, 0.90])
N_ORDINARY = len(ORDINARY)
N_DOWN = len(DOWN)
N_STATES = N_ORDINARY + N_DOWN

# Offsets of the state vector.
DAY = 0  # 24 levels by hour of day, logarithms
DAY_SEEN = DAY + 24  # on how many days each was seen
WEEK = DAY_SEEN + 24  # 168 levels by hour of week, logarithms
WEEK_SEEN = WEEK + 168
BELIEF = WEEK_SEEN + 168
STARTED = BELIEF + N_STATES  # 1 once a value was seen
LEVEL = STARTED + 1  # what the level has moved since, logarithm
RECENT = LEVEL + 1  # level of the last hour, logarithm
UNSEEN = RECENT + 1  # hours since an ordinary value
NOISE = UNSEEN + 1  # variance from bin to bin
WOBBLE = NOISE + 1  # variance of block means
BLOCK_SUM = WOBBLE + 1
BLOCK_COUNT = BLOCK_SUM + 1
BLOCK_INDEX = BLOCK_COUNT + 1
LOSS = BLOCK_INDEX + 1  # the ordinary loss now
SWING = LOSS + 1  # standard deviation of the day's rhythm, logarithm
NOISE_SEEN = SWING + 1
WOBBLE_SEEN = NOISE_SEEN + 1
STATE_SIZE = WOBBLE_SEEN + 1

# Columns of what a step gives.
EXPECTED, SPREAD, ORDINARY_ABOVE, BELIEF_OUTAGE = 0, 1, 2, 3
N_OUTPUTS = 4

_LOG_2 = math.log(2)
_DEGREES = 3.0
_SCALE = 0.7  # Student's t of three degrees with this scale has the quartiles of a unit normal


def new_state(rhythm: float, noise: float, wobble: float) -> NDArray[np.float64]:
    """The state of a series of which nothing has been seen (float64[STATE_SIZE]).

    The arguments are a plane's habit; ``rhythm`` is passed to each step too.
    """
    del rhythm
    state = np.zeros(STATE_SIZE)
    prior = ONSET_RATE / (ONSET_RATE + RECOVERY_RATE)
    state[BELIEF : BELIEF + N_ORDINARY] = (1 - prior) * ORDINARY_PRIOR
    state[BELIEF + N_ORDINARY : BELIEF + N_STATES] = prior / N_DOWN
    state[NOISE] = noise**2
    state[WOBBLE] = wobble**2
    state[BLOCK_INDEX] = -1
    state[LOSS] = ORDINARY_LOSS
    return state


@njit(cache=True)
def _drift(belief: NDArray[np.float64], hours: float) -> None:
    """Move the belief on by so many hours without data."""
    onset = 1 - math.exp(-ONSET_RATE * hours)
    recovery = 1 - math.exp(-RECOVERY_RATE * hours)
    wobble = 1 - math.exp(-WOBBLE_RATE * hours)
    depth = 1 - math.exp(-DEPTH_RATE * hours)
    ordinary = belief[:N_ORDINARY].sum()
    down = belief[N_ORDINARY:].sum()
    for k in range(N_ORDINARY):
        stay = (1 - onset) * ((1 - wobble) * belief[k] + wobble * ordinary * ORDINARY_PRIOR[k])
        belief[k] = stay + recovery * down * ORDINARY_PRIOR[k]
    for k in range(N_ORDINARY, N_STATES):
        stay = (1 - recovery) * ((1 - depth) * belief[k] + depth * down / N_DOWN)
        belief[k] = stay + onset * ordinary / N_DOWN


@njit(cache=True)
def _drift_back(message: NDArray[np.float64], hours: float) -> None:
    """The transpose of ``_drift``: what later data say of the state before."""
    onset = 1 - math.exp(-ONSET_RATE * hours)
    recovery = 1 - math.exp(-RECOVERY_RATE * hours)
    wobble = 1 - math.exp(-WOBBLE_RATE * hours)
    depth = 1 - math.exp(-DEPTH_RATE * hours)
    ordinary = (message[:N_ORDINARY] * ORDINARY_PRIOR).sum()
    down = message[N_ORDINARY:].sum() / N_DOWN
    for k in range(N_ORDINARY):
        stay = (1 - onset) * ((1 - wobble) * message[k] + wobble * ordinary)
        message[k] = stay + onset * down
    for k in range(N_ORDINARY, N_STATES):
        stay = (1 - recovery) * ((1 - depth) * message[k] + depth * down)
        message[k] = stay + recovery * ordinary


@njit(cache=True)
def _shares(loss: float, shares: NDArray[np.float64]) -> None:
    for k in range(N_ORDINARY):
        shares[k] = 1 - loss * ORDINARY[k]
    for k in range(N_DOWN):
        shares[N_ORDINARY + k] = (1 - loss) * DOWN[k]


@njit(cache=True)
def _rhythm(state: NDArray[np.float64], hour: int) -> float:
    """The rhythm at an hour of the week: the day's, drawn to the week's as weeks were seen."""
    day = state[DAY + hour % 24]
    seen = state[WEEK_SEEN + hour]
    if seen <= 0:
        return day
    weight = seen / (seen + 2.0)
    return (1 - weight) * day + weight * state[WEEK + hour]


@njit(cache=True)
def _weekday_variance(state: NDArray[np.float64], hour: int) -> float:
    """What this weekday may differ from others, as far as it has not been seen."""
    ignorance = WEEKDAY_SWING * state[SWING] / (1 + state[WEEK_SEEN + hour])
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
def _expectation(
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
def _weigh(  # noqa: PLR0913 - the arguments are the parts of one formula
    value: float,
    expected: float,
    noise: float,
    variance: float,
    shares: NDArray[np.float64],
    likelihood: NDArray[np.float64],
    counting: float,
) -> None:
    """The likelihood of a value under each share, up to a common factor."""
    own = noise + RESOLUTION * RESOLUTION
    # What is unknown of the expectation is the same in many bins: it must not count anew in each.
    fresh = own / (own + variance)
    for k in range(N_STATES):
        mean = shares[k] * expected
        spread = mean * mean * (noise + variance) + (RESOLUTION * expected) ** 2
        if counting > 0:
            spread += counting * mean + 0.25
        scale = _SCALE * math.sqrt(spread)
        distance = (value - mean) / scale
        if k == 0 and distance > 0:
            distance = 0.0  # more than expected is no evidence against "all is there"
        tail = 1 + distance * distance / _DEGREES
        density = 0.3675525969478614 / (scale * tail * tail)
        density = (1 - GLITCH_PROBABILITY) * density * expected + GLITCH_PROBABILITY
        likelihood[k] = density if fresh > 0.95 else density**fresh  # noqa: PLR2004


@njit(cache=True)
def _learn(  # noqa: PLR0913 - the arguments are the parts of one update
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

    state[RECENT] += weight * min(1.0, hours / RECENT_HOURS) * (
        clipped if unknown > 0.01 else logarithm - state[RECENT]  # noqa: PLR2004
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
def _learn_wobble(
    state: NDArray[np.float64], innovation: float, week_hours: float, weight: float
) -> None:
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
def _ordinary_loss(state: NDArray[np.float64], hour: int) -> float:
    """How much the series may lose by itself: slow variation, unseen weekdays, holidays."""
    seen = max(state[DAY_SEEN + hour % 24], 0.5)
    slow = math.sqrt(state[WOBBLE] * (1 + 1 / seen) + _weekday_variance(state, hour))
    holiday = 1 - _holiday(state, hour) * (1 - slow)
    loss = max(WOBBLE_WIDTH * slow, holiday, ORDINARY_LOSS)
    return min(loss, LARGEST_ORDINARY_LOSS)


@njit(cache=True)
def advance(  # noqa: PLR0913 - one bin and what holds for the whole series
    state: NDArray[np.float64],
    value: float,
    week_hours: float,
    hours: float,
    rhythm: float,
    likelihood: NDArray[np.float64],
    output: NDArray[np.float64],
    count: bool,  # noqa: FBT001 - Numba binds no keyword-only arguments
) -> None:
    """Take one bin in.

    Args:
        state: float64[STATE_SIZE], changed in place.
        value: the bin's value; NaN when missing.
        week_hours: hours from Monday 00:00 UTC to the bin's begin.
        hours: the bin's length in hours.
        rhythm: how far a day may swing, from the plane's habit.
        likelihood: float64[N_STATES], filled with the likelihood of the value under each state.
        output: float64[N_OUTPUTS], filled with expectation, spread, the share below which an outage
            begins, and belief in an outage.
        count: whether values are counts, of which few are noisier than many.
    """
    belief = state[BELIEF : BELIEF + N_STATES]
    _drift(belief, hours)
    state[UNSEEN] += hours
    likelihood[:] = 1.0
    missing = math.isnan(value)
    if state[STARTED] == 0:
        output[EXPECTED] = output[SPREAD] = np.nan
        if not missing and value > 0:
            state[STARTED] = 1
            state[RECENT] = math.log(value)
            if count:
                state[NOISE] += 1 / value
            _learn(state, math.log(value), 0.0, 0.0, 1.0, week_hours, hours, 1.0)
        output[ORDINARY_ABOVE] = 1 - state[LOSS]
        output[BELIEF_OUTAGE] = belief[N_ORDINARY:].sum()
        return

    logarithm, variance, unknown = _expectation(state, week_hours, hours, rhythm)
    expected = math.exp(logarithm)
    # Of the noise of counts, what Poisson's law explains shrinks with the share; blocks that answer
    # steadily are quieter than that.
    counting = min(1.0, state[NOISE] * expected) if count else 0.0
    noise = max(state[NOISE] - counting / expected, 0.0)
    if not missing and not (count and expected < SMALLEST_COUNT):
        shares = np.empty(N_STATES)
        _shares(state[LOSS], shares)
        _weigh(value, expected, noise, variance, shares, likelihood, counting)
        total = 0.0
        for k in range(N_STATES):
            belief[k] *= likelihood[k]
            total += belief[k]
        belief /= total
    down = belief[N_ORDINARY:].sum()
    output[EXPECTED] = expected
    spread = state[NOISE] + variance + state[WOBBLE]
    output[SPREAD] = math.sqrt(spread)
    output[ORDINARY_ABOVE] = 1 - state[LOSS]
    output[BELIEF_OUTAGE] = down
    if missing or down > 0.5:  # noqa: PLR2004 - what is more likely an outage does not teach
        return
    if count:  # the logarithm of a few is a matter of chance
        innovation = math.log(max(value, 0.5)) - max(logarithm, -_LOG_2)
    else:
        innovation = math.log(max(value, 0.01 * expected)) - logarithm
    _learn_wobble(state, innovation, week_hours, 1 - down)
    _learn(
        state, logarithm + innovation, innovation, variance, unknown, week_hours, hours, 1 - down
    )
    state[LOSS] = _ordinary_loss(state, int(week_hours) % 168)


@njit(cache=True)
def filter_series(  # noqa: PLR0913 - one series and what holds for all of it
    state: NDArray[np.float64],
    values: NDArray[np.float64],
    week_hours: float,
    hours: float,
    rhythm: float,
    likelihood: NDArray[np.float64],
    beliefs: NDArray[np.float64],
    outputs: NDArray[np.float64],
    count: bool,  # noqa: FBT001 - Numba binds no keyword-only arguments
) -> None:
    """Take all bins of a series in: the forward pass, what was known then.

    ``values`` is float64[n], ``likelihood`` and ``beliefs`` float64[n, N_STATES], ``outputs``
    float64[n, N_OUTPUTS]; ``week_hours`` is that of the first bin.
    """
    for i in range(len(values)):
        begin = (week_hours + i * hours) % 168
        advance(
            state, values[i], begin, hours, rhythm, likelihood[i], outputs[i], count
        )
        beliefs[i] = state[BELIEF : BELIEF + N_STATES]


@njit(cache=True)
def smooth(
    beliefs: NDArray[np.float64], likelihood: NDArray[np.float64], hours: float
) -> None:
    """Turn what was known then into what is known with all data, in place: the backward pass."""
    message = np.ones(N_STATES)
    for i in range(len(beliefs) - 2, -1, -1):
        message *= likelihood[i + 1]
        _drift_back(message, hours)
        message /= message.max()
        beliefs[i] *= message
        beliefs[i] /= beliefs[i].sum()
    if len(beliefs) > 0:
        beliefs[-1] /= beliefs[-1].sum()
