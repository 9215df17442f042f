"""Detection over many series: what is sick, what is down, and what belongs together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from zicht.detect.apart import Apart
from zicht.detect.assess import assess
from zicht.detect.blocks import find_blocks
from zicht.detect.common_loss import find_common_losses
from zicht.detect.credibility import corroborate
from zicht.detect.events import country_lookup, group_events
from zicht.detect.health import find_sickness, sick_bins
from zicht.detect.identity import name_events, name_outages, retract_missing
from zicht.detect.outages import find_outages
from zicht.detect.rollup import roll_up
from zicht.detect.slowdowns import find_slowdowns
from zicht.model.outage import APART
from zicht.model.time import MICROSECONDS, from_microseconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from zicht.model.belief import Assessment
    from zicht.model.entity import EntityFact
    from zicht.model.health import Sickness
    from zicht.model.outage import Event, EventClass, Outage
    from zicht.model.series import Series
    from zicht.model.signal import Signal
    from zicht.model.time import Clock


@dataclass(frozen=True)
class Detection:
    """What was found.

    Attributes:
        assessments: one for each series that has a value.
        sicknesses: stretches in which a source could not see.
        outages: outages found, and known ones that were not found again, as retracted.
        events: events found, and known ones that were not found again, as retracted.
        as_of: the time up to which data were taken into account.
        blocks: what was found apart from connectivity, services that are blocked and connections
            that are slowed; none of it is in the others.
    """

    assessments: tuple[Assessment, ...]
    sicknesses: tuple[Sickness, ...]
    outages: tuple[Outage, ...]
    events: tuple[Event, ...]
    as_of: datetime
    blocks: Apart = field(default_factory=Apart)


def detect(  # noqa: PLR0913 - what is at hand, and what is known of the rest
    series_list: Sequence[Series],
    facts: Mapping[str, EntityFact],
    *,
    as_of: datetime | None = None,
    known_outages: Sequence[Outage] = (),
    known_events: Sequence[Event] = (),
    known_sicknesses: Sequence[Sickness] = (),
    clocks: Mapping[str, Clock] | None = None,
    whole: bool = True,
    others: Sequence[Outage] = (),
) -> Detection:
    """Find sicknesses, outages and events.

    Args:
        series_list: the series, each on its grid.
        facts: what is known of entities, by their text.
        as_of: the time up to which data were to be expected; by default the end of the last bin.
        known_outages: what was found before, so that ids stay and revisions count.
        known_events: likewise.
        known_sicknesses: what was found when more of the sources' entities were at hand.
        clocks: those that people live by, by country; rhythms move with them.
        whole: whether all that the sources tell is at hand. Where it is not, nobody can tell
            whether they were sick, and the known sicknesses stand.
        others: known outages of entities that are not at hand: who is cut off is not slowed down.
    """
    country_of = country_lookup(facts)

    def clock_of(series: Series) -> Clock:
        return (clocks or {}).get(country_of(series.entity) or "", ())

    present = [one for one in series_list if len(one.values) and one.signal.tells_outages]
    apart = [one for one in series_list if len(one.values) and _is_apart(one.signal)]
    as_of = as_of or last_end(present or apart)
    known_of = _KnownApart(apart, known_outages, known_events)
    known_outages, known_events = known_of.others()
    fresh = find_sickness(present, country_of) if whole else []
    sicknesses = _with_known(fresh, known_sicknesses)
    sick = [sick_bins(one, sicknesses) for one in present]
    assessments = [
        assess(one, bins, clock_of(one)) for one, bins in zip(present, sick, strict=True)
    ]
    found = [outage for one in assessments for outage in find_outages(one, as_of)]
    common = find_common_losses(found, assessments, country_of, as_of) if whole else []
    if common:
        sicknesses = _with_known(common, sicknesses)
        sick = [sick_bins(one, sicknesses) for one in present]
        shared = {one.signal for one in common}
        assessments = [
            assess(one.series, bins, clock_of(one.series))
            if one.series.signal.name in shared
            else one
            for one, bins in zip(assessments, sick, strict=True)
        ]
    seen = [_without(one, bins) for one, bins in zip(present, sick, strict=True)]
    assessments += [assess(one, clock=clock_of(one)) for one in roll_up(seen, country_of)]
    found = [outage for one in assessments for outage in find_outages(one, as_of)]
    signals = {one.series.signal.name: one.series.signal for one in assessments}
    believed = corroborate(found, signals, country_of, as_of)
    outages = name_outages(believed, known_outages)
    events = name_events(group_events(outages, assessments, facts, as_of), known_events)
    blocks = find_blocks(
        apart,
        facts,
        as_of,
        known_outages=known_of.outages("platform-block"),
        known_events=known_of.events("platform-block"),
        known_sicknesses=known_sicknesses,
    )
    slowdowns = find_slowdowns(
        apart,
        facts,
        as_of,
        cuts=[*outages, *others],
        known_outages=known_of.outages("throttling"),
        known_events=known_of.events("throttling"),
        known_sicknesses=known_sicknesses,
    )
    return Detection(
        assessments=tuple(assessments),
        sicknesses=tuple(sicknesses),
        outages=(*outages, *retract_missing(outages, known_outages)),
        events=(*events, *retract_missing(events, known_events)),
        as_of=as_of,
        blocks=blocks + slowdowns,
    )


def _is_apart(signal: Signal) -> bool:
    return bool(signal.platform) or signal.throughput


class _KnownApart:
    """What was found before, told apart by what it was found of."""

    def __init__(
        self, apart: Sequence[Series], outages: Sequence[Outage], events: Sequence[Event]
    ) -> None:
        self._signals: dict[str, EventClass] = {
            one.signal.name: "platform-block" if one.signal.platform else "throttling"
            for one in apart
        }
        self._outages, self._events = outages, events
        self._classes: dict[str, EventClass] = {
            name: event.event_class
            for event in events
            if event.event_class in APART
            for name in event.outages
        }

    def _class_of(self, outage: Outage) -> EventClass | None:
        return self._classes.get(outage.id) or self._signals.get(outage.signal)

    def outages(self, event_class: EventClass) -> list[Outage]:
        return [one for one in self._outages if self._class_of(one) == event_class]

    def events(self, event_class: EventClass) -> list[Event]:
        return [one for one in self._events if one.event_class == event_class]

    def others(self) -> tuple[list[Outage], list[Event]]:
        return (
            [one for one in self._outages if self._class_of(one) is None],
            [one for one in self._events if one.event_class not in APART],
        )


def _without(series: Series, sick: NDArray[np.bool_]) -> Series:
    return replace(series, values=np.where(sick, np.nan, series.values))


def _with_known(found: list[Sickness], known: Sequence[Sickness]) -> list[Sickness]:
    begins = {(one.signal, one.start) for one in found}
    return found + [one for one in known if (one.signal, one.start) not in begins]


def last_end(series_list: Sequence[Series]) -> datetime:
    """The end of the last bin of all series; 1970 when there is none."""
    ends = [one.start + len(one.values) * one.signal.step * MICROSECONDS for one in series_list]
    return from_microseconds(max(ends, default=0))
