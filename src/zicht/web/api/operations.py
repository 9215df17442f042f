"""Operations: one address of the API each, said once for serving it and for documenting it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode

import msgspec
from starlette.routing import Route

from zicht.errors import ZichtError
from zicht.web.api.answering import answered, packed, send
from zicht.web.api.formats import MEDIA_TYPES, Answer, Format, body_of, choose_format
from zicht.web.api.parameters import Parameter, read_all
from zicht.web.api.problems import ProblemError, problem_of, problem_response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from zicht.web.desk import Desk
    from zicht.web.kept import Kept

MOST_PARAMETERS = 60
"""Parameters of an address, at most."""

_COMPRESSIBLE = {"json", "csv", "md", "vega", "svg", "atom"}


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What can be asked at one address.

    Attributes:
        path: the address, with ``{names}``.
        name: the operation's id.
        summary: what it answers, in a line.
        description: more of it, for people.
        record: the type of the JSON answer, of which the documentation's schema is made.
        handle: answers, given the desk and the values of the parameters.
        parameters: what can be asked; ``format`` comes by itself where there are several.
        formats: what it can be had in; the first unless asked otherwise.
        heavy: whether a request, by the values of its parameters, takes much work; only few such
            are worked on at once.
        seconds: an answer is as good for so long, though nothing in the store changes; where it is
            not given, for as long as nothing does.
    """

    path: str
    name: str
    summary: str
    description: str
    record: Any
    handle: Callable[[Desk, dict[str, Any]], Answer]
    parameters: tuple[Parameter, ...] = ()
    formats: tuple[Format, ...] = ("json",)
    heavy: Callable[[dict[str, Any]], bool] = lambda _: False
    seconds: float | None = None

    @property
    def all_parameters(self) -> tuple[Parameter, ...]:
        """The parameters with ``format``, where there is a choice."""
        if len(self.formats) == 1:
            return self.parameters
        return (*self.parameters, _format_parameter(self.formats))


def _format_parameter(formats: tuple[Format, ...]) -> Parameter:
    return Parameter(
        name="format",
        description="The format; it goes before Accept. Else Accept chooses.",
        schema={"type": "string", "enum": list(formats)},
        read=str,
        example=formats[-1],
    )


def routes_of(operations: Iterable[Operation], desk: Desk) -> list[BaseRoute]:
    """The routes that serve operations."""
    return [_route(one, desk) for one in operations]


def _route(operation: Operation, desk: Desk) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            return send(request, await respond(operation, desk, request), desk.now())
        except ProblemError as error:
            return problem_response(error)
        except ZichtError as error:
            return problem_response(problem_of(error))

    return Route(operation.path, endpoint, methods=["GET"], name=operation.name)


async def respond(operation: Operation, desk: Desk, request: Request) -> Kept:
    """The answer to a request.

    Raises:
        ProblemError: it cannot be answered as it stands.
        ZichtError: likewise.
    """
    asked = read_all(operation.all_parameters, query_of(request), request.path_params)
    accept = request.headers.get("accept")
    wanted = choose_format(operation.formats, asked.pop("format", None), accept)
    age = desk.now().timestamp() // operation.seconds if operation.seconds else None
    return await answered(
        desk,
        (age, request.scope["path"], request.scope["query_string"], wanted),
        lambda: _made(operation, desk, asked, wanted, request),
        heavy=operation.heavy(asked),
    )


def _made(
    operation: Operation, desk: Desk, asked: dict[str, Any], wanted: Format, request: Request
) -> Kept:
    answer = operation.handle(desk, asked)
    several = len(operation.formats) > 1
    headers = {"vary": "accept, accept-encoding" if several else "accept-encoding"}
    if answer.after is not None:
        following = next_address(request, answer.after)
        answer = replace(answer, data=msgspec.structs.replace(answer.data, next=following))
        headers["link"] = f'<{following}>; rel="next"'
    body = body_of(answer, wanted)
    return packed(
        body,
        MEDIA_TYPES[wanted],
        headers,
        made_at=desk.now(),
        compressible=wanted in _COMPRESSIBLE,
    )


def next_address(request: Request, cursor: str) -> str:
    """The address of the next page: this one's with another cursor, without its host."""
    words = [(name, text) for name, text in query_of(request) if name != "cursor"]
    return f"{quote(request.scope['path'])}?{urlencode([*words, ('cursor', cursor)], safe='/:,')}"


def query_of(request: Request) -> list[tuple[str, str]]:
    """The names and values of the query.

    Raises:
        ProblemError: it has too many, or is no UTF-8.
    """
    try:
        return parse_qsl(
            request.scope["query_string"].decode("ascii"),
            keep_blank_values=True,
            max_num_fields=MOST_PARAMETERS,
            errors="strict",
        )
    except ValueError:
        raise ProblemError(
            "bad-request",
            "The address has a query that cannot be read.",
            f"Write at most {MOST_PARAMETERS} parameters, in UTF-8, percent-encoded.",
        ) from None
