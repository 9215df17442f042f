"""Operators, and their parts: the smallest that anything happens to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zicht.lab.planet import planet_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zicht.lab.scenario import Scenario
    from zicht.lab.scenario_places import Country, Kind, OperatorRow, Region

# Of an operator's /24 blocks, how many hold addresses that answer pings, in percent: behind carrier
# NAT hardly any. The figures are the lab's.
_ANSWERING = {"mobile": 0.4, "fixed": 50.0, "mixed": 25.0, "transit": 40.0}


@dataclass(frozen=True)
class Operator:
    """Who runs a network.

    Attributes:
        asn: its AS number.
        name: its name.
        kind: what it sells.
        country: where it works, the first of them.
        users: how many people use it, everywhere together.
        upstreams: AS numbers that carry its traffic to the world; none means some transit.
        several: it stands for several operators: nothing is said of it by itself.
    """

    asn: int
    name: str
    kind: Kind
    country: str
    users: int
    upstreams: tuple[int, ...] = ()
    several: bool = False


@dataclass(frozen=True)
class Part:
    """An operator in a region of a country, or in a country that is not divided.

    Attributes:
        index: its place in ``World.parts``.
        operator: whose it is.
        country: ``KZ``.
        region: ``KZ-75``, or ``None``.
        users: how many people.
        blocks: how many /24 blocks of IPv4 it announces.
        prefixes6: how many prefixes of IPv6.
        answering: how many of its /24 blocks answer pings.
        atlas: how many RIPE Atlas probes.
        networks: prefixes that the scenario names, if it does.
    """

    index: int
    operator: Operator
    country: str
    region: str | None
    users: int
    blocks: int
    prefixes6: int
    answering: int
    atlas: int
    networks: tuple[str, ...] = ()

    def entities(self) -> Iterator[str]:
        """The entities that it belongs to."""
        yield f"country/{self.country}"
        if self.region is not None:
            yield f"region/{self.region}"
        yield f"asn/{self.operator.asn}"
        yield f"asn/{self.operator.asn}/{self.country}"


def make_parts(scenario: Scenario, size: float) -> tuple[tuple[Part, ...], tuple[Country, ...]]:
    """Divide operators into regions; of a planet, make them first."""
    rows, countries = scenario.operators, scenario.countries
    if scenario.planet is not None:
        made, everywhere = planet_rows(scenario.planet, scenario.scenario.seed, size)
        known = {country.code for country in countries}
        countries = (*countries, *(one for one in everywhere if one.code not in known))
        rows = (*rows, *made)
    operators = _operators(rows)
    regions: dict[str, list[Region]] = {}
    for region in scenario.regions:
        regions.setdefault(region.code[:2], []).append(region)
    parts: list[Part] = []
    for row in rows:
        places = [
            region
            for region in regions.get(row.country, ())
            if not row.regions or region.code in row.regions
        ]
        parts += _divide(row, operators[row.asn], places, len(parts))
    return tuple(parts), countries


def _operators(rows: Sequence[OperatorRow]) -> dict[int, Operator]:
    users: dict[int, int] = {}
    for row in rows:
        users[row.asn] = users.get(row.asn, 0) + row.users
    found: dict[int, Operator] = {}
    for row in rows:
        if row.asn not in found:
            found[row.asn] = Operator(
                row.asn, row.name, row.kind, row.country, users[row.asn], row.upstreams, row.several
            )
    return found


def _divide(
    row: OperatorRow, operator: Operator, regions: list[Region], first: int
) -> Iterator[Part]:
    shares = [region.share for region in regions] or [1.0]
    blocks = apportion(row.blocks, shares)
    networks = _dealt(row.networks, shares)
    if row.networks:
        blocks = [sum(1 << max(24 - int(one.split("/")[1]), 0) for one in own) for own in networks]
    answering = row.answering
    if answering is None:
        answering = round(sum(blocks) * _ANSWERING[row.kind] / 100)
    columns = zip(
        regions or (None,),
        apportion(row.users, shares),
        blocks,
        apportion(row.prefixes6, shares),
        apportion(answering, shares),
        apportion(row.atlas, shares),
        networks,
        strict=True,
    )
    for index, (region, users, visible, six, up, atlas, named) in enumerate(columns, first):
        yield Part(
            index,
            operator,
            row.country,
            None if region is None else region.code,
            users,
            visible,
            six,
            min(up, visible),
            atlas,
            named,
        )


def apportion(total: int, shares: Sequence[float]) -> list[int]:
    """Divide a whole number by shares, by largest remainders (Hamilton's method)."""
    if len(shares) == 1:
        return [total]
    exact = np.array(shares) * (total / sum(shares))
    floors = np.floor(exact).astype(int)
    order = np.argsort(floors - exact, kind="stable")
    floors[order[: total - int(floors.sum())]] += 1
    return [int(one) for one in floors]


def _dealt(networks: tuple[str, ...], shares: Sequence[float]) -> list[tuple[str, ...]]:
    """Networks by region, in the file's order, as many as the share of each."""
    counts = apportion(len(networks), shares)
    ends = np.cumsum(counts)
    return [networks[end - count : end] for count, end in zip(counts, ends, strict=True)]
