"""Injection: outages of known depth, length and shape in series that were quiet.

The noise around them stays that of the series, so that the power of a detector can be measured on
recordings too. Some shapes are no outages: a detector that calls them so is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from zicht.errors import UsageError
from zicht.model.time import MICROSECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from zicht.model.series import Series

Shape = Literal[
    "step",
    "zero",
    "ramp",
    "operators",
    "partial",
    "curfew",
    "exams",
    "fade",
    "shift",
    "holiday",
    "surge",
]
"""How an injection runs. ``holiday`` and ``surge`` are no outages; ``shift`` is one that stays.

- ``step``: down at once, back at once.
- ``zero``: likewise, to exactly nothing.
- ``ramp``: down over the first third, back over the last.
- ``operators``: down in four cuts over the first half, back in two over the last quarter.
- ``partial``: down at once, half of the loss back at half-time, all of it at the end.
- ``curfew``: a step at the same time of every day.
- ``exams``: a step at the same time of every weekday.
- ``fade``: down evenly over the whole length, and staying there.
- ``shift``: down at once for good, whatever the length.
- ``holiday``: the days that it touches are quieter, softly at both ends.
- ``surge``: up by as much as an outage would be down.
"""

NEGATIVES: frozenset[Shape] = frozenset({"holiday", "surge"})
"""Shapes that are no outages."""

_DAY = 86_400
_MONDAY = 4 * _DAY  # Thursday 1 January 1970 to the next Monday
_WORKDAYS = 5
_CUTS = 4  # a country's few large operators
_BRIM = 0.25  # of a holiday is its soft beginning, and as much its end


@dataclass(frozen=True, kw_only=True)
class Injection:
    """What to inject.

    Attributes:
        shape: how it runs.
        begin: the bin in which it begins.
        bins: for how many bins it lasts; of ``curfew`` and ``exams`` each day.
        share: what is left at the worst, 0 to 1; ``zero`` leaves nothing, whatever this says.
        days: for how many days ``curfew`` and ``exams`` go on, days off included.
    """

    shape: Shape
    begin: int
    bins: int
    share: float = 0.0
    days: int = 1


@dataclass(frozen=True)
class Injected:
    """A series with an injection.

    Attributes:
        series: the series, changed.
        left: float64[n]: the true share that is left in each bin; above 1 in a surge.
        outages: begin and end of each outage, microseconds since 1970 UTC; none for a negative.
    """

    series: Series
    left: NDArray[np.float64]
    outages: tuple[tuple[int, int], ...]


def inject(series: Series, injection: Injection, random: np.random.Generator) -> Injected:
    """Inject into a quiet series.

    Values are multiplied by what is left. Counts lose each of what they count by the same chance
    (binomial), so that they stay whole and as noisy as so few are. What is missing stays missing.

    Args:
        series: the quiet series.
        injection: what to inject; it must lie within the series.
        random: the source of randomness, for the counts and the times of the operators' cuts.

    Raises:
        UsageError: the injection does not lie within the series, or its share is none.
    """
    length = len(series.values)
    if not (0 <= injection.begin < injection.begin + injection.bins <= length):
        raise UsageError(
            f"{injection.bins} bins from bin {injection.begin} on do not fit in {length} bins.",
            "Choose a begin and a length within the series.",
        )
    if not 0 <= injection.share <= 1:
        raise UsageError(
            f"{injection.share} is no share.", "Give the share that is left, from 0 to 1."
        )
    left = np.ones(length)
    windows = _windows(series, injection)
    for first, last in windows:
        left[first:last] = _PROFILES[injection.shape](last - first, injection.share, random)
    if injection.shape == "fade":
        left[windows[-1][1] :] = injection.share
    values = _thin(series, left, random)
    outages = () if injection.shape in NEGATIVES else tuple(windows)
    step = series.signal.step * MICROSECONDS
    return Injected(
        replace(series, values=values),
        left,
        tuple((series.start + first * step, series.start + last * step) for first, last in outages),
    )


def _windows(series: Series, injection: Injection) -> list[tuple[int, int]]:
    """First bin and the bin after the last of each stretch."""
    begin, length = injection.begin, len(series.values)
    if injection.shape in {"shift", "fade"}:
        last = length if injection.shape == "shift" else begin + injection.bins
        return [(begin, last)]
    if injection.shape not in {"curfew", "exams"}:
        return [(begin, begin + injection.bins)]
    windows = []
    for day in range(injection.days):
        first = begin + round(day * _DAY / series.signal.step)
        if first >= length:
            break
        if injection.shape == "exams" and _weekday(series, first) >= _WORKDAYS:
            continue
        windows.append((first, min(first + injection.bins, length)))
    return windows


def _weekday(series: Series, position: int) -> int:
    """The day of the week in UTC, Monday being 0."""
    seconds = series.start // MICROSECONDS + position * series.signal.step
    return (seconds - _MONDAY) // _DAY % 7


def _thin(
    series: Series, left: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.float64]:
    scaled = np.asarray(series.values * left)
    if series.signal.scale != "count":
        return scaled
    whole = np.isfinite(scaled) & (left > 0) & (left < 1) & (series.values >= 0)
    counts = np.rint(series.values[whole]).astype(np.int64)
    scaled[whole] = random.binomial(counts, left[whole])
    return scaled


def _step(bins: int, share: float, _random: np.random.Generator) -> NDArray[np.float64]:
    return np.full(bins, share)


def _zero(bins: int, _share: float, _random: np.random.Generator) -> NDArray[np.float64]:
    return np.zeros(bins)


def _ramp(bins: int, share: float, _random: np.random.Generator) -> NDArray[np.float64]:
    middles = (np.arange(bins) + 0.5) / bins
    lost = np.minimum(1.0, np.minimum(3 * middles, 3 * (1 - middles)))
    return np.asarray(1 - (1 - share) * lost)


def _operators(bins: int, share: float, random: np.random.Generator) -> NDArray[np.float64]:
    middles = (np.arange(bins) + 0.5) / bins
    cuts = np.sort(random.uniform(0, 0.5, _CUTS - 1))
    lost = (1 + (middles[:, None] >= cuts).sum(axis=1)) / _CUTS
    lost = np.where(middles >= 0.75, lost / 2, lost)  # noqa: PLR2004 - the last quarter
    return np.asarray(1 - (1 - share) * lost)


def _partial(bins: int, share: float, _random: np.random.Generator) -> NDArray[np.float64]:
    second_half = np.arange(bins) >= bins / 2
    return np.where(second_half, (1 + share) / 2, share)


def _fade(bins: int, share: float, _random: np.random.Generator) -> NDArray[np.float64]:
    return np.asarray(1 - (1 - share) * (np.arange(bins) + 1) / bins)


def _holiday(bins: int, share: float, _random: np.random.Generator) -> NDArray[np.float64]:
    middles = (np.arange(bins) + 0.5) / bins
    softly = np.minimum(1.0, np.minimum(middles, 1 - middles) / _BRIM)
    return np.asarray(1 - (1 - share) * softly)


def _surge(bins: int, share: float, _random: np.random.Generator) -> NDArray[np.float64]:
    return np.full(bins, 2 - share)


_PROFILES: dict[Shape, Callable[[int, float, np.random.Generator], NDArray[np.float64]]] = {
    "step": _step,
    "zero": _zero,
    "ramp": _ramp,
    "operators": _operators,
    "partial": _partial,
    "curfew": _step,
    "exams": _step,
    "fade": _fade,
    "shift": _step,
    "holiday": _holiday,
    "surge": _surge,
}
