"""A listener to which routers and collectors connect by BMP.

BMP has neither names nor passwords: listen where only your routers can connect. What connects is
held to limits; what breaks them is closed with a reason in the log, and nobody else notices. Where
batches are not taken as fast as routers tell, reading pauses and the routers hold back: nothing is
dropped here.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from zicht.errors import InputError
from zicht.sources.bgp.bmp import LONGEST_MESSAGE
from zicht.sources.bgp.bmp_messages import VISIBLE, View
from zicht.sources.bgp.bmp_session import RouterSession, name_collector
from zicht.sources.bgp.fetch.clock import system_time
from zicht.sources.bgp.live import Batch, Cause, Gap

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Collection

PORT = 11019
"""No port is assigned to BMP; this is the one that several speakers take unless told otherwise."""

_AT_ONCE = 1 << 16  # bytes read at a time, so that sessions take turns
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST_NAME = 64
_MOST_REMEMBERED = 10_000  # routers that were here, and gaps that wait to be taken

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a session may take; times in seconds, sizes in bytes.

    Attributes:
        sessions: how many there may be at once.
        per_address: how many of them from one address.
        first: until the first whole message has come.
        whole: until a message that has begun has come whole.
        idle: without any message. BMP has no keep-alive: a router that is to be quiet for longer
            should send its statistics.
        message: the longest message. Each session holds at most one that is not yet whole.
        waiting: records that wait to be taken, of all sessions together.
    """

    sessions: int = 64
    per_address: int = 8
    first: float = 30.0
    whole: float = 60.0
    idle: float = 3600.0
    message: int = LONGEST_MESSAGE
    waiting: int = 64 << 20


@dataclass(eq=False)
class _Visitor:
    """One connection."""

    address: str
    session: RouterSession
    task: asyncio.Task[None] | None
    collector: str = ""
    last: int = 0
    end: str = ""


@dataclass
class BmpListener:
    """A listener; start it with ``async with``, which also ends it and all of its sessions.

    Attributes:
        host: the address to listen on, this machine alone unless told otherwise.
        port: the port; 0 takes a free one and is replaced by it.
        views: the views of the routers' tables that are passed on, ``None`` for all of them.
        limits: what a session may take.
        now: gives the time, in microseconds since 1970 UTC.
        counts: sessions begun, refused and ended, by the reason, and records not passed on.
    """

    host: str = "127.0.0.1"
    port: int = PORT
    views: Collection[View] | None = (VISIBLE,)
    limits: Limits = field(default_factory=Limits)
    now: Callable[[], int] = system_time
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._visitors: set[_Visitor] = set()
        self._records: dict[str, list[bytes]] = {}
        self._waiting = 0
        self._gaps: list[Gap] = []
        self._lost: dict[str, int] = {}
        self._came = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._meet, self.host, self.port, limit=_AT_ONCE)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        tasks = [visitor.task for visitor in self._visitors if visitor.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def sessions(self) -> dict[str, RouterSession]:
        """The sessions that stand, by the collector's name."""
        return {one.collector: one.session for one in self._visitors if one.collector}

    async def batches(self) -> AsyncGenerator[Batch]:
        """What routers tell, until the iterator is closed."""
        while True:
            await self._came.wait()
            self._came.clear()
            records = {name: b"".join(parts) for name, parts in self._records.items()}
            gaps = tuple(self._gaps)
            self._records.clear()
            self._gaps.clear()
            self._waiting = 0
            self._room.set()
            if records or gaps:
                yield Batch(records, gaps)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = str(writer.get_extra_info("peername")[0])
        visitor = _Visitor(address, RouterSession(self.limits.message), asyncio.current_task())
        reason = self._refuse(visitor)
        if not reason:
            self._visitors.add(visitor)
            self.counts["begun"] += 1
            reason = await self._listen(visitor, reader)
            self._visitors.discard(visitor)
            self._note_end(visitor)
        self.counts[f"ended: {reason}"] += 1
        _log.warning("BMP from %s: closed: %s", visitor.collector or address, reason)
        writer.transport.abort()

    def _refuse(self, visitor: _Visitor) -> str:
        if len(self._visitors) >= self.limits.sessions:
            return "too many sessions"
        same = sum(other.address == visitor.address for other in self._visitors)
        return "too many sessions of this address" if same >= self.limits.per_address else ""

    async def _listen(self, visitor: _Visitor, reader: asyncio.StreamReader) -> str:
        """Read a session to its end; the reason of it."""
        wait, why = self.limits.first, "no whole message at first"
        began = time.monotonic()
        try:
            while True:
                await self._room.wait()
                async with asyncio.timeout(max(0.0, began + wait - time.monotonic())):
                    data = await reader.read(_AT_ONCE)
                if not data:
                    return "said goodbye" if visitor.session.ended else "the connection was lost"
                held = visitor.session.held
                self._take(visitor, data)
                left = visitor.session.held
                if not visitor.collector:
                    continue
                if held == 0 or left < held + len(data):  # a message began, or came whole
                    began = time.monotonic()
                wait, why = self.limits.idle, "no message for too long"
                if left:
                    wait, why = self.limits.whole, "a message did not come whole in time"
        except TimeoutError:
            return why
        except InputError as error:
            _log.warning("BMP from %s: %s", visitor.collector or visitor.address, error)
            return "no BMP"
        except OSError:
            return "the connection was lost"
        except asyncio.CancelledError:
            # The listener ends, or the same router has come anew; either way this task is over.
            return visitor.end or "the listener ends"

    def _take(self, visitor: _Visitor, data: bytes) -> None:
        """Take bytes of a session.

        Raises:
            InputError: they are no BMP; what came before them is taken.
        """
        visitor.last = self.now()
        for view, record in visitor.session.take(data, visitor.last):
            self._name(visitor)
            if self.views is not None and view not in self.views:
                self.counts[f"not used: {view.rib}/{view.policy}"] += 1
                continue
            collector = name_collector(visitor.collector, view)
            self._records.setdefault(collector, []).append(record)
            self._waiting += len(record)
            self._came.set()
        if visitor.session.counts:
            self._name(visitor)
        if self._waiting > self.limits.waiting:
            self._room.clear()

    def _name(self, visitor: _Visitor) -> None:
        """Name the collector, once, after its address and the name that it has by then given.

        One that comes anew takes the place of the session that it had.
        """
        if visitor.collector:
            return
        own = _NOT_IN_A_NAME.sub("_", visitor.session.name)[:_LONGEST_NAME]
        name = f"bmp:{visitor.address}/{own}" if own else f"bmp:{visitor.address}"
        for other in self._visitors:
            if other.collector == name and other.task:
                self._note_end(other)
                other.collector = ""
                other.end = "the same router has come anew"
                other.task.cancel()
        visitor.collector = name
        _log.info("BMP from %s: begun", name)
        begin = self._lost.pop(name, None)
        if begin is not None:
            self._note_gap(name, begin, visitor.last)

    def _note_end(self, visitor: _Visitor) -> None:
        """From its last message on nothing is known of what the router sees."""
        if visitor.collector:
            self._lost[visitor.collector] = visitor.last
            while len(self._lost) > _MOST_REMEMBERED:
                del self._lost[next(iter(self._lost))]
            self._note_gap(visitor.collector, visitor.last, None)

    def _note_gap(self, collector: str, begin: int, end: int | None) -> None:
        self._gaps.append(Gap(collector, None, begin, end, Cause.DISCONNECTED))
        self._came.set()
        if len(self._gaps) > _MOST_REMEMBERED:
            self._room.clear()
