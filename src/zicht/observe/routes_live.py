"""Live routes: RIS Live and routers' BMP, read without a pause, into bins and the store.

The event loop reads and nothing else; one thread beside it decodes, keeps the tables, reads bins
and writes them. While it is busy the streams' own bounded queues fill, and what does not fit is a
gap. A third thread goes through the archive.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zicht.errors import InputError, NotFoundError, UsageError
from zicht.http import CONTACT
from zicht.model.entity import parse_entity
from zicht.model.time import MICROSECONDS, to_microseconds
from zicht.observe.places import load_blocks
from zicht.observe.routes_live_bins import LiveBins, origin_of
from zicht.observe.routes_live_wanted import Wanted
from zicht.observe.routes_resync import Archivist
from zicht.observe.watch_clock import Clock
from zicht.sources.bgp.canaries import Watcher
from zicht.sources.bgp.collectors import find_collectors
from zicht.sources.bgp.fetch.bmp import BmpListener
from zicht.sources.bgp.fetch.ris_live import URL, Limits, RisLive
from zicht.sources.bgp.follow import Follower
from zicht.sources.bgp.ris_live import Subscription
from zicht.sources.bgp.visibility import Visibility

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Collection, Container, Sequence

    from zicht.place.blocks import Blocks
    from zicht.sources.bgp.canaries import Canaries
    from zicht.sources.bgp.collectors import Collector
    from zicht.sources.bgp.follow import Watch
    from zicht.sources.bgp.live import Batch
    from zicht.sources.bgp.series import Bin
    from zicht.store import Store

STRAGGLERS = 15.0
"""Seconds that a bin waits after its end: messages wait one to be put in order, RIS Live is some
behind its collectors, and a connection that died is noticed within ten (``_LIMITS``), so that what
was not seen is known before it could look like an outage."""

_TICK = 0.25  # seconds
_LIMITS = Limits(idle=5.0, answer=5.0)


@dataclass(frozen=True)
class Sight:
    """How well a bin was seen.

    Attributes:
        end: end of the bin, microseconds since 1970 UTC.
        watch: who could vote.
        collectors: how each fares, see ``Follower.collectors``.
        canaries: how beacons look.
        trouble: why RIS Live is not connected, in words; empty where it is.
    """

    end: int
    watch: Watch
    collectors: dict[str, str]
    canaries: Canaries
    trouble: str


@dataclass(frozen=True, kw_only=True)
class LiveRoutes:
    """What is followed, and how.

    Attributes:
        store: where bins go.
        ris: collectors of RIS.
        bmp: the address and port to listen on for routers, or ``None``.
        step: length of a bin in seconds.
        entities: the only ones that are wanted; all where there is none.
        with_operators: countries among them bring their operators and regions.
        ris_live: the address of RIS Live.
        archive: the address of a mirror of RIS's archive.
        stragglers: seconds that a bin waits after its end.
        poll: seconds between two looks into the archive where it lags.
        limits: of RIS Live.
        simulated: what speaks is the lab, and nothing in it was measured.
        clock: the time that collectors go by.
        tell: told what is more than figures; called in any thread.
        show: given each bin and how well it was seen; called in a thread.
        seen: given how well each bin was seen, canaries included, before ``show``; likewise.
    """

    store: Store
    ris: Collection[str] = ()
    bmp: tuple[str, int] | None = None
    step: int = 60
    entities: Collection[str] = ()
    with_operators: bool = False
    ris_live: str = URL
    archive: str | None = None
    stragglers: float = STRAGGLERS
    poll: float = 60.0
    limits: Limits = _LIMITS
    simulated: bool = False
    clock: Clock = field(default_factory=Clock)
    tell: Callable[[str], None] = lambda _: None
    show: Callable[[Bin, Watch], None] = lambda *_: None
    seen: Callable[[Sight], None] = lambda _: None

    def now(self) -> int:
        """The time that collectors go by: microseconds since 1970 UTC."""
        return to_microseconds(self.clock.now())


async def follow_routes(live: LiveRoutes, stopped: asyncio.Event) -> None:
    """Follow live routes until ``stopped`` is set.

    Raises:
        InputError: the address for routers cannot be listened on.
        StoreError: the disk is full or fails.
        UsageError: there is nothing to follow, no contact for RIS Live, or no such collector.
    """
    collectors = find_collectors(live.ris) if live.ris else ()
    if not collectors and live.bmp is None:
        raise UsageError("There is nothing to follow.", "Name --ris rrc00 or --bmp HOST:PORT.")
    client = _ris_live(live, collectors) if collectors else None
    async with contextlib.AsyncExitStack() as stack:
        streams = [] if client is None else [client.batches()]
        if live.bmp is not None:
            streams.append(await _listen(live, live.bmp, stack))
        thread = stack.enter_context(ThreadPoolExecutor(1, "zicht-routes"))
        work = _Work(live, collectors, client)
        tasks = [asyncio.create_task(_feed(stream, work, thread, live)) for stream in streams]
        tasks.append(asyncio.create_task(_tick(work, thread)))
        ending = asyncio.create_task(stopped.wait())
        try:
            done, _ = await asyncio.wait([*tasks, ending], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in [*tasks, ending]:
                task.cancel()
            await asyncio.gather(*tasks, ending, return_exceptions=True)
            await asyncio.get_running_loop().run_in_executor(thread, work.close)


def _ris_live(live: LiveRoutes, collectors: Sequence[Collector]) -> RisLive:
    for one in collectors:
        if one.project != "ris":
            raise UsageError(
                f"{one.name} is none of RIS, and RIS Live tells of those alone.",
                "Collectors of RIS are named rrc00, rrc01 and so on.",
            )
    contact = os.environ.get(CONTACT, "").strip()
    if not contact:
        raise UsageError(
            "RIS Live wants to know who listens.",
            f"Set {CONTACT} to a mail address or a page of yours.",
        )
    subscriptions = [
        Subscription(host=one.name, type=kind)
        for one in collectors
        for kind in ("UPDATE", "RIS_PEER_STATE")
    ]
    return RisLive(contact, subscriptions, url=live.ris_live, limits=live.limits, now=live.now)


async def _listen(
    live: LiveRoutes, address: tuple[str, int], stack: contextlib.AsyncExitStack
) -> AsyncGenerator[Batch]:
    listener = BmpListener(*address, now=live.now)
    try:
        await stack.enter_async_context(listener)
    except OSError as error:
        raise InputError(
            f"{address[0]}:{address[1]} cannot be listened on: {error.strerror or error}.",
            "Name an address of this machine and a free port.",
        ) from error
    live.tell(f"Routers can connect by BMP to {listener.host}:{listener.port}.")
    return listener.batches()


async def _feed(
    stream: AsyncGenerator[Batch], work: _Work, thread: ThreadPoolExecutor, live: LiveRoutes
) -> None:
    loop = asyncio.get_running_loop()
    async with contextlib.aclosing(stream) as batches:
        async for batch in batches:
            await loop.run_in_executor(thread, work.take, batch, live.now())


async def _tick(work: _Work, thread: ThreadPoolExecutor) -> None:
    loop = asyncio.get_running_loop()
    while True:
        await loop.run_in_executor(thread, work.tick)
        await asyncio.sleep(_TICK)


class _Work:
    """What is done in the one thread that may take its time."""

    def __init__(
        self, live: LiveRoutes, collectors: Sequence[Collector], client: RisLive | None
    ) -> None:
        self._live = live
        self._client = client
        self._has_joined = False
        blocks = _blocks(live)
        visibility = Visibility(blocks)
        names = [one.name for one in collectors]
        step = live.step * MICROSECONDS
        start = (live.now() // step + 1) * step
        self._follower = Follower(visibility, start, live.step, names)
        routers = None if live.bmp is None else f"{live.bmp[0]}:{live.bmp[1]}"
        self._bins = LiveBins(
            live.store,
            visibility.places,
            live.step,
            _wanted(live),
            origin_of(names, routers, simulated=live.simulated),
            now=live.clock.now,
            tell=live.tell,
        )
        self._visibility = visibility
        self._canaries = Watcher()
        self._archivist = Archivist(
            collectors,
            live.store.path / "live",
            address=live.archive,
            poll=live.poll,
            tell=live.tell,
            clock=live.clock,
        )
        if names:
            live.tell(f"Warming up: nothing is known until the tables of {', '.join(names)} are.")
            self._archivist.start()

    def take(self, batch: Batch, now: int) -> None:
        """Take in what came of a stream."""
        for gap in batch.gaps:
            if gap.end is None:
                self._live.tell(f"{gap.collector or 'All collectors'}: {gap.cause}.")
        self._follower.take(batch, now)

    def tick(self) -> None:
        """Look after the archive, and write the bins that are due."""
        if self._client is not None and self._client.connected and not self._has_joined:
            self._has_joined = True
            self._follower.join(self._live.now())
        for one in self._archivist.take():
            if self._follower.resync(one.collector, one.ribs, one.until):
                self._live.tell(f"{one.collector}: its tables are known.")
        self._archivist.want(self._follower.wanted())
        due = self._live.now() - int(self._live.stragglers * MICROSECONDS)
        for reading, watch in self._follower.until(due):
            canaries = self._canaries.look(self._visibility, reading.time)
            sight = Sight(
                reading.time, watch, self._follower.collectors(), canaries, self._trouble()
            )
            written = self._bins.write(reading, watch, canaries.faults)
            self._live.seen(sight)
            self._live.show(written, watch)

    def _trouble(self) -> str:
        if self._client is None or self._client.connected:
            return ""
        return self._client.trouble or "not connected yet"

    def close(self) -> None:
        """End; bins that are not due yet are left out."""
        self._archivist.stop()
        self._bins.close()


def _blocks(live: LiveRoutes) -> Blocks | None:
    try:
        return load_blocks(live.store.path, live.clock.now().date())
    except NotFoundError as error:
        live.tell(f"No countries are told: {error}")
        return None


def _wanted(live: LiveRoutes) -> Container[str] | None:
    texts = {str(parse_entity(entity)) for entity in live.entities}
    if not texts:
        return None
    return Wanted(texts) if live.with_operators else texts
