"""All routes that machines ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from zicht.web.api.about import OPERATIONS
from zicht.web.api.operations import routes_of
from zicht.web.api.problems import ProblemError, problem_response
from zicht.web.api.reports import SENT
from zicht.web.api.sending import routes_of_sent
from zicht.web.api.updates import update_routes

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from zicht.web.desk import Desk


def routes(desk: Desk) -> list[BaseRoute]:
    """The routes of the API; what is none of them under its roof is told so as a problem."""
    return [
        *routes_of(OPERATIONS, desk),
        *routes_of_sent(SENT, desk),
        *update_routes(desk),
        Route("/api/{rest:path}", _nowhere, methods=["GET"], name="api.nowhere"),
    ]


async def _nowhere(request: Request) -> Response:
    del request
    return problem_response(ProblemError("not-found", "There is nothing at this address."))
