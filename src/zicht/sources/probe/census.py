"""What a census found, as a history; and how long one will take."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from zicht.sources.probe.history import BlockHistory, no_history, unmeasured
from zicht.sources.probe.joining import join
from zicht.sources.probe.learning import Counted, frozen_blocks, refresh
from zicht.sources.probe.sorts import sort_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from zicht.sources.probe.packets import Words
    from zicht.sources.probe.space import Space
    from zicht.sources.probe.sweep import Progress

MOSTLY_UP = 0.8
"""The share of the known blocks of a space that must answer before silence of the others is taken
for theirs: ours, so that a census during an outage teaches nothing wrong."""
_HOUR = 3_600_000_000
_AT_ONCE = 1 << 22  # addresses, of which each takes some bytes for a moment


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What a census will take, if nobody is excluded.

    Attributes:
        addresses: how many will be asked.
        blocks: how many /24 (IPv6: /48) they are in.
        probes: how many will go out.
        seconds: the least time.
    """

    addresses: int
    blocks: int
    probes: int
    seconds: float


def estimate(
    space: Space, rounds: int, *, rate: float, per_minute: float, every: float, timeout: float
) -> Estimate:
    """What rounds over a space take: the rate, the limit of the fullest block, or the pauses.

    Args:
        space: what to go through.
        rounds: how many times.
        rate: probes a second.
        per_minute: probes a minute to one block.
        every: seconds from the begin of a round to that of the next, at least.
        timeout: seconds for which the last answers of a round are waited for.
    """
    _, begins = space.blocks()
    fullest = int(np.diff(begins).max())
    one = max(space.size / rate, (fullest - 1) * 60 / per_minute) + timeout
    return Estimate(
        addresses=space.size,
        blocks=len(begins) - 1,
        probes=space.size * rounds,
        seconds=(rounds - 1) * max(one, every) + one,
    )


def found(space: Space, progress: Progress, time: int) -> BlockHistory:
    """What the rounds that are over tell of the blocks in which anybody answered.

    E(b) is who answered in any round. A(E(b)) is told by each round for those that answered in
    another one, so that an address is not counted as answering because it was found by that very
    answer; from one round it is not known.

    Args:
        space: what was gone through.
        progress: what came of it; a round that is not over does not count.
        time: when, microseconds since 1970 UTC.
    """
    high, begins = space.blocks()
    history = no_history(ipv4=space.ipv4)
    parts = [
        _found_in(space, progress, time, high[part], begins[part.start : part.stop + 1])
        for part in _parts(begins)
    ]
    for part in parts:
        history = _after(history, part)
    return history


def silent(
    space: Space, progress: Progress, history: BlockHistory
) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
    """Which blocks of a history were gone through in vain, and how many of their E(b) were asked.

    Of a block of which an address was left out, such as an excluded one, nothing is said.

    Returns:
        bool[n]; int32[n]: probes to E(b), 0 for the other blocks.
    """
    high, begins = space.blocks()
    known = np.isin(history.high, high)
    heard = np.zeros(len(high), dtype=np.bool_)
    for part in _parts(begins):
        ends = int(begins[part.start]), int(begins[part.stop])
        times = _times(progress, *ends) | _bits(progress.left_out, *ends)
        starts = (begins[part.start : part.stop] - begins[part.start]).astype(np.intp)
        heard[part] = np.maximum.reduceat(times, starts) > 0
    vain = known & ~np.isin(history.high, high[heard])
    probes = np.where(vain, history.ever_active * progress.done, 0)
    return vain, probes.astype(np.int32)


def learn(history: BlockHistory, space: Space, progress: Progress, time: int) -> BlockHistory:
    """What was known, with what a census found.

    Blocks that answered before and not now are suspected of an outage, and nothing is learned of
    their silence until they have been silent for long while most others answer
    (``learning.frozen_blocks``). To learn the same census twice changes nothing.

    Args:
        history: what was known, of the same family.
        space: what was gone through.
        progress: what came of it.
        time: when it ended, microseconds since 1970 UTC.
    """
    learned = history.seen >= time
    vain, probes = silent(space, progress, history)
    known = np.isin(history.high, space.blocks()[0])
    up = 1 - vain.sum() / max(known.sum(), 1)
    since = np.where(vain, history.seen, -1)
    held = frozen_blocks(since, np.full(len(history), up >= MOSTLY_UP), time)
    n = len(history)
    counted = Counted(
        rounds=np.full(n, progress.done, dtype=np.int32),
        probes=probes,
        answers=np.zeros(n, dtype=np.int32),
        answered=np.zeros_like(history.active),
        address_answered=np.zeros(len(history.address_high), dtype=np.bool_),
        hour=time // _HOUR % 24,
        time=time,
    )
    refreshed = refresh(history, counted, learned | held | ~vain)
    return join(refreshed, found(space, progress, time), learned)


def _found_in(
    space: Space, progress: Progress, time: int, high: Words, begins: NDArray[np.int64]
) -> BlockHistory:
    """The same of some blocks."""
    times = _times(progress, int(begins[0]), int(begins[-1]))
    active = np.flatnonzero(times).astype(np.uint64) + np.uint64(begins[0])
    history = unmeasured(*space.addresses(active), ipv4=space.ipv4, seen=time)
    starts = (begins[:-1] - begins[0]).astype(np.intp)
    rows = np.searchsorted(high, history.high)
    ever = np.add.reduceat(times > 0, starts, dtype=np.int64)[rows]
    once = np.add.reduceat(times == 1, starts, dtype=np.int64)[rows]
    answers = np.add.reduceat(times, starts, dtype=np.int64)[rows]
    probes = progress.done * ever - once
    share = np.full(len(rows), np.nan, dtype=np.float32)
    if progress.done > 1:
        share = ((answers - once) / probes).astype(np.float32)
    weight = np.where(np.isnan(share), 0, probes).astype(np.float32)
    recent = np.ones(len(history.address_high), dtype=np.bool_)
    return replace(
        history,
        availability=share,
        weight=weight,
        rounds=np.full(len(rows), progress.done, dtype=np.int32),
        asked=(progress.done * ever).astype(np.float32),
        recent=history.active,
        address_recent=recent,
        sort=sort_blocks(ever, share, history.hourly),
    )


def _times(progress: Progress, begin: int, end: int) -> NDArray[np.uint8]:
    """uint8[end - begin]: in how many rounds each position answered."""
    times = np.zeros(end - begin, dtype=np.uint8)
    for bit, plane in enumerate(progress.counts):
        times |= _bits(plane, begin, end) << bit
    return times


def _bits(plane: NDArray[np.uint8], begin: int, end: int) -> NDArray[np.uint8]:
    """uint8[end - begin]: the bits of these positions, a byte each."""
    bits = np.unpackbits(plane[begin >> 3 : (end + 7) >> 3], bitorder="little")
    return bits[begin & 7 :][: end - begin]


def _parts(begins: NDArray[np.int64]) -> Iterator[slice]:
    """Whole blocks, some million addresses at once."""
    at, blocks = 0, len(begins) - 1
    while at < blocks:
        until = int(np.searchsorted(begins, begins[at] + _AT_ONCE, side="right")) - 1
        until = min(max(until, at + 1), blocks)
        yield slice(at, until)
        at = until


def _after(history: BlockHistory, more: BlockHistory) -> BlockHistory:
    """Two histories of different blocks."""
    if not len(history):
        return more
    return join(history, more, np.zeros(len(history), dtype=np.bool_))
