"""Live routes in a process of their own, for a watch that must not wait for them.

Tables of whole collectors take gigabytes, and reading thousands of messages a second takes a core:
in a process of its own neither that nor its end touches other sources.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from zicht.errors import FaultError, InputError, ZichtError
from zicht.http import CONTACT
from zicht.observe.routes_live import STRAGGLERS, LiveRoutes, Sight, follow_routes
from zicht.observe.watch_clock import Clock
from zicht.sources.bgp.fetch.ris_live import URL
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from pathlib import Path

    from zicht.sources.bgp.follow import Watch
    from zicht.sources.bgp.series import Bin

_LOOK = 0.2  # real seconds between two looks at whether it is to end
_PATIENCE = 3.0  # seconds for which a process may take leave
_HASTE = 10.0  # a clock of the lab that is faster than this leaves bins less than they need


@dataclass(frozen=True, kw_only=True)
class RoutesJob:
    """What is to be followed; it can be sent to another process.

    Attributes:
        store: the folder or the address of the store.
        contact: of whoever runs this, for RIS Live.
        ris: collectors of RIS.
        bmp: the address and port to listen on for routers, or ``None``.
        step: length of a bin in seconds.
        entities: the only ones that are wanted; all where there is none.
        with_operators: countries among them bring their operators and regions.
        ris_live: the address of RIS Live.
        archive: the address of a mirror of RIS's archive.
        clock: the time.
    """

    store: Path | str
    contact: str
    ris: tuple[str, ...] = ()
    bmp: tuple[str, int] | None = None
    step: int = 60
    entities: tuple[str, ...] = ()
    with_operators: bool = False
    ris_live: str = URL
    archive: str | None = None
    clock: Clock = field(default_factory=Clock)


@dataclass(frozen=True)
class Seen:
    """A bin that was stored.

    Attributes:
        begin: begin of the bin, microseconds since 1970 UTC.
        entities: of whom something is known in it.
        sight: how well it was seen.
    """

    begin: int
    entities: tuple[str, ...]
    sight: Sight


@dataclass(frozen=True)
class _Failed:
    message: str
    hint: str | None


def follow_in_process(
    job: RoutesJob,
    stopped: threading.Event,
    *,
    seen: Callable[[Seen], None],
    tell: Callable[[str], None],
) -> None:
    """Follow live routes in a process of their own, until ``stopped`` is set.

    Args:
        job: what is to be followed.
        stopped: set from outside to end it.
        seen: given each bin once it is stored.
        tell: told what is more than figures.

    Raises:
        InputError: it cannot be followed; the reason is said.
        FaultError: the process is gone.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_follow, args=(job, theirs), name="zicht-routes", daemon=True)
    process.start()
    theirs.close()
    try:
        while not stopped.is_set():
            if not ours.poll(_LOOK):
                continue
            said = ours.recv()
            if isinstance(said, _Failed):
                raise InputError(said.message, said.hint)
            if isinstance(said, Seen):
                seen(said)
            else:
                tell(str(said))
    except (EOFError, OSError):
        process.join(_PATIENCE)
        raise FaultError(
            f"The process that follows routes is gone (exit code {process.exitcode}).",
            "It may have had too little memory: follow fewer collectors.",
        ) from None
    finally:
        ours.close()  # that ends it
        process.join(_PATIENCE)
        if process.is_alive():
            process.kill()
            process.join(_PATIENCE)


def _follow(job: RoutesJob, connection: Connection) -> None:
    """Follow in this process; it ends with the other end of the connection."""
    for number in (signal.SIGINT, signal.SIGTERM):  # whoever started it says when it is to end
        signal.signal(number, signal.SIG_IGN)
    os.environ[CONTACT] = job.contact
    saying = threading.Lock()

    def say(what: object) -> None:
        with saying:
            connection.send(what)

    sights: list[Sight] = []

    def show(one: Bin, _: Watch) -> None:
        rows = np.flatnonzero(one.known.any(axis=1)).tolist()
        names = tuple(one.entities[row] for row in rows)
        say(Seen(one.time, names, sights.pop()))

    live = LiveRoutes(
        store=open_store(job.store),
        ris=job.ris,
        bmp=job.bmp,
        step=job.step,
        entities=job.entities,
        with_operators=job.with_operators,
        ris_live=job.ris_live,
        archive=job.archive,
        stragglers=STRAGGLERS * max(1.0, job.clock.speed / _HASTE),
        simulated=job.clock.made_up,
        clock=job.clock,
        tell=say,
        show=show,
        seen=sights.append,
    )
    try:
        asyncio.run(_until_closed(live, connection))
    except ZichtError as error:
        say(_Failed(error.message, error.hint))
    except (BrokenPipeError, ConnectionResetError):
        pass  # nobody is left to tell


async def _until_closed(live: LiveRoutes, connection: Connection) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait() -> None:
        try:
            connection.recv()
        except (EOFError, OSError):
            loop.call_soon_threadsafe(stopped.set)
            time.sleep(_PATIENCE)
            os._exit(1)  # something hangs, and nobody is left who could end it

    threading.Thread(target=wait, daemon=True).start()
    await follow_routes(live, stopped)
