"""Forgetting prefixes that nobody has a route to any more, so that weeks of changes fit in memory.

Rows of nodes, exceptions and paths are given once and never taken back while statements come in:
that is what makes a change quick. Here what is still needed moves together into new arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.sources.bgp.hashing import fill_slots
from zicht.sources.bgp.ribs import new_exceptions, new_nodes, new_paths
from zicht.sources.bgp.ribs_rows import DIRTY, EXCEPTIONS, HOLDERS, NODES, PATHS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.bgp.ribs import Ribs
    from zicht.sources.bgp.ribs_rows import Paths

_COLUMN_BITS, _PATH_BITS = np.uint64(16), np.uint64(32)
_COLUMN, _PATH = np.uint64(0xFFFF), np.uint64(0xFFFFFFFF)
_SMALLEST = 1 << 12


def routed_nodes(ribs: Ribs) -> NDArray[np.bool_]:
    """bool[nodes]: whether anybody has a route to a prefix."""
    routed = np.asarray(ribs.nodes.bits[: ribs.used[NODES]].any(axis=1))
    holders = ribs.paths.holder[: ribs.used[HOLDERS]]
    routed[holders[ribs.paths.routes[: len(holders)] > 0] >> _COLUMN_BITS] = True
    return routed


def is_mostly_dead(ribs: Ribs, needed: NDArray[np.bool_]) -> bool:
    """Whether more than half of the rows, of all kinds together, are not needed any more."""
    exceptions, paths = int(ribs.used[EXCEPTIONS]), int(ribs.used[PATHS])
    live = int(needed.sum())
    live += int((ribs.exceptions.origin[:exceptions] >= 0).sum())
    live += int(ribs.paths.is_there[:paths].sum())
    return 2 * live < len(needed) + exceptions + paths


def forget(ribs: Ribs, needed: NDArray[np.bool_]) -> None:
    """Forget all nodes but these, and all exceptions and paths that hold no longer.

    The nodes that stay keep their order. None is marked as changed afterwards: count all anew.

    Args:
        ribs: the tables.
        needed: bool[nodes]: ``routed_nodes``, and what else is to stay.
    """
    row_of = np.cumsum(needed).astype(np.uint64) - np.uint64(1)
    _forget_paths(ribs, row_of)
    _forget_exceptions(ribs, row_of)
    old, count = ribs.nodes, int(needed.sum())
    ribs.nodes = new = new_nodes(_capacity(count), old.bits.shape[1])
    for before, after in (
        (old.key, new.key),
        (old.bits, new.bits),
        (old.origin, new.origin),
        (old.exceptions, new.exceptions),
    ):
        after[:count] = before[: len(needed)][needed]
    fill_slots(new.slots, new.key, count)
    ribs.used[NODES] = count
    ribs.used[DIRTY] = 0


def _forget_exceptions(ribs: Ribs, row_of: NDArray[np.uint64]) -> None:
    old, used = ribs.exceptions, int(ribs.used[EXCEPTIONS])
    holds = np.flatnonzero(old.origin[:used] >= 0)
    ribs.exceptions = new = new_exceptions(_capacity(len(holds)))
    new.key[: len(holds)] = _move(old.key[holds], row_of)
    new.origin[: len(holds)] = old.origin[holds]
    fill_slots(new.slots, new.key, len(holds))
    ribs.used[EXCEPTIONS] = len(holds)


def _forget_paths(ribs: Ribs, row_of: NDArray[np.uint64]) -> None:
    old = ribs.paths
    holds = old.routes[: ribs.used[HOLDERS]] > 0
    holder_row_of = np.cumsum(holds).astype(np.uint64) - np.uint64(1)
    holders = np.flatnonzero(holds)
    paths = np.flatnonzero(old.is_there[: ribs.used[PATHS]])
    ribs.paths = new = new_paths(_capacity(max(len(paths), len(holders))))
    new.holder[: len(holders)] = _move(old.holder[holders], row_of)
    new.routes[: len(holders)] = old.routes[holders]
    keys = old.key[paths]
    new.key[: len(paths)] = holder_row_of[keys >> _PATH_BITS] << _PATH_BITS | (keys & _PATH)
    new.is_there[: len(paths)] = 1
    new.origin[: len(paths)] = old.origin[paths]
    _chain(new, len(paths))
    fill_slots(new.holder_slots, new.holder, len(holders))
    fill_slots(new.slots, new.key, len(paths))
    ribs.used[HOLDERS] = len(holders)
    ribs.used[PATHS] = len(paths)


def _chain(paths: Paths, count: int) -> None:
    """Link the first rows of each holder; the lowest identifier is where its chain ends."""
    order = np.argsort(paths.key[:count]).astype(np.int32)
    holder = (paths.key[order] >> _PATH_BITS).astype(np.int64)
    begins = np.ones(count, dtype=np.bool_)
    begins[1:] = holder[1:] != holder[:-1]
    paths.other[order] = np.where(begins, -1, np.roll(order, 1))
    paths.lowest[holder[begins]] = order[begins]
    paths.chain[holder] = order  # the last of each holder stays


def _move(keys: NDArray[np.uint64], row_of: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Keys of a node and a column, with the node's new row."""
    moved: NDArray[np.uint64] = row_of[keys >> _COLUMN_BITS] << _COLUMN_BITS | (keys & _COLUMN)
    return moved


def _capacity(count: int) -> int:
    """Room for so many rows and as many again at most, but for one at least."""
    return max(_SMALLEST, 1 << count.bit_length())
