"""Readers of reports: how many bodies are taken in at once, how many questions, and by whom."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from zicht.web.reports.worker import Worker
from zicht.web.turns import AGAIN, Turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from zicht.store import Store
    from zicht.web.reports.questions import Question, Reply

SECONDS = 20.0
"""A text is read, and held against the store, within these, or not at all."""

BODIES = 8
"""Requests with a text that are received or worked on at once."""

BODIES_EACH = 2
"""Likewise, of one client."""


class Readers:
    """Reads what readers bring, one report at a time, in a process beside.

    Attributes:
        worker: the process.
    """

    def __init__(self, store: Store) -> None:
        self.worker = Worker(store.lake.address, seconds=SECONDS)
        self._turns = Turns(at_once=1, waiting=BODIES)
        self._present: dict[str, int] = {}

    @asynccontextmanager
    async def room(self, client: str) -> AsyncIterator[None]:
        """Have room for a body.

        Raises:
            HTTPException: there is none, for this client or for any (503).
        """
        own = self._present.get(client, 0)
        if own >= BODIES_EACH or sum(self._present.values()) >= BODIES:
            raise HTTPException(503, headers={"Retry-After": AGAIN})
        self._present[client] = own + 1
        try:
            yield
        finally:
            self._present[client] -= 1
            if not self._present[client]:
                del self._present[client]

    async def ask(self, question: Question) -> Reply:
        """Ask a question when it is its turn.

        Raises:
            HTTPException: too many wait already (503).
        """
        async with self._turns.turn():
            return await run_in_threadpool(self.worker.ask, question)

    def close(self) -> None:
        """End the process."""
        self.worker.close()
