"""The list of events, of all places or of one, a page at a time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zicht.errors import UsageError
from zicht.model.entity import parse_entity
from zicht.publish.wording import entity_name
from zicht.web.addresses import EVENTS
from zicht.web.page import Page, page_route
from zicht.web.telling import told

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from zicht.web.asked import Asked
    from zicht.web.desk import Desk

_A_PAGE = 50


def routes(desk: Desk) -> list[BaseRoute]:
    """The list of events."""
    return [page_route(desk, EVENTS, events)]


def events(asked: Asked) -> Page:
    """The events, the latest first.

    Raises:
        UsageError: a parameter makes no sense.
    """
    words, view = asked.words, asked.view
    text = asked.parameters.get("entity")
    entity = str(parse_entity(text)) if text else None
    number = _page_number(asked.parameters.get("page", "1"))
    found = [
        one
        for one in view.events
        if entity is None or entity in {one.entity, *(part.entity for part in one.operators)}
    ]
    shown = found[(number - 1) * _A_PAGE : number * _A_PAGE]
    title = words.say("Events")
    if entity is not None:
        title = words.say("Events in {place}", place=entity_name(words, entity, view.facts))
    of = {"entity": entity} if entity else {}
    return Page(
        template="events.html",
        live=True,
        title=title,
        values={
            "events": [told(asked, one) for one in shown],
            "known": len(found),
            "number": number,
            "pages": max(1, -(-len(found) // _A_PAGE)),
        },
        beside={
            "JSON": asked.data("events", **of),
            "CSV": asked.data("events", **of, format="csv"),
        },
    )


def _page_number(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise UsageError(f"{text[:20]!r} is no number of a page.", "Pages are counted from 1.")
    return int(text)
