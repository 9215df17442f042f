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

    from zicht.model.belief import Assessment
    from zicht.publish.chart_data import Window

_MOST_ROWS = 100
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


def row_minutes(window: Window, step: int) -> int:
    """How many minutes one row covers: a round length, and no shorter than ``step`` seconds."""
    length = (window.end - window.start).total_seconds() / 60
    for minutes in _MINUTES:
        if minutes * 60 >= step and length / minutes <= _MOST_ROWS:
            return minutes
    return _MINUTES[-1]


def table_rows(assessment: Assessment, window: Window) -> tuple[Row, ...]:
    """The rows of a series in the window; each tells its lowest bin, so that no drop is lost."""
    series = assessment.series
    span = row_minutes(window, series.signal.step) * 60 * MICROSECONDS
    start, end = to_microseconds(window.start), to_microseconds(window.end)
    times = series.times
    inside = np.flatnonzero((times >= start) & (times < end))
    if len(inside) == 0:
        return ()
    keys = times[inside] // span
    parts = np.split(inside, np.flatnonzero(np.diff(keys)) + 1)
    return tuple(_row(assessment, part, span) for part in parts)


def _row(assessment: Assessment, part: np.typing.NDArray[np.intp], span: int) -> Row:
    series = assessment.series
    sick = assessment.sick[part] > 0
    percent = np.where(sick, np.nan, assessment.connectivity[part])
    time = from_microseconds(int(series.times[part[0]]) // span * span)
    if np.isnan(percent).all():
        return Row(time, None, None, None, bool(sick.any()))
    at = int(np.nanargmin(percent))
    bin_ = part[at]
    return Row(
        time,
        float(percent[at]),
        float(series.values[bin_]),
        float(assessment.expected[bin_]),
        bool(sick.any()),
    )


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
