"""The recursive filter over one series: expectation and belief, bin by bin."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.detect.belief import drift, fill_states, masses, weigh
from zicht.detect.constants import DOUBT_WIDTH, SMALLEST_COUNT
from zicht.detect.expectation import expectation, learn, ordinary_loss, settle
from zicht.detect.state import (
    BELIEF,
    LOSS,
    LOSS_HOUR,
    N_STATES,
    NOISE,
    RECENT,
    SETTLED,
    SHARP_HOUR,
    STARTED,
    UNSEEN,
    WOBBLE,
)
from zicht.detect.uncounted import uncounted
from zicht.model.time import HOUR, WEEK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.detect.belief import Change

# Columns of what a step gives.
EXPECTED, SPREAD, ORDINARY_ABOVE, BELIEF_OUTAGE = 0, 1, 2, 3
N_OUTPUTS = 4

_LOG_2 = math.log(2)


@njit(cache=True, error_model="numpy")
def advance(  # noqa: PLR0913, PLR0917 - one pass, for speed
    state: NDArray[np.float64],
    value: float,
    moment: int,
    hours: float,
    rhythm: float,
    change: Change,
    likelihood: NDArray[np.float64],
    output: NDArray[np.float64],
    count: bool,  # noqa: FBT001 - Numba binds no keyword-only arguments
) -> None:
    """Take one bin in.

    What it calls is inlined, so that one function is compiled and not a dozen; all but ``learn``,
    which it calls twice.

    Args:
        state: float64[STATE_SIZE], changed in place.
        value: the bin's value; NaN when missing.
        moment: microseconds from Monday 00:00 UTC to the bin's begin.
        hours: the bin's length in hours.
        rhythm: how far a day may swing, from the plane's habit.
        change: chances of change within a bin.
        likelihood: float64[N_STATES], filled with the likelihood of the value under each state.
        output: float64[N_OUTPUTS], filled with expectation, spread, the share below which an outage
            begins, and belief in an outage.
        count: whether values are counts, of which few are noisier than many.
    """
    drift(state, change)
    state[UNSEEN] += hours
    missing = math.isnan(value)
    if state[STARTED] == 0:
        likelihood[:] = 1.0
        output[EXPECTED] = output[SPREAD] = np.nan
        if not missing and value > 0:
            state[STARTED] = 1
            state[RECENT] = math.log(value)
            if count:
                state[NOISE] += 1 / value
            first = math.log(value)
            learn(state, first, (first, 0.0, 1.0, first), moment, hours, 1.0)
        output[ORDINARY_ABOVE] = 1 - state[LOSS]
        output[BELIEF_OUTAGE] = 1 - masses(state)[0]
        return

    prediction = expectation(state, moment, hours, rhythm)
    logarithm, variance = prediction[0], prediction[1]
    expected = math.exp(logarithm)
    hour = moment // HOUR
    if hour != state[SHARP_HOUR]:
        # Of the noise of counts, what Poisson's law explains shrinks with the share; blocks that
        # answer steadily are quieter than that.
        counting = min(1.0 / expected, state[NOISE]) if count else 0.0
        fill_states(state, counting)
        state[SHARP_HOUR] = hour
    if not missing and not (count and expected < SMALLEST_COUNT):
        doubt = DOUBT_WIDTH * math.sqrt(variance)
        down = weigh(state, value / expected, doubt, change.glitch, likelihood)
    else:
        likelihood[:] = 1.0
        down = masses(state)[1]
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
    learn(state, logarithm + innovation, prediction, moment, hours, 1 - down)
    if hour != state[LOSS_HOUR]:
        state[LOSS_HOUR] = hour
        ordinary_loss(state, hour)
        state[SHARP_HOUR] = -1


@njit(cache=True, error_model="numpy")
def filter_series(  # noqa: PLR0913, PLR0917 - Numba binds no keyword-only arguments
    state: NDArray[np.float64],
    values: NDArray[np.float64],
    begin: int,
    step: int,
    rhythm: float,
    change: Change,
    likelihood: NDArray[np.float64],
    beliefs: NDArray[np.float64],
    outputs: NDArray[np.float64],
    count: bool,  # noqa: FBT001 - Numba binds no keyword-only arguments
) -> None:
    """Take all bins of a series in: the forward pass, what was known then.

    ``values`` is float64[n], ``likelihood`` and ``beliefs`` float64[n, N_STATES], ``outputs``
    float64[n, N_OUTPUTS]; ``begin`` is that of the first bin, in microseconds from Monday 00:00
    UTC, and ``step`` the length of each.
    """
    hours = step / HOUR
    own = uncounted(state)
    for i in range(len(values)):
        moment = (begin + i * step) % WEEK
        weights, output = uncounted(likelihood[i]), uncounted(outputs[i])
        advance(own, values[i], moment, hours, rhythm, change, weights, output, count)
        for k in range(N_STATES):  # a slice would compile how to word that lengths differ
            beliefs[i, k] = state[BELIEF + k]
