"""Whether an observatory sees, told from what a watch wrote of its sources."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from zicht.cli import run as zicht
from zicht.observe.watch_health import health, source_health, verdict
from zicht.observe.watch_state import (
    Canary,
    Feeds,
    SourceState,
    read_state,
    read_states,
    write_state,
)
from zicht.store import open_store
from zicht.store.location import lake_of

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2025, 3, 12, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WELL = SourceState(
    source="ioda",
    state="ok",
    written_at=NOW - 5 * MINUTE,
    asked_of=("country/IS", "country/FO"),
    seen=1,
    until=NOW - 6 * MINUTE,
    last=NOW - 40 * MINUTE,
    cadence=600,
    settling=1800,
)


def test_a_source_that_answers_with_young_data_is_well() -> None:
    found = source_health(WELL, NOW, step=300)
    assert (found.state, found.lag_minutes, found.coverage_percent) == ("ok", 35.0, 50.0)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"last": NOW - 240 * MINUTE}, "late"),
        ({"last": None}, "late"),
        ({"state": "fault", "faults": 3, "fault": "no"}, "fault"),
        ({"state": "warming up", "until": None}, "warming up"),
        ({"state": "needs token", "written_at": NOW - 9999 * MINUTE}, "needs token"),
        ({"written_at": NOW - 180 * MINUTE}, "not running"),
    ],
)
def test_whatever_keeps_a_source_from_seeing_has_a_word(
    change: dict[str, object], expected: str
) -> None:
    assert source_health(msgspec.structs.replace(WELL, **change), NOW, step=300).state == expected


def test_days_are_published_days_later_and_that_is_not_late() -> None:
    daily = msgspec.structs.replace(WELL, last=NOW - timedelta(days=3), settling=0, cadence=43_200)
    assert source_health(daily, NOW, step=86_400).state == "ok"
    assert source_health(daily, NOW, step=300).state == "late"


LIVE = SourceState(
    source="bgp",
    state="ok",
    written_at=NOW,
    until=NOW,
    last=NOW - MINUTE,
    cadence=60,
    settling=15,
    live=True,
)


def test_what_is_measured_here_is_late_within_minutes() -> None:
    def word(last: datetime) -> str:
        return source_health(msgspec.structs.replace(LIVE, last=last), NOW, step=60).state

    assert (word(NOW - 8 * MINUTE), word(NOW - 15 * MINUTE)) == ("ok", "late")
    gone = msgspec.structs.replace(LIVE, written_at=NOW - 10 * MINUTE)
    assert source_health(gone, NOW, step=60).state == "not running"


def test_a_source_whose_canaries_are_wrong_is_sick_and_does_not_see() -> None:
    canary = Canary(what="beacons", right=9, wrong=9, fault="9 of 9 beacons are still seen")
    sick = source_health(msgspec.structs.replace(LIVE, canary=canary), NOW, step=60)
    assert (sick.state, sick.fault) == ("sick", "9 of 9 beacons are still seen")
    well = source_health(WELL, NOW, step=300)
    assert verdict((sick,)).startswith("Zicht cannot see: none")
    assert verdict((sick,)).endswith("bgp: 9 of 9 beacons are still seen.")
    assert verdict((sick, well)).startswith("Zicht sees by 1 of 2 sources; not by bgp (sick).")


def test_the_table_tells_canaries_and_feeds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = open_store(tmp_path, create=True)
    canary = Canary(what="beacons", right=17, wrong=1)
    feeds = Feeds(collectors={"rrc00": "known", "rrc01": "waiting"}, peers=40, voters=31, silent=2)
    write_state(store.lake, msgspec.structs.replace(LIVE, canary=canary, feeds=feeds))
    assert zicht(["--store", str(tmp_path), "status", "--health", "--at", "2025-03-12T06:00Z"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    for words in ("17 of 18", "1 of 2", "40 peers", "31 voters"):
        assert words in told


def test_an_observatory_that_cannot_see_says_so() -> None:
    well = source_health(WELL, NOW, step=300)
    faulty = msgspec.structs.replace(well, source="tor", state="fault")
    gone = msgspec.structs.replace(well, state="not running")
    young = msgspec.structs.replace(well, state="warming up")
    assert verdict((well,)) == "Zicht sees by all 1 sources that it asks."
    assert verdict((well, faulty)) == "Zicht sees by 1 of 2 sources; not by tor (fault)."
    assert "none of its sources" in verdict((faulty,))
    assert "no watch is running" in verdict((gone, gone))
    assert "warming up" in verdict((young, faulty))
    assert verdict(()) == "No watch has written to this store."


def test_what_is_kept_of_a_source_is_read_again_and_damage_is_as_nothing(tmp_path: Path) -> None:
    lake = lake_of(tmp_path)
    write_state(lake, WELL)
    assert read_state(lake, "ioda") == WELL
    assert read_states(lake) == [WELL]
    (tmp_path / "watch" / "local" / "ioda.json").write_text("{", encoding="utf-8")
    assert read_state(lake, "ioda") is None
    assert read_states(lake) == []


def test_the_command_tells_health_and_its_exit_code_is_the_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = open_store(tmp_path, create=True)
    assert not health(store, at=NOW).sees
    write_state(store.lake, WELL)
    command = ["--store", str(tmp_path), "--format", "json", "status"]
    assert zicht([*command, "--health", "--at", "2025-03-12T06:00Z"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["sees"]
    assert [one["source"] for one in told["sources"]] == ["ioda"]
    assert zicht([*command, "--health", "--at", "2025-03-13T06:00Z"]) == 1
    assert "cannot see" in capsys.readouterr().err
    assert zicht([*command, "--at", "2025-03-13T06:00Z"]) == 0
    assert capsys.readouterr().err.startswith("Zicht cannot see")
