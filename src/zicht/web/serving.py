"""Serving the application: granian within this process, beside whatever else it does."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from zicht.errors import UsageError
from zicht.web.app import application
from zicht.web.clients import is_loopback
from zicht.web.desk import Desk
from zicht.web.guard import Guard, Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime
    from pathlib import Path

    from starlette.types import ASGIApp

    from zicht.store import Store

LOOPBACK = "127.0.0.1"

ENDING = 2.0
"""Seconds that answers under way have when it ends."""

HEADERS_WITHIN = 10.0
"""Seconds that a reader has to say what it asks for, and for which a connection may be idle."""

PATIENCE = 0.1
"""Seconds for which readers wait for a page made anew, before they are given it as it was."""

_BACKLOG = 256
_HEADERS_MOST = 32 * 1024  # bytes of it
_AT_ONCE = 512  # connections
_UNREAD_FOR = 60_000  # milliseconds for which a reader may leave everything unread


@contextmanager
def serving(
    store: Store,
    *,
    host: str = LOOPBACK,
    port: int = 0,
    terms: Terms | None = None,
    now: Callable[[], datetime] | None = None,
    keep_reports: Path | None = None,
) -> Iterator[str]:
    """Serve pages and API of a store while the block runs.

    Args:
        store: the store.
        host: the address to listen at; the loopback unless told otherwise.
        port: the port; 0 takes any that is free.
        terms: what the guard lets through; by default what ``terms_at`` says.
        now: tells the time; by default this machine's clock.
        keep_reports: the folder of reports that readers ask to be kept; ``None`` keeps none.

    Yields:
        the address of the first page.

    Raises:
        UsageError: the address cannot be listened at.
        StoreError: the store cannot be read.
    """
    listening = listen(host, port)
    desk = Desk(store, now=now, keep_reports=keep_reports)
    desk.patience = PATIENCE
    stopped = threading.Event()
    looking = threading.Thread(target=desk.run, args=(stopped,), name="view", daemon=True)
    answering = _Answering(Guard(application(desk), terms or terms_at(host)), listening)
    try:
        answering.start()
        looking.start()
        yield address_of(listening)
    finally:
        stopped.set()
        answering.stop()
        desk.readers.close()
        looking.join(0.5)  # one that detects is left behind
        listening.close()


def terms_at(
    host: str,
    names: Collection[str] = (),
    *,
    proxies: Collection[str] = (),
    per_second: float | None = None,
) -> Terms:
    """What the guard lets through at an address; what is on the loopback without a name is private.

    Args:
        host: the address that is listened at.
        names: the names under which it is published.
        proxies: addresses of proxies before it whose word is believed on who asks.
        per_second: requests that one client may make in a second; 0 sets no limit.
    """
    terms = Terms(
        names=frozenset(name.lower().rstrip(".") for name in names),
        proxies=frozenset(proxies),
        public=bool(names) or not is_loopback(host),
    )
    return terms if per_second is None else replace(terms, per_second=per_second)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        UsageError: the address is no address, or taken, or not to be had.
    """
    try:
        family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET  # noqa: PLR2004
    except ValueError:
        raise UsageError(
            f"{host!r} is no address of a network.", "Write it as 127.0.0.1, 0.0.0.0 or ::1."
        ) from None
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise UsageError(
            f"Nothing can be served at {host}, port {port} ({error.strerror}).",
            "Choose another port with --port; 0 takes any that is free.",
        ) from None
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; connections that it accepts have it too
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD_FOR)
    listening.listen(_BACKLOG)
    listening.setblocking(False)  # noqa: FBT003 - Python's own name for it
    return listening


def address_of(listening: socket.socket) -> str:
    """The address at which a socket on this machine is asked."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, host)  # noqa: S104 - any is asked at one
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


class _Server(Server):
    """Granian on a socket that listens already, so that its port is known and nobody else's."""

    listening: socket.socket

    def _init_shared_socket(self) -> None:
        holder: Any = SocketHolder
        self._shd = holder(self.listening.dup().detach(), False, _BACKLOG)  # noqa: FBT003
        self._ssp = None


def _server(target: ASGIApp, listening: socket.socket) -> _Server:
    server = _Server(
        target,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        backpressure=_AT_ONCE,
        backlog=_BACKLOG,
        websockets=False,
        http1_settings=HTTP1Settings(
            header_read_timeout=round(HEADERS_WITHIN * 1000), max_buffer_size=_HEADERS_MOST
        ),
        log_enabled=False,
    )
    server.listening = listening
    return server


class _Answering:
    """A thread that answers."""

    def __init__(self, target: ASGIApp, listening: socket.socket) -> None:
        self._target, self._listening = target, listening
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: _Server | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="answering", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._started.wait()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._server = _server(self._target, self._listening)
        self._started.set()
        await self._server.serve()

    def stop(self) -> None:
        if self._loop is not None and self._server is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._server.stop)
        self._thread.join(ENDING)
