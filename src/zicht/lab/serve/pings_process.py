"""A process of its own that answers pings, so that it and its world's network end together."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from zicht.errors import UsageError
from zicht.lab.answering import answering
from zicht.lab.pings import prepare
from zicht.lab.serve.pings import enter_own_network, respond
from zicht.lab.world import open_scenario

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from multiprocessing.connection import Connection
    from pathlib import Path

    from zicht.lab.clock import LabClock

_PATIENCE = 10.0  # seconds that the process has to end


@asynccontextmanager
async def answering_pings(
    scenario: tuple[str | Path, int | None, float], clock: LabClock
) -> AsyncIterator[str]:
    """Answer in another process; yields the file of the network in which the addresses are.

    Args:
        scenario: the name or file of the world's scenario, another seed, the size.
        clock: the world's.

    Raises:
        UsageError: this needs root, ``/dev/net/tun`` and the program ``ip``.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_answer, args=(scenario, clock, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        try:
            refusal = await asyncio.to_thread(ours.recv)
        except EOFError:
            raise UsageError("The process that answers pings ended at once.") from None
        if refusal is not None:
            raise UsageError(*refusal)
        yield f"/proc/{process.pid}/ns/net"
    finally:
        ours.close()
        await asyncio.to_thread(process.join, _PATIENCE)
        if process.is_alive():
            process.terminate()
            process.join()


def _answer(
    scenario: tuple[str | Path, int | None, float], clock: LabClock, parent: Connection
) -> None:
    """Answer until the other end of the connection is closed, be it that the parent died."""
    name, seed, size = scenario
    try:
        at = answering(open_scenario(name, seed=seed, size=size))
        prepare(at(clock.now()))
        tunnel = enter_own_network()
    except UsageError as refused:
        parent.send((refused.message, refused.hint))
        return
    parent.send(None)
    with suppress(KeyboardInterrupt):  # of the terminal, which tells the parent too
        respond(tunnel, lambda: at(clock.now()), parent.poll)
    os.close(tunnel)
