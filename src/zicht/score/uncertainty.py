"""Uncertainty of figures: exact intervals for shares and rates, the bootstrap for the others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

LEVEL = 0.95
"""Probability that an interval covers what it is of."""

RESAMPLES = 2000  # the ends of a 95 % interval then rest on 50 of them each
_SEED = 20191116
_FEWEST = 5  # drawn anew from fewer, an interval would say less than it seems to
_HALVINGS = 50  # to the last digits of a float

Interval = tuple[float, float]


def share_interval(n: int, of: int) -> Interval:
    """Clopper's and Pearson's exact interval of a share (Biometrika 26:404, 1934).

    With nothing tried, nothing is known: 0 to 1.
    """
    if of == 0:
        return 0.0, 1.0
    tail = (1 - LEVEL) / 2
    low = 0.0 if n == 0 else _root(lambda p: _binomial_reaches(n, of, p) - tail, 0.0, 1.0)
    high = 1.0 if n == of else _root(lambda p: _binomial_reaches(n + 1, of, p) - 1 + tail, 0.0, 1.0)
    return low, high


def rate_interval(n: int, exposure: float) -> Interval:
    """Garwood's exact interval of a rate (Biometrika 28:437, 1936): ``n`` in so much time.

    With no time watched, nothing is known: 0 to infinity.
    """
    if exposure <= 0:
        return 0.0, math.inf
    tail = (1 - LEVEL) / 2
    most = n + 10 * math.sqrt(n + 1) + 10
    low = 0.0 if n == 0 else _root(lambda mean: _poisson_reaches(n, mean) - tail, 0.0, most)
    high = _root(lambda mean: _poisson_reaches(n + 1, mean) - 1 + tail, 0.0, most)
    return low / exposure, high / exposure


def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean along the last axis, without what is missing."""
    return np.asarray(np.nanmean(values, axis=-1))


def median(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median, likewise."""
    return _quantile(values, 0.5)


def p90(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The 90th percentile, likewise."""
    return _quantile(values, 0.9)


def _quantile(values: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    quantile = np.nanquantile if np.isnan(values).any() else np.quantile  # the first is slow
    return np.asarray(quantile(values, level, axis=-1))


def bootstrap_interval(
    groups: Sequence[Sequence[float]],
    figure: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> Interval | None:
    """Percentile interval of a figure when whole groups (events) are drawn anew, with a seed.

    Args:
        groups: the values of each event; they stay together, since they are not independent.
        figure: what is computed of all values along the last axis, NaN being none.

    Returns:
        ``None`` with fewer than five groups: a few events say little of the next.
    """
    filled = [group for group in groups if len(group)]
    if len(filled) < _FEWEST:
        return None
    padded = np.full((len(filled), max(map(len, filled))), np.nan)
    for row, group in zip(padded, filled, strict=True):
        row[: len(group)] = group
    draws = np.random.default_rng(_SEED).integers(len(filled), size=(RESAMPLES, len(filled)))
    return _percentiles(figure(padded[draws].reshape(RESAMPLES, -1)))


def bootstrap_sums(
    groups: Sequence[NDArray[np.float64]], figure: Callable[[NDArray[np.float64]], float]
) -> Interval | None:
    """The same of a figure that is computed of sums over groups: each is float64[k]."""
    if len(groups) < _FEWEST:
        return None
    each = np.full(len(groups), 1 / len(groups))
    times = np.random.default_rng(_SEED).multinomial(len(groups), each, size=RESAMPLES)
    return _percentiles(np.array([figure(sums) for sums in times @ np.array(groups)]))


def _percentiles(drawn: NDArray[np.float64]) -> Interval:
    low, high = np.nanquantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if rising(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _binomial_reaches(n: int, of: int, p: float) -> float:
    """The probability that ``n`` or more of ``of`` succeed, each with probability ``p``."""
    if p <= 0 or p >= 1:
        return float(p >= 1)
    fixed, log_p, log_rest = math.lgamma(of + 1), math.log(p), math.log1p(-p)
    from_below = 2 * n <= of  # the shorter tail is summed
    total = math.fsum(
        math.exp(
            fixed - math.lgamma(k + 1) - math.lgamma(of - k + 1) + k * log_p + (of - k) * log_rest
        )
        for k in (range(n) if from_below else range(n, of + 1))
    )
    return max(1 - total, 0.0) if from_below else min(total, 1.0)


def _poisson_reaches(n: int, mean: float) -> float:
    """The probability that ``n`` or more happen where ``mean`` are expected."""
    if mean <= 0:
        return float(n <= 0)
    below = math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(n))
    return max(1 - below, 0.0)
