"""Exact intervals for counts: binomial (Clopper and Pearson 1934) and Poisson (Garwood 1936)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_EDGE = 0.025  # on either side of a 95 % interval
_HALVINGS = 60


def binomial(found: int, trials: int) -> tuple[float, float]:
    """95 % interval of a chance of which ``found`` of ``trials`` were seen; 0 to 1 of none."""
    if trials == 0:
        return 0.0, 1.0
    low = 0.0 if found == 0 else _root(lambda p: _EDGE - _at_least(found, trials, p), 0.0, 1.0)
    high = (
        1.0
        if found == trials
        else _root(lambda p: (1 - _at_least(found + 1, trials, p)) - _EDGE, 0.0, 1.0)
    )
    return low, high


def poisson(events: int, exposure: float) -> tuple[float, float]:
    """95 % interval of a rate of which ``events`` were seen in ``exposure``.

    Of none it is one-sided: the rate that would have shown none in one of twenty times.
    """
    if events == 0:
        return 0.0, -math.log(0.05) / exposure
    most = 4 * events + 20.0
    low = _root(lambda m: _EDGE - (1 - _at_most(events - 1, m)), 0.0, most)
    high = _root(lambda m: _at_most(events, m) - _EDGE, 0.0, most)
    return low / exposure, high / exposure


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that falls through zero once does so."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if function(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _at_least(found: int, trials: int, chance: float) -> float:
    if chance <= 0:
        return 0.0 if found > 0 else 1.0
    if chance >= 1:
        return 1.0
    logarithms = (
        math.lgamma(trials + 1)
        - math.lgamma(k + 1)
        - math.lgamma(trials - k + 1)
        + k * math.log(chance)
        + (trials - k) * math.log1p(-chance)
        for k in range(found, trials + 1)
    )
    return math.fsum(math.exp(one) for one in logarithms)


def _at_most(events: int, mean: float) -> float:
    if mean <= 0:
        return 1.0
    return math.fsum(
        math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(events + 1)
    )
