"""A block's turn: which of its addresses is asked next, what came of it, and when that is enough.

A turn begins with one probe, to the next address of the block's walk through E(b) or to a *steady*
one, that answered lately: the past tells best who will answer (Fan and Heidemann, "Selecting
representative IP addresses for Internet topology studies", IMC 2010). If it stays silent, the
steady ones are asked first and the walk goes on after them, until the answers outweigh the silence,
belief falls below ``DOWN``, or the turn has had its probes (Trinocular's adaptive probing).
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.sources.probe.belief import (
    BLOCK,
    DOWN_ODDS,
    HIGHEST_ODDS,
    LOWEST_ODDS,
    MOST_PROBES,
    PROBES_PER_HOUR,
    UP_ODDS,
    answer_weight,
    silence_weight,
)
from zicht.sources.probe.blocks import SAVED, STEADY
from zicht.sources.probe.chances import (
    ROUND,
    availability,
    expected,
    likely,
    returning,
    steadiness,
    walk_chance,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.probe.blocks import Blocks
    from zicht.sources.probe.chances import Hour


class Phase(IntEnum):
    """Where a block's turn is."""

    IDLE = 0
    READY = 1
    """An address is chosen and waits for its time."""
    TAKEN = 2
    """It was given to the engine."""
    SENT = 3
    """The probe is under way."""


IDLE, READY, TAKEN, SENT = (np.uint8(phase) for phase in Phase)

MISSED = 0.02
"""The chance that a turn takes a block for down that is up again; a turn of a block that was down
ends when silence would be rarer."""
_WALKS = 3
"""One turn of so many begins with the walk, the others with a steady address: they cost fewer
probes, and the walk is left to find new addresses and to learn how many answer."""
LATELY = 0.1
"""How much the newest turn counts in the short-term availability (Quan, Heidemann and Pradkin,
"When the Internet Sleeps", IMC 2014, section 2.1)."""
_STEADY_LATELY = 0.02
_FULL_TURNS = 3
"""A block that as many full turns could not decide is asked little in each turn: its evidence is
gathered over more rounds (full block scanning: Baltra and Heidemann, "Improving Coverage of
Internet Outage Detection in Sparse Blocks", PAM 2020)."""
_FEW = 2  # one, of blocks that have not saved up half of what they may
_FEWEST_EXPECTED = 3.0
"""With fewer addresses expected to answer, silence alone does not make a block down: a lone host
may have been switched off (lone-address blocks: Baltra and Heidemann)."""
TOGETHER = ROUND / (365 * 86_400)
"""The chance that all who answered lately are gone at once while the block is up, as when a
provider renumbers its customers (Padmanabhan et al., "Reasons Dynamic Addresses Change and Their
Effects", IMC 2016): of a block once a year. The silence of them together weighs no more, so that
the walk must bear it out."""
_HOUR = 3600.0
_MISSED_WEIGHT = np.log(MISSED)
_TOGETHER_WEIGHT = np.log(TOGETHER)
_SURE = 0.99
_ALMOST = 1e-3  # what sums of float32 may be off by


@njit(cache=True, nogil=True)
def begin(b: int, s: Blocks, now: float) -> None:
    """Begin the turn of a block."""
    if s.began[b] > -np.inf:
        earned = (now - s.began[b]) * (PROBES_PER_HOUR / _HOUR)
        s.allowance[b] = min(SAVED, s.allowance[b] + earned)
    s.began[b] = now
    s.odds[b] = min(max(s.odds[b], LOWEST_ODDS), HIGHEST_ODDS)
    s.before[b] = s.odds[b]
    s.tried[b] = 0
    s.probes[b] = 0
    s.voids[b] = 0
    s.answers[b] = 0
    s.repeats[b] = 0
    s.steady_probes[b] = 0
    s.steady_answers[b] = 0
    s.silence[b] = 0
    s.rtt[b] = np.nan
    s.turns[b] += 1


