"""The series of a world as if all its sources were well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.lab import noise
from zicht.lab.mishaps import Column
from zicht.lab.signals import CONNECTED, PROBED, TELESCOPE, TRAFFIC, VISIBLE
from zicht.lab.timeline import Timeline, bin_means, bin_times

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from zicht.lab.facts import Facts, Network
    from zicht.model.signal import Signal

    MadeBlocks = tuple[NDArray[np.float64], NDArray[np.float64]]
    MakeBlocks = Callable[[str, int, NDArray[np.float64]], MadeBlocks]

_DEVICES = 31


class Maker:
    """Makes the series of a world, each with a randomness of its own."""

    def __init__(self, facts: Facts, signals: dict[str, Signal], seed: int) -> None:
        self.facts = facts
        self.signals = signals
        self.seed = seed
        self.timeline = Timeline(facts)

    def columns(self) -> list[Column]:
        """Every series as if all sources were well."""
        return [
            *self._counted(VISIBLE, self._visible),
            *self._counted(PROBED, self._probed),
            *self._traffic(),
            self._connected(),
            *self._telescope(),
        ]

    def _counted(self, signal: str, make: MakeBlocks) -> list[Column]:
        """Blocks of operators, of the country as their sum with all others, and of neighbours."""
        networks = [*self.facts.operators, self.facts.others]
        sizes = [row.blocks if signal == VISIBLE else row.answering for row in networks]
        parts = [
            make(row.entity or "others", size, self._network_share(signal, row))
            for row, size in zip(networks, sizes, strict=True)
        ]
        weights = np.array(sizes) / sum(sizes)
        shares = np.array([share for _, share in parts])
        whole = np.sum([values for values, _ in parts], axis=0)
        country = self._column(signal, self.facts.world.country, whole, weights @ shares)
        operators = [
            self._column(signal, row.entity, values, share)
            for row, (values, share) in zip(self.facts.operators, parts, strict=False)
        ]
        return [country, *operators, *self._neighbours(signal, make)]

    def _neighbours(self, signal: str, make: MakeBlocks) -> list[Column]:
        """Neighbours are probed too, so that a failing prober can be told from a blackout."""
        if signal != PROBED:
            return []
        ordinary = np.ones(self.timeline.minutes)
        made = [
            (row.entity, make(row.entity, row.answering, ordinary)) for row in self.facts.neighbours
        ]
        return [self._column(signal, entity, *both) for entity, both in made]

    def _network_share(self, signal: str, row: Network) -> NDArray[np.float64]:
        stagger = self._stagger(row.entity)
        if signal == VISIBLE:
            return self.timeline.routes_share(stagger)
        return self.timeline.operator_share(row.kind, "data", stagger)

    def _stagger(self, entity: str) -> float:
        """By how many minutes an operator follows the published times; the others do not."""
        if not entity:
            return 0.0
        random = noise.generator(self.seed, "stagger", entity)
        return float(random.uniform(0, self.facts.pace.stagger_minutes))

    def _visible(self, entity: str, blocks: int, minutes: NDArray[np.float64]) -> MadeBlocks:
        """Routes: hardly any noise, a slow walk, and now and then a peer that goes away a while."""
        random = noise.generator(self.seed, VISIBLE, entity)
        share = bin_means(minutes, self.signals[VISIBLE].step)
        walk = noise.persistent(random, len(share), 0.002, 0.995)
        flaps = random.poisson(blocks * 0.0008, len(share))
        for begin in random.integers(0, len(share), 4):
            walk[begin : begin + int(random.integers(3, 15))] -= random.uniform(0.004, 0.012)
        values = np.rint(blocks * share * (1 + walk)) - flaps
        return np.maximum(values, 0.0), share

    def _probed(self, entity: str, blocks: int, minutes: NDArray[np.float64]) -> MadeBlocks:
        """Answering blocks: each up or not, so few blocks are noisier than many."""
        random = noise.generator(self.seed, PROBED, entity)
        share = bin_means(minutes, self.signals[PROBED].step)
        times = self._times(PROBED)
        up = 0.93 * noise.gentle_day(times, self.facts.world.utc_offset_hours, 0.015)
        drift = noise.persistent(random, len(share), 0.006, 0.98)
        chance = np.clip(up * share * (1 + drift), 0.0, 1.0)
        return random.binomial(blocks, chance).astype(np.float64), share

    def _traffic(self) -> list[Column]:
        """Traffic: a strong rhythm of day and week; the country is the sum of all."""
        world = self.facts.world
        rhythm = noise.daily_traffic(self._times(TRAFFIC), world.utc_offset_hours, world.days_off)
        networks = [*self.facts.operators, self.facts.others]
        operators: list[Column] = []
        whole = np.zeros(len(rhythm))
        left = np.zeros(len(rhythm))
        for row in networks:
            random = noise.generator(self.seed, TRAFFIC, row.entity or "others")
            minutes = self.timeline.operator_share(row.kind, "user", self._stagger(row.entity))
            share = bin_means(minutes, self.signals[TRAFFIC].step)
            wobble = np.exp(noise.persistent(random, len(rhythm), 0.035, 0.8))
            jitter = np.exp(random.normal(0.0, 0.02, len(rhythm)))
            values = 100 * rhythm * share * wobble * jitter
            whole += row.traffic * values
            left += row.traffic * share
            if row.entity:
                operators.append(self._column(TRAFFIC, row.entity, values, share))
        return [self._column(TRAFFIC, world.country, whole, left), *operators]

    def _connected(self) -> Column:
        """Connected devices: a few dozen that come and go slowly."""
        random = noise.generator(self.seed, CONNECTED)
        share = bin_means(self.timeline.probes_share(), self.signals[CONNECTED].step)
        away = noise.persistent(random, len(share), 0.8, 0.97)
        values = np.rint(np.clip((_DEVICES - 3 + away) * share, 0, _DEVICES))
        return self._column(CONNECTED, self.facts.world.country, values, share)

    def _telescope(self) -> list[Column]:
        """What a telescope sees of a country: bursts of scans and the like, so very noisy."""
        step = self.signals[TELESCOPE].step
        rhythm = noise.gentle_day(
            self._times(TELESCOPE), self.facts.world.utc_offset_hours, swing=0.22
        )
        networks = [*self.facts.operators, self.facts.others]
        weights = np.array([row.traffic for row in networks])
        minutes = [
            self.timeline.operator_share(row.kind, "data", self._stagger(row.entity))
            for row in networks
        ]
        country = bin_means(weights @ np.array(minutes), step)
        ordinary = np.ones(len(country))
        rows = [(self.facts.world.country, 880, country)]
        rows += [(row.entity, row.telescope, ordinary) for row in self.facts.neighbours]
        columns = []
        for entity, size, share in rows:
            random = noise.generator(self.seed, TELESCOPE, entity)
            slow = np.exp(noise.persistent(random, len(share), 0.07, 0.97))
            values = noise.overdispersed(random, size * rhythm * share * slow, 90.0)
            columns.append(self._column(TELESCOPE, entity, values, share))
        return columns

    def _times(self, signal: str) -> NDArray[np.int64]:
        step = self.signals[signal].step
        return bin_times(self.timeline.begin, self.timeline.minutes * 60 // step, step)

    def _column(
        self, signal: str, entity: str, values: NDArray[np.float64], share: NDArray[np.float64]
    ) -> Column:
        return Column(signal, entity, self._times(signal), np.round(values, 2), share)
