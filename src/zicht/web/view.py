"""A view of the store: what pages and API tell, all of one instant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zicht.model.entity import parse_entity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from zicht.model.entity import EntityFact
    from zicht.model.health import Sickness
    from zicht.model.outage import Event, Outage
    from zicht.model.sighting import Sighting
    from zicht.model.signal import Signal
    from zicht.model.status import Status
    from zicht.observe.watch_health import Health


@dataclass(frozen=True, kw_only=True)
class View:
    """What the store holds and what was concluded from it, now or as known at a time.

    Attributes:
        key: another one whenever anything in the view is; for caches and ``ETag``.
        as_of: the time of which it is told what was known, or ``None`` for now.
        time: the time that it is the state of: now where a watch writes to the store, else the end
            of its data.
        entities: the texts of all entities that the store has series of, sorted.
        facts: what is known of entities, by their text.
        signals: the specs of signals, by their names.
        events: the newest revision of each event that was not retracted, the latest onset first.
        retracted: those that were, by id.
        outages: the newest revision of each outage, by id; retracted ones too.
        sicknesses: stretches in which signals could not see.
        sightings: what other observatories say they saw.
        health: whether the observatory sees.
        statuses: the state of each entity, by its text; ``None`` while it is worked out.
        simulated: whether any of it is of the lab and no measurement.
    """

    key: str
    as_of: datetime | None
    time: datetime
    entities: tuple[str, ...]
    facts: Mapping[str, EntityFact]
    signals: Mapping[str, Signal]
    events: tuple[Event, ...]
    retracted: Mapping[str, Event]
    outages: Mapping[str, Outage]
    sicknesses: tuple[Sickness, ...]
    sightings: tuple[Sighting, ...]
    health: Health
    statuses: Mapping[str, Status] | None = None
    simulated: bool = False
    _by_id: Mapping[str, Event] = field(init=False)

    def __post_init__(self) -> None:
        by_id = dict(self.retracted) | {one.id: one for one in self.events}
        object.__setattr__(self, "_by_id", by_id)

    def event(self, event_id: str) -> Event | None:
        """The event of that id, retracted or not."""
        return self._by_id.get(event_id)

    def ongoing(self) -> tuple[Event, ...]:
        """The events that go on, or may: those whose end is not known."""
        return tuple(one for one in self.events if one.end is None)

    def events_of(self, entity: str) -> tuple[Event, ...]:
        """The events of an entity, the latest first."""
        return tuple(one for one in self.events if one.entity == entity)

    def country_of(self, entity: str) -> str | None:
        """The ISO 3166-1 code of the country that an entity belongs to, where it is known."""
        code = parse_entity(entity).country
        if code is None and entity in self.facts:
            code = self.facts[entity].country
        return code
