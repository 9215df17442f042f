"""A report that a reader brings, held against what was measured; and what was kept of such."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from zicht.errors import NotFoundError, UsageError, ZichtError
from zicht.web.addresses import CHECK, KEPT
from zicht.web.asked import asked_of
from zicht.web.page import Page, page_route, private_answer
from zicht.web.reports.asking import asked_with_body, reply_to
from zicht.web.reports.brought import PASTED, again, question_of
from zicht.web.reports.forms import Form
from zicht.web.reports.shown import download, form_page, given_of, refused, spoken

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from zicht.web.asked import Asked
    from zicht.web.desk import Desk
    from zicht.web.reports.questions import Question, Reply

_KEPT_ONE = f"{KEPT}/{{token}}"


def routes(desk: Desk) -> list[BaseRoute]:
    """The form, its answer, and reports that were kept."""
    return [
        page_route(desk, CHECK, check_form),
        Route(CHECK, partial(_check, desk), methods=["POST"], name="check"),
        Route(_KEPT_ONE, partial(_show_kept, desk), methods=["GET"], name="kept"),
        Route(_KEPT_ONE, partial(_delete_kept, desk), methods=["POST"], name="kept.delete"),
    ]


def check_form(asked: Asked) -> Page:
    """The form in which a reader brings a report to be checked."""
    return form_page(asked, of="check")


async def _check(desk: Desk, request: Request) -> Response:
    asked = await run_in_threadpool(asked_of, desk, request)
    forms: list[Form] = []

    def read(body: bytes) -> Question:
        question, form = question_of(body, request.headers.get("content-type", ""), "check")
        forms.append(form)
        return _in(asked, question)

    try:
        question, reply = await asked_with_body(desk, request, read)
        if question.wanted != "page":
            return download(question, reply)
        if desk.keeping is not None and forms[0].text("keep") == "yes":
            token = await run_in_threadpool(desk.keeping.keep, _settled(desk, question))
            return RedirectResponse(
                asked.path_of(f"{KEPT}/{token}"), 303, {"cache-control": "no-store"}
            )
    except (HTTPException, ZichtError) as error:
        page = refused(asked, error, given_of(forms[0] if forms else Form()), of="check")
        return await run_in_threadpool(private_answer, request, asked, page)
    return await run_in_threadpool(private_answer, request, asked, _result(asked, question, reply))


def _in(asked: Asked, question: Question) -> Question:
    """The question, with the language and the time of the page that asks it."""
    return msgspec.structs.replace(
        question, as_of=asked.as_of, words=asked.words.code, prefix=asked.path_of("")
    )


def _settled(desk: Desk, question: Question) -> Question:
    """The question as it is kept: of what was known when it was asked."""
    return msgspec.structs.replace(question, as_of=question.as_of or desk.now())


def _result(asked: Asked, question: Question, reply: Reply, token: str = "") -> Page:
    name = question.files[0].name
    if name == PASTED:
        name = asked.words.say("pasted text")
    return Page(
        template="check_result.html",
        title=asked.words.say("Checked: {report}", report=name),
        values={
            "name": name,
            "body": Markup(reply.body.decode()),  # noqa: S704 - templates of ours escaped it
            "again": again(question.files),
            "question": question,
            "reply": reply,
            "spoken": spoken(asked.words),
            "token": token,
            "can_keep": asked.desk.keeping is not None,
            "action": asked.link(CHECK),
        },
        headers={"referrer-policy": "same-origin", "x-robots-tag": "noindex"},
    )


async def _show_kept(desk: Desk, request: Request) -> Response:
    """A report that was kept, read and judged of what was known when it was kept."""
    token = request.path_params["token"]
    if desk.keeping is None:
        raise NotFoundError("No report is kept at this address.")
    asked = await run_in_threadpool(asked_of, desk, request)
    question = await run_in_threadpool(desk.keeping.find, token)
    question = msgspec.structs.replace(
        question, words=asked.words.code, prefix=asked.path_of(""), wanted="page"
    )
    try:
        reply = await reply_to(desk, question)
    except HTTPException as error:
        page = refused(asked, error, given_of(Form()), of="check")
        return await run_in_threadpool(private_answer, request, asked, page)
    page = _result(asked, question, reply, token)
    return await run_in_threadpool(private_answer, request, asked, page)


async def _delete_kept(desk: Desk, request: Request) -> Response:
    if desk.keeping is None:
        raise UsageError("Nothing is kept here.")
    await run_in_threadpool(desk.keeping.delete, request.path_params["token"])
    asked = await run_in_threadpool(asked_of, desk, request)
    return RedirectResponse(asked.path_of(CHECK), 303, {"cache-control": "no-store"})
