"""The view follows the store."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import msgspec
import pytest
from starlette.testclient import TestClient
from web_world import KNOWN, make_store

from zicht.observe.standing import write_standing
from zicht.observe.status import status
from zicht.observe.watch_state import SourceState, write_state
from zicht.web.app import application
from zicht.web.desk import Desk

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.store import Store


@pytest.fixture
def own_store(tmp_path: Path) -> Store:
    """A store that a test may change."""
    return make_store(tmp_path / "store")


def test_events_are_known_at_once_and_states_a_little_later(own_store: Store) -> None:
    desk = Desk(own_store, now=lambda: KNOWN)
    assert desk.view().events
    assert desk.view().statuses is None
    before = desk.view().key
    assert desk.refresh().statuses
    assert desk.view().key != before


def test_a_view_stays_until_the_store_changes(own_store: Store) -> None:
    desk = Desk(own_store, now=lambda: KNOWN)
    view = desk.refresh()
    assert desk.refresh() is view
    event = view.events[0]
    own_store.write_detection(
        outages=[],
        events=[msgspec.structs.replace(event, recurrences=7)],
        sicknesses=[],
        known_at=KNOWN,
    )
    changed = desk.refresh()
    assert changed.key != view.key
    found = changed.event(event.id)
    assert found is not None
    assert found.recurrences == 7


def test_states_that_a_watch_keeps_are_taken_as_they_are(own_store: Store) -> None:
    kept = status(own_store, entities=["country/IR"])
    write_standing(own_store.lake, kept, {}, written_at=KNOWN, version=own_store.version)
    view = Desk(own_store, now=lambda: KNOWN).view()
    assert view.statuses == {one.entity: one for one in kept}


def test_who_waits_for_news_is_woken_by_it(own_store: Store) -> None:
    desk = Desk(own_store, now=lambda: KNOWN)
    before = desk.view().key
    working = threading.Thread(target=desk.refresh)
    working.start()
    assert desk.wait(before, seconds=60).key != before
    working.join()


def test_the_past_is_what_was_known_then(own_store: Store) -> None:
    desk = Desk(own_store, now=lambda: KNOWN)
    before = KNOWN.replace(year=2029)
    assert desk.view(before).events == ()
    assert desk.view(before) is desk.view(before)
    assert desk.view(KNOWN).events == desk.view().events


def test_a_detection_of_the_same_view_is_made_once(own_store: Store) -> None:
    desk = Desk(own_store, now=lambda: KNOWN)
    assert desk.detection("country/KZ") is desk.detection("country/KZ")


def test_an_observatory_that_cannot_see_says_so_first(own_store: Store) -> None:
    state = SourceState(
        source="ioda",
        state="fault",
        written_at=KNOWN,
        fault="The service answers <b>503</b>.",
        cadence=300,
    )
    write_state(own_store.lake, state)
    desk = Desk(own_store, now=lambda: KNOWN)
    with TestClient(application(desk)) as reader:
        pages = [reader.get(f"/en{path}").text for path in ("/", "/health")]
    for page in pages:
        assert page.index("Zicht cannot see") < page.index("<main")
    assert "answers &lt;b&gt;503&lt;/b&gt;" in pages[1]
