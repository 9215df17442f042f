"""Making pages: each once, for all who ask for it, and without letting readers wait for long.

When the store has changed a page is made anew. Who asks meanwhile waits for a moment, and is then
given the page as it was, so that a store that is written to all the time slows nobody down.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from starlette.concurrency import run_in_threadpool

from zicht.web.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from zicht.web.kept import Kept, KeptAnswers

    _Tasks = dict[tuple[int, Hashable, Hashable], asyncio.Task[Kept]]

OLDEST = 30.0
"""Seconds for which a page may be given as it was, while it is made anew."""

_TURNS = Turns(at_once=4, waiting=100)
_MAKING: WeakKeyDictionary[asyncio.AbstractEventLoop, _Tasks] = WeakKeyDictionary()


async def made(
    answers: KeptAnswers,
    name: Hashable,
    version: Hashable,
    make: Callable[[], Kept],
    *,
    patience: float | None = None,
) -> Kept:
    """The page of a name and a version, kept or made.

    Args:
        answers: where pages are kept.
        name: what tells it from others.
        version: what it is of.
        make: makes it; it runs in a thread.
        patience: seconds after which the page as it was will do; ``None`` waits until it is made.

    Raises:
        HTTPException: too many wait already (503).
        Exception: whatever ``make`` raises.
    """
    found = answers.get((name, version))
    if found is not None:
        return found
    tasks = _MAKING.setdefault(asyncio.get_running_loop(), {})
    key = (id(answers), name, version)
    task = tasks.get(key)
    if task is None:
        task = asyncio.create_task(_make(answers, name, version, make))
        tasks[key] = task
        task.add_done_callback(lambda done: _ended(tasks, key, done))
    before = None if patience is None else answers.get(name)
    young = before is not None and time.monotonic() - before.made < OLDEST
    await asyncio.wait([task], timeout=patience if young else None)
    if not task.done() and before is not None:
        return before
    return task.result()


async def _make(
    answers: KeptAnswers, name: Hashable, version: Hashable, make: Callable[[], Kept]
) -> Kept:
    async with _TURNS.turn():
        page = await run_in_threadpool(make)
    if page.status == 200:  # noqa: PLR2004
        answers.put((name, version), page)
        answers.put(name, page)
    return page


def _ended(tasks: _Tasks, key: tuple[int, Hashable, Hashable], task: asyncio.Task[Kept]) -> None:
    tasks.pop(key, None)
    if not task.cancelled():
        task.exception()  # whoever waits is told; where nobody does, nobody need be
