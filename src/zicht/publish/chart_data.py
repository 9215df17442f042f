"""What a chart shows: assessments cut to a window and thinned to what its width can show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from zicht.errors import UsageError
from zicht.model.time import MICROSECONDS, from_microseconds, to_microseconds
from zicht.publish.chart_table import MOST_ROWS, first_lowest, table_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from zicht.model.belief import Assessment
    from zicht.model.outage import Outage
    from zicht.model.signal import Origin, Signal
    from zicht.publish.chart_table import Row

    Floats = NDArray[np.float64]
    Times = NDArray[np.int64]

COLUMNS = 320
"""Data are thinned to so many columns: one for two points of the picture's width."""

_FEWER_COLUMNS = 160  # for what is smooth, and for the small strip of values as measured

_NARROWEST_SPAN = 0.75  # columns; a narrower gap cannot be seen as a span


@dataclass(frozen=True)
class LocalTime:
    """The clock of the place that a chart is of.

    Attributes:
        zone: the time zone, UTC where the place has none of its own.
        place: what to call it (*Tehran*), or ``None`` for UTC alone.
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    place: str | None = None


@dataclass(frozen=True)
class Window:
    """The stretch of time that a chart shows; ``end`` is not part of it."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise UsageError(
                f"The chart would begin at {self.start:%Y-%m-%dT%H:%MZ} and end at"
                f" {self.end:%Y-%m-%dT%H:%MZ}, not after it.",
                "Give --from a time before --until.",
            )


@dataclass(frozen=True)
class Line:
    """An unbroken stretch of points; ``times`` int64[n] in microseconds since 1970 UTC."""

    times: Times
    values: Floats


@dataclass(frozen=True)
class Band:
    """A range over time; ``times`` int64[n] in microseconds since 1970 UTC."""

    times: Times
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Span:
    """A stretch of time, microseconds since 1970 UTC."""

    start: int
    end: int


@dataclass(frozen=True)
class Lowest:
    """The lowest bin within the outages: when, and what was measured of how much expected."""

    time: datetime
    percent: float
    value: float
    expected: float


@dataclass(frozen=True)
class Panel:
    """One signal of one entity, ready to be drawn.

    Attributes:
        signal: the spec.
        entity: the entity's text.
        name: what people call the entity.
        kind: an operator's kind, else ``unknown``.
        stepped: every bin is drawn as a step; else bins are joined by lines.
        percent: connectivity in percent of ordinary, broken where nothing is known.
        ordinary: the central 90 % of ordinary values, in percent of the expected one.
        raw: the values as measured, those of sick stretches too.
        expected: what was expected, in the signal's unit.
        gaps: stretches without any value.
        sick: stretches in which the source could not see.
        outages: the outages that touch the window, by onset.
        lowest: the lowest bin within them, or ``None`` without outages or values.
        origins: where the values came from.
        rows: the same as a table, in fewer rows.
    """

    signal: Signal
    entity: str
    name: str
    kind: str
    stepped: bool
    percent: tuple[Line, ...]
    ordinary: tuple[Band, ...]
    raw: tuple[Line, ...]
    expected: tuple[Line, ...]
    gaps: tuple[Span, ...]
    sick: tuple[Span, ...]
    outages: tuple[Outage, ...]
    lowest: Lowest | None
    origins: tuple[Origin, ...]
    rows: tuple[Row, ...]

    @property
    def simulated(self) -> bool:
        """Whether any value is of the lab and no measurement."""
        return any(origin.simulated for origin in self.origins) or any(
            outage.simulated for outage in self.outages
        )


def make_panel(
    assessment: Assessment,
    outages: Sequence[Outage],
    window: Window,
    *,
    name: str,
    kind: str = "unknown",
    columns: int = COLUMNS,
    rows: int = MOST_ROWS,
) -> Panel:
    """Cut an assessment to the window and thin it; ``outages`` of other series are left out.

    It is thinned to so many columns; its table has at most so many rows (see ``row_minutes``).
    """
    series = assessment.series
    step = series.signal.step * MICROSECONDS
    start, end = to_microseconds(window.start), to_microseconds(window.end)
    times = series.times
    inside = (times + step > start) & (times < end)
    stepped = step >= (end - start) / columns
    grid = _Grid(times[inside], step, start, end, columns, stepped=stepped)
    fewer = min(columns, _FEWER_COLUMNS)
    strip = _Grid(times[inside], step, start, end, fewer, stepped=stepped)
    values = series.values[inside]
    sick = assessment.sick[inside] > 0
    percent = np.where(sick, np.nan, assessment.connectivity[inside])
    expected = assessment.expected[inside]
    own = tuple(
        sorted(
            (outage for outage in outages if _touches(outage, series.signal.name, series.entity)),
            key=lambda outage: outage.onset,
        )
    )
    own = tuple(outage for outage in own if _overlaps(outage, window))
    with np.errstate(divide="ignore", invalid="ignore"):
        low = assessment.expected_low[inside] / expected * 100
        high = assessment.expected_high[inside] / expected * 100
    return Panel(
        signal=series.signal,
        entity=series.entity,
        name=name,
        kind=kind,
        stepped=grid.stepped,
        percent=grid.lines(percent),
        ordinary=strip.bands(low, high),
        raw=strip.lines(values),
        expected=strip.lines(expected),
        gaps=grid.spans(np.isnan(values) & ~sick, outside=True),
        sick=grid.spans(sick, outside=False),
        outages=own,
        lowest=_lowest(grid.times, step, percent, values, expected, own),
        origins=series.origins,
        rows=table_rows(assessment, window, rows),
    )


