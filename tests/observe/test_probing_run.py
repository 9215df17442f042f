"""Probers at work on real packets, in namespaces of their own, a minute a second."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc
import pytest
from probe_country import BLOCKS_EACH, OPERATORS, SPEED, World, start

from zicht.errors import InputError, UsageError
from zicht.model.time import from_microseconds
from zicht.observe.detection import run_detection
from zicht.observe.probing_watch import Times
from zicht.sources.probe.signals import MINUTE, ROUND
from zicht.store import open_store

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from zicht.store import Store

ALL = len(OPERATORS) * BLOCKS_EACH


class Course:
    """What happens when, in minutes of the probers' clock."""

    def __init__(self) -> None:
        self.times = Times(SPEED)
        self.begin = self.times.wall()

    def wait(self, store: Store, vantages: int = 1) -> None:
        """Begin once so many probers have read a minute; what is compiled may take a while."""
        while len(store.last_readings()) < vantages:
            time.sleep(0.05)
        self.begin = self.times.wall()

    def until(self, minute: float) -> None:
        """Wait until so many minutes have gone by."""
        time.sleep(max(self.begin + 60 * minute - self.times.wall(), 0) / SPEED)

    def minute(self) -> float:
        """How many minutes have gone by."""
        return (self.times.wall() - self.begin) / 60

    def at(self, minute: float) -> datetime:
        return from_microseconds(int((self.begin + 60 * minute) * 1e6))


def between(
    store: Store, course: Course, first: float, last: float, entity: str = "country/KZ"
) -> NDArray[np.float64]:
    """The minutes that lie wholly between two times; those without a value are NaN."""
    series = store.read("probe.up24.1m", entity)
    known = dict(zip(series.times.tolist(), series.values.tolist(), strict=True))
    start, end = (round(course.at(m).timestamp() / 60 + 0.5) for m in (first, last - 1))
    return np.array([known.get(minute * 60_000_000, np.nan) for minute in range(start, end)])


