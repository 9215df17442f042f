"""A plain seasonal median: what this time of day usually is, and how far it usually strays.

The common starting point of anomaly detection (robust z-scores: Iglewicz and Hoaglin 1993, "How to
Detect and Handle Outliers"): the median of the same time of day on the last 28 days, or of the same
weekday in the last 28 weeks where a bin is a day, and 1.4826 times the median absolute deviation
from it. A value more than ``width`` such spreads below is an outage. It learns a blackout once that
fills half of the seasons that it looks back on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit, prange

from zicht.detect.baselines.runs import to_findings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.model.finding import Finding
    from zicht.model.series import Series

_DAY = 86_400
SEASONS = 28
"""How many seasons it looks back on."""
FEWEST = 3
"""Fewer seasons than this give neither a median nor a spread."""
NARROWEST = 0.01
"""The spread is never less than this part of the median: a constant series would alert at a
hair's breadth."""
WIDTH = 5.0
"""Spreads below the median from which a value is an outage."""
_NORMAL = 1.4826  # standard deviations of a normal distribution per median absolute deviation


def find(series: Series, *, width: float = WIDTH) -> list[Finding]:
    """Find outages: values more than ``width`` spreads below the median of their season."""
    middle, spread = medians(series.values[None, :], season_bins(series.signal.step))
    return to_findings(series, series.values < middle[0] - width * spread[0])


def season_bins(step: int) -> int:
    """Bins of a season: a day's, or a week's where a bin is a day or longer."""
    return max(round((_DAY if step < _DAY else 7 * _DAY) / step), 1)


def medians(
    values: NDArray[np.float64], season: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Median and spread of each bin's season before it: two of float64[series, bins].

    NaN where fewer than three seasons have a value.

    Args:
        values: float64[series, bins]; NaN is missing.
        season: bins of a season.
    """
    middle, spread = np.empty_like(values), np.empty_like(values)
    _medians(values, season, middle, spread)
    return middle, spread


@njit(cache=True, parallel=True)
def _medians(
    values: NDArray[np.float64],
    season: int,
    middle: NDArray[np.float64],
    spread: NDArray[np.float64],
) -> None:
    for row in prange(values.shape[0]):
        before = np.empty(SEASONS)
        for i in range(values.shape[1]):
            count = 0
            for k in range(1, SEASONS + 1):
                if i - k * season < 0:
                    break
                value = values[row, i - k * season]
                if not np.isnan(value):
                    before[count] = value
                    count += 1
            if count < FEWEST:
                middle[row, i] = spread[row, i] = np.nan
                continue
            centre = _median(before, count)
            for k in range(count):
                before[k] = abs(before[k] - centre)
            middle[row, i] = centre
            spread[row, i] = max(_NORMAL * _median(before, count), NARROWEST * abs(centre))


@njit(cache=True)
def _median(numbers: NDArray[np.float64], count: int) -> float:
    """The median of the first ``count`` numbers, which get sorted."""
    for i in range(1, count):  # few enough for insertion
        number = numbers[i]
        k = i
        while k > 0 and numbers[k - 1] > number:
            numbers[k] = numbers[k - 1]
            k -= 1
        numbers[k] = number
    half = count // 2
    if count % 2 == 1:
        return float(numbers[half])
    return float(0.5 * (numbers[half - 1] + numbers[half]))
