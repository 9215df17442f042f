"""A watch: sources apart from one another, restarts, faults that pass, and an end in time."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from watching import clock_of, settings_of, speaking, stage_at, watching

from zicht.errors import UsageError
from zicht.lab.serve.faults import Fault
from zicht.observe.fetching import fetch_source
from zicht.observe.fetching_pieces import Terms
from zicht.observe.watch import Watching, entities_of, watch
from zicht.observe.watch_clock import CLOCK, Clock
from zicht.observe.watch_clock import clock_of as clock_named
from zicht.observe.watch_log import HIDDEN, open_log, secrets_of
from zicht.observe.watch_state import read_state
from zicht.publish.alerts.settings import Webhook
from zicht.store import open_store
from zicht.store.location import lake_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zicht.lab.serve.mouths import Stage
    from zicht.observe.watch_state import SourceState
    from zicht.store import Store

CABLE = Path(__file__).parents[1] / "lab" / "cable_scenario.toml"
NOW = datetime(2025, 3, 12, 6, tzinfo=UTC)
ICELAND = ("country/IS", "country/FO")
DAY = timedelta(days=1)


def fast(at: datetime = NOW, speed: float = 600.0) -> Clock:
    """A clock on which a minute's wait is a tenth of a second."""
    return Clock(begin=at, at=time.time(), speed=speed)


def state(store: Store | Path, source: str) -> SourceState:
    found = read_state(lake_of(store) if isinstance(store, Path) else store.lake, source)
    assert found is not None
    return found


def is_whole(store: Store, source: str) -> bool:
    found = read_state(store.lake, source)
    return found is not None and found.state == "ok"


def is_complete(store: Store | Path, time: datetime) -> bool:
    found = read_state(lake_of(store) if isinstance(store, Path) else store.lake, "ioda")
    return found is not None and found.until is not None and found.until >= time


def test_a_broken_source_delays_no_other_and_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stage_at(CABLE, NOW, 0, Fault(kind="html", service="ioda"))
    with (
        speaking(stage, ["ioda", "tor"], monkeypatch),
        watching(tmp_path / "store", fast(), ICELAND, ["ioda", "tor"]) as watched,
    ):
        watched.until(lambda: is_whole(watched.store, "tor"))
        watched.until(lambda: state(watched.store, "ioda").state == "fault")
    broken = state(watched.store, "ioda")
    assert (broken.state, broken.until) == ("fault", None)
    assert broken.faults >= 1
    assert broken.fault is not None
    assert stage.clock.now() == NOW
    assert {one.signal for one in watched.store.holdings()} == {"tor.users"}
    said = [one for one in watched.logged if one["event"] == "round failed"]
    assert {one["source"] for one in said} == {"ioda"}


def test_nothing_of_what_a_source_tells_when_it_is_back_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, back = NOW + timedelta(hours=3), NOW + timedelta(hours=15)
    stage = stage_at(CABLE, NOW, 7200, Fault(kind="error", begin=gone, end=back))
    with (
        speaking(stage, ["ioda"], monkeypatch),
        watching(tmp_path / "store", clock_of(stage), ICELAND, ["ioda"]) as watched,
    ):
        watched.until(lambda: any(one["event"] == "round failed" for one in watched.logged))
        watched.until(lambda: any(one["event"] == "source is back" for one in watched.logged))
    since, until_ = gone - DAY / 2, back - DAY / 24  # the last half hour settles
    found = watched.store.read("ioda.bgp", "country/IS", start=since, end=until_)
    assert len(found.values) == 23 * 12
    assert not (found.values != found.values).any()


def fetched(folder: Path, monkeypatch: pytest.MonkeyPatch, source: str = "ioda") -> Store:
    """What one fetch stores of the days that a watch begins with."""
    store = open_store(folder, create=True)
    stage = stage_at(CABLE, NOW, 0)
    with speaking(stage, [source], monkeypatch):
        fetch_source(
            store,
            source,
            ICELAND,
            NOW.replace(hour=0) - (21 if source == "tor" else 1) * DAY,
            NOW,
            terms=Terms(simulated=True),
            pause=lambda _: None,
            clock=lambda: NOW + DAY,
        )
    return store


def bins(store: Store) -> list[tuple[Any, ...]]:
    rows = store.table(end=NOW).select(["signal", "entity", "time", "value", "revision"])
    return [tuple(row.values()) for row in rows.to_pylist()]


