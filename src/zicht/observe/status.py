"""The state of entities, now or at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.detect.status import status_of
from zicht.observe.detection import detect_in_store

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from zicht.model.belief import Assessment
    from zicht.model.health import Sickness
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
        at: the time; by default the end of the last bin, or of the last sickness after it.
        as_of: take only what was known then.

    Raises:
        StoreError: the store cannot be read.
    """
    detection = detect_in_store(store, entities=entities, until=at, as_of=as_of)
    sick = [one for one in store.sicknesses(as_of=as_of) if at is None or one.start < at]
    time = at or max([detection.as_of, *(one.end for one in _of(detection.assessments, sick))])
    return status_of(detection.assessments, detection.outages, time, sick)


def _of(assessments: Iterable[Assessment], sick: Iterable[Sickness]) -> list[Sickness]:
    """The sicknesses of the signals that are shown: after the last value all may be unknown."""
    signals = {one.series.signal.name for one in assessments}
    return [one for one in sick if one.signal in signals]
