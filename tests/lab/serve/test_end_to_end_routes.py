"""The lab's archives speak, our backfill reads them, and detection meets the truth of routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hearing import STRETCHES, Heard, heard, opened, read_routes, stage_of

from zicht.lab.scenario_file import scenario_names
from zicht.observe.scoring import OURS

if TYPE_CHECKING:
    from pathlib import Path

CUT = {"exam-week": "country/MT", "cable-cut": "country/IS", "allow-list": "country/IR"}
"""Scenarios that take routes away, and the country that loses them."""

STAY = sorted(STRETCHES.keys() - CUT)


def hear_routes(name: str, folder: Path) -> Heard:
    stage = stage_of(name)
    store = opened(folder)
    read_routes(stage, store)
    return heard(store, stage.world)


def test_every_scenario_but_the_planet_is_read() -> None:
    assert set(STRETCHES) == set(scenario_names()) - {"planet"}


@pytest.mark.parametrize("name", CUT)
def test_routes_that_go_are_found_and_dated_within_a_bin(name: str, tmp_path: Path) -> None:
    found = hear_routes(name, tmp_path)
    assert found.figure("recall") == 1.0
    assert found.figure("recall-series", OURS) == 1.0
    onset = found.figure("onset-error")
    assert onset is not None
    assert onset <= 1.0
    assert found.figure("false-alerts", OURS) == 0.0
    (event,) = [one for one in found.detection.events if one.entity == CUT[name]]
    assert (event.level, event.event_class, event.simulated) == ("alert", "control-plane", True)


@pytest.mark.parametrize("name", STAY)
def test_where_routes_stay_or_collectors_fail_nobody_is_woken(name: str, tmp_path: Path) -> None:
    found = hear_routes(name, tmp_path)
    assert found.figure("false-alerts") == 0.0
    assert found.figure("false-events-national", OURS) == 0.0
    values = [one.series.values for one in found.detection.assessments]
    assert all((one[~np.isnan(one)] >= 0).any() for one in values)
    if name == "sick-day":  # two hours without a file are unknown, and no outage
        assert all(np.isnan(one).sum() >= 24 for one in values)
        assert found.detection.events == ()
