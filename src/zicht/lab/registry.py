"""Where a world's addresses are, in the files that places are read of.

The registry's file is in the RIR statistics exchange format (APNIC); the geofeed, which knows
regions too, is of RFC 8805. Both come of the plan of addresses, so that what is told of places is
what is so in the world.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from zicht.lab.plan import Prefixes
    from zicht.lab.world import World

_REGISTRY = "ripencc"
_SINCE = "20100101"
_IPV4 = 4


def registry_file(world: World, day: date) -> bytes:
    """The file of one registry, which in the lab is the only one and has delegated everything.

    Args:
        world: the world.
        day: the last day that the file covers.
    """
    prefixes = world.prefixes()
    countries = [part.country for part in world.parts]
    four = [
        f"ipv4|{IPv4Address(start)}|{count}|{countries[part]}"
        for part, start, count in _runs(prefixes)
    ]
    six = []
    for row in np.flatnonzero(prefixes.family != _IPV4):
        network = prefixes.network(int(row))
        country = countries[prefixes.part[row]]
        six.append(f"ipv6|{network.network_address}|{network.prefixlen}|{country}")
    records = []
    for line in (*four, *six):
        kind, start, value, country = line.split("|")
        records.append(f"{_REGISTRY}|{country}|{kind}|{start}|{value}|{_SINCE}|allocated|lab")
    head = f"2|{_REGISTRY}|{day:%Y%m%d}|{len(records)}|19830705|{day:%Y%m%d}|+0000"
    summary = [
        f"{_REGISTRY}|*|{kind}|*|{len(rows)}|summary"
        for kind, rows in (("ipv4", four), ("ipv6", six))
    ]
    return "\n".join([head, *summary, *records, ""]).encode()


def geofeed(world: World) -> bytes:
    """A feed of all prefixes of parts that are in a region."""
    prefixes = world.prefixes()
    lines = ["# Made by the lab: no measurement."]
    for row, place in enumerate(prefixes.part):
        part = world.parts[place]
        if part.region is not None:
            lines.append(f"{prefixes.network(row)},{part.country},{part.region},,")
    return "\n".join([*lines, ""]).encode()


def _runs(prefixes: Prefixes) -> Iterator[tuple[int, int, int]]:
    """IPv4 addresses of each part without a gap between: the part, the first, and how many."""
    rows = np.flatnonzero(prefixes.family == _IPV4)
    start = (prefixes.high[rows] >> np.uint64(32)).astype(np.int64)
    size = np.left_shift(np.int64(1), 32 - prefixes.length[rows].astype(np.int64))
    part = prefixes.part[rows]
    breaks = (start[1:] != start[:-1] + size[:-1]) | (part[1:] != part[:-1])
    first = np.flatnonzero(np.concatenate([[True], breaks])) if len(rows) else rows
    last = np.append(first[1:], len(rows)) - 1
    for one, two in zip(first, last, strict=True):
        yield int(part[one]), int(start[one]), int(start[two] + size[two] - start[one])
