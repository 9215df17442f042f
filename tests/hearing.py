"""The lab speaks and the real sources listen: what a store holds of a world, and how it scores."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from zicht.cli import run as zicht
from zicht.lab.clock import LabClock
from zicht.lab.labels import truth_csv, truth_of_world
from zicht.lab.registry import registry_file
from zicht.lab.routes.files import files_of, packed, records_of
from zicht.lab.serve.faults import Fault, Faults
from zicht.lab.serve.mouths import MOUTHS, Stage
from zicht.lab.world import open_scenario
from zicht.observe.detection import run_detection
from zicht.observe.fetching import fetch_source
from zicht.observe.fetching_pieces import Terms
from zicht.observe.routes import backfill_routes
from zicht.observe.routes_files import digest_file
from zicht.observe.routes_visibility import pipeline
from zicht.observe.scoring import ALERTS, collect, judge_store
from zicht.score.labels import parse_labels
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zicht.detect.detection import Detection
    from zicht.lab.world import World
    from zicht.observe.fetching_pieces import Fetched
    from zicht.observe.routes import Backfilled
    from zicht.observe.scoring import Scored
    from zicht.store import Store

SERVICES = ("ioda", "atlas", "radar", "tor", "ooni", "google")
OF_OPERATORS = ("ioda", "radar")

STRETCHES: dict[str, tuple[tuple[datetime, int], ...]] = {
    # A day before, from which detection knows what is ordinary, and what happens: hours.
    "kazakhstan-2022": ((datetime(2022, 1, 4, 8, tzinfo=UTC), 30),),
    "mobile-curfew": ((datetime(2025, 3, 9, 18, tzinfo=UTC), 30),),
    "exam-week": ((datetime(2025, 6, 1, 4, tzinfo=UTC), 30),),
    "cable-cut": ((datetime(2025, 3, 11, 8, tzinfo=UTC), 30),),
    "power-failure": ((datetime(2025, 5, 19, 4, tzinfo=UTC), 30),),
    "allow-list": ((datetime(2026, 1, 7, 8, tzinfo=UTC), 36),),
    # A session that is reset, a peer that falls silent, a hijack.
    "quiet-month": (
        (datetime(2025, 3, 27, 12, tzinfo=UTC), 4),
        (datetime(2025, 4, 1, 1, tzinfo=UTC), 10),
        (datetime(2025, 4, 5, 8, tzinfo=UTC), 5),
    ),
    # No files, half of a collector's routes gone, a session reset; at night late files.
    "sick-day": (
        (datetime(2025, 2, 10, 22, tzinfo=UTC), 9),
        (datetime(2025, 2, 11, 18, tzinfo=UTC), 6),
    ),
}
"""The stretches of each scenario of which routes are read: begin, and how many hours."""


@dataclass(frozen=True)
class Heard:
    """What was made of a world.

    Attributes:
        scored: our findings held against its truth.
        detection: the findings.
    """

    scored: Scored
    detection: Detection

    def figure(self, name: str, method: str = ALERTS) -> float | None:
        """A figure of the scores; ``None`` where there was nothing to score."""
        figures = self.scored.scores.figures
        return next(one.value for one in figures if (one.figure, one.method) == (name, method))


def stage_of(scenario: str | Path, *faults: Fault) -> Stage:
    """A world that has come to its end two weeks ago."""
    end = open_scenario(scenario).end
    return Stage(scenario, None, 1.0, LabClock(end + timedelta(days=14), 0), Faults(faults))


def entities_of(world: World, service: str) -> list[str]:
    """Whom a service is asked of: all countries, and operators where it knows of them."""
    countries = [f"country/{code}" for code in sorted({part.country for part in world.parts})]
    operators = [f"asn/{one.asn}" for one in world.operators if not one.several]
    return countries + (operators if service in OF_OPERATORS else [])


def listen(
    stage: Stage, store: Store, services: Sequence[str], terms: Terms | None = None
) -> dict[str, Fetched]:
    """Fetch all that the services tell of a world's time into a store."""
    world = stage.world

    def fetch(name: str) -> Fetched:
        return fetch_source(
            store,
            name,
            entities_of(world, name),
            world.begin,
            world.end,
            terms=terms or Terms(simulated=True),
            pause=lambda _: None,
            clock=stage.clock.now,
        )

    async def run() -> dict[str, Fetched]:
        async with AsyncExitStack() as stack:
            for mouth in MOUTHS:
                if mouth.name in services:
                    opened = await stack.enter_async_context(mouth.open(stage, 0))
                    os.environ.update(opened.settings)
            return {name: await asyncio.to_thread(fetch, name) for name in services}

    before = dict(os.environ)
    try:
        return asyncio.run(run())
    finally:
        os.environ.clear()
        os.environ.update(before)


def compile_all(stage: Stage, folder: Path) -> None:
    """Make and digest a file of each kind: while kernels are compiled no server can answer."""
    station = stage.stations[0]
    begin = stage.world.begin
    seen = set()
    for file in files_of(station, begin, begin + timedelta(hours=8)):
        if file.kind not in seen:
            seen.add(file.kind)
            name = folder / file.path.rpartition("/")[2]
            ending = name.suffix.removeprefix(".")
            name.write_bytes(b"".join(packed(records_of(station, file), ending)))
            digest_file(str(name), station.collector.name)
            name.unlink()


def read_routes(stage: Stage, store: Store) -> list[Backfilled]:
    """Backfill the routes of a world's stretches from the lab's archives into a store."""
    world = stage.world
    name = world.scenario.scenario.id
    file = store.path / "delegated-ripencc"
    file.write_bytes(registry_file(world, world.begin.date() - timedelta(days=1)))
    assert zicht(["place", "import", str(file), "--store", str(store.path)]) == 0
    compile_all(stage, store.path)
    archives = next(one for one in MOUTHS if one.name == "archives")

    def backfill(address: str, begin: datetime, hours: int) -> Backfilled:
        end = begin + timedelta(hours=hours)
        with ThreadPoolExecutor(2) as pool:
            return backfill_routes(
                store,
                [one.name for one in world.collectors],
                begin,
                end,
                pipeline(store, (), end),
                cache=store.path / "archives",
                addresses={"ris": address, "routeviews": address},
                executor=pool,
                workers=2,
                simulated=True,
            )

    async def run() -> list[Backfilled]:
        async with archives.open(stage, 0) as opened:
            return [
                await asyncio.to_thread(backfill, opened.address, begin, hours)
                for begin, hours in STRETCHES[name]
            ]

    return asyncio.run(run())


def opened(folder: Path) -> Store:
    """A store to listen into."""
    return open_store(folder, create=True)


def heard(store: Store, world: World) -> Heard:
    """Detect over what a store holds of a world, and hold it against the truth."""
    truth = parse_labels(truth_csv(truth_of_world(world)), name="truth.csv")
    scored = collect(judge_store(store, truth))
    return Heard(scored, run_detection(store, until=world.end, known_at=world.end))
