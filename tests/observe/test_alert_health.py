"""What people are told of a source that cannot see: once, and of its end; and never an outage."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from alert_world import World, at, by, event

from zicht.model.health import Sickness
from zicht.model.series import OBSERVATIONS
from zicht.model.signal import Origin
from zicht.model.time import to_microseconds
from zicht.observe.alert_health import SETTLED
from zicht.publish.alerts.settings import Atom, Rule
from zicht.sources.ioda import SIGNALS
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.model.alert import Alert

IODA = next(one for one in SIGNALS if one.name == "ioda.ucsd-nt")
CODES = ("KZ", "IR", "NL", "DE", "FR", "BE", "LU")
ORIGIN = Origin(id="x", source="ioda", name="x", sha256="", licence="", citation="")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(open_store(tmp_path / "store", create=True))


@pytest.fixture
def feed(tmp_path: Path) -> Atom:
    return Atom(name="desk", file=str(tmp_path / "alerts.xml"))


def sick(begin: float, end: float, signal: str = IODA.name) -> Sickness:
    return Sickness(signal=signal, start=at(begin), end=at(end), reason="all read zero")


def find(world: World, *sicknesses: Sickness, hours: float) -> None:
    world.store.write_detection(outages=(), events=(), sicknesses=sicknesses, known_at=at(hours))


def tell_values(world: World, begin: float, end: float, *, origin: Origin = ORIGIN) -> None:
    """What the source says of a country once it sees."""
    times = np.arange(to_microseconds(at(begin)), to_microseconds(at(end)), IODA.step * 10**6)
    count = len(times)
    rows = pa.table(
        {
            "signal": [IODA.name] * count,
            "entity": ["country/NL"] * count,
            "time": pa.array(times, pa.timestamp("us", tz="UTC")),
            "value": np.full(count, 900.0),
            "samples": np.full(count, 9),
        }
    ).cast(OBSERVATIONS)
    world.store.append(rows, signals=[IODA], origin=origin, known_at=at(end))


def said(alerts: list[Alert]) -> list[tuple[str, str]]:
    return [(one.subject, one.kind) for one in alerts]


def test_a_sickness_is_told_once_with_its_end_and_not_in_public(world: World, feed: Atom) -> None:
    public = msgspec.structs.replace(feed, name="web", public=True)
    told = []
    find(world, sick(0, 1), hours=1)
    told += world.tell([feed, public], 1)
    find(world, sick(0, 2), hours=2)
    told += world.tell([feed, public], 2)
    tell_values(world, 2, 3)
    assert world.tell([feed, public], 3) == [], "it may still come back"
    told += world.tell([feed, public], 2 + SETTLED / timedelta(hours=1))
    for hours in (20, 24.5, 26, 48, 500):
        told += world.tell([feed, public], hours)
    assert said(told) == [
        ("health/ioda/20300307T0900", "health"),
        ("health/ioda/20300307T0900", "health-end"),
    ]
    assert {one.channel for one in told} == {"desk"}
    assert "could not see from" in told[1].text


def test_of_what_is_simulated_only_those_are_told_who_asked(world: World, feed: Atom) -> None:
    lab = msgspec.structs.replace(feed, name="lab", simulated=True)
    tell_values(world, -2, 0, origin=msgspec.structs.replace(ORIGIN, simulated=True))
    find(world, sick(0, 1), hours=1)
    (told,) = world.tell([feed, lab], 1)
    assert (told.channel, told.simulated) == ("lab", True)
    assert told.title.startswith("Simulated.")


def test_a_source_that_stays_silent_is_not_said_to_see_again(world: World, feed: Atom) -> None:
    find(world, sick(0, 1), hours=1)
    world.tell([feed], 1)
    assert world.tell([feed], 12) == []


def test_an_old_sickness_that_leaves_the_day_repeats_none_that_is_younger(
    world: World, feed: Atom
) -> None:
    """Of several in a day each is told once, whatever of them is still fresh."""
    told = []
    for begin in (0, 8, 16):
        find(world, sick(begin, begin + 1), hours=begin + 1)
        told += world.tell([feed], begin + 1)
    for hours in np.arange(17.5, 60, 1.5):
        told += world.tell([feed], float(hours))
    assert [kind for _, kind in said(told)] == ["health"] * 3
    assert len({one.subject for one in told}) == 3


def test_a_source_that_comes_and_goes_is_one_message(world: World, feed: Atom) -> None:
    told = []
    for begin in np.arange(0, 10, 0.5):
        find(world, sick(begin, begin + 0.2), hours=begin + 0.2)
        tell_values(world, begin + 0.2, begin + 0.5)
        told += world.tell([feed], float(begin + 0.5))
    told += world.tell([feed], 13)
    assert [kind for _, kind in said(told)] == ["health", "health-end"]


def test_signals_of_one_source_are_one_message(world: World, feed: Atom) -> None:
    find(world, sick(0, 1), sick(0.2, 1, "ioda.merit-nt"), hours=1)
    (told,) = world.tell([feed], 1)
    assert told.text.count("could not see from") == 2


def test_what_was_undelivered_when_it_is_over_is_one_message(world: World, feed: Atom) -> None:
    folder = world.store.path.parent / "later"
    gone = msgspec.structs.replace(feed, file=str(folder / "alerts.xml"))
    find(world, sick(0, 1), hours=1)
    assert [one.state for one in world.tell([gone], 1)] == ["pending"]
    tell_values(world, 1, 2)
    folder.mkdir()
    told = world.tell([gone], 5)
    assert [(one.kind, one.state) for one in told] == [("health-end", "delivered")]


def by_one(code: str, **changes: Any) -> Any:
    return event(code, sources=by("bgp.visible24"), **changes)


def test_a_planet_of_countries_down_by_one_source_is_one_message_on_the_source(
    world: World, feed: Atom
) -> None:
    world.see(*map(by_one, CODES), hours=1)
    told = world.tell([feed], 1)
    assert [one.kind for one in told] == ["health"]
    held = [one for one in world.store.alerts() if one.state == "held"]
    assert len(held) == len(CODES)
    assert world.tell([feed], 2) == []


def test_what_changes_in_a_storm_stays_held_and_repeats_nothing(world: World, feed: Atom) -> None:
    world.see(*map(by_one, CODES), hours=1)
    world.tell([feed], 1)
    for step, depth in enumerate((30.0, 60.0, 20.0)):
        hours = 3.0 + 2 * step
        world.see(by_one("KZ", depth_percent=depth), by_one("IR", depth_percent=depth), hours=hours)
        assert world.tell([feed], hours) == []


def test_who_is_told_of_one_country_alone_is_not_told_of_it_in_a_storm(
    world: World, feed: Atom
) -> None:
    only = msgspec.structs.replace(feed, rules=(Rule(entities=("KZ",)),))
    world.see(*map(by_one, CODES), hours=1)
    assert [one.kind for one in world.tell([only], 1)] == ["health"]


def test_a_country_that_another_source_shows_too_is_told_out_of_a_storm(
    world: World, feed: Atom
) -> None:
    world.see(*map(by_one, CODES), hours=1)
    world.tell([feed], 1)
    world.see(event("KZ"), hours=2)
    (told,) = world.tell([feed], 2)
    assert (told.entity, told.kind, told.state) == ("country/KZ", "new", "delivered")


def test_a_storm_ends_when_its_countries_are_back(world: World, feed: Atom) -> None:
    world.see(*map(by_one, CODES), hours=1)
    world.tell([feed], 1)
    over = [by_one(code, end=(at(2), at(2)), ongoing=False) for code in CODES]
    world.see(*over, hours=5)
    assert [one.kind for one in world.tell([feed], 5)] == ["health-end"]
    assert world.tell([feed], 30) == []


def test_a_storm_that_turns_out_to_be_a_sickness_is_the_same_message(
    world: World, feed: Atom
) -> None:
    world.see(*map(by_one, CODES), hours=1)
    world.tell([feed], 1)
    world.see(*(by_one(code, retracted=True) for code in CODES), hours=1.2)
    find(world, sick(0, 1.2, "bgp.visible24"), hours=1.2)
    assert world.tell([feed], 1.2) == []
    assert {one.state for one in world.store.alerts() if one.kind == "new"} == {"dropped"}


def test_a_storm_that_later_data_take_back_is_said_to_be_none(world: World, feed: Atom) -> None:
    world.see(*map(by_one, CODES), hours=1)
    world.tell([feed], 1)
    world.see(*(by_one(code, retracted=True) for code in CODES), hours=1.2)
    (told,) = world.tell([feed], 1.2)
    assert told.kind == "health-end"
    assert "showed that it could see" in told.text
    assert world.tell([feed], 2) == []


def test_what_one_source_shows_waits_until_it_told_of_others_but_not_for_ever(
    world: World, feed: Atom
) -> None:
    world.see(by_one("KZ"), event("IR"), hours=1)
    assert [one.entity for one in world.tell([feed], 1, unsettled=["bgp"])] == ["country/IR"]
    assert world.tell([feed], 1.1, unsettled=["bgp"]) == []
    assert [one.entity for one in world.tell([feed], 1.2, unsettled=["bgp"])] == ["country/KZ"]


def test_countries_that_are_heard_of_one_by_one_are_a_storm_all_the_same(
    world: World, feed: Atom
) -> None:
    told = []
    for place, code in enumerate(CODES):
        hours = 1 + place / 60
        world.see(by_one(code), hours=hours)
        told += world.tell([feed], hours, unsettled=["bgp"])
    told += world.tell([feed], 1.2)
    assert [one.kind for one in told] == ["health"]