def _touches(outage: Outage, signal: str, entity: str) -> bool:
    return outage.signal == signal and outage.entity == entity and not outage.retracted


def _overlaps(outage: Outage, window: Window) -> bool:
    ended = outage.end is not None and outage.end[1] <= window.start
    return not ended and outage.onset[0] < window.end


def _lowest(
    times: Times,
    step: int,
    percent: Floats,
    values: Floats,
    expected: Floats,
    outages: Sequence[Outage],
) -> Lowest | None:
    within = np.zeros(len(times), dtype=bool)
    for outage in outages:
        after = times + step > to_microseconds(outage.onset[0])
        before = True if outage.end is None else times < to_microseconds(outage.end[1])
        within |= after & before
    within &= ~np.isnan(percent)
    if not within.any():
        return None
    at = int(np.argmin(np.where(within, percent, np.inf)))
    return Lowest(
        from_microseconds(int(times[at])),
        float(percent[at]),
        float(values[at]),
        float(expected[at]),
    )


class _Grid:
    """Bins in a window, and how they are thinned: to so many columns."""

    def __init__(
        self, times: Times, step: int, start: int, end: int, columns: int, *, stepped: bool
    ) -> None:
        self.times = times
        self.step = step
        self.start = start
        self.end = end
        self.column = (end - start) / columns
        self.stepped = stepped

    def lines(self, values: Floats) -> tuple[Line, ...]:
        """Unbroken lines; each column keeps its lowest and its highest bin."""
        keep = np.flatnonzero(np.isfinite(values))
        if len(keep) == 0:
            return ()
        if self.stepped:
            breaks = np.flatnonzero(np.diff(keep) > 1) + 1
            return tuple(self._steps(part, values) for part in np.split(keep, breaks))
        thinned = _extremes(keep, values, self._columns(keep))
        breaks = np.flatnonzero(np.diff(self._columns(thinned)) > 1) + 1
        return tuple(Line(self._middle(part), values[part]) for part in np.split(thinned, breaks))

    def bands(self, low: Floats, high: Floats) -> tuple[Band, ...]:
        """Unbroken bands; each column keeps the means of its bounds."""
        keep = np.flatnonzero(np.isfinite(low) & np.isfinite(high))
        if len(keep) == 0:
            return ()
        if self.stepped:
            breaks = np.flatnonzero(np.diff(keep) > 1) + 1
            return tuple(
                Band(self._edges(part), _closed(low[part]), _closed(high[part]))
                for part in np.split(keep, breaks)
            )
        columns, first = np.unique(self._columns(keep), return_index=True)
        counts = np.diff(np.append(first, len(keep)))
        low_means = np.add.reduceat(low[keep], first) / counts
        high_means = np.add.reduceat(high[keep], first) / counts
        times = (self.start + (columns + 0.5) * self.column).astype(np.int64)
        breaks = np.flatnonzero(np.diff(columns) > 1) + 1
        return tuple(
            Band(*parts)
            for parts in zip(
                np.split(times, breaks),
                np.split(low_means, breaks),
                np.split(high_means, breaks),
                strict=True,
            )
        )

    def spans(self, marked: NDArray[np.bool_], *, outside: bool) -> tuple[Span, ...]:
        """The stretches of marked bins; with ``outside``, those before and after the bins too."""
        if len(self.times) == 0:
            return (Span(self.start, self.end),) if outside else ()
        edges = np.flatnonzero(np.diff(np.concatenate(([False], marked, [False])).astype(np.int8)))
        spans = [
            Span(int(self.times[first]), int(self.times[last - 1]) + self.step)
            for first, last in edges.reshape(-1, 2)
        ]
        if outside:
            spans.insert(0, Span(self.start, int(self.times[0])))
            spans.append(Span(int(self.times[-1]) + self.step, self.end))
        return tuple(
            Span(max(span.start, self.start), min(span.end, self.end))
            for span in _joined(spans)
            if span.end - span.start > _NARROWEST_SPAN * self.column
        )

    def _steps(self, part: NDArray[np.intp], values: Floats) -> Line:
        return Line(self._edges(part), _closed(values[part]))

    def _edges(self, part: NDArray[np.intp]) -> Times:
        edges: Times = np.append(self.times[part], self.times[part[-1]] + self.step)
        return edges.clip(self.start, self.end)

    def _middle(self, part: NDArray[np.intp]) -> Times:
        return np.clip(self.times[part] + self.step // 2, self.start, self.end)

    def _columns(self, bins: NDArray[np.intp]) -> Times:
        columns: Times = np.floor_divide(self.times[bins] - self.start, self.column).astype(
            np.int64
        )
        return columns


def _closed(values: Floats) -> Floats:
    """The last value once more, so that the last step has its length."""
    return np.append(values, values[-1])


def _extremes(keep: NDArray[np.intp], values: Floats, columns: Times) -> NDArray[np.intp]:
    """Of the bins to keep, the first lowest and the first highest one of each column."""
    lowest = first_lowest(values[keep], columns)
    highest = first_lowest(-values[keep], columns)
    return keep[np.union1d(lowest, highest)]


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(span.end, joined[-1].end))
        else:
            joined.append(span)
    return joined
