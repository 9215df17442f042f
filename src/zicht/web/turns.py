"""Turns: so many are worked on at once, so many wait, and all others are told to come again."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

AGAIN = "5"
"""Seconds after which those who are not let in may come again."""


class _Queue:
    """Those of one event loop who have a turn or wait for one."""

    def __init__(self, at_once: int) -> None:
        self.turns = asyncio.Semaphore(at_once)
        self.present = 0


class Turns:
    """Gives turns, in each event loop.

    Attributes:
        at_once: who has a turn at the same time, at most.
        waiting: who waits for one, at most.
    """

    def __init__(self, *, at_once: int, waiting: int) -> None:
        self.at_once = at_once
        self.waiting = waiting
        self._queues: WeakKeyDictionary[asyncio.AbstractEventLoop, _Queue] = WeakKeyDictionary()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, and have it.

        Raises:
            HTTPException: too many wait already (503).
        """
        queue = self._queues.setdefault(asyncio.get_running_loop(), _Queue(self.at_once))
        if queue.present >= self.at_once + self.waiting:
            raise HTTPException(503, headers={"Retry-After": AGAIN})
        queue.present += 1
        try:
            async with queue.turns:
                yield
        finally:
            queue.present -= 1
