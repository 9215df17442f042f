"""Several watches of one store: one detects and alerts, another takes over, and people are told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from object_store import running_object_store
from receiving import Taken, receiver
from watching import Watched, speaking, stage_at, watching

from zicht.model.outage import Event, Source
from zicht.observe.settings import Settings
from zicht.observe.watch_clock import CLOCK, Clock
from zicht.observe.watch_health import health
from zicht.observe.watch_settings import SourceSettings, WatchSettings
from zicht.observe.watch_state import read_states
from zicht.publish.alerts.settings import Rule, Webhook
from zicht.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

CABLE = Path(__file__).parents[1] / "lab" / "cable_scenario.toml"
CHILD = Path(__file__).with_name("watch_child.py")
NOW = datetime(2025, 3, 12, 6, tzinfo=UTC)
ICELAND = ("country/IS", "country/FO")
SECRET = "PARTNER_SECRET"  # noqa: S105 - the name of a variable
LEADS, STANDS_BY = "this watch detects and alerts", "standing by: another watch detects and alerts"


def an_event(country: str) -> Event:
    """An event that no series tells of, so that detection leaves it as it is."""
    signals = ("bgp.visible24", "probe.up24")
    return Event(
        id=f"{country}-20250312",
        entity=f"country/{country}",
        event_class="total",
        onset=(NOW - timedelta(hours=2),) * 2,
        end=None,
        ongoing=True,
        depth_percent=4.0,
        depth_signal="bgp.visible24",
        phases=(),
        outages=(),
        operators=(),
        restorations=(),
        recurrences=0,
        shutdown_likelihood=None,
        sources=tuple(Source(signal=name, licence="", citation="") for name in signals),
        as_of=NOW,
        level="alert",
        belief=0.97,
        simulated=True,
    )


def find(store: Store, country: str) -> None:
    """As if detection had found an event."""
    store.write_detection(outages=(), events=[an_event(country)], sicknesses=(), known_at=NOW)


def settings_for(taken: Taken) -> Settings:
    hook = Webhook(
        name="desk",
        address=taken.address,
        secret_variable=SECRET,
        simulated=True,
        rules=(Rule(),),
    )
    return Settings(
        watch=WatchSettings(history_days=21), source=(SourceSettings(name="tor"),), channel=(hook,)
    )


def sent(taken: Taken) -> list[str]:
    return [one.headers["webhook-id"] for one in taken.requests]


def fast() -> Clock:
    return Clock(begin=NOW, at=time.time(), speed=600.0)


def events_of(watched: Watched) -> list[str]:
    return [str(one["event"]) for one in watched.logged]


def test_a_second_watch_stands_by_and_takes_over_and_no_alert_is_sent_twice(
    place: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
    find(open_store(place, create=True), "KZ")
    with receiver() as taken, speaking(stage_at(CABLE, NOW, 0), ["tor"], monkeypatch):
        given = {"settings": settings_for(taken), "expiry": 20.0}
        with watching(place, fast(), ICELAND, ["tor"], name="ams", **given) as first:  # type: ignore[arg-type]
            first.until(lambda: len(sent(taken)) == 1)
            with watching(place, fast(), ICELAND, ["tor"], name="fra", **given) as second:  # type: ignore[arg-type]
                second.until(lambda: STANDS_BY in events_of(second))
                assert LEADS not in events_of(second)
                first.stopped.set()
                second.until(lambda: LEADS in events_of(second))
                find(second.store, "IR")
                second.until(lambda: len(sent(taken)) > 1)
        assert first.all_ended
        assert second.all_ended
    assert [one.split()[1] for one in sent(taken)] == ["KZ-20250312", "IR-20250312"]
    assert {one.state for one in second.store.alerts()} == {"delivered"}
    assert {(one.source, one.watch) for one in health(second.store, at=NOW).sources} == {
        ("tor", "ams"),
        ("tor", "fra"),
    }


@contextmanager
def a_child(
    place: str, name: str, expiry: float, taken: Taken, folder: Path
) -> Iterator[subprocess.Popen[str]]:
    """A watch in a process of its own."""
    settings = folder / f"{name}.toml"
    settings.write_text(
        "[watch]\nhistory_days = 21\n[[source]]\nname = 'tor'\n"
        f"[[channel]]\nkind = 'webhook'\nname = 'desk'\naddress = '{taken.address}'\n"
        f"secret_variable = '{SECRET}'\nsimulated = true\n[[channel.rules]]\n",
        encoding="utf-8",
    )
    clock = f"{NOW:%FT%TZ},600,{time.time():.3f}"
    with subprocess.Popen(
        [sys.executable, str(CHILD), place, name, str(expiry), str(settings)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {CLOCK: clock},
    ) as process:
        guard = threading.Timer(400.0, process.kill)  # whoever reads its output then sees its end
        guard.start()
        try:
            yield process
        finally:
            guard.cancel()
            process.kill()


def read_until(process: subprocess.Popen[str], event: str) -> None:
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if line.startswith("{") and json.loads(line)["event"] == event:
            return
    raise AssertionError("".join(seen))


def test_when_the_leader_is_killed_another_takes_over_and_sends_what_waited(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
    find(open_store(bucket, create=True), "KZ")
    with (
        receiver(500) as taken,
        speaking(stage_at(CABLE, NOW, 0), ["tor"], monkeypatch),
        a_child(bucket, "ams", 12.0, taken, tmp_path) as leader,
    ):
        read_until(leader, LEADS)
        read_until(leader, "alert not delivered")
        with a_child(bucket, "fra", 12.0, taken, tmp_path) as other:
            read_until(other, STANDS_BY)
            leader.kill()
            taken.requests.clear()
            taken.code = 204
            read_until(other, LEADS)
            last = time.monotonic() + 240  # what one was sending is sent anew after two minutes
            while not any(one.state == "delivered" for one in open_store(bucket).alerts()):
                assert time.monotonic() < last
                time.sleep(0.2)
    assert {one.split()[1] for one in sent(taken)} == {"KZ-20250312"}


def test_a_watch_waits_while_its_object_store_is_away_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZICHT_STATE", str(tmp_path / "state"))
    with (
        running_object_store() as own,
        speaking(stage_at(CABLE, NOW, 0), ["tor"], monkeypatch),
    ):
        for name, value in own.environment.items():
            monkeypatch.setenv(name, value)
        place = own.bucket("away")
        with watching(place, fast(), ICELAND, ["tor"], name="ams", expiry=6.0) as watched:
            watched.until(lambda: LEADS in events_of(watched))
            own.order("down")
            watched.until(lambda: "round failed" in events_of(watched))
            watched.until(lambda: "the lead cannot be looked at" in events_of(watched))
            own.order("up")
            watched.until(lambda: events_of(watched).count(LEADS) > 1)
            watched.until(lambda: any(one.state == "ok" for one in read_states(watched.store.lake)))
        assert "cannot be reached" in watched.log.getvalue()
        assert open_store(place).table().num_rows > 10
