"""The status of an entity that nothing is going on at, told from the tracks of its series alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zicht.detect.constants import FRESH_BINS, HANDFUL, ONSET_RATE, RECOVERY_RATE
from zicht.detect.feeding import ABOVE, BELIEF, CONNECTIVITY, FEW, LAST, LEVEL, NEXT, RELATIVE
from zicht.detect.fusion import independent_groups
from zicht.model.belief import PlaneBelief
from zicht.model.status import PlaneStatus, Status
from zicht.model.time import HOUR, MICROSECONDS, from_microseconds, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from zicht.model.signal import Signal

_PRIOR = ONSET_RATE / (ONSET_RATE + RECOVERY_RATE)
_PRIOR_LOG_ODDS = math.log(_PRIOR / (1 - _PRIOR))
_SURE = 1e-12


@dataclass(frozen=True)
class Tracked:
    """A series and what is known of it.

    Attributes:
        signal: its spec.
        track: the figures of ``zicht.detect.feeding``.
    """

    signal: Signal
    track: Sequence[float]


def screened_status(
    entity: str,
    series: Sequence[Tracked],
    time: datetime,
    *,
    sick: Collection[str] = (),
    simulated: bool = False,
) -> Status:
    """The state of an entity at a time, of which no outage is known.

    It is what ``status_of`` says of it, but for what is usual, which is a mean here and a median
    there: of signals that are about as steady, the two may choose another one to speak.

    Args:
        entity: its text.
        series: its series.
        time: the time.
        sick: signals whose sources cannot see now.
        simulated: the data are of the lab.
    """
    moment = to_microseconds(time)
    ordered = sorted(series, key=_steadiness)
    told = {one.signal.name: _plane_status(one, moment, one.signal.name in sick) for one in ordered}
    planes: dict[str, list[PlaneStatus]] = {}
    for plane in ("data", "user", "control"):
        own = [told[one.signal.name] for one in ordered if one.signal.plane == plane]
        if own:
            planes[plane] = own
    few = {one.signal.name for one in ordered if _is_handful(one)}
    known = [one for own in planes.values() for one in own if one.connectivity_percent is not None]
    known.sort(key=lambda one: one.signal in few)
    speaks = known[0] if known else None
    return Status(
        entity=entity,
        time=time,
        signal=speaks.signal if speaks else None,
        connectivity_percent=speaks.connectivity_percent if speaks else None,
        planes=planes,
        belief_outage=speaks.belief_outage if speaks else None,
        since=None,
        health="ok" if speaks else _health_of(planes),
        simulated=simulated,
        plane_beliefs=_beliefs(ordered, moment, sick),
    )


def _steadiness(one: Tracked) -> float:
    return one.track[RELATIVE] if one.track[LEVEL] else math.inf


def _is_handful(one: Tracked) -> bool:
    return one.signal.scale == "count" and 0 < one.track[LEVEL] < HANDFUL


def _health_of(planes: Mapping[str, Sequence[PlaneStatus]]) -> str:
    signals: dict[str, list[str]] = {}
    for own in planes.values():
        for one in own:
            signals.setdefault(one.health, []).append(one.signal)
    return "; ".join(f"{', '.join(names)}: {health}" for health, names in signals.items())


def _plane_status(one: Tracked, moment: int, is_sick: bool) -> PlaneStatus:  # noqa: FBT001
    signal, track = one.signal, one.track
    last = int(track[LAST])
    silent = moment - last - signal.step * MICROSECONDS
    if not last:
        health = "not observable: fewer than three are expected" if track[FEW] else _not_yet(track)
    elif is_sick:
        health = "its source is sick"
    elif track[FEW]:
        health = "not observable: fewer than three are expected"
    elif silent > (FRESH_BINS * signal.step + signal.lag) * MICROSECONDS:
        health = "no data since " + from_microseconds(last).strftime("%Y-%m-%d %H:%MZ")
    else:
        health = "ok"
    unknown = health != "ok"
    return PlaneStatus(
        signal=signal.name,
        connectivity_percent=None if unknown else round(track[CONNECTIVITY], 1),
        belief_outage=None if unknown else round(track[BELIEF], 4),
        last=from_microseconds(last) if last else None,
        health=health,
    )


def _not_yet(track: Sequence[float]) -> str:
    return "no expectation yet" if track[NEXT] else "no data yet"


def _beliefs(
    series: Sequence[Tracked], moment: int, sick: Collection[str]
) -> dict[str, PlaneBelief]:
    """The belief of each plane, as ``zicht.detect.fusion`` has it."""
    found: dict[str, PlaneBelief] = {}
    for plane in sorted({one.signal.plane for one in series}):
        own = [one for one in series if one.signal.plane == plane and one.signal.name not in sick]
        own.sort(key=lambda one: one.signal.name)
        said = [_evidence(one, moment) for one in own]
        surest = max(
            (place for place, one in enumerate(said) if one is not None),
            key=lambda place: said[place] or 0.0,
            default=None,
        )
        if surest is None:
            continue
        if (said[surest] or 0.0) > 0:
            left = own[surest].track[CONNECTIVITY]
            said = [
                None if value is not None and value < 0 and left >= one.track[ABOVE] else value
                for value, one in zip(said, own, strict=True)
            ]
        found[plane] = _pooled(own, said)
    return found


def _pooled(own: Sequence[Tracked], said: Sequence[float | None]) -> PlaneBelief:
    means = []
    for group in independent_groups([one.signal for one in own]):
        values = [value for place in group if (value := said[place]) is not None]
        if values:
            means.append(sum(values) / len(values))
    log_odds = _PRIOR_LOG_ODDS + sum(means)
    return PlaneBelief(
        belief_outage=round(1 / (1 + math.exp(-log_odds)), 4),
        signals=tuple(
            one.signal.name for one, value in zip(own, said, strict=True) if value is not None
        ),
        groups=len(means),
        groups_down=sum(_PRIOR_LOG_ODDS + one > 0 for one in means),
    )


def _evidence(one: Tracked, moment: int) -> float | None:
    """Log of the odds beyond the prior; ``None`` where nothing is said."""
    signal, last = one.signal, int(one.track[LAST])
    age = moment - last - signal.step * MICROSECONDS
    if not last or age < 0 or age > (FRESH_BINS * signal.step + signal.lag) * MICROSECONDS:
        return None
    fading = math.exp(-(ONSET_RATE + RECOVERY_RATE) * age / HOUR)
    belief = _PRIOR + (one.track[BELIEF] - _PRIOR) * fading
    belief = min(max(belief, _SURE), 1 - _SURE)
    return math.log(belief / (1 - belief)) - _PRIOR_LOG_ODDS
