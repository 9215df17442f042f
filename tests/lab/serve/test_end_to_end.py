"""The lab speaks, the real sources listen over real sockets, and detection meets the truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hearing import SERVICES, Heard, heard, listen, opened, stage_of

from zicht.lab.scenario_file import scenario_names
from zicht.lab.serve.faults import Fault
from zicht.observe.fetching_pieces import Terms
from zicht.observe.scoring import OURS

if TYPE_CHECKING:
    from zicht.observe.fetching_pieces import Fetched

CABLE = Path(__file__).parents[1] / "cable_scenario.toml"
QUIET = ("quiet-month", "sick-day")
LOUD = {
    "kazakhstan-2022": ("country/KZ", "routes-up-packets-dead"),
    "mobile-curfew": ("country/EE", "traffic-drop"),
    "exam-week": ("country/MT", "total"),
    "cable-cut": ("country/IS", "total"),
    "power-failure": ("country/NZ", "routes-up-packets-dead"),
    "allow-list": ("country/IR", "filtered-access"),
}
"""Scenarios in which something happens: to which country, and what that is."""


def hear(name: str, folder: Path) -> tuple[dict[str, Fetched], Heard]:
    stage = stage_of(name)
    store = opened(folder)
    fetched = listen(stage, store, SERVICES)
    return fetched, heard(store, stage.world)


@pytest.mark.parametrize("name", LOUD)
def test_what_happens_is_found_and_dated_within_a_bin(name: str, tmp_path: Path) -> None:
    _, found = hear(name, tmp_path)
    assert found.figure("recall") == 1.0
    assert (found.figure("recall-series", OURS) or 0.0) > 0.85
    onset = found.figure("onset-error")
    assert onset is not None
    assert onset <= 1.0
    assert found.figure("false-events-national") == 0.0
    entity, what = LOUD[name]
    (event,) = [one for one in found.detection.events if one.entity == entity]
    assert (event.level, event.event_class, event.simulated) == ("alert", what, True)


def test_every_scenario_but_the_planet_is_heard() -> None:
    assert {*LOUD, *QUIET} == set(scenario_names()) - {"planet"}


@pytest.mark.parametrize("name", QUIET)
def test_where_nothing_happens_nobody_is_woken(name: str, tmp_path: Path) -> None:
    fetched, found = hear(name, tmp_path)
    assert found.figure("false-alerts") == 0.0
    assert found.figure("false-events-national") == 0.0
    assert all(one.simulated and one.rows > 0 for one in fetched.values())
    if name == "sick-day":  # sources that say nought of everybody are themselves sick
        sick = {sickness.signal for sickness in found.detection.sicknesses}
        assert sick >= {"atlas.connected", "google.youtube", "ioda.merit-nt"}


def test_servers_that_falter_lose_nothing(tmp_path: Path) -> None:
    services = ("ioda", "tor", "radar")
    plain, faltering = (opened(tmp_path / name) for name in ("one", "other"))
    expected = listen(stage_of(CABLE), plain, services)
    faults = (
        Fault(kind="unavailable", service="ioda", first=1, seconds=1),
        Fault(kind="cut", service="ioda", first=2, bytes=5000),
        Fault(kind="error", service="radar", share=0.1),
        Fault(kind="too-many", service="tor", first=3, seconds=2),
    )
    found = listen(stage_of(CABLE, *faults), faltering, services)
    for name in services:
        assert (found[name].rows, found[name].new) == (expected[name].rows, expected[name].new)


def test_what_the_lab_says_is_marked_though_nobody_says_that_it_is_simulated(
    tmp_path: Path,
) -> None:
    store = opened(tmp_path)
    for _ in range(2):  # the second time with answers that were kept
        heard_of = listen(stage_of(CABLE), store, ("ioda", "tor"), Terms())
        assert all(one.simulated for one in heard_of.values())
    assert all(origin.simulated for origin in store.origins().values())
    assert all(sighting.simulated for sighting in store.sightings())
