"""The route collectors of a world: what happens to its routes, and who tells them of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from zicht.lab import chance
from zicht.lab.routes.beacons import RIS, beacons_between
from zicht.lab.routes.chance import key_of
from zicht.lab.routes.columns import Networks, Routers, routers_of
from zicht.lab.routes.ground import (
    Changes,
    Ground,
    Hijack,
    Post,
    Stretch,
    Trouble,
    make_ground,
    make_post,
)
from zicht.lab.routes.tabling import order_of
from zicht.model.time import to_microseconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.lab.route_changes import RouteChanges
    from zicht.lab.routes.beacons import Beacons
    from zicht.lab.scenario import FaultKind, FaultRow, HijackRow
    from zicht.lab.watchers import Collector
    from zicht.lab.world import World

RESET = 90_000_000
"""Microseconds for which a session is away that was reset."""

_TRANSIT = np.arange(4_200_800_001, 4_200_800_009, dtype=np.uint32)
"""Transit operators of worlds that name none: AS numbers for private use (RFC 6996)."""

_LONGEST = {4: 24, 6: 48}  # longer prefixes are filtered by many networks
_EVERYTHING = 1.0


@dataclass(frozen=True)
class Station:
    """A route collector, and all that its files are made of.

    Attributes:
        collector: which.
        networks: the prefixes that routes lead to.
        ground: what happens to them, whoever watches.
        routers: who speaks to it.
        post: what befalls them.
        faults: what befalls the collector, its archive included.
        seed: the world's.
    """

    collector: Collector
    networks: Networks
    ground: Ground
    routers: Routers
    post: Post
    faults: tuple[FaultRow, ...]
    seed: int

    @cached_property
    def order(self) -> NDArray[np.int32]:
        """int32[n]: the networks as its tables have them."""
        return order_of(self.networks)


def stations_of(world: World, *, pace: float = 1.0) -> tuple[Station, ...]:
    """The collectors of a world.

    Args:
        world: which.
        pace: how many times the usual churn of routers there is, beside that of the world; 0 for
            none. It takes no network from most routers.
    """
    networks, ground = ground_of(world, pace=pace)
    stations = []
    for one in world.collectors:
        routers = routers_of(
            [peer.asn for peer in one.peers],
            [peer.address for peer in one.peers],
            [peer.identifier for peer in one.peers],
        )
        post = _post(world, one, routers)
        faults = faults_of(world, one.name)
        stations.append(Station(one, networks, ground, routers, post, faults, world.seed))
    return tuple(stations)


def faults_of(world: World, collector: str) -> tuple[FaultRow, ...]:
    """What befalls a collector as a whole: its own faults, and those of all collectors."""
    return tuple(one for one in world.faults if one.source in {"bgp", f"bgp/{collector}"})


def ground_of(world: World, *, pace: float = 1.0) -> tuple[Networks, Ground]:
    """The prefixes of a world, and what happens to them; ``pace`` is as of ``stations_of``.

    Prefixes that a hijack alone announces, halves of another's, are behind those of the world, and
    RIS's beacons behind them.
    """
    prefixes = world.prefixes()
    networks = Networks(prefixes.family, _bytes(prefixes.high, prefixes.low), prefixes.length)
    asn = np.array([part.operator.asn for part in world.parts], np.uint32)
    origin, group = asn[prefixes.part], prefixes.part
    hijacks, halves = _hijacks(world, networks, origin)
    count = len(halves.family)
    beacons = beacons_between(world.begin, world.end)
    changes = _with_beacons(world.route_changes(), beacons, len(networks.family) + count)
    transit = [one.asn for one in world.operators if one.kind == "transit"]
    chosen = np.array(transit, np.uint32) if transit else _TRANSIT
    parts = zip(networks, halves, beacons.networks, strict=True)
    every = Networks(*(np.concatenate(columns) for columns in parts))
    more = len(beacons.begins)
    behind = np.array([len(world.parts), len(world.parts) + 1], np.int32)
    ground = make_ground(
        every.family,
        np.concatenate([origin, np.zeros(count, np.uint32), np.full(more, RIS, np.uint32)]),
        np.concatenate([group, np.repeat(behind, [count, more])]),
        np.concatenate([_begins(world), np.zeros(count, np.bool_), beacons.begins]),
        changes,
        transit=chosen,
        provider=_providers(world, chosen),
        key=key_of(world.seed, "routes"),
        hijacks=hijacks,
        pace=pace,
    )
    return every, ground


def _with_beacons(changes: RouteChanges, beacons: Beacons, before: int) -> Changes:
    """What changes in a world and of the beacons, which are behind so many other networks."""
    own = beacons.changes
    return Changes(
        np.concatenate([changes.time, own.time]),
        np.concatenate([changes.prefix, own.network + before]),
        np.concatenate([changes.announced, own.announced]),
        np.concatenate([changes.path, own.path]),
    )


def _bytes(high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.uint8]:
    return np.stack([high, low], axis=1).astype(">u8").view(np.uint8).reshape(-1, 16)


def _begins(world: World) -> NDArray[np.bool_]:
    """bool[n]: which prefixes are announced where the world begins."""
    prefixes = world.prefixes()
    share = np.ones((len(world.parts), 2))
    for part in world.touched():
        share[part] = [world.share("routes", part, family)[0] for family in (4, 6)]
    is_six = (prefixes.family == 6).astype(np.int64)  # noqa: PLR2004 - IPv6
    return np.asarray(prefixes.rank < share[prefixes.part, is_six])


def _providers(world: World, transit: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """uint32[parts + 2, 2]: by whom each part is reached; hijackers and RIS by some transit."""
    luck = chance.uniforms(world.seed, "providers", count=2 * len(world.parts) + 4)
    found = transit[(luck * len(transit)).astype(np.int64)].reshape(-1, 2)
    for part in world.parts:
        own = part.operator.upstreams
        if own:
            found[part.index] = own[0], own[1 % len(own)]
    return found


def _hijacks(
    world: World, networks: Networks, origin: NDArray[np.uint32]
) -> tuple[list[Hijack], Networks]:
    """Hijacks, and the prefixes of them that nobody else announces."""
    found: list[Hijack] = []
    halves: list[int] = []
    taken: set[int] = set()
    for row in world.scenario.hijacks:
        own = np.flatnonzero(origin == row.victim)
        if row.more_specific:
            longest = np.where(networks.family[own] == 4, _LONGEST[4], _LONGEST[6])  # noqa: PLR2004
            own = own[networks.length[own] < longest]
        free = [one for one in own.tolist() if one not in taken][: row.prefixes]
        taken.update(free)
        for network in free:
            where = [network]
            if row.more_specific:
                where = [len(origin) + len(halves), len(origin) + len(halves) + 1]
                halves += [network, network]
            found += [_hijack(row, one) for one in where]
    second = np.arange(len(halves)) % 2 == 1
    return found, _halves(networks, np.array(halves, np.int64), second)


def _hijack(row: HijackRow, network: int) -> Hijack:
    begin, end = to_microseconds(row.begin), to_microseconds(row.end)
    return Hijack(network, begin, end, row.by, row.seen / 100)


def _halves(networks: Networks, whole: NDArray[np.int64], second: NDArray[np.bool_]) -> Networks:
    """The first or second halves of some prefixes."""
    address, length = networks.address[whole].copy(), networks.length[whole]
    rows = np.flatnonzero(second)
    bit = length[rows].astype(np.int64)
    address[rows, bit >> 3] |= (0x80 >> (bit & 7)).astype(np.uint8)
    return Networks(networks.family[whole], address, length + np.uint8(1))


_TROUBLES: dict[FaultKind, Trouble] = {
    "dies": Trouble.DOWN,
    "reset": Trouble.DOWN,
    "silent": Trouble.MUTE,
    "zeros": Trouble.BLIND,
    "half": Trouble.BLIND,
}


def _post(world: World, collector: Collector, routers: Routers) -> Post:
    """What befalls the sessions of a collector's routers.

    Where a collector as a whole is silent its sessions are well; only its archive is not.
    """
    name = f"bgp/{collector.name}"
    stretches = []
    for fault in world.faults:
        if fault.kind not in _TROUBLES:
            continue
        is_whole = fault.source in {"bgp", name}
        if is_whole and fault.kind == "silent":
            continue
        stretches += [
            _stretch(fault, router, world)
            for router, peer in enumerate(collector.peers)
            if is_whole or fault.source == f"{name}/{peer.asn}"
        ]
    return make_post(
        routers.asn,
        [peer.full_feed for peer in collector.peers],
        key=key_of(world.seed, "collector", collector.name),
        stretches=stretches,
    )


def _stretch(fault: FaultRow, router: int, world: World) -> Stretch:
    begin = to_microseconds(fault.begin)
    end = begin + RESET if fault.kind == "reset" else to_microseconds(fault.end or world.end)
    share = _EVERYTHING if fault.kind == "zeros" else fault.share / 100
    return Stretch(router, _TROUBLES[fault.kind], begin, end, share)
