"""The series of a world as if all its sources were well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zicht.lab import noise
from zicht.lab.chance import generator
from zicht.lab.mishaps import Column
from zicht.lab.signals import CONNECTED, PROBED, TELESCOPE, TRAFFIC, UP_24, VISIBLE
from zicht.lab.views import VIEWS
from zicht.model.time import MICROSECONDS, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from zicht.lab.parts import Part
    from zicht.lab.views import View
    from zicht.lab.world import World
    from zicht.model.signal import Signal

_FEWEST_DEVICES = 5
_AWAY = 0.1  # of the devices are not connected on an ordinary day
_SEEN_BY_TELESCOPE = 5e-5  # of the people; the order of one country's figure, for all
_UP = 0.93  # of the answering blocks are up on an ordinary day
_NIGHT_UP, _NIGHT_TELESCOPE = 0.02, 0.35  # how far the ordinary day moves them


@dataclass(frozen=True)
class _Made:
    """The values of a part in each bin, and the share that is left of it there."""

    values: NDArray[np.float64]
    share: NDArray[np.float64]
    weight: float


def sense(world: World, signals: dict[str, Signal], countries: Sequence[str]) -> list[Column]:
    """The series of these signals, of these countries, their regions and their operators."""
    sensing = _Sensing(world, signals)
    return [column for country in countries for column in sensing.country(country)]


class _Sensing:
    """Makes series, each with a randomness of its own."""

    def __init__(self, world: World, signals: dict[str, Signal]) -> None:
        self.world = world
        self.signals = signals

    def country(self, country: str) -> Iterator[Column]:
        """The series of a country and of what is in it."""
        parts = [self.world.parts[int(row)] for row in self.world.parts_of(f"country/{country}")]
        for signal, make in self._makers().items():
            if signal not in self.signals:
                continue
            made = {part.index: self._made(signal, part, make) for part in parts}
            for entity, members in _groups(country, parts).items():
                yield from self._joined(signal, entity, [made[one] for one in members])
        if CONNECTED in self.signals:
            yield from self._connected(country)
        if TELESCOPE in self.signals:
            yield self._telescope(country)

    def _makers(self) -> dict[str, Callable[[Part, _Made], NDArray[np.float64]]]:
        return {
            VISIBLE: self._visible,
            PROBED: self._probed,
            TRAFFIC: self._traffic,
            UP_24: self._probed,
        }

    def _made(
        self, signal: str, part: Part, make: Callable[[Part, _Made], NDArray[np.float64]]
    ) -> _Made:
        view = self._view(signal)
        share = self.world.share(view.plane, part.index, view.family, view.service)
        bins = bin_means(share, self.signals[signal].step)
        plain = _Made(np.empty(0), bins, float(getattr(part, view.weight)))
        return _Made(make(part, plain), bins, plain.weight)

    def _joined(self, signal: str, entity: str, made: list[_Made]) -> Iterator[Column]:
        """The sum of counts, or the mean of indices by people; nothing where nothing is counted."""
        weights = np.array([one.weight for one in made])
        if not weights.sum():
            return
        share = weights @ np.array([one.share for one in made]) / weights.sum()
        values = np.array([one.values for one in made])
        if self.signals[signal].scale == "index":
            yield self._column(signal, entity, weights @ values / weights.sum(), share)
        else:
            yield self._column(signal, entity, values.sum(axis=0), share)

    def _random(self, signal: str, part: Part) -> np.random.Generator:
        place = part.region or part.country
        return generator(self.world.seed, signal, part.operator.asn, place)

    def _visible(self, part: Part, made: _Made) -> NDArray[np.float64]:
        """Routes: hardly any noise, a slow walk, and now and then a peer that goes away a while."""
        random, share = self._random(VISIBLE, part), made.share
        walk = noise.persistent(random, len(share), 0.002, 0.995)
        flaps = random.poisson(made.weight * 0.0008, len(share))
        for begin in random.integers(0, len(share), 4):
            walk[begin : begin + int(random.integers(3, 15))] -= random.uniform(0.004, 0.012)
        return np.maximum(np.rint(made.weight * share * (1 + walk)) - flaps, 0.0)

    def _probed(self, part: Part, made: _Made) -> NDArray[np.float64]:
        """Answering blocks: each up or not, so few blocks are noisier than many."""
        random, share = self._random(PROBED, part), made.share
        up = _UP * (1 + _NIGHT_UP * (self._rhythm(part, len(share)) - 1))
        drift = noise.persistent(random, len(share), 0.006, 0.98)
        chance = np.clip(up * share * (1 + drift), 0.0, 1.0)
        return random.binomial(int(made.weight), chance).astype(np.float64)

    def _traffic(self, part: Part, made: _Made) -> NDArray[np.float64]:
        """Traffic: a strong rhythm of day and week."""
        random, share = self._random(TRAFFIC, part), made.share
        wobble = np.exp(noise.persistent(random, len(share), 0.035, 0.8))
        jitter = np.exp(random.normal(0.0, 0.02, len(share)))
        mood = self._mood(part.country, len(share))
        return np.asarray(100 * self._rhythm(part, len(share)) * share * wobble * jitter * mood)

    def _mood(self, country: str, count: int) -> NDArray[np.float64]:
        """What a whole country does more or less of for some hours: weather, matches, news."""
        random = generator(self.world.seed, TRAFFIC, "mood", country)
        hours = 3600 // self.signals[TRAFFIC].step
        slow = noise.persistent(random, count, 0.03, 0.95)
        surges = noise.bursts(random, count, 24 * hours * 4, (hours, 6 * hours), (-0.12, 0.25))
        return np.asarray(np.exp(slow + surges))

    def _connected(self, country: str) -> Iterator[Column]:
        """Connected devices: a few dozen that come and go slowly."""
        entity, view = f"country/{country}", self._view(CONNECTED)
        devices = int(self.world.weights("atlas")[self.world.parts_of(entity)].sum())
        if devices < _FEWEST_DEVICES:
            return
        share = self._bins(view, entity)
        random = generator(self.world.seed, CONNECTED, country)
        away = noise.persistent(random, len(share), 0.8, 0.97)
        values = np.rint(np.clip((devices * (1 - _AWAY) + away) * share, 0, devices))
        yield self._column(CONNECTED, entity, values, share)

    def _telescope(self, country: str) -> Column:
        """What a telescope sees of a country: bursts of scans and the like, so very noisy."""
        entity, view = f"country/{country}", self._view(TELESCOPE)
        rows = self.world.parts_of(entity)
        size = _SEEN_BY_TELESCOPE * float(self.world.weights("users")[rows].sum())
        share = self._bins(view, entity)
        random = generator(self.world.seed, TELESCOPE, country)
        day = 1 + _NIGHT_TELESCOPE * (self._rhythm(self.world.parts[rows[0]], len(share)) - 1)
        slow = noise.persistent(random, len(share), 0.10, 0.98)
        hours = 3600 // self.signals[TELESCOPE].step
        scans = noise.bursts(random, len(share), 24 * hours * 3, (hours // 2, 12 * hours), (0, 1))
        mean = size * day * share * np.exp(slow + scans)
        values = noise.overdispersed(random, mean, 250.0)
        return self._column(TELESCOPE, entity, values, share)

    def _view(self, signal: str) -> View:
        return next(view for view in VIEWS if f"{signal}.".startswith(f"{view.signal}."))

    def _bins(self, view: View, entity: str) -> NDArray[np.float64]:
        return bin_means(view.share(self.world, entity), self.signals[view.signal].step)

    def _rhythm(self, part: Part, bins: int) -> NDArray[np.float64]:
        return bin_means(self.world.rhythm(part.index), 60 * self.world.minutes // bins)

    def _column(
        self, signal: str, entity: str, values: NDArray[np.float64], share: NDArray[np.float64]
    ) -> Column:
        step = self.signals[signal].step * MICROSECONDS
        times = to_microseconds(self.world.begin) + np.arange(len(values), dtype=np.int64) * step
        return Column(signal, entity, times, np.round(values, 2), share)


def _groups(country: str, parts: list[Part]) -> dict[str, list[int]]:
    """The places of the parts of a country, of its regions, and of its operators.

    One that is all there is in its country, or that stands for several, gets nothing of its own.
    """
    groups = {f"country/{country}": [part.index for part in parts]}
    for part in parts:
        if part.region is not None:
            groups.setdefault(f"region/{part.region}", []).append(part.index)
    asns = {part.operator.asn for part in parts}
    for part in parts:
        if len(asns) > 1 and not part.operator.several:
            groups.setdefault(f"asn/{part.operator.asn}", []).append(part.index)
    return groups


def bin_means(minutes: NDArray[np.float64], step: int) -> NDArray[np.float64]:
    """Averages over bins of ``step`` seconds, float64[n // (step / 60)]."""
    return np.asarray(minutes.reshape(-1, step // 60).mean(axis=1))
