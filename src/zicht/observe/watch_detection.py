"""Detection for a watch: over the last weeks alone, so that what it needs does not grow for ever.

What ended before that is left as it was found.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from zicht.detect.detection import Detection, detect
from zicht.model.outage import Event, Outage
from zicht.observe.detection import chosen_entities, clocks_of
from zicht.observe.explaining import explained
from zicht.observe.facts import known_facts
from zicht.observe.watch_scope import lasts_until

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from zicht.model.entity import EntityFact
    from zicht.observe.explaining import Premises
    from zicht.observe.watch_history import History
    from zicht.observe.watch_scope import Scope
    from zicht.store import Store

READ = timedelta(days=56)
"""How far back series are read: expectations remember four weeks (``MEMORY_DAYS``, ``USUAL_DAYS``),
and what is found in the four weeks after them rests on as much as it ever will."""

FOUND = timedelta(days=28)
"""How far back findings are written and revised."""

_NEAR = timedelta(days=7)  # an end may move by that much across the edge without a second outage

_Record = TypeVar("_Record", Outage, Event)


def detect_recent(
    store: Store,
    entities: Collection[str] | None,
    *,
    now: datetime,
    known_at: datetime,
    premises: Premises | None = None,
) -> Detection:
    """Detect over the last weeks of what the store holds, explain, and write back what was found.

    An outage that began before the time that findings are written of is not retracted, for what
    it was told from is not all read any more.

    Args:
        store: the store.
        entities: countries, regions or operators; a country brings its operators and regions.
            ``None`` means all, which alone tells whether a source is sick.
        now: the time.
        known_at: when the result counts as known.
        premises: what the user brings to explanations.

    Raises:
        StoreError: the store cannot be read or written.
    """
    edge = now - FOUND
    facts = known_facts(store)
    chosen = chosen_entities(store, entities, facts)
    series_list = store.read_all(
        entities=None if entities is None else sorted(chosen), start=now - READ
    )
    detection = detect(
        series_list,
        facts,
        known_outages=_of(store.outages(), chosen, edge - _NEAR),
        known_events=_of(store.events(), chosen, edge - _NEAR),
        known_sicknesses=() if entities is None else store.sicknesses(),
        clocks=clocks_of(series_list, facts),
    )
    detection = explained(store, detection, facts, premises)
    store.write_detection(
        outages=_within((*detection.outages, *detection.blocks.outages), edge),
        events=_within((*detection.events, *detection.blocks.events), edge),
        sicknesses=(*detection.sicknesses, *detection.blocks.sicknesses),
        known_at=known_at,
    )
    return detection


def detect_scope(  # noqa: PLR0913 - what a look knows
    store: Store,
    scope: Scope,
    history: History,
    *,
    facts: Mapping[str, EntityFact],
    watched: Collection[str],
    place_of: Callable[[str], str],
    as_of: datetime | None,
    now: datetime,
    platforms: bool,
    whole: bool,
    premises: Premises | None,
) -> Detection:
    """Detect over the last weeks of some entities, and write back what was found of late.

    Args:
        store: the store.
        scope: whom to look at, and how far back what is found may change.
        history: their last weeks, as far as they are at hand.
        facts: what is known of entities, by their text.
        watched: all entities that are measured.
        place_of: the text of an entity's country; of one without a country, its own.
        as_of: the end of the data of all entities.
        now: the time; the result counts as known then.
        platforms: whether to look at single services too, of everybody.
        whole: whether the entities are enough to tell whether a source is sick.
        premises: what the user brings to explanations.

    Raises:
        StoreError: the store cannot be read or written.
    """
    edge = now - FOUND
    signals = store.signals()
    telling = [name for name, one in signals.items() if one.tells_outages]
    services = {name for name, one in signals.items() if one.platform or one.throughput}
    series = history.read(store, scope.entities, now - READ, signals=telling)
    if platforms and services:
        series += store.read_all(signals=services, start=now - READ)

    def of_services(one: Outage | Event) -> bool:
        signal = one.signal if isinstance(one, Outage) else one.depth_signal
        return signal in services

    def is_meant(one: Outage | Event) -> bool:
        return platforms if of_services(one) else one.entity in scope.entities

    def is_late_enough(one: Outage | Event) -> bool:
        return of_services(one) or lasts_until(one, scope.edges.get(place_of(one.entity), edge))

    detection = detect(
        series,
        facts,
        as_of=as_of,
        known_outages=[
            one for one in store.outages() if is_meant(one) and lasts_until(one, edge - _NEAR)
        ],
        known_events=[
            one for one in store.events() if is_meant(one) and lasts_until(one, edge - _NEAR)
        ],
        known_sicknesses=store.sicknesses(),
        clocks=clocks_of(series, facts),
        whole=whole,
        others=[
            one
            for one in store.outages()
            if one.entity not in scope.entities and one.signal not in services
        ],
    )
    detection = explained(store, detection, facts, premises, watched=watched)
    outages = _within((*detection.outages, *detection.blocks.outages), edge)
    events = _within((*detection.events, *detection.blocks.events), edge)
    store.write_detection(
        outages=[one for one in outages if is_late_enough(one)],
        events=[one for one in events if is_late_enough(one)],
        sicknesses=(*detection.sicknesses, *detection.blocks.sicknesses),
        known_at=now,
    )
    return detection


def _of(records: Iterable[_Record], chosen: set[str], since: datetime) -> list[_Record]:
    return [one for one in records if one.entity in chosen and lasts_until(one, since)]


def _within(records: Iterable[_Record], edge: datetime) -> list[_Record]:
    return [
        one
        for one in records
        if lasts_until(one, edge) and not (one.retracted and one.onset[0] < edge)
    ]
