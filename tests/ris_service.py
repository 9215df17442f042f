"""A service that speaks RIS Live's protocol on loopback, with the faults that a test asks for."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from websockets.asyncio.server import ServerConnection, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Script = Callable[["RisService", ServerConnection], Awaitable[None]]


def ris_message(time: float, **fields: Any) -> str:
    data = {
        "timestamp": time,
        "peer": "192.0.2.9",
        "peer_asn": "64500",
        "host": "rrc00.ripe.net",
        "type": "UPDATE",
    }
    return json.dumps({"type": "ris_message", "data": data | fields})


@dataclass
class RisService:
    """One script for each connection that is made; the last one serves all that follow."""

    scripts: list[Script]
    paths: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    subscriptions: list[dict[str, Any]] = field(default_factory=list)
    farewells: list[int | None] = field(default_factory=list)
    pings: int = 0
    answers: bool = True

    async def __aenter__(self) -> Self:
        self._server = await serve(self._handle, "127.0.0.1", 0, compression=None)
        self.url = f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1/ws/"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _handle(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        self.paths.append(socket.request.path)
        self.agents.append(socket.request.headers["User-Agent"])
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        try:
            await script(self, socket)
        finally:
            await socket.wait_closed()
            self.farewells.append(socket.close_code)

    async def acknowledge(self, socket: ServerConnection, count: int = 2) -> None:
        for _ in range(count):
            asked = json.loads(await socket.recv())
            assert asked["type"] == "ris_subscribe"
            self.subscriptions.append(asked["data"])
            await socket.send(json.dumps({"type": "ris_subscribe_ok", "data": asked["data"]}))

    async def stay(self, socket: ServerConnection) -> None:
        """Do nothing but answer pings, until the client goes away."""
        async for text in socket:
            assert json.loads(text)["type"] == "ping"
            self.pings += 1
            if self.answers:
                await socket.send(json.dumps({"type": "pong", "data": None}))


def sends(*messages: str, then: str = "stay") -> Script:
    """A script that acknowledges, sends these messages, and then stays or goes."""

    async def script(service: RisService, socket: ServerConnection) -> None:
        await service.acknowledge(socket)
        for message in messages:
            await socket.send(message)
        if then == "stay":
            await service.stay(socket)
        elif then == "vanish":
            await asyncio.sleep(0.05)
            socket.transport.abort()
        else:
            await socket.close(1011, "cannot keep up")

    return script
