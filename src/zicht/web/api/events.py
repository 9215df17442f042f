"""Events and outages: lists, and one event with all that it rests on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from zicht.model.outage import Event, Outage, Source
from zicht.model.time import format_time
from zicht.publish.export import event_table, outage_table
from zicht.publish.letters import tame
from zicht.web.api import common
from zicht.web.api.cursors import question_of, read_cursor, write_cursor
from zicht.web.api.formats import Answer
from zicht.web.api.operations import Operation
from zicht.web.api.parameters import Parameter, read_flag
from zicht.web.api.problems import ProblemError
from zicht.web.api.records import EventDetails, EventRevision, Events, Outages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zicht.web.desk import Desk
    from zicht.web.view import View

_MOST = 500
_RecordT = TypeVar("_RecordT", Event, Outage)

ONGOING = Parameter(
    name="ongoing",
    description="true: only what goes on, or may; false: only what has ended.",
    schema={"type": "string", "enum": ["true", "false"]},
    read=read_flag,
    example="true",
)
_FILTERS = (common.ENTITIES, common.FROM, common.UNTIL, ONGOING, common.AS_OF)
_PAGING = (common.limit(100, _MOST), common.CURSOR)


def list_events(desk: Desk, asked: dict[str, Any]) -> Answer:
    """A page of events."""
    view = desk.view(asked["as_of"])
    wanted = set(asked["entity"])
    found = [
        one
        for one in view.events
        if touches(one, asked)
        and (not wanted or wanted & {one.entity, *(part.entity for part in one.operators)})
    ]
    found, after = _page("events", desk, found, asked)
    page = [tamed(one) for one in found]
    data = Events(
        data=tuple(page),
        simulated=any(one.simulated for one in page),
        sources=common.terms_of_events(page),
        as_of=asked["as_of"],
    )
    return Answer(data=data, table=lambda: event_table(page), after=after)


def list_outages(desk: Desk, asked: dict[str, Any]) -> Answer:
    """A page of outages."""
    view = desk.view(asked["as_of"])
    wanted, signals = set(asked["entity"]), set(asked["signal"])
    event = None if asked["event"] is None else event_of(desk, asked | {"id": asked["event"]})
    found = [
        one
        for one in view.outages.values()
        if not one.retracted
        and (event is None or one.id in event.outages)
        and touches(one, asked)
        and (not wanted or one.entity in wanted)
        and (not signals or one.signal in signals)
    ]
    page, after = _page("outages", desk, found, asked)
    data = Outages(
        data=tuple(page),
        simulated=any(one.simulated for one in page),
        sources=common.terms_of_outages(view, page),
        as_of=asked["as_of"],
    )
    return Answer(data=data, table=lambda: outage_table(page, sources_of(view, page)), after=after)


def show_event(desk: Desk, asked: dict[str, Any]) -> Answer:
    """One event, retracted or not, with its outages and its earlier revisions."""
    event = event_of(desk, asked)
    view = desk.view(asked["as_of"])
    members = [view.outages[name] for name in event.outages if name in view.outages]
    as_of = asked["as_of"]
    revisions = tuple(
        EventRevision(known_at=one.known_at, retracted=one.retracted, event=tamed(one.record))
        for one in desk.store.event_revisions(event.id)
        if as_of is None or one.known_at <= as_of
    )
    data = EventDetails(
        data=tamed(event),
        evidence=tuple(members),
        revisions=revisions,
        simulated=event.simulated,
        sources=common.terms_of_events([event]),
        as_of=as_of,
    )
    return Answer(data=data, table=lambda: event_table([tamed(event)]))


def tamed(event: Event) -> Event:
    """An event with the names that others gave made short, and without letters that are not seen.

    All else in it is ours.
    """
    operators = tuple(
        one if one.name is None else msgspec.structs.replace(one, name=tame(one.name))
        for one in event.operators
    )
    return msgspec.structs.replace(event, operators=operators)


def event_of(desk: Desk, asked: Mapping[str, Any]) -> Event:
    """The event that ``id`` names.

    Raises:
        ProblemError: there is none.
    """
    event = desk.view(asked["as_of"]).event(asked["id"])
    if event is None:
        raise ProblemError(
            "not-found",
            f"There is no event {asked['id']!r} here.",
            "/api/v1/events lists them."
            if asked["as_of"] is None
            else "Perhaps it was not known yet at that time: ask without as_of.",
        )
    return event


def sources_of(view: View, outages: Sequence[Outage]) -> dict[str, Source]:
    """Where each outage's evidence comes from, by its id, as its event says."""
    of_event = {
        (outage, source.signal): source
        for event in view.events
        for outage in event.outages
        for source in event.sources
    }
    pairs = {one.id: (one.id, one.signal) for one in outages}
    return {name: of_event[pair] for name, pair in pairs.items() if pair in of_event}


