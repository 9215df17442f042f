"""Turns: so many are worked on at once, so many wait, and all others are told to come again."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio

from zicht.web.api.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_AGAIN = "5"  # seconds


class Turns:
    """Gives turns; for tasks of one event loop at a time.

    Attributes:
        at_once: who has a turn at the same time, at most.
        waiting: who waits for one, at most.
    """

    def __init__(self, *, at_once: int, waiting: int) -> None:
        self.at_once = at_once
        self.waiting = waiting
        self._present = 0
        self._loop_turns: dict[object, anyio.Semaphore] = {}

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, and have it.

        Raises:
            ProblemError: too many wait already.
        """
        if self._present >= self.at_once + self.waiting:
            raise ProblemError(
                "unavailable",
                "Too many ask for work of this kind at the same time.",
                headers={"Retry-After": _AGAIN},
            )
        self._present += 1
        try:
            async with self._turns():
                yield
        finally:
            self._present -= 1

    def _turns(self) -> anyio.Semaphore:
        token = anyio.lowlevel.current_token()
        found = self._loop_turns.get(token)
        if found is None:
            self._loop_turns.clear()  # of loops that have ended
            found = self._loop_turns[token] = anyio.Semaphore(self.at_once)
        return found
