"""A small world with two countries and two collectors, and what it should look like from there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from zicht.lab.routes.collectors import stations_of
from zicht.lab.routes.holding import delays
from zicht.lab.world import open_scenario
from zicht.model.time import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from zicht.lab.routes.collectors import Station
    from zicht.lab.world import RouteChanges, World

BEGIN = datetime(2024, 10, 1, tzinfo=UTC)
STEP = timedelta(minutes=5)
ENTITIES = ("country/KZ", "country/NL", "asn/9198", "asn/4200000002/KZ", "asn/1136")
SIGNALS = ("bgp.visible24", "bgp.visible6", "bgp.visible48")

_WORLD = """
[scenario]
id = "small"
title = "A small world"
summary = "A country loses its routes for some hours."
seed = 7
begin = {begin:%Y-%m-%dT%H:%M:%SZ}
live_from = {live:%Y-%m-%dT%H:%M:%SZ}
end = {end:%Y-%m-%dT%H:%M:%SZ}
invented = "Everything."

[[country]]
code = "KZ"

[[country]]
code = "NL"

[[operator]]
asn = 9198
name = "Lab Telecom"
kind = "mixed"
country = "KZ"
users = 900_000
blocks = 300
prefixes6 = 9

[[operator]]
asn = 4200000002
name = "Lab Mobile"
kind = "mobile"
country = "KZ"
users = 3_000_000
blocks = 60
prefixes6 = 3

[[operator]]
asn = 1136
name = "Lab Dutch"
kind = "fixed"
country = "NL"
users = 4_000_000
blocks = 900
prefixes6 = 30

[[operator]]
asn = 4200000004
name = "Lab Transit"
kind = "transit"
country = "NL"
users = 0
blocks = 20
prefixes6 = 2

[[collector]]
name = "rrc00"
project = "ris"
peers = 7
partial = 1

[[collector]]
name = "route-views2"
project = "routeviews"
peers = 5

{more}
"""

SHUTDOWN = """
[[happening]]
id = "cut"
cause = "shutdown"
who = ["country/KZ"]
begin = 2024-10-01T03:10:00Z
end = 2024-10-01T05:20:00Z
left = { routes = 20, packets = 1, traffic = 1 }
cut_minutes = 12
return_minutes = 25
"""


def small_world(
    folder: Path, more: str = SHUTDOWN, *, begin: datetime = BEGIN, hours: int = 24
) -> World:
    """A world of a day or so; ``more`` are happenings and faults in TOML."""
    path = folder / "small.toml"
    path.write_text(
        _WORLD.format(
            begin=begin,
            live=begin + timedelta(hours=1),
            end=begin + timedelta(hours=hours),
            more=more,
        )
    )
    return open_scenario(path)


def fault(source: str, kind: str, begin: str, end: str = "", **more: float) -> str:
    """A fault on the world's first day, in TOML."""
    rows = [f'source = "{source}"', f'kind = "{kind}"', f"begin = {BEGIN:%Y-%m-%d}T{begin}:00Z"]
    rows += [f"end = {BEGIN:%Y-%m-%d}T{end}:00Z"] if end else []
    rows += [f"{name} = {value}" for name, value in more.items()]
    return "\n".join(["", "[[fault]]", *rows, ""])


def station_of(world: World, name: str, *, pace: float = 1.0) -> Station:
    [station] = (one for one in stations_of(world, pace=pace) if one.collector.name == name)
    return station


def delegated(world: World, day: datetime) -> bytes:
    """A registry's file that knows the countries of a world's prefixes."""
    prefixes = world.prefixes()
    rows = []
    for index in range(len(prefixes)):
        network = prefixes.network(index)
        country = world.parts[prefixes.part[index]].country
        size = network.num_addresses if network.version == 4 else network.prefixlen
        start = network.network_address
        kind = f"ipv{network.version}"
        rows.append(f"ripencc|{country}|{kind}|{start}|{size}|20100101|allocated|x")
    head = [f"2|ripencc|{day:%Y%m%d}|{len(rows)}|19830705|{day:%Y%m%d}|+0200"]
    counts = {kind: sum(f"|{kind}|" in row for row in rows) for kind in ("ipv4", "ipv6")}
    summary = [f"ripencc|*|{kind}|*|{count}|summary" for kind, count in counts.items()]
    return "\n".join([*head, *summary, *rows, ""]).encode()


@lru_cache(maxsize=4)
def changes_of(world: World) -> RouteChanges:
    """All that changes in a world."""
    return world.route_changes()


def carriers(world: World, station: Station, time: datetime) -> NDArray[np.int64]:
    """int64[prefixes]: how many of a collector's full feeds carry each prefix just before a time.

    A plain reckoning: each change of the world, told by each router after its delay.
    """
    at, groups = to_microseconds(time), len(world.parts)
    prefixes, changes = world.prefixes(), changes_of(world)
    late = delays(station.post, groups)
    count = np.zeros(len(prefixes), np.int64)
    for router, peer in enumerate(station.collector.peers):
        if not peer.full_feed:
            continue
        is_there = np.ones(len(prefixes), np.bool_)
        heard = changes.time + late[router, prefixes.part[changes.prefix]] < at
        is_there[changes.prefix[heard]] = changes.announced[heard]  # of one prefix the last counts
        count += is_there
    return count


def expected(
    world: World,
    stations: list[Station],
    time: datetime,
    is_known: Callable[[str, datetime], bool] = lambda *_: True,
    entities: Sequence[str] = ENTITIES,
) -> dict[tuple[str, str], tuple[int, int]] | None:
    """The least and the most that each signal of each entity can be at the end of a bin.

    They differ only where routers' own churn may tip the majority while a change is going round.
    Nothing where no collector is known.
    """
    known = [one for one in stations if is_known(one.collector.name, time)]
    if not known:
        return None
    voters = sum(peer.full_feed for one in known for peer in one.collector.peers)
    count = sum(carriers(world, one, time) for one in known)
    flapping = sum(-(-len(one.collector.peers) // 8) + 1 for one in known)
    sure = np.where(count == voters, count, count - flapping)  # flaps alone tip nothing
    prefixes = world.prefixes()
    found = {}
    least, most = sure * 2 > voters, (count * 2 > voters)
    is_six = prefixes.family == 6
    sizes48 = np.minimum(1 << (48 - np.minimum(prefixes.length.astype(np.int64), 48)), 65536)
    weights = {
        "bgp.visible24": prefixes.sizes24(),
        "bgp.visible6": is_six.astype(np.int64),
        "bgp.visible48": np.where(is_six, sizes48, 0),
    }
    for entity in entities:
        rows = np.isin(prefixes.part, world.parts_of(entity))
        for signal, weight in weights.items():
            found[signal, entity] = (
                int(weight[rows & least].sum()),
                int(weight[rows & most].sum()),
            )
    return found
