"""How many blocks went down, or came back, within a minute: told from those whose turn it was.

Of each block in the sample it is known how likely it was up before, and how likely what came of its
probes is were it up and were it down. The share of blocks that went down is the one under which all
of it together is likeliest, at once or little by little. So blocks that answer too seldom to be
decided one by one still tell of all of them together: nothing is rounded to up or down.
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
"""A sudden event is looked for at so many times in the minute, each ten seconds; when exactly it
was is told by the blocks whose turns were next to it."""
_KINDS = 2 * (PARTS + 2)  # falls and rises: sudden, slow, and when all moved
_SLOW, _SHARED = PARTS, PARTS + 1
_HALVINGS = 20
_EVENS = np.log(2.0)
_NEVER = np.inf  # the price of what is not considered
_LARGEST = 700.0  # of what is raised to a power


class Rates(NamedTuple):
    """What happened in each of g strata.

    Attributes:
        fell: float64[g]: the share of blocks that were up and went down.
        rose: float64[g]: the share of those that were down and came back.
        since: float64[g]: the part of the minute, 0 to 1, that was over when it began.
        width: float64[g]: for which part of the minute it went on, evenly; 0 if it was sudden.
        fell_error: float64[g]: standard error of ``fell``.
        rose_error: float64[g]: of ``rose``.
        gain: float64[g]: by how much, as a logarithm, an event is likelier than none.
    """

    fell: Doubles
    rose: Doubles
    since: Doubles
    width: Doubles
    fell_error: Doubles
    rose_error: Doubles
    gain: Doubles


class Seen(NamedTuple):
    """What a minute told of k blocks, float64[k] each, the blocks of a stratum in a row.

    Attributes:
        was_up: the chance that the block was up before.
        if_up: how likely what was heard of it is were it up.
        if_down: were it down.
        part: how much of the minute, 0 to 1, was over when its turn began; ascending in a stratum.
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


class _Change(NamedTuple):
    """One possibility of what happened: see ``Rates``."""

    fell: float
    rose: float
    since: float
    width: float


def rates(seen: Seen, first: NDArray[np.int64], before: Pace | None) -> tuple[Rates, Pace]:
    """The rates of each stratum, and of all together.

    First all blocks are looked at together. Then for each stratum these are compared: nothing but
    what happens to single blocks; what happens to all; blocks of its own going down, or coming
    back, at once from one of ``PARTS`` times on, evenly over the minute, or when those of all did,
    each with the share under which it is likeliest. A share of its own is paid for as in Schwarz's
    criterion (Annals of Statistics 6, 1978), and for being an event.

    Args:
        seen: what the minute told.
        first: int64[g + 1]: where each stratum begins in it.
        before: what happened to all in the minute before, if there was an event a short time ago;
            it may go on as it did, or slower or faster, at no price.
    """
    whole = np.array([0, len(seen.part)])
    schwarz = 0.5 * np.log(max(len(seen.part), 1))
    begins = schwarz - np.log(EVENT)
    going_on = _Change(before.fell, before.rose, 0.0, 1.0) if before else _NOTHING
    everyone = _by_part(seen)
    together = Rates(
        *_fit(
            whole, everyone, going_on, 0.0 if before else _NEVER, begins, 0.0 if before else begins
        )
    )
    event = bool(together.gain[0] > 0)
    shared = _Change(*(float(column[0]) for column in together[:4]))
    price = _EVENS if event or before else _NEVER
    pace = Pace(shared.fell, shared.rose, event)
    return Rates(*_fit(first, seen, shared, price, begins, schwarz if before else begins)), pace


_NOTHING = _Change(FAILS, RECOVERS, 0.0, 1.0)


def _by_part(seen: Seen) -> Seen:
    order = np.argsort(seen.part, kind="stable")
    return Seen(*(column[order] for column in seen))


@njit(cache=True, nogil=True)
def done(part: float, since: float, width: float) -> float:
    """How much of a change, 0 to 1, was over at a part of the minute."""
    if part < since:
        return 0.0
    return 1.0 if part >= since + width else (part - since) / width


