"""Outages: the stretches in which belief says that a series is below ordinary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.detect.constants import ALERT, DATING, FRESH_BINS, LONGEST_GAP_HOURS, RESOLUTION
from zicht.detect.credibility import credibility
from zicht.model.outage import Interval, Outage
from zicht.model.time import MICROSECONDS, from_microseconds, to_microseconds

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from zicht.model.belief import Assessment

_CENTRAL_90 = 1.645


def find_outages(assessment: Assessment, as_of: datetime) -> list[Outage]:
    """The outages of one series, in order of time, without ids; believed by this series alone.

    An outage is a run of observed bins in which an outage is likelier than not given all data, and
    which the belief of the time had found too (``ALERT``). Missing bins neither begin nor end one;
    over a gap of more than three days nothing is claimed.

    Args:
        assessment: the series with its belief.
        as_of: the time up to which data were to be expected; it decides whether an outage at the
            end of the series is going on or unknown.
    """
    observed = np.flatnonzero(~np.isnan(assessment.connectivity))
    runs = _runs(observed, assessment)
    before = [-1, *(last for _, last in runs)]
    return [
        _outage(assessment, observed, (previous, first, last), as_of)
        for previous, (first, last) in zip(before, runs, strict=False)
        if (assessment.belief_outage[observed[first : last + 1]] >= ALERT).any()
    ]


def _runs(observed: NDArray[np.int64], assessment: Assessment) -> list[tuple[int, int]]:
    """First and last positions within ``observed`` of each run of bins that are down."""
    down = assessment.belief_outage_later[observed] >= 0.5  # noqa: PLR2004 - likelier than not
    longest = LONGEST_GAP_HOURS * 3600 / assessment.series.signal.step
    runs: list[tuple[int, int]] = []
    for position in np.flatnonzero(down):
        if (
            runs
            and runs[-1][1] == position - 1
            and observed[position] - observed[position - 1] <= max(longest, 1)
        ):
            runs[-1] = (runs[-1][0], int(position))
        else:
            runs.append((int(position), int(position)))
    return runs


def _outage(
    assessment: Assessment,
    observed: NDArray[np.int64],
    run: tuple[int, int, int],
    as_of: datetime,
) -> Outage:
    """The outage of a run: positions of the run before's last bin, of its first and its last."""
    _, first, last = run
    series = assessment.series
    bins = observed[first : last + 1]
    alerted = bins[int(np.argmax(assessment.belief_outage[bins] >= ALERT))]
    end = _end(assessment, observed, first, last) if last + 1 < len(observed) else None
    depth, depth_interval = _depth(assessment, bins)
    onset = _dated(assessment, *_onset(assessment, observed, run))
    highest = float(assessment.belief_outage[bins].max())
    return Outage(
        id="",
        signal=series.signal.name,
        plane=series.signal.plane,
        entity=series.entity,
        onset=onset,
        end=None if end is None else _dated(assessment, *end),
        ongoing=False if end else _is_fresh(assessment, int(bins[-1]), as_of),
        depth_percent=depth,
        depth_interval=depth_interval,
        belief=credibility(highest, history_days(assessment, onset[0]), series.signal.plane),
        highest_belief=highest,
        alerted_at=_begin(assessment, int(alerted) + 1),
        samples=len(bins),
        simulated=series.simulated,
    )


def history_days(assessment: Assessment, time: datetime) -> float:
    """Days of values before a time; gaps are not counted."""
    before = assessment.series.times < to_microseconds(time)
    known = int((before & ~np.isnan(assessment.connectivity)).sum())
    return known * assessment.series.signal.step / 86_400


def _begin(assessment: Assessment, index: int) -> datetime:
    series = assessment.series
    return from_microseconds(series.start + index * series.signal.step * MICROSECONDS)


def _dated(assessment: Assessment, first: int, last: int) -> Interval:
    """From the begin of one bin to the end of another; what instants show happened a bin before."""
    shift = 1 if assessment.series.signal.instant else 0
    return _begin(assessment, first - shift), _begin(assessment, last + 1 - shift)


def _is_fresh(assessment: Assessment, last: int, as_of: datetime) -> bool | None:
    signal = assessment.series.signal
    silent = to_microseconds(as_of) - to_microseconds(_begin(assessment, last + 1))
    fresh = silent <= (FRESH_BINS * signal.step + signal.lag) * MICROSECONDS
    return True if fresh else None


def _onset(
    assessment: Assessment, observed: NDArray[np.int64], run: tuple[int, int, int]
) -> tuple[int, int]:
    """From the first bin that may be down to the end of the first that is."""
    previous, first, last = run
    later = assessment.belief_outage_later
    floor = int(observed[previous]) + 1 if previous >= 0 else 0
    earliest = int(observed[first])
    while earliest > floor and later[earliest - 1] > DATING[0]:
        earliest -= 1
    latest = int(observed[first])
    while latest < observed[last] and later[latest] < DATING[1]:
        latest += 1
    return earliest, latest


def _end(
    assessment: Assessment, observed: NDArray[np.int64], first: int, last: int
) -> tuple[int, int]:
    """From the first bin that may be ordinary again to the end of the first that is."""
    later = assessment.belief_outage_later
    earliest = int(observed[last]) + 1
    while earliest - 1 > observed[first] and later[earliest - 1] < DATING[1]:
        earliest -= 1
    latest = int(observed[last + 1])
    while latest + 1 < len(later) and DATING[0] < later[latest] < 0.5:  # noqa: PLR2004
        latest += 1
    return earliest, latest


def _depth(assessment: Assessment, bins: NDArray[np.int64]) -> tuple[float, tuple[float, float]]:
    """The lowest median of three bins in a row, with the 90 % interval of it."""
    measured = assessment.connectivity[bins]
    if len(measured) >= 3:  # noqa: PLR2004 - a median of three
        windows = np.lib.stride_tricks.sliding_window_view(measured, 3)
        medians = np.median(windows, axis=1)
        at = int(np.argmin(medians))
        depth, index = float(medians[at]), int(bins[at + 1])
    else:
        at = int(np.argmin(measured))
        depth, index = float(measured[at]), int(bins[at])
    expected = assessment.expected[index]
    relative = np.log(max(assessment.expected_high[index] / expected, 1.0)) / _CENTRAL_90
    variance = (depth * min(relative, 1.0)) ** 2 + (100 * RESOLUTION) ** 2
    if assessment.series.signal.scale == "count":
        variance += 100**2 * (depth / 100 * expected + 0.5) / expected**2
    half = _CENTRAL_90 * float(np.sqrt(variance))
    low, high = max(depth - half, 0.0), depth + half
    return round(depth, 2), (round(low, 2), round(high, 2))
