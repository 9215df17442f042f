"""How many blocks went down, or came back, within a minute: told from those whose turn it was.

Of each block in the sample it is known how likely it was up before, and how likely what came of its
probes is were it up and were it down. The share of blocks that went down is the one under which all
of it together is likeliest. So blocks that answer too seldom to be decided one by one still tell of
all of them together: nothing is rounded to up or down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Doubles = NDArray[np.float64]

FAILS = 1 / (30 * 24 * 60)
"""The chance that a block goes down within a minute by itself: about once a month."""
RECOVERS = 1 / (3 * 24 * 60)
"""The chance that one which is down comes back within a minute without being seen to. It is small:
what is not seen stays as it was."""
EVENT = 1 / (24 * 60)
"""The chance that within a minute something begins to happen to many blocks at once: once a day.
What is seen must be as much likelier by an event than without one."""
PARTS = 6
"""An event begins at one of so many times in the minute: each ten seconds."""
_HALVINGS = 40
_EVENS = np.log(2.0)
_NEVER = np.inf  # the price of what is not considered
_LARGEST = 700.0  # of what is raised to a power


class Rates(NamedTuple):
    """What happened in each of g strata.

    Attributes:
        fell: float64[g]: the share of blocks that were up and went down.
        rose: float64[g]: the share of those that were down and came back.
        since: float64[g]: the part of the minute, 0 to 1, that was over when it happened.
        fell_error: float64[g]: standard error of ``fell``.
        rose_error: float64[g]: of ``rose``.
        gain: float64[g]: by how much, as a logarithm, an event is likelier than none.
    """

    fell: Doubles
    rose: Doubles
    since: Doubles
    fell_error: Doubles
    rose_error: Doubles
    gain: Doubles


class Seen(NamedTuple):
    """What a minute told of k blocks, float64[k] each, the blocks of a stratum in a row.

    Attributes:
        was_up: the chance that the block was up before.
        if_up: how likely what was heard of it is were it up.
        if_down: were it down.
        part: how much of the minute, 0 to 1, was over when its turn began.
    """

    was_up: Doubles
    if_up: Doubles
    if_down: Doubles
    part: Doubles


class Pace(NamedTuple):
    """What happened to all blocks together in a minute.

    Attributes:
        fell: the share of blocks that were up and went down.
        rose: the share of those that were down and came back.
        event: whether that is likelier by an event than without one.
    """

    fell: float
    rose: float
    event: bool


def rates(seen: Seen, first: NDArray[np.int64], before: Pace | None) -> tuple[Rates, Pace]:
    """The rates of each stratum, and of all together.

    First all blocks are looked at together. Then for each stratum these are compared: nothing but
    what happens to single blocks; what happens to all; blocks of its own going down, or coming
    back, from one of ``PARTS`` times on, each with the share under which it is likeliest. A share
    of its own is paid for as in Schwarz's criterion (Annals of Statistics 6, 1978), and for being
    an event.

    Args:
        seen: what the minute told.
        first: int64[g + 1]: where each stratum begins in it.
        before: what happened to all in the minute before, if there was an event a short time ago;
            it may go on as it did, or otherwise, at no price.
    """
    whole = np.array([0, len(seen.part)])
    begins = -np.log(EVENT) + 0.5 * np.log(max(len(seen.part), 1))
    going_on = (before.fell, before.rose, 0.0) if before else (FAILS, RECOVERS, 0.0)
    prices = (0.0, 0.0) if before else (_NEVER, begins)
    together = Rates(*_fit(whole, seen, going_on, *prices))
    event = bool(together.gain[0] > 0)
    shared = (together.fell[0], together.rose[0], together.since[0])
    price = _EVENS if event or before else _NEVER
    pace = Pace(float(together.fell[0]), float(together.rose[0]), event)
    return Rates(*_fit(first, seen, shared, price, begins)), pace


@njit(cache=True, nogil=True)
def _fit(
    first: NDArray[np.int64],
    seen: Seen,
    shared: tuple[float, float, float],
    shared_price: float,
    own_price: float,
) -> tuple[Doubles, Doubles, Doubles, Doubles, Doubles, Doubles]:
    """``Rates``: the mean over the possibilities, each weighing as much as it is likely."""
    strata = len(first) - 1
    fell, rose = np.full(strata, FAILS), np.full(strata, RECOVERS)
    since, gain = np.zeros(strata), np.zeros(strata)
    fell_error, rose_error = np.zeros(strata), np.zeros(strata)
    q, r = np.full(2 * PARTS + 1, FAILS), np.full(2 * PARTS + 1, RECOVERS)
    after, gains = np.empty(2 * PARTS + 1), np.empty(2 * PARTS + 1)
    for g in range(strata):
        a, z = first[g], first[g + 1]
        if a == z:
            continue
        ordinary = _likelihood(a, z, seen, FAILS, RECOVERS, 0.0)
        q[-1], r[-1], after[-1] = shared
        gains[-1] = -shared_price
        if shared_price < np.inf:
            gains[-1] += _likelihood(a, z, seen, q[-1], r[-1], after[-1]) - ordinary
        price = own_price + np.log(2.0 * PARTS)
        for kind in range(2 * PARTS):
            falls = kind < PARTS
            after[kind] = kind % PARTS / PARTS
            share = _share(a, z, seen, falls, after[kind])
            if falls:
                q[kind] = share
            else:
                r[kind] = share
            gains[kind] = _likelihood(a, z, seen, q[kind], r[kind], after[kind]) - ordinary - price
        best = np.argmax(gains)
        gain[g] = gains[best]
        weights = np.exp(np.minimum(gains - max(gain[g], 0.0), _LARGEST))
        total = weights.sum() + np.exp(-max(gain[g], 0.0))
        fell[g] += (weights * (q - FAILS)).sum() / total
        rose[g] += (weights * (r - RECOVERS)).sum() / total
        since[g] = after[best] if gain[g] > 0 else 0.0
        up, down = 1.0, 1.0
        for i in range(a, z):
            if seen.part[i] >= since[g]:
                up += seen.was_up[i]
                down += 1 - seen.was_up[i]
        fell_error[g] = np.sqrt(fell[g] * (1 - fell[g]) / up)
        rose_error[g] = np.sqrt(rose[g] * (1 - rose[g]) / down)
    return fell, rose, since, fell_error, rose_error, gain


@njit(cache=True, nogil=True)
def _likelihood(a: int, z: int, seen: Seen, fell: float, rose: float, after: float) -> float:
    total = 0.0
    for i in range(a, z):
        q, r = (fell, rose) if seen.part[i] >= after else (FAILS, RECOVERS)
        up = seen.was_up[i] * (1 - q) + (1 - seen.was_up[i]) * r
        total += np.log(up * seen.if_up[i] + (1 - up) * seen.if_down[i])
    return total


@njit(cache=True, nogil=True)
def _share(a: int, z: int, seen: Seen, falls: bool, after: float) -> float:
    """The likeliest share: the likelihood's logarithm is concave in it, so its slope is halved."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        share = (low + high) / 2
        slope = 0.0
        for i in range(a, z):
            if seen.part[i] < after:
                continue
            q, r = (share, RECOVERS) if falls else (FAILS, share)
            was_up, if_up, if_down = seen.was_up[i], seen.if_up[i], seen.if_down[i]
            up = was_up * (1 - q) + (1 - was_up) * r
            moves = -was_up if falls else 1 - was_up
            slope += moves * (if_up - if_down) / (up * if_up + (1 - up) * if_down)
        if slope > 0:
            low = share
        else:
            high = share
    return (low + high) / 2
