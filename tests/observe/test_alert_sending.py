"""Sending alerts: a channel that hangs, processes that are killed, processes beside one another."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time as real_time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from alert_world import KEY, World, at, event
from receiving import receiver

from zicht.model.alert import Alert
from zicht.observe.alert_delivering import deliver_alerts
from zicht.observe.alert_sending import LEASE, MOST_FAULTS, Sender, is_taken
from zicht.observe.alerts import confirm, note_alerts
from zicht.observe.delivery import try_channels
from zicht.publish.alerts.settings import Atom, QuietHours, Rule, Webhook
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from receiving import Taken

    from zicht.store import Store

SECRET = "HOOK"  # noqa: S105 - the name of a variable
MANY = [f"{first}{second}" for first in "ABCD" for second in "EFGHI"]

CHILD = """
import sys
from datetime import datetime
from pathlib import Path
from zicht.observe.alert_delivering import deliver_alerts
from zicht.publish.alerts.settings import Webhook
from zicht.store import open_store

hook = Webhook(name="hook", address=sys.argv[2], secret_variable="HOOK")
deliver_alerts(open_store(Path(sys.argv[1])), [hook], now=datetime.fromisoformat(sys.argv[3]))
"""


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET, KEY)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(open_store(tmp_path / "store", create=True))


@pytest.fixture
def feed(tmp_path: Path) -> Atom:
    return Atom(name="desk", file=str(tmp_path / "alerts.xml"))


def hook_at(taken: Taken) -> Webhook:
    return Webhook(name="hook", address=taken.address, secret_variable=SECRET)


def ids(taken: Taken) -> list[str]:
    return [request.headers["webhook-id"] for request in taken.requests]


def until_asked(taken: Taken) -> None:
    last = real_time.monotonic() + 60
    while not taken.requests:
        assert real_time.monotonic() < last
        real_time.sleep(0.02)


def test_a_channel_that_hangs_holds_up_no_other(world: World, feed: Atom) -> None:
    with receiver(hanging=True) as taken, ThreadPoolExecutor(1) as pool:
        hook = hook_at(taken)
        world.see(event(), hours=1)
        note_alerts(world.store, [hook, feed], now=at(1))
        sending = pool.submit(deliver_alerts, world.store, [hook, feed], now=at(1))
        until_asked(taken)
        last = real_time.monotonic() + 60
        while "delivered" not in {one.state for one in world.store.alerts()}:
            assert real_time.monotonic() < last
            real_time.sleep(0.02)
        states = {one.channel: one.state for one in world.store.alerts()}
        taken.answering.set()
        told = {one.channel: one.state for one in sending.result(60)}
    assert states == {"desk": "delivered", "hook": "pending"}
    assert told == {"desk": "delivered", "hook": "delivered"}


def test_a_channel_that_hangs_is_left_and_tried_again(world: World) -> None:
    with receiver(hanging=True) as taken:
        hook = hook_at(taken)
        world.see(event(), hours=1)
        note_alerts(world.store, [hook], now=at(1))
        (left,) = deliver_alerts(world.store, [hook], now=at(1), longest=0.3)
        assert left.state == "pending"
        assert "did not take the message within" in (left.fault or "")
        taken.answering.set()
        (again,) = deliver_alerts(world.store, [hook], now=at(2))
    assert again.state == "delivered"
    assert set(ids(taken)) == {"hook KZ-20300307 1"}


def test_of_a_channel_that_hangs_one_thread_is_lost_and_no_more(world: World) -> None:
    with receiver(hanging=True) as taken:
        world.see(*(event(code) for code in MANY), hours=1)
        hook = hook_at(taken)
        note_alerts(world.store, [hook], now=at(1))
        sender = Sender(world.store, hook, longest=0.3)
        before = threading.active_count()
        assert len(sender.send_due(at(1))) == 1
        for hours in (2, 3, 4):
            assert sender.send_due(at(hours)) == []
        until_asked(taken)
        assert threading.active_count() <= before + 1 + len(taken.requests)
        assert len(taken.requests) == 1


def test_a_kill_in_a_delivery_repeats_it_with_the_same_id_once_nobody_has_it(
    world: World,
) -> None:
    with receiver(hanging=True) as taken:
        hook = hook_at(taken)
        world.see(event(), hours=1)
        note_alerts(world.store, [hook], now=at(1))
        command = [sys.executable, "-c", CHILD, str(world.store.path), taken.address]
        with subprocess.Popen([*command, at(1).isoformat()], env=os.environ) as child:
            until_asked(taken)
            child.kill()
        taken.answering.set()
        (left,) = world.store.alerts()
        assert is_taken(left, datetime.now(UTC))
        assert deliver_alerts(world.store, [hook], now=at(1)) == [], "another may be at it"
        (told,) = deliver_alerts(
            world.store, [hook], now=at(1), machine_clock=lambda: datetime.now(UTC) + LEASE
        )
    assert (told.state, told.taken_by) == ("delivered", None)
    assert ids(taken) == ["hook KZ-20300307 1"] * 2


def test_a_test_of_a_channel_does_not_wait_for_ever() -> None:
    with receiver(hanging=True) as taken:
        (told,) = try_channels([hook_at(taken)], longest=0.3)
    assert not told.reached
    assert "did not take the message within" in (told.fault or "")


def test_an_alert_that_is_being_sent_is_not_overtaken(world: World) -> None:
    with receiver(hanging=True) as taken, ThreadPoolExecutor(1) as pool:
        hook = hook_at(taken)
        world.see(event(), hours=1)
        note_alerts(world.store, [hook], now=at(1))
        sending = pool.submit(deliver_alerts, open_store(world.store.path), [hook], now=at(1))
        until_asked(taken)
        over = event(end=(at(2), at(2)), ongoing=False)
        world.see(over, hours=2)
        assert note_alerts(world.store, [hook], now=at(2)) == []
        taken.answering.set()
        (first,) = sending.result(60)
        assert first.state == "delivered"
        (end,) = world.tell([hook], 2)
    assert (end.kind, end.number) == ("end", 2)


def test_processes_that_are_well_make_and_send_each_alert_once(world: World) -> None:
    world.see(*(event(code) for code in MANY), hours=1)

    def run(_: int) -> int:
        store = open_store(world.store.path)
        made = note_alerts(store, [hook], now=at(1))
        deliver_alerts(store, [hook], now=at(1))
        return len(made)

    with receiver() as taken:
        hook = hook_at(taken)
        with ThreadPoolExecutor(3) as pool:
            made = list(pool.map(run, range(3)))
    assert sum(made) == len(MANY)
    assert sorted(ids(taken)) == sorted(f"hook {code}-20300307 1" for code in MANY)
    assert {one.state for one in world.store.alerts()} == {"delivered"}


def test_a_message_that_is_never_taken_stands_in_the_way_of_no_other(
    world: World,
) -> None:
    with receiver(500) as taken:
        hook = hook_at(taken)
        world.see(*(event(code) for code in MANY), hours=1)
        assert len(world.tell([hook], 1)) == MOST_FAULTS
        assert len(taken.requests) == MOST_FAULTS, "a channel that is down is let alone"
        taken.code = 204
        told = world.tell([hook], 1.001)
    assert len(told) == len(MANY) - MOST_FAULTS
    assert {one.state for one in told} == {"delivered"}


def test_waits_grow_to_an_hour_and_never_end(world: World) -> None:
    waits, hours = [], 1.0
    with receiver(503) as taken:
        hook = hook_at(taken)
        world.see(event(), hours=1)
        for _ in range(9):
            (tried,) = world.tell([hook], hours)
            wait = tried.not_before - at(hours)
            waits.append(wait)
            hours += wait / timedelta(hours=1)
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert waits[-1] == waits[-2] == timedelta(hours=1)


def test_a_retry_does_not_fall_into_quiet_hours(world: World) -> None:
    quiet = QuietHours(begin=time(12), end=time(15))  # the third to the sixth hour
    with receiver(503) as taken:
        hook = msgspec.structs.replace(hook_at(taken), quiet_hours=quiet)
        world.see(event(), hours=2.99)
        assert len(world.tell([hook], 2.99)) == 1
        assert world.tell([hook], 3.5) == []
        taken.code = 204
        (told,) = world.tell([hook], 6.1)
    assert told.state == "delivered"


def test_what_a_person_confirms_goes_out_at_once(world: World, feed: Atom) -> None:
    quiet = QuietHours(begin=time(9), end=time(15))
    public = msgspec.structs.replace(feed, public=True, quiet_hours=quiet)
    world.see(event(), hours=1)
    assert world.tell([public], 1) == []
    (held,) = world.store.alerts()
    confirm(world.store, held.id, now=at(1))
    assert [one.state for one in deliver_alerts(world.store, [public], now=at(1))] == ["delivered"]


def test_a_fault_of_a_library_is_told_without_its_words(
    world: World, feed: Atom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, "whsec_" + "é" * 40)  # no header can hold it
    hook = Webhook(name="hook", address="https://127.0.0.1:1/", secret_variable=SECRET)
    world.see(event(), hours=1)
    told = {one.channel: one for one in world.tell([hook, feed], 1)}
    assert told["desk"].state == "delivered"
    assert told["hook"].state == "pending"
    assert "é" not in (told["hook"].fault or "é")


def test_a_lease_of_a_clock_that_was_wrong_holds_nobody_up() -> None:
    now = datetime.now(UTC)
    alert = taken_until(now + timedelta(days=400))
    assert not is_taken(alert, now)
    alert = taken_until(now + LEASE / 2)
    assert is_taken(alert, now)
    assert not is_taken(alert, now + LEASE)


def taken_until(until_: datetime) -> Alert:
    return Alert(
        id="a",
        channel="a",
        subject="a",
        number=1,
        kind="new",
        entity=None,
        title="",
        text="",
        event=None,
        simulated=False,
        made_at=at(0),
        state="pending",
        not_before=at(0),
        taken_by="x",
        taken_until=until_,
    )


def test_the_store_changes_alerts_of_what_they_are_and_not_of_what_they_were(
    world: World, feed: Atom
) -> None:
    """Two who count an alert's tries up at once both count."""
    world.see(event(), hours=1)
    note_alerts(world.store, [feed], now=at(1))

    def count(store: Store) -> None:
        for _ in range(10):
            store.change_alerts(
                lambda alerts: [
                    msgspec.structs.replace(one, tries=one.tries + 1) for one in alerts.values()
                ],
                known_at=at(1),
            )

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(count, [open_store(world.store.path) for _ in range(3)]))
    assert world.store.alerts()[0].tries == 30


def test_rules_may_let_a_message_through_quiet_hours_at_each_try(world: World) -> None:
    quiet = QuietHours(begin=time(8), end=time(20))
    with receiver(503) as taken:
        hook = msgspec.structs.replace(
            hook_at(taken), quiet_hours=quiet, rules=(Rule(despite_quiet_hours=True),)
        )
        world.see(event(), hours=1)
        assert len(world.tell([hook], 1)) == 1
        assert len(world.tell([hook], 1.5)) == 1
