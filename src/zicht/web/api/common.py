"""Parameters that several operations have, and the terms under which data may be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.model.time import parse_time
from zicht.publish.language import LANGUAGES
from zicht.web.api.cursors import LONGEST
from zicht.web.api.parameters import (
    Parameter,
    read_entity,
    time_schema,
    whole_number,
)
from zicht.web.api.problems import ProblemError
from zicht.web.api.records import SourceTerms

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from zicht.model.outage import Event, Outage
    from zicht.model.signal import Origin, Signal
    from zicht.web.view import View

_ASN = (  # 32 bits
    "(0|[1-9][0-9]{0,8}|[1-3][0-9]{9}|4[01][0-9]{8}|42[0-8][0-9]{7}|429[0-3][0-9]{6}"
    "|4294[0-8][0-9]{5}|42949[0-5][0-9]{4}|429496[0-6][0-9]{3}|4294967[01][0-9]{2}"
    "|42949672[0-8][0-9]|429496729[0-5])"
)
_ENTITY = {
    "type": "string",
    "maxLength": 60,
    "pattern": (
        r"^([A-Za-z]{2}|country/[A-Z]{2}|region/[A-Z]{2}-[A-Z0-9]{1,3}"
        rf"|region/[A-Z]{{2}}/[a-z0-9]+(-[a-z0-9]+)*|(asn/|AS){_ASN}(/[A-Z]{{2}})?)$"
    ),
}
ENTITIES = Parameter(
    name="entity",
    description=(
        "Only of this entity: country/KZ (or KZ), region/KZ-75, asn/9198 or asn/9198/KZ. It may be"
        " given several times, or once with commas."
    ),
    schema=_ENTITY,
    read=read_entity,
    many=True,
    default=(),
    example="country/KZ",
)
ENTITY = Parameter(
    name="entity",
    description="The entity: country/KZ, region/KZ-75, asn/9198 or asn/9198/KZ.",
    schema=_ENTITY,
    read=read_entity,
    required=True,
    example="country/KZ",
)
SIGNALS = Parameter(
    name="signal",
    description="Only of this signal; it may be given several times, or once with commas.",
    schema={"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$"},
    read=str,
    many=True,
    default=(),
)
FROM = Parameter(
    name="from",
    description="Only what touches the time from here on (ISO 8601; UTC where no zone is named).",
    schema=time_schema(),
    read=parse_time,
    example="2022-01-05T00:00Z",
)
UNTIL = Parameter(
    name="until",
    description="Only what begins before this time.",
    schema=time_schema(),
    read=parse_time,
    example="2022-01-07T00:00Z",
)
AS_OF = Parameter(
    name="as_of",
    description=(
        "Tell only what was known here at this time. All pages of a list with the same as_of"
        " belong to one consistent picture."
    ),
    schema=time_schema(),
    read=parse_time,
    example="2022-01-05T12:00Z",
)
CURSOR = Parameter(
    name="cursor",
    description="Where the page begins; taken from the last page's next, and not to be made up.",
    schema={"type": "string", "pattern": f"^[A-Za-z0-9_-]{{1,{LONGEST}}}$"},
    read=str,
)
LANGUAGE = Parameter(
    name="language",
    description="The language of texts and names.",
    schema={"type": "string", "enum": list(LANGUAGES)},
    read=str,
    default="en",
    example="nl",
)
EVENT_ID = Parameter(
    name="id",
    description="The event's id; it is given once and never changes.",
    schema={"type": "string", "pattern": r"^[A-Za-z0-9._~-]{1,120}$"},
    read=str,
    where="path",
    required=True,
)


def limit(default: int, most: int) -> Parameter:
    """How many things stand on a page."""
    return Parameter(
        name="limit",
        description=f"How many stand on a page: at most {most}.",
        schema={"type": "integer", "minimum": 1, "maximum": most, "default": default},
        read=whole_number(1, most),
        default=default,
    )


def check_order(start: datetime | None, until: datetime | None) -> None:
    """Refuse a time that ends before it begins.

    Raises:
        ProblemError: it does.
    """
    if start is not None and until is not None and start >= until:
        raise ProblemError(
            "bad-parameter",
            "from is not before until.",
            "Give a from that is earlier than until.",
            parameter="from",
        )


def terms_of_events(events: Iterable[Event]) -> tuple[SourceTerms, ...]:
    """The terms of all that events rest on, each once."""
    found = {
        one: SourceTerms(
            signal=one.signal, licence=one.licence, citation=one.citation, simulated=one.simulated
        )
        for event in events
        for one in event.sources
    }
    return tuple(sorted(found.values(), key=lambda one: (one.signal, one.citation)))


def terms_of_outages(view: View, outages: Collection[Outage]) -> tuple[SourceTerms, ...]:
    """The terms of the signals of outages, as their events say, else as their signals do."""
    wanted = {one.id for one in outages}
    signals = {one.signal for one in outages}
    events = [event for event in view.events if not wanted.isdisjoint(event.outages)]
    told = [one for one in terms_of_events(events) if one.signal in signals]
    missing = signals - {one.signal for one in told}
    simulated = {one.signal for one in outages if one.simulated}
    return (*told, *terms_of_signals(view.signals, missing, simulated=simulated))


def terms_of_signals(
    signals: Mapping[str, Signal], names: Collection[str], *, simulated: Collection[str] = ()
) -> tuple[SourceTerms, ...]:
    """The terms that the specs of signals name; ``simulated`` are the names of the lab's."""
    return tuple(
        SourceTerms(
            signal=name,
            licence=signals[name].licence,
            citation=signals[name].citation,
            simulated=name in simulated,
        )
        for name in sorted(names)
        if name in signals
    )


def terms_of_origins(told: Iterable[tuple[str, Iterable[Origin]]]) -> tuple[SourceTerms, ...]:
    """The terms of signals by the origins of their values, which say it best."""
    found = {
        SourceTerms(
            signal=signal, licence=one.licence, citation=one.citation, simulated=one.simulated
        )
        for signal, origins in told
        for one in origins
    }
    return tuple(sorted(found, key=lambda one: (one.signal, one.citation, one.licence)))
