"""The figures of a detector, each with its support and its uncertainty."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from zicht.model.time import MICROSECONDS
from zicht.score import calibration
from zicht.score.calibration import Reliability
from zicht.score.false_events import false_events
from zicht.score.judge import is_known
from zicht.score.truth import DOWN, span_of
from zicht.score.uncertainty import (
    bootstrap_interval,
    mean,
    median,
    p90,
    rate_interval,
    share_interval,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from zicht.score.judge import Trial, Verdict

_MINUTE = 60 * MICROSECONDS


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of one detector.

    Attributes:
        method: the detector.
        data: ``recorded``, or ``simulated`` for the lab's worlds and injected outages; the two are
            never counted together.
        figure: the figure's name.
        value: the figure, or ``None`` where nothing supports it.
        unit: the unit of the value.
        interval: its 95 % interval, or ``None`` where there is none: exact for shares and rates,
            by bootstrap over events (calibration: over series) for the others.
        n: how many, or how often.
        of: of how many, or in how long.
    """

    method: str
    data: str
    figure: str
    value: float | None
    unit: str
    interval: tuple[float, float] | None
    n: int
    of: float


class Unscoreable(msgspec.Struct, frozen=True, kw_only=True):
    """Labels that are not counted, by reason.

    Attributes:
        data: ``recorded`` or ``simulated``.
        reason: why the series could not show them.
        labels: how many labels, each counted once for each series.
    """

    data: str
    reason: str
    labels: int


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of some detectors on the same series.

    Attributes:
        figures: the figures.
        reliability: the tables of reliability of detectors that say how sure they are.
        unscoreable: labels that are not counted, by reason.
    """

    figures: tuple[Figure, ...]
    reliability: tuple[Reliability, ...]
    unscoreable: tuple[Unscoreable, ...]


def score(verdicts: dict[str, Sequence[Verdict]]) -> Scores:
    """Compute the figures of each detector; what was recorded and what is simulated stay apart.

    Args:
        verdicts: those of each detector, by its name; the series are the same for all.
    """
    figures: list[Figure] = []
    tables: list[Reliability] = []
    unscoreable: list[Unscoreable] = []
    for method, all_of_it in verdicts.items():
        for data in ("recorded", "simulated"):
            group = [one for one in all_of_it if one.case.series.simulated == (data == "simulated")]
            if not group:
                continue
            figures += _figures(method, data, group)
            tables += _reliability(method, data, group)
            if method == next(iter(verdicts)):
                unscoreable += _unscoreable(data, group)
    return Scores(figures=tuple(figures), reliability=tuple(tables), unscoreable=tuple(unscoreable))


class _Value(NamedTuple):
    figure: str
    value: float | None
    unit: str
    interval: tuple[float, float] | None
    n: int
    of: float


def _figures(method: str, data: str, group: Sequence[Verdict]) -> Iterator[Figure]:
    trials = [trial for one in group for trial in one.trials if trial.scoreable]
    for one in (
        *_shares(group, trials),
        *_delays(trials),
        *_errors(trials),
        *_calibration(group),
    ):
        yield Figure(method=method, data=data, **one._asdict())


def _shares(group: Sequence[Verdict], trials: list[Trial]) -> Iterator[_Value]:
    events: dict[str, bool] = defaultdict(bool)
    for trial in trials:
        events[trial.label.event] |= trial.found
    found = [trial for trial in trials if trial.found]
    false = sum(len(one.false) for one in group)
    met = sum(len(one.met) for one in group)
    weeks = sum(one.weeks for one in group)
    yield _share("recall", sum(events.values()), len(events))
    yield _share("recall-series", len(found), len(trials))
    yield _share("precision", met, met + false)
    yield _rate("false-alerts", false, weeks, "series-week")
    for kind, found_false in false_events(group).items():
        yield _rate(f"false-events-{kind}", *found_false, "place-week")
    yield _middle("alerts-per-event", _by_event(found, _alerts), "alerts", mean, len(found))


def _share(figure: str, n: int, of: int) -> _Value:
    value = n / of if of else None
    return _Value(figure, value, "share", share_interval(n, of) if of else None, n, of)


def _rate(figure: str, n: int, weeks: float, of: str) -> _Value:
    value = n / weeks if weeks else None
    interval = rate_interval(n, weeks) if weeks else None
    return _Value(figure, value, f"per quiet {of}", interval, n, round(weeks, 1))


def _alerts(trial: Trial) -> float:
    return float(len(trial.findings))


def _delays(trials: list[Trial]) -> Iterator[_Value]:
    found = [trial for trial in trials if trial.found]
    for name, delay in (("delay", _delay_at_least), ("delay-at-most", _delay_at_most)):
        yield from _distances(name, found, delay, len(found))


def _errors(trials: list[Trial]) -> Iterator[_Value]:
    found = [trial for trial in trials if trial.found]
    yield from _distances("onset-error", found, _onset_error, len(found))
    ended = [trial for trial in found if trial.label.end is not None and trial.end_shows]
    dated = [trial for trial in ended if trial.findings[-1].end is not None]
    yield from _distances("end-error", dated, _end_error, len(ended))


def _distances(
    name: str,
    trials: list[Trial],
    of: Callable[[Trial], float],
    total: int,
) -> Iterator[_Value]:
    in_bins = _by_event(trials, lambda one: of(one) / (one.series.signal.step * MICROSECONDS))
    in_minutes = _by_event(trials, lambda one: of(one) / _MINUTE)
    for unit, values in (("bins", in_bins), ("minutes", in_minutes)):
        suffix = "" if unit == "bins" else "-minutes"
        yield _middle(f"{name}{suffix}", values, unit, median, total)
        yield _middle(f"{name}-p90{suffix}", values, unit, p90, total)


def _middle(
    name: str,
    groups: list[list[float]],
    unit: str,
    figure: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    total: int,
) -> _Value:
    values = [value for group in groups for value in group]
    if not values:
        return _Value(name, None, unit, None, 0, total)
    middle = float(figure(np.array(values)))
    return _Value(name, middle, unit, bootstrap_interval(groups, figure), len(values), total)


def _by_event(trials: list[Trial], value: Callable[[Trial], float]) -> list[list[float]]:
    groups: dict[str, list[float]] = defaultdict(list)
    for trial in trials:
        groups[trial.label.event].append(value(trial))
    return list(groups.values())


def _first_alert(trial: Trial) -> int:
    return min(one.alerted for one in trial.findings)


def _delay_at_least(trial: Trial) -> float:
    """From the latest instant at which the outage may have begun."""
    return max(_first_alert(trial) - span_of(trial.label).latest, 0.0)


def _delay_at_most(trial: Trial) -> float:
    """From the earliest instant at which the outage may have begun."""
    return max(_first_alert(trial) - span_of(trial.label).earliest, 0.0)


def _onset_error(trial: Trial) -> float:
    span = span_of(trial.label)
    return _outside(trial.findings[0].begin, span.earliest, span.latest)


def _end_error(trial: Trial) -> float:
    span, end = span_of(trial.label), trial.findings[-1].end
    return _outside(end or 0, span.end_earliest, span.end_latest)


def _outside(time: float, earliest: float, latest: float) -> float:
    return max(earliest - time, time - latest, 0.0)


def _calibration(group: Sequence[Verdict]) -> Iterator[_Value]:
    for suffix, tallies in (("", _bin_tallies(group)), ("-outages", _outage_tallies(group))):
        sums = np.sum(tallies, axis=0) if tallies else np.zeros(3 * calibration.STEPS + 1)
        given = int(sums[: calibration.STEPS].sum())
        real = int(sums[2 * calibration.STEPS : 3 * calibration.STEPS].sum())
        if not given:
            continue
        of_brier, of_error = calibration.intervals(tallies)
        yield _Value(f"brier{suffix}", calibration.brier(sums), "", of_brier, real, given)
        error = calibration.calibration_error(sums)
        yield _Value(f"ece{suffix}", error, "", of_error, real, given)


def _bin_tallies(group: Sequence[Verdict]) -> list[NDArray[np.float64]]:
    return [
        calibration.tally(one.case.belief[known], one.bins[known] == DOWN)
        for one in group
        if one.case.belief is not None and (known := is_known(one.bins)).any()
    ]


def _outage_tallies(group: Sequence[Verdict]) -> list[NDArray[np.float64]]:
    tallies = []
    for one in group:
        judged = [*one.met, *one.false]
        if one.case.beliefs and judged:
            beliefs = np.array([one.case.beliefs[i] for i in judged])
            tallies.append(calibration.tally(beliefs, np.isin(judged, one.met)))
    return tallies


def _reliability(method: str, data: str, group: Sequence[Verdict]) -> Iterator[Reliability]:
    for of, tallies in (("bins", _bin_tallies(group)), ("outages", _outage_tallies(group))):
        if tallies:
            sums = np.sum(tallies, axis=0)
            yield from calibration.reliability(sums, method=method, data=data, of=of)


def _unscoreable(data: str, group: Sequence[Verdict]) -> Iterator[Unscoreable]:
    reasons = Counter(trial.reason for one in group for trial in one.trials if not trial.scoreable)
    for reason, labels in sorted(reasons.items()):
        yield Unscoreable(data=data, reason=reason, labels=labels)
