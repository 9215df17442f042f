"""What series show in a window of time: how low, how much of it was seen, what could have shown."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, log, sqrt
from typing import TYPE_CHECKING

import numpy as np

from zicht.model.time import MICROSECONDS, from_microseconds, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from zicht.model.belief import Assessment

SURE = 0.95
"""Belief from which something counts as so, and below whose complement as not so."""

POWER = 0.95
"""A series contradicts a claim only where it would have shown what is claimed with this chance."""

COVERAGE = 0.9
"""Of the bins of a window so many must have a value before what none of them shows counts."""

_CENTRAL_90 = 1.645  # standard deviations that hold the central 90 % of a normal distribution
_SMALLEST = 0.005  # a share of nothing, for its logarithm
_BINS_TOGETHER = 2  # an outage that is claimed lasts for so many bins at least
_LEAST_SPREAD = 0.02


@dataclass(frozen=True)
class Stretch:
    """Bins that follow one another and are all down, or all up.

    Attributes:
        start: begin of the first.
        end: end of the last.
        percent: the lowest of it where it is down, the median where it is up.
        down: which of the two.
    """

    start: datetime
    end: datetime
    percent: float
    down: bool


@dataclass(frozen=True)
class View:
    """What one series shows in a window.

    Attributes:
        assessment: the series with its expectation and belief.
        lowest: the lowest median of three bins in a row, in percent of ordinary; ``None`` where
            nothing was seen.
        lowest_at: begin of the middle one.
        highest: the highest value of any bin, likewise.
        coverage: the share of the window's bins that have a value.
        stretches: what was surely down and what surely was not, in order.
        least_share: the least that the belief allows in any bin (its 5th percentile).
        sure_down: an outage is surely there in some bin.
        sure_up: an outage is surely not there in any bin that was seen.
    """

    assessment: Assessment
    lowest: float | None
    lowest_at: datetime | None
    highest: float | None
    coverage: float
    stretches: tuple[Stretch, ...]
    least_share: float
    sure_down: bool
    sure_up: bool

    @property
    def signal(self) -> str:
        """The signal's name."""
        return self.assessment.series.signal.name

    @property
    def of(self) -> str:
        """What it is of: a place, or an operator, in one country or as a whole."""
        return "/".join(self.assessment.series.entity.split("/")[:2])

    @property
    def plane(self) -> str:
        """The signal's plane."""
        return self.assessment.series.signal.plane


def look(assessment: Assessment, start: datetime, until: datetime) -> View:
    """What a series shows between two instants."""
    series = assessment.series
    step = series.signal.step * MICROSECONDS
    begin, end = to_microseconds(start), to_microseconds(until)
    first = max((begin - series.start) // step, 0)
    last = min(-(-(end - series.start) // step), len(series.values))
    wanted = max(-(-(end - begin) // step), 1)
    if last <= first:
        return View(assessment, None, None, None, 0.0, (), 100.0, sure_down=False, sure_up=False)
    window = slice(first, last)
    values = assessment.connectivity[window]
    known = ~np.isnan(values)
    belief = assessment.belief_outage_later[window]
    lowest, place = _lowest(values)
    seen = belief[known]
    return View(
        assessment,
        lowest,
        None if place is None else from_microseconds(series.start + (first + place) * step),
        float(values[known].max()) if known.any() else None,
        min(float(known.sum()) / wanted, 1.0),
        _stretches(assessment, first, last),
        float(assessment.share_low[window][known].min()) if known.any() else 0.0,
        sure_down=bool((seen >= SURE).any()),
        sure_up=bool(len(seen) and (seen <= 1 - SURE).all()),
    )


def _lowest(values: NDArray[np.float64]) -> tuple[float | None, int | None]:
    """The lowest median of three known bins in a row (of fewer: the lowest), and its place."""
    places = np.flatnonzero(~np.isnan(values))
    if len(places) == 0:
        return None, None
    if len(places) < 3:  # noqa: PLR2004 - the three of a median
        place = int(places[np.argmin(values[places])])
        return float(values[place]), place
    known = values[places]
    medians = np.median(np.lib.stride_tricks.sliding_window_view(known, 3), axis=1)
    best = int(np.argmin(medians))
    return float(medians[best]), int(places[best + 1])


def _stretches(assessment: Assessment, first: int, last: int) -> tuple[Stretch, ...]:
    series = assessment.series
    step = series.signal.step * MICROSECONDS
    belief = assessment.belief_outage_later[first:last]
    values = assessment.connectivity[first:last]
    found = []
    begin = 0
    state = _state(belief[0]) if len(belief) else None
    for place in range(1, len(belief) + 1):
        following = _state(belief[place]) if place < len(belief) else None
        if place < len(belief) and following == state:
            continue
        inside = values[begin:place]
        inside = inside[~np.isnan(inside)]
        if state is not None and len(inside):
            percent = float(inside.min() if state else np.median(inside))
            found.append(
                Stretch(
                    from_microseconds(series.start + (first + begin) * step),
                    from_microseconds(series.start + (first + place) * step),
                    percent,
                    down=state,
                )
            )
        begin, state = place, following
    return tuple(found)


def _state(belief: float) -> bool | None:
    if belief >= SURE:
        return True
    return False if belief <= 0.5 else None  # noqa: PLR2004 - likelier up than down


def power(assessment: Assessment, start: datetime, until: datetime, percent: float) -> float:
    """The chance that a series would show in a window that only so much is left.

    It shows it where it falls below what it does by itself in ordinary times, in two bins in a row.
    The spread is that of the expectation, for counts with the chance of so few. The window's worst
    bin counts, since what is claimed may have been in any. Bins that lie in the window as a whole
    count alone: an outage of an hour is lost in a value of a day.
    """
    series = assessment.series
    step = series.signal.step * MICROSECONDS
    first = max(-(-(to_microseconds(start) - series.start) // step), 0)
    last = min((to_microseconds(until) - series.start) // step, len(series.values))
    if last - first < _BINS_TOGETHER:
        return 0.0
    worst = 1.0
    for place in range(first, last):
        expected, low = assessment.expected[place], assessment.expected_low[place]
        above = assessment.ordinary_above[place] / 100
        if not expected > 0 or not low > 0 or np.isnan(assessment.connectivity[place]):
            continue
        spread = max(log(expected / low) / _CENTRAL_90, _LEAST_SPREAD)
        share = max(percent / 100, _SMALLEST)
        if series.signal.scale == "count":
            spread = sqrt(spread**2 + 1 / max(expected * share, 1.0))
        chance = _normal(log(above / share) / spread) if above > 0 else 0.0
        worst = min(worst, chance**_BINS_TOGETHER)
    return worst


def _normal(deviation: float) -> float:
    return 0.5 * (1 + erf(deviation / sqrt(2)))


def in_order(views: Sequence[View]) -> list[View]:
    """Views, those that speak first: packets before use before routes, the fullest first."""
    planes = {"data": 0, "user": 1, "control": 2}
    return sorted(views, key=lambda one: (planes[one.plane], -round(one.coverage, 1), one.signal))