def test_a_country_is_watched_through_an_outage_and_the_probers_own_ones(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    with World() as world:
        first, second = world.vantage(), world.vantage()
        course = Course()
        probers = [
            start(first, store, "ams", course.times),
            start(second, open_store(tmp_path / "store"), "fra", course.times),
        ]
        course.wait(store, 2)
        course.until(12)
        world.cut_operator(2)
        course.until(18)
        world.mend_operator(2)
        course.until(22)
        world.cut_line(1)
        course.until(25)
        world.mend_line(1)
        course.until(28)
        world.cut_line(2)
        world.cut_line(1)
        course.until(31)
        world.mend_line(1)
        world.mend_line(2)
        course.until(36)
        for prober in probers:
            prober.end()

    assert between(store, course, 1, 11) == pytest.approx(np.full(9, ALL), rel=0.02)
    assert between(store, course, 15, 18) == pytest.approx(np.full(2, ALL * 3 / 4), rel=0.06)
    assert between(store, course, 15, 18, "asn/2/KZ") == pytest.approx(np.zeros(2), abs=6)
    assert between(store, course, 20, 27) == pytest.approx(np.full(6, ALL), rel=0.06)
    assert np.isnan(between(store, course, 28.5, 31)).all()
    assert between(store, course, 33, 35) == pytest.approx(np.full(1, ALL), rel=0.08)

    sick = [one for one in store.sicknesses() if one.signal == "probe.vantage.ams"]
    assert any(one.start < course.at(24) < one.end for one in sick)
    unknown = [one for one in store.sicknesses() if one.signal == "probe.up24.1m"]
    assert any(one.start < course.at(30) < one.end for one in unknown)

    outages = run_detection(store).outages
    assert {one.entity for one in outages} == {"asn/2/KZ"}, "a quarter is little after 12 minutes"
    (outage,) = (one for one in outages if one.signal == "probe.up24.1m")
    assert outage.alerted_at is not None
    assert outage.alerted_at <= course.at(15), "the second minute's bin shows it"
    assert course.at(10) <= outage.onset[0] <= outage.onset[1] <= course.at(15)
    assert outage.end is not None
    assert course.at(17) <= outage.end[0] <= outage.end[1] <= course.at(21)
    assert outage.depth_percent < 10


def test_after_a_kill_or_a_stop_it_goes_on_where_it_was(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    with World() as world:
        space, course = world.vantage(), Course()
        script = [sys.executable, str(Path(__file__).with_name("probe_country.py"))]
        arguments = [str(tmp_path / "store"), str(course.times.begin[0]), str(course.begin)]
        killed = space.call(lambda: subprocess.Popen([*script, *arguments]))
        course.wait(store)
        began = store.last_readings()["ams"]
        course.until(4)
        killed.kill()
        killed.wait()
        kept = store.readings()
        assert store.last_readings()["ams"] >= began + timedelta(minutes=2)
        course.until(course.minute() + 1)
        again = start(space, store, "ams", course.times)
        course.until(course.minute() + 6)
        with pytest.raises(UsageError, match="Another prober named 'ams'"):
            start(space, store, "ams", course.times).end()
        again.end()

    assert again.said == ["IPv4: going on where it stopped."]
    rows = store.readings()
    assert store.last_readings()["ams"] > began + timedelta(minutes=6)
    before = rows.filter(pc.less_equal(rows["time"], pc.max(kept["time"])))
    assert before.equals(kept), "what was written stays as it was, and nothing is counted twice"
    of_country = rows.filter(pc.equal(rows["entity"], "country/KZ"))
    most = max(of_country["judged"].to_pylist())
    assert most <= 2 * ALL * MINUTE / ROUND, "no burst after the restart"
    values = store.read("probe.up24.1m", "country/KZ").values
    assert values[~np.isnan(values)] == pytest.approx(ALL, rel=0.02)
    # A busy machine may drop messages of such quick minutes; they are unknown then, and no more.
    assert {one.reason for one in store.sicknesses()} <= {"ams: could not send"}


def test_whom_a_list_excludes_meanwhile_is_asked_no_more_and_is_not_down(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    listed = tmp_path / "exclude"
    listed.write_text("", encoding="utf-8")
    with World() as world:
        space, course = world.vantage(), Course()
        prober = start(space, store, "ams", course.times, exclude=listed)
        course.wait(store)
        course.until(3)
        listed.write_text(f"{OPERATORS[3]}\n", encoding="utf-8")
        excluded = course.minute()
        course.until(excluded + 6)
        prober.end()
    rows = store.readings(start=course.at(excluded + 2))
    of_third = rows.filter(pc.equal(rows["entity"], "asn/3/KZ"))
    assert pc.sum(of_third["probes"]).as_py() in {0, None}
    values = store.read("probe.up24.1m", "country/KZ").values
    assert values[~np.isnan(values)] == pytest.approx(ALL, rel=0.02)
    assert "asn/3/KZ" in {entity for _, entity in store.keys()}  # noqa: SIM118 - a store is no dict


def test_a_network_that_is_down_makes_minutes_unknown(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    with World() as world:
        space, course = world.vantage(), Course()
        prober = start(space, store, "ams", course.times)
        course.wait(store)
        course.until(3)
        space.ip("link set eth0 down")
        course.until(7)
        space.ip("link set eth0 up")
        space.ip("route add default via 10.90.1.1")
        course.until(14)
        prober.end()
    assert np.isnan(between(store, course, 4, 7)).all()
    assert between(store, course, 10, 12.5) == pytest.approx(ALL, rel=0.03)
    unknown = [one for one in store.sicknesses() if one.signal == "probe.up24.1m"]
    assert [one.reason for one in unknown if one.start < course.at(6) < one.end] == [
        "ams: could not send"
    ]
    assert run_detection(store).outages == ()


def test_a_prober_ends_after_its_rounds(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    with World() as world:
        course = Course()
        prober = start(world.vantage(), store, "ams", course.times, rounds=1)
        prober.thread.join(timeout=60)
        assert not prober.thread.is_alive()
        prober.end()
    assert store.last_readings()["ams"] >= course.at(4)


def test_a_prober_that_cannot_probe_ends_and_says_so(tmp_path: Path) -> None:
    course = Course()
    with World() as world:
        store = open_store(tmp_path / "store", create=True)
        gone = tmp_path / "exclude"
        prober = start(world.vantage(), store, "ams", course.times, exclude=gone)
        prober.thread.join(300)
        (failure,) = prober.failures
    assert isinstance(failure, InputError), "it does not watch in vain"
    assert "cannot be read" in failure.message
