"""RIS Live over its WebSocket: reading fast, coming back after a loss, owning up to every gap.

RIPE drops clients that read slowly. So one task does nothing but read, into a queue of bounded
size; what does not fit is dropped here, counted, and the gap of its peer is recorded.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from zicht.errors import InputError, UsageError
from zicht.sources.bgp.fetch.clock import system_time
from zicht.sources.bgp.live import Batch, Cause, Gap
from zicht.sources.bgp.ordering import HOLD, Sorter
from zicht.sources.bgp.ris_live import Notice, Subscription, find_peer, ping, read, subscribe
from zicht.version import __version__

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence
    from ipaddress import IPv4Address, IPv6Address

    from websockets.asyncio.client import ClientConnection

URL = "wss://ris-live.ripe.net/v1/ws/"
LAG = 60_000_000
"""Microseconds. RIS Live is some seconds behind its collectors; what they heard in the last minute
before a loss may not have come any more, so gaps begin that much earlier."""

_ROUTES = (Subscription(type="UPDATE"), Subscription(type="RIS_PEER_STATE"))
_AT_ONCE = 1000
"""Messages that are read from the queue before others get their turn."""

_log = logging.getLogger(__name__)
_Peer = tuple[str, "IPv4Address | IPv6Address | None"]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long is waited for what, in seconds, and how much is held, in bytes.

    Attributes:
        idle: after so long without a message the service is asked whether it is there.
        answer: so long it has to answer, and to acknowledge subscriptions.
        first_delay: the longest wait before the first attempt to come back; doubled each time.
        longest_delay: the longest wait of all.
        steady: a connection that held so long makes the waits begin anew.
        queue: what may wait to be understood.
        message: the longest message.
    """

    idle: float = 15.0
    answer: float = 15.0
    first_delay: float = 1.0
    longest_delay: float = 60.0
    steady: float = 60.0
    queue: int = 64 << 20
    message: int = 1 << 20


