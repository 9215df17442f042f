"""The RIPE Atlas probes of a world, and when each was connected.

A probe is there while the share of packets of its part is above a rank of its own; it is held to be
connected for half an hour longer, until its silence is noticed. Besides, it connects anew now and
then, and is away for hours once in a while, as homes are. The rates are the lab's own, of a
plausible order.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from zicht.lab import chance
from zicht.lab.views import ATLAS_HOLDS_MINUTES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.lab.scenario import FaultRow
    from zicht.lab.world import World

_FIRST_ID = 1001
_RECONNECTS = 1.2  # a day, of each probe
_ABSENCES = 0.01  # a day, of each probe
_LONGEST_ABSENCE = 720  # minutes
_GIVEN_UP = 0.1  # as many again were there once and are no more
_CONTROLLERS = ("ctr-ams01", "ctr-ams02", "ctr-fsn01", "ctr-nue02", "ctr-sin01", "ctr-ewr01")
_MINUTE = 60


@dataclass(frozen=True)
class Probes:
    """The probes, and the events of their connections.

    Attributes:
        ids: int64[n].
        part: int64[n]: the place of each in ``World.parts``.
        given_up: bool[n]: it has not been there since before the world's begin.
        at_first: bool[n]: whether it was connected at the world's begin.
        times: int64[m]: of events in order, seconds since 1970.
        probe: int64[m]: the place of the event's probe.
        up: bool[m]: whether it connected, or else was found to be gone.
    """

    ids: NDArray[np.int64]
    part: NDArray[np.int64]
    given_up: NDArray[np.bool_]
    at_first: NDArray[np.bool_]
    times: NDArray[np.int64]
    probe: NDArray[np.int64]
    up: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)

    def last_events(self, time: int) -> NDArray[np.int64]:
        """The place of each probe's last event until a time, int64[n]; -1 where there was none."""
        until = int(np.searchsorted(self.times, time, side="right"))
        last = np.full(len(self), -1, dtype=np.int64)
        last[self.probe[:until]] = np.arange(until)  # the last one that is written stays
        return last

    def connected(self, time: int) -> NDArray[np.bool_]:
        """Whether each probe is connected at a time, as far as RIPE Atlas has noticed, bool[n]."""
        last = self.last_events(time)
        return np.where(last >= 0, self.up[np.maximum(last, 0)], self.at_first)


def make_probes(world: World) -> Probes:
    """The probes of a world with all that happens to them, their service's own faults included."""
    counts = world.weights("atlas")
    gone = np.ceil(counts * _GIVEN_UP).astype(np.int64)
    part = np.repeat(np.arange(len(counts)), counts + gone)
    first = np.cumsum(counts + gone) - (counts + gone)
    given_up = np.arange(len(part)) - first[part] >= counts[part]
    rank = chance.uniforms(world.seed, "atlas", "rank", count=len(part))
    at_first = np.zeros(len(part), dtype=np.bool_)
    times: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
    owners: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
    ups: list[NDArray[np.bool_]] = [np.empty(0, dtype=np.bool_)]
    for place in np.flatnonzero(~given_up).tolist():
        up = _held(_there(world, place, int(part[place]), float(rank[place])))
        at_first[place] = up[0]
        when, states = _events(world, place, up)
        times.append(when)
        ups.append(states)
        owners.append(np.full(len(when), place))
    time, probe, state = np.concatenate(times), np.concatenate(owners), np.concatenate(ups)
    order = np.lexsort((probe, time))
    ids = _FIRST_ID + np.arange(len(part))
    return Probes(ids, part, given_up, at_first, time[order], probe[order], state[order])


def _there(world: World, place: int, part: int, rank: float) -> NDArray[np.bool_]:
    """Whether a probe sends anything, bool[minutes]."""
    up = world.share("packets", part) > rank
    random = chance.generator(world.seed, "atlas", "away", place)
    absences = random.poisson(_ABSENCES * world.minutes / 1440)
    for begin in random.integers(1, world.minutes, absences).tolist():
        up[begin : begin + int(random.integers(1, _LONGEST_ABSENCE))] = False
    for fault in world.faults:
        if fault.source == "atlas" and fault.kind in {"zeros", "half"}:
            share = 0.0 if fault.kind == "zeros" else fault.share / 100
            if chance.uniform(world.seed, "atlas", "fault", place, str(fault.begin)) >= share:
                up[slice(*_minutes(world, fault))] = False
    return np.asarray(up)


def _held(there: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether a probe is held to be connected: it was there within the last half hour."""
    before = np.concatenate([np.full(ATLAS_HOLDS_MINUTES, there[0]), there])
    return np.asarray(sliding_window_view(before, ATLAS_HOLDS_MINUTES + 1).max(axis=1))


def _minutes(world: World, fault: FaultRow) -> tuple[int, int]:
    begin = int((fault.begin - world.begin).total_seconds()) // _MINUTE
    end = world.end if fault.end is None else fault.end
    return max(begin, 1), max(int((end - world.begin).total_seconds()) // _MINUTE, 1)


def _events(
    world: World, place: int, up: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Events of a probe: its changes, and in between connections that replace one another."""
    random = chance.generator(world.seed, "atlas", "anew", place)
    anew = random.integers(1, world.minutes, random.poisson(_RECONNECTS * world.minutes / 1440))
    changes = np.flatnonzero(up[1:] != up[:-1]) + 1
    quiet = [minute for minute in np.unique(anew).tolist() if up[minute - 1 : minute + 2].all()]
    begin = int(world.begin.timestamp())
    rows = [
        (begin + minute * _MINUTE + int(random.integers(0, _MINUTE)), bool(up[minute]))
        for minute in changes.tolist()
    ]
    for minute in quiet:
        time = begin + minute * _MINUTE + int(random.integers(0, _MINUTE - 20))
        rows += [(time, False), (time + int(random.integers(1, 20)), True)]
    rows.sort()
    times, states = [time for time, _ in rows], [state for _, state in rows]
    return np.array(times, dtype=np.int64), np.array(states, dtype=np.bool_)


def controller(world: World, place: int) -> str:
    """The controller that a probe connects to."""
    return _CONTROLLERS[int(chance.uniform(world.seed, "atlas", "controller", place) * 6)]


def prefix_of(world: World, part: int) -> str | None:
    """A prefix that a part announces, or ``None``."""
    prefixes = world.prefixes()
    first = int(np.searchsorted(prefixes.part, np.int32(part)))  # else all of them are copied
    if first == len(prefixes) or prefixes.part[first] != part:
        return None
    network = prefixes.network(first)
    return str(network) if isinstance(network, IPv4Network) else None
