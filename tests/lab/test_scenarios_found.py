"""Every scenario through the whole of detection: what happens is found, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pytest

from zicht.lab.labels import truth_csv, truth_of_world
from zicht.lab.scenario_file import scenario_names
from zicht.lab.series import record
from zicht.lab.world import open_scenario
from zicht.observe.detection import run_detection
from zicht.observe.scoring import ALERTS, OURS, collect, judge_store
from zicht.score.labels import parse_labels
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.detect.detection import Detection
    from zicht.observe.scoring import Scored

QUIET = ("quiet-month", "sick-day")
LOUD = [name for name in scenario_names() if name not in {"planet", *QUIET}]


class Found(NamedTuple):
    scored: Scored
    detection: Detection

    def figure(self, name: str, method: str = ALERTS) -> float | None:
        figures = self.scored.scores.figures
        return next(one.value for one in figures if (one.figure, one.method) == (name, method))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> object:
    @cache
    def find(name: str) -> Found:
        return _find(name, tmp_path_factory.mktemp("stores") / name)

    return find


def _find(name: str, folder: Path) -> Found:
    world = open_scenario(name)
    recording = record(world)
    store = open_store(folder, create=True)
    ((_, table),) = recording.deliveries([world.end.replace(year=world.end.year + 1)])
    store.append(
        table,
        signals=tuple(recording.signals.values()),
        origin=recording.origin,
        entities=recording.entities,
        known_at=world.end,
    )
    truth = parse_labels(truth_csv(truth_of_world(world)), name="truth.csv")
    scored = collect(judge_store(store, truth))
    return Found(scored, run_detection(store, until=world.end, known_at=world.end))


@pytest.mark.parametrize("name", LOUD)
def test_every_event_that_a_series_could_show_is_found_and_dated_within_a_bin(
    name: str, found: object
) -> None:
    one = found(name)  # type: ignore[operator]  # a function with a memory
    assert one.figure("recall") == 1.0
    assert one.figure("recall-series", OURS) > 0.9
    assert one.figure("onset-error") <= 1.0


@pytest.mark.parametrize("name", [*LOUD, *QUIET])
def test_nobody_is_woken_for_nothing(name: str, found: object) -> None:
    one = found(name)  # type: ignore[operator]  # a function with a memory
    assert one.figure("false-alerts") == 0.0
    assert one.figure("false-events-national") == 0.0


def test_on_the_sick_day_sources_that_fall_silent_for_everybody_are_sick(found: object) -> None:
    one = found("sick-day")  # type: ignore[operator]  # a function with a memory
    assert {sickness.signal for sickness in one.detection.sicknesses} >= {
        "lab.probe.up24",
        "lab.probes.connected",
        "lab.telescope.sources",
        "lab.traffic.index",
    }
    halved = datetime(2025, 2, 11, 7, tzinfo=UTC)  # a prober sees half of everything
    assert any(
        sickness.signal == "lab.probe.up24" and sickness.start <= halved < sickness.end
        for sickness in one.detection.sicknesses
    )
    assert one.detection.events == ()


def test_an_event_has_the_class_of_what_happened(found: object) -> None:
    expected = {
        "kazakhstan-2022": ("country/KZ", "routes-up-packets-dead"),
        "allow-list": ("country/IR", "routes-up-packets-dead"),
        "exam-week": ("country/MT", "total"),
        "cable-cut": ("country/IS", "total"),
    }
    for name, (entity, event_class) in expected.items():
        events = found(name).detection.events  # type: ignore[operator]  # as above
        (own,) = (one for one in events if one.entity == entity and not one.retracted)
        assert own.event_class == event_class, name
