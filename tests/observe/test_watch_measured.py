"""What a watch measures itself: routes that it follows, probing that it looks at."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pytest
from test_watch import CABLE, ICELAND, NOW, fast, is_whole, state
from watching import clock_of, settings_of, speaking, stage_at, watching

from zicht.cli import run as zicht
from zicht.errors import InputError, UsageError
from zicht.lab.registry import registry_file
from zicht.model.entity import EntityFact, parse_entity
from zicht.model.reading import CONTROL, READINGS
from zicht.model.time import to_microseconds
from zicht.observe.routes_live import Sight
from zicht.observe.routes_live_process import RoutesJob, Seen, follow_in_process
from zicht.observe.routes_live_wanted import Wanted
from zicht.observe.routes_live_watch import state_after
from zicht.observe.settings import Settings
from zicht.observe.watch import Watching, watch
from zicht.observe.watch_entities import operators_of_countries
from zicht.observe.watch_health import health, source_health
from zicht.observe.watch_log import open_log
from zicht.observe.watch_probing import fault_of
from zicht.observe.watch_settings import SourceSettings, WatchSettings
from zicht.observe.watch_state import SourceState, read_state
from zicht.sources.bgp.canaries import Canaries
from zicht.sources.bgp.follow import Watch
from zicht.sources.probe.canaries import Controls
from zicht.store import open_store
from zicht.store.location import lake_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from watching import Watched

    from zicht.lab.serve.mouths import Stage
    from zicht.observe.watch_lines import Line
    from zicht.store import Store

MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE
TABLES = NOW.replace(hour=8, minute=12)
"""Shortly after collectors wrote their tables: few updates lie between."""
SPEED = 200.0
WELL = Canaries(18, 0, 2, ("", ""))


def with_places(stage: Stage, folder: Path) -> Store:
    """A store that knows where the world's addresses are."""
    file = folder / "delegated-ripencc"
    file.write_bytes(registry_file(stage.world, stage.world.begin.date() - timedelta(days=1)))
    assert zicht(["place", "import", str(file), "--store", str(folder / "store")]) == 0
    return open_store(folder / "store")


def routes(store: Path, **more: object) -> Settings:
    plain = settings_of(["ioda"], store)
    source = SourceSettings(name="bgp", collectors=("rrc00",), step_seconds=300, **more)  # type: ignore[arg-type]
    return msgspec.structs.replace(plain, source=(*plain.source, source))


def is_warm(store: Store) -> bool:
    """Whether routes of all are known, and beacons among them."""
    found = read_state(store.lake, "bgp")
    told = found is not None and found.state == "ok" and found.seen == len(ICELAND)
    return told and found is not None and found.canary is not None and found.canary.right > 0


def test_a_watch_follows_routes_and_tells_how_they_fare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZICHT_CONTACT", "noc@example.org")
    stage = stage_at(CABLE, TABLES, SPEED)
    store = with_places(stage, tmp_path)
    with speaking(stage, ["ioda", "archives", "ris-live"], monkeypatch):
        settings = routes(store.path)
        with watching(
            store.path, clock_of(stage), ICELAND, ["ioda"], settings=settings, metrics=0
        ) as watched:
            watched.until(lambda: is_warm(store), seconds=240)
            written = state(store, "bgp")
    # The clock runs on while a slow machine looks, so it is told of the time of the state.
    found = source_health(written, written.until or NOW, step=300)
    assert watched.all_ended
    assert found.state == "ok"
    assert found.coverage_percent == 100
    assert found.feeds is not None
    assert found.feeds.collectors.keys() == {"rrc00"}
    assert found.feeds.voters > 0
    assert found.canary is not None
    assert (found.canary.wrong, found.canary.fault) == (0, "")
    stored = {one.entity for one in store.read_all(signals=["bgp.visible24"])}
    assert set(ICELAND) < stored
    assert {parse_entity(one).country for one in stored} == {"IS", "FO"}
    assert all(one.simulated for one in store.origins().values())


def test_routes_that_cannot_be_followed_are_a_fault_and_hold_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZICHT_CONTACT", "noc@example.org")
    stage = stage_at(CABLE, NOW, 0)
    nowhere = "ws://127.0.0.1:9/v1/ws/"  # the port for what is thrown away: nobody listens
    with speaking(stage, ["ioda"], monkeypatch):
        settings = routes(tmp_path / "store", address=nowhere, archive="http://127.0.0.1:9")
        with watching(tmp_path / "store", fast(), ICELAND, ["ioda"], settings=settings) as watched:
            watched.until(lambda: is_whole(watched.store, "ioda"), seconds=120)
            watched.until(
                lambda: (
                    (found := read_state(watched.store.lake, "bgp")) is not None
                    and found.state == "fault"
                ),
                seconds=240,
            )
    broken = state(watched.store, "bgp")
    assert broken.fault is not None
    assert broken.fault.startswith("RIS Live: ")
    assert broken.until is None
    assert watched.all_ended


