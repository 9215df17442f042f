"""What labels say of one series: where it is quiet, where it is down, and what it could show."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zicht.model.time import MICROSECONDS, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from zicht.model.label import Label, Quiet
    from zicht.model.series import Series

HISTORY = 12
"""A label counts where so many bins with a value come before it: an hour of five-minute bins."""

FEWEST_BINS = 2
"""A label counts where so many bins fit into it: in one bin any value may be a glitch."""

FEWEST_KNOWN = 0.5
"""A label counts where at least this part of its bins has a value."""

DEEP_ENOUGH = 80.0
"""Percent of ordinary: who keeps more is not in an outage as the lab and the classes count it."""

FEWEST_COUNTED = 3.0
"""A count that is ordinarily smaller cannot show an outage: none may be chance."""

MARGIN_HOURS = 1.0
MARGIN_BINS = 2
"""So far around a label findings belong to it: people read its times off charts."""

_HOUR = 3600 * MICROSECONDS
_WEEK = 7 * 24 * _HOUR

QUIET, DOUBTFUL, DOWN = 0, 1, 2
"""What is known of a bin: nothing happened; nobody says; an outage is attested."""


@dataclass(frozen=True)
class Span:
    """A label's times in microseconds since 1970 UTC; an end that is not known is infinite."""

    earliest: float
    latest: float
    end_earliest: float
    end_latest: float


def span_of(label: Label) -> Span:
    """The times of a label."""
    end = (math.inf, math.inf) if label.end is None else tuple(map(to_microseconds, label.end))
    return Span(to_microseconds(label.begin[0]), to_microseconds(label.begin[1]), end[0], end[1])


def margin_of(series: Series) -> int:
    """How far around a label findings belong to it, in microseconds."""
    return max(round(MARGIN_HOURS * _HOUR), MARGIN_BINS * series.signal.step * MICROSECONDS)


