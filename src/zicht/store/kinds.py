"""The records that the store keeps, each with its table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zicht.model.alert import Alert
from zicht.model.entity import EntityFact
from zicht.model.health import Sickness
from zicht.model.outage import Event, Outage
from zicht.model.sighting import Sighting
from zicht.model.signal import Origin, Signal
from zicht.model.time import format_time
from zicht.store import schemas
from zicht.store.records import RecordKind

if TYPE_CHECKING:
    from zicht.model.outage import Interval

SIGNALS = RecordKind(schemas.SIGNALS, Signal, lambda signal: signal.name)
ORIGINS = RecordKind(schemas.ORIGINS, Origin, lambda origin: origin.id)
ENTITIES = RecordKind(schemas.ENTITIES, EntityFact, lambda fact: fact.entity)


def _interval_columns(onset: Interval, end: Interval | None) -> dict[str, Any]:
    return {
        "onset_earliest": onset[0],
        "onset_latest": onset[1],
        "end_earliest": end[0] if end else None,
        "end_latest": end[1] if end else None,
    }


def _event_columns(event: Event) -> dict[str, Any]:
    return {"class": event.event_class, **_interval_columns(event.onset, event.end)}


OUTAGES = RecordKind(
    schemas.OUTAGES,
    Outage,
    lambda outage: outage.id,
    lambda outage: _interval_columns(outage.onset, outage.end),
    unimportant=("revision",),
)

EVENTS = RecordKind(
    schemas.EVENTS,
    Event,
    lambda event: event.id,
    _event_columns,
    unimportant=("revision", "as_of"),
)

HEALTH = RecordKind(
    schemas.HEALTH,
    Sickness,
    lambda sickness: f"{sickness.signal} {format_time(sickness.start)}",
)

ALERTS = RecordKind(schemas.ALERTS, Alert, lambda alert: alert.id)


SIGHTINGS = RecordKind(
    schemas.SIGHTINGS, Sighting, lambda sighting: sighting.id, unimportant=("revision",)
)


def merge_facts(before: EntityFact, fact: EntityFact) -> EntityFact:
    """What is known of an entity after ``fact``: what it leaves open stays as it was."""
    return EntityFact(
        entity=fact.entity,
        name=fact.name or before.name,
        country=fact.country or before.country,
        kind=before.kind if fact.kind == "unknown" else fact.kind,
    )
