"""Fusion: the signals of one plane join their evidence into one belief of the plane.

What a signal has seen is the ratio of its odds of an outage to the odds of the prior. Signals that
share an input are one *group*, whose evidence counts once: its logarithms are averaged. Groups see
on their own, and their logarithms are added: a logarithmic opinion pool with weights that add up to
one within a group (Genest and Zidek 1986, Statistical Science 1:114-135). Planes are never pooled
with one another, since *routes up, packets dead* is no contradiction.

A signal that is missing or sick says nothing. One whose last bin is older than the others' says
less: its belief drifts towards the prior. One that by itself varies too much to show the loss that
others see says nothing against it.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from zicht.detect.constants import FRESH_BINS, ONSET_RATE, RECOVERY_RATE
from zicht.model.belief import PlaneBelief
from zicht.model.time import MICROSECONDS, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from zicht.model.belief import Assessment
    from zicht.model.signal import Signal

_PRIOR = ONSET_RATE / (ONSET_RATE + RECOVERY_RATE)
_PRIOR_LOG_ODDS = float(np.log(_PRIOR / (1 - _PRIOR)))
_SURE = 1e-12  # nearer to 0 and 1 than that no belief is told apart
_HOUR = 3600 * MICROSECONDS


def independent(one: Signal, other: Signal) -> bool:
    """Whether two signals rest on nothing that both share: neither an input nor the instrument.

    Where a signal does not declare its inputs, a source's signals of one plane are held to come
    from one instrument.
    """
    if one.name == other.name:
        return False
    if one.inputs and other.inputs:
        return not set(one.inputs) & set(other.inputs)
    return one.source != other.source or one.plane != other.plane


def independent_groups(signals: Sequence[Signal]) -> list[list[int]]:
    """Positions of signals, those that depend on one another together, also by way of a third."""
    groups: list[list[int]] = []
    for position, signal in enumerate(signals):
        tied = [
            group
            for group in groups
            if any(not independent(signal, signals[other]) for other in group)
        ]
        groups = [group for group in groups if group not in tied]
        groups.append(sorted([position, *(other for group in tied for other in group)]))
    return sorted(groups)


def beliefs_at(assessments: Iterable[Assessment], time: datetime) -> dict[str, PlaneBelief]:
    """The belief of each plane at a time, from bins that had ended by then.

    Args:
        assessments: the series of one entity.
        time: the time.
    """
    moments = np.array([to_microseconds(time)])
    return {
        plane: belief
        for plane, own in _by_plane(assessments)
        if (belief := _highest(own, moments)) is not None
    }


def highest_beliefs(
    assessments: Iterable[Assessment], start: datetime, end: datetime | None
) -> dict[str, PlaneBelief]:
    """The highest belief that each plane reached in a period, with the data of the time.

    Args:
        assessments: the series of one entity.
        start: begin of the period.
        end: its end; ``None`` is the end of the data.
    """
    first = to_microseconds(start)
    last = np.inf if end is None else to_microseconds(end)
    found = {}
    for plane, own in _by_plane(assessments):
        ends = np.unique(np.concatenate([_ends(one) for one in own]))
        belief = _highest(own, ends[(ends > first) & (ends <= last)])
        if belief is not None:
            found[plane] = belief
    return found


def _by_plane(assessments: Iterable[Assessment]) -> Iterable[tuple[str, list[Assessment]]]:
    ordered = sorted(assessments, key=lambda one: (one.series.signal.plane, one.series.signal.name))
    for plane, own in groupby(ordered, key=lambda one: one.series.signal.plane):
        yield plane, list(own)


def _ends(assessment: Assessment) -> NDArray[np.int64]:
    step = assessment.series.signal.step * MICROSECONDS
    return np.asarray(assessment.series.times + step, dtype=np.int64)


def _highest(own: Sequence[Assessment], moments: NDArray[np.int64]) -> PlaneBelief | None:
    """The highest belief of a plane over some moments; ``None`` where no signal says anything."""
    evidence = _evidence(own, moments)
    groups = independent_groups([one.series.signal for one in own])
    by_group = np.stack([_mean(evidence[group]) for group in groups])
    log_odds = _PRIOR_LOG_ODDS + np.nansum(by_group, axis=0)
    log_odds[np.isnan(by_group).all(axis=0)] = -np.inf
    if not np.isfinite(log_odds).any():
        return None
    at = int(np.argmax(log_odds))
    speaking = by_group[:, at][~np.isnan(by_group[:, at])]
    return PlaneBelief(
        belief_outage=round(float(1 / (1 + np.exp(-log_odds[at]))), 4),
        signals=tuple(
            one.series.signal.name
            for one, said in zip(own, evidence[:, at], strict=True)
            if not np.isnan(said)
        ),
        groups=len(speaking),
        groups_down=int((_PRIOR_LOG_ODDS + speaking > 0).sum()),
    )


def _mean(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean over those that say something: float64[n]."""
    known = ~np.isnan(rows)
    number = known.sum(axis=0)
    total = np.where(known, rows, 0.0).sum(axis=0)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def _evidence(own: Sequence[Assessment], moments: NDArray[np.int64]) -> NDArray[np.float64]:
    """float64[signals, moments]: log of the odds beyond the prior; NaN where nothing is said."""
    said = [_said(one, moments) for one in own]
    evidence = np.stack([one[0] for one in said])
    connectivity = np.stack([one[1] for one in said])
    ordinary_above = np.stack([one[2] for one in said])
    # The loss is read of the signal that is surest of one.
    surest = np.where(np.isnan(evidence), -np.inf, evidence).argmax(axis=0)
    left = connectivity[surest, np.arange(len(moments))]
    blind = (evidence < 0) & (evidence.max(axis=0, initial=-np.inf, where=evidence > 0) > 0)
    blind &= left >= ordinary_above
    return np.where(blind, np.nan, evidence)


def _said(
    assessment: Assessment, moments: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """What a signal says at moments: its evidence, connectivity, and what is ordinary for it."""
    signal, ends = assessment.series.signal, _ends(assessment)
    nothing = np.full(len(moments), np.nan)
    known = np.flatnonzero(~np.isnan(assessment.connectivity))
    if len(known) == 0:
        return nothing, nothing, nothing
    place = np.searchsorted(ends[known], moments, side="right") - 1
    last = known[np.maximum(place, 0)]
    age = moments - ends[last]
    stale = age > (FRESH_BINS * signal.step + signal.lag) * MICROSECONDS
    newest = np.maximum(np.searchsorted(ends, moments, side="right") - 1, 0)
    silent = (place < 0) | stale | (assessment.sick[newest] > 0)
    fading = np.exp(-(ONSET_RATE + RECOVERY_RATE) * age / _HOUR)
    belief = _PRIOR + (assessment.belief_outage[last] - _PRIOR) * fading
    belief = np.clip(belief, _SURE, 1 - _SURE)
    evidence = np.log(belief / (1 - belief)) - _PRIOR_LOG_ODDS
    evidence[silent] = np.nan
    return evidence, assessment.connectivity[last], assessment.ordinary_above[last]
