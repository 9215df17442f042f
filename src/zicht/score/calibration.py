"""Calibration: of what is given 0.9, are nine in ten real?

Brier's score is the mean squared distance of the probability from what was (Monthly Weather Review
78:1, 1950). The expected calibration error is the mean distance, over ten equal steps of
probability weighted by how often each was given, of the mean probability from the share that was
real (Naeini, Cooper and Hauskrecht, AAAI 2015).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from zicht.score.uncertainty import bootstrap_sums, share_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zicht.score.uncertainty import Interval

STEPS = 10
"""The steps of probability: 0 to 0.1, …, 0.9 to 1."""

_GIVEN, _BELIEF, _REAL = slice(0, STEPS), slice(STEPS, 2 * STEPS), slice(2 * STEPS, 3 * STEPS)
_SQUARES = 3 * STEPS


class Reliability(msgspec.Struct, frozen=True, kw_only=True):
    """What was given a probability within one step, and how much of it was real.

    Attributes:
        method: the detector.
        data: ``recorded`` or ``simulated``.
        of: ``bins`` or ``outages``.
        probability: the step, as ``[from, to]``.
        given: how many were given it.
        real: how many of them were real.
        mean_probability: the mean of what was given.
        share_real: the share that was real.
        interval: its exact 95 % interval. Bins of one series are not independent, so that for bins
            it is too narrow.
    """

    method: str
    data: str
    of: str
    probability: tuple[float, float]
    given: int
    real: int
    mean_probability: float
    share_real: float
    interval: tuple[float, float]


def tally(beliefs: NDArray[np.float64], real: NDArray[np.bool_]) -> NDArray[np.float64]:
    """float64[3·STEPS + 1]: how many, sum of beliefs and of reals by step; the sum of squares."""
    step = np.minimum((beliefs * STEPS).astype(np.int64), STEPS - 1)
    sums = [np.bincount(step, weights, STEPS) for weights in (None, beliefs, real.astype(float))]
    return np.concatenate([*sums, [((beliefs - real) ** 2).sum()]])


def brier(sums: NDArray[np.float64]) -> float:
    """Brier's score of a tally; NaN of an empty one."""
    given = sums[_GIVEN].sum()
    return float(sums[_SQUARES] / given) if given else np.nan


def calibration_error(sums: NDArray[np.float64]) -> float:
    """The expected calibration error of a tally; NaN of an empty one."""
    given = sums[_GIVEN].sum()
    return float(np.abs(sums[_BELIEF] - sums[_REAL]).sum() / given) if given else np.nan


def intervals(tallies: Sequence[NDArray[np.float64]]) -> tuple[Interval | None, Interval | None]:
    """Bootstrap intervals, over what was tallied together, of Brier's score and the error."""
    return bootstrap_sums(tallies, brier), bootstrap_sums(tallies, calibration_error)


def reliability(sums: NDArray[np.float64], *, method: str, data: str, of: str) -> list[Reliability]:
    """The steps of a tally in which anything was given."""
    rows = []
    for step in range(STEPS):
        given, real = int(sums[_GIVEN][step]), int(sums[_REAL][step])
        if given:
            rows.append(
                Reliability(
                    method=method,
                    data=data,
                    of=of,
                    probability=(step / STEPS, (step + 1) / STEPS),
                    given=given,
                    real=real,
                    mean_probability=float(sums[_BELIEF][step] / given),
                    share_real=real / given,
                    interval=share_interval(real, given),
                )
            )
    return rows
