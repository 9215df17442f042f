"""What readers who bring reports are shown beside the answer: the form, what was wrong, files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from starlette.exceptions import HTTPException
from starlette.responses import Response

from zicht.errors import InputError, StoreError, ZichtError
from zicht.publish.letters import LONGEST_SAID_BACK, tame
from zicht.reports.languages import CODES, speech
from zicht.web.page import Page
from zicht.web.reports.asking import SLOW
from zicht.web.reports.brought import MOST_FILES
from zicht.web.reports.receiving import LARGEST_TEXT

if TYPE_CHECKING:
    from zicht.publish.language import Language
    from zicht.web.asked import Asked
    from zicht.web.reports.forms import Form
    from zicht.web.reports.questions import Question, Reply

_TYPES = {
    "json": ("application/json", "json"),
    "toml": ("application/toml", "toml"),
    "md": ("text/markdown; charset=utf-8", "md"),
    "png": ("image/png", "png"),
}
_FORM = {"referrer-policy": "same-origin"}
"""A browser tells whence a form was sent only where this is allowed."""

_MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Given:
    """What a reader had filled in, to be shown again where it was refused."""

    text: str = ""
    name: str = ""
    published: str = ""
    language: str = ""
    side: str = ""


def given_of(form: Form) -> Given:
    """What stands in a form."""
    return Given(
        text=form.text("text"),
        name=form.text("name"),
        published=form.text("published"),
        language=form.text("language"),
        side=form.text("side"),
    )


def form_page(
    asked: Asked,
    *,
    of: Literal["check", "ledger"],
    given: Given | None = None,
    wrong: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Page:
    """The form in which a reader brings reports."""
    words = asked.words
    title = words.say("Check a report") if of == "check" else words.say("Who reported which figure")
    return Page(
        template="bring.html",
        title=title,
        values={
            "of": of,
            "given": given or Given(),
            "wrong": wrong,
            "can_keep": asked.desk.keeping is not None,
            "spoken": spoken(words),
            "megabytes": words.number(LARGEST_TEXT >> 20),
            "most_files": words.number(MOST_FILES),
            "action": asked.here(),
        },
        status=status,
        headers=_FORM | (headers or {}),
    )


def spoken(words: Language) -> list[tuple[str, str]]:
    """The languages in which reports are read: their codes and what this language calls them."""
    return [(code, words.locale.languages.get(code) or speech(code).name) for code in CODES]


def refused(
    asked: Asked,
    error: HTTPException | ZichtError,
    given: Given,
    *,
    of: Literal["check", "ledger"],
) -> Page:
    """The form once more, with what was wrong on top."""
    words = asked.words
    status = 400
    headers = {}
    if isinstance(error, HTTPException):
        status, headers = error.status_code, dict(error.headers or {})
        wrong = _sentence(words, status)
    elif isinstance(error, StoreError):
        status, wrong = 503, words.say("The store cannot be read")
    else:
        status = SLOW if isinstance(error, InputError) else 400
        wrong = " ".join(_told(words, one) for one in (error.message, error.hint) if one)
    return form_page(asked, of=of, given=given, wrong=wrong, status=status, headers=headers)


def _told(words: Language, text: str) -> str:
    """What was wrong, in the language where it is one of what is wrong most often.

    All else may say back what somebody sent: on one line, and not endless.
    """
    return {
        "There is no text.": words.say("There is no text."),
        "Paste one, or choose a file.": words.say("Paste one, or choose a file."),
        "Paste a text or choose a file, not both.": words.say(
            "Paste a text or choose a file, not both."
        ),
        "Choose fewer files.": words.say("Choose fewer files."),
        "Give the article alone.": words.say("Give the article alone."),
        "Save the page.": words.say("Save the page."),
    }.get(text) or tame(text, LONGEST_SAID_BACK)


def _sentence(words: Language, status: int) -> str:
    match status:
        case 413:
            return words.say(
                "The text is too large: at most {n} MB are read here. zicht check on the command"
                " line reads more.",
                n=words.number(LARGEST_TEXT / _MEGABYTE),
            )
        case 415 | 411:
            return words.say("This was not sent by the form on this page.")
        case 408 | 400:
            return words.say("The text did not come whole. Send it again.")
        case 503:
            return words.say(
                "Too many reports are being read at this moment. Try again in a few seconds."
            )
        case status if status == SLOW:
            return words.say(
                "This text takes too long to read here. Give the article alone, or use zicht check"
                " on the command line."
            )
        case _:
            return words.say("This is the observatory's own fault, and it has been noted.")


def download(question: Question, reply: Reply) -> Response:
    """An answer as a file, which nobody on the way may keep."""
    kind, ending = _TYPES[question.wanted]
    name = f"claim-{question.claim}" if question.claim else question.of
    return Response(
        reply.body,
        media_type=kind,
        headers={
            "cache-control": "no-store",
            "content-disposition": f'attachment; filename="{name}.{ending}"',
        },
    )
