"""IODA's API as a service: raw signals of countries, regions and operators, and its outages.

Its documentation is its own address. Nothing is said there of how often one may ask, so one request
goes out a second at most, of up to twenty entities at once; a week of values comes at IODA's own
step. How long values change after their bin is not stated either; the newest are often low.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pyarrow as pa

from zicht.errors import UsageError
from zicht.model.series import OBSERVATIONS
from zicht.place.regions import ioda_number
from zicht.sources.ioda.api import parse_answer
from zicht.sources.ioda.events import parse_events
from zicht.sources.ioda.signals import BGP, GOOGLE, MERIT_TELESCOPE, PING
from zicht.sources.parsed import Parsed
from zicht.sources.service import Piece, Request, Service, query, windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from zicht.model.entity import Entity
    from zicht.sources.service import Answer

_ASKED = ("bgp", "ping-slash24", "merit-nt", "gtr")  # the UCSD telescope has ceased
_AT_ONCE = 20
_MOST_EVENTS = 2000
_WEEK = timedelta(days=7)  # 2,016 values of five minutes; of more IODA makes a coarser step


def _plan(
    entities: Sequence[Entity], start: datetime, end: datetime, address: str
) -> Iterator[Piece]:
    for begin, until in windows(start, end, _WEEK):
        for kind in ("country", "region", "asn"):
            own = [one for one in entities if one.type == kind]
            for first in range(0, len(own), _AT_ONCE):
                some = own[first : first + _AT_ONCE]
                yield Piece(
                    tuple(str(one) for one in some),
                    begin,
                    until,
                    (
                        *(_request(address, kind, some, begin, until, name) for name in _ASKED),
                        _events(address, kind, some, begin, until),
                    ),
                )


def _request(
    address: str,
    kind: str,
    entities: Sequence[Entity],
    start: datetime,
    end: datetime,
    datasource: str,
) -> Request:
    codes = ",".join(_code(one) for one in entities)
    return Request(
        query(
            address,
            f"signals/raw/{kind}/{codes}",
            from_=int(start.timestamp()),
            until=int(end.timestamp()),
            datasource=datasource,
        )
    )


def _events(
    address: str, kind: str, entities: Sequence[Entity], start: datetime, end: datetime
) -> Request:
    """Of several entities those of all are asked for, which is one request too."""
    return Request(
        query(
            address,
            "outages/events",
            entityType=kind,
            entityCode=_code(entities[0]) if len(entities) == 1 else None,
            from_=int(start.timestamp()),
            until=int(end.timestamp()),
            limit=_MOST_EVENTS,
        ),
        topic="events",
    )


def _code(entity: Entity) -> str:
    if entity.type == "region":
        number = ioda_number(entity.code)
        if number is None:
            raise UsageError(
                f"IODA's number of {entity} is not known here.",
                "Ask for its country; docs/places.md tells of regions.",
            )
        return str(number)
    if entity.type == "asn" and entity.country is not None:
        raise UsageError(
            f"IODA tells of operators as a whole, not of {entity}.", f"Ask for asn/{entity.asn}."
        )
    return entity.code


def _parse(piece: Piece, answers: Sequence[Answer]) -> Parsed:
    events = [one for one in answers if one.request.topic == "events"]
    signals = [one for one in answers if one.request.topic != "events"]
    parsed = [parse_answer(one.data, name=one.name) for one in signals]
    said = [event for one in events for event in parse_events(one.data, name=one.name)]
    tables = [one.observations for one in parsed]
    table = pa.concat_tables(tables) if tables else OBSERVATIONS.empty_table()
    return Parsed(
        observations=table,
        signals=tuple({signal.name: signal for one in parsed for signal in one.signals}.values()),
        entities=tuple({fact.entity: fact for one in parsed for fact in one.entities}.values()),
        notes=tuple(dict.fromkeys(note for one in parsed for note in one.notes)),
        sightings=tuple(one for one in said if one.entity in piece.entities) if events else None,
    )


def _sample(address: str, now: datetime) -> Request:
    hour = timedelta(hours=1)
    begin, until = int((now - 3 * hour).timestamp()), int(now.timestamp())
    return Request(
        query(address, "signals/raw/country/NL", from_=begin, until=until, datasource="bgp")
    )


SERVICE = Service(
    name="ioda",
    title="IODA",
    address="https://api.ioda.inetintel.cc.gatech.edu/v2",
    documentation="https://api.ioda.inetintel.cc.gatech.edu/v2/",
    signals=(BGP, PING, MERIT_TELESCOPE, GOOGLE),
    types=frozenset({"country", "region", "asn"}),
    cadence=timedelta(minutes=10),
    settling=timedelta(minutes=30),
    revised=timedelta(days=2),
    longest=_WEEK,
    pace=1.0,
    plan=_plan,
    parse=_parse,
    sample=_sample,
)
