"""Status: what the assessments of an entity say at a time."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from zicht.detect.assess import too_few
from zicht.detect.constants import ALERT, FRESH_BINS
from zicht.detect.fusion import beliefs_at
from zicht.detect.phases import is_handful, ordinary_spread
from zicht.model.status import PlaneStatus, Status
from zicht.model.time import MICROSECONDS, from_microseconds, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from zicht.model.belief import Assessment
    from zicht.model.health import Sickness
    from zicht.model.outage import Outage

_NOT_OBSERVABLE = "not observable: fewer than three are expected"


def status_of(
    assessments: Sequence[Assessment],
    outages: Iterable[Outage],
    time: datetime,
    sicknesses: Iterable[Sickness] = (),
) -> list[Status]:
    """The state of each entity at a time, from bins that had ended by then.

    Args:
        assessments: the series; bins later than ``time`` are not looked at.
        outages: what was found, to say since when an outage goes on.
        time: the time.
        sicknesses: stretches that the sources themselves told of; series may end where they begin.
    """
    begun, reasons = list(outages), _reasons(sicknesses, time)
    ordered = sorted(assessments, key=lambda one: one.series.entity)
    return [
        _status(entity, list(group), begun, time, reasons)
        for entity, group in groupby(ordered, key=lambda one: one.series.entity)
    ]


def _reasons(sicknesses: Iterable[Sickness], time: datetime) -> dict[str, str]:
    """Why signals could not see up to a time."""
    return {one.signal: one.reason for one in sicknesses if one.start < time <= one.end}


def _status(
    entity: str,
    assessments: list[Assessment],
    outages: Iterable[Outage],
    time: datetime,
    reasons: Mapping[str, str],
) -> Status:
    assessments.sort(key=ordinary_spread)
    planes: dict[str, list[PlaneStatus]] = {}
    for plane in ("data", "user", "control"):
        own = [
            _plane_status(a, time, reasons.get(a.series.signal.name))
            for a in assessments
            if a.series.signal.plane == plane
        ]
        if own:
            planes[plane] = own
    everything = [one for own in planes.values() for one in own]
    few = {one.series.signal.name for one in assessments if is_handful(one)}
    known = [one for one in everything if one.connectivity_percent is not None]
    known.sort(key=lambda one: one.signal in few)
    speaks = known[0] if known else None
    return Status(
        entity=entity,
        time=time,
        signal=speaks.signal if speaks else None,
        connectivity_percent=speaks.connectivity_percent if speaks else None,
        planes=planes,
        belief_outage=speaks.belief_outage if speaks else None,
        since=_since(entity, speaks, outages, time),
        health="ok" if speaks else _health_of(everything),
        simulated=any(a.series.simulated for a in assessments),
        plane_beliefs=beliefs_at(
            (one for one in assessments if one.series.signal.name not in reasons), time
        ),
    )


def _health_of(planes: Iterable[PlaneStatus]) -> str:
    """What ails each signal; what ails several alike is said once."""
    signals: dict[str, list[str]] = {}
    for one in planes:
        signals.setdefault(one.health, []).append(one.signal)
    return "; ".join(f"{', '.join(names)}: {health}" for health, names in signals.items())


def _plane_status(assessment: Assessment, time: datetime, reason: str | None) -> PlaneStatus:
    series = assessment.series
    step = series.signal.step * MICROSECONDS
    moment = to_microseconds(time)
    ended = int(np.searchsorted(series.times + step, moment, side="right"))
    known = np.flatnonzero(~np.isnan(assessment.connectivity[:ended]))
    if len(known) == 0:
        health = "no expectation yet" if ended else "no data yet"
        if too_few(series, assessment.expected[:ended]).any():
            health = _NOT_OBSERVABLE
        return PlaneStatus(
            signal=series.signal.name,
            connectivity_percent=None,
            belief_outage=None,
            last=None,
            health=health,
        )
    last = int(known[-1])
    begin = from_microseconds(series.times[last])
    silent = moment - int(series.times[last]) - step
    stale = silent > FRESH_BINS * step + series.signal.lag * MICROSECONDS
    if reason is not None:
        health = f"its source is sick: {reason}"
    elif assessment.sick[ended - 1]:
        health = "its source is sick"
    elif too_few(series, assessment.expected[ended - 1 : ended])[0]:
        health = _NOT_OBSERVABLE
    elif stale:
        health = "no data since " + begin.strftime("%Y-%m-%d %H:%MZ")
    else:
        health = "ok"
    unknown = health != "ok"
    return PlaneStatus(
        signal=series.signal.name,
        connectivity_percent=None if unknown else round(float(assessment.connectivity[last]), 1),
        belief_outage=None if unknown else round(float(assessment.belief_outage[last]), 4),
        last=begin,
        health=health,
    )


def _since(
    entity: str, speaks: PlaneStatus | None, outages: Iterable[Outage], time: datetime
) -> datetime | None:
    if speaks is None or speaks.belief_outage is None or speaks.belief_outage < 1 - ALERT:
        return None
    own = [
        one.onset[1]
        for one in outages
        if (one.entity, one.signal) == (entity, speaks.signal)
        and one.onset[0] <= time
        and (one.end is None or time <= one.end[1])
    ]
    return max(own, default=None)
