"""New bins of many series of one signal, fed into their states as they come.

Series do not all go on at the same time: each is fed from its own next bin on, and what is missing
in between as missing. So a state is at any moment what one pass over the whole series would give.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit, prange

from zicht.detect.belief import change_probabilities
from zicht.detect.constants import ALERT, DATING, HABITS, SMALLEST_COUNT
from zicht.detect.filter import (
    BELIEF_OUTAGE,
    EXPECTED,
    N_OUTPUTS,
    ORDINARY_ABOVE,
    SPREAD,
    advance,
)
from zicht.detect.state import N_STATES, STATE_SIZE, new_state
from zicht.detect.uncounted import uncounted
from zicht.model.time import HOUR, MICROSECONDS, WEEK, since_monday

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.detect.belief import Change
    from zicht.model.signal import Signal

# Columns of a track: what is known of a series beside its state. Times are microseconds since 1970.
NEXT = 0  # begin of the next bin, 0 before the first
LAST = 1  # begin of the last bin of which connectivity is known, 0 where none is
CONNECTIVITY = 2  # of that bin, percent of ordinary
BELIEF = 3  # in an outage, with the data up to that bin
ABOVE = 4  # percent of ordinary below which the series counted as in an outage there
RELATIVE = 5  # the usual logarithm of the upper end of what is ordinary to what is expected
LEVEL = 6  # what is usually expected
BINS = 7  # bins with an expectation, up to USUAL_BINS
FEW = 8  # 1 while so few are expected that none may be chance
EXPECTED_LAST = 9  # what was expected of the last bin
TRACK_SIZE = 10

SUSPICIOUS = 0.3
"""Belief from which a series is looked at more closely. Nothing is found below ``ALERT`` (0.9); the
states of this pass and of a closer look differ a little where they began at different times."""

USUAL_BINS = 8064.0
"""What is usual is the mean of so many bins: four weeks of five minutes."""

LEVELS = (DATING[0], SUSPICIOUS, 0.5, ALERT)
"""Beliefs at which something changes: when one is crossed, what was found may be another thing."""

_CENTRAL_90 = 1.645
_WIDEST = 5.0


def new_tracks(number: int) -> NDArray[np.float64]:
    """Tracks of so many series of which nothing has been seen: float64[number, TRACK_SIZE]."""
    return np.zeros((number, TRACK_SIZE))


def feed(  # noqa: PLR0917 - as the arrays of the kernel stand
    signal: Signal,
    states: NDArray[np.float64],
    tracks: NDArray[np.float64],
    rows: NDArray[np.int64],
    firsts: NDArray[np.int64],
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    longest_gap: int,
) -> NDArray[np.int64]:
    """Take the new bins of some series in.

    Args:
        signal: the spec.
        states: float64[series, STATE_SIZE], moved on in place.
        tracks: float64[series, TRACK_SIZE], likewise.
        rows: int64[m]: which series, each once.
        firsts: int64[m + 1]: where the bins of each begin in ``times`` and ``values``, and where
            the last ones end.
        times: begins of the bins, rising within a series, none before the series' next bin and all
            on its grid; microseconds since 1970 UTC.
        values: float64: their values; NaN is missing.
        longest_gap: microseconds: a series that was away longer begins anew.

    Returns:
        int64[m, 4]: begins of each series' first suspicious bin, of its last one, of the last one
        that may still belong to an outage (``DATING``), and of the last one that is suspicious
        after one that is not; 0 where there is none.
    """
    step = signal.step * MICROSECONDS
    suspicious = np.zeros((len(rows), 4), dtype=np.int64)
    values = np.where(np.isfinite(values) & (values >= 0), values, np.nan)
    _feed(
        states,
        tracks,
        rows,
        firsts,
        times,
        values,
        since_monday(0),
        step,
        HABITS[signal.plane].rhythm,
        change_probabilities(step / HOUR),
        signal.scale == "count",
        longest_gap,
        new_state(HABITS[signal.plane]),
        suspicious,
    )
    return suspicious


@njit(cache=True, error_model="numpy", parallel=True)
def _feed(  # noqa: PLR0913, PLR0917 - Numba binds no keyword-only arguments
    states: NDArray[np.float64],
    tracks: NDArray[np.float64],
    rows: NDArray[np.int64],
    firsts: NDArray[np.int64],
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    monday: int,
    step: int,
    rhythm: float,
    change: Change,
    count: bool,  # noqa: FBT001 - Numba binds no keyword-only arguments
    longest_gap: int,
    fresh: NDArray[np.float64],
    suspicious: NDArray[np.int64],
) -> None:
    for k in prange(len(rows)):
        room = np.empty(N_STATES + N_OUTPUTS)
        first, last, unsettled, begun = _feed_one(
            states[rows[k]],
            tracks[rows[k]],
            times[firsts[k] : firsts[k + 1]],
            values[firsts[k] : firsts[k + 1]],
            monday,
            step,
            rhythm,
            change,
            count,
            longest_gap,
            fresh,
            room,
        )
        suspicious[k, 0], suspicious[k, 1] = first, last
        suspicious[k, 2], suspicious[k, 3] = unsettled, begun


@njit(cache=True, error_model="numpy")
def _feed_one(  # noqa: C901, PLR0913, PLR0917 - one pass; Numba binds no keyword-only arguments
    state: NDArray[np.float64],
    track: NDArray[np.float64],
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    monday: int,
    step: int,
    rhythm: float,
    change: Change,
    count: bool,  # noqa: FBT001 - Numba binds no keyword-only arguments
    longest_gap: int,
    fresh: NDArray[np.float64],
    room: NDArray[np.float64],
) -> tuple[int, int, int, int]:
    own = uncounted(state)
    likelihood, output = uncounted(room[:N_STATES]), uncounted(room[N_STATES:])
    hours = step / HOUR
    first_suspicious, last_suspicious, last_unsettled, last_begun = 0, 0, 0, 0
    for i in range(len(times)):
        time = int(times[i])
        following = int(track[NEXT])
        if following == 0 or time - following > longest_gap:
            for k in range(STATE_SIZE):
                state[k] = fresh[k]
            following = time
        while following < time:
            moment = (following + monday) % WEEK
            advance(own, np.nan, moment, hours, rhythm, change, likelihood, output, count)
            following += step
        value = values[i]
        moment = (time + monday) % WEEK
        advance(own, value, moment, hours, rhythm, change, likelihood, output, count)
        track[NEXT] = time + step
        expected = output[EXPECTED]
        if math.isnan(expected):
            continue
        bins = min(track[BINS] + 1, USUAL_BINS)
        track[BINS] = bins
        relative = _CENTRAL_90 * min(output[SPREAD], _WIDEST)
        track[RELATIVE] += (relative - track[RELATIVE]) / bins
        track[LEVEL] += (expected - track[LEVEL]) / bins
        track[EXPECTED_LAST] = expected
        few = count and expected < SMALLEST_COUNT
        track[FEW] = 1.0 if few else 0.0
        if math.isnan(value) or few:
            continue
        track[LAST] = time
        track[CONNECTIVITY] = 100 * value / expected
        before = track[BELIEF]
        track[BELIEF] = output[BELIEF_OUTAGE]
        track[ABOVE] = 100 * output[ORDINARY_ABOVE]
        if output[BELIEF_OUTAGE] >= DATING[0]:
            last_unsettled = time
        if output[BELIEF_OUTAGE] >= SUSPICIOUS:
            last_suspicious = time
            if before < SUSPICIOUS:
                last_begun = time
            if first_suspicious == 0:
                first_suspicious = time
    return first_suspicious, last_suspicious, last_unsettled, last_begun
