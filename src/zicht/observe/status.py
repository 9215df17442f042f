"""The state of entities, now or at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.detect.status import status_of
from zicht.observe.detection import detect_in_store

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from zicht.model.status import Status
    from zicht.store import Store


def status(
    store: Store,
    *,
    entities: Collection[str] | None = None,
    at: datetime | None = None,
    as_of: datetime | None = None,
) -> list[Status]:
    """The state of entities at a time, from the data that had been measured by then.

    Args:
        store: the store.
        entities: countries, regions or operators; a country brings its operators and regions. By
            default all.
        at: the time; by default the end of the last bin.
        as_of: take only what was known then.

    Raises:
        StoreError: the store cannot be read.
    """
    detection = detect_in_store(store, entities=entities, until=at, as_of=as_of)
    return status_of(detection.assessments, detection.outages, at or detection.as_of)
