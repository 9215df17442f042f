"""Live routes from the lab's RIS Live, archive and routers to bins, held against the world."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from live_world import Screen, following, value_of
from small_world import delegated, small_world, station_of

from zicht.cli import run as zicht
from zicht.lab.clock import LabClock
from zicht.lab.routes.archive import Archive
from zicht.lab.routes.bmp import begin_session
from zicht.lab.routes.files import table_records, update_records
from zicht.lab.routes.ground import DELAY
from zicht.lab.routes.holding import delays
from zicht.lab.serve.bmp import speaking_bmp
from zicht.lab.serve.faults import Fault, Faults
from zicht.lab.serve.http import Service, serving
from zicht.lab.serve.ris_live import serving_ris_live
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest

    from zicht.lab.routes.collectors import Station
    from zicht.lab.world import World
    from zicht.store import Store

HOUR = timedelta(hours=1)
KZ = "country/KZ"
ORDINARY = 360  # /24 blocks


def world_of_now(folder: Path) -> World:
    """A world that began some hours ago, at a time at which RIS has tables."""
    now = datetime.now(UTC)
    begin = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=now.hour % 8)
    return small_world(folder, "", begin=begin - 8 * HOUR, hours=48)


def store_of(world: World, folder: Path) -> Store:
    file = folder / "delegated-ripencc"
    file.write_bytes(delegated(world, world.begin - timedelta(days=1)))
    assert zicht(["place", "import", str(file), "--store", str(folder / "store")]) == 0
    return open_store(folder / "store")


def compiled(station: Station) -> Station:
    """With all that makes its files compiled, so that nothing waits for that later."""
    now = datetime.now(UTC)
    for records in (table_records(station, now), update_records(station, now, now + HOUR / 60)):
        assert len(list(records)) > 0
    assert len(begin_session(station, now)) > 0
    return station


def with_cut(world: World, station: Station, at: datetime) -> Station:
    """The same collector, but the country's first operator withdraws everything at an instant."""
    ground = station.ground
    own = np.flatnonzero(ground.origin == 9198)
    when = int(at.timestamp() * 1_000_000)
    count = np.diff(ground.first)
    ends = ground.first[1:][own]
    time = np.insert(ground.time, ends, when)
    state = np.insert(ground.state, ends, 0)
    assert (ground.time < when).all() or len(world.touched()) == 0
    kept = ground.time < when  # what comes later is left out, so that the order stays
    keep = np.insert(kept, ends, True)
    network = np.repeat(np.arange(len(count)), count)
    count = np.bincount(network[kept], minlength=len(count))
    count[own] += 1
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    time, state = time[keep], state[keep]
    of = np.repeat(np.arange(len(count), dtype=np.int32), count)
    by_time = np.lexsort((of, time))
    changed = ground._replace(
        first=first, time=time, state=state, moment=time[by_time], network=of[by_time]
    )
    return replace(station, ground=changed)


def left_at(station: Station, at: datetime, time: float) -> int:
    """Blocks that most full feeds carry at an instant, when everything goes at once."""
    full = station.post.full != 0
    when = at.timestamp() + delays(station.post, int(station.ground.group.max()) + 1)[full, 0] / 1e6
    return ORDINARY if (when > time).sum() * 2 > full.sum() else ORDINARY - 300


@asynccontextmanager
async def lab(
    past: Station, live: Station, world: World, faults: Faults
) -> AsyncIterator[dict[str, str]]:
    """The archive knows of the past alone; it is ahead, since it is slow to publish."""
    now = datetime.now(UTC)
    service = Service("archive", Archive([past], world.begin, world.end).answer)
    async with AsyncExitStack() as stack:
        ahead = LabClock(now + timedelta(minutes=20))
        archive = await stack.enter_async_context(serving(service, ahead, Faults()))
        ris = serving_ris_live([live], LabClock(now), faults)
        yield {"ris_live": await stack.enter_async_context(ris), "archive": archive}


