"""Blocks of services, from the store through detection to what is published: apart from outages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from zicht.model.signal import Origin
from zicht.observe.bulletins import bulletin
from zicht.observe.detection import run_detection
from zicht.observe.exports import export_events
from zicht.observe.status import status
from zicht.publish.bulletin_formats import bulletin_markdown
from zicht.sources.answers import to_observations
from zicht.sources.ooni import MEASUREMENTS, WORKING
from zicht.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zicht.detect.detection import Detection
    from zicht.model.signal import Signal

START = datetime(2021, 11, 1, tzinfo=UTC)
DAYS = 90
BLOCKED = slice(60, 66)
WHATSAPP, TELEGRAM = WORKING["whatsapp"], WORKING["telegram"]
RANDOM = np.random.Generator(np.random.PCG64(7))


def shares(*, blocked: bool, noise: float = 1.0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    values = np.clip(97 + noise * RANDOM.standard_normal(DAYS), 0, 100)
    if blocked:
        values[BLOCKED] = np.clip(3 + RANDOM.standard_normal(6), 0, 100)
    return values


def put(
    store: Store,
    signal: Signal,
    entity: str,
    values: Sequence[float] | np.ndarray[tuple[int], np.dtype[np.float64]],
    tests: int = 200,
) -> None:
    count = len(values)
    times = [int((START + timedelta(days=i)).timestamp()) * 1_000_000 for i in range(count)]
    table = to_observations(
        [signal.name] * count,
        [entity] * count,
        np.array(times),
        np.array(values, dtype=np.float64),
        np.full(count, float(tests)),
    )
    origin = Origin(id="o", source="ooni", name="n", sha256="", licence="CC0", citation="made up")
    store.append(table, signals=[signal], origin=origin, known_at=START + timedelta(days=DAYS))


@pytest.fixture(autouse=True)
def same_noise() -> None:
    RANDOM.bit_generator.state = np.random.PCG64(7).state


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store", create=True)


def measured(store: Store, *entities: str) -> None:
    for entity in entities:
        put(store, MEASUREMENTS, entity, 1000 + 30 * RANDOM.standard_normal(DAYS))


def blocks(found: Detection) -> list[str]:
    return [one.id for one in found.blocks.events if not one.retracted]


def test_a_blocked_messenger_is_an_event_by_itself_and_no_outage(store: Store) -> None:
    measured(store, "country/KZ")
    put(store, WHATSAPP, "country/KZ", shares(blocked=True))
    put(store, TELEGRAM, "country/KZ", shares(blocked=False))
    found = run_detection(store)
    assert found.events == ()
    assert found.outages == ()
    assert blocks(found) == ["KZ-20211231-whatsapp"]
    (event,) = found.blocks.events
    assert event.event_class == "platform-block"
    assert {phase.event_class for phase in event.phases} == {"platform-block"}
    assert event.onset[1] <= START + timedelta(days=61)
    assert event.ongoing is False
    assert event.depth_percent < 10
    assert event.plane_beliefs == {}
    (state,) = status(store, at=START + timedelta(days=63))
    assert state.belief_outage is None or state.belief_outage < 0.5


def test_looking_again_changes_nothing(store: Store) -> None:
    measured(store, "country/KZ")
    put(store, WHATSAPP, "country/KZ", shares(blocked=True))
    first, again = run_detection(store), run_detection(store)
    assert again.blocks.events == first.blocks.events
    assert again.blocks.outages == first.blocks.outages
    assert [(one.id, one.revision) for one in store.events()] == [("KZ-20211231-whatsapp", 1)]
    assert run_detection(store, entities=["IR"]).events == ()
    assert [one.revision for one in store.events()] == [1]


def test_an_outage_and_a_block_of_the_same_days_are_two_events(store: Store) -> None:
    counts = 1000 + 30 * RANDOM.standard_normal(DAYS)
    counts[BLOCKED] = 10
    put(store, MEASUREMENTS, "country/KZ", counts)
    put(store, WHATSAPP, "country/KZ", shares(blocked=True))
    found = run_detection(store)
    assert [one.event_class for one in found.events] == ["traffic-drop"]
    assert blocks(found) == ["KZ-20211231-whatsapp"]
    assert len({one.id for one in store.events()}) == 2
    again = run_detection(store)
    assert (again.events, again.blocks.events) == (found.events, found.blocks.events)


def test_few_tests_say_nothing(store: Store) -> None:
    measured(store, "country/KZ")
    put(store, WHATSAPP, "country/KZ", shares(blocked=True), tests=19)
    assert run_detection(store).blocks.events == ()


def test_a_service_that_fails_everywhere_is_at_fault_itself(store: Store) -> None:
    for code in ("KZ", "IR", "NL", "DE"):
        put(store, WHATSAPP, f"country/{code}", shares(blocked=True))
    found = run_detection(store)
    assert found.blocks.events == ()
    (sick,) = found.blocks.sicknesses
    assert sick.signal == WHATSAPP.name
    assert "most countries at once" in sick.reason
    assert [one.signal for one in store.sicknesses()] == [WHATSAPP.name]


def test_one_country_of_many_that_fails_is_blocked(store: Store) -> None:
    for code in ("IR", "NL", "DE"):
        put(store, WHATSAPP, f"country/{code}", shares(blocked=False))
    put(store, WHATSAPP, "country/KZ", shares(blocked=True))
    found = run_detection(store)
    assert blocks(found) == ["KZ-20211231-whatsapp"]
    assert found.blocks.sicknesses == ()


@pytest.mark.parametrize("noise", [0.5, 2.0, 6.0])
def test_ordinary_days_make_no_block(store: Store, noise: float) -> None:
    for code in ("KZ", "IR", "NL"):
        put(store, WHATSAPP, f"country/{code}", shares(blocked=False, noise=noise))
    assert run_detection(store).blocks.events == ()


def test_what_is_published_tells_of_the_service_and_not_of_connectivity(store: Store) -> None:
    measured(store, "country/KZ")
    put(store, WHATSAPP, "country/KZ", shares(blocked=True))
    run_detection(store)
    for code, said in (("en", "Tests of WhatsApp without"), ("nl", "Tests van WhatsApp zonder")):
        published = bulletin(store, "KZ-20211231-whatsapp", code=code)
        text = bulletin_markdown(published.words, published.bulletin, None)
        assert said in text
        assert "Connectivity in" not in text
        assert "ordinary connectivity" not in text
    assert b"KZ-20211231-whatsapp" in export_events(store, "json").data
    assert b"KZ-20211231" not in export_events(store, "json", shape="codf").data
