"""Outages that IODA found: ``/outages/events`` of its API, version 2.

Read after its documentation and an answer that a client's tests quote: a list of records with
``location`` (``country/TO``), ``start`` and ``duration`` in seconds, ``datasource``, ``method`` and
``score``. The end of one that goes on is the last data.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from zicht.errors import InputError, UsageError
from zicht.model.entity import parse_entity
from zicht.model.sighting import Sighting
from zicht.place.regions import ioda_region
from zicht.sources.answers import check_time, decode
from zicht.sources.ioda.api import SERVICE
from zicht.sources.ioda.signals import CITATION, LICENCE


class _Event(msgspec.Struct):
    location: str
    start: int
    duration: int
    datasource: str
    method: str | None = None
    score: float | None = None
    overlaps_window: bool | None = None


class _Answer(msgspec.Struct):
    data: list[_Event] | None
    error: str | None = None


def parse_events(data: bytes, *, name: str) -> tuple[Sighting, ...]:
    """Read the outages of an answer; those of entities that are not known here are left out.

    Raises:
        InputError: it is no such answer, or says that something was wrong.
    """
    answer = decode(data, _Answer, name=name, service=SERVICE)
    if answer.error:
        raise InputError(f"IODA answers to {name}: {answer.error}.", "Ask for something else.")
    found: dict[str, Sighting] = {}
    for event in answer.data or ():
        entity = _entity(event.location)
        if entity is None:
            continue
        start = check_time(event.start, name=name, field="start")
        end = check_time(event.start + event.duration, name=name, field="duration")
        score = "" if event.score is None else f"score {event.score:.0f}"
        one = Sighting(
            id=f"ioda/{entity}/{event.datasource}/{event.method}/{start}",
            source="ioda",
            entity=entity,
            start=datetime.fromtimestamp(start, UTC),
            end=None if event.overlaps_window else datetime.fromtimestamp(end, UTC),
            seen_in=event.datasource,
            description=score,
            licence=LICENCE,
            citation=CITATION,
        )
        found[one.id] = one
    return tuple(found.values())


def _entity(location: str) -> str | None:
    """The entity of a location; ``None`` where it is not known which that is."""
    kind, _, code = location.partition("/")
    if kind == "region":
        region = ioda_region(int(code[:9])) if code.isascii() and code.isdecimal() else None
        return None if region is None else f"region/{region}"
    try:
        return str(parse_entity(location))
    except UsageError:
        return None
