"""Events: outages of entities and signals that belong together."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from zicht.detect.constants import JOIN_HOURS
from zicht.detect.fusion import highest_beliefs
from zicht.detect.level import find_level
from zicht.detect.phases import find_phases, is_handful, ordinary_spread
from zicht.model.entity import parse_entity
from zicht.model.outage import Event, EventClass, Interval, Operator, Outage, Restoration, Source
from zicht.model.time import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from zicht.model.belief import Assessment, PlaneBelief
    from zicht.model.entity import EntityFact
    from zicht.model.signal import Plane

_JOIN = timedelta(hours=JOIN_HOURS)
_CLASS_OF_PLANE: dict[Plane, EventClass] = {
    "control": "control-plane",
    "data": "data-plane",
    "user": "traffic-drop",
}
_PLANE_ORDER = {"data": 0, "user": 1, "control": 2}


def group_events(
    outages: Sequence[Outage],
    assessments: Sequence[Assessment],
    facts: Mapping[str, EntityFact],
    as_of: datetime,
) -> list[Event]:
    """Group outages into events.

    A country's own outages that follow within a day make one event, and the outages of its
    operators and regions that touch it belong to it. What is left makes an event of the operator or
    region alone.

    Args:
        outages: outages with their ids.
        assessments: all series that were assessed.
        facts: what is known of entities, by their text.
        as_of: the time up to which data were to be expected.
    """
    country_of = country_lookup(facts)
    events = []
    left = list(outages)
    for country in sorted({c for one in outages if (c := country_of(one.entity))}):
        entity = f"country/{country}"
        for cluster in _clusters([one for one in left if one.entity == entity]):
            members = cluster + [
                one
                for one in left
                if one not in cluster
                and country_of(one.entity) == country
                and one.entity != entity
                and _touches(one, cluster, as_of)
            ]
            left = [one for one in left if one not in members]
            events.append(_event(entity, members, assessments, facts, as_of))
    for entity in sorted({one.entity for one in left}):
        own = [one for one in left if one.entity == entity]
        events += [_event(entity, cluster, assessments, facts, as_of) for cluster in _clusters(own)]
    return sorted(events, key=lambda event: (event.onset, event.entity))


def country_lookup(facts: Mapping[str, EntityFact]) -> Callable[[str], str | None]:
    """A function from an entity's text to its country's code, or ``None``."""

    def country_of(text: str) -> str | None:
        country = parse_entity(text).country
        if country is None and text in facts:
            return facts[text].country
        return country

    return country_of


def _clusters(outages: Sequence[Outage]) -> list[list[Outage]]:
    """Outages in order of onset, joined while the next begins within a day of the last end."""
    clusters: list[list[Outage]] = []
    reach: datetime | None = None
    for one in sorted(outages, key=lambda outage: (outage.onset, outage.signal, outage.entity)):
        if clusters and (reach is None or one.onset[0] <= reach + _JOIN):
            clusters[-1].append(one)
        else:
            clusters.append([one])
            reach = one.onset[1]
        if reach is not None:
            reach = None if one.end is None else max(reach, one.end[1])
    return clusters


def _touches(outage: Outage, cluster: Sequence[Outage], as_of: datetime) -> bool:
    begin = min(one.onset[0] for one in cluster)
    end = max(as_of if one.end is None else one.end[1] for one in cluster)
    own_end = as_of if outage.end is None else outage.end[1]
    return outage.onset[0] <= end and own_end >= begin


def _event(
    entity: str,
    members: Sequence[Outage],
    assessments: Sequence[Assessment],
    facts: Mapping[str, EntityFact],
    as_of: datetime,
) -> Event:
    own = [one for one in members if one.entity == entity] or list(members)
    worst = _speaking(own, assessments)
    restorations = _restorations(own, worst, assessments)
    phases = find_phases(entity, own, assessments, as_of)
    deepest = min(phases, key=lambda phase: phase.depth, default=None)
    return Event(
        id="",
        entity=entity,
        event_class=deepest.phase.event_class if deepest else _CLASS_OF_PLANE[worst.plane],
        onset=_first(own),
        end=_last(own),
        ongoing=_ongoing(own),
        depth_percent=worst.depth_percent,
        depth_signal=worst.signal,
        phases=tuple(one.phase for one in phases),
        outages=tuple(one.id for one in sorted(members, key=lambda one: (one.onset, one.id))),
        operators=_operators(members, assessments, facts),
        restorations=restorations,
        recurrences=len(restorations),
        shutdown_likelihood=None,
        sources=_sources(members, assessments),
        simulated=any(one.simulated for one in members),
        level=find_level(members, assessments),
        belief=max(one.belief for one in own),
        plane_beliefs=_plane_beliefs(entity, own, assessments, as_of),
        as_of=as_of,
    )


def _first(outages: Sequence[Outage]) -> Interval:
    """The interval of the first of several onsets."""
    return min(one.onset[0] for one in outages), min(one.onset[1] for one in outages)


def _last(outages: Sequence[Outage]) -> Interval | None:
    """The interval of the last of several ends; ``None`` when one has no end."""
    ends = [one.end for one in outages if one.end is not None]
    if len(ends) < len(outages):
        return None
    return max(end[0] for end in ends), max(end[1] for end in ends)


def _plane_beliefs(
    entity: str, own: Sequence[Outage], assessments: Sequence[Assessment], as_of: datetime
) -> dict[str, PlaneBelief]:
    """Of each plane of the event's entity, the highest belief while its outages lasted."""
    last = _last(own)
    return highest_beliefs(
        (one for one in assessments if one.series.entity == entity),
        _first(own)[0],
        as_of if last is None else last[1],
    )


