"""Search: places and operators by name in any language, by code and by number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.publish.letters import tame
from zicht.web.addresses import SEARCH
from zicht.web.finding import find
from zicht.web.page import Page, page_route

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from zicht.web.asked import Asked
    from zicht.web.desk import Desk


def routes(desk: Desk) -> list[BaseRoute]:
    """The page of a search."""
    return [page_route(desk, SEARCH, search)]


def search(asked: Asked) -> Page:
    """What a text may mean."""
    words = asked.words
    text = tame(asked.parameters.get("q", ""), 100)
    return Page(
        template="search.html",
        title=words.say("Search"),
        values={"question": text, "found": find(words, asked.view, text)},
    )
