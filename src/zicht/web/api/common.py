"""Parameters that several operations have, and the terms under which data may be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.publish.language import LANGUAGES
from zicht.web.api.cursors import LONGEST
from zicht.web.api.parameters import (
    Parameter,
    matching,
    one_of,
    read_entity,
    read_instant,
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

_ENTITY = {
    "type": "string",
    "maxLength": 60,
    "pattern": (
        r"^(country/[A-Z]{2}|region/[A-Z]{2}-[A-Z0-9]{1,3}"
        r"|region/[A-Z]{2}/[a-z0-9]+(-[a-z0-9]+)*|asn/(0|[1-9][0-9]{0,8})(/[A-Z]{2})?)$"
    ),
}
_SIGNAL_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,79}"

ENTITIES = Parameter(
    name="entity",
    description=(
        "Only of this entity: country/KZ, region/KZ-75, asn/9198 or asn/9198/KZ. It may be given"
        " several times, or once with commas."
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
    schema={"type": "string", "pattern": f"^{_SIGNAL_PATTERN}$"},
    read=matching(_SIGNAL_PATTERN, "name of a signal"),
    many=True,
    default=(),
)
FROM = Parameter(
    name="from",
    description="Only what touches the time from here on (ISO 8601; UTC where no zone is named).",
    schema=time_schema(),
    read=read_instant,
    example="2022-01-05T00:00Z",
)
UNTIL = Parameter(
    name="until",
    description="Only what begins before this time.",
    schema=time_schema(),
    read=read_instant,
    example="2022-01-07T00:00Z",
)
AS_OF = Parameter(
    name="as_of",
    description=(
        "Tell only what was known here at this time. All pages of a list with the same as_of"
        " belong to one consistent picture."
    ),
    schema=time_schema(),
    read=read_instant,
    example="2022-01-05T12:00Z",
)
CURSOR = Parameter(
    name="cursor",
    description="Where the page begins; taken from the last page's next, and not to be made up.",
    schema={"type": "string", "pattern": f"^[A-Za-z0-9_-]{{1,{LONGEST}}}$"},
    read=matching(rf"[A-Za-z0-9_-]{{1,{LONGEST}}}", "cursor"),
)
LANGUAGE = Parameter(
    name="language",
    description="The language of texts and names.",
    schema={"type": "string", "enum": list(LANGUAGES)},
    read=one_of(*LANGUAGES),
    default="en",
    example="nl",
)
EVENT_ID = Parameter(
    name="id",
    description="The event's id; it is given once and never changes.",
    schema={"type": "string", "pattern": r"^[A-Za-z0-9._~-]{1,120}$"},
    read=matching(r"[A-Za-z0-9._~-]{1,120}", "event's id"),
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
