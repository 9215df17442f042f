"""The turns of many blocks at once: begun, gone on with when their time comes, and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from zicht.sources.probe.belief import BLOCK, answer_weight
from zicht.sources.probe.turns import (
    IDLE,
    READY,
    SENT,
    TAKEN,
    answer,
    begin,
    choose,
    decided,
    end,
    silence,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.probe.blocks import Blocks
    from zicht.sources.probe.chances import Hour

    Bits = NDArray[np.uint8]
    Rows = NDArray[np.int32]


class Answers(NamedTuple):
    """Answers that came, one entry each.

    Attributes:
        row: int32[k]: the block.
        at: int64[k]: which of its addresses.
        late: bool[k]: whether it came after its time.
        rtt: float64[k]: seconds; NaN where unknown.
    """

    row: Rows
    at: NDArray[np.int64]
    late: NDArray[np.bool_]
    rtt: NDArray[np.float64]


@njit(cache=True, nogil=True)
def start(
    rows: Rows, brief: NDArray[np.bool_], s: Blocks, active: Bits, hour: Hour, now: float
) -> Rows:
    """Begin turns of blocks, but for those whose last turn is not over; gives those begun.

    Args:
        rows: the blocks.
        brief: bool[k]: whether one probe is all that each gets should it stay silent.
        s: all blocks.
        active: E(b).
        hour: what is usual now.
        now: the time.
    """
    begun = np.empty(len(rows), dtype=np.int32)
    count = 0
    for i in range(len(rows)):
        b = rows[i]
        if s.phase[b] != IDLE:
            continue
        begin(b, s, now)
        s.brief[b] = brief[i]
        choose(b, s, active, hour, now)
        s.phase[b] = READY
        s.due[b] = now
        begun[count] = b
        count += 1
    return begun[:count]


@njit(cache=True, nogil=True)
def go_on(rows: Rows, s: Blocks, active: Bits, hour: Hour, now: float) -> tuple[int, float, Rows]:
    """Judge the silence of probes that were waited for long enough.

    Args:
        rows: blocks with a turn under way. In place: first those whose turn goes on, in their
            order.
        s: all blocks.
        active: E(b).
        hour: what is usual now.
        now: the time.

    Returns:
        How many turns go on; when the next of them is due; the rows whose turn ended here.
    """
    kept, soonest = 0, np.inf
    ended = np.empty(len(rows), dtype=np.int32)
    over = 0
    for b in rows:
        if s.phase[b] == SENT and s.due[b] <= now:
            silence(b, s, hour, now)
            if decided(b, s) or not choose(b, s, active, hour, now):
                end(b, s)
                ended[over] = b
                over += 1
            else:
                s.phase[b] = READY
        if s.phase[b] == IDLE:
            continue
        soonest = min(soonest, s.due[b])
        rows[kept] = b
        kept += 1
    return kept, soonest, ended[:over]


@njit(cache=True, nogil=True)
def pick(rows: Rows, s: Blocks, count: int, now: float) -> tuple[Rows, float]:
    """At most ``count`` blocks whose next probe may go out now, which count as taken.

    Returns:
        These, and when the next of the others is due.
    """
    picked = np.empty(min(count, len(rows)), dtype=np.int32)
    found, soonest = 0, np.inf
    for b in rows:
        if found < count and s.phase[b] == READY and s.due[b] <= now:
            s.phase[b] = TAKEN
            picked[found] = b
            found += 1
        elif s.phase[b] == READY or s.phase[b] == SENT:
            soonest = min(soonest, s.due[b])
    return picked[:found], soonest


@njit(cache=True, nogil=True)
def give_up(rows: Rows, s: Blocks, active: Bits, hour: Hour, now: float, again: float) -> Rows:
    """Probes to these did not go out and never will: choose others; gives the turns that ended."""
    ended = np.empty(len(rows), dtype=np.int32)
    over = 0
    for b in rows:
        if s.phase[b] != TAKEN:
            continue
        s.voids[b] += 1
        if choose(b, s, active, hour, now):
            s.phase[b] = READY
            s.due[b] = again
        else:
            end(b, s)
            ended[over] = b
            over += 1
    return ended[:over]


@njit(cache=True, nogil=True)
def reply(answers: Answers, s: Blocks, active: Bits, hour: Hour, now: float) -> Rows:
    """Take in answers; gives the turns that ended.

    An answer that nobody waits for any longer still tells that its block is up, if its probe was
    sent in the block's last turn.
    """
    ended = np.empty(len(answers.row), dtype=np.int32)
    over = 0
    for i in range(len(answers.row)):
        b = answers.row[i]
        if answers.late[i]:
            if not now - answers.rtt[i] >= s.began[b]:
                continue
            s.odds[b] += answer_weight(s.usual[b], BLOCK)
            s.heard[b] = now
            if s.phase[b] == IDLE:
                continue
            s.answers[b] += 1
        elif s.phase[b] == SENT and s.at[b] == answers.at[i]:
            answer(b, s, hour, now, answers.rtt[i])
            s.phase[b] = READY  # and not before the last probe's time is over
        else:
            continue
        if decided(b, s) or (s.phase[b] == READY and not choose(b, s, active, hour, now)):
            end(b, s)
            ended[over] = b
            over += 1
    return ended[:over]