@njit(cache=True, nogil=True)
def _fit(
    first: NDArray[np.int64],
    seen: Seen,
    shared: _Change,
    shared_price: float,
    own_price: float,
    slow_price: float,
) -> tuple[Doubles, Doubles, Doubles, Doubles, Doubles, Doubles, Doubles]:
    """``Rates``: the mean over the possibilities, each weighing as much as it is likely."""
    strata = len(first) - 1
    fell, rose = np.full(strata, FAILS), np.full(strata, RECOVERS)
    since, width, gain = np.zeros(strata), np.zeros(strata), np.zeros(strata)
    fell_error, rose_error = np.zeros(strata), np.zeros(strata)
    for g in range(strata):
        a, z = first[g], first[g + 1]
        if a == z:
            continue
        ordinary = _likelihood(a, z, seen, _Change(FAILS, RECOVERS, 0.0, 1.0))
        changes = [shared]
        gains = np.full(_KINDS + 1, -_NEVER)
        if shared_price < np.inf:
            gains[0] = _likelihood(a, z, seen, shared) - ordinary - shared_price
        for kind in range(_KINDS):
            change = _change(a, z, seen, kind, shared)
            changes.append(change)
            price = slow_price if kind // 2 == _SLOW else own_price
            gains[kind + 1] = _likelihood(a, z, seen, change) - ordinary - price - _choice(kind)
        best = np.argmax(gains)
        gain[g] = gains[best]
        weights = np.exp(np.minimum(gains - max(gain[g], 0.0), _LARGEST))
        total = weights.sum() + np.exp(-max(gain[g], 0.0))
        for kind in range(_KINDS + 1):
            fell[g] += weights[kind] / total * (changes[kind].fell - FAILS)
            rose[g] += weights[kind] / total * (changes[kind].rose - RECOVERS)
        width[g] = 1.0
        if gain[g] > 0:
            since[g], width[g] = changes[best].since, changes[best].width
            if width[g] == 0 and best > 0:
                since[g] = _moment(a, z, seen, changes[best])
        fell_error[g], rose_error[g] = _errors(a, z, seen, since[g], fell[g], rose[g])
    return fell, rose, since, width, fell_error, rose_error, gain


@njit(cache=True, nogil=True)
def _change(a: int, z: int, seen: Seen, kind: int, shared: _Change) -> _Change:
    """The likeliest change of a kind."""
    shape = kind // 2
    since, width = shape / PARTS, 0.0
    if shape == _SLOW:
        since, width = 0.0, 1.0
    elif shape == _SHARED:
        since, width = shared.since, shared.width
    if kind % 2 == 0:
        return _Change(_share(a, z, seen, since, width, falls=True), RECOVERS, since, width)
    return _Change(FAILS, _share(a, z, seen, since, width, falls=False), since, width)


@njit(cache=True, nogil=True)
def _choice(kind: int) -> float:
    """The price of choosing it among those of its shape."""
    return np.log(2.0 * PARTS) if kind // 2 < PARTS else _EVENS


@njit(cache=True, nogil=True)
def _errors(
    a: int, z: int, seen: Seen, since: float, fell: float, rose: float
) -> tuple[float, float]:
    """Standard errors of both shares, by the blocks whose turn was after it."""
    up, down = 1.0, 1.0
    for i in range(a, z):
        if seen.part[i] >= since:
            up += seen.was_up[i]
            down += 1 - seen.was_up[i]
    return np.sqrt(fell * (1 - fell) / up), np.sqrt(rose * (1 - rose) / down)


@njit(cache=True, nogil=True)
def _told(i: int, seen: Seen, change: _Change, over: float) -> float:
    """The logarithm of how likely what was heard of a block is."""
    q = FAILS + (change.fell - FAILS) * over
    r = RECOVERS + (change.rose - RECOVERS) * over
    up = seen.was_up[i] * (1 - q) + (1 - seen.was_up[i]) * r
    return np.log(up * seen.if_up[i] + (1 - up) * seen.if_down[i])


@njit(cache=True, nogil=True)
def _likelihood(a: int, z: int, seen: Seen, change: _Change) -> float:
    total = 0.0
    for i in range(a, z):
        total += _told(i, seen, change, done(seen.part[i], change.since, change.width))
    return total


@njit(cache=True, nogil=True)
def _moment(a: int, z: int, seen: Seen, change: _Change) -> float:
    """When a sudden change was: the mean over all moments, each weighing as much as it is likely.

    Between two turns that follow each other every moment is as likely as the next.
    """
    likely = np.zeros(z - a + 1)  # that the change was before turn i, and after the one before it
    for i in range(a, z):
        likely[i - a + 1] = likely[i - a] + _told(i, seen, change, 0.0)
        likely[i - a + 1] -= _told(i, seen, change, 1.0)
    highest = likely.max()
    mean, total, begin = 0.0, 0.0, 0.0
    for i in range(a, z + 1):
        end = seen.part[i] if i < z else 1.0
        weight = np.exp(likely[i - a] - highest) * (end - begin)
        mean += weight * (begin + end) / 2
        total += weight
        begin = end
    return mean / total if total > 0 else change.since


@njit(cache=True, nogil=True)
def _share(a: int, z: int, seen: Seen, since: float, width: float, falls: bool) -> float:
    """The likeliest share: the likelihood's logarithm is concave in it, so its slope is halved."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        share = (low + high) / 2
        slope = 0.0
        for i in range(a, z):
            over = done(seen.part[i], since, width)
            if over == 0:
                continue
            q = share * over if falls else FAILS
            r = RECOVERS if falls else share * over
            was_up, if_up, if_down = seen.was_up[i], seen.if_up[i], seen.if_down[i]
            up = was_up * (1 - q) + (1 - was_up) * r
            moves = -was_up if falls else 1 - was_up
            slope += over * moves * (if_up - if_down) / (up * if_up + (1 - up) * if_down)
        if slope > 0:
            low = share
        else:
            high = share
    return (low + high) / 2
