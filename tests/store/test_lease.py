"""One holder at a time, whoever dies, sleeps or is cut off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_bench import START, bench_at

from zicht.errors import StoreError
from zicht.model.alert import Alert
from zicht.store import open_store
from zicht.store.folder import FolderLake
from zicht.store.lease import ObjectLease, open_lease
from zicht.store.log import FencedError

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.store.lake import Lake

EXPIRY = 30.0

ALERT = Alert(
    id="desk event-1 1",
    channel="desk",
    subject="event-1",
    number=1,
    kind="new",
    entity="country/KZ",
    title="",
    text="",
    event=None,
    simulated=False,
    made_at=START,
    state="pending",
    not_before=START,
)


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def a_lease(lake: Lake, name: str, clock: Clock) -> ObjectLease:
    return ObjectLease(lake, "lead", name, expiry=EXPIRY, clock=clock)


@pytest.fixture
def lake(place: Path | str) -> Lake:
    lake = bench_at(place).store.lake
    lake.put("leases/lead/x", b"")  # makes the folder, where there are folders
    return lake


def test_a_lease_is_held_by_one_and_renewed(lake: Lake) -> None:
    clock = Clock()
    first, second = a_lease(lake, "ams-1", clock), a_lease(lake, "fra-1", clock)
    assert first.take()
    assert first.term == 1
    assert not second.take()
    assert second.holder.startswith("ams-1 on ")
    for _ in range(50):
        clock.now += EXPIRY / 3
        assert first.take()
        assert not second.take()
    assert first.term == 1
    assert len(lake.names("leases/lead")) < 30, "old numbers are deleted"


def test_who_stops_renewing_is_succeeded_after_the_expiry_and_not_before(lake: Lake) -> None:
    clock = Clock()
    first, second = a_lease(lake, "ams-1", clock), a_lease(lake, "fra-1", clock)
    assert first.take()
    assert not second.take()
    clock.now += EXPIRY - 1
    assert not first.is_held(), "it trusts its last renewal for less than the others wait"
    assert not second.take()
    clock.now += 2
    assert second.take()
    assert second.term == 2
    assert not first.take()
    assert not first.is_held()
    assert first.holder.startswith("fra-1 on ")
    clock.now += EXPIRY + 1
    assert first.take()
    assert first.term == 3


def test_what_is_given_back_is_free_at_once(lake: Lake) -> None:
    clock = Clock()
    first, second = a_lease(lake, "ams-1", clock), a_lease(lake, "fra-1", clock)
    assert first.take()
    first.end()
    assert not first.is_held()
    assert first.term is None
    assert second.take()
    assert second.term == 2
    first.end()
    assert second.is_held()
    assert second.take()


def test_who_slept_so_long_that_its_next_number_was_deleted_does_not_hold_it(lake: Lake) -> None:
    clock = Clock()
    first, second = a_lease(lake, "ams-1", clock), a_lease(lake, "fra-1", clock)
    assert first.take()
    assert not second.take()
    clock.now += EXPIRY + 1
    for _ in range(40):
        assert second.take()
    assert not first.take()
    assert second.take()
    assert second.is_held()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.floats(0, 2 * EXPIRY), st.booleans()), max_size=40))
def test_whatever_happens_two_never_hold_it(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, float, bool]]
) -> None:
    lake = FolderLake(tmp_path_factory.mktemp("lake"))
    lake.put("leases/lead/x", b"")
    clock = Clock()
    leases = [a_lease(lake, f"host-{number}", clock) for number in range(3)]
    terms = [0]
    for who, later, gives_back in steps:
        clock.now += later
        if gives_back and leases[who].is_held():
            leases[who].end()
        else:
            leases[who].take()
        holders = [one for one in leases if one.is_held()]
        assert len(holders) <= 1
        terms += [one.term for one in holders if one.term is not None]
    assert terms == sorted(terms)


def test_a_folder_has_a_lock_instead(tmp_path: Path) -> None:
    lake = bench_at(tmp_path / "store").store.lake
    first, second = open_lease(lake, "lead", "a"), open_lease(lake, "lead", "b")
    assert first.take()
    assert first.take()
    assert first.term is None, "the kernel takes it from who dies, so nobody writes late"
    assert not second.take()
    first.end()
    assert second.take()
    assert not first.is_held()
    second.end()


def test_who_wrote_under_an_earlier_term_cannot_write_findings_any_more(place: Path | str) -> None:
    store = bench_at(place).store
    store.begin_term(1)
    earlier = store.fenced(1)
    earlier.write_alerts([ALERT], known_at=START)
    other = open_store(place)
    other.begin_term(2)
    other.begin_term(2)
    told = msgspec.structs.replace(ALERT, state="delivered")
    with pytest.raises(FencedError):
        earlier.write_alerts([told], known_at=START)
    with pytest.raises(FencedError):
        store.begin_term(1)
    assert issubclass(FencedError, StoreError)
    assert store.alerts() == [ALERT]
    other.fenced(2).write_alerts([told], known_at=START)
    assert store.alerts() == [told]
    store.write_alerts([ALERT], known_at=START)  # a person's command has no term


def test_a_term_outlasts_the_commits_that_it_began_with(place: Path | str) -> None:
    store = bench_at(place).store
    store.begin_term(7)
    alerts = next(table for table in store.tables if table.spec.name == "alerts")
    alerts.log.checkpoint()
    for name in store.lake.names("alerts/_delta_log"):
        if name.endswith(".json"):
            store.lake.delete(name)
    with pytest.raises(FencedError):
        open_store(place).fenced(6).write_alerts([ALERT], known_at=START)
