"""Cursors: where the next page of a list begins. Opaque, and bound to the question they answer.

A cursor names the last thing that was given by what never changes of it, and no number of rows: of
what is stored between two pages none is given twice, and none of the others is left out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

import msgspec

from zicht.web.api.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSION = 1
LONGEST = 600
"""Characters of a cursor, at most."""


class _Cursor(msgspec.Struct, array_like=True):
    version: int
    question: str
    after: list[str]


def question_of(path: str, asked: Mapping[str, object]) -> str:
    """A short hash of what is asked, its paging left out."""
    rest = {
        name: str(value)
        for name, value in asked.items()
        if name not in {"cursor", "limit", "format"} and value is not None
    }
    words = msgspec.json.encode([path, sorted(rest.items())])
    return hashlib.blake2b(words, digest_size=6).hexdigest()


def write_cursor(question: str, after: list[str]) -> str:
    """The cursor of what comes behind ``after``."""
    data = msgspec.msgpack.encode(_Cursor(_VERSION, question, after))
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def read_cursor(text: str, question: str, *, parts: int) -> list[str]:
    """What the cursor points behind: so many parts.

    Raises:
        ProblemError: it is none of ours, or belongs to another question.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        cursor = msgspec.msgpack.decode(data, type=_Cursor)
    except (binascii.Error, msgspec.MsgspecError, ValueError, RecursionError):
        raise _wrong("It is no cursor.") from None
    if cursor.version != _VERSION or len(cursor.after) != parts:
        raise _wrong("It is no cursor of this list.")
    if cursor.question != question:
        raise _wrong("It belongs to another question.")
    return cursor.after


def _wrong(why: str) -> ProblemError:
    return ProblemError(
        "bad-parameter",
        f"The cursor cannot be used. {why}",
        "Begin again without cursor=, and follow the answers' next.",
        parameter="cursor",
    )
