"""What a reader is told when something is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from zicht.errors import InputError, NotFoundError, StoreError, UsageError, ZichtError
from zicht.publish.language import language
from zicht.publish.letters import LONGEST_SAID_BACK, tame
from zicht.web.asked import LANGUAGE, Asked, preferred
from zicht.web.page import Page, answer, kept

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from zicht.publish.language import Language
    from zicht.web.desk import Desk

_STATUSES = ((NotFoundError, 404), (UsageError, 400), (InputError, 400), (StoreError, 503))


def status_of_fault(error: Exception) -> int:
    """The status of an answer that tells of an error (RFC 9110, 15)."""
    if isinstance(error, HTTPException):
        return error.status_code
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)


def fault_answer(desk: Desk, request: Request, error: Exception) -> Response:
    """A page that says what was wrong and what to do; nothing of the machine or the code."""
    named = request.scope.get(LANGUAGE)
    asked = Asked(
        desk=desk,
        view=desk.view(),
        words=language(named or preferred(request.headers.get("accept-language", ""))),
        path="/",
        parts={},
        parameters={},
        as_of=None,
        in_address=named is not None,
    )
    status = status_of_fault(error)
    heading, what = _words_of(asked.words, status, error)
    page = Page(
        template="fault.html",
        title=heading,
        values={"heading": heading, "what": what, "status": status},
        status=status,
    )
    return answer(request, kept(asked, page))


def _words_of(words: Language, status: int, error: Exception) -> tuple[str, str]:
    told = ""
    if isinstance(error, ZichtError) and status < 500:  # noqa: PLR2004
        told = tame(str(error), LONGEST_SAID_BACK)
    match status:
        case 404:
            return words.say("There is no such page"), told or words.say(
                "Perhaps the address was cut off or mistyped. Search for the place instead."
            )
        case 503:
            return words.say("The store cannot be read"), words.say(
                "The observatory's own data cannot be reached at this moment. Try again later."
            )
        case _ if status < 500:  # noqa: PLR2004
            return words.say("This cannot be answered"), told or words.say(
                "The request makes no sense as it stands."
            )
        case _:
            return words.say("Something went wrong here"), words.say(
                "This is the observatory's own fault, and it has been noted."
            )
