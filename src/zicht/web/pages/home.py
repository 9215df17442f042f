"""The first page: what goes on, and the state of every country."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.web.addresses import HOME, api
from zicht.web.page import Page, page_route

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from zicht.web.asked import Asked
    from zicht.web.desk import Desk


def routes(desk: Desk) -> list[BaseRoute]:
    """The first page."""
    return [page_route(desk, HOME, home)]


def home(asked: Asked) -> Page:
    """What goes on, and the state of every country."""
    return Page(
        template="home.html",
        title=asked.words.say("Zicht, an open observatory of connectivity"),
        values={"ongoing": asked.view.ongoing()},
        beside={"JSON": api("status"), "CSV": api("status", format="csv")},
    )
