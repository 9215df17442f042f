"""Events and the evidence behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from zicht.errors import NotFoundError
from zicht.model.entity import parse_entity
from zicht.model.outage import Event, Outage

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from zicht.model.sighting import Sighting
    from zicht.store import Store


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """An event with the outages that it rests on.

    Attributes:
        event: the event.
        outages: its outages, in order of onset.
    """

    event: Event
    outages: tuple[Outage, ...]


def with_evidence(found: Evidence) -> dict[str, Any]:
    """The event's record, with the records of its outages as ``evidence`` beside its own fields."""
    outages = [msgspec.to_builtins(one, builtin_types=()) for one in found.outages]
    record: dict[str, Any] = msgspec.to_builtins(found.event, builtin_types=())
    return record | {"evidence": outages}


def list_events(
    store: Store,
    *,
    entities: Collection[str] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    as_of: datetime | None = None,
) -> list[Event]:
    """The events that touch a period, in order of onset.

    Args:
        store: the store.
        entities: only events of these, or in which one of these operators takes part.
        start: leave out what ended before.
        end: leave out what began at this time or later.
        as_of: what was known then.
    """
    wanted = None if entities is None else {str(parse_entity(text)) for text in entities}
    events = [
        event
        for event in store.events(as_of=as_of)
        if (wanted is None or wanted & {event.entity, *(one.entity for one in event.operators)})
        and (start is None or event.end is None or event.end[1] >= start)
        and (end is None or event.onset[0] < end)
    ]
    return sorted(events, key=lambda event: (event.onset, event.entity))


def list_sightings(
    store: Store,
    *,
    entities: Collection[str] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    as_of: datetime | None = None,
) -> list[Sighting]:
    """What other observatories say they saw in a period, by its start; see ``list_events``."""
    wanted = None if entities is None else {str(parse_entity(text)) for text in entities}
    return [
        one
        for one in store.sightings(as_of=as_of)
        if (wanted is None or one.entity in wanted)
        and (start is None or one.end is None or one.end >= start)
        and (end is None or one.start < end)
    ]


def evidence(store: Store, event_id: str, *, as_of: datetime | None = None) -> Evidence:
    """An event with its outages.

    Raises:
        NotFoundError: the store holds no such event.
    """
    events = store.events(as_of=as_of)
    for event in events:
        if event.id == event_id:
            members = set(event.outages)
            outages = [one for one in store.outages(as_of=as_of) if one.id in members]
            outages.sort(key=lambda one: (one.onset, one.id))
            return Evidence(event=event, outages=tuple(outages))
    known = ", ".join(event.id for event in events[-5:]) or "none"
    raise NotFoundError(
        f"There is no event {event_id!r}.",
        f"`zicht events` lists them; the last ones are: {known}."
        if events
        else "The store holds no event yet: `zicht detect` looks for them."
        if as_of is None
        else "Nothing was known here at that time: a recording is known from its import on.",
    )
