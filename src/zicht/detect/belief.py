"""Belief: a hidden Markov model over the share still reachable.

Four ordinary states and twelve states of outage, a sticky transition, and Student's t with three
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
    GLITCH_PROBABILITY,
    ONSET_RATE,
    RECOVERY_RATE,
    RESOLUTION,
    WOBBLE_RATE,
)
from zicht.detect.state import DOWN, N_DOWN, N_ORDINARY, N_STATES, ORDINARY, ORDINARY_PRIOR

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DEGREES = 3.0
_SCALE = 0.7  # Student's t of three degrees with this scale has the quartiles of a unit normal
_PEAK = 0.3675525969478614  # density of Student's t of three degrees at its middle


def change_probabilities(hours: float) -> NDArray[np.float64]:
    """Chances within a bin of so many hours (float64[4]): onset, recovery, wobble, new depth."""
    rates = np.array([ONSET_RATE, RECOVERY_RATE, WOBBLE_RATE, DEPTH_RATE])
    return 1 - np.exp(-rates * hours)


@njit(cache=True)
def drift(belief: NDArray[np.float64], change: NDArray[np.float64]) -> None:
    """Move the belief on by one bin without data."""
    onset, recovery, wobble, depth = change[0], change[1], change[2], change[3]
    ordinary = belief[:N_ORDINARY].sum()
    down = belief[N_ORDINARY:].sum()
    for k in range(N_ORDINARY):
        stay = (1 - onset) * ((1 - wobble) * belief[k] + wobble * ordinary * ORDINARY_PRIOR[k])
        belief[k] = stay + recovery * down * ORDINARY_PRIOR[k]
    for k in range(N_ORDINARY, N_STATES):
        stay = (1 - recovery) * ((1 - depth) * belief[k] + depth * down / N_DOWN)
        belief[k] = stay + onset * ordinary / N_DOWN


@njit(cache=True)
def drift_back(message: NDArray[np.float64], change: NDArray[np.float64]) -> None:
    """The transpose of ``drift``: what later data say of the state before."""
    onset, recovery, wobble, depth = change[0], change[1], change[2], change[3]
    ordinary = (message[:N_ORDINARY] * ORDINARY_PRIOR).sum()
    down = message[N_ORDINARY:].sum() / N_DOWN
    for k in range(N_ORDINARY):
        stay = (1 - onset) * ((1 - wobble) * message[k] + wobble * ordinary)
        message[k] = stay + onset * down
    for k in range(N_ORDINARY, N_STATES):
        stay = (1 - recovery) * ((1 - depth) * message[k] + depth * down)
        message[k] = stay + recovery * ordinary


@njit(cache=True)
def fill_shares(loss: float, shares: NDArray[np.float64]) -> None:
    """Write the share still reachable in each state, given the ordinary loss."""
    for k in range(N_ORDINARY):
        shares[k] = 1 - loss * ORDINARY[k]
    for k in range(N_DOWN):
        shares[N_ORDINARY + k] = (1 - loss) * DOWN[k]


@njit(cache=True)
def weigh(
    ratio: float,
    noise: float,
    doubt: float,
    counting: float,
    shares: NDArray[np.float64],
    likelihood: NDArray[np.float64],
) -> None:
    """Fill in the likelihood of a value under each share, up to a common factor.

    Args:
        ratio: the value divided by what is expected.
        noise: variance from bin to bin, relative.
        doubt: how far the expectation itself may be off, relative. It is the same in many bins, so
            a deviation that it explains is no evidence, however often it is seen.
        counting: the part of the noise that is of counting, which shrinks with the share.
        shares: float64[N_STATES]: the share of each state.
        likelihood: float64[N_STATES], filled.
    """
    for k in range(N_STATES):
        mean = shares[k]
        spread = mean * mean * noise + RESOLUTION * RESOLUTION + counting * (mean + 0.25 * counting)
        scale = _SCALE * math.sqrt(spread)
        distance = ratio - mean
        if k == 0 and distance > 0:
            distance = 0.0  # more than expected is no evidence against "all is there"
        distance = max(abs(distance) - doubt * mean, 0.0) / scale
        tail = 1 + distance * distance / _DEGREES
        density = _PEAK / (scale * tail * tail)
        likelihood[k] = (1 - GLITCH_PROBABILITY) * density + GLITCH_PROBABILITY


@njit(cache=True)
def smooth(
    beliefs: NDArray[np.float64], likelihood: NDArray[np.float64], change: NDArray[np.float64]
) -> None:
    """Turn what was known then into what is known with all data, in place: the backward pass."""
    message = np.ones(N_STATES)
    for i in range(len(beliefs) - 2, -1, -1):
        message *= likelihood[i + 1]
        drift_back(message, change)
        message /= message.max()
        beliefs[i] *= message
        beliefs[i] /= beliefs[i].sum()
    if len(beliefs) > 0:
        beliefs[-1] /= beliefs[-1].sum()
