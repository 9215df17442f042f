"""A cumulative sum as OONI's event detector has it.

As in OONI's open pipeline (github.com/ooni/data, ``oonipipeline/analysis/detector.py``, after
Basseville and Nikiforov 1993, "Detection of Abrupt Changes", 2.2.5): a detector that knows whether
it is in the state *ok* or *blocked*, with a mean fixed beforehand for each, 0 and 0.7. In *ok* it
adds up how far values lie above the middle of the two means, never below zero; when the sum passes
``delay * 0.7 / 2`` the state is *blocked*, and likewise back. The state at the start is unknown and
found in silence. After more than a day without data the sum is halved for every 48 hours.

OONI's values are the part of measurements that look blocked. Here they are the part that is lost:
one minus the value by the median of the same time on the last 28 days (``seasonal``), from 0 to 1.
The outage is dated to the bin after which the sum last was zero, as the book has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit, prange

from zicht.detect.baselines.seasonal import medians, season_bins
from zicht.model.finding import Finding
from zicht.model.time import MICROSECONDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.model.series import Series

MEAN_BLOCKED = 0.7
"""The part that is lost in an outage, on average; OONI's a-priori mean."""
DELAY = 20.0
"""The delay in bins after which a change of that size is to be found; OONI's default."""
_HALF_LIFE_HOURS = 48.0
_LONG_GAP_HOURS = 24.0
_HOUR = 3600
_UNKNOWN, _OK, _BLOCKED = 0, 1, 2


def find(
    series: Series, *, delay: float = DELAY, mean_blocked: float = MEAN_BLOCKED
) -> list[Finding]:
    """Find outages as OONI finds blocking.

    Args:
        series: the series.
        delay: how many bins of a total change make an alert, half as many when all is lost.
        mean_blocked: the part that is lost in an outage, on average.
    """
    lost = losses(series.values[None, :], series.signal.step)
    starts, alerts = changes(lost, series.signal.step, delay=delay, mean_blocked=mean_blocked)
    return changes_to_findings(series, starts[0], alerts[0])


def changes_to_findings(
    series: Series, starts: NDArray[np.int64], alerts: NDArray[np.int8]
) -> list[Finding]:
    """Findings from where the state changes (int64[n] and int8[n], as of ``changes``)."""
    step = series.signal.step * MICROSECONDS
    findings: list[Finding] = []
    for i in np.flatnonzero(alerts):
        when = int(series.start + starts[i] * step)
        if alerts[i] > 0:
            findings.append(Finding(when, None, int(series.start + (i + 1) * step)))
        elif findings:
            findings[-1] = Finding(findings[-1].begin, when, findings[-1].alerted)
    return findings


def losses(values: NDArray[np.float64], step: int) -> NDArray[np.float64]:
    """The part that is lost of what is usual at that time: float64[series, bins], 0 to 1, or NaN.

    Args:
        values: float64[series, bins]; NaN is missing.
        step: seconds of a bin.
    """
    middle, _ = medians(values, season_bins(step))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(middle > 0, np.clip(1 - values / middle, 0, 1), np.nan)


def changes(
    lost: NDArray[np.float64], step: int, *, delay: float, mean_blocked: float
) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Where the state changes.

    Args:
        lost: float64[series, bins], 0 to 1, or NaN.
        step: seconds of a bin.
        delay: as of ``find``.
        mean_blocked: as of ``find``.

    Returns:
        int64[series, bins]: the bin in which the change began; and int8[series, bins]: 1 where an
        outage is found, -1 where its end is, else 0.
    """
    starts = np.zeros(lost.shape, dtype=np.int64)
    alerts = np.zeros(lost.shape, dtype=np.int8)
    _changes(lost, step / _HOUR, delay, mean_blocked, starts, alerts)
    return starts, alerts


@njit(cache=True, parallel=True)
def _changes(
    lost: NDArray[np.float64],
    hours: float,
    delay: float,
    mean_blocked: float,
    starts: NDArray[np.int64],
    alerts: NDArray[np.int8],
) -> None:
    half = mean_blocked / 2
    limit = delay * half
    for row in prange(lost.shape[0]):
        state = _UNKNOWN
        up = down = 0.0
        up_from = down_from = 0
        last = -1
        for i in range(lost.shape[1]):
            value = lost[row, i]
            if np.isnan(value):
                continue
            left = _left_after((i - last) * hours) if last >= 0 else 1.0
            up *= left
            down *= left
            last = i
            if up == 0.0:
                up_from = i
            if down == 0.0:
                down_from = i
            up = max(0.0, up + value - half) if state != _BLOCKED else 0.0
            down = max(0.0, down + half - value) if state != _OK else 0.0
            if up > limit:
                if state == _OK:
                    alerts[row, i] = 1
                    starts[row, i] = up_from
                state = _BLOCKED
                up = down = 0.0
            elif down > limit:
                if state == _BLOCKED:
                    alerts[row, i] = -1
                    starts[row, i] = down_from
                state = _OK
                up = down = 0.0


@njit(cache=True)
def _left_after(gap_hours: float) -> float:
    """The part of a sum that is left after a gap."""
    if gap_hours <= _LONG_GAP_HOURS:
        return 1.0
    return float(0.5 ** (gap_hours / _HALF_LIFE_HOURS))
