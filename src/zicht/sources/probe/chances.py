"""How likely an address is to answer while its block is up: as usual at the hour, and as lately."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from zicht.sources.probe.belief import LEAST
from zicht.sources.probe.blocks import STEADY
from zicht.sources.probe.history import HOURS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.probe.blocks import Blocks
    from zicht.sources.probe.history import BlockHistory

ROUND = 300.0
"""Seconds from one turn of a block to the next. Any eleven minutes, Trinocular's round, hold two
whole turns of every block, of at most 15 probes three seconds apart: what one turn leaves undecided
the next decides. And how long an outage was, by the turns that it holds, is right to half of eleven
minutes."""

_STEADY_BEFORE, _STEADY_ANSWERS_BEFORE = 10.0, 9.0  # nine of ten, before anything is known
_AS_USUAL = 5.0  # probes of late that weigh as much as the whole history


class Hour(NamedTuple):
    """What is usual at an hour of the day, so that sleep is no outage.

    Attributes:
        usual: float32[n]: A(E(b)) at this hour or the next, whichever is quieter.
        level: float32[n]: A(E(b)) at this hour.
        lasting: float32[n]: the share of those that answered an hour ago who still do.
    """

    usual: NDArray[np.float32]
    level: NDArray[np.float32]
    lasting: NDArray[np.float32]


def hour_of(history: BlockHistory, hour: int) -> Hour:
    """What is usual at an hour of UTC, 0 to 23; the next hour counts too, should it be quieter."""
    every = np.nan_to_num(history.availability, nan=LEAST)
    if not history.hourly.shape[1]:
        return Hour(every, every, np.ones(len(every), dtype=np.float32))
    before, now, after = (
        np.where(np.isnan(column), every, column)
        for column in (history.hourly[:, (hour + by) % HOURS] for by in (-1, 0, 1))
    )
    usual = np.minimum(now, after)
    lasting = np.minimum(1, usual / np.maximum(before, np.float32(1e-3)))
    return Hour(usual.astype(np.float32), now.astype(np.float32), lasting.astype(np.float32))


@njit(cache=True, nogil=True)
def availability(b: int, s: Blocks, hour: Hour) -> float:
    """The chance that an address of E(b) answers: what is usual, or lately was where that is less.

    Less by more than its standard error.
    """
    asked = s.asked[b] + 1
    lately = (s.answered[b] + s.usual[b]) / asked
    return min(hour.usual[b], lately + np.sqrt(lately * (1 - lately) / asked))


@njit(cache=True, nogil=True)
def steadiness(b: int, s: Blocks, hour: Hour) -> float:
    """The chance that an address that answered lately answers again."""
    ratio = (s.steady_answered[b] + _STEADY_ANSWERS_BEFORE) / (s.steady_asked[b] + _STEADY_BEFORE)
    return ratio * hour.lasting[b]


@njit(cache=True, nogil=True)
def walk_chance(b: int, s: Blocks, hour: Hour, now: float) -> float:
    """The chance that the next address of the walk answers, to the side of caution."""
    return _anew(b, s, hour, availability(b, s, hour), now)


@njit(cache=True, nogil=True)
def likely(b: int, s: Blocks, hour: Hour, now: float) -> float:
    """The same as well as it is known, to no side's favour."""
    return _anew(b, s, hour, expected(b, s, hour), now)


@njit(cache=True, nogil=True)
def expected(b: int, s: Blocks, hour: Hour) -> float:
    """The chance that an address of E(b) answers, as well as it is known."""
    return (s.answered[b] + _AS_USUAL * hour.level[b]) / (s.asked[b] + _AS_USUAL)


@njit(cache=True, nogil=True)
def returning(b: int, s: Blocks, hour: Hour, now: float) -> float:
    """The chance that an address that answered before an outage answers should it be over.

    The longer the outage, the more of those who were there have left.
    """
    chance = expected(b, s, hour)
    lasting = _lasting(b, s, hour, chance)
    if lasting <= 0:
        return chance
    return chance + (1 - chance) * lasting ** ((now - s.heard[b]) / (STEADY * ROUND))


@njit(cache=True, nogil=True)
def _anew(b: int, s: Blocks, hour: Hour, chance: float, now: float) -> float:
    """The chance when a whole walk has been silent, so that its addresses are asked anew.

    An address that is off is likely still off a little later; for how long is told by how well the
    steady ones last.
    """
    if s.silent[b] < s.size[b]:
        return chance
    lasting = _lasting(b, s, hour, chance)
    if lasting <= 0:
        return chance
    since = (now - s.heard[b]) * s.size[b] / s.silent[b]
    return chance * (1 - lasting ** (since / (STEADY * ROUND)))


@njit(cache=True, nogil=True)
def _lasting(b: int, s: Blocks, hour: Hour, chance: float) -> float:
    """The share of what is on beyond chance that is still so when it is asked the next time."""
    return (min(steadiness(b, s, hour), 0.99) - chance) / max(1 - chance, 0.01)
