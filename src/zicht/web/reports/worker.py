"""The other end of the process in which reports are read: starts it, asks it, ends it if slow."""

from __future__ import annotations

import multiprocessing
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from zicht.web.reports.questions import Question, Reply
from zicht.web.reports.room import READY, serve

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

STARTED_WITHIN = 180.0
"""Seconds in which the process must have started; on a busy machine that takes a while."""

LARGE = 1 << 20
"""Bytes of reports after which the process is ended, so that it gives its memory back."""

_ENDED_WITHIN = 2.0


class Worker:
    """A process that reads reports, one at a time; it is started when it is first needed.

    Attributes:
        seconds: those that it has for a question; then it is ended.
    """

    def __init__(self, store_address: str, *, seconds: float) -> None:
        self.seconds = seconds
        self._store_address = store_address
        self._one_at_a_time = threading.Lock()
        self._process: BaseProcess | None = None
        self._line: Connection | None = None

    def ask(self, question: Question) -> Reply:
        """Ask a question, and wait for the answer.

        Whatever goes wrong is told in the answer.
        """
        with self._one_at_a_time:
            reply = self._ask(question) or self._ask(question) or _gone()
            if reply.fault == "slow" or sum(len(one.data) for one in question.files) > LARGE:
                self._end()
            return reply

    def close(self) -> None:
        """End the process."""
        self._end()

    def _ask(self, question: Question) -> Reply | None:
        """The answer, or ``None`` where the process is gone: it may have ended for lack of work."""
        try:
            line = self._open()
            line.send_bytes(msgspec.msgpack.encode(question))
            if not line.poll(self.seconds):
                return Reply(fault="slow")
            return msgspec.msgpack.decode(line.recv_bytes(), type=Reply)
        except (EOFError, OSError):
            self._end()
            return None

    def _open(self) -> Connection:
        """The line to a process that lives.

        Raises:
            OSError: it did not start.
        """
        if self._line is not None and self._process is not None and self._process.is_alive():
            return self._line
        self._end()
        context = multiprocessing.get_context("forkserver")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=serve, args=(theirs, self._store_address), name="reports", daemon=True
        )
        process.start()
        theirs.close()
        self._process, self._line = process, ours
        if not ours.poll(STARTED_WITHIN) or ours.recv_bytes() != READY:
            raise ConnectionError
        return ours

    def _end(self) -> None:
        process, line = self._process, self._line
        self._process = self._line = None
        if line is not None:
            with suppress(OSError):
                line.close()
        if process is not None:
            process.kill()
            process.join(_ENDED_WITHIN)


def _gone() -> Reply:
    return Reply(fault="ours", message="the process that reads reports ended by itself, twice")
