"""Reports that a reader brings, laid out by who reported which figure."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import Route

from zicht.errors import ZichtError
from zicht.web.addresses import LEDGER
from zicht.web.asked import asked_of
from zicht.web.page import Page, page_route, private_answer
from zicht.web.reports.asking import asked_with_body
from zicht.web.reports.brought import again, question_of
from zicht.web.reports.forms import Form
from zicht.web.reports.shown import download, form_page, given_of, refused, spoken

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from zicht.web.asked import Asked
    from zicht.web.desk import Desk
    from zicht.web.reports.questions import Question, Reply


def routes(desk: Desk) -> list[BaseRoute]:
    """The form and its answer."""
    return [
        page_route(desk, LEDGER, ledger_form),
        Route(LEDGER, partial(_ledger, desk), methods=["POST"], name="ledger"),
    ]


def ledger_form(asked: Asked) -> Page:
    """The form in which a reader brings reports to be laid out."""
    return form_page(asked, of="ledger")


async def _ledger(desk: Desk, request: Request) -> Response:
    asked = await run_in_threadpool(asked_of, desk, request)
    forms: list[Form] = []

    def read(body: bytes) -> Question:
        question, form = question_of(body, request.headers.get("content-type", ""), "ledger")
        forms.append(form)
        return msgspec.structs.replace(question, as_of=asked.as_of, words=asked.words.code)

    try:
        question, reply = await asked_with_body(desk, request, read)
        if question.wanted == "json":
            return download(question, reply)
        page = _result(asked, question, reply)
    except (HTTPException, ZichtError) as error:
        page = refused(asked, error, given_of(forms[0] if forms else Form()), of="ledger")
    return await run_in_threadpool(private_answer, request, asked, page)


def _result(asked: Asked, question: Question, reply: Reply) -> Page:
    return Page(
        template="ledger_result.html",
        title=asked.words.say("Who reported which figure"),
        values={
            "body": Markup(reply.body.decode()),  # noqa: S704 - templates of ours escaped it
            "again": again(question.files),
            "question": question,
            "reply": reply,
            "spoken": spoken(asked.words),
            "action": asked.here(),
        },
        headers={"referrer-policy": "same-origin", "x-robots-tag": "noindex"},
    )
