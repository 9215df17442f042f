"""The recursive filter over one series: expectation and belief, bin by bin."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.detect.belief import drift, fill_shares, fill_sharpness, weigh
from zicht.detect.constants import DOUBT_WIDTH, SMALLEST_COUNT
from zicht.detect.expectation import expectation, learn, ordinary_loss, settle
from zicht.detect.state import (
    BELIEF,
    LOSS,
    LOSS_HOUR,
    N_ORDINARY,
    N_STATES,
    NOISE,
    RECENT,
    SETTLED,
    SHARES,
    SHARP_HOUR,
    SHARPNESS,
    STARTED,
    UNSEEN,
    WOBBLE,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Columns of what a step gives.
EXPECTED, SPREAD, ORDINARY_ABOVE, BELIEF_OUTAGE = 0, 1, 2, 3
N_OUTPUTS = 4

_LOG_2 = math.log(2)


@njit(cache=True, error_model="numpy")
def advance(  # noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917 - one pass, for speed
    state: NDArray[np.float64],
    value: float,
    week_hours: float,
    hours: float,
    rhythm: float,
    change: NDArray[np.float64],
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
        change: chances of change within a bin.
        likelihood: float64[N_STATES], filled with the likelihood of the value under each state.
        output: float64[N_OUTPUTS], filled with expectation, spread, the share below which an outage
            begins, and belief in an outage.
        count: whether values are counts, of which few are noisier than many.
    """
    belief = state[BELIEF : BELIEF + N_STATES]
    drift(belief, change)
    state[UNSEEN] += hours
    for k in range(N_STATES):
        likelihood[k] = 1.0
    missing = math.isnan(value)
    if state[STARTED] == 0:
        output[EXPECTED] = output[SPREAD] = np.nan
        if not missing and value > 0:
            state[STARTED] = 1
            state[RECENT] = math.log(value)
            if count:
                state[NOISE] += 1 / value
            first = math.log(value)
            learn(state, first, (first, 0.0, 1.0, first), week_hours, hours, 1.0)
        output[ORDINARY_ABOVE] = 1 - state[LOSS]
        output[BELIEF_OUTAGE] = 1 - belief[:N_ORDINARY].sum()
        return

    prediction = expectation(state, week_hours, hours, rhythm)
    logarithm, variance = prediction[0], prediction[1]
    expected = math.exp(logarithm)
    hour = int(week_hours) % 168
    shares = state[SHARES : SHARES + N_STATES]
    sharpness = state[SHARPNESS : SHARPNESS + N_STATES]
    if hour != state[SHARP_HOUR]:
        # Of the noise of counts, what Poisson's law explains shrinks with the share; blocks that
        # answer steadily are quieter than that.
        counting = min(1.0 / expected, state[NOISE]) if count else 0.0
        fill_sharpness(shares, max(state[NOISE] - counting, 0.0), counting, sharpness)
        state[SHARP_HOUR] = hour
    if not missing and not (count and expected < SMALLEST_COUNT):
        doubt = DOUBT_WIDTH * math.sqrt(variance)
        weigh(value / expected, doubt, change[4], shares, sharpness, likelihood)
        total = 0.0
        for k in range(N_STATES):
            belief[k] *= likelihood[k]
            total += belief[k]
        for k in range(N_STATES):
            belief[k] /= total
    down = 0.0
    for k in range(N_ORDINARY, N_STATES):
        down += belief[k]
    output[EXPECTED] = expected
    spread = state[NOISE] + variance + max(state[WOBBLE], 0.0)
    output[SPREAD] = math.sqrt(spread)
    output[ORDINARY_ABOVE] = 1 - state[LOSS]
    output[BELIEF_OUTAGE] = down
    if missing:
        return
    if down > 0.5:  # noqa: PLR2004 - what is more likely an outage does not teach
        settle(state, value / expected, hours)
        return
    state[SETTLED] = 0
    if count:  # the logarithm of a few is a matter of chance
        innovation = math.log(max(value, 0.5)) - max(logarithm, -_LOG_2)
    else:
        innovation = math.log(max(value, 0.01 * expected)) - logarithm
    learn(state, logarithm + innovation, prediction, week_hours, hours, 1 - down)
    if hour != state[LOSS_HOUR]:
        state[LOSS_HOUR] = hour
        state[LOSS] = ordinary_loss(state, hour)
        fill_shares(state[LOSS], shares)
        state[SHARP_HOUR] = -1


@njit(cache=True, error_model="numpy")
def filter_series(  # noqa: PLR0913, PLR0917 - Numba binds no keyword-only arguments
    state: NDArray[np.float64],
    values: NDArray[np.float64],
    week_hours: float,
    hours: float,
    rhythm: float,
    change: NDArray[np.float64],
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
        advance(state, values[i], begin, hours, rhythm, change, likelihood[i], outputs[i], count)
        beliefs[i] = state[BELIEF : BELIEF + N_STATES]
