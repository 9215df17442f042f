"""Where everything is: the paths of pages and of what lies beside them.

They are permanent. A path may have a language before it (``/nl/event/…``); one without is in the
language that the reader's browser asks for. What a page shows is told by parameters, ``as_of``
among them, never by a cookie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

HOME = "/"
EVENTS = "/events"
HEALTH = "/health"
METHOD = "/method"
WORDS = "/words"
SEARCH = "/search"
COMPARE = "/compare"
MAP = "/map"
CHECK = "/check"
LEDGER = "/ledger"
KEPT = "/kept"
STATIC = "/static"
CHARTS = "/charts.css"
REPORTS = "/reports.css"
API = "/api/v1"


def entity_page(entity: str) -> str:
    """The page of a country, a region or an operator: its text is its path."""
    return f"/{quote(entity)}"


def chart_page(entity: str) -> str:
    """The page of an entity's charts."""
    return f"/chart/{quote(entity)}"


def embedded_chart(entity: str) -> str:
    """The same for a frame in somebody else's page."""
    return f"/embed{chart_page(entity)}"


def event_page(event_id: str) -> str:
    """The page of an event."""
    return f"/event/{quote(event_id, safe='')}"


def api(*parts: str, **parameters: str) -> str:
    """A path of the API: ``api("events", id)`` is ``/api/v1/events/<id>``."""
    path = "/".join([API, *(quote(part) for part in parts)])
    return with_parameters(path, parameters)


def with_parameters(path: str, parameters: Mapping[str, str]) -> str:
    """A path with parameters behind it."""
    return f"{path}?{urlencode(parameters)}" if parameters else path