def _speaking(outages: Sequence[Outage], assessments: Sequence[Assessment]) -> Outage:
    """The outage whose depth speaks for all.

    Counts of a handful speak last: an operator behind carrier NAT may have five blocks that answer.
    The data plane tells best what can be reached; within a plane the signal that is steadiest in
    ordinary times does; of that, the deepest outage.
    """

    def order(outage: Outage) -> tuple[bool, int, float, float]:
        assessment = _assessment_of(outage, assessments)
        plane = _PLANE_ORDER[outage.plane]
        return is_handful(assessment), plane, ordinary_spread(assessment), outage.depth_percent

    return min(outages, key=order)


def _ongoing(outages: Sequence[Outage]) -> bool | None:
    states = {one.ongoing for one in outages}
    if True in states:
        return True
    return None if None in states else False


def _restorations(
    own: Sequence[Outage], worst: Outage, assessments: Sequence[Assessment]
) -> tuple[Restoration, ...]:
    """The windows between the outages of the signal that the event's depth is read of."""
    same = sorted(
        (one for one in own if (one.signal, one.entity) == (worst.signal, worst.entity)),
        key=lambda one: one.onset,
    )
    assessment = _assessment_of(worst, assessments)
    return tuple(
        Restoration(
            start=before.end[0],
            end=after.onset[1],
            signal=worst.signal,
            connectivity_percent=_median_between(assessment, before.end[0], after.onset[1]),
        )
        for before, after in pairwise(same)
        if before.end is not None
    )


def _assessment_of(outage: Outage, assessments: Sequence[Assessment]) -> Assessment:
    return next(
        one
        for one in assessments
        if (one.series.signal.name, one.series.entity) == (outage.signal, outage.entity)
    )


def _median_between(assessment: Assessment, start: datetime, end: datetime) -> float | None:
    times = assessment.series.times
    inside = (times >= to_microseconds(start)) & (times < to_microseconds(end))
    values = assessment.connectivity[inside]
    values = values[~np.isnan(values)]
    return round(float(np.median(values)), 1) if len(values) else None


def _operators(
    members: Sequence[Outage],
    assessments: Sequence[Assessment],
    facts: Mapping[str, EntityFact],
) -> tuple[Operator, ...]:
    operators = []
    for entity in sorted({one.entity for one in members if one.entity.startswith("asn/")}):
        own = [one for one in members if one.entity == entity]
        worst = _speaking(own, assessments)
        fact = facts.get(entity)
        operators.append(
            Operator(
                entity=entity,
                name=fact.name if fact else None,
                kind=fact.kind if fact else "unknown",
                onset=_first(own),
                end=_last(own),
                depth_percent=worst.depth_percent,
                signal=worst.signal,
            )
        )
    return tuple(sorted(operators, key=lambda one: (one.onset, one.entity)))


def _sources(members: Sequence[Outage], assessments: Sequence[Assessment]) -> tuple[Source, ...]:
    sources = set()
    for one in members:
        series = _assessment_of(one, assessments).series
        for origin in series.origins:
            sources.add((one.signal, origin.licence, origin.citation, origin.simulated))
        if not series.origins:
            sources.add((one.signal, series.signal.licence, series.signal.citation, False))
    return tuple(
        Source(signal=signal, licence=licence, citation=citation, simulated=simulated)
        for signal, licence, citation, simulated in sorted(sources)
    )
