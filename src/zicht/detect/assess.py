"""Assessment of one series: what is expected, and what is believed, in every bin."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from zicht.detect.belief import change_probabilities, smooth
from zicht.detect.constants import HABITS, SMALLEST_COUNT
from zicht.detect.filter import (
    BELIEF_OUTAGE,
    EXPECTED,
    N_OUTPUTS,
    ORDINARY_ABOVE,
    SPREAD,
    filter_series,
)
from zicht.detect.state import DOWN, N_ORDINARY, N_STATES, ORDINARY, new_state
from zicht.model.belief import Assessment
from zicht.model.time import MICROSECONDS, since_monday

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.model.series import Series
    from zicht.model.time import Clock

_HOUR = 3600
_CENTRAL_90 = 1.645  # standard deviations that hold the central 90 % of a normal distribution

_WIDEST = 5.0  # a factor of e^8 either way says all that can be said


def too_few(series: Series, expected: NDArray[np.float64]) -> NDArray[np.bool_]:
    """bool[n]: where so few are expected that none may be chance: not observable."""
    if series.signal.scale != "count":
        return np.zeros(len(expected), dtype=bool)
    return np.asarray(expected < SMALLEST_COUNT)


def assess(series: Series, sick: NDArray[np.bool_] | None = None, clock: Clock = ()) -> Assessment:
    """Assess a series.

    Args:
        series: the series, on its grid.
        sick: bool[n]: bins in which the source could not see; they count as missing.
        clock: how far the clocks that people live by are ahead of UTC; the rhythm moves with them.
    """
    length = len(series.values)
    sick = np.zeros(length, dtype=bool) if sick is None else sick
    values = np.where(sick, np.nan, series.values)
    values = np.where(np.isfinite(values) & (values >= 0), values, np.nan)
    habit = HABITS[series.signal.plane]
    change = change_probabilities(series.signal.step / _HOUR)
    likelihood = np.empty((length, N_STATES))
    beliefs = np.empty((length, N_STATES))
    outputs = np.empty((length, N_OUTPUTS))
    state = new_state(habit)
    for first, end, ahead in _by_the_clock(series, clock):
        filter_series(
            state,
            values[first:end],
            since_monday(int(series.start) + first * series.signal.step * MICROSECONDS + ahead),
            series.signal.step * MICROSECONDS,
            habit.rhythm,
            change,
            likelihood[first:end],
            beliefs[first:end],
            outputs[first:end],
            series.signal.scale == "count",
        )
    smooth(beliefs, likelihood, change)
    expected = outputs[:, EXPECTED]
    values = np.where(too_few(series, expected), np.nan, values)
    spread = np.minimum(outputs[:, SPREAD], _WIDEST)
    ordinary_above = outputs[:, ORDINARY_ABOVE]
    shares = _shares_of_states(ordinary_above)
    low, high = _percentiles(shares, beliefs, (0.05, 0.95))
    return Assessment(
        series=series,
        expected=expected,
        expected_low=expected * np.exp(-_CENTRAL_90 * spread),
        expected_high=expected * np.exp(_CENTRAL_90 * spread),
        connectivity=100 * values / expected,
        ordinary_above=100 * ordinary_above,
        belief_outage=outputs[:, BELIEF_OUTAGE],
        belief_outage_later=beliefs[:, N_ORDINARY:].sum(axis=1),
        share=100 * (shares * beliefs).sum(axis=1),
        share_low=100 * low,
        share_high=100 * high,
        sick=sick.astype(np.float64),
    )


def _by_the_clock(series: Series, clock: Clock) -> list[tuple[int, int, int]]:
    """Stretches of bins, and by how much the clock has moved in each since the series began.

    Bins longer than an hour are left where they are: moved by one, they would be hours of the
    rhythm that no bin has taught.
    """
    length, step = len(series.values), series.signal.step * MICROSECONDS
    if not clock or series.signal.step > _HOUR:
        return [(0, length, 0)]
    firsts = [min(max(-((series.start - time) // step), 0), length) for time, _ in clock]
    ends = [*firsts[1:], length]
    stretches = [
        (first, end, ahead)
        for first, end, (_, ahead) in zip([0, *firsts[1:]], ends, clock, strict=True)
        if first < end
    ]
    began = stretches[0][2] if stretches else 0
    return [(first, end, ahead - began) for first, end, ahead in stretches]


def _shares_of_states(ordinary_above: NDArray[np.float64]) -> NDArray[np.float64]:
    ordinary = 1 - np.outer(1 - ordinary_above, ORDINARY)
    down = np.outer(ordinary_above, DOWN)
    return np.hstack([ordinary, down])


@cache
def _order_of_states() -> NDArray[np.intp]:
    """The states from the least share to the most: the same wherever ordinary begins."""
    return np.argsort(_shares_of_states(np.array([0.5]))[0])


def _percentiles(
    shares: NDArray[np.float64], beliefs: NDArray[np.float64], levels: tuple[float, ...]
) -> list[NDArray[np.float64]]:
    order = _order_of_states()
    cumulated = np.cumsum(beliefs[:, order], axis=1)
    ranked = shares[:, order]
    rows = np.arange(len(shares))
    last = shares.shape[1] - 1 if shares.size else 0
    return [ranked[rows, np.minimum((cumulated < level).sum(axis=1), last)] for level in levels]
