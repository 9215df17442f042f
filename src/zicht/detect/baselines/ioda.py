"""IODA's rule: a value far below the median of a sliding window.

As IODA's help page publishes it (https://ioda.inetintel.cc.gatech.edu/help, "Outage detection") and
its open code runs it (github.com/CAIDA/watchtower-sentry: ``MovingStat``, ``AlertKafka``):

- Routes are compared with the median of the last 24 hours: below 99 % of it is a warning, below
  50 % critical. Probing with that of 7 days: 80 % and 50 %. A telescope's with that of 7 days:
  25 % and 10 %.
- The median is that of the nearest rank, and of the bins before the one that is judged.
- What is extreme (below the warning, or above twice the median) does not enter the window: the
  median stands in for it. After 7 days of that the extreme is the new ordinary: the window is
  emptied, and filled with what had been held back.
- Nothing is said in the first hour.

IODA has no rule for what users do (its Google signals raise no alerts); such series are judged
like a telescope's, whose rhythm is the strongest of the three.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numba import njit, prange

from zicht.detect.baselines.runs import to_findings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.model.finding import Finding
    from zicht.model.series import Series
    from zicht.model.signal import Signal

_HOUR = 3600
_WARM_UP_HOURS = 1
_SURGE = 2.0  # times the median: extreme too
REPLACED_HOURS = 168.0
"""For so long extreme values are replaced by the median."""


class Rule(NamedTuple):
    """A window and its thresholds, as parts of the window's median."""

    window_hours: float
    warning: float
    critical: float


ROUTES = Rule(24, 0.99, 0.5)
PROBING = Rule(168, 0.8, 0.5)
TELESCOPE = Rule(168, 0.25, 0.1)


def rule_of(signal: Signal) -> Rule:
    """The rule that IODA has for such a signal."""
    if signal.plane == "control":
        return ROUTES
    telescope = "telescope" in signal.name or ".ucsd-nt" in signal.name or "merit-nt" in signal.name
    return TELESCOPE if telescope or signal.plane == "user" else PROBING


def find(
    series: Series,
    *,
    rule: Rule | None = None,
    level: Literal["warning", "critical"] = "warning",
    replaced_hours: float = REPLACED_HOURS,
) -> list[Finding]:
    """Find outages as IODA does.

    Args:
        series: the series.
        rule: window and thresholds; by default those of the signal.
        level: which of the two thresholds makes an outage.
        replaced_hours: for how long extreme values are replaced; 0 for never.
    """
    rule = rule or rule_of(series.signal)
    ratios = moving_ratios(
        series.values[None, :], series.signal.step, rule=rule, replaced_hours=replaced_hours
    )[0]
    threshold = rule.warning if level == "warning" else rule.critical
    return to_findings(series, ratios < threshold)


def moving_ratios(
    values: NDArray[np.float64], step: int, *, rule: Rule, replaced_hours: float = REPLACED_HOURS
) -> NDArray[np.float64]:
    """Each value divided by the median of its window: float64[series, bins].

    NaN where there is no value, no median yet, or a median of zero.

    Args:
        values: float64[series, bins]; NaN is missing.
        step: seconds of a bin.
        rule: the window, and the warning below which a value is extreme.
        replaced_hours: for how long extreme values are replaced.
    """
    ratios = np.empty_like(values)
    _ratios(
        values,
        max(round(rule.window_hours * _HOUR / step), 2),
        max(round(_WARM_UP_HOURS * _HOUR / step), 1),
        round(replaced_hours * _HOUR / step),
        rule.warning,
        ratios,
    )
    return ratios


@njit(cache=True, parallel=True)
def _ratios(
    values: NDArray[np.float64],
    window: int,
    warm_up: int,
    replaced: int,
    lowest: float,
    ratios: NDArray[np.float64],
) -> None:
    for row in prange(values.shape[0]):
        _ratios_of_one(values[row], window, warm_up, replaced, lowest, ratios[row])


@njit(cache=True)
def _ratios_of_one(
    values: NDArray[np.float64],
    window: int,
    warm_up: int,
    replaced: int,
    lowest: float,
    ratios: NDArray[np.float64],
) -> None:
    length = len(values)
    kept = np.full(length, np.nan)  # what the window holds of each bin, replaced or not
    ranked = np.empty(window + 1)
    size = 0
    begin = -1  # the bin at which the history begins
    extreme_since = -1
    for i in range(length):
        ratios[i] = np.nan
        value = values[i]
        if begin < 0 and not np.isnan(value):
            begin = i
        if np.isnan(value) or size == 0 or i - begin < warm_up:
            kept[i] = value
        else:
            middle = ranked[(size + 1) // 2 - 1]
            ratios[i] = value / middle if middle > 0 else np.nan
            extreme = ratios[i] < lowest or ratios[i] > _SURGE
            if not extreme:
                extreme_since = -1
            elif extreme_since < 0:
                extreme_since = i
            kept[i] = middle if extreme and replaced > 0 else value
            if extreme and 0 < replaced <= i - extreme_since:
                # The extreme is the new ordinary: forget what was, take what had been held back.
                kept[:i] = np.nan
                first = max(extreme_since, i - window)
                kept[first : i + 1] = values[first : i + 1]
                size = _fill(ranked, kept[first:i])
                middle = ranked[(size + 1) // 2 - 1]
                ratios[i] = value / middle if middle > 0 else np.nan
                begin = extreme_since
                extreme_since = -1
        size = _move_on(ranked, size, kept[i], kept[i - window] if i >= window else np.nan)


@njit(cache=True)
def _fill(ranked: NDArray[np.float64], values: NDArray[np.float64]) -> int:
    size = 0
    for value in values:
        if not np.isnan(value):
            size = _put_in(ranked, size, value)
    return size


@njit(cache=True)
def _move_on(ranked: NDArray[np.float64], size: int, incoming: float, outgoing: float) -> int:
    """Put one value in and take one out, either of which may be missing; the new size."""
    if np.isnan(outgoing):
        return size if np.isnan(incoming) else _put_in(ranked, size, incoming)
    position = np.searchsorted(ranked[:size], outgoing)
    if np.isnan(incoming):
        for k in range(position, size - 1):
            ranked[k] = ranked[k + 1]
        return size - 1
    # Only what lies between the two moves.
    while position + 1 < size and ranked[position + 1] < incoming:
        ranked[position] = ranked[position + 1]
        position += 1
    while position > 0 and ranked[position - 1] > incoming:
        ranked[position] = ranked[position - 1]
        position -= 1
    ranked[position] = incoming
    return size


@njit(cache=True)
def _put_in(ranked: NDArray[np.float64], size: int, value: float) -> int:
    position = np.searchsorted(ranked[:size], value)
    for k in range(size, position, -1):
        ranked[k] = ranked[k - 1]
    ranked[position] = value
    return size + 1
