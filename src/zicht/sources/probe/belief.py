"""What is believed of each block: whether it is up, by what its addresses answered.

Belief follows Trinocular (Quan, Heidemann and Pradkin, "Trinocular: Understanding Internet
Reliability Through Adaptive Probing", SIGCOMM 2013, section 4): Bayes' rule, probe by probe. With U
for "the block is up", D for "it is down", an address of an up block answers with the chance
A(E(b)), and of a block that is down one address, such as its router's, may still answer:

    P(answer | U) = A(E(b))          P(answer | D) = (1 - loss) / addresses of the block

It is kept as log-odds, ln(belief / (1 - belief)), where Bayes' rule is a sum: the order in which
independent answers come does not matter. At each turn of a block its belief is brought within
bounds, so that it is a cumulative sum with reflecting ends (Page, Biometrika 41, 1954; with two
ends: Lau and Gandy, "Optimality of non-restarting CUSUM charts", 2012).
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

UP = 0.9
DOWN = 0.1
"""A block is up above the one and down below the other, and undecided between (Trinocular)."""
MOST_PROBES = 15
"""Probes to a block in one of its turns (Trinocular, section 4.2)."""
LOSS = 0.01
"""The share of packets lost in Trinocular's model."""
BLOCK = 256
"""Addresses of a block, of which one may answer while the block is down: those of a /24."""
SUREST = 0.95
"""No address counts as surer to answer than this: of a path that loses up to 5 % none is. It also
bounds what one lost packet can do."""
LEAST = 0.1
"""An answer counts as if at least this share answered; Trinocular probes no sparser blocks."""

FALSE_OUTAGE_DAYS = 10_000
"""Days of one block that is up, to one false outage, which the bounds of belief are derived
from."""
PROBES_PER_HOUR = 20
"""To a block, on average: what Trinocular promises to stay below."""


def odds_of(belief: float) -> float:
    """Log-odds of a belief."""
    return log(belief / (1 - belief))


# Page's test with a threshold h has a mean time between false alarms of at least e^h observations,
# whatever their distribution (Lorden, Annals of Mathematical Statistics 42, 1971). From the highest
# belief down to DOWN it is h; a block is observed 20 times an hour.
_H = log(FALSE_OUTAGE_DAYS * 24 * PROBES_PER_HOUR)
UP_ODDS = odds_of(UP)
DOWN_ODDS = odds_of(DOWN)
HIGHEST_ODDS = DOWN_ODDS + _H
"""The highest belief at the begin of a turn, 1 - 2e-6. Trinocular lets its belief reach 0.99, from
where three lost packets in a row, one round in 8,000 at a loss of 5 %, are an outage."""
LOWEST_ODDS = odds_of(0.01)
"""The lowest: a block that comes back is up after a few answers."""


def belief_of(odds: Floats) -> Floats:
    """float32[n]: beliefs of log-odds, within the bounds."""
    bounded = np.clip(odds, np.float32(LOWEST_ODDS), np.float32(HIGHEST_ODDS))
    belief: Floats = 1 / (1 + np.exp(-bounded))
    return belief


@njit(cache=True, nogil=True, inline="always")
def silence_weight(chance: float) -> float:
    """What a probe without an answer adds to the log-odds; never above 0.

    Args:
        chance: that the address would have answered were the block up.
    """
    bounded = min(max(chance, 0.0), SUREST)
    return min(0.0, np.log((1 - bounded) / (1 - (1 - LOSS) / BLOCK)))


@njit(cache=True, nogil=True, inline="always")
def answer_weight(chance: float, among: int) -> float:
    """What an answer adds to the log-odds; never below 0.

    Args:
        chance: that the address would answer were the block up.
        among: one of so many may answer though the block is down.
    """
    bounded = min(max(chance, LEAST), SUREST)
    return max(0.0, np.log(bounded * among / (1 - LOSS)))


@njit(cache=True, nogil=True)
def begin_turns(odds: Floats) -> None:
    """Bring log-odds within their bounds, in place: what a turn of blocks begins with."""
    for block in range(len(odds)):
        odds[block] = min(max(odds[block], LOWEST_ODDS), HIGHEST_ODDS)


@njit(cache=True, nogil=True)
def hear(
    odds: Floats, block: NDArray[np.int32], answered: NDArray[np.bool_], chance: Floats
) -> None:
    """Take what came of probes into the log-odds of their blocks, in place.

    Args:
        odds: float32[n].
        block: int32[k]: the block of each probe; a block may have several.
        answered: bool[k].
        chance: float32[k]: that the probe is answered while the block is up.
    """
    for probe in range(len(block)):
        if answered[probe]:
            odds[block[probe]] += answer_weight(chance[probe], BLOCK)
        else:
            odds[block[probe]] += silence_weight(chance[probe])
