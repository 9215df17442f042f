"""What a watch tells people: a line where the state of an entity changes, or something happens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from zicht.model.time import format_time
from zicht.observe.standing import state_of
from zicht.observe.telling import Teller
from zicht.publish.language import language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zicht.model.entity import EntityFact
    from zicht.model.sighting import Sighting
    from zicht.model.status import Status
    from zicht.observe.replay import Happening

SIGHTING = "seen elsewhere"

RECENT = timedelta(days=1)
"""Sightings that ended longer ago are no news."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Something that changed.

    Attributes:
        time: when it became known.
        entity: of whom, or ``None`` where it is of a source.
        what: ``ordinary``, ``outage``, ``unknown`` or ``warming up`` where the state changed;
            ``seen elsewhere`` where another observatory says that it saw an outage; else what
            happened, as ``zicht.observe.replay.HappeningKind`` has it.
        connectivity_percent: what is left, in percent of ordinary, where it is known.
        signal: the signal that tells it.
        text: the same for people.
        simulated: the data are of the lab and no measurement.
    """

    time: datetime
    entity: str | None
    what: str
    connectivity_percent: float | None = None
    signal: str | None = None
    text: str = ""
    simulated: bool = False


def changed_states(before: Mapping[str, str], statuses: Iterable[Status]) -> list[Line]:
    """A line for each entity whose state is another one than before."""
    return [
        Line(
            time=one.time,
            entity=one.entity,
            what=state_of(one),
            connectivity_percent=one.connectivity_percent,
            signal=one.signal,
            text="" if one.health == "ok" else one.health,
            simulated=one.simulated,
        )
        for one in statuses
        if before.get(one.entity) != state_of(one)
    ]


def told(happenings: Iterable[Happening], facts: Mapping[str, EntityFact]) -> list[Line]:
    """A line for each thing that happened."""
    teller = Teller(language("en"), facts)
    return [
        Line(
            time=one.known_at,
            entity=None if one.event is None else one.event.entity,
            what=one.kind,
            connectivity_percent=None if one.event is None else one.event.depth_percent,
            signal=_signal(one),
            text=teller.sentence(one),
            simulated=one.event is not None and one.event.simulated,
        )
        for one in happenings
    ]


Claimed = tuple[datetime, datetime | None, str | None]
"""What a line tells of a sighting: its start, end and cause. What else changes is no news."""


def claimed(one: Sighting) -> Claimed:
    """What a line tells of a sighting."""
    return one.start, one.end, one.cause


def sighted(
    before: Mapping[str, Claimed], sightings: Iterable[Sighting], now: datetime
) -> list[Line]:
    """A line for each sighting that is new or says something else than before.

    Args:
        before: what was told already of each, by its id.
        sightings: what other observatories say they saw.
        now: the time.
    """
    return [
        Line(
            time=now,
            entity=one.entity,
            what=SIGHTING,
            signal=one.source,
            text=_sighting(one),
            simulated=one.simulated,
        )
        for one in sightings
        if before.get(one.id) != claimed(one) and (one.end is None or one.end >= now - RECENT)
    ]


def _sighting(one: Sighting) -> str:
    """What another observatory says, as its words and none of ours."""
    until = "" if one.end is None else f" until {format_time(one.end)[:16]}Z"
    words = (one.seen_in, one.cause or "", one.description, one.link)
    said = "; ".join(" ".join(word.split()) for word in words if word)
    return f"{one.source} says: since {format_time(one.start)[:16]}Z{until}; {said}"


def _signal(happening: Happening) -> str | None:
    if happening.event is not None:
        return happening.event.depth_signal
    return None if happening.sickness is None else happening.sickness.signal


def in_words(line: Line) -> str:
    """A line for a screen."""
    left = "" if line.connectivity_percent is None else f"{line.connectivity_percent:.0f} %"
    head = f"{format_time(line.time)[:16]}Z  {line.entity or '-':<14} {line.what:<17} {left:>6}"
    return f"{head}  {line.text or line.signal or ''}".rstrip()
