"""Trials: injections into a population of quiet series, and what became of them."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from zicht.detect.injection import Injection, inject
from zicht.model.time import MICROSECONDS
from zicht.score.uncertainty import share_interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zicht.detect.injection import Injected
    from zicht.model.finding import Finding
    from zicht.model.series import Series

GRACE = 2  # bins after an outage's end in which it may still be found
WEEK = 7 * 86_400


@dataclass(frozen=True)
class Population:
    """Quiet series of one kind: those that count false alerts, and the bins before any counts."""

    name: str
    series: list[Series]
    learning: int
    generated: bool

    @property
    def step(self) -> int:
        """Microseconds of a bin."""
        return self.series[0].signal.step * MICROSECONDS

    @property
    def plane(self) -> str:
        """The signal's plane."""
        return self.series[0].signal.plane

    @property
    def weeks(self) -> float:
        """Series-weeks with values after the learning."""
        bins = sum(np.isfinite(one.values[self.learning :]).sum() for one in self.series)
        return float(bins) * self.step / MICROSECONDS / WEEK

    def false_alerts(self, findings: Iterable[Sequence[Finding]]) -> int:
        """Alerts after the learning."""
        return sum(
            finding.alerted > one.start + self.learning * self.step
            for one, found in zip(self.series, findings, strict=True)
            for finding in found
        )


@dataclass
class Tally:
    """What became of the trials of one cell."""

    trials: int = 0
    found: int = 0
    delays: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    endless: int = 0

    def add(self, other: Tally) -> None:
        """Take the trials of another cell in."""
        self.trials += other.trials
        self.found += other.found
        self.delays += other.delays
        self.ends += other.ends
        self.endless += other.endless

    def row(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "trials": self.trials,
            "found": self.found,
            "interval": [round(edge, 4) for edge in share_interval(self.found, self.trials)],
            "median_delay_bins": _median(self.delays),
            "median_end_error_bins": _median(self.ends),
            "without_end": self.endless,
        }


def trials(
    population: Population, injection: dict[str, Any], count: int, seed: int
) -> list[tuple[int, Injected]]:
    """So many injections at random times after the learning: (number of the series, injected)."""
    name = f"{population.name} {sorted(injection.items())}"
    random = np.random.default_rng([seed, crc32(name.encode())])
    made = []
    for trial in range(count):
        number = trial % len(population.series)
        one = population.series[number]
        per_day = round(86_400 / one.signal.step)
        tail = (injection.get("days", 1) - 1) * max(per_day, 1) + injection["bins"] + 2 * GRACE
        last = len(one.values) - tail
        first = min(population.learning, len(one.values) // 2)
        if last <= first:
            continue
        begin = int(random.integers(first, last))
        if np.isfinite(one.values[begin : begin + injection["bins"]]).any():
            injected = inject(one, Injection(begin=begin, **injection), random)
            made.append((number, _cut(injected, begin + tail, per_day)))
    return made


def _cut(injected: Injected, last: int, per_day: int) -> Injected:
    """Leave out what comes more than two days after: it tells nothing any more."""
    length = last + max(2 * per_day, 12)
    return replace(
        injected,
        series=replace(
            injected.series,
            values=injected.series.values[:length],
            samples=injected.series.samples[:length],
        ),
    )


def judge(
    population: Population,
    made: Sequence[tuple[int, Injected]],
    findings: Sequence[Sequence[Finding]],
    before: Sequence[Sequence[Finding]],
) -> Tally:
    """Compare findings with what was injected, and with those on the quiet series before."""
    tally = Tally()
    step = population.step
    for (number, injected), found in zip(made, findings, strict=True):
        for begin, end in injected.outages:
            if any(
                one.begin < end and (one.end is None or one.end > begin) for one in before[number]
            ):
                continue  # called down without any injection: shows nothing
            tally.trials += 1
            hits = [
                one
                for one in found
                if one.begin < end
                and (one.end is None or one.end > begin)
                and begin < one.alerted <= end + GRACE * step
            ]
            if hits:
                tally.found += 1
                tally.delays.append((hits[0].alerted - begin) / step)
                if hits[-1].end is None:
                    tally.endless += 1
                else:
                    tally.ends.append(abs(hits[-1].end - end) / step)
    return tally


def new_alerts(
    made: Sequence[tuple[int, Injected]],
    findings: Sequence[Sequence[Finding]],
    before: Sequence[Sequence[Finding]],
) -> Tally:
    """Trials of what is no outage, and in how many of them there are more alerts than before."""
    tally = Tally(trials=len(made))
    for (number, injected), found in zip(made, findings, strict=True):
        step = injected.series.signal.step * MICROSECONDS
        until = injected.series.start + len(injected.series.values) * step
        tally.found += len(found) > sum(one.alerted <= until for one in before[number])
    return tally


def _median(numbers: Sequence[float]) -> float | None:
    return round(statistics.median(numbers), 2) if numbers else None
