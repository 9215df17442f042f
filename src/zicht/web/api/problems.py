"""Problems: errors as machines read them (RFC 9457), each with what to do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from zicht.errors import NotFoundError, StoreError, UsageError, ZichtError
from zicht.publish.letters import LONGEST_SAID_BACK, tame

if TYPE_CHECKING:
    from collections.abc import Mapping

MEDIA_TYPE = "application/problem+json"
ADDRESS = "/api/v1/problems"
"""Where each type of problem is explained: the address of a type is this with its name."""


class ProblemType(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of problem.

    Attributes:
        name: the end of its address.
        status: the HTTP status.
        title: what it is, the same for all of its kind.
        do: what to do about it.
    """

    name: str
    status: int
    title: str
    do: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error (RFC 9457, section 3.1); ``hint`` is an extension of ours.

    Attributes:
        type: the address of the kind of problem.
        title: what kind it is.
        status: the HTTP status.
        detail: what was wrong with this request.
        hint: what to do about it.
        parameter: the name of the parameter that was wrong, where it was one.
    """

    type: str
    title: str
    status: int
    detail: str
    hint: str
    parameter: str | None = None


TYPES = {
    one.name: one
    for one in (
        ProblemType(
            name="bad-parameter",
            status=400,
            title="A parameter cannot be understood",
            do="Write it as the parameter's description in /api/v1/openapi.json says.",
        ),
        ProblemType(
            name="unknown-parameter",
            status=400,
            title="There is no such parameter",
            do="Leave it out, or look its name up in /api/v1/openapi.json.",
        ),
        ProblemType(
            name="bad-request",
            status=400,
            title="The request makes no sense",
            do="Say it differently.",
        ),
        ProblemType(
            name="not-for-others",
            status=403,
            title="This observatory is not for pages of other sites",
            do="Open it by itself; its operator can publish it under a name.",
        ),
        ProblemType(
            name="not-found",
            status=404,
            title="There is no such thing here",
            do="Look it up: /api/v1 lists what there is.",
        ),
        ProblemType(
            name="method-not-allowed",
            status=405,
            title="Nothing can be written here",
            do="Ask with GET or HEAD; this observatory is read-only. Texts to be checked are sent"
            " with POST to /api/v1/check and /api/v1/ledger, and not kept.",
        ),
        ProblemType(
            name="not-acceptable",
            status=406,
            title="It is not to be had in that format",
            do="Ask for one of the formats that the operation has, by Accept or by format=.",
        ),
        ProblemType(
            name="too-large",
            status=413,
            title="The request is too large",
            do="Send less at once, and no body but to where texts are checked.",
        ),
        ProblemType(
            name="too-slow",
            status=408,
            title="The request did not come in time",
            do="Send it again, over a better line or in smaller parts.",
        ),
        ProblemType(
            name="length-required",
            status=411,
            title="The request does not say how long it is",
            do="Send its Content-Length; bodies in chunks are not read.",
        ),
        ProblemType(
            name="unsupported-media-type",
            status=415,
            title="The body is of a kind that is not read here",
            do="Send application/json, as /api/v1/openapi.json describes it.",
        ),
        ProblemType(
            name="unreadable",
            status=422,
            title="The text cannot be read here",
            do="Send the article alone, as plain text, Markdown or HTML.",
        ),
        ProblemType(
            name="address-too-long",
            status=414,
            title="The address is too long",
            do="Ask for fewer entities at once.",
        ),
        ProblemType(
            name="wrong-host",
            status=421,
            title="This observatory does not go by that name",
            do="Use the name under which it is published; its operator can allow more.",
        ),
        ProblemType(
            name="too-many-requests",
            status=429,
            title="Too many requests",
            do="Wait for the seconds that Retry-After names, and ask less often.",
        ),
        ProblemType(
            name="headers-too-large",
            status=431,
            title="The request's headers are too large",
            do="Send fewer or shorter headers.",
        ),
        ProblemType(
            name="our-fault",
            status=500,
            title="Something went wrong here",
            do="Try again; if it stays so, tell the observatory's operator when it was.",
        ),
        ProblemType(
            name="unavailable",
            status=503,
            title="The observatory is busy or cannot read its store",
            do="Wait for the seconds that Retry-After names, and try again.",
        ),
    )
}
"""The kinds of problems, by name."""


class ProblemError(Exception):
    """A request cannot be answered; the problem says why.

    Attributes:
        problem: what is wrong.
        headers: what is said in the answer's headers beside it.
    """

    def __init__(
        self,
        name: str,
        detail: str,
        hint: str | None = None,
        *,
        parameter: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        kind = TYPES[name]
        super().__init__(detail)
        self.problem = Problem(
            type=f"{ADDRESS}/{kind.name}",
            title=kind.title,
            status=kind.status,
            detail=harmless(detail),
            hint=harmless(hint or kind.do),
            parameter=parameter,
        )
        self.headers = dict(headers or {})


def problem_of(error: ZichtError, *, parameter: str | None = None) -> ProblemError:
    """An error of ours as a problem; where the store is, and what it says inside, is not told."""
    if isinstance(error, NotFoundError):
        return ProblemError("not-found", error.message, _on_the_web(error), parameter=parameter)
    if isinstance(error, UsageError):
        name = "bad-request" if parameter is None else "bad-parameter"
        return ProblemError(name, error.message, _on_the_web(error), parameter=parameter)
    if isinstance(error, StoreError):
        return ProblemError(
            "unavailable", "The store cannot be read now.", headers={"Retry-After": "30"}
        )
    return ProblemError("our-fault", "The request was understood and could not be answered.")


def _on_the_web(error: ZichtError) -> str | None:
    """What to do, unless that speaks of the command line."""
    return None if error.hint is None or re.search(r"`zicht|--[a-z]", error.hint) else error.hint


def problem_response(error: ProblemError) -> Response:
    """The answer that tells a problem."""
    return Response(
        msgspec.json.encode(error.problem),
        status_code=error.problem.status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **error.headers},
    )


def harmless(text: str) -> str:
    """What a client sent, on one line and not endless, to be said back to it."""
    return tame(text, LONGEST_SAID_BACK)
