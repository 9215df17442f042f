"""Updates as they happen: server-sent events (WHATWG HTML, 9.2) of what is new or revised."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from starlette.routing import Route

from zicht.web.api import common
from zicht.web.api.events import tamed
from zicht.web.api.operations import query_of
from zicht.web.api.parameters import read_all
from zicht.web.api.problems import ProblemError, problem_response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from zicht.model.outage import Event
    from zicht.web.desk import Desk
    from zicht.web.view import View

PATH = "/api/v1/updates"
MOST_STREAMS = 100
MOST_OF_A_CLIENT = 4
LONGEST = 3600.0
"""Seconds after which a stream ends; whoever still reads connects anew by itself."""

_LOOK = 1.0  # seconds between two looks at the view
_BEAT = 15.0  # seconds without news after which a comment shows that somebody is there
_AGAIN = "60"
_RETRY = 5000  # milliseconds after which a reader connects anew
_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # proxies that collect answers do not collect this one
]


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """That the view is another one.

    Attributes:
        key: of the view.
        time: the time that the view is of.
        ongoing: how many events go on, or may.
        simulated: some of it is of the lab and no measurement.
    """

    key: str
    time: datetime
    ongoing: int
    simulated: bool


class Streams:
    """Who reads updates, counted.

    Attributes:
        readers: how many streams each client has.
    """

    def __init__(self) -> None:
        self.readers: Counter[str] = Counter()

    def enter(self, client: str) -> None:
        """Note one more.

        Raises:
            ProblemError: there are too many already.
        """
        if self.readers.total() >= MOST_STREAMS or self.readers[client] >= MOST_OF_A_CLIENT:
            raise ProblemError(
                "too-many-requests",
                f"A client may read {MOST_OF_A_CLIENT} streams of updates at once.",
                "Close others, or ask for /api/v1/events with If-None-Match now and then.",
                headers={"Retry-After": _AGAIN},
            )
        self.readers[client] += 1

    def leave(self, client: str) -> None:
        """Note one less."""
        self.readers[client] -= 1
        if self.readers[client] <= 0:
            del self.readers[client]


def update_routes(desk: Desk) -> list[BaseRoute]:
    """The stream of updates."""
    streams = Streams()

    async def endpoint(request: Request) -> ASGIApp:
        try:
            asked = read_all([common.ENTITIES], query_of(request), {})
            client = str(request.scope.get("state", {}).get("client", "unknown"))
            streams.enter(client)
        except ProblemError as error:
            return problem_response(error)
        last = request.headers.get("last-event-id")
        return _Stream(desk, frozenset(asked["entity"]), last, lambda: streams.leave(client))

    return [Route(PATH, endpoint, methods=["GET"], name="api.updates")]


class _Stream:
    """An answer that goes on."""

    def __init__(
        self, desk: Desk, wanted: frozenset[str], last: str | None, leave: Callable[[], None]
    ) -> None:
        self._desk, self._wanted, self._last, self._leave = desk, wanted, last, leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            if scope["method"] == "HEAD":
                await send(_part(b"", more=False))
                return
            gone = asyncio.create_task(_disconnected(receive))
            try:
                await self._tell(send, gone)
            finally:
                gone.cancel()
        finally:
            self._leave()

    async def _tell(self, send: Send, gone: asyncio.Task[None]) -> None:
        loop = asyncio.get_running_loop()
        begin = beat = loop.time()
        view = self._desk.view()
        await send(_part(f"retry: {_RETRY}\n\n".encode()))
        if self._last != view.key:
            await send(_part(_view(view)))
        while loop.time() - begin < LONGEST:
            await asyncio.wait([gone], timeout=_LOOK)
            if gone.done():
                return
            now = self._desk.view()
            if now.key != view.key:
                for event in changed(view, now, self._wanted):
                    await send(_part(_said("event", msgspec.json.encode(tamed(event)))))
                await send(_part(_view(now)))
                view, beat = now, loop.time()
            elif loop.time() - beat >= _BEAT:
                await send(_part(b": still here\n\n"))
                beat = loop.time()
        await send(_part(b"", more=False))


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def changed(before: View, after: View, wanted: frozenset[str]) -> Iterator[Event]:
    """The events that are new, revised or retracted, the earliest first.

    Args:
        before: what was told.
        after: what is so now.
        wanted: only events of these entities, or in which one of these operators takes part; all
            where there are none.
    """
    for event in reversed([*after.events, *after.retracted.values()]):
        old = before.event(event.id)
        if old is not None and (old.revision, old.retracted) == (event.revision, event.retracted):
            continue
        if not wanted or wanted & {event.entity, *(one.entity for one in event.operators)}:
            yield event


def _view(view: View) -> bytes:
    told = Update(
        key=view.key, time=view.time, ongoing=len(view.ongoing()), simulated=view.simulated
    )
    return _said("view", msgspec.json.encode(told), view.key)


def _said(kind: str, data: bytes, name: str | None = None) -> bytes:
    """One event of the stream; JSON has no line ends of its own."""
    head = b"" if name is None else b"id: %s\n" % name.encode()
    return b"%sevent: %s\ndata: %s\n\n" % (head, kind.encode(), data)


def _part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}
