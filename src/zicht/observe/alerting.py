"""What is worth an alert, and since when, as cases that can be scored."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from typing import TYPE_CHECKING

from zicht.detect.constants import OVERWHELMING_SAMPLES
from zicht.detect.fusion import independent
from zicht.detect.level import find_level, overlap
from zicht.model.finding import Finding
from zicht.model.time import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from zicht.detect.detection import Detection
    from zicht.model.outage import Interval, Outage
    from zicht.model.signal import Signal


def alerts_since(detection: Detection) -> dict[str, datetime]:
    """When each outage that belongs to an alert could have been one, by the outage's id.

    That is when two signals that share no input had both been found in its event, or when one had
    lasted for as many bins as an overwhelming outage must. The depth by which it is overwhelming is
    read with hindsight.
    """
    outages = {one.id: one for one in detection.outages if not one.retracted}
    signals = {one.series.signal.name: one.series.signal for one in detection.assessments}
    since: dict[str, datetime] = {}
    for event in detection.events:
        if event.retracted or event.level != "alert":
            continue
        members = [outages[name] for name in event.outages if name in outages]
        reached = min(_reached(members, signals, detection), default=None)
        if reached is not None:
            for one in members:
                since[one.id] = max(one.alerted_at, reached)
    return since


def _reached(
    members: Sequence[Outage], signals: Mapping[str, Signal], detection: Detection
) -> list[datetime]:
    alone = [
        max(one.alerted_at, one.onset[0] + OVERWHELMING_SAMPLES * _step(signals[one.signal]))
        for one in members
        if find_level([one], detection.assessments) == "alert"
    ]
    together = [
        max(one.alerted_at, other.alerted_at)
        for one, other in combinations(members, 2)
        if independent(signals[one.signal], signals[other.signal]) and overlap(one, other)
    ]
    return alone + together


def _step(signal: Signal) -> timedelta:
    return timedelta(seconds=signal.step)


def finding_of(outage: Outage, alerted: datetime | None = None) -> Finding:
    """An outage as a finding: the middles of its onset and of its end."""
    return Finding(
        begin=_middle(outage.onset),
        end=None if outage.end is None else _middle(outage.end),
        alerted=to_microseconds(alerted or outage.alerted_at),
    )


def _middle(interval: Interval) -> int:
    first, last = (to_microseconds(time) for time in interval)
    return (first + last) // 2
