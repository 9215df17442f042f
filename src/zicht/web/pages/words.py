"""What each word means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.web.addresses import WORDS
from zicht.web.page import Page, page_route

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from zicht.web.asked import Asked
    from zicht.web.desk import Desk


def routes(desk: Desk) -> list[BaseRoute]:
    """The page of words."""
    return [page_route(desk, WORDS, words_page)]


def words_page(asked: Asked) -> Page:
    """What each word means."""
    return Page(template="words.html", title=asked.words.say("What the words mean"))
