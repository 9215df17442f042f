"""Belief: a hidden Markov model over the share still reachable.

Four ordinary states and twelve states of outage, a sticky transition, and Student's t with seven
degrees of freedom for the noise. The recursions are those of Rabiner 1989 (Proceedings of the IEEE
77:257-286). Values are handled on the linear scale, since zero must be allowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

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
from zicht.detect.state import (
    BELIEF,
    DOWN,
    LOSS,
    N_DOWN,
    N_ORDINARY,
    N_STATES,
    NOISE,
    ORDINARY,
    ORDINARY_PRIOR,
    SHARES,
    SHARPNESS,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DEGREES = 7.0
_SCALE = 0.85  # Student's t of seven degrees with this scale has unit variance
_PEAK = 0.3849914508226743  # density of Student's t of seven degrees at its middle
# The share of each state without an ordinary loss, and how it sinks with that; its distance to its
# neighbours without one, and how that grows with it.
_HIGHEST, _SINKS = np.append(np.ones(N_ORDINARY), DOWN), np.append(ORDINARY, DOWN)
_GAP = np.append(np.zeros(N_ORDINARY), np.gradient(DOWN))
_GAP_GROWS = np.append(np.gradient(ORDINARY), -np.gradient(DOWN))


class Change(NamedTuple):
    """Chances of change within a bin.

    Attributes:
        onset: that an outage begins.
        recovery: that one ends.
        wobble: that the share moves within what is ordinary.
        depth: that the depth of an outage moves.
        glitch: that the bin's value says nothing.
    """

    onset: float
    recovery: float
    wobble: float
    depth: float
    glitch: float


def change_probabilities(hours: float) -> Change:
    """Chances of change within a bin of so many hours."""
    rates = np.array([ONSET_RATE, RECOVERY_RATE, WOBBLE_RATE, DEPTH_RATE])
    onset, recovery, wobble, depth = (1 - np.exp(-rates * hours)).tolist()
    glitch = min(max(GLITCH_RATE * hours, GLITCH_LEAST), GLITCH_MOST)
    return Change(onset, recovery, wobble, depth, glitch)


@njit(cache=True, error_model="numpy", inline="always")
def masses(state: NDArray[np.float64]) -> tuple[float, float]:
    """The belief in what is ordinary, and in an outage.

    In four sums side by side, since in one each addition waits for the one before. There are four
    ordinary states, and a multiple of four of outage.
    """
    a = b = c = d = 0.0
    for k in range(BELIEF + N_ORDINARY, BELIEF + N_STATES, 4):
        a += state[k]
        b += state[k + 1]
        c += state[k + 2]
        d += state[k + 3]
    ordinary = (state[BELIEF] + state[BELIEF + 1]) + (state[BELIEF + 2] + state[BELIEF + 3])
    return ordinary, (a + b) + (c + d)


@njit(cache=True, error_model="numpy", inline="always")
def drift(state: NDArray[np.float64], change: Change) -> None:
    """Move the belief on by one bin without data."""
    onset, recovery, wobble, depth, _ = change
    ordinary, down = masses(state)
    to_ordinary = (1 - onset) * wobble * ordinary + recovery * down
    for k in range(N_ORDINARY):
        kept = (1 - onset) * (1 - wobble) * state[BELIEF + k]
        state[BELIEF + k] = kept + to_ordinary * ORDINARY_PRIOR[k]
    to_down = ((1 - recovery) * depth * down + onset * ordinary) * (1 / N_DOWN)
    for k in range(BELIEF + N_ORDINARY, BELIEF + N_STATES):
        state[k] = (1 - recovery) * (1 - depth) * state[k] + to_down


@njit(cache=True, error_model="numpy", inline="always")
def drift_back(message: NDArray[np.float64], change: Change) -> None:
    """The transpose of ``drift``: what later data say of the state before."""
    onset, recovery, wobble, depth, _ = change
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


@njit(cache=True, error_model="numpy", inline="always")
def fill_states(state: NDArray[np.float64], counting: float) -> None:
    """Write the share still reachable in each state, and how sharply a value tells of it.

    That is one over the spread that a value has under the state, relative to what is expected.

    Args:
        state: the series' state, changed in place.
        counting: the part of the noise that is of counting, which shrinks with the share.
    """
    loss, noise = state[LOSS], max(state[NOISE] - counting, 0.0)
    for k in range(N_STATES):
        share = _HIGHEST[k] - loss * _SINKS[k]
        blur = max(RESOLUTION, GRID_BLUR * (_GAP[k] + loss * _GAP_GROWS[k]))
        least = blur * blur + 0.25 * counting * counting
        variance = share * (share * noise + counting) + least
        state[SHARES + k] = share
        state[SHARPNESS + k] = 1 / (_SCALE * np.sqrt(variance))


@njit(cache=True, error_model="numpy", inline="always")
def weigh(  # in one loop without branches, so that four states are taken at a time
    state: NDArray[np.float64],
    ratio: float,
    doubt: float,
    glitch: float,
    likelihood: NDArray[np.float64],
) -> float:
    """Let a value move the belief by its likelihood under each share: Bayes' rule.

    Args:
        state: the series' state, changed in place.
        ratio: the value divided by what is expected.
        doubt: how far the expectation itself may be off, relative. It is the same in many bins, so
            a deviation that it explains is no evidence, however often it is seen.
        glitch: chance that the value says nothing.
        likelihood: float64[N_STATES], filled: up to a common factor.

    Returns:
        Belief in an outage.
    """
    before = state[BELIEF]
    for k in range(N_STATES):
        share, sharpness = state[SHARES + k], state[SHARPNESS + k]
        distance = max(abs(ratio - share) - doubt * share, 0.0) * sharpness
        tail = 1 + distance * distance * (1 / _DEGREES)
        tail *= tail
        likelihood[k] = _PEAK * sharpness / (tail * tail) + glitch
        state[BELIEF + k] *= likelihood[k]
    if ratio > state[SHARES]:  # more than expected is no evidence against "all is there"
        likelihood[0] = _PEAK * state[SHARPNESS] + glitch
        state[BELIEF] = before * likelihood[0]
    ordinary, down = masses(state)
    scale = 1 / (ordinary + down)
    for k in range(N_STATES):
        state[BELIEF + k] *= scale
    return down * scale


@njit(cache=True, error_model="numpy")
def smooth(beliefs: NDArray[np.float64], likelihood: NDArray[np.float64], change: Change) -> None:
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
