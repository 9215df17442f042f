"""Live and replay are one path: append, detect, compare with what was known before, tell.

A live observatory is a replay whose end has not come yet. Whoever runs it gives batches in order of
time, real ones or recorded or made, and is told what each of them changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from zicht.detect.status import status_of
from zicht.observe.detection import run_detection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    import pyarrow as pa

    from zicht.detect.detection import Detection
    from zicht.model.entity import EntityFact
    from zicht.model.health import Sickness
    from zicht.model.outage import Event, Operator, Outage
    from zicht.model.signal import Origin, Signal
    from zicht.model.status import Status
    from zicht.store import Store

HappeningKind = Literal[
    "event found",
    "class changed",
    "event deepened",
    "operators down",
    "connectivity back",
    "down again",
    "event ended",
    "event withdrawn",
    "source sick",
]
_DEEPER = 10.0  # percent of ordinary; less than this is no news


@dataclass(frozen=True)
class Batch:
    """What became known at one time.

    Attributes:
        known_at: when.
        observations: a table with the schema ``zicht.model.series.OBSERVATIONS``.
        signals: the specs of the signals in it.
        origin: where the values came from.
        entities: what is known of its entities.
    """

    known_at: datetime
    observations: pa.Table
    signals: tuple[Signal, ...]
    origin: Origin
    entities: tuple[EntityFact, ...] = ()


@dataclass(frozen=True)
class Picture:
    """What is known at a time.

    Attributes:
        known_at: the time.
        events: by id.
        outages: by id.
        sicknesses: the stretches in which sources could not see.
        statuses: the state of each entity, by its text.
    """

    known_at: datetime
    events: dict[str, Event] = field(default_factory=dict)
    outages: dict[str, Outage] = field(default_factory=dict)
    sicknesses: tuple[Sickness, ...] = ()
    statuses: dict[str, Status] = field(default_factory=dict)


@dataclass(frozen=True)
class Happening:
    """Something that a batch changed.

    Attributes:
        known_at: when it became known.
        kind: what it is.
        event: the event that it concerns, or ``None``.
        outage: the outage that ended, where connectivity came back.
        operators: those that were not down before.
        sickness: the sickness, where a source is sick.
    """

    known_at: datetime
    kind: HappeningKind
    event: Event | None = None
    outage: Outage | None = None
    operators: tuple[Operator, ...] = ()
    sickness: Sickness | None = None


def advance(store: Store, batch: Batch, before: Picture) -> tuple[Picture, list[Happening]]:
    """Take one batch in: store it, detect, and say what changed.

    Raises:
        StoreError: the store could not be read or written.
    """
    store.append(
        batch.observations,
        signals=batch.signals,
        origin=batch.origin,
        entities=batch.entities,
        known_at=batch.known_at,
    )
    detection = run_detection(store, until=batch.known_at, known_at=batch.known_at)
    picture = picture_of(detection, batch.known_at)
    return picture, compare(before, picture)


def replay(
    store: Store,
    batches: Iterable[Batch],
    *,
    tell: Callable[[Picture, list[Happening]], None],
    start: Picture | None = None,
) -> Picture | None:
    """Take batches in, one after another, and tell after each what it changed.

    Args:
        store: where everything is kept.
        batches: in order of time.
        tell: called after each batch with what is known and what changed.
        start: what was known before the first batch.

    Returns:
        What is known in the end, or ``start`` where there was no batch.
    """
    picture = start
    for batch in batches:
        before = picture if picture is not None else Picture(batch.known_at)
        picture, happenings = advance(store, batch, before)
        tell(picture, happenings)
    return picture


def picture_of(detection: Detection, known_at: datetime) -> Picture:
    """What a detection says at a time."""
    statuses = status_of(detection.assessments, detection.outages, known_at)
    return Picture(
        known_at=known_at,
        events={event.id: event for event in detection.events if not event.retracted},
        outages={outage.id: outage for outage in detection.outages if not outage.retracted},
        sicknesses=tuple(detection.sicknesses),
        statuses={status.entity: status for status in statuses},
    )


def compare(before: Picture, after: Picture) -> list[Happening]:
    """What is in the later picture that was not in the earlier one."""
    at = after.known_at
    happenings = [
        Happening(at, "source sick", sickness=sickness)
        for sickness in _fresh_sicknesses(before, after)
    ]
    for id_, event in after.events.items():
        known = before.events.get(id_)
        if known is None:
            happenings.append(Happening(at, "event found", event=event))
        else:
            happenings += [Happening(at, kind, event=event) for kind in _changes(known, event)]
            happenings += [
                Happening(at, "connectivity back", event=event, outage=outage)
                for outage in _just_ended(event, before, after)
            ]
        down = _down_before(event, before)
        fresh = tuple(one for one in event.operators if one.entity not in down)
        if fresh and event.operators[0].entity != event.entity:
            happenings.append(Happening(at, "operators down", event=event, operators=fresh))
    happenings += [
        Happening(at, "event withdrawn", event=event)
        for id_, event in before.events.items()
        if id_ not in after.events and not _taken_up(event, after)
    ]
    return happenings


def _down_before(event: Event, before: Picture) -> set[str]:
    """The operators of an event that were known to be down, alone or within it."""
    alone = {one.entity for one in before.events.values()}
    known = before.events.get(event.id)
    return alone | ({one.entity for one in known.operators} if known else set())


def _taken_up(event: Event, after: Picture) -> bool:
    """Whether an event's outages now belong to another one, such as its country's."""
    members = set(event.outages)
    return any(members & set(other.outages) for other in after.events.values())


def _fresh_sicknesses(before: Picture, after: Picture) -> Iterator[Sickness]:
    """Those that overlap none that was known: a longer one is no other."""
    for sickness in after.sicknesses:
        if not any(
            known.signal == sickness.signal
            and known.start <= sickness.end
            and sickness.start <= known.end
            for known in before.sicknesses
        ):
            yield sickness


def _just_ended(event: Event, before: Picture, after: Picture) -> Iterator[Outage]:
    """The outages that the event's depth is read of, where they have an end since now."""
    for id_ in event.outages:
        outage, known = after.outages.get(id_), before.outages.get(id_)
        if (
            outage is not None
            and (outage.entity, outage.signal) == (event.entity, event.depth_signal)
            and outage.end is not None
            and (known is None or known.end is None)
        ):
            yield outage


def _changes(before: Event, after: Event) -> Iterator[HappeningKind]:
    if after.event_class != before.event_class:
        yield "class changed"
    elif after.depth_percent < before.depth_percent - _DEEPER:
        yield "event deepened"
    if after.recurrences > before.recurrences:
        yield "down again"
    if after.end is not None and before.end is None:
        yield "event ended"
