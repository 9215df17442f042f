"""Making answers once, and keeping them while the store does not change."""

from __future__ import annotations

import gzip
import hashlib
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from starlette.concurrency import run_in_threadpool

from zicht.web.api.turns import Turns
from zicht.web.kept import Kept, KeptAnswers

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from zicht.web.desk import Desk

MOST_KEPT = 64 << 20
"""Bytes of answers that are kept, at most."""

_LEAST_ZIPPED = 500
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
    async with (_HEAVY if heavy else _LIGHT).turn():
        found = answers.get(key)  # somebody who had a turn before may have made it
        if found is None:
            found = await run_in_threadpool(make)
    if found.size * 8 < answers.most:  # a larger one would drive out too much
        answers.put(key, found)
    return found


def _answers_of(desk: Desk) -> KeptAnswers:
    found = _ANSWERS.get(desk)
    return _ANSWERS.setdefault(desk, KeptAnswers(MOST_KEPT)) if found is None else found


def packed(
    body: bytes, media_type: str, headers: Mapping[str, str], *, compressible: bool = True
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
        headers={"content-type": media_type, "cache-control": "no-cache", **headers},
    )