def check(screen: Screen, station: Station, at: datetime, slack: float) -> tuple[int, int]:
    """Hold each bin against the truth of its end, or within ``slack`` seconds of it."""
    before = after = 0
    known = [one for one, _ in screen.bins if value_of(one, KZ) is not None]
    for one in known:
        end = one.time / 1e6 + 1
        value = value_of(one, KZ)
        truth = {left_at(station, at, end + off) for off in (-slack, 0.0, slack)}
        assert value in truth, (end - at.timestamp(), value, truth)
        before += value == ORDINARY
        after += value == ORDINARY - 300
    return before, after


def test_ris_live_and_the_archive_of_a_world_give_what_happens_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZICHT_CONTACT", "noc@example.net")
    world = world_of_now(tmp_path)
    store = store_of(world, tmp_path)
    past = compiled(station_of(world, "rrc00", pace=0.0))

    async def run() -> None:
        at = datetime.now(UTC) + timedelta(seconds=25)
        live = with_cut(world, past, at)
        async with (
            lab(past, live, world, Faults()) as where,
            following(store, ris=["rrc00"], **where) as screen,
        ):
            await screen.until(lambda: screen.values()[-1:] == [ORDINARY - 300])
            before, after = check(screen, live, at, 5.0)  # what a busy machine hears late
            assert after > 0
            assert before > 0
            assert {watch.voters[0] for _, watch in screen.bins} <= {0, 6}

    asyncio.run(run())


def test_a_stream_that_breaks_off_is_unknown_and_no_outage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZICHT_CONTACT", "noc@example.net")
    world = world_of_now(tmp_path)
    store = store_of(world, tmp_path)
    past = compiled(station_of(world, "rrc00", pace=0.0))

    async def run() -> None:
        now = datetime.now(UTC)
        begin, end = now + timedelta(seconds=15), now + timedelta(seconds=17)
        cut = Faults((Fault(kind="cut", service="ris-live", begin=begin, end=end),))
        async with (
            lab(past, past, world, cut) as where,
            following(store, ris=["rrc00"], **where) as screen,
        ):
            await screen.until(lambda: ORDINARY in screen.values())
            await screen.until(lambda: screen.values()[-1] is None)
            await screen.until(lambda: screen.values()[-1] == ORDINARY)
            assert set(screen.values()) == {None, ORDINARY}

    asyncio.run(run())


def test_a_router_of_a_world_gives_by_bmp_what_happens_in_it(tmp_path: Path) -> None:
    world = world_of_now(tmp_path)
    store = store_of(world, tmp_path)
    past = compiled(station_of(world, "rrc00", pace=0.0))

    async def run() -> None:
        now = datetime.now(UTC)
        at = now - timedelta(microseconds=DELAY // 3)
        router = with_cut(world, past, at)
        async with following(store, bmp=("127.0.0.1", 0)) as screen:
            await screen.until(lambda: len(screen.told) > 0)
            port = int(screen.told[0].rstrip(".").rpartition(":")[2])
            async with speaking_bmp(router, LabClock(now), Faults(), "127.0.0.1", port):
                await screen.until(lambda: screen.values()[-1:] == [ORDINARY - 300])
                before, after = check(screen, router, at, 3.0)  # times are those of arrival
                assert after > 0
                assert before >= 0
            await screen.until(lambda: screen.values()[-1] is None)
            assert screen.bins[-1][1].stale > 0

    asyncio.run(run())


def test_a_router_that_is_cut_off_comes_back_with_its_tables(tmp_path: Path) -> None:
    world = world_of_now(tmp_path)
    store = store_of(world, tmp_path)
    router = compiled(station_of(world, "rrc00", pace=0.0))

    async def run() -> None:
        now = datetime.now(UTC)
        begin, end = now + timedelta(seconds=10), now + timedelta(seconds=12)
        cut = Faults((Fault(kind="cut", service="bmp", begin=begin, end=end),))
        async with following(store, bmp=("127.0.0.1", 0)) as screen:
            await screen.until(lambda: len(screen.told) > 0)
            port = int(screen.told[0].rstrip(".").rpartition(":")[2])
            async with speaking_bmp(router, LabClock(now), cut, "127.0.0.1", port):
                await screen.until(lambda: ORDINARY in screen.values())
                await screen.until(lambda: screen.values()[-1] is None)
                await screen.until(lambda: screen.values()[-1] == ORDINARY)
                assert set(screen.values()) == {None, ORDINARY}

    asyncio.run(run())
