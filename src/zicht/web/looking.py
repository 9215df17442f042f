"""Detection for a page: of one entity, over the weeks that matter; nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.detect.detection import Detection, detect
from zicht.observe.detection import chosen_entities, clocks_of
from zicht.observe.facts import known_facts
from zicht.observe.watch_detection import FOUND

if TYPE_CHECKING:
    from datetime import datetime

    from zicht.store import Store


def basis_of(store: Store, start: datetime | None, until: datetime | None) -> int:
    """A number that is another one once anything is stored on which a detection rests.

    What is stored of a later time than ``until`` is no reason to detect anew.
    """
    return hash(store.basis(start=None if start is None else start - FOUND, end=until))


def detect_from(
    store: Store,
    entity: str,
    *,
    as_of: datetime | None = None,
    start: datetime | None = None,
    until: datetime | None = None,
) -> Detection:
    """What detection says of an entity from ``start`` on; it learns from the weeks before.

    Args:
        store: the store.
        entity: its text; a country brings its operators and regions.
        as_of: take only what was known then.
        start: by default the begin of the data.
        until: take only bins that begin before this time.

    Raises:
        StoreError: the store cannot be read.
    """
    facts = known_facts(store)
    chosen = chosen_entities(store, [entity], facts)
    series = store.read_all(
        entities=sorted(chosen),
        start=None if start is None else start - FOUND,
        end=until,
        as_of=as_of,
    )
    return detect(
        series,
        facts,
        known_outages=[one for one in store.outages(as_of=as_of) if one.entity in chosen],
        known_events=[one for one in store.events(as_of=as_of) if one.entity in chosen],
        known_sicknesses=store.sicknesses(as_of=as_of),
        clocks=clocks_of(series, facts),
    )
