"""Outages that Cloudflare Radar's people annotated: ``/annotations/outages``.

Read after the API's public documentation and an answer that a client's tests quote. An annotation
names countries and, where networks alone were hit, their numbers; its times, its cause and its text
are people's words.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import InputError
from zicht.model.sighting import Sighting
from zicht.model.time import to_microseconds
from zicht.sources.answers import decode
from zicht.sources.radar.reading import TITLE, read_result
from zicht.sources.words import EARLIEST, LATEST

if TYPE_CHECKING:
    from zicht.sources.service import Answer

_CODE = re.compile(r"[A-Za-z]{2}")
_LONGEST = 1000  # characters of a text


class _Outage(msgspec.Struct, rename="camel"):
    outage_cause: str | None = None
    outage_type: str | None = None


class _Annotation(msgspec.Struct, rename="camel"):
    id: str
    start_date: str
    locations: list[str]
    asns: list[int]
    end_date: str | None = None
    event_type: str = "OUTAGE"
    data_source: str = ""
    description: str | None = None
    scope: str | None = None
    linked_url: str | None = None
    outage: _Outage | None = None


class _Result(msgspec.Struct):
    annotations: list[_Annotation]


def read_annotations(answer: Answer, licence: str, citation: str) -> tuple[Sighting, ...]:
    """The outages of an answer: of the networks that are named, else of the countries.

    Raises:
        InputError: it is no such answer.
    """
    found = decode(read_result(answer), _Result, name=answer.name, service=TITLE).annotations
    sightings: list[Sighting] = []
    for one in found:
        networks = [f"asn/{asn}" for asn in one.asns if 0 < asn < 2**32]
        countries = [f"country/{code.upper()}" for code in one.locations if _CODE.fullmatch(code)]
        sightings += [
            _sighting(one, entity, answer.name, licence, citation)
            for entity in dict.fromkeys(networks or countries)
        ]
    return tuple(sightings)


def count_annotations(answer: Answer) -> int:
    """How many annotations an answer has."""
    result = decode(read_result(answer), _Result, name=answer.name, service=TITLE)
    return len(result.annotations)


def _sighting(one: _Annotation, entity: str, name: str, licence: str, citation: str) -> Sighting:
    said = ". ".join(text.strip(" .") for text in (one.description, one.scope) if text)
    return Sighting(
        id=f"radar/{one.id[:40]}/{entity}",
        source="radar",
        entity=entity,
        start=_time(one.start_date, name),
        end=None if one.end_date is None else _time(one.end_date, name),
        seen_in=one.data_source,
        cause=one.outage.outage_cause if one.outage else None,
        description=said[:_LONGEST],
        link=(one.linked_url or "")[:_LONGEST],
        licence=licence,
        citation=citation,
    )


def _time(text: str, name: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        known = EARLIEST <= to_microseconds(time) < LATEST
    except (ValueError, OverflowError):
        known = False
    if not known:
        raise InputError(
            f"{name} has {text[:40]!r} for startDate or endDate, which is no time.",
            "The service may have changed.",
        )
    return time