@njit(cache=True, nogil=True)
def choose(b: int, s: Blocks, active: NDArray[np.uint8], hour: Hour, now: float) -> bool:
    """Choose the address that is asked next; tells whether there is one."""
    made = s.probes[b] + s.voids[b]
    most = min(MOST_PROBES, max(1, int(s.allowance[b])))
    if made >= most:
        return False
    if _is_doubted(b, s):
        place = (np.int64(s.turns[b]) + s.repeats[b]) % np.int64(s.steadies[b])
        s.repeats[b] += 1
        s.place[b] = place
        s.at[b] = s.steady[b, place]
        s.counts[b] = False
        return True
    place = _steady_place(b, s)
    if place < 0 and _in_vain(b, s, hour, now, most - made):
        return False
    s.place[b] = place
    s.counts[b] = True
    if place >= 0:
        s.at[b] = s.steady[b, place]
        s.counts[b] = not (s.spent[b] >> place) & 1
        s.tried[b] |= 1 << place
        return True
    k = np.int64(s.cursor[b]) * np.int64(s.stride[b]) % np.int64(s.size[b])
    s.cursor[b] += 1
    s.at[b] = k if len(active) == 0 else _kth(active[b], k)
    for place in range(s.steadies[b]):
        if s.steady[b, place] == s.at[b] and ((s.tried[b] | s.spent[b]) >> place) & 1:
            s.counts[b] = False
    return True


@njit(cache=True, nogil=True)
def _is_doubted(b: int, s: Blocks) -> bool:
    """Whether a block that just fell below ``DOWN`` is yet to be asked once more.

    Packets are lost in bursts of some seconds too: steady addresses, asked anew at the end of the
    turn, tell.
    """
    fell = s.odds[b] < DOWN_ODDS and s.before[b] >= DOWN_ODDS and s.answers[b] == 0
    return fell and s.repeats[b] < min(_FEW, s.steadies[b])


@njit(cache=True, nogil=True)
def _steady_place(b: int, s: Blocks) -> int:
    """Which steady address is next, -1 for the walk."""
    count, turn = np.int64(s.steadies[b]), np.int64(s.turns[b])
    if count == 0:
        return -1
    down = s.before[b] < DOWN_ODDS
    if s.probes[b] + s.voids[b] == 0:
        steady_first = down or turn % (_WALKS if count == STEADY else 2) > 0
        return turn % count if steady_first else -1
    if down and s.answers[b] == 0 and s.steady_probes[b] >= _FEW:
        return -1
    for step in range(count):
        place = (turn + step) % count
        fresh = down or s.answers[b] > 0 or not (s.spent[b] >> place) & 1
        if fresh and not (s.tried[b] >> place) & 1:
            return place
    return -1


@njit(cache=True, nogil=True)
def _in_vain(b: int, s: Blocks, hour: Hour, now: float, left: int) -> bool:
    """Whether further probes of this turn are of little use."""
    few = _FEW if s.allowance[b] > SAVED / 2 else 1
    if s.before[b] < DOWN_ODDS or s.answers[b] > 0 or s.probes[b] < few:
        return False
    weight = silence_weight(walk_chance(b, s, hour, now))
    return s.odds[b] + (left + (_FULL_TURNS - 1) * MOST_PROBES) * weight > DOWN_ODDS


@njit(cache=True, nogil=True)
def _kth(bits: NDArray[np.uint8], k: int) -> int:
    """The position of the k-th set bit."""
    for position in range(8 * len(bits)):
        k -= (bits[position >> 3] >> (position & 7)) & 1
        if k < 0:
            return position
    return 0


@njit(cache=True, nogil=True)
def _bits(value: int) -> int:
    """How many of the bits of steady addresses are set."""
    count = 0
    for place in range(STEADY):
        count += (value >> place) & 1
    return count


