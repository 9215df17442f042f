"""Live routes of the small world: RIS Live, its archive and routers, all on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import time
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from routes_world import (
    KZ,
    NETWORKS,
    PEERS,
    STEP,
    attributes,
    delegated,
    publish,
    speakers,
    withdrawals,
)
from websockets.exceptions import ConnectionClosed

from zicht.cli import run
from zicht.lab import mrt
from zicht.observe.routes_live import LiveRoutes, follow_routes
from zicht.sources.bgp.fetch.ris_live import Limits
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from ipaddress import IPv4Network
    from pathlib import Path

    from archive_server import Archive
    from websockets.asyncio.server import ServerConnection

    from zicht.sources.bgp.follow import Watch
    from zicht.sources.bgp.series import Bin
    from zicht.store import Store

HANG = 90.0  # seconds; a guard, nothing that is measured
QUICK = Limits(idle=1.0, answer=5.0, first_delay=0.01, longest_delay=0.05)
GONE = [network for network, asn in NETWORKS.items() if asn == KZ][:30]
_NUMBER = count()


def store_with_places(folder: Path) -> Store:
    file = folder / "delegated-ripencc"
    file.write_bytes(delegated(date(2024, 9, 30)))
    assert run(["place", "import", str(file), "--store", str(folder / "store")]) == 0
    return open_store(folder / "store")


def recent() -> datetime:
    """The begin of the file of updates before the one that is being written."""
    now = datetime.now(UTC)
    return now - (now - datetime(1970, 1, 1, tzinfo=UTC)) % STEP - STEP


def publish_recent(archive: Archive, *collectors: str) -> datetime:
    """A dump of some minutes ago, and updates that tell of some minutes from now on too."""
    begin = recent()
    for name in collectors:
        publish(archive, name, 20, {}, begin=begin)
    return begin


def publish_withdrawal(archive: Archive, begin: datetime, *collectors: str) -> None:
    """The archive tells of what the stream did not: most of Kazakhstan is gone."""
    for name in collectors:
        path = f"/{name}/{begin:%Y.%m}/updates.{begin:%Y%m%d.%H%M}.gz"
        body = gzip.compress(withdrawals(name, begin + timedelta(minutes=4), GONE))
        archive.hold(path, body, etag='"two"', changed=1_500_000_000)


def spoken(collector: str, body: bytes, routers: int = PEERS) -> list[str]:
    """A message of RIS Live for each of these routers."""
    return [
        json.dumps(
            {
                "type": "ris_message",
                "data": {
                    "timestamp": time.time(),
                    "peer": str(router.address),
                    "peer_asn": str(router.asn),
                    "host": f"{collector}.ripe.net",
                    "type": "UPDATE",
                    "id": f"{router.address}-{next(_NUMBER):x}",
                    "raw": mrt.message(2, body).hex(),
                },
            }
        )
        for router in speakers(collector)[:routers]
    ]


def withdrawn() -> bytes:
    return mrt.update_body(withdrawn=b"".join(map(mrt.prefix, GONE)))


def announced(collector: str, networks: Sequence[IPv4Network] = GONE) -> bytes:
    return mrt.update_body(
        path_attributes=attributes(speakers(collector)[0], KZ),
        announced=b"".join(map(mrt.prefix, networks)),
    )


class Line:
    """A connection of RIS Live that says what the test puts into it; ``None`` ends it."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[str | None] = asyncio.Queue()

    async def __call__(self, _: object, socket: ServerConnection) -> None:
        talk = asyncio.create_task(self._talk(socket))
        with contextlib.suppress(ConnectionClosed):
            async for text in socket:
                await self._answer(socket, text)
        talk.cancel()

    async def _answer(self, socket: ServerConnection, text: str | bytes) -> None:
        asked = json.loads(text)
        answer = "pong" if asked["type"] == "ping" else "ris_subscribe_ok"
        await socket.send(json.dumps({"type": answer, "data": asked["data"]}))

    async def _talk(self, socket: ServerConnection) -> None:
        while (text := await self.said.get()) is not None:
            await socket.send(text)
        socket.transport.abort()

    def say(self, messages: list[str]) -> None:
        for message in messages:
            self.said.put_nowait(message)

    def cut(self) -> None:
        self.said.put_nowait(None)


class Screen:
    """What was told and shown."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.bins: list[tuple[Bin, Watch]] = []

    def tell(self, text: str) -> None:
        self.told.append(text)

    def show(self, one: Bin, watch: Watch) -> None:
        self.bins.append((one, watch))

    def values(self, entity: str = "country/KZ") -> list[int | None]:
        return [value_of(one, entity) for one, _ in self.bins]

    async def until(self, is_so: Callable[[], bool]) -> None:
        while not is_so():  # noqa: ASYNC110 - another thread tells nobody
            await asyncio.sleep(0.02)


def value_of(one: Bin, entity: str) -> int | None:
    if entity not in one.entities:
        return None
    row = one.entities.index(entity)
    return int(one.values[row, 0]) if one.known[row, 0] else None


@contextlib.asynccontextmanager
async def following(store: Store, **more: Any) -> AsyncIterator[Screen]:
    """Bins of a second, that wait a little; ended in the end, whatever happened."""
    screen = Screen()
    live = LiveRoutes(
        store=store,
        step=1,
        stragglers=2.0,
        poll=0.1,
        limits=QUICK,
        tell=screen.tell,
        show=screen.show,
        **more,
    )
    stopped = asyncio.Event()
    async with asyncio.timeout(HANG):
        task = asyncio.create_task(follow_routes(live, stopped))
        guarded = asyncio.create_task(_pass_on(task, asyncio.current_task()))
        try:
            yield screen
        finally:
            stopped.set()
            await task
            guarded.cancel()


async def _pass_on(task: asyncio.Task[None], test: asyncio.Task[Any] | None) -> None:
    """A test must not wait for what has failed."""
    await asyncio.wait([task])
    if task.exception() is not None and test is not None:
        test.cancel()
