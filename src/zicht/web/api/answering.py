"""Making answers once, and keeping them while the store does not change."""

from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from zicht.web.api.problems import ProblemError
from zicht.web.kept import Kept, KeptAnswers
from zicht.web.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from datetime import datetime

    from starlette.requests import Request

    from zicht.web.desk import Desk

MOST_KEPT = 64 << 20
"""Bytes of answers that are kept, at most."""

_LEAST_ZIPPED = 500
_SAME_SECOND = timedelta(seconds=2)
_HEAVY = Turns(at_once=2, waiting=16)
_LIGHT = Turns(at_once=8, waiting=200)
_ANSWERS: WeakKeyDictionary[Desk, KeptAnswers] = WeakKeyDictionary()


async def answered(
    desk: Desk, key: Hashable, make: Callable[[], Kept], *, heavy: bool = False
) -> Kept:
    """The answer that ``make`` makes in a thread, unless it was made of this view before.

    Args:
        desk: whose view it is of.
        key: what tells it from others.
        make: makes it.
        heavy: it takes much work; only few such are worked on at once.

    Raises:
        ProblemError: too many wait already; or whatever ``make`` raises.
    """
    key = (desk.view().key, key)
    answers = _answers_of(desk)
    found = answers.get(key)
    if found is not None:
        return found
    try:
        async with (_HEAVY if heavy else _LIGHT).turn():
            found = answers.get(key)  # somebody who had a turn before may have made it
            if found is None:
                found = await run_in_threadpool(make)
    except HTTPException as busy:
        raise ProblemError(
            "unavailable",
            "Too many ask for work of this kind at the same time.",
            headers=busy.headers,
        ) from None
    if found.size * 8 < answers.most:  # a larger one would drive out too much
        answers.put(key, found)
    return found


def _answers_of(desk: Desk) -> KeptAnswers:
    found = _ANSWERS.get(desk)
    return _ANSWERS.setdefault(desk, KeptAnswers(MOST_KEPT)) if found is None else found


def packed(
    body: bytes,
    media_type: str,
    headers: Mapping[str, str],
    *,
    made_at: datetime,
    compressible: bool = True,
) -> Kept:
    """An answer as it is sent: with an entity tag, and compressed for those who can read it."""
    zipped = None
    if compressible and len(body) >= _LEAST_ZIPPED:
        zipped = gzip.compress(body, 5, mtime=0)
    digest = hashlib.blake2b(body, digest_size=12).hexdigest()
    return Kept(
        body=body,
        zipped=zipped,
        etag=f'W/"{digest}"',  # weak: it is the same of both encodings
        status=200,
        headers={
            "content-type": media_type,
            "cache-control": "no-cache",
            "last-modified": format_datetime(made_at, usegmt=True),
            **headers,
        },
    )


def send(request: Request, found: Kept, now: datetime) -> Response:
    """The answer to a request; without a body where the reader has it already (RFC 9110, 13).

    By its time an answer is known only once it is older than a second, of which two can differ.
    """
    headers = found.headers | {"etag": found.etag}
    made_at = parsedate_to_datetime(found.headers["last-modified"])
    if now - made_at < _SAME_SECOND:
        del headers["last-modified"]
    if _is_held(request, found.etag, made_at):
        return Response(status_code=304, headers=headers)
    body = found.body
    if found.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = found.zipped, "gzip"
    return Response(body, found.status, headers)


def _is_held(request: Request, etag: str, made_at: datetime) -> bool:
    tags = request.headers.get("if-none-match")
    if tags is not None:
        held = {one.strip().removeprefix("W/") for one in tags.split(",")}
        return "*" in held or etag.removeprefix("W/") in held
    try:
        since = parsedate_to_datetime(request.headers["if-modified-since"])
        return since.astimezone(UTC) >= made_at
    except (KeyError, TypeError, ValueError, OverflowError):
        return False
