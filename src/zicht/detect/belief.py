"""Belief: a hidden Markov model over the share still reachable.

Four ordinary states and twelve states of outage, a sticky transition, and Student's t with seven
degrees of freedom for the noise. The recursions are those of Rabiner 1989 (Proceedings of the IEEE
77:257-286). Values are handled on the linear scale, since zero must be allowed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.detect.constants import (
    DEPTH_RATE,
    GLITCH_LEAST,
    GLITCH_MOST,
    GLITCH_RATE,
    GRID_BLUR,
    ONSET_RATE,
    RECOVERY_RATE,
    RESOLUTION,
    WOBBLE_RATE,
)
from zicht.detect.state import DOWN, N_DOWN, N_ORDINARY, N_STATES, ORDINARY, ORDINARY_PRIOR

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DEGREES = 7.0
_SCALE = 0.85  # Student's t of seven degrees with this scale has unit variance
_PEAK = 0.3849914508226743  # density of Student's t of seven degrees at its middle


def change_probabilities(hours: float) -> NDArray[np.float64]:
    """Chances within a bin of so many hours.

    float64[5]: of an onset, a recovery, a wobble, a new depth, and of a value that says nothing.
    """
    rates = np.array([ONSET_RATE, RECOVERY_RATE, WOBBLE_RATE, DEPTH_RATE])
    glitch = min(max(GLITCH_RATE * hours, GLITCH_LEAST), GLITCH_MOST)
    return np.append(1 - np.exp(-rates * hours), glitch)


@njit(cache=True, error_model="numpy")
def drift(belief: NDArray[np.float64], change: NDArray[np.float64]) -> None:
    """Move the belief on by one bin without data."""
    onset, recovery, wobble, depth = change[0], change[1], change[2], change[3]
    ordinary = down = 0.0
    for k in range(N_ORDINARY):
        ordinary += belief[k]
    for k in range(N_ORDINARY, N_STATES):
        down += belief[k]
    to_ordinary = (1 - onset) * wobble * ordinary + recovery * down
    for k in range(N_ORDINARY):
        belief[k] = (1 - onset) * (1 - wobble) * belief[k] + to_ordinary * ORDINARY_PRIOR[k]
    to_down = ((1 - recovery) * depth * down + onset * ordinary) * (1 / N_DOWN)
    for k in range(N_ORDINARY, N_STATES):
        belief[k] = (1 - recovery) * (1 - depth) * belief[k] + to_down


@njit(cache=True, error_model="numpy")
def drift_back(message: NDArray[np.float64], change: NDArray[np.float64]) -> None:
    """The transpose of ``drift``: what later data say of the state before."""
    onset, recovery, wobble, depth = change[0], change[1], change[2], change[3]
    ordinary = down = 0.0
    for k in range(N_ORDINARY):
        ordinary += message[k] * ORDINARY_PRIOR[k]
    for k in range(N_ORDINARY, N_STATES):
        down += message[k] * (1 / N_DOWN)
    to_ordinary = (1 - onset) * wobble * ordinary + onset * down
    for k in range(N_ORDINARY):
        message[k] = (1 - onset) * (1 - wobble) * message[k] + to_ordinary
    to_down = (1 - recovery) * depth * down + recovery * ordinary
    for k in range(N_ORDINARY, N_STATES):
        message[k] = (1 - recovery) * (1 - depth) * message[k] + to_down


@njit(cache=True, error_model="numpy")
def fill_shares(loss: float, shares: NDArray[np.float64]) -> None:
    """Write the share still reachable in each state, given the ordinary loss."""
    for k in range(N_ORDINARY):
        shares[k] = 1 - loss * ORDINARY[k]
    for k in range(N_DOWN):
        shares[N_ORDINARY + k] = (1 - loss) * DOWN[k]


@njit(cache=True, error_model="numpy")
def _gap(shares: NDArray[np.float64], k: int) -> float:
    """Distance of a state to its neighbours among the ordinary states or those of outage."""
    first, last = (0, N_ORDINARY - 1) if k < N_ORDINARY else (N_ORDINARY, N_STATES - 1)
    below, above = max(k - 1, first), min(k + 1, last)
    distance: float = abs(shares[above] - shares[below]) / (above - below)
    return distance


@njit(cache=True, error_model="numpy")
def fill_sharpness(
    shares: NDArray[np.float64], noise: float, counting: float, sharpness: NDArray[np.float64]
) -> None:
    """Write one over the spread that a value has under each state, relative to what is expected.

    Args:
        shares: float64[N_STATES]: the share of each state.
        noise: variance from bin to bin, relative.
        counting: the part of the noise that is of counting, which shrinks with the share.
        sharpness: float64[N_STATES], filled.
    """
    for k in range(N_STATES):
        blur = max(RESOLUTION, GRID_BLUR * _gap(shares, k))
        least = blur * blur + 0.25 * counting * counting
        variance = shares[k] * (shares[k] * noise + counting) + least
        sharpness[k] = 1 / (_SCALE * math.sqrt(variance))


@njit(cache=True, error_model="numpy")
def weigh(
    ratio: float,
    doubt: float,
    glitch: float,
    shares: NDArray[np.float64],
    sharpness: NDArray[np.float64],
    likelihood: NDArray[np.float64],
) -> None:
    """Fill in the likelihood of a value under each share, up to a common factor.

    Args:
        ratio: the value divided by what is expected.
        doubt: how far the expectation itself may be off, relative. It is the same in many bins, so
            a deviation that it explains is no evidence, however often it is seen.
        glitch: chance that the value says nothing.
        shares: float64[N_STATES]: the share of each state.
        sharpness: float64[N_STATES]: one over the spread under each state.
        likelihood: float64[N_STATES], filled.
    """
    for k in range(N_STATES):  # without branches, so that several states are taken at a time
        distance = max(abs(ratio - shares[k]) - doubt * shares[k], 0.0) * sharpness[k]
        tail = 1 + distance * distance * (1 / _DEGREES)
        tail *= tail
        likelihood[k] = _PEAK * sharpness[k] / (tail * tail) + glitch
    if ratio > shares[0]:  # more than expected is no evidence against "all is there"
        likelihood[0] = _PEAK * sharpness[0] + glitch


@njit(cache=True, error_model="numpy")
def smooth(
    beliefs: NDArray[np.float64], likelihood: NDArray[np.float64], change: NDArray[np.float64]
) -> None:
    """Turn what was known then into what is known with all data, in place: the backward pass."""
    message = np.ones(N_STATES)
    for i in range(len(beliefs) - 2, -1, -1):
        largest = 0.0
        for k in range(N_STATES):
            message[k] *= likelihood[i + 1, k]
            largest = max(largest, message[k])
        for k in range(N_STATES):
            message[k] /= largest
        drift_back(message, change)
        total = 0.0
        for k in range(N_STATES):
            beliefs[i, k] *= message[k]
            total += beliefs[i, k]
        for k in range(N_STATES):
            beliefs[i, k] /= total
