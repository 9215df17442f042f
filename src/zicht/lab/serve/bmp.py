"""A router of a world that connects to a BMP collector, as routers do (RFC 7854, section 3.2)."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from zicht.lab.routes.bmp import begin_session, said_between, statistics, termination
from zicht.lab.serve.faults import Faults, met

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from zicht.lab.clock import LabClock
    from zicht.lab.routes.collectors import Station

SERVICE = "bmp"
"""What faults call it; their paths are the routers' names."""

_TICK = 0.1  # real seconds
_AGAIN = 0.2  # real seconds until a router tries again
_LONGEST = timedelta(minutes=5)  # of the world that is made at a time
_REPORTS = timedelta(minutes=15)


@asynccontextmanager
async def speaking_bmp(
    station: Station, clock: LabClock, faults: Faults, host: str, port: int
) -> AsyncIterator[None]:
    """Connect to a collector and speak until the end; come back whenever the connection is lost.

    At the end the router says goodbye. Of faults it knows ``cut`` and ``reset`` (the connection
    breaks off) and ``slow`` (messages wait).

    Args:
        station: the collector that stands for a router.
        clock: the world's time.
        faults: what goes wrong.
        host: the collector's address.
        port: its port.
    """
    speaking = asyncio.create_task(_come_again(station, clock, faults, (host, port)))
    try:
        yield
    finally:
        speaking.cancel()
        with suppress(asyncio.CancelledError):
            await speaking


async def _come_again(
    station: Station, clock: LabClock, faults: Faults, where: tuple[str, int]
) -> None:
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(*where)
            try:
                await _talk(station, clock, faults, writer)
            except asyncio.CancelledError:
                writer.write(termination())
                writer.close()
                raise
            writer.transport.abort()
        await asyncio.sleep(_AGAIN)


async def _talk(
    station: Station, clock: LabClock, faults: Faults, writer: asyncio.StreamWriter
) -> None:
    """Speak until a fault ends it, or the collector goes away (OSError)."""
    told = reported = clock.now()
    writer.write(await asyncio.to_thread(begin_session, station, told))
    while True:
        await writer.drain()
        await asyncio.sleep(_TICK)
        now = clock.now()
        fault = met(faults, SERVICE, station.collector.name, now, 0)
        if fault is not None and fault.kind in {"cut", "reset"}:
            return
        slow = fault.seconds or 0 if fault is not None and fault.kind == "slow" else 0
        due = max(told, min(now - timedelta(seconds=slow), told + _LONGEST))
        if due > told:
            writer.write(await asyncio.to_thread(said_between, station, told, due))
            told = due
        if now - reported >= _REPORTS:
            writer.write(await asyncio.to_thread(statistics, station, told))
            reported = now
