"""A world with a known truth: who is in it, where, and what is left of each at every minute.

Pure and seeded: the same scenario and seed give the same arrays on every machine.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from zicht.lab.blocks import make_blocks
from zicht.lab.network import make_prefixes
from zicht.lab.parts import Operator, Part, make_parts
from zicht.lab.rhythm import rhythm
from zicht.lab.route_changes import RouteChanges, make_route_changes
from zicht.lab.scenario_file import load_scenario
from zicht.lab.shares import follow, turns
from zicht.lab.watchers import Collector, Peer, make_collectors
from zicht.place.zones import capital_zone

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from zicht.lab.blocks import Blocks
    from zicht.lab.plan import Prefixes
    from zicht.lab.scenario import FaultRow, Happening, HijackRow, Scenario, Service
    from zicht.lab.scenario_places import Country, ProberRow
    from zicht.lab.shares import Plane

PLANES: tuple[Plane, ...] = ("routes", "packets", "traffic")
"""What happens to each is told apart: the control, the data and the user plane."""

FAMILIES = (4, 6)

Weight = Literal["users", "blocks", "prefixes6", "answering", "atlas"]
"""What parts are counted by: people, visible /24 blocks, prefixes of IPv6, blocks that answer
pings, RIPE Atlas probes."""

_KEPT_BYTES = 1 << 26
"""How much of the shares that were asked for is kept, so that a large world fits into memory."""

__all__ = [
    "FAMILIES",
    "PLANES",
    "Collector",
    "Operator",
    "Part",
    "Peer",
    "RouteChanges",
    "World",
    "open_scenario",
]


class World:
    """A made world.

    Shares are float64[minutes], one for the begin of each minute, 1.0 being ordinary.

    Attributes:
        scenario: what it is made from.
        seed: the seed of all that is random in it.
        begin: where its history begins.
        live_from: where that begins which a replay shows as it happens.
        end: where it ends.
        minutes: how many minutes it lasts.
        operators: who runs networks.
        parts: operators in the regions where they work: the smallest that anything happens to.
        collectors: the route collectors with their peers.
        probers: our own probers.
        faults: what befalls the sources.
        hijacks: who announces what is another's.
    """

    def __init__(
        self, scenario: Scenario, parts: tuple[Part, ...], seed: int, countries: tuple[Country, ...]
    ) -> None:
        self.scenario = scenario
        self.seed = seed
        self.begin: datetime = scenario.scenario.begin
        self.live_from: datetime = scenario.scenario.live_from
        self.end: datetime = scenario.scenario.end
        self.minutes = int((self.end - self.begin) / timedelta(minutes=1))
        self.parts = parts
        self.operators: tuple[Operator, ...] = tuple(
            {part.operator.asn: part.operator for part in parts}.values()
        )
        self.countries: tuple[Country, ...] = countries
        self.collectors: tuple[Collector, ...] = make_collectors(scenario.collectors)
        self.probers: tuple[ProberRow, ...] = scenario.probers
        self.faults: tuple[FaultRow, ...] = scenario.faults
        self.hijacks: tuple[HijackRow, ...] = scenario.hijacks
        self._ordinary = np.ones(self.minutes)
        self._ordinary.flags.writeable = False
        self._share = lru_cache(maxsize=_KEPT_BYTES // (8 * self.minutes) + 1)(self._make_share)
        self._rhythm = lru_cache(maxsize=64)(self._make_rhythm)

    def share(
        self, plane: Plane, part: int, family: int = 4, service: Service | None = None
    ) -> NDArray[np.float64]:
        """What is left of a part in a plane, without noise and rhythm; read-only."""
        if not self._touching[part]:
            return self._ordinary
        return self._share(plane, part, family, service)

    def place_share(
        self,
        plane: Plane,
        entity: str,
        weight: Weight = "users",
        *,
        family: int = 4,
        service: Service | None = None,
    ) -> NDArray[np.float64]:
        """What is left of an entity: the mean of its parts, weighted by what is counted.

        ``entity`` is one as ``country/KZ``, ``region/KZ-75``, ``asn/9198`` or ``asn/9198/KZ``.
        Where nothing is counted in it, it is ordinary throughout.
        """
        rows = self.parts_of(entity)
        weights = self.weights(weight)[rows].astype(np.float64)
        if not (total := weights.sum()):
            return self._ordinary
        lost = np.zeros(self.minutes)
        for row, size in zip(rows, weights, strict=True):
            if size and self._touching[row]:
                lost += size * (1.0 - self.share(plane, int(row), family, service))
        return np.asarray(np.round(1.0 - lost / total, 6))

    def rhythm(self, part: int) -> NDArray[np.float64]:
        """The ordinary day and week of its traffic by its own clock, 1.0 on average; read-only."""
        return self._rhythm(self.parts[part].country)

    def zone(self, country: str) -> str:
        """The clock that a country lives by, a name of the IANA database."""
        row = self._country[country]
        return row.zone or capital_zone(country).key

    def weights(self, weight: Weight) -> NDArray[np.int64]:
        """How much of what is counted each part has, int64[parts]."""
        return self._weights[weight]

    def parts_by(self, asn: int) -> list[Part]:
        """The parts of an operator."""
        return [self.parts[int(row)] for row in self.parts_of(f"asn/{asn}")]

    def happenings_of(self, part: int) -> tuple[Happening, ...]:
        """What happens to a part."""
        return self._touching[part]

    def touched(self) -> list[int]:
        """The places in ``parts`` of those to which anything happens."""
        return [part for part, happenings in enumerate(self._touching) if happenings]

    def parts_of(self, entity: str) -> NDArray[np.int64]:
        """The places in ``parts`` of what belongs to an entity, int64[n]."""
        return self._places.get(entity, np.empty(0, dtype=np.int64))

    def prefixes(self) -> Prefixes:
        """All that is announced on an ordinary day."""
        return self._prefixes

    def blocks(self) -> Blocks:
        """The /24 blocks that answer pings."""
        return self._blocks

    def route_changes(
        self, begin: datetime | None = None, end: datetime | None = None
    ) -> RouteChanges:
        """What changes in the announcements from ``begin`` until ``end``, by time."""
        return make_route_changes(self, begin or self.begin, end or self.end)

    @cached_property
    def _prefixes(self) -> Prefixes:
        return make_prefixes(self.parts, self.seed)

    @cached_property
    def _blocks(self) -> Blocks:
        return make_blocks(self._prefixes, self.weights("answering"), self.seed)

    @cached_property
    def _country(self) -> dict[str, Country]:
        return {row.code: row for row in self.countries}

    @cached_property
    def _weights(self) -> dict[Weight, NDArray[np.int64]]:
        names: tuple[Weight, ...] = ("users", "blocks", "prefixes6", "answering", "atlas")
        return {
            name: np.array([getattr(part, name) for part in self.parts], dtype=np.int64)
            for name in names
        }

    @cached_property
    def _places(self) -> dict[str, NDArray[np.int64]]:
        places: dict[str, list[int]] = {}
        for part in self.parts:
            for entity in part.entities():
                places.setdefault(entity, []).append(part.index)
        return {entity: np.array(rows) for entity, rows in places.items()}

    @cached_property
    def _touching(self) -> list[tuple[Happening, ...]]:
        """The happenings that touch each part."""
        found: list[tuple[Happening, ...]] = [()] * len(self.parts)
        for happening in self.scenario.happenings:
            rows = {int(row) for entity in happening.who for row in self.parts_of(entity)}
            rows -= {int(row) for entity in happening.but for row in self.parts_of(entity)}
            for row in rows:
                if not happening.kinds or self.parts[row].operator.kind in happening.kinds:
                    found[row] = (*found[row], happening)
        return found

    def _make_share(
        self, plane: Plane, part: int, family: int, service: Service | None
    ) -> NDArray[np.float64]:
        row = self.parts[part]
        share = self._ordinary
        for happening in self._touching[part]:
            if family not in happening.families:
                continue
            zone = self.zone(row.country)
            points = turns(happening, row.operator.kind, plane, service, zone, self.end)
            if all(level == 1.0 for _, level in points):
                continue
            region = row.region or row.country
            who = region if happening.stagger_by == "region" else f"asn/{row.operator.asn}"
            mine = follow(happening, points, self.begin, self.minutes, (self.seed, who))
            share = np.minimum(share, mine)
        share.flags.writeable = False
        return share

    def _make_rhythm(self, country: str) -> NDArray[np.float64]:
        row = self._country[country]
        made = rhythm(self.begin, self.minutes, self.zone(country), row.weekend, row.days_off)
        made.flags.writeable = False
        return made


def open_scenario(name_or_path: str | Path, *, seed: int | None = None, size: float = 1.0) -> World:
    """Make the world of a scenario.

    Args:
        name_or_path: one that is shipped, such as ``cable-cut``, or a file.
        seed: another seed than the file's, for other noise around the same happenings.
        size: of ``planet``: how large, 1.0 being the whole.

    Raises:
        UsageError: no such scenario is shipped, and there is no such file.
        InputError: the file is no scenario.
    """
    scenario = load_scenario(name_or_path)
    seed = scenario.scenario.seed if seed is None else seed
    parts, countries = make_parts(scenario, size)
    return World(scenario, parts, seed, countries)
