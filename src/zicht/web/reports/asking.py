"""From a request with a text to its answer: received, asked, and told what was wrong with it."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, NoReturn

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from zicht.errors import InputError, StoreError, UsageError
from zicht.web.reports.receiving import receive_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from zicht.web.desk import Desk
    from zicht.web.reports.questions import Question, Reply

SLOW = 422
"""The status where a text takes too long: it can be read elsewhere, and never here (RFC 9110)."""

_LOG = logging.getLogger("zicht.web")


async def asked_with_body(
    desk: Desk, request: Request, question_of: Callable[[bytes], Question]
) -> tuple[Question, Reply]:
    """Take in the body of a request, and answer the question in it.

    Raises:
        HTTPException: there is no room, the body is not taken, or it takes too long to read.
        ZichtError: the question cannot be answered.
    """
    client = request.scope.get("state", {}).get("client", "")
    async with desk.readers.room(client):
        body = await receive_body(request)
        question = await run_in_threadpool(question_of, body)
        return question, await reply_to(desk, question)


async def reply_to(desk: Desk, question: Question) -> Reply:
    """The reply to a question.

    Raises:
        HTTPException: too many wait, or it takes too long.
        ZichtError: it cannot be answered.
    """
    reply = await desk.readers.ask(question)
    if reply.fault is not None:
        _refuse(reply)
    return reply


def _refuse(reply: Reply) -> NoReturn:
    """Raise what a reply says was wrong; what was asked is not written into the log."""
    match reply.fault:
        case "usage":
            raise UsageError(reply.message, on_the_web(reply.hint))
        case "input":
            raise InputError(reply.message, on_the_web(reply.hint))
        case "store":
            raise StoreError(reply.message)
        case "slow":
            raise HTTPException(SLOW)
        case _:
            _LOG.error("a report was not read: %s", reply.message)
            raise HTTPException(500)


def on_the_web(hint: str) -> str | None:
    """What to do, unless that speaks of the command line."""
    return None if not hint or re.search(r"`zicht|--[a-z]|zicht check", hint) else hint
