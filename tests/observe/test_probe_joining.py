from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc
import pytest

from zicht.model.time import from_microseconds
from zicht.observe.probe_joining import join_readings, origin_of
from zicht.observe.status import status
from zicht.store import open_store

sys.path.append(str(Path(__file__).parents[1] / "sources" / "probe"))

from readings_world import FIRST, World

if TYPE_CHECKING:
    from zicht.store import Store

START = from_microseconds(FIRST * 60_000_000)
MINUTE = timedelta(minutes=1)


def filled(folder: Path, world: World, until: int | None = None) -> Store:
    store = open_store(folder / "store", create=True)
    store.append_readings(world.readings())
    join_readings(store, FIRST, FIRST + (world.minutes if until is None else until))
    return store


def minutes_of(store: Store) -> list[float]:
    values: list[float] = store.read("probe.up24.1m", "country/KZ").values.tolist()
    return values


def test_readings_become_series_with_their_origin(tmp_path: Path) -> None:
    store = filled(tmp_path, World())
    assert len(minutes_of(store)) == 20
    one = store.read("probe.up24", "country/KZ")
    assert one.values.tolist() == pytest.approx([4750] * 4, rel=0.02)
    assert one.samples.tolist() == [15_000] * 4
    assert one.origins[0].citation == "Own measurement by Zicht from ams, fra, prg"
    assert store.entities()["country/KZ"].country == "KZ"
    assert {signal for signal, _ in store.keys()} == {  # noqa: SIM118 - a store is no dict
        "probe.up24.1m",
        "probe.up24",
        "probe.coverage",
        "probe.rtt",
        "probe.loss",
    }
    assert "may look like an outage" in origin_of(["ams"], weak=True).citation


def test_joining_again_writes_nothing(tmp_path: Path) -> None:
    store = filled(tmp_path, World())
    before = store.holdings()
    join_readings(store, FIRST, FIRST + 20)
    assert store.holdings() == before


def test_a_late_vantage_point_revises_what_was_told_without_it(tmp_path: Path) -> None:
    early = World(vantages=("ams",), share=lambda _v, _e, _t: 0.90)
    store = filled(tmp_path, early)
    before = minutes_of(store)
    known = datetime.now(UTC)
    late = World(vantages=("fra",), share=lambda _v, _e, _t: 0.98)
    store.append_readings(late.readings())
    join_readings(store, FIRST, FIRST + 20)
    assert np.mean(before) == pytest.approx(4500, rel=0.02)
    assert np.mean(minutes_of(store)) == pytest.approx(4700, rel=0.02)
    then = store.read("probe.up24.1m", "country/KZ", as_of=known)
    assert then.values.tolist() == before
    rows = store.table(signals=["probe.up24.1m"])
    assert set(rows["revision"].to_pylist()) == {2}


def test_one_sick_of_two_is_named_and_the_other_s_figure_stands(tmp_path: Path) -> None:
    store = filled(
        tmp_path,
        World(
            vantages=("ams", "fra"),
            share=lambda v, _e, t: 0.0 if v == "fra" and 5 <= t <= 7 else 0.95,
            control_share=lambda v, t: 0.0 if v == "fra" and 5 <= t <= 7 else 1.0,
        ),
    )
    assert minutes_of(store) == pytest.approx([4750] * 20, rel=0.05)
    (sick,) = store.sicknesses()
    assert (sick.signal, sick.start, sick.end) == (
        "probe.vantage.fra",
        START + 4 * MINUTE,
        START + 9 * MINUTE,
    )
    assert sick.reason.startswith("fra: control blocks")


def cut_off(minutes: int) -> World:
    return World(
        vantages=("ams",),
        minutes=minutes,
        share=lambda _v, _e, t: 0.0 if t >= 10 else 0.95,
        control_share=lambda _v, t: 0.0 if t >= 10 else 1.0,
    )


def test_when_all_are_sick_the_figure_is_unknown_and_status_says_why(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    readings = cut_off(32).readings()
    for minute in range(32):
        now = from_microseconds((FIRST + minute) * 60_000_000)
        store.append_readings(readings.filter(pc.equal(readings["time"], now)))
        join_readings(store, FIRST + max(minute - 2, 0), FIRST + minute)
    assert len(minutes_of(store)) == 9, "the last minute before may be cut short already"
    sick = {one.signal: (one.start, one.end) for one in store.sicknesses()}
    assert sick.keys() == {
        *("probe.up24.1m", "probe.up24", "probe.coverage", "probe.rtt", "probe.loss")
    }
    start, end = sick["probe.up24.1m"]
    assert start == START + 9 * MINUTE
    assert START + 21 * MINUTE <= end <= START + 31 * MINUTE
    state = next(one for one in status(store) if one.entity == "country/KZ")
    assert state.connectivity_percent is None
    assert state.time == end
    assert state.health == (
        "probe.up24.1m, probe.up24: its source is sick: ams: control blocks in other countries did"
        " not answer either"
    )
    assert state.plane_beliefs == {}


def test_a_sickness_that_ends_is_told_as_a_whole(tmp_path: Path) -> None:
    world = World(
        vantages=("ams",),
        minutes=26,
        share=lambda _v, _e, t: 0.0 if 10 <= t < 22 else 0.95,
        control_share=lambda _v, t: 0.0 if 10 <= t < 22 else 1.0,
    )
    store = open_store(tmp_path / "store", create=True)
    readings = world.readings()
    for minute in range(26):
        now = from_microseconds((FIRST + minute) * 60_000_000)
        store.append_readings(readings.filter(pc.equal(readings["time"], now)))
        join_readings(store, FIRST + max(minute - 2, 0), FIRST + minute)
    spans = {(one.start, one.end) for one in store.sicknesses()}
    assert spans == {(START + 9 * MINUTE, START + 23 * MINUTE)}


def test_a_reading_that_shows_who_was_right_takes_a_sickness_back(tmp_path: Path) -> None:
    """Nobody answered one without control blocks; then another turns out to have heard nobody."""

    def silent(vantage: str) -> World:
        return World(
            vantages=(vantage,), controls=0, share=lambda _v, _e, t: 0.0 if t > 9 else 0.95
        )

    store = filled(tmp_path, silent("ams"))
    assert len(minutes_of(store)) == 9
    assert store.sicknesses()
    store.append_readings(silent("fra").readings())
    join_readings(store, FIRST, FIRST + 20)
    assert minutes_of(store)[10:] == [0.0] * 10
    assert store.sicknesses() == []