class LabelBook:
    """Labels and quiet stretches, found by entity.

    A label of a country leaves its operators and regions in doubt, and theirs leave the country in
    doubt: nobody said that they were down, and nobody that they were not.
    """

    def __init__(
        self,
        labels: Iterable[Label],
        quiet: Iterable[Quiet] = (),
        country_of: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._country_of = country_of
        self._by_entity: dict[str, list[Label]] = defaultdict(list)
        self._by_country: dict[str, list[Label]] = defaultdict(list)
        self._quiet: dict[tuple[str, str], list[Quiet]] = defaultdict(list)
        for label in labels:
            self._by_entity[label.entity].append(label)
            if (country := country_of(label.entity)) is not None:
                self._by_country[country].append(label)
        for one in quiet:
            self._quiet[one.entity, one.signal].append(one)

    def of(self, series: Series) -> list[Label]:
        """The labels that say that this series was down."""
        return [
            label
            for label in self._by_entity.get(series.entity, ())
            if label.simulated == series.simulated and _applies(label, series)
        ]

    def near(self, series: Series) -> list[Label]:
        """The labels of the same entity, of its country, or of a country's own operators."""
        country = self._country_of(series.entity)
        found = list(self._by_entity.get(series.entity, ()))
        if country is not None:
            found += [
                label
                for label in self._by_country.get(country, ())
                if "country" in {_kind(series.entity), _kind(label.entity)}
            ]
        return [label for label in found if label.simulated == series.simulated]

    def quiet(self, series: Series) -> list[Quiet]:
        """The stretches in which this series is attested to have been quiet."""
        return self._quiet.get((series.entity, series.signal.name), [])


def _kind(entity: str) -> str:
    return entity.partition("/")[0]


def _applies(label: Label, series: Series) -> bool:
    if label.signal is not None:
        name = series.signal.name
        return name == label.signal or name.startswith(f"{label.signal}.")
    return label.plane in {None, series.signal.plane}


@dataclass(frozen=True)
class Zones:
    """What is known of a series at any time.

    Attributes:
        doubtful: float64[m, 2]: begins and ends of the stretches in which nobody says.
        quiet: float64[k, 2]: stretches within those that are attested to be quiet.
        down: float64[j, 2]: stretches that are attested to be down and that the series could show,
            from the latest begin to the earliest end.
    """

    doubtful: NDArray[np.float64]
    quiet: NDArray[np.float64]
    down: NDArray[np.float64]

    def at(self, times: NDArray[np.int64]) -> NDArray[np.int8]:
        """int8[n]: ``QUIET``, ``DOUBTFUL`` or ``DOWN`` at each time (int64[n], microseconds)."""
        state = np.where(_within(times, self.doubtful), DOUBTFUL, QUIET)
        state[_within(times, self.quiet)] = QUIET
        state[_within(times, self.down)] = DOWN
        return state.astype(np.int8)


def _within(times: NDArray[np.int64], stretches: NDArray[np.float64]) -> NDArray[np.bool_]:
    inside = np.zeros(len(times), dtype=bool)
    for begin, end in stretches:
        inside |= (times >= begin) & (times < end)
    return inside


def zones_of(series: Series, book: LabelBook) -> Zones:
    """What the labels say of a series at any time.

    Whatever is outside a label and the margin around it is quiet.
    """
    margin = margin_of(series)
    spans = [span_of(label) for label in {id(one): one for one in book.near(series)}.values()]
    own = [span_of(label) for label in book.of(series) if not why_not_scoreable(series, label)]
    return Zones(
        doubtful=_stretches((one.earliest - margin, one.end_latest + margin) for one in spans),
        quiet=_stretches(
            (to_microseconds(one.begin), to_microseconds(one.end)) for one in book.quiet(series)
        ),
        down=_stretches(
            (one.latest, one.end_earliest) for one in own if one.end_earliest < math.inf
        ),
    )


def _stretches(pairs: Iterable[tuple[float, float]]) -> NDArray[np.float64]:
    return np.array(list(pairs), dtype=np.float64).reshape(-1, 2)


def quiet_weeks(series: Series, zones: Zones) -> float:
    """How long the series was watched and quiet: its bins with a value outside all labels."""
    watched = ~np.isnan(series.values) & (zones.at(series.times) == QUIET)
    return float(watched.sum()) * series.signal.step * MICROSECONDS / _WEEK


def why_not_scoreable(series: Series, label: Label) -> str:
    """Why a series could not show a label; empty where it could."""
    step = series.signal.step * MICROSECONDS
    span, begins = span_of(label), series.times
    if not len(begins) or span.latest >= begins[-1] + step or span.end_latest <= begins[0]:
        return "outside the data"
    known = ~np.isnan(series.values)
    before = known & (begins + step <= span.earliest)
    if before.sum() < HISTORY:
        return "too little data before"
    if label.depth_percent is not None and label.depth_percent > DEEP_ENOUGH:
        return "too shallow"
    if series.signal.scale == "count" and _usual(series, before, span) < FEWEST_COUNTED:
        return "too few to count"
    return _why_not_seen(begins, known, step, span)


def _why_not_seen(
    begins: NDArray[np.int64], known: NDArray[np.bool_], step: int, span: Span
) -> str:
    if span.end_latest - span.earliest < FEWEST_BINS * step:
        return "too short for the step"
    inside = (begins >= span.earliest) & (begins + step <= span.end_latest)
    seen = int(known[inside].sum())
    if seen < FEWEST_BINS or seen < FEWEST_KNOWN * inside.sum():
        return "values missing"
    return ""


def _usual(series: Series, before: NDArray[np.bool_], span: Span) -> float:
    week = before & (series.times >= span.earliest - _WEEK)
    return float(np.median(series.values[week if week.any() else before]))


def data_go_on(series: Series, time: float) -> bool:
    """Whether the series has a value at or after a time."""
    return bool((~np.isnan(series.values) & (series.times >= time)).any())
