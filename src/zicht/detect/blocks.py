"""Blocks of services: a messenger or web sites that fail their tests while all else may be up.

They are found as outages are, in the share of a service's tests that show no sign of interference,
and kept apart: they take no part in the planes of connectivity, nor do those in them. Each makes an
event by itself, of the class ``platform-block``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    from zicht.model.outage import Event, Outage
    from zicht.model.series import Series

FEWEST_TESTS = 20
"""Of fewer tests in a bin a share says little: with 19, one that fails is five points."""

_COUNTRIES = 3
_MOST = 0.5


@dataclass(frozen=True)
class Blocks:
    """What was found of services, apart from connectivity.

    Attributes:
        assessments: one for each series that has a value.
        sicknesses: stretches in which a service failed in most countries at once: that is a fault
            of the service, or of its test.
        outages: stretches in which a service worked less than ordinary, retracted ones among them.
        events: likewise, all of the class ``platform-block``.
    """

    assessments: tuple[Assessment, ...] = ()
    sicknesses: tuple[Sickness, ...] = ()
    outages: tuple[Outage, ...] = ()
    events: tuple[Event, ...] = ()


def find_blocks(
    series_list: Sequence[Series],
    facts: Mapping[str, EntityFact],
    as_of: datetime,
    *,
    known_outages: Sequence[Outage] = (),
    known_events: Sequence[Event] = (),
) -> Blocks:
    """Find where services are blocked.

    Args:
        series_list: series of signals with a ``platform``; others are passed over.
        facts: what is known of entities, by their text.
        as_of: the time up to which data were to be expected.
        known_outages: what was found of services before.
        known_events: likewise.
    """
    country_of = country_lookup(facts)
    tested = [_enough(one) for one in series_list if one.signal.platform and len(one.values)]
    assessments = [assess(one) for one in tested if not np.isnan(one.values).all()]
    found, sick, events = [], [], []
    for name in sorted({one.series.signal.name for one in assessments}):
        own = [one for one in assessments if one.series.signal.name == name]
        down = [outage for one in own for outage in find_outages(one, as_of)]
        everywhere = _everywhere(down, own, country_of)
        sick += [_sickness(one, as_of) for one in everywhere]
        outages = name_outages([one for one in down if one not in everywhere], known_outages)
        found += outages
        grouped = [_as_block(one) for one in group_events(outages, own, facts, as_of)]
        events += name_events(grouped, [one for one in known_events if one.depth_signal == name])
    return Blocks(
        assessments=tuple(assessments),
        sicknesses=tuple(_distinct(sick)),
        outages=(*found, *retract_missing(found, known_outages)),
        events=(*events, *retract_missing(events, known_events)),
    )


def _enough(series: Series) -> Series:
    few = series.samples < FEWEST_TESTS  # unknown is not few
    return replace(series, values=np.where(few, np.nan, series.values))


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


def _sickness(outage: Outage, as_of: datetime) -> Sickness:
    return Sickness(
        signal=outage.signal,
        start=outage.onset[0],
        end=outage.end[1] if outage.end else as_of,
        reason="the service failed its tests in most countries at once",
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


def _as_block(event: Event) -> Event:
    phases = tuple(
        msgspec.structs.replace(phase, event_class="platform-block") for phase in event.phases
    )
    return msgspec.structs.replace(
        event, event_class="platform-block", phases=phases, plane_beliefs={}
    )