@njit(cache=True, nogil=True)
def silence(b: int, s: Blocks, hour: Hour, now: float) -> None:
    """The address that was asked did not answer."""
    s.probes[b] += 1
    s.allowance[b] = max(0.0, s.allowance[b] - 1)
    place, weight = s.place[b], 0.0
    down = s.before[b] < DOWN_ODDS
    s.steady_probes[b] += place >= 0
    s.silent[b] = min(s.silent[b] + (place < 0), 65535)
    if down:  # what the outage silenced says nothing of who will answer after it
        weight = silence_weight(availability(b, s, hour))
        if place < 0 or s.counts[b]:  # the same steady one again says no more: it may have left
            chance = returning(b, s, hour, now) if place >= 0 else expected(b, s, hour)
            s.silence[b] += np.log(1 - min(chance, _SURE))
    elif place >= 0:
        if s.counts[b]:
            chance = steadiness(b, s, hour)
            s.silence[b] += np.log(1 - min(chance, _SURE))
            weight = silence_weight(chance)
            weight = max(weight, min(0.0, _TOGETHER_WEIGHT - weight * _bits(s.spent[b])))
            s.spent[b] |= 1 << place
    elif s.counts[b]:
        weight = silence_weight(walk_chance(b, s, hour, now))
        s.silence[b] += np.log(1 - min(likely(b, s, hour, now), _SURE))
    lone = hour.usual[b] * s.size[b] < _FEWEST_EXPECTED
    if lone and not down:
        weight = max(weight, min(0.0, DOWN_ODDS - s.odds[b]))
    s.odds[b] += weight


@njit(cache=True, nogil=True)
def answer(b: int, s: Blocks, hour: Hour, now: float, rtt: float) -> None:
    """The address that was asked answered."""
    s.probes[b] += 1
    s.allowance[b] = max(0.0, s.allowance[b] - 1)
    s.answers[b] += 1
    s.heard[b] = now
    s.rtt[b] = rtt
    if s.place[b] >= 0:
        s.steady_probes[b] += 1
        s.steady_answers[b] += 1
        s.spent[b] &= ~(1 << s.place[b])
        s.odds[b] += answer_weight(steadiness(b, s, hour), STEADY)
        return
    s.odds[b] += answer_weight(s.usual[b], BLOCK)
    for place in range(s.steadies[b]):
        if s.steady[b, place] == s.at[b]:
            s.spent[b] &= ~(1 << place)
            return
    if s.steadies[b] < STEADY:
        s.steady[b, s.steadies[b]] = s.at[b]
        s.spent[b] &= ~(1 << s.steadies[b])
        s.steadies[b] += 1


@njit(cache=True, nogil=True)
def decided(b: int, s: Blocks) -> bool:
    """Whether the turn is over, since what came of it is enough."""
    if s.answers[b] > 0:
        return s.odds[b] > UP_ODDS and s.odds[b] >= s.before[b] - _ALMOST
    if s.before[b] >= DOWN_ODDS:
        return s.odds[b] < DOWN_ODDS and not _is_doubted(b, s)
    return s.brief[b] or s.silence[b] <= _MISSED_WEIGHT


@njit(cache=True, nogil=True)
def end(b: int, s: Blocks) -> None:
    """End the turn, and learn from it if the block is up."""
    s.phase[b] = IDLE
    if not (s.answers[b] > 0 and s.odds[b] > UP_ODDS):
        return
    if s.before[b] >= DOWN_ODDS:
        _learn(b, s)
    else:
        s.odds[b] = HIGHEST_ODDS  # another outage is as rare as the first
    s.spent[b] = 0
    s.silent[b] = 0


@njit(cache=True, nogil=True)
def _learn(b: int, s: Blocks) -> None:
    """Learn who answers, from all probes since the block was up the last time."""
    walked = s.answers[b] - s.steady_answers[b]
    if s.silent[b] + walked > 0:
        s.asked[b] = s.asked[b] * (1 - LATELY) + s.silent[b] + walked
        s.answered[b] = s.answered[b] * (1 - LATELY) + walked
    silent = 0
    kept = 0
    for place in range(s.steadies[b]):
        if (s.spent[b] >> place) & 1:
            silent += 1
        else:
            s.steady[b, kept] = s.steady[b, place]
            kept += 1
    s.steadies[b] = kept
    if silent + s.steady_answers[b] > 0:
        s.steady_asked[b] *= 1 - _STEADY_LATELY
        s.steady_answered[b] *= 1 - _STEADY_LATELY
        s.steady_asked[b] += silent + s.steady_answers[b]
        s.steady_answered[b] += s.steady_answers[b]
