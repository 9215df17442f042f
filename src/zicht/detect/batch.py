"""Many series of one signal at once: what a planet needs, in one pass over all cores.

``screen`` says which series ever came near an outage, and keeps each one's state, so that only few
need to be looked at bin by bin; ``advance_all`` takes one new bin of every series in. Both run the
same kernel as the assessment of one series, so feeding bins one by one equals feeding all at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit, prange

from zicht.detect.belief import change_probabilities
from zicht.detect.constants import HABITS
from zicht.detect.filter import BELIEF_OUTAGE, EXPECTED, N_OUTPUTS, advance
from zicht.detect.state import N_STATES, new_state
from zicht.detect.uncounted import uncounted
from zicht.model.time import HOUR, MICROSECONDS, WEEK, since_monday

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.detect.belief import Change
    from zicht.model.signal import Signal


def new_states(signal: Signal, number: int) -> NDArray[np.float64]:
    """States of so many series of which nothing has been seen: float64[number, STATE_SIZE]."""
    return np.repeat(new_state(HABITS[signal.plane])[None], number, axis=0)


def screen(
    signal: Signal, values: NDArray[np.floating], start: int, states: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Take all bins of many series in.

    Args:
        signal: the spec.
        values: float32 or float64[series, bins]; NaN is missing.
        start: begin of the first bin, microseconds since 1970 UTC.
        states: float64[series, STATE_SIZE], moved on in place.

    Returns:
        float64[series]: the highest belief in an outage that each series reached, with the data of
        the time.
    """
    step = signal.step * MICROSECONDS
    highest = np.zeros(len(values))
    _screen(
        states,
        values,
        since_monday(start),
        step,
        HABITS[signal.plane].rhythm,
        change_probabilities(step / HOUR),
        signal.scale == "count",
        highest,
    )
    return highest


def advance_all(
    signal: Signal, values: NDArray[np.floating], time: int, states: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Take one bin of many series in.

    Args:
        signal: the spec.
        values: float32 or float64[series]: the bin's value of each; NaN is missing.
        time: the bin's begin, microseconds since 1970 UTC.
        states: float64[series, STATE_SIZE], moved on in place.

    Returns:
        Belief in an outage, and what was expected, of each series: float64[series] twice.
    """
    step = signal.step * MICROSECONDS
    belief, expected = np.empty(len(values)), np.empty(len(values))
    _advance_all(
        states,
        values,
        since_monday(time),
        step,
        HABITS[signal.plane].rhythm,
        change_probabilities(step / HOUR),
        signal.scale == "count",
        belief,
        expected,
    )
    return belief, expected


@njit(cache=True, error_model="numpy", parallel=True)
def _screen(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    states: NDArray[np.float64],
    values: NDArray[np.floating],
    begin: int,
    step: int,
    rhythm: float,
    change: Change,
    count: bool,  # noqa: FBT001 - Numba binds no keyword-only arguments
    highest: NDArray[np.float64],
) -> None:
    for row in prange(len(values)):
        room = np.empty(N_STATES + N_OUTPUTS)
        highest[row] = _take_all(states[row], values[row], begin, step, rhythm, change, count, room)


@njit(cache=True, error_model="numpy")
def _take_all(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    state: NDArray[np.float64],
    values: NDArray[np.floating],
    begin: int,
    step: int,
    rhythm: float,
    change: Change,
    count: bool,  # noqa: FBT001 - Numba binds no keyword-only arguments
    room: NDArray[np.float64],
) -> float:
    """Take all bins of one series in, with ``room`` to work in: its highest belief in an outage."""
    own = uncounted(state)
    likelihood, output = uncounted(room[:N_STATES]), uncounted(room[N_STATES:])
    hours = step / HOUR
    highest = 0.0
    for i in range(len(values)):
        moment = (begin + i * step) % WEEK
        advance(own, float(values[i]), moment, hours, rhythm, change, likelihood, output, count)
        highest = max(highest, output[BELIEF_OUTAGE])
    return highest


@njit(cache=True, error_model="numpy", parallel=True)
def _advance_all(  # noqa: PLR0913, PLR0917 - Numba binds no keyword-only arguments
    states: NDArray[np.float64],
    values: NDArray[np.floating],
    begin: int,
    step: int,
    rhythm: float,
    change: Change,
    count: bool,  # noqa: FBT001 - Numba binds no keyword-only arguments
    belief: NDArray[np.float64],
    expected: NDArray[np.float64],
) -> None:
    hours = step / HOUR
    for row in prange(len(values)):
        likelihood = np.empty(N_STATES)
        output = np.empty(N_OUTPUTS)
        value = float(values[row])
        advance(states[row], value, begin, hours, rhythm, change, likelihood, output, count)
        belief[row] = output[BELIEF_OUTAGE]
        expected[row] = output[EXPECTED]
