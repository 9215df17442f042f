"""The routes of ``/v2``."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from zicht.errors import ZichtError
from zicht.web.api.answering import answered, packed, send
from zicht.web.api.ioda.asking import Asked, RefusedError, envelope
from zicht.web.api.ioda.entities import chosen, described
from zicht.web.api.ioda.outages import list_alerts, list_events, list_summaries
from zicht.web.api.ioda.signals import list_datasources, raw
from zicht.web.api.operations import query_of
from zicht.web.api.problems import ProblemError, problem_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from zicht.web.desk import Desk

    Handle = Callable[[Desk, Asked], dict[str, Any]]

_JSON = "application/json"


def list_entities(desk: Desk, asked: Asked) -> dict[str, Any]:
    """``/entities/query``: pages are counted from one, unlike those of outages."""
    view = desk.view()
    page = asked.page(chosen(view, asked), first=1)
    data = [described(view, one) for one in page]
    return envelope("entities", asked, data, now=desk.now())


HANDLES: dict[str, Handle] = {
    "/v2/datasources": list_datasources,
    "/v2/datasources/{name}": list_datasources,
    "/v2/entities/query": list_entities,
    "/v2/entities/query/{type}": list_entities,
    "/v2/entities/query/{type}/{code}": list_entities,
    "/v2/signals/raw/{type}/{code}": raw,
    "/v2/outages/events": list_events,
    "/v2/outages/events/{type}": list_events,
    "/v2/outages/events/{type}/{code}": list_events,
    "/v2/outages/alerts": list_alerts,
    "/v2/outages/alerts/{type}": list_alerts,
    "/v2/outages/alerts/{type}/{code}": list_alerts,
    "/v2/outages/summary": list_summaries,
    "/v2/outages/summary/{type}": list_summaries,
    "/v2/outages/summary/{type}/{code}": list_summaries,
}
"""What answers at each address of IODA's API."""


def routes(desk: Desk) -> list[BaseRoute]:
    """The routes; with a slash at their end they are answered too, as IODA does."""
    made: list[BaseRoute] = []
    for path, handle in HANDLES.items():
        endpoint = _endpoint(desk, handle)
        made += [Route(path, endpoint), Route(f"{path}/", endpoint)]
    return [*made, Route("/v2/{rest:path}", _nowhere)]


def _endpoint(desk: Desk, handle: Handle) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        asked = Asked({}, {})
        try:
            asked = Asked(dict(query_of(request)), request.path_params)
            key = (request.scope["path"], request.scope["query_string"])
            kept = await answered(
                desk,
                key,
                lambda: packed(
                    msgspec.json.encode(handle(desk, asked)),
                    _JSON,
                    {"vary": "accept-encoding"},
                    made_at=desk.now(),
                ),
            )
            return send(request, kept, desk.now())
        except RefusedError as refused:
            return _refused(desk, asked, str(refused), HTTPStatus.BAD_REQUEST)
        except ProblemError as error:
            problem = error.problem
            told = f"{problem.detail} {problem.hint}"
            return _refused(desk, asked, told, problem.status, error.headers)
        except ZichtError as error:
            problem = problem_of(error).problem
            return _refused(desk, asked, f"{problem.detail} {problem.hint}", problem.status)

    return endpoint


def _refused(
    desk: Desk, asked: Asked, error: str, status: int, headers: dict[str, str] | None = None
) -> Response:
    body = envelope("error", asked, None, now=desk.now(), error=error)
    return Response(
        msgspec.json.encode(body),
        status,
        headers={"cache-control": "no-store", **(headers or {})},
        media_type=_JSON,
    )


async def _nowhere(request: Request) -> Response:
    del request
    body = {"error": "No route found; docs/api.md lists those of IODA's API that there are."}
    return Response(msgspec.json.encode(body), HTTPStatus.NOT_FOUND, media_type=_JSON)
