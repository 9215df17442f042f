"""The page of an event: what was seen, by what, how sure, what is not known, what to cite."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from zicht.errors import NotFoundError
from zicht.model.time import format_time
from zicht.publish.bulletin import margins, write_bulletin
from zicht.publish.bulletin_doubts import doubts
from zicht.publish.bulletin_formats import bulletin_markdown
from zicht.publish.chart_data import Window, make_panel
from zicht.publish.chart_spec import in_order
from zicht.publish.chart_time import offset
from zicht.publish.likelihood_words import Sides, likelihood_sentence, looks_like, sides
from zicht.publish.wording import KINDS, entity_name, kind_word
from zicht.web.event_pictures import EVENT_ROWS, pictures_of
from zicht.web.page import Page, page_route
from zicht.web.revisions import changes
from zicht.web.states import PLANES
from zicht.web.telling import context_of, short, told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from starlette.routing import BaseRoute

    from zicht.model.belief import Assessment
    from zicht.model.outage import Event, Operator, Outage
    from zicht.publish.chart_data import LocalTime, Panel
    from zicht.publish.language import Language
    from zicht.web.asked import Asked
    from zicht.web.desk import Desk


_SETTLED = timedelta(days=7)
"""What is later than this after an event has ended does not change how it is dated."""


def routes(desk: Desk) -> list[BaseRoute]:
    """The page of an event."""
    return [page_route(desk, "/event/{id}", event_page)]


@dataclass(frozen=True)
class _Seen:
    """The signals of an event's entity, as a chart shows them."""

    panels: Sequence[Panel]
    assessments: Sequence[Assessment]
    window: Window
    simulated: bool = field(default=False)


def event_page(asked: Asked) -> Page:
    """What is known of an event.

    Raises:
        NotFoundError: the store holds no such event, or did not at that time.
    """
    view, words = asked.view, asked.words
    event = view.event(asked.parts["id"])
    if event is None:
        raise NotFoundError(words.say("No event of that name is known here."))
    seen = _seen(asked, event)
    context = context_of(asked, event.entity)
    bulletin = write_bulletin(event, context, seen)
    return Page(
        template="event.html",
        live=True,
        title=bulletin.title,
        values={
            "told": told(asked, event),
            "event": event,
            "bulletin": bulletin,
            "doubts": list(doubts(event, context, seen.panels)),
            "markdown": bulletin_markdown(words, bulletin, None),
            "signal": context.signal,
            "local": context.local,
            "local_offset": _offset(context.local, event),
            "cite_time": format_time(asked.as_of or _known_at(asked, event)),
            "evidence": _evidence(asked, event),
            "operators": _operators(asked, event),
            "likelihood": _likelihood(words, event),
            "revisions": changes(asked, event),
            "short": partial(short, words),
            "pictures": pictures_of(asked, event, seen.panels, seen.assessments, seen.window),
        },
        beside={
            "JSON": asked.data("events", event.id),
            "CSV": asked.data("outages", event=event.id, format="csv"),
        },
    )


class _Likelihood(NamedTuple):
    """How much an event looks like an ordered shutdown, in words, with its marks."""

    looks: str
    sentence: str
    sides: Sides


def _likelihood(words: Language, event: Event) -> _Likelihood | None:
    told = event.shutdown_likelihood
    if told is None or told.at_onset is None:
        return None
    newest = told.after_end if told.after_end is not None else told.at_onset
    return _Likelihood(
        looks_like(words, newest), likelihood_sentence(words, told), sides(words, told)
    )


def _offset(local: LocalTime, event: Event) -> str:
    return f"{local.place}, {offset(event.onset[0], local.zone)}" if local.place else ""


def _known_at(asked: Asked, event: Event) -> datetime:
    """Since when the newest revision has been known; what is cited is that."""
    stored = asked.desk.store.event_revisions(event.id)
    return max((one.known_at for one in stored), default=event.as_of)


def _seen(asked: Asked, event: Event) -> _Seen:
    view, words = asked.view, asked.words
    before, after = margins(event)
    start = event.onset[0] - before
    last = (event.end[1] if event.end else event.as_of) + after
    until = view.time if event.end is None else min(view.time, last + _SETTLED)
    detection = asked.desk.detection(event.entity, asked.as_of, start=start, until=until)
    window = Window(start, max(min(last, detection.as_of), event.onset[1]))
    assessments = detection.assessments
    if event.event_class == "platform-block":
        assessments = tuple(
            one
            for one in detection.blocks.assessments
            if one.series.signal.name == event.depth_signal
        )
    own = [one for one in assessments if one.series.entity == event.entity]
    panels = [
        make_panel(
            one,
            detection.outages,
            window,
            name=entity_name(words, one.series.entity, view.facts),
            rows=EVENT_ROWS,
        )
        for one in own
    ]
    return _Seen(
        in_order(panels, operators=False), own, window, any(one.simulated for one in panels)
    )


def _evidence(asked: Asked, event: Event) -> dict[str, dict[str, list[Outage]]]:
    """The outages of the event's own entity, by their planes and signals."""
    own = [asked.view.outages[one] for one in event.outages if one in asked.view.outages]
    planes: dict[str, dict[str, list[Outage]]] = {}
    for plane in PLANES:
        for one in sorted(own, key=lambda one: (one.signal, one.onset)):
            if one.plane == plane and one.entity == event.entity and not one.retracted:
                planes.setdefault(plane, {}).setdefault(one.signal, []).append(one)
    return planes


def _operators(asked: Asked, event: Event) -> list[tuple[str, list[tuple[str, Operator]]]]:
    """The operators that were down, by their kind, with what people call them."""
    words, facts = asked.words, asked.view.facts
    kinds = [(kind, [one for one in event.operators if one.kind == kind]) for kind in KINDS]
    return [
        (kind_word(words, kind), [(entity_name(words, one.entity, facts), one) for one in own])
        for kind, own in kinds
        if own
    ]
