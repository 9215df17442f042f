"""Operations that are sent a body: said once for serving and for documenting them.

They write nothing: a text is read, answered and forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from zicht.errors import InputError, ZichtError
from zicht.web.api.operations import query_of
from zicht.web.api.parameters import read_all
from zicht.web.api.problems import ProblemError, problem_of, problem_response
from zicht.web.reports.asking import asked_with_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from zicht.web.desk import Desk
    from zicht.web.reports.questions import Question, Reply

MEDIA_TYPE = "application/json"

_PROBLEMS = {
    400: ("bad-request", "The body did not come whole."),
    408: ("too-slow", "The body did not come within a minute."),
    411: ("length-required", "It has no Content-Length."),
    413: ("too-large", "The texts are larger than 4 MB."),
    415: ("unsupported-media-type", "The body is not application/json."),
    422: ("unreadable", "The text takes too long to read."),
    503: ("unavailable", "Too many reports are being read at the same time."),
}


@dataclass(frozen=True, kw_only=True)
class Sending:
    """What can be sent to one address.

    Attributes:
        path: the address.
        name: the operation's id.
        summary: what it answers, in a line.
        description: more of it, for people.
        body: the type of what is sent, as JSON.
        record: the type of the answer.
        question_of: what is asked, of what was sent.
        body_of: the answer's bytes, of the reply.
        example: something that may be sent.
    """

    path: str
    name: str
    summary: str
    description: str
    body: Any
    record: Any
    question_of: Callable[[Any], Question]
    body_of: Callable[[Reply], bytes]
    example: Mapping[str, Any]


def routes_of_sent(sent: Iterable[Sending], desk: Desk) -> list[BaseRoute]:
    """The routes that serve them; who reads at their address is told that it is sent to."""
    return [route for one in sent for route in (_route(one, desk), _reading(one))]


def _route(one: Sending, desk: Desk) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            return await _answer(one, desk, request)
        except ProblemError as error:
            return problem_response(error)
        except HTTPException as error:
            return problem_response(_problem_of_status(error))
        except InputError as error:
            return problem_response(ProblemError("unreadable", error.message))
        except ZichtError as error:
            return problem_response(problem_of(error))

    return Route(one.path, endpoint, methods=["POST"], name=one.name)


async def _answer(one: Sending, desk: Desk, request: Request) -> Response:
    read_all((), query_of(request), {})  # there are no parameters
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise HTTPException(415)

    def read(body: bytes) -> Question:
        try:
            return one.question_of(msgspec.json.decode(body, type=one.body))
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise ProblemError(
                "bad-request",
                f"The body is not what it may be: {error}.",
                "Write it as /api/v1/openapi.json describes it.",
            ) from None

    _, reply = await asked_with_body(desk, request, read)
    return Response(
        one.body_of(reply), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"}
    )


def _problem_of_status(error: HTTPException) -> ProblemError:
    name, detail = _PROBLEMS.get(
        error.status_code,
        ("our-fault", "The request was understood and could not be answered."),
    )
    return ProblemError(name, detail, headers=error.headers)


def _reading(one: Sending) -> Route:
    async def endpoint(_: Request) -> Response:
        return problem_response(
            ProblemError(
                "method-not-allowed",
                "A text is sent to this address with POST.",
                headers={"Allow": "POST, OPTIONS"},
            )
        )

    return Route(one.path, endpoint, methods=["GET"], name=f"{one.name}.reading")
