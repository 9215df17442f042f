"""The figures behind a chart, as rows of a table that people can read and programs can take."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

import numpy as np

from zicht.model.time import MICROSECONDS, format_time, from_microseconds, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from zicht.model.belief import Assessment
    from zicht.publish.chart_data import Window

MOST_ROWS = 100
"""Rows of a table that people can still read."""

_MINUTES = (5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 20160, 40320)


@dataclass(frozen=True)
class Row:
    """The bins of one stretch of time, as one row.

    Attributes:
        time: begin of the stretch, in UTC.
        percent: the lowest connectivity in it, in percent of ordinary; ``None`` is unknown.
        value: what was measured in that lowest bin, in the signal's unit.
        expected: what was expected there.
        sick: the source could not see in some bin of it.
    """

    time: datetime
    percent: float | None
    value: float | None
    expected: float | None
    sick: bool


def row_minutes(window: Window, step: int, most: int = MOST_ROWS) -> int:
    """How many minutes one row covers: a round length, and no shorter than ``step`` seconds.

    There are ``most`` rows at most, where four weeks a row are not too short for that.
    """
    length = (window.end - window.start).total_seconds() / 60
    for minutes in _MINUTES:
        if minutes * 60 >= step and length / minutes <= most:
            return minutes
    return _MINUTES[-1]


def table_rows(assessment: Assessment, window: Window, most: int = MOST_ROWS) -> tuple[Row, ...]:
    """The rows of a series in the window; each tells its lowest bin, so that no drop is lost."""
    series = assessment.series
    span = row_minutes(window, series.signal.step, most) * 60 * MICROSECONDS
    start, end = to_microseconds(window.start), to_microseconds(window.end)
    times = series.times
    inside = np.flatnonzero((times >= start) & (times < end))
    if len(inside) == 0:
        return ()
    keys = times[inside] // span
    sick = assessment.sick[inside] > 0
    percent = np.where(sick, np.nan, assessment.connectivity[inside])
    first = np.flatnonzero(np.diff(keys, prepend=keys[0] - 1))
    lowest = first_lowest(np.where(np.isnan(percent), np.inf, percent), keys)
    ill = np.logical_or.reduceat(sick, first)
    return tuple(
        _row(assessment, int(keys[at]) * span, percent[at], bin_, sick=bool(there))
        for at, bin_, there in zip(lowest, inside[lowest], ill, strict=True)
    )


def _row(
    assessment: Assessment, time: int, percent: np.float64, bin_: np.intp, *, sick: bool
) -> Row:
    begin = from_microseconds(time)
    if np.isnan(percent):
        return Row(begin, None, None, None, sick)
    value, expected = assessment.series.values[bin_], assessment.expected[bin_]
    return Row(begin, float(percent), float(value), float(expected), sick)


def first_lowest(values: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.intp]:
    """Where the first lowest value of each group stands; ``groups`` (int64[n]) only ever rise."""
    starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
    counts = np.diff(starts, append=len(groups))
    lowest = np.repeat(np.minimum.reduceat(values, starts), counts)
    found = np.flatnonzero(values == lowest)
    return found[np.flatnonzero(np.diff(groups[found], prepend=groups[0] - 1))]


def rows_as_csv(tables: Sequence[tuple[str, str, Sequence[Row], bool]]) -> str:
    """The rows as CSV; each table comes with entity, signal, and whether it is simulated."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["entity", "signal", "time", "lowest_percent", "value", "expected", "sick", "simulated"]
    )
    for entity, signal, rows, simulated in tables:
        for row in rows:
            writer.writerow(
                [
                    entity,
                    signal,
                    format_time(row.time),
                    _figure(row.percent),
                    _figure(row.value),
                    _figure(row.expected),
                    str(row.sick).lower(),
                    str(simulated).lower(),
                ]
            )
    return text.getvalue()


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