def test_a_watch_that_is_started_again_goes_on_and_stores_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stage_at(CABLE, NOW, 0)
    with speaking(stage, ["ioda"], monkeypatch):
        with watching(tmp_path / "store", fast(), ICELAND, ["ioda"]) as first:
            first.until(lambda: is_complete(first.store, NOW))
        with watching(tmp_path / "store", fast(NOW + DAY / 8), ICELAND, ["ioda"]) as watched:
            watched.until(lambda: is_complete(watched.store, NOW + DAY / 8))
    assert any(one["event"] == "first round" for one in first.logged)
    assert not any(one["event"] == "first round" for one in watched.logged)
    assert bins(watched.store) == bins(fetched(tmp_path / "other", monkeypatch))


def test_what_is_found_before_the_history_is_there_alerts_nobody_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = NOW + timedelta(hours=8)  # the cable has been cut for five hours
    settings = settings_of(["ioda"], tmp_path / "store", history_days=21)
    with (
        speaking(stage_at(CABLE, later, 0), ["ioda"], monkeypatch),
        watching(
            tmp_path / "store", fast(later, 60), ICELAND, ["ioda"], settings=settings
        ) as watched,
    ):
        watched.until(lambda: any(one["event"] == "alert made" for one in watched.logged))
    events = [one["event"] for one in watched.logged]
    assert events.index("first round is whole") < events.index("alert made")
    assert {one.entity for one in watched.store.alerts()} <= {"country/IS", "country/FO"}


def test_a_source_without_its_token_is_said_once_and_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with speaking(stage_at(CABLE, NOW, 0), ["tor", "radar"], monkeypatch):
        monkeypatch.delenv("ZICHT_RADAR_TOKEN")
        with watching(tmp_path / "store", fast(), ICELAND, ["tor", "radar"]) as watched:
            watched.until(lambda: is_whole(watched.store, "tor"))
    assert state(watched.store, "radar").state == "needs token"
    said = [one for one in watched.logged if one.get("source") == "radar"]
    assert [one["fault"] for one in said] == ["ZICHT_RADAR_TOKEN is not set"]


def test_two_watches_do_not_share_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        speaking(stage_at(CABLE, NOW, 0), ["tor"], monkeypatch),
        watching(tmp_path / "store", fast(), ICELAND, ["tor"]) as watched,
    ):
        watched.until(lambda: is_whole(watched.store, "tor"))
        second = Watching(
            store=watched.store,
            settings=settings_of(["tor"], watched.store.path),
            log=open_log(sys.stderr, as_json=True),
        )
        with pytest.raises(UsageError, match="Another watch writes"):
            watch(second, threading.Event())


def test_metrics_are_told_on_the_loopback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        speaking(stage_at(CABLE, NOW, 0), ["tor"], monkeypatch),
        watching(tmp_path / "store", fast(), ICELAND, ["tor"], metrics=0) as watched,
    ):
        watched.until(lambda: is_whole(watched.store, "tor"))
        watched.until(lambda: bool(watched.lines))
        address = next(one["address"] for one in watched.logged if one["event"] == "metrics")
        assert address.startswith("http://127.0.0.1:")
        text = httpx2.get(address).text
    figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
    assert float(figures['zicht_source_coverage_ratio{source="tor"}']) == 1.0
    assert float(figures['zicht_source_faults{source="tor"}']) == 0.0
    assert float(figures['zicht_source_bins_total{kind="new",source="tor"}']) > 10
    assert float(figures["zicht_detection_seconds_count"]) >= 1
    assert float(figures["process_resident_memory_bytes"]) > 0


def test_no_secret_stands_in_the_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZICHT_RADAR_TOKEN", "token-of-mine")
    variable = "PARTNER_SECRET"
    monkeypatch.setenv(variable, "whsec_of_theirs")
    hook = Webhook(name="a", address="https://a.example", secret_variable=variable)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key-of-the-store")
    secrets = secrets_of([hook])
    assert {"token-of-mine", "whsec_of_theirs", "key-of-the-store"} <= set(secrets)
    for as_json in (True, False):
        path = tmp_path / f"log-{as_json}"
        with path.open("w", encoding="utf-8") as file:
            log = open_log(file, as_json=as_json, secrets=secrets)
            log.warning("asked with token-of-mine", fault="signed by whsec_of_theirs, twice")
        text = path.read_text(encoding="utf-8")
        assert text.count(HIDDEN) == 2
        assert not any(one in text for one in secrets)


