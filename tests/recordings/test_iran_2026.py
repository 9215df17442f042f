"""Iran's blackout of January 2026, as exported from IODA: routes up, packets dead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from zicht.detect.detection import detect
from zicht.model.time import to_microseconds
from zicht.observe.detection import detect_in_store, run_detection
from zicht.observe.ingest import import_files
from zicht.observe.status import status
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.detect.detection import Detection
    from zicht.store import Store

FILE = "series/ioda-iran-2026/ioda-iran-26-01-01-00-00-normalized.csv"
BGP, PROBING = "ioda.bgp.norm.30m", "ioda.ping-slash24.norm.30m"
GOOGLE = "ioda.gtr.norm.30m"


def january(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, tzinfo=UTC)


@pytest.fixture(scope="module")
def store(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = open_store(tmp_path_factory.mktemp("iran-2026") / "store", create=True)
    import_files(store, "ioda", [data_folder / FILE], country="IR")
    return store


@pytest.fixture(scope="module")
def found(store: Store) -> Detection:
    return run_detection(store)


def test_probing_is_down_from_the_8th_to_the_27th_as_one_outage(found: Detection) -> None:
    (outage,) = (one for one in found.outages if one.signal == PROBING)
    assert january(8, 16) <= outage.onset[0] < outage.onset[1] <= january(8, 17)
    assert outage.end is not None
    assert january(27) <= outage.end[0] < outage.end[1] <= january(28)
    assert outage.depth_percent < 5


def test_routes_stay_up_so_the_event_is_routes_up_packets_dead(found: Detection) -> None:
    (event,) = found.events
    assert event.event_class == "routes-up-packets-dead"
    assert not [one for one in found.outages if one.signal == BGP]


def test_googles_return_on_the_18th_is_filtered_access_and_no_end(found: Detection) -> None:
    google = [one for one in found.outages if one.signal == GOOGLE]
    ends = [one.end for one in google if one.end is not None]
    assert january(18) <= max(ends)[0] <= january(19, 12)
    (event,) = found.events
    (filtered,) = (
        phase
        for phase in event.phases
        if phase.event_class == "filtered-access" and phase.start > january(9)
    )
    assert filtered.start < january(19)
    assert filtered.end is not None
    assert filtered.end > january(27)
    state = filtered.planes["data"]
    assert state.signal == PROBING
    assert state.connectivity_percent is not None
    assert state.connectivity_percent < 5


def test_the_five_weeks_before_are_quiet(store: Store, found: Detection) -> None:
    del found
    before = detect_in_store(store, until=january(8, 12))
    assert [one.id for one in before.outages if not one.retracted] == []


def test_a_figure_names_its_signal(store: Store, found: Detection) -> None:
    del found
    (during,) = status(store, at=january(20))
    assert during.signal == PROBING
    assert during.connectivity_percent is not None
    assert during.connectivity_percent < 5
    assert during.belief_outage is not None
    assert during.belief_outage > 0.99
    assert during.since is not None
    assert during.since <= january(8, 17)
    (before,) = status(store, at=january(6))
    assert before.since is None
    assert before.belief_outage is not None
    assert before.belief_outage < 0.01


SIGNALS = [BGP, PROBING, GOOGLE, "ioda.merit-nt.norm.30m", "ioda.mozilla.norm.1h"]


@pytest.mark.parametrize("removed", SIGNALS)
def test_without_any_one_source_the_blackout_is_still_an_alert_and_nothing_else_is(
    store: Store, removed: str
) -> None:
    left = [one for one in store.read_all() if one.signal.name != removed]
    (event,) = detect(left, {}).events
    assert event.level == "alert"
    assert january(8, 15) <= event.onset[0] <= january(8, 18)


@pytest.mark.parametrize("silent", SIGNALS)
def test_a_source_that_falls_silent_raises_nothing(store: Store, silent: str) -> None:
    world = []
    for one in store.read_all(end=january(7)):
        values = one.values.copy()
        if one.signal.name == silent:
            values[one.times >= to_microseconds(january(2))] = np.nan
        world.append(replace(one, values=values))
    assert detect(world, {}, as_of=january(7)).events == ()


def test_each_plane_has_one_belief_of_the_event(found: Detection) -> None:
    (event,) = found.events
    control, data, user = (event.plane_beliefs[plane] for plane in ("control", "data", "user"))
    assert control.belief_outage < 0.01
    assert min(data.belief_outage, user.belief_outage) > 0.999
    assert (data.groups, user.groups) == (2, 2)
