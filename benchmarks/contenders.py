"""The detectors that are measured beside each other, each with a ladder from lenient to strict."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

from zicht.detect.assess import assess
from zicht.detect.baselines import chocolatine, cusum, ioda, seasonal
from zicht.detect.baselines.runs import to_findings
from zicht.detect.batch import new_states, screen
from zicht.detect.constants import ALERT
from zicht.detect.outages import find_outages
from zicht.model.finding import Finding
from zicht.model.series import stack
from zicht.model.time import MICROSECONDS, from_microseconds, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.model.outage import Interval
    from zicht.model.series import Series

Found = list[list[Finding]]
"""The findings of each of many series."""


class Contender(Protocol):
    """A detector.

    Attributes:
        name: what to call it.
        published: the strictness that it is published with.
        ladder: strictnesses from the one that alerts most to the one that alerts least.
    """

    name: ClassVar[str]
    published: ClassVar[float]
    ladder: ClassVar[tuple[float, ...]]

    def find(self, series: Sequence[Series], points: Sequence[float]) -> list[Found]:
        """What it finds in series of one step and length at each of these strictnesses."""


class Zicht:
    """The detector of this project, as it is."""

    name: ClassVar[str] = "Zicht"
    published: ClassVar[float] = 0.0
    ladder: ClassVar[tuple[float, ...]] = (0.0,)

    def find(self, series: Sequence[Series], points: Sequence[float]) -> list[Found]:
        """Assess each series that comes near an outage; there is one strictness."""
        signal = series[0].signal
        states = new_states(signal, len(series))
        highest = screen(signal, stack(series), min(one.start for one in series), states)
        found = [
            zicht_findings(one) if top >= ALERT else []
            for one, top in zip(series, highest, strict=True)
        ]
        return [found for _ in points]


def zicht_findings(series: Series) -> list[Finding]:
    """The outages of one series.

    Of an instant that is known to a bin, the bin's begin is taken, as with the peers; of one known
    less well, the middle of what is left.
    """
    step = series.signal.step * MICROSECONDS
    last = series.start + len(series.values) * step

    def instant(interval: Interval) -> int:
        first, second = (to_microseconds(one) for one in interval)
        return (first + max(second - step, first)) // 2

    return [
        Finding(
            begin=instant(one.onset),
            end=None if one.end is None else instant(one.end),
            alerted=to_microseconds(one.alerted_at),
        )
        for one in find_outages(assess(series), from_microseconds(last))
    ]


class Ioda:
    """IODA's rule; strictness is the part of the median that may be lost."""

    name: ClassVar[str] = "IODA's rule"
    published: ClassVar[float] = -1.0  # each signal's own
    ladder: ClassVar[tuple[float, ...]] = (
        0.01,
        0.02,
        0.05,
        0.1,
        0.15,
        0.2,
        0.3,
        0.4,
        0.5,
        0.6,
        0.7,
        0.75,
        0.8,
        0.9,
        0.95,
        0.99,
    )

    def find(self, series: Sequence[Series], points: Sequence[float]) -> list[Found]:
        """Judge by the window of the signal's rule."""
        signal = series[0].signal
        rule = ioda.rule_of(signal)
        values = stack(series)
        found = []
        for point in points:
            own = rule if point < 0 else rule._replace(warning=1 - point)
            ratios = ioda.moving_ratios(values, signal.step, rule=own)
            found.append(
                [
                    to_findings(one, row[: len(one.values)] < own.warning)
                    for one, row in zip(series, ratios, strict=True)
                ]
            )
        return found


class Seasonal:
    """A seasonal median; strictness is the width in spreads."""

    name: ClassVar[str] = "seasonal median"
    published: ClassVar[float] = seasonal.WIDTH
    ladder: ClassVar[tuple[float, ...]] = (
        2.0,
        2.5,
        3.0,
        3.5,
        4.0,
        5.0,
        6.0,
        7.0,
        8.0,
        10.0,
        12.0,
        15.0,
        20.0,
        30.0,
        50.0,
        90.0,
    )

    def find(self, series: Sequence[Series], points: Sequence[float]) -> list[Found]:
        """Judge by the seasons before."""
        values = stack(series)
        middle, spread = seasonal.medians(values, seasonal.season_bins(series[0].signal.step))
        with np.errstate(invalid="ignore"):
            return [
                [
                    to_findings(one, row[: len(one.values)])
                    for one, row in zip(series, values < middle - point * spread, strict=True)
                ]
                for point in points
            ]


class Cusum:
    """A cumulative sum as OONI's; strictness is the delay in bins."""

    name: ClassVar[str] = "CUSUM"
    published: ClassVar[float] = cusum.DELAY
    ladder: ClassVar[tuple[float, ...]] = (
        0.5,
        1.0,
        1.5,
        2.0,
        3.0,
        4.0,
        6.0,
        8.0,
        12.0,
        20.0,
        40.0,
        80.0,
    )

    def find(self, series: Sequence[Series], points: Sequence[float]) -> list[Found]:
        """Judge by the part that is lost of what is usual at that time."""
        step = series[0].signal.step
        lost = cusum.losses(stack(series), step)
        found = []
        for point in points:
            starts, alerts = cusum.changes(lost, step, delay=point, mean_blocked=cusum.MEAN_BLOCKED)
            found.append(
                [
                    cusum.changes_to_findings(one, *rows)
                    for one, *rows in zip(series, starts, alerts, strict=True)
                ]
            )
        return found


class Chocolatine:
    """One model for each series; strictness is the width of the interval in spreads."""

    name: ClassVar[str] = "Chocolatine"
    published: ClassVar[float] = 3.0
    ladder: ClassVar[tuple[float, ...]] = (
        *(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0),
        *(10.0, 12.0, 15.0, 20.0, 30.0, 50.0, 100.0, 1000.0),
    )

    def find(self, series: Sequence[Series], points: Sequence[float]) -> list[Found]:
        """Search a model for each, once."""
        return [[chocolatine.find(one, width=point) for one in series] for point in points]


CONTENDERS: list[Contender] = [Zicht(), Ioda(), Seasonal(), Cusum()]
"""Zicht comes first: the others are held against it."""
