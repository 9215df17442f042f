"""What is found apart from connectivity: services that are blocked, connections that are slowed.

They are found as outages are, and kept apart: they take no part in the planes of connectivity, nor
do those in them. Each makes an event by itself, of a class of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from zicht.detect.assess import assess
from zicht.detect.events import country_lookup, group_events
from zicht.detect.identity import name_events, name_outages, retract_missing
from zicht.detect.level import overlap
from zicht.detect.outages import find_outages
from zicht.model.health import Sickness

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from zicht.model.belief import Assessment
    from zicht.model.entity import EntityFact
    from zicht.model.outage import Event, EventClass, Outage
    from zicht.model.series import Series

_COUNTRIES = 3
_MOST = 0.5


@dataclass(frozen=True)
class Apart:
    """What was found apart from connectivity.

    Attributes:
        assessments: one for each series that has a value.
        sicknesses: stretches in which a signal fell in most countries at once: that is a fault of
            the service, or of its test.
        outages: stretches in which it was below ordinary, retracted ones among them.
        events: likewise, all of a class of their own.
    """

    assessments: tuple[Assessment, ...] = ()
    sicknesses: tuple[Sickness, ...] = ()
    outages: tuple[Outage, ...] = ()
    events: tuple[Event, ...] = ()

    def __add__(self, other: Apart) -> Apart:
        return Apart(
            (*self.assessments, *other.assessments),
            (*self.sicknesses, *other.sicknesses),
            (*self.outages, *other.outages),
            (*self.events, *other.events),
        )


@dataclass(frozen=True)
class Manner:
    """How something is found apart.

    Attributes:
        event_class: the class of its events.
        reason: why a signal that fell in most countries at once is held to be sick, for people.
        counts: whether an outage is one.
    """

    event_class: EventClass
    reason: str
    counts: Callable[[Outage], bool] = lambda _: True


def find_apart(
    series_list: Sequence[Series],
    facts: Mapping[str, EntityFact],
    as_of: datetime,
    manner: Manner,
    *,
    known_outages: Sequence[Outage] = (),
    known_events: Sequence[Event] = (),
    known_sicknesses: Sequence[Sickness] = (),
) -> Apart:
    """Find, signal by signal, what is below ordinary.

    Args:
        series_list: the series.
        facts: what is known of entities, by their text.
        as_of: the time up to which data were to be expected.
        manner: how it is found.
        known_outages: what was found in this manner before.
        known_events: likewise.
        known_sicknesses: what was found when more of the sources' entities were at hand.
    """
    country_of = country_lookup(facts)
    assessments = [assess(one) for one in series_list if not np.isnan(one.values).all()]
    found, sick, events = [], [], []
    for name in sorted({one.series.signal.name for one in assessments}):
        own = [one for one in assessments if one.series.signal.name == name]
        down = [outage for one in own for outage in find_outages(one, as_of)]
        everywhere = _everywhere(down, own, country_of)
        sick += [_sickness(one, as_of, manner.reason) for one in everywhere]
        counted = [
            one
            for one in down
            if one not in everywhere and not _is_sick(one, known_sicknesses) and manner.counts(one)
        ]
        outages = name_outages(counted, known_outages)
        found += outages
        grouped = [
            _of_class(one, manner.event_class) for one in group_events(outages, own, facts, as_of)
        ]
        events += name_events(grouped, [one for one in known_events if one.depth_signal == name])
    return Apart(
        assessments=tuple(assessments),
        sicknesses=tuple(_distinct(sick)),
        outages=(*found, *retract_missing(found, known_outages)),
        events=(*events, *retract_missing(events, known_events)),
    )


def _everywhere(
    down: Sequence[Outage],
    assessments: Sequence[Assessment],
    country_of: Callable[[str], str | None],
) -> list[Outage]:
    """Those that most countries of at least three had at the same time."""
    tested = {country_of(one.series.entity) for one in assessments} - {None}
    if len(tested) < _COUNTRIES:
        return []
    return [
        one
        for one in down
        if len({country_of(other.entity) for other in down if overlap(one, other)})
        > _MOST * len(tested)
    ]


def _is_sick(outage: Outage, sicknesses: Sequence[Sickness]) -> bool:
    """Whether it began while its signal was sick."""
    return any(
        one.signal == outage.signal and one.start <= outage.onset[1] and outage.onset[0] < one.end
        for one in sicknesses
    )


def _sickness(outage: Outage, as_of: datetime, reason: str) -> Sickness:
    return Sickness(
        signal=outage.signal,
        start=outage.onset[0],
        end=outage.end[1] if outage.end else as_of,
        reason=reason,
    )


def _distinct(sicknesses: Sequence[Sickness]) -> list[Sickness]:
    """One for each signal and stretch of those that overlap: the widest."""
    kept: list[Sickness] = []
    for one in sorted(sicknesses, key=lambda sickness: (sickness.signal, sickness.start)):
        last = kept[-1] if kept else None
        if last is not None and last.signal == one.signal and one.start <= last.end:
            kept[-1] = msgspec.structs.replace(last, end=max(last.end, one.end))
        else:
            kept.append(one)
    return kept


def _of_class(event: Event, event_class: EventClass) -> Event:
    phases = tuple(
        phase
        if phase.event_class == "unknown"
        else msgspec.structs.replace(phase, event_class=event_class)
        for phase in event.phases
    )
    return msgspec.structs.replace(event, event_class=event_class, phases=phases, plane_beliefs={})
