"""Feeds of events (Atom, RFC 4287): of all, and of each country."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zicht.model.alert import Alert
from zicht.observe.pictures import local_time
from zicht.publish.alerts.atom import feed
from zicht.publish.alerts.text import event_text, event_title
from zicht.publish.bulletin import Context
from zicht.publish.language import language
from zicht.web.addresses import entity_page, event_page
from zicht.web.api import common
from zicht.web.api.formats import Answer
from zicht.web.api.operations import Operation
from zicht.web.api.parameters import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zicht.model.alert import AlertKind
    from zicht.model.outage import Event
    from zicht.publish.language import Language
    from zicht.store.records import Stored
    from zicht.web.desk import Desk
    from zicht.web.view import View

_EVENTS = 40
_ENTRIES = 100

COUNTRY = Parameter(
    name="country",
    description="The country's code (ISO 3166-1 alpha-2).",
    schema={"type": "string", "pattern": "^[A-Z]{2}$"},
    read=str,
    where="path",
    required=True,
    example="KZ",
)


def show_feed(desk: Desk, asked: dict[str, Any]) -> Answer:
    """The newest events: an entry when one was found, when it ended, and when it was retracted."""
    view = desk.view()
    words = language(asked["language"])
    country = asked.get("country")
    entity = None if country is None else f"country/{country}"
    title = "Zicht" if country is None else f"Zicht: {words.country(country)}"
    told = [one for event in _newest(view, country) for one in _entries(desk, event, words)]
    told.sort(key=lambda one: (one.made_at, one.id), reverse=True)
    body = feed(
        told[:_ENTRIES],
        title=title,
        language=words.code,
        empty_since=view.time,
        site=entity_page(entity) if entity is not None else "/",
        address_of=lambda one: event_page(one.subject),
    )
    return Answer(data=None, bodies={"atom": lambda: body})


def _newest(view: View, country: str | None) -> list[Event]:
    found = [
        one
        for one in (*view.events, *view.retracted.values())
        if country is None or view.country_of(one.entity) == country
    ]
    return sorted(found, key=lambda one: one.onset, reverse=True)[:_EVENTS]


def _entries(desk: Desk, event: Event, words: Language) -> Iterator[Alert]:
    view = desk.view()
    titles = {name: signal.title for name, signal in view.signals.items()}
    context = Context(words, local_time(words, event.entity, view.facts), view.facts, titles)
    revisions = desk.store.event_revisions(event.id)
    for number, (stored, kind) in enumerate(worth_telling(revisions), 1):
        one = stored.record
        yield Alert(
            id=f"feed {one.id} {number} {kind}",
            channel="feed",
            subject=one.id,
            number=number,
            kind=kind,
            entity=one.entity,
            title=event_title(one, kind, context),
            text=event_text(one, context, name_operators=True),
            event=one,
            simulated=one.simulated,
            made_at=stored.known_at,
            state="delivered",
            not_before=stored.known_at,
        )


def worth_telling(
    revisions: Sequence[Stored[Event]],
) -> Iterator[tuple[Stored[Event], AlertKind]]:
    """The revisions that say something new: a beginning, an end, a return, a retraction."""
    before: Event | None = None
    for one in revisions:
        event = one.record
        if event.retracted:
            if before is not None and not before.retracted:
                yield one, "retracted"
        elif before is None or before.retracted:
            yield one, "new" if event.end is None else "end"
        elif (before.end is None) != (event.end is None):
            yield one, "end" if event.end is not None else "update"
        before = event


ALL = Operation(
    path="/feeds/all.atom",
    name="showFeed",
    summary="A feed of the newest events",
    description="Atom (RFC 4287): an entry when an event is found, ends, goes on, or is retracted.",
    record=None,
    handle=show_feed,
    parameters=(common.LANGUAGE,),
    formats=("atom",),
)
OF_A_COUNTRY = Operation(
    path="/feeds/country/{country}.atom",
    name="showCountryFeed",
    summary="A feed of the newest events of a country",
    description="Atom (RFC 4287); a country of which nothing is known has an empty feed.",
    record=None,
    handle=show_feed,
    parameters=(COUNTRY, common.LANGUAGE),
    formats=("atom",),
)
OPERATIONS = (ALL, OF_A_COUNTRY)
