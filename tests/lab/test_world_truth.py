"""The truth of each scenario: what its shares say, and the same tomorrow."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from zicht.lab.labels import TRUTH_BELOW, TruthRow, low_stretches, truth_csv, truth_of_world
from zicht.lab.scenario_file import scenario_names
from zicht.lab.views import VIEWS
from zicht.lab.world import World, open_scenario
from zicht.score.labels import parse_labels

GOLDEN = Path(__file__).parent / "golden"
SIZE = {"planet": 0.01}


@pytest.fixture(scope="module", params=scenario_names())
def world(request: pytest.FixtureRequest) -> World:
    return open_scenario(request.param, size=SIZE.get(request.param, 1.0))


@pytest.fixture(scope="module")
def rows(world: World) -> list[TruthRow]:
    return truth_of_world(world)


def test_what_people_had_left_is_as_it_was(world: World, rows: list[TruthRow]) -> None:
    """Run with ZICHT_GOLDEN=write to write the files anew, and look at what changed."""
    path = GOLDEN / f"{world.scenario.scenario.id}.csv"
    made = truth_csv([row for row in rows if row.signal.startswith("world.")])
    if os.environ.get("ZICHT_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(made)
    assert made == path.read_bytes()


def test_the_truth_is_what_the_shares_say(world: World, rows: list[TruthRow]) -> None:
    for view in VIEWS:
        for entity in {row.entity for row in rows}:
            share = view.share(world, entity)
            own = [row for row in rows if (row.entity, row.signal) == (entity, view.signal)]
            low = np.zeros(world.minutes, dtype=bool)
            for row in own:
                first = int((row.begin - world.begin).total_seconds() // 60)
                after = world.minutes
                if row.end is not None:
                    after = int((row.end - world.begin).total_seconds() // 60)
                low[first:after] = True
                assert row.depth_percent == pytest.approx(100 * share[first:after].min(), abs=0.01)
            assert (low == (share < TRUTH_BELOW)).all()


def test_scoring_reads_it_and_knows_that_it_is_made(rows: list[TruthRow]) -> None:
    read = parse_labels(truth_csv(rows), name="truth.csv").labels
    assert len(read) == len(rows)
    assert all(label.simulated for label in read)
    for label, row in zip(read, rows, strict=True):
        assert (label.entity, label.signal, label.begin[0]) == (row.entity, row.signal, row.begin)
        assert (label.end and label.end[1]) == row.end


def test_nothing_happens_to_whom_nothing_happens(world: World, rows: list[TruthRow]) -> None:
    named = {entity for one in world.scenario.happenings for entity in one.who}
    touched = {entity for part in world.touched() for entity in world.parts[part].entities()}
    assert {row.entity for row in rows} <= named | touched


def test_stretches_run_to_the_edges() -> None:
    assert low_stretches(np.array([0.1, 0.9, 0.7, 0.1])) == [(0, 1), (2, 4)]
    assert low_stretches(np.array([0.8, 1.0])) == []


def test_a_prober_cannot_see_a_mobile_operator_behind_carrier_nat() -> None:
    rows = truth_of_world(open_scenario("cable-cut"))
    mobile = [row for row in rows if row.entity == "asn/4200001002"]
    (people,) = (row for row in mobile if row.signal == "world.packets")
    assert "probe counts" in people.unseen_by


def test_a_probe_of_atlas_is_held_to_be_connected_for_half_an_hour() -> None:
    rows = truth_of_world(open_scenario("kazakhstan-2022"))
    national = {row.signal: row for row in reversed(rows) if row.entity == "country/KZ"}
    late = national["atlas"].begin - national["probe"].begin
    assert 25 * 60 <= late.total_seconds() <= 35 * 60
