"""Detection for a watch: over the last weeks alone, so that what it needs does not grow for ever.

What ended before that is left as it was found.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from zicht.detect.detection import Detection, detect
from zicht.model.outage import Event, Outage
from zicht.observe.detection import chosen_entities, clocks_of, known_facts
from zicht.observe.explaining import explained

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from zicht.observe.explaining import Premises
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


def _of(records: Iterable[_Record], chosen: set[str], since: datetime) -> list[_Record]:
    return [one for one in records if one.entity in chosen and _lasts_until(one, since)]


def _within(records: Iterable[_Record], edge: datetime) -> list[_Record]:
    return [
        one
        for one in records
        if _lasts_until(one, edge) and not (one.retracted and one.onset[0] < edge)
    ]


def _lasts_until(one: Outage | Event, time: datetime) -> bool:
    return one.end is None or one.end[1] >= time