def test_without_a_name_all_countries_are_watched_and_names_go_before_the_settings(
    tmp_path: Path,
) -> None:
    store = open_store(tmp_path / "store", create=True)
    log = open_log(sys.stderr, as_json=True)
    settings = settings_of(["tor"], tmp_path)
    everybody = entities_of(Watching(store=store, settings=settings, log=log))
    assert len(everybody) > 240
    (one,) = entities_of(Watching(store=store, settings=settings, log=log, entities=["kz"]))
    assert str(one) == "country/KZ"


@pytest.mark.parametrize(
    "text", ["noon", "2025-03-12T06:00Z,0,0", "2025-03-12T06:00Z,x,0", "a,1,0"]
)
def test_what_is_no_clock_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        clock_named({CLOCK: text})


def test_the_lab_s_clock_is_taken_from_the_environment() -> None:
    clock = clock_named({CLOCK: f"2025-03-12T06:00:00Z,3600,{time.time() - 2:.3f}"})
    assert clock.made_up
    rounding = timedelta(seconds=3600 * 0.001)
    assert NOW + timedelta(hours=2) - rounding <= clock.now() < NOW + timedelta(hours=20)
    assert not clock_named({}).made_up


@contextmanager
def running(store: Path, stage: Stage, source: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``zicht watch`` in a process of its own."""
    clock = f"{stage.clock.now():%FT%TZ},600,{time.time():.3f}"
    settings = store.parent / "watch.toml"
    settings.write_text(
        f'[watch]\nhistory_days = {21 if source == "tor" else 1}\n[[source]]\nname = "{source}"\n',
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "zicht", "--store", str(store), "watch", *ICELAND]
    with (
        log.open("wb") as file,
        subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, stdout=file) as keeping,
        subprocess.Popen(
            [*command, "--settings", str(settings), "--log", "json"],
            stdout=subprocess.DEVNULL,
            stderr=keeping.stdin,  # no file: its size is bounded below
            env=os.environ | {CLOCK: clock},
        ) as process,
    ):
        assert keeping.stdin is not None
        keeping.stdin.close()
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            keeping.wait(30)


def said(log: Path, event: str) -> bool:
    return any(json.loads(line)["event"] == event for line in log.read_text().splitlines())


def until(log: Path, event: str) -> None:
    last = time.monotonic() + 60
    while not said(log, event):
        assert time.monotonic() < last, log.read_text()
        time.sleep(0.05)


def test_a_kill_at_any_instant_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instants = random.Random(20250312)  # noqa: S311 - instants, no secrets
    stage = stage_at(CABLE, NOW, 0)
    store, log = tmp_path / "store", tmp_path / "log"
    with speaking(stage, ["ioda"], monkeypatch):
        for _ in range(3):
            with running(store, stage, "ioda", log) as process:
                until(log, "watching")
                time.sleep(instants.uniform(0.0, 1.0))
                process.kill()
        with running(store, stage, "ioda", log) as process:
            last = time.monotonic() + 60
            while not is_complete(store, NOW + timedelta(hours=1)):
                assert time.monotonic() < last, log.read_text()
                time.sleep(0.05)
            process.terminate()
            assert process.wait(30) == 0
    assert bins(open_store(store)) == bins(fetched(tmp_path / "other", monkeypatch))


def test_it_ends_when_told_though_a_service_keeps_it_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stage_at(CABLE, NOW, 0, Fault(kind="slow", seconds=120))
    with (
        speaking(stage, ["ioda"], monkeypatch),
        running(tmp_path / "store", stage, "ioda", tmp_path / "log") as process,
    ):
        until(tmp_path / "log", "first round")
        begin = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert time.monotonic() - begin < 25  # a hang guard
    assert said(tmp_path / "log", "stopped")


def test_a_full_disk_is_said_and_waited_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stage_at(CABLE, NOW, 0)
    store, log = tmp_path / "store", tmp_path / "log"
    with speaking(stage, ["tor"], monkeypatch), running(store, stage, "tor", log) as process:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        until(log, "watching")
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (64, hard))
        until(log, "round failed")
        assert "No space is left" in log.read_text()
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        until(log, "source is back")
        process.terminate()
        assert process.wait(30) == 0
    assert bins(open_store(store)) == bins(fetched(tmp_path / "other", monkeypatch, "tor"))
