"""The lab speaks, the real sources listen over real sockets, and detection meets the truth."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from zicht.lab.clock import LabClock
from zicht.lab.labels import truth_csv, truth_of_world
from zicht.lab.scenario_file import scenario_names
from zicht.lab.serve.faults import Fault, Faults
from zicht.lab.serve.mouths import MOUTHS, Stage
from zicht.lab.world import open_scenario
from zicht.observe.detection import run_detection
from zicht.observe.fetching import fetch_source
from zicht.observe.fetching_pieces import Terms
from zicht.observe.scoring import ALERTS, OURS, collect, judge_store
from zicht.score.labels import parse_labels
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.detect.detection import Detection
    from zicht.observe.fetching_pieces import Fetched
    from zicht.observe.scoring import Scored
    from zicht.store import Store

CABLE = Path(__file__).parents[1] / "cable_scenario.toml"
QUIET = ("quiet-month", "sick-day")
LOUD = [name for name in scenario_names() if name not in {"planet", *QUIET}]
SERVICES = ("ioda", "atlas", "radar", "tor", "ooni", "google")
OF_OPERATORS = ("ioda", "radar")


def listen(
    stage: Stage,
    store: Store,
    services: Sequence[str],
    monkeypatch: pytest.MonkeyPatch,
    terms: Terms | None = None,
) -> dict[str, Fetched]:
    """Fetch all that the services tell of a world's time into a store."""
    world = stage.world
    countries = [f"country/{code}" for code in sorted({part.country for part in world.parts})]
    operators = [f"asn/{one.asn}" for one in world.operators if not one.several]

    def fetch(name: str) -> Fetched:
        entities = countries + (operators if name in OF_OPERATORS else [])
        return fetch_source(
            store,
            name,
            entities,
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
                    for variable, value in opened.settings.items():
                        monkeypatch.setenv(variable, value)
            return {name: await asyncio.to_thread(fetch, name) for name in services}

    return asyncio.run(run())


def stage_of(scenario: str | Path, *faults: Fault) -> Stage:
    """A world that has come to its end two weeks ago."""
    end = open_scenario(scenario).end
    return Stage(scenario, None, 1.0, LabClock(end + timedelta(days=14), 0), Faults(faults))


class Heard(NamedTuple):
    fetched: dict[str, Fetched]
    scored: Scored
    detection: Detection

    def figure(self, name: str, method: str = ALERTS) -> float | None:
        figures = self.scored.scores.figures
        return next(one.value for one in figures if (one.figure, one.method) == (name, method))


def hear(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Heard:
    stage = stage_of(name)
    store = open_store(folder, create=True)
    fetched = listen(stage, store, SERVICES, monkeypatch)
    world = stage.world
    truth = parse_labels(truth_csv(truth_of_world(world)), name="truth.csv")
    scored = collect(judge_store(store, truth))
    return Heard(fetched, scored, run_detection(store, until=world.end, known_at=world.end))


@pytest.mark.parametrize("name", LOUD)
def test_what_happens_is_found_and_dated_within_a_bin(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = hear(name, tmp_path, monkeypatch)
    assert heard.figure("recall") == 1.0
    assert (heard.figure("recall-series", OURS) or 0.0) > 0.85
    onset = heard.figure("onset-error")
    assert onset is not None
    assert onset <= 1.0
    assert heard.figure("false-events-national") == 0.0


@pytest.mark.parametrize("name", QUIET)
def test_where_nothing_happens_nobody_is_woken(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = hear(name, tmp_path, monkeypatch)
    assert heard.figure("false-alerts") == 0.0
    assert heard.figure("false-events-national") == 0.0
    assert all(one.simulated and one.rows > 0 for one in heard.fetched.values())
    if name == "sick-day":  # sources that say nought of everybody are themselves sick
        sick = {sickness.signal for sickness in heard.detection.sicknesses}
        assert sick >= {"atlas.connected", "google.youtube", "ioda.merit-nt"}


def test_what_the_lab_says_is_marked_though_nobody_says_that_it_is_simulated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tmp_path, create=True)
    for _ in range(2):  # the second time with answers that were kept
        heard = listen(stage_of(CABLE), store, ("ioda", "tor"), monkeypatch, Terms())
        assert all(one.simulated for one in heard.values())
    assert all(origin.simulated for origin in store.origins().values())
    assert all(sighting.simulated for sighting in store.sightings())


def test_servers_that_falter_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services = ("ioda", "tor", "radar")
    plain, faltering = (open_store(tmp_path / name, create=True) for name in ("one", "other"))
    expected = listen(stage_of(CABLE), plain, services, monkeypatch)
    faults = (
        Fault(kind="unavailable", service="ioda", first=1, seconds=1),
        Fault(kind="cut", service="ioda", first=2, bytes=5000),
        Fault(kind="error", service="radar", share=0.1),
        Fault(kind="too-many", service="tor", first=3, seconds=2),
    )
    found = listen(stage_of(CABLE, *faults), faltering, services, monkeypatch)
    for name in services:
        assert (found[name].rows, found[name].new) == (expected[name].rows, expected[name].new)
