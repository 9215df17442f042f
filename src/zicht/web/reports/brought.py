"""What a reader brings in a form: a text or files, and how they are to be read."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Literal, cast, get_args

from starlette.exceptions import HTTPException

from zicht.errors import UsageError
from zicht.publish.letters import tame
from zicht.reports.languages import CODES
from zicht.web.reports.forms import boundary_of, read_form
from zicht.web.reports.questions import File, Question, Wanted
from zicht.web.reports.receiving import LARGEST_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zicht.reports.reading import Kind
    from zicht.web.reports.forms import Form

MOST_FILES = 20
"""Reports of one ledger, at most."""

PASTED = "pasted text"
"""What a text is called that has no name of its own."""

LARGEST_SIDE = 256 << 10
"""Bytes of a side file."""

_LONGEST = 120  # letters of a name
_HTML = (b"<!doctype html", b"<html")
_KINDS = ("plain", "markdown", "html")
_ID = re.compile(r"[0-9a-f]{1,40}")


def question_of(
    body: bytes, content_type: str, of: Literal["check", "ledger"]
) -> tuple[Question, Form]:
    """The question that a form asks, and the form.

    Raises:
        HTTPException: it is no form (415), or the texts are too large (413).
        InputError: the form cannot be read.
        UsageError: there is no text in it, or too many.
    """
    boundary = boundary_of(content_type)
    if boundary is None:
        raise HTTPException(415)
    form = read_form(body, boundary)
    files = _files(form)
    side = _side(form)
    check_sizes(files, side)
    most = MOST_FILES if of == "ledger" else 1
    if not files:
        raise UsageError("There is no text.", "Paste one, or choose a file.")
    if len(files) > most:
        raise UsageError(
            f"There are {len(files)} texts, and {most} can be read at once.",
            "Paste a text or choose a file, not both." if of == "check" else "Choose fewer files.",
        )
    wanted, _, claim = form.text("as").partition(" ")
    question = Question(
        of=of,
        files=files,
        wanted=cast("Wanted", wanted if wanted in get_args(Wanted) else "page"),
        published=form.text("published").strip()[:_LONGEST],
        language=form.text("language") if form.text("language") in CODES else "",
        side=side,
        claim=claim if _ID.fullmatch(claim) else "",
    )
    return question, form


def check_sizes(files: tuple[File, ...], side: str) -> None:
    """Refuse what is too large.

    Raises:
        HTTPException: the texts or the side file are too large (413).
    """
    if sum(len(one.data) for one in files) > LARGEST_TEXT or len(side) > LARGEST_SIDE:
        raise HTTPException(413)


def pasted(text: str, name: str = "") -> File:
    """A text as if it were a file; its lines end as those of files mostly do."""
    data = text.replace("\r\n", "\n").encode("utf-8", "replace")
    kind: Kind = "html" if data[:1000].lstrip().lower().startswith(_HTML) else "plain"
    return File(name=tame(name, _LONGEST) or PASTED, data=data, kind=kind)


def again(files: tuple[File, ...]) -> list[dict[str, str]]:
    """Reports as hidden fields of a form, to be sent once more; the bytes stay the same."""
    return [
        {"data": base64.b64encode(one.data).decode(), "name": one.name, "kind": one.kind or ""}
        for one in files
    ]


def _files(form: Form) -> tuple[File, ...]:
    found = list(_sent_again(form))
    if not found:
        found = [File(name=name or PASTED, data=data) for name, data in form.files.get("file", [])]
        if form.text("text").strip():
            found.insert(0, pasted(form.text("text"), form.text("name")))
    return tuple(found)


def _sent_again(form: Form) -> Iterator[File]:
    names, kinds = form.fields.get("again_name", []), form.fields.get("again_kind", [])
    for number, text in enumerate(form.fields.get("again", [])):
        name = names[number] if number < len(names) else ""
        kind = kinds[number] if number < len(kinds) else ""
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise UsageError("The text that was sent again is broken.", "Paste it anew.") from None
        yield File(
            name=tame(name, _LONGEST) or PASTED,
            data=data,
            kind=cast("Kind", kind) if kind in _KINDS else None,
        )


def _side(form: Form) -> str:
    files = form.files.get("side_file", [])
    text = files[0][1].decode("utf-8", "replace") if files else form.text("side")
    return text.replace("\r\n", "\n") if text.strip() else ""