def touches(one: Event | Outage, asked: Mapping[str, Any]) -> bool:
    """Whether a record touches ``from`` to ``until``, and goes on where ``ongoing`` asks so.

    Raises:
        ProblemError: the time ends before it begins.
    """
    common.check_order(asked["from"], asked["until"])
    return (
        (asked["from"] is None or one.end is None or one.end[1] >= asked["from"])
        and (asked["until"] is None or one.onset[0] < asked["until"])
        and (asked["ongoing"] is None or (one.end is None) is asked["ongoing"])
    )


def _page(
    what: Literal["events", "outages"],
    desk: Desk,
    found: Sequence[_RecordT],
    asked: Mapping[str, Any],
) -> tuple[list[_RecordT], str | None]:
    """The page behind the cursor, and the cursor of the next one.

    The order is that of the onsets as they were first stored, which no revision changes.
    """
    first = desk.store.first_onsets(what)
    keys = {one.id: (format_time(first.get(one.id, one.onset[0])), one.id) for one in found}
    question = question_of(what, asked)
    behind = None
    if asked["cursor"] is not None:
        time, name = read_cursor(asked["cursor"], question, parts=2)
        behind = (time, name)
    rest = sorted(
        (one for one in found if behind is None or keys[one.id] < behind),
        key=lambda one: keys[one.id],
        reverse=True,
    )
    page = rest[: asked["limit"]]
    after = write_cursor(question, list(keys[page[-1].id])) if len(rest) > len(page) else None
    return page, after


EVENTS = Operation(
    path="/api/v1/events",
    name="listEvents",
    summary="Events: outages of entities and signals that belong together",
    description=(
        "The newest revision of each event, those first that were found to begin last. Retracted"
        " ones are left out; asked by their id they are told, and say so."
    ),
    record=Events,
    handle=list_events,
    parameters=(*_FILTERS, *_PAGING),
    formats=("json", "csv", "arrow"),
)
EVENT = Operation(
    path="/api/v1/events/{id}",
    name="showEvent",
    summary="One event with its outages and everything that was said of it before",
    description="A retracted event is told too, and says so. CSV and Arrow hold the event alone.",
    record=EventDetails,
    handle=show_event,
    parameters=(common.EVENT_ID, common.AS_OF),
    formats=("json", "csv", "arrow"),
)
OF_EVENT = replace(
    common.EVENT_ID,
    name="event",
    description="Only the outages of this event.",
    where="query",
    required=False,
)
OUTAGES = Operation(
    path="/api/v1/outages",
    name="listOutages",
    summary="Outages: stretches in which one signal of an entity is below ordinary",
    description="The newest revision of each outage, those first that were found to begin last.",
    record=Outages,
    handle=list_outages,
    parameters=(common.ENTITIES, common.SIGNALS, OF_EVENT, *_FILTERS[1:], *_PAGING),
    formats=("json", "csv", "arrow"),
)
OPERATIONS = (EVENTS, EVENT, OUTAGES)
