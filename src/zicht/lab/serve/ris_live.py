"""RIS Live of a world: a WebSocket on the loopback that says what its collectors hear."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from zicht.lab.routes.ris_live import Client, said_between
from zicht.lab.serve.faults import Faults, met
from zicht.lab.serve.http import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from websockets.asyncio.server import ServerConnection
    from websockets.http11 import Request, Response

    from zicht.lab.clock import LabClock
    from zicht.lab.routes.collectors import Station
    from zicht.lab.routes.ris_live import Said

SERVICE = "ris-live"
"""What faults call it."""

LAG = timedelta(seconds=1)
"""How far it is behind its collectors, in the world's time."""

_PATH = "/v1/ws/"
_TICK = 0.1  # real seconds
_LONGEST = timedelta(minutes=5)  # of the world that is made at a time


@asynccontextmanager
async def serving_ris_live(
    stations: Sequence[Station], clock: LabClock, faults: Faults, port: int = 0
) -> AsyncIterator[str]:
    """Serve on the loopback; yields the address.

    Of faults it knows ``error``, ``unavailable`` and ``too-many`` (the client is not let in),
    ``cut`` and ``reset`` (those who are in are thrown out), ``malformed`` (messages without their
    ends) and ``slow`` (messages wait).

    Args:
        stations: the collectors; those of RIS speak.
        clock: the world's time.
        faults: what goes wrong.
        port: where to listen; any free one if 0.

    Raises:
        OSError: the port is taken.
    """
    ris = [one for one in stations if one.collector.project == "ris"]
    room = _Room(ris, clock, faults)
    server = serve(
        room.meet, LOOPBACK, port, process_request=room.refuse, compression=None, ping_interval=None
    )
    async with server as standing:
        speaking = asyncio.create_task(room.speak())
        try:
            yield f"ws://{LOOPBACK}:{next(iter(standing.sockets)).getsockname()[1]}{_PATH}"
        finally:
            speaking.cancel()
            with suppress(asyncio.CancelledError):
                await speaking
            for socket in tuple(room.clients):
                socket.transport.abort()


class _Room:
    """All who listen."""

    def __init__(self, stations: Sequence[Station], clock: LabClock, faults: Faults) -> None:
        self.clients: dict[ServerConnection, Client] = {}
        self._stations = stations
        self._clock = clock
        self._faults = faults
        self._asked = 0

    async def refuse(self, socket: ServerConnection, request: Request) -> Response | None:
        """Not let in a client, where a fault says so."""
        fault = met(self._faults, SERVICE, request.path, self._clock.now(), self._asked)
        self._asked += 1
        codes = {"error": 500, "unavailable": 503, "too-many": 429}
        if fault is None or fault.kind not in codes:
            return None
        return socket.respond(HTTPStatus(fault.code or codes[fault.kind]), "not now\n")

    async def meet(self, socket: ServerConnection) -> None:
        """Talk with a client until it goes."""
        client = Client(tuple(one.collector.name for one in self._stations), [])
        self.clients[socket] = client
        try:
            async for text in socket:
                answer = client.ask(text)
                if answer is not None:
                    await socket.send(answer.decode())
        except ConnectionClosed:
            pass
        finally:
            del self.clients[socket]

    async def speak(self) -> None:
        """Say what is due, for ever."""
        told = self._clock.now() - LAG
        await asyncio.to_thread(self._make, told, told + LAG)  # compiles, before anybody waits
        while True:
            await asyncio.sleep(_TICK)
            now = self._clock.now()
            fault = met(self._faults, SERVICE, _PATH, now, 0)
            kind = None if fault is None else fault.kind
            if kind in {"cut", "reset"}:
                for socket in tuple(self.clients):
                    socket.transport.abort()
            lag = LAG
            if fault is not None and kind == "slow":
                lag += timedelta(seconds=fault.seconds or 0)
            due = max(told, min(now - lag, told + _LONGEST))
            if due > told:
                await self._say(told, due, spoilt=kind == "malformed")
                told = due

    def _make(self, begin: datetime, end: datetime) -> list[Said]:
        said = [one for station in self._stations for one in said_between(station, begin, end)]
        return sorted(said, key=lambda one: one.time)

    async def _say(self, begin: datetime, end: datetime, *, spoilt: bool) -> None:
        for one in await asyncio.to_thread(self._make, begin, end):
            for socket, client in tuple(self.clients.items()):
                for text in client.messages(one):
                    whole = text.decode()
                    with suppress(ConnectionClosed):
                        await socket.send(whole[: len(whole) // 2] if spoilt else whole)
