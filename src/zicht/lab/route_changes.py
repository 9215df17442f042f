"""What changes in the announcements of a world: what happens to it, and what is always going on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zicht.lab import chance
from zicht.model.time import HOUR, MICROSECONDS, to_microseconds

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from zicht.lab.plan import Prefixes
    from zicht.lab.world import World

_MINUTE = 60 * MICROSECONDS
_PATHS = 4
_LONGEST_FLAP = HOUR


@dataclass(frozen=True)
class RouteChanges:
    """Changes of announcements, sorted by time; all arrays have one length.

    Attributes:
        time: int64: when the operator announces or withdraws, microseconds since 1970 UTC; peers
            tell it some seconds later.
        prefix: int64: the place of the prefix in ``World.prefixes()``.
        announced: bool: it is announced, else withdrawn.
        path: uint8: of its possible paths the one that it takes from then on; 0 is the usual one.
    """

    time: NDArray[np.int64]
    prefix: NDArray[np.int64]
    announced: NDArray[np.bool_]
    path: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.time)


def make_route_changes(world: World, begin: datetime, end: datetime) -> RouteChanges:
    """All changes from ``begin`` until ``end``; parts of a stretch are as the whole.

    What is away because of a happening neither flaps nor takes other paths until it is back.
    """
    start, stop = to_microseconds(begin), to_microseconds(end)
    prefixes = world.prefixes()
    happened = _happened(world, prefixes, start, stop)
    ordinary = _ordinary(world, prefixes, start, stop)
    time, prefix, announced, path = _joined([happened, ordinary])
    order = np.lexsort((prefix, time))
    return RouteChanges(time[order], prefix[order], announced[order], path[order])


_Columns = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.bool_]", "NDArray[np.uint8]"]


def _columns(
    time: NDArray[np.int64],
    prefix: NDArray[np.int64],
    announced: NDArray[np.bool_],
    path: NDArray[np.uint8],
    span: tuple[int, int],
) -> _Columns:
    kept = (time >= span[0]) & (time < span[1])
    return time[kept], prefix[kept], announced[kept], path[kept]


def _none() -> _Columns:
    whole = np.empty(0, np.int64)
    return whole, whole, np.empty(0, np.bool_), np.empty(0, np.uint8)


def _joined(rows: list[_Columns]) -> _Columns:
    if not rows:
        return _none()
    time, prefix, announced, path = (np.concatenate(row) for row in zip(*rows, strict=True))
    return time, prefix, announced, path


def _happened(world: World, prefixes: Prefixes, start: int, stop: int) -> _Columns:
    """Prefixes whose rank the share of their part passes."""
    begin = to_microseconds(world.begin)
    first = max((start - begin) // _MINUTE - 1, 0)
    after = min(-(-(stop - begin) // _MINUTE) + 1, world.minutes)
    bounds = np.searchsorted(prefixes.part, np.arange(len(world.parts) + 1))
    rows = []
    for part in world.touched():
        for family in (4, 6):
            share = world.share("routes", part, family)[first:after]
            own = np.arange(bounds[part], bounds[part + 1])
            own = own[prefixes.family[own] == family]
            if not len(own) or not len(share) or share.min() == share.max():
                continue
            time, prefix, announced = crossings(share, own, prefixes.rank)
            time = begin + (first + time) * _MINUTE + _jitter(world, prefix, time + first)
            path = np.zeros(len(time), np.uint8)
            rows.append(_columns(time, prefix, announced, path, (start, stop)))
    return _joined(rows)


def crossings(
    share: NDArray[np.float64], own: NDArray[np.int64], rank: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """The minutes at which prefixes go and come, which, and whether they come.

    Args:
        share: float64[minutes]: what is left.
        own: int64[n]: the places of the prefixes.
        rank: float64: of all prefixes; one is there while its rank is below the share.
    """
    by_rank = own[np.argsort(rank[own], kind="stable")]
    up = np.searchsorted(rank[by_rank], share, side="left")  # those with a rank below the share
    steps = np.diff(up)
    minutes = np.flatnonzero(steps) + 1
    change = steps[minutes - 1]
    count = np.abs(change)
    low = np.minimum(up[minutes - 1], up[minutes])
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    prefix = by_rank[np.repeat(low, count) + within]
    return np.repeat(minutes, count), prefix, np.repeat(change > 0, count)


def _jitter(
    world: World, prefix: NDArray[np.int64], minute: NDArray[np.int64]
) -> NDArray[np.int64]:
    """When within the minute, in microseconds."""
    index = prefix.astype(np.uint64) << np.uint64(24) | minute.astype(np.uint64)
    luck = chance.uniforms_at(chance.key(world.seed, "jitter"), index)
    return np.asarray((luck * _MINUTE).astype(np.int64))


def _ordinary(world: World, prefixes: Prefixes, start: int, stop: int) -> _Columns:
    """Flaps and other paths, hour by hour so that any stretch can be made by itself."""
    rows = []
    for hour in range(start // HOUR - 1, -(-stop // HOUR)):
        rows += [_flaps(world, len(prefixes), hour), _detours(world, len(prefixes), hour)]
    time, prefix, announced, path = _columns(*_joined(rows), (start, stop))
    there = _is_there(world, prefixes, time, prefix)
    return time[there], prefix[there], announced[there], path[there]


def _drawn(
    world: World, what: str, count: int, per_day: float, hour: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Times in an hour at which something happens to some prefix, which, and a uniform for each."""
    mean = count * per_day / 24
    number = int(mean + chance.uniform(world.seed, what, "number", hour))
    luck = chance.uniforms(world.seed, what, hour, count=3 * number)
    time = hour * HOUR + (luck[:number] * HOUR).astype(np.int64)
    return time, (luck[number : 2 * number] * count).astype(np.int64), luck[2 * number :]


def _flaps(world: World, count: int, hour: int) -> _Columns:
    """A prefix goes, and comes back within the hour, mostly within minutes."""
    time, prefix, luck = _drawn(world, "flap", count, world.scenario.routing.flaps_per_day, hour)
    lasts = (_MINUTE + (luck * luck) * (luck * luck) * (_LONGEST_FLAP - _MINUTE)).astype(np.int64)
    path = np.zeros(2 * len(time), np.uint8)
    return (
        np.concatenate([time, time + lasts]),
        np.concatenate([prefix, prefix]),
        np.repeat([False, True], len(time)),
        path,
    )


def _detours(world: World, count: int, hour: int) -> _Columns:
    """A prefix takes another path, or the usual one again."""
    time, prefix, luck = _drawn(
        world, "detour", count, world.scenario.routing.changes_per_day, hour
    )
    path = (luck * _PATHS).astype(np.uint8)
    return time, prefix, np.ones(len(time), np.bool_), path


def _is_there(
    world: World, prefixes: Prefixes, time: NDArray[np.int64], prefix: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether no happening has taken a prefix away at a time, bool[n]."""
    there = np.ones(len(time), np.bool_)
    minute = (time - to_microseconds(world.begin)) // _MINUTE
    minute = np.clip(minute, 0, world.minutes - 1)
    touched = np.zeros(len(world.parts), np.bool_)
    touched[world.touched()] = True
    rows = np.flatnonzero(touched[prefixes.part[prefix]])
    groups: dict[tuple[int, int], list[int]] = {}
    for row in rows:
        key = int(prefixes.part[prefix[row]]), int(prefixes.family[prefix[row]])
        groups.setdefault(key, []).append(int(row))
    for (part, family), members in groups.items():
        share = world.share("routes", part, family)
        there[members] = prefixes.rank[prefix[members]] < share[minute[members]]
    return there
