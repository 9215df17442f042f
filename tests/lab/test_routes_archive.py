"""From a world to an archive over HTTP, and from there by our own backfill back to the world."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from small_world import (
    BEGIN,
    ENTITIES,
    SHUTDOWN,
    SIGNALS,
    STEP,
    delegated,
    expected,
    fault,
    small_world,
)

from zicht.cli import run as zicht
from zicht.lab.clock import LabClock
from zicht.lab.routes.archive import Archive
from zicht.lab.routes.collectors import stations_of
from zicht.lab.serve.faults import Fault, Faults
from zicht.lab.serve.http import Service, serving
from zicht.lab.world import open_scenario
from zicht.observe.routes import backfill_routes
from zicht.observe.routes_visibility import pipeline
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from zicht.lab.world import World
    from zicht.observe.routes import Backfilled
    from zicht.store import Store

HOUR = timedelta(hours=1)


@contextmanager
def served(archive: Archive, now: datetime, faults: Faults | None = None) -> Iterator[str]:
    """An archive on loopback, in a thread of its own, as the world is at ``now``."""
    loop = asyncio.new_event_loop()
    started: list[str] = []
    ready, stop = threading.Event(), asyncio.Event()

    async def run() -> None:
        service = Service("archive", archive.answer)
        async with serving(service, LabClock(now, 0), faults or Faults()) as address:
            started.append(address)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    try:
        assert ready.wait(60)
        yield started[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def store_of(world: World, folder: Path) -> Store:
    file = folder / "delegated-ripencc"
    file.write_bytes(delegated(world, world.begin - timedelta(days=1)))
    assert zicht(["place", "import", str(file), "--store", str(folder / "store")]) == 0
    return open_store(folder / "store")


def backfill(
    store: Store,
    address: str,
    begin: datetime,
    end: datetime,
    collectors: Sequence[str] = ("rrc00", "route-views2"),
) -> Backfilled:
    with ThreadPoolExecutor(2) as pool:
        return backfill_routes(
            store,
            collectors,
            begin,
            end,
            pipeline(store, (), end),
            cache=store.path / "archives",
            addresses={"ris": address, "routeviews": address},
            executor=pool,
            workers=2,
        )


def compare(
    world: World,
    store: Store,
    begin: datetime,
    end: datetime,
    is_known: Callable[[str, datetime], bool] = lambda *_: True,
    entities: Sequence[str] = ENTITIES,
) -> tuple[int, int, int]:
    """Hold each value against the world; how many there are, how many are sure, and unknown."""
    stations = list(stations_of(world))
    values = {
        (signal, entity): store.read(signal, entity, start=begin, end=end)
        for signal in SIGNALS
        for entity in entities
    }
    checked = sure = unknown = 0
    time = begin
    while time < end:
        at = int(time.timestamp()) * 1_000_000
        truth = expected(world, stations, time + STEP, is_known, entities)
        for key, series in values.items():
            row = (at - series.start) // 300_000_000
            value = series.values[row] if 0 <= row < len(series.values) else np.nan
            if truth is None:
                assert np.isnan(value), (key, time)
                unknown += 1
                continue
            least, most = truth[key]
            assert least <= value <= most, (key, time, value, truth[key])
            checked += 1
            sure += least == most
        time += STEP
    return checked, sure, unknown


def test_a_backfill_from_the_labs_archive_gives_what_the_world_was(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    archive = Archive(stations_of(world), world.begin, world.end)
    store = store_of(world, tmp_path)
    begin, end = BEGIN + 2 * HOUR, BEGIN + 7 * HOUR
    with served(archive, world.end + HOUR) as address:
        done = backfill(store, address, begin, end)
    assert not done.gaps
    checked, sure, _ = compare(world, store, begin, end)
    assert checked == 15 * 60
    assert sure > 0.9 * checked
    down = store.read("bgp.visible24", "country/KZ").values
    assert down.min() < 0.6 * down.max()


CURFEW = """
[[happening]]
id = "curfew"
cause = "curfew"
who = ["country/KZ"]
kinds = ["mobile"]
begin = 2024-10-01T00:00:00Z
every = { from = "23:00", until = "05:00" }
left = { routes = 25, packets = 2, traffic = 1 }
cut_minutes = 2
return_minutes = 4
"""


def test_a_curfew_of_mobile_operators_shows_in_them_alone(tmp_path: Path) -> None:
    world = small_world(tmp_path, CURFEW)
    store = store_of(world, tmp_path)
    begin, end = BEGIN + 16 * HOUR, BEGIN + 20 * HOUR
    with served(Archive(stations_of(world), world.begin, world.end), world.end + HOUR) as address:
        backfill(store, address, begin, end)
    checked, sure, _ = compare(world, store, begin, end)
    assert sure > 0.9 * checked
    mobile = store.read("bgp.visible24", "asn/4200000002").values
    assert mobile.min() < 0.6 * mobile.max()
    fixed = store.read("bgp.visible24", "asn/9198").values
    assert fixed.min() > 0.9 * fixed.max()


def test_a_dead_collector_is_a_gap_and_no_outage(tmp_path: Path) -> None:
    """It writes nothing from 09:22 to 11:00, and is known again with its table of 16:00."""
    world = small_world(tmp_path, SHUTDOWN + fault("bgp/rrc00", "dies", "09:22", "11:00"))
    store = store_of(world, tmp_path)
    begin, end = BEGIN + 9 * HOUR, BEGIN + 17 * HOUR
    lost, again = BEGIN + timedelta(hours=9, minutes=20), BEGIN + 16 * HOUR
    with served(Archive(stations_of(world), world.begin, world.end), world.end + HOUR) as address:
        done = backfill(store, address, begin, end)
    [gap] = done.gaps
    assert (gap.collector, gap.start, gap.end) == ("rrc00", lost, again)

    def is_known(name: str, time: datetime) -> bool:
        return name != "rrc00" or not lost < time <= again

    checked, sure, unknown = compare(world, store, begin, end, is_known)
    assert (checked, unknown) == (15 * 96, 0)
    assert sure > 0.9 * checked
    series = store.read("bgp.visible24", "country/KZ")
    assert set(series.values.tolist()) == {360.0}
    assert set(series.samples.tolist()) == {11.0, 5.0}


def test_when_all_collectors_are_dead_nothing_is_known(tmp_path: Path) -> None:
    world = small_world(tmp_path, fault("bgp", "dies", "09:20", "11:00"))
    store = store_of(world, tmp_path)
    begin, end = BEGIN + 9 * HOUR, BEGIN + 13 * HOUR
    with served(Archive(stations_of(world), world.begin, world.end), world.end + HOUR) as address:
        done = backfill(store, address, begin, end)
    assert {gap.collector for gap in done.gaps} == {"rrc00", "route-views2"}

    def is_known(name: str, time: datetime) -> bool:
        lost = BEGIN + timedelta(hours=9, minutes=20 if name == "rrc00" else 15)
        again = BEGIN + (16 if name == "rrc00" else 12) * HOUR
        return not lost < time <= again

    checked, _, unknown = compare(world, store, begin, end, is_known)
    assert unknown == 15 * 20 + 15 * 12 == 480
    assert checked == 15 * 48 - 480


def test_a_session_that_is_reset_takes_its_vote_along_and_brings_it_back(tmp_path: Path) -> None:
    world = small_world(tmp_path, fault("bgp/rrc00/4200900001", "reset", "02:31"))
    store = store_of(world, tmp_path)
    begin, end = BEGIN + 2 * HOUR, BEGIN + 4 * HOUR
    with served(Archive(stations_of(world), world.begin, world.end), world.end + HOUR) as address:
        backfill(store, address, begin, end)
    series = store.read("bgp.visible24", "country/KZ")
    assert set(series.values.tolist()) == {360.0}
    votes = series.samples.tolist()
    assert (votes[0], votes[-1]) == (11.0, 11.0)


def test_a_backfill_survives_what_an_archive_does_wrong(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    wrong = Faults(
        (
            Fault(kind="cut", path="*/bview.*", first=1, bytes=1000),
            Fault(kind="unavailable", path="*.0300.gz", first=1, seconds=0),
            Fault(kind="length", path="*.0315.bz2", first=1),
            Fault(kind="reset", path="*.0310.gz", first=1),
        )
    )
    store = store_of(world, tmp_path)
    begin, end = BEGIN + 2 * HOUR, BEGIN + 4 * HOUR
    archive = Archive(stations_of(world), world.begin, world.end)
    with served(archive, world.end + HOUR, wrong) as address:
        done = backfill(store, address, begin, end)
    assert not done.gaps
    checked, sure, _ = compare(world, store, begin, end)
    assert sure > 0.8 * checked


@pytest.mark.parametrize(
    ("name", "begin", "entities"),
    [
        (
            "kazakhstan-2022",
            datetime(2022, 1, 5, 9, tzinfo=UTC),
            ("country/KZ", "asn/9198", "asn/9198/KZ"),
        ),
        ("mobile-curfew", datetime(2025, 3, 10, 18, tzinfo=UTC), ("country/EE", "asn/4200002001")),
    ],
)
def test_the_series_of_a_shipped_scenario_are_those_of_its_world(
    name: str, begin: datetime, entities: Sequence[str], tmp_path: Path
) -> None:
    world = open_scenario(name)
    stations = stations_of(world)
    store = store_of(world, tmp_path)
    end = begin + 4 * HOUR
    with served(Archive(stations, world.begin, world.end), world.end + HOUR) as address:
        done = backfill(store, address, begin, end, [one.collector.name for one in stations])
    assert not done.gaps
    checked, sure, unknown = compare(world, store, begin, end, entities=entities)
    assert (checked, unknown) == (len(entities) * 3 * 48, 0)
    assert sure > 0.9 * checked