def test_the_process_that_follows_routes_says_why_it_cannot(tmp_path: Path) -> None:
    job = RoutesJob(store=open_store(tmp_path, create=True).address, contact="noc@example.org")
    with pytest.raises(InputError, match="nothing to follow"):
        follow_in_process(job, threading.Event(), seen=lambda _: None, tell=lambda _: None)


_FOLLOWS = """
import multiprocessing, sys, threading
from zicht.observe.routes_live_process import RoutesJob, follow_in_process

def tell(text):
    if "can connect" in text:
        print(*(one.pid for one in multiprocessing.active_children()), flush=True)

if __name__ == "__main__":
    job = RoutesJob(store=sys.argv[1], contact="", bmp=("127.0.0.1", 0))
    follow_in_process(job, threading.Event(), seen=lambda _: None, tell=tell)
"""


@contextmanager
def following_process(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that has routes followed in one of its own, and the number of that."""
    script = folder / "follows.py"
    script.write_text(_FOLLOWS, encoding="utf-8")
    store = open_store(folder / "store", create=True).address
    with subprocess.Popen(
        [sys.executable, str(script), store],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        try:
            yield parent, int(parent.stdout.readline())
        finally:
            parent.kill()


def is_there(process: int) -> bool:
    """Whether a process runs; one that waits to be buried does not."""
    try:
        told = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return told.rpartition(")")[2].split()[0] != "Z"


def test_the_process_that_follows_routes_ends_with_whoever_started_it(tmp_path: Path) -> None:
    with following_process(tmp_path) as (parent, child):
        assert is_there(child)
        parent.kill()
        last = time.monotonic() + 60
        while is_there(child):
            assert time.monotonic() < last
            time.sleep(0.05)


def test_it_is_told_when_the_process_that_follows_routes_is_gone(tmp_path: Path) -> None:
    with following_process(tmp_path) as (parent, child):
        os.kill(child, signal.SIGKILL)
        _, told = parent.communicate(timeout=60)
    assert "FaultError: The process that follows routes is gone (exit code -9)" in told


def test_ris_live_is_not_followed_without_a_contact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ZICHT_CONTACT", raising=False)
    store = open_store(tmp_path / "store", create=True)
    asked = Watching(
        store=store,
        settings=routes(store.path),
        log=open_log(sys.stderr, as_json=True),
        entities=ICELAND,
        clock=fast(),
    )
    with pytest.raises(UsageError, match="who listens"):
        watch(asked, threading.Event())
    capsys.readouterr()


def seen_at(minute: int, *entities: str, trouble: str = "", faults: str = "") -> Seen:
    begin = to_microseconds(NOW + minute * MINUTE)
    canaries = WELL if not faults else Canaries(9, 9, 2, (faults, ""))
    watch = Watch((8, 7), (4, 4), 9, 1, 0, 0, 0)
    sight = Sight(begin + 60_000_000, watch, {"rrc00": "known"}, canaries, trouble)
    return Seen(begin, entities, sight)


def test_routes_are_warm_once_something_is_known_and_faulty_while_nobody_speaks() -> None:
    clock = fast()
    young = SourceState(source="bgp", written_at=NOW, asked_of=ICELAND, cadence=60, live=True)
    warming = state_after(young, seen_at(0), clock)
    assert (warming.state, warming.until, warming.seen) == ("warming up", None, 0)
    known = state_after(warming, seen_at(1, *ICELAND, "asn/9198/IS"), clock)
    assert (known.state, known.last, known.until, known.seen) == (
        "ok",
        NOW + MINUTE,
        NOW + 2 * MINUTE,
        2,
    )
    lost = state_after(known, seen_at(2, trouble="no answer"), clock)
    assert (lost.state, lost.fault, lost.last) == ("fault", "RIS Live: no answer.", NOW + MINUTE)
    back = state_after(lost, seen_at(3, *ICELAND), clock)
    assert (back.state, back.fault, back.fault_since) == ("ok", None, None)


def test_a_sick_canary_is_told_in_the_state() -> None:
    young = SourceState(source="bgp", written_at=NOW, asked_of=ICELAND, cadence=60, live=True)
    found = state_after(young, seen_at(0, faults="9 of 9 beacons are still seen"), fast())
    assert found.canary is not None
    assert found.canary.fault == "9 of 9 beacons are still seen"


def readings(at: datetime, control_up: float) -> pa.Table:
    def row(entity: str, up: float) -> dict[str, object]:
        counts = dict.fromkeys(
            ("blocks", "measured", "judged", "probes", "answers", "asked", "answered"), 100
        )
        return {
            "vantage": "ams",
            "entity": entity,
            "ipv4": True,
            "time": at,
            **counts,
            "up": up,
            "rtt": 50.0,
            "unsent": 0,
            "known_at": at + MINUTE,
        }

    return pa.Table.from_pylist([row("country/IS", 95.0), row(CONTROL, control_up)], READINGS)


@pytest.mark.parametrize(("up", "word"), [(100.0, "ok"), (10.0, "sick")])
def test_what_probers_write_is_seen_and_its_control_blocks_are_its_canaries(
    up: float, word: str, tmp_path: Path
) -> None:
    clock = fast(speed=60)
    settings = Settings(source=(SourceSettings(name="probe"),))
    with watching(tmp_path / "store", clock, ICELAND, [], settings=settings) as watched:
        at = clock.now().replace(second=0, microsecond=0) - MINUTE
        watched.store.append_readings(readings(at, up))
        watched.until(lambda: read_state(watched.store.lake, "probe") is not None)
        seen = health(watched.store, at=at + 2 * MINUTE)
    [found] = seen.sources
    assert (found.source, found.state, found.last) == ("probe", word, at)
    assert found.canary is not None
    assert (found.canary.right, found.canary.wrong) == (round(up), 100 - round(up))
    assert seen.sees == (word == "ok")
    assert ("control blocks" in seen.verdict) == (word == "sick")


def test_one_vantage_point_that_is_well_keeps_probing_well() -> None:
    assert fault_of(Controls(100, 20, ("fra",), ("ams",))) == ""
    assert fault_of(Controls(0, 0, (), ())) == ""
    assert "fra" in fault_of(Controls(0, 20, ("fra",), ()))


def test_a_country_brings_its_operators_as_many_as_are_asked_for() -> None:
    entities = [parse_entity("country/KZ"), parse_entity("asn/1136")]
    facts = {
        f"asn/{asn}": EntityFact(entity=f"asn/{asn}", country=country)
        for asn, country in ((64500, "KZ"), (64499, "KZ"), (64501, "NL"))
    }
    found = [str(one) for one in operators_of_countries(entities, facts, 1000)]
    assert found[:3] == ["country/KZ", "asn/1136", "asn/9198"]
    assert found[-2:] == ["asn/64499", "asn/64500"]
    assert len(operators_of_countries(entities, facts, 1)) == 3
    assert operators_of_countries(entities, facts, 0) == entities
    assert operators_of_countries(entities[1:], facts, 9) == entities[1:]


def test_a_country_brings_the_routes_of_its_operators_and_regions() -> None:
    wanted = Wanted(["country/KZ", "asn/1136"])
    for text in ("country/KZ", "asn/9198", "asn/3356/KZ", "region/KZ-75", "asn/1136"):
        assert text in wanted
    for text in ("country/NL", "asn/3356", "asn/1136/NL"):
        assert text not in wanted


def test_operators_of_named_countries_are_asked_of_whom_has_to_be_asked_of_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stage_at(CABLE, NOW, 0)
    store = open_store(tmp_path / "store", create=True)
    settings = settings_of(["ioda", "tor"], store.path)
    settings = msgspec.structs.replace(
        settings, watch=WatchSettings(history_days=1, operators=2, entities=("KZ",))
    )
    with (
        speaking(stage, ["ioda", "tor"], monkeypatch),
        watching(store.path, fast(), [], ["ioda", "tor"], settings=settings) as watched,
    ):
        watched.until(lambda: read_state(lake_of(store.path), "ioda") is not None)
        watched.until(lambda: read_state(lake_of(store.path), "tor") is not None)
    assert len(state(watched.store, "ioda").asked_of) == 3
    assert state(watched.store, "ioda").asked_of[1] == "asn/9198"
    assert state(watched.store, "tor").asked_of == ("country/KZ",)


def found_of(entity: str, watched: Watched) -> list[Line]:
    return [one for one in watched.lines if (one.entity, one.what) == (entity, "event found")]


def known_bins(store: Store) -> int:
    found = store.read_all(signals=["bgp.visible24"], entities=["country/IS"])
    return int(sum((one.values == one.values).sum() for one in found))


def test_of_routes_that_are_cut_people_are_told_and_a_restart_in_between_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZICHT_CONTACT", "noc@example.org")
    before = stage_at(CABLE, TABLES - 24 * HOUR, SPEED)
    store = with_places(before, tmp_path)
    settings = routes(store.path)
    settings = msgspec.structs.replace(settings, source=settings.source[1:])
    with speaking(before, ["archives", "ris-live"], monkeypatch):
        clock = clock_of(before)
        with watching(store.path, clock, ICELAND, [], settings=settings) as watched:
            watched.until(lambda: known_bins(store) >= 8, seconds=200)
    assert not found_of("country/IS", watched)
    after = stage_at(CABLE, TABLES + 8 * HOUR, SPEED)
    with speaking(after, ["archives", "ris-live"], monkeypatch):
        clock = clock_of(after)
        with watching(store.path, clock, ICELAND, [], settings=settings) as watched:
            watched.until(lambda: len(found_of("country/IS", watched)) > 0, seconds=200)
    found = found_of("country/IS", watched)[0]
    assert found.simulated
    assert found.signal is not None
    assert found.signal.startswith("bgp.visible")
    assert found.connectivity_percent is not None
    assert found.connectivity_percent < 60
    assert not any(one.what == "outage" for one in watched.lines if one.entity == "country/FO")
    event = next(one for one in store.events() if one.entity == "country/IS")
    assert event.onset[0] < TABLES + 8 * HOUR
    assert event.onset[1] > NOW.replace(hour=9, minute=17)  # when the cable is cut
