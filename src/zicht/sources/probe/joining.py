"""Two histories become one: what a census or a hit list found is put to what was known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from zicht.errors import FaultError
from zicht.sources.probe.history import HOURS, BlockHistory
from zicht.sources.probe.learning import MEMORY, recent_of
from zicht.sources.probe.sorts import sort_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

_T = TypeVar("_T", bound=np.generic)


def join(history: BlockHistory, found: BlockHistory, frozen: NDArray[np.bool_]) -> BlockHistory:
    """What was known, with what was found.

    Blocks that were not known are taken as they were found. Of the others E(b) is of both, and
    A(E(b)) the mean by the probes that each rests on; those that are frozen stay as they are.

    Args:
        history: what was known.
        found: what was found, of the same family.
        frozen: bool[n]: blocks of ``history`` of which nothing is to be learned.

    Raises:
        FaultError: the two are of different families.
    """
    if history.ipv4 != found.ipv4:
        raise FaultError("Histories of IPv4 and IPv6 cannot be joined.")
    found = of_blocks(found, ~np.isin(found.high, history.high[frozen]))
    high = np.union1d(history.high, found.high)
    old = _spread(history, np.searchsorted(high, history.high), high)
    new = _spread(found, np.searchsorted(high, found.high), high)
    told = np.isin(high, found.high)
    both = _both(old, new, told)
    sort = sort_blocks(both.ever_active, both.availability, both.hourly)
    return replace(both, sort=np.where(told, sort, old.sort))


def _both(old: BlockHistory, new: BlockHistory, told: NDArray[np.bool_]) -> BlockHistory:
    if old.ipv4:
        joined = replace(
            old, active=old.active | new.active, recent=recent_of(old) | recent_of(new)
        )
    else:
        joined = _both_addresses(old, new)
    hourly = old.hourly
    if old.hourly.shape[1] or new.hourly.shape[1]:
        hourly = _mean(_hours(old), old.weight[:, None], _hours(new), new.weight[:, None])
    return replace(
        joined,
        availability=_mean(old.availability, old.weight, new.availability, new.weight),
        weight=np.minimum(old.weight + new.weight, MEMORY).astype(np.float32),
        asked=old.asked + new.asked,
        rounds=old.rounds + new.rounds,
        hourly=hourly,
        seen=np.where(told, np.maximum(old.seen, new.seen), old.seen),
    )


def _mean(
    one: NDArray[np.float32],
    one_weight: NDArray[np.float32],
    other: NDArray[np.float32],
    other_weight: NDArray[np.float32],
) -> NDArray[np.float32]:
    """The mean of two shares by their weights; where one is unknown, the other."""
    a = np.where(np.isnan(one), 0, np.maximum(one_weight, 1e-6))
    b = np.where(np.isnan(other), 0, np.maximum(other_weight, 1e-6))
    total = np.where(a + b > 0, a + b, np.nan)
    mean = (np.nan_to_num(one) * a + np.nan_to_num(other) * b) / total
    # What nothing was put to stays what it was, to the last bit.
    return np.where(b == 0, one, mean).astype(np.float32)


def _both_addresses(old: BlockHistory, new: BlockHistory) -> BlockHistory:
    high = np.concatenate([old.address_high, new.address_high])
    low = np.concatenate([old.address_low, new.address_low])
    recent = np.concatenate([recent_of(old), recent_of(new)])
    order = np.lexsort((low, high))
    high, low, recent = high[order], low[order], recent[order]
    fresh = np.ones(len(high), dtype=np.bool_)
    fresh[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
    starts = np.flatnonzero(fresh)
    block = np.searchsorted(old.high, high[starts], side="right") - 1
    sizes = np.bincount(block, minlength=len(old.high))
    return replace(
        old,
        first=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        address_high=high[starts],
        address_low=low[starts],
        address_recent=np.logical_or.reduceat(recent, starts) if len(starts) else recent,
    )


def of_blocks(history: BlockHistory, keep: NDArray[np.bool_]) -> BlockHistory:
    """Some of the blocks of a history."""
    rows = np.flatnonzero(keep)
    columns: dict[str, Any] = {
        name: getattr(history, name)[rows]
        for name in ("high", "availability", "rounds", "hourly", "sort", "seen")
    }
    for name in ("weight", "asked"):
        values = getattr(history, name)
        columns[name] = values[rows] if len(values) else values
    if history.ipv4:
        recent = history.recent[rows] if len(history.recent) else history.recent
        first = np.zeros(len(rows) + 1, dtype=np.int64)
        return replace(history, **columns, active=history.active[rows], recent=recent, first=first)
    sizes = np.diff(history.first)
    mine = np.repeat(keep, sizes)
    return replace(
        history,
        **columns,
        first=np.concatenate([[0], np.cumsum(sizes[rows])]).astype(np.int64),
        address_high=history.address_high[mine],
        address_low=history.address_low[mine],
        address_recent=recent_of(history)[mine],
    )


def _spread(
    history: BlockHistory, rows: NDArray[np.intp], high: NDArray[np.uint64]
) -> BlockHistory:
    """A history over more blocks, of the others of which it knows nothing."""
    n = len(high)

    def over(values: NDArray[_T], fill: float) -> NDArray[_T]:
        wide = np.full((n, *values.shape[1:]), fill, dtype=values.dtype)
        if len(values):
            wide[rows] = values
        return wide

    sizes = np.zeros(n, dtype=np.int64)
    sizes[rows] = np.diff(history.first)
    ipv4 = history.ipv4
    return replace(
        history,
        high=high,
        active=over(history.active, 0) if ipv4 else history.active,
        recent=over(history.recent, 0) if ipv4 else history.recent,
        first=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        availability=over(history.availability, np.nan),
        rounds=over(history.rounds, 0),
        hourly=over(history.hourly, np.nan),
        sort=over(history.sort, 0),
        seen=over(history.seen, 0),
        weight=over(history.weight, 0),
        asked=over(history.asked, 0),
    )


def _hours(history: BlockHistory) -> NDArray[np.float32]:
    if history.hourly.shape[1]:
        return history.hourly
    return np.full((len(history), HOURS), np.nan, dtype=np.float32)
