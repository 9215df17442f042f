"""The first page: what goes on, and the state of every country."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.web.addresses import HOME
from zicht.web.page import Page, page_route
from zicht.web.states import STATES, by_state
from zicht.web.telling import told
from zicht.web.world import world_shown

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from zicht.web.asked import Asked
    from zicht.web.desk import Desk

_LATEST = 8
_ROWS = 40  # ordinary countries that are shown row by row; of more there is a list
_MOST_NAMED = 50  # entities that the API answers for at once


def routes(desk: Desk) -> list[BaseRoute]:
    """The first page."""
    return [page_route(desk, HOME, home)]


def _beside(asked: Asked) -> dict[str, str]:
    """The states as data; at a past time only some can be asked for at once, by name."""
    named = {}
    if asked.as_of is not None:
        countries = [one for one in asked.view.entities if one.startswith("country/")]
        if not 0 < len(countries) <= _MOST_NAMED:
            return {}
        named = {"entity": ",".join(countries)}
    return {
        "JSON": asked.data("status", **named),
        "CSV": asked.data("status", **named, format="csv"),
    }


def home(asked: Asked) -> Page:
    """What goes on, what was last, and the state of every country."""
    view, words = asked.view, asked.words
    ongoing = [told(asked, one) for one in view.ongoing()]
    latest = [told(asked, one) for one in view.events if one.end is not None][:_LATEST]
    states = by_state(words, view)
    many = len(states["ordinary"]) > _ROWS
    order = [one for one in STATES if one != "ordinary" or not many]
    sure = sum(one.event.ongoing is True for one in ongoing)
    if sure:
        title = words.count("{n} outage is going on", "{n} outages are going on", sure)
    elif view.health.sources and not view.health.sees:
        title = words.say("Whether outages are going on cannot be told")
    else:
        title = words.say("No outage is known to be going on")
    return Page(
        template="home.html",
        live=True,
        title=title,
        values={
            "ongoing": sorted(ongoing, key=lambda one: one.event.ongoing is not True),
            "latest": latest,
            "states": states,
            "world": world_shown(asked, [one for own in states.values() for one in own]),
            "order": order,
            "rows": any(states[one] for one in order),
            "many": many,
            "more_events": len(view.events) > len(ongoing) + len(latest),
        },
        beside=_beside(asked),
    )