@dataclass
class RisLive:
    """A standing subscription of RIS Live.

    Attributes:
        contact: an address or page where RIPE can reach who runs this; it is sent along.
        subscriptions: what is asked for; all routes and sessions unless told otherwise.
        url: the service's address.
        limits: waits and sizes.
        now: gives the time, in microseconds since 1970 UTC.
        counts: what was read, dropped or lost, by kind.
        connected: whether the subscriptions stand at this moment.
        trouble: why the last connection ended or could not be made, in words.
    """

    contact: str
    subscriptions: Sequence[Subscription] = _ROUTES
    url: str = URL
    limits: Limits = field(default_factory=Limits)
    now: Callable[[], int] = system_time
    counts: Counter[str] = field(default_factory=Counter)
    connected: bool = False
    trouble: str = ""

    def __post_init__(self) -> None:
        if not self.contact.strip():
            raise UsageError(
                "RIS Live wants to know who listens, and no contact is given.",
                "Give an e-mail address or a page.",
            )
        self._queue: deque[tuple[int, str]] = deque()
        self._queued = 0  # bytes
        self._came = asyncio.Event()
        self._lost: tuple[int, Cause] | None = None
        self._last = 0
        self._gaps: list[Gap] = []
        self._dropped: dict[_Peer, tuple[int, int]] = {}

    async def batches(self, hold: int = HOLD) -> AsyncGenerator[Batch]:
        """What comes, until the iterator is closed; it comes back after every loss.

        ``hold`` is how long messages wait for older ones, in microseconds. What is done between two
        batches stops the reading: long work belongs into a thread.

        Raises:
            UsageError: the service refuses the subscriptions.
        """
        sorter = Sorter(hold)
        reader = asyncio.create_task(self._read_forever())
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(hold / 4e6 + 0.001):
                        await self._came.wait()
                if reader.done():
                    reader.result()
                batch = self._understand(sorter)
                if batch.records or batch.gaps:
                    yield batch
                await asyncio.sleep(0)
        finally:
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader

    def _understand(self, sorter: Sorter) -> Batch:
        """Read what is queued, and put it in order."""
        for _ in range(min(_AT_ONCE, len(self._queue))):
            came, text = self._queue.popleft()
            self._queued -= len(text)
            try:
                message = read(text)
            except InputError as error:
                self._note_damage(text, came, str(error))
                continue
            if isinstance(message, Notice):
                self.counts[message.kind] += 1
                continue
            self.counts[message.kind] += 1
            if message.is_damaged:
                self._note_damage(text, message.time, "its BGP message")
            sorter.take(message, came)
        if not self._queue:
            self._came.clear()
        records: dict[str, list[bytes]] = {}
        for message in sorter.release(self.now()):
            records.setdefault(message.collector, []).extend(message.records)
        gaps = (*self._gaps, *sorter.gaps, *self._take_dropped())
        self._gaps.clear()
        sorter.gaps.clear()
        self.counts.update(sorter.counts)
        sorter.counts.clear()
        return Batch({name: b"".join(parts) for name, parts in records.items() if parts}, gaps)

    def _note_damage(self, text: str, moment: int, what: str) -> None:
        self.counts["damaged"] += 1
        _log.warning("RIS Live: a message could not be understood: %s", what)
        collector, peer = find_peer(text) or ("", None)
        self._gaps.append(Gap(collector, peer, moment, moment, Cause.DAMAGED))

    def _take_dropped(self) -> list[Gap]:
        """Gaps of what was dropped, once the queue has room again."""
        if self._queued > self.limits.queue // 2:
            return []
        gaps = [
            Gap(*peer, begin - LAG, end, Cause.DROPPED)
            for peer, (begin, end) in self._dropped.items()
        ]
        self._dropped.clear()
        return gaps

    async def _read_forever(self) -> None:
        attempt = 0
        while True:
            began = time.monotonic()
            cause = Cause.DISCONNECTED
            try:
                await self._read_once()
            except TimeoutError:
                cause = Cause.SILENT
                self.trouble = "no answer"
            except (OSError, WebSocketException) as error:
                self.trouble = str(error) or type(error).__name__
            if self.connected:
                self.connected = False
                self.counts[f"lost: {cause}"] += 1
                self._lost = self._last - LAG, cause
                self._note_gap(None)
            attempt = 0 if time.monotonic() - began > self.limits.steady else attempt + 1
            wait = min(self.limits.longest_delay, self.limits.first_delay * 2 ** min(attempt, 16))
            wait = random.uniform(0, wait)  # noqa: S311  # no secret: clients shall not come at once
            _log.warning("RIS Live: %s; again in %.1f s", self.trouble, wait)
            await asyncio.sleep(wait)

    async def _read_once(self) -> None:
        """Connect, subscribe and read until the connection is lost.

        Raises:
            TimeoutError: nothing came and no answer either.
            UsageError: the subscriptions are refused.
        """
        name = f"zicht/{__version__} ({self.contact})"
        async with connect(
            f"{self.url}?client={quote(name)}",
            user_agent_header=name,
            max_size=self.limits.message,
            open_timeout=self.limits.answer,
            close_timeout=1,
            ping_interval=None,  # the service has pings of its own, see _next
        ) as socket:
            try:
                await self._follow(socket)
            finally:
                await socket.close()  # a farewell, also where this client ends

    async def _follow(self, socket: ClientConnection) -> None:
        """Subscribe, and read for as long as messages or answers come."""
        for subscription in self.subscriptions:
            await socket.send(subscribe(subscription).decode())
        missing = len(self.subscriptions)
        async with asyncio.timeout(self.limits.answer):
            while missing:
                missing -= self._is_acknowledged(str(await socket.recv()))
        self._note_return()
        while True:
            self._take(await self._next(socket))

    def _is_acknowledged(self, text: str) -> bool:
        """Take a message that comes before all is acknowledged; whether it acknowledges."""
        with contextlib.suppress(InputError):
            message = read(text)
            if isinstance(message, Notice) and message.kind == "ris_error":
                raise UsageError(f"RIS Live refuses the subscription: {message.text}")
            if isinstance(message, Notice) and message.kind == "ris_subscribe_ok":
                self.counts[message.kind] += 1
                return True
        self._take(text)
        return False

    def _note_return(self) -> None:
        self.connected = True
        self.trouble = ""
        self._last = self.now()
        if self._lost is not None:
            self._note_gap(self._last)
            self._lost = None

    def _note_gap(self, end: int | None) -> None:
        """The gap since the connection was lost, for all that is subscribed to."""
        begin, cause = self._lost or (self._last, Cause.DISCONNECTED)
        hosts = {(one.host or "").removesuffix(".ripe.net") for one in self.subscriptions}
        for collector in sorted({""} if "" in hosts else hosts):
            self._gaps.append(Gap(collector, None, begin, end, cause))
        self._came.set()

    async def _next(self, socket: ClientConnection) -> str:
        try:
            async with asyncio.timeout(self.limits.idle):
                return str(await socket.recv())
        except TimeoutError:
            await socket.send(ping().decode())
            async with asyncio.timeout(self.limits.answer):
                return str(await socket.recv())

    def _take(self, text: str) -> None:
        self._last = self.now()
        if self._queued + len(text) <= self.limits.queue:
            self._queue.append((self._last, text))
            self._queued += len(text)
        else:
            self.counts["dropped"] += 1
            peer: _Peer = find_peer(text) or ("", None)
            begin, _ = self._dropped.get(peer, (self._last, 0))
            self._dropped[peer] = (begin, self._last)
        self._came.set()
