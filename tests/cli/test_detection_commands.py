"""``zicht detect``, ``events``, ``show`` and ``status``, from a table to every format."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest

from zicht.cli import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EVENT = [
    "id",
    "entity",
    "class",
    "onset",
    "end",
    "ongoing",
    "depth_percent",
    "outages",
    "operators",
    "restorations",
    "recurrences",
    "shutdown_likelihood",
    "revision",
    "as_of",
    "sources",
    "phases",
    "belief",
    "plane_beliefs",
]
OUTAGE = [
    "id",
    "signal",
    "entity",
    "onset",
    "end",
    "depth_percent",
    "depth_interval",
    "belief",
    "highest_belief",
    "samples",
    "revision",
]
STATUS = [
    "entity",
    "time",
    "connectivity_percent",
    "planes",
    "belief_outage",
    "since",
    "health",
    "signal",
    "plane_beliefs",
]


@pytest.fixture
def zicht(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command on a store that holds ten days with a blackout on the eighth."""
    rows = ["time,value"]
    for hour in range(240):
        value = 40 if 170 <= hour < 190 else 1000 + hour % 7
        rows.append(f"2024-03-{4 + hour // 24:02}T{hour % 24:02}:00Z,{value}")
    table = tmp_path / "table.csv"
    table.write_text("\n".join(rows), encoding="utf-8")

    def call(*words: str, code: int = 0) -> str:
        assert run(["--store", str(tmp_path / "store"), *words]) == code
        return capsys.readouterr().out

    described = ("--signal", "my.probing", "--entity", "XK", "--time", "time", "--value", "value")
    call("import", "table", str(table), *described, "--plane", "data", "--scale", "count")
    return call


def test_an_event_is_found_listed_and_shown_with_the_promised_fields(
    zicht: Callable[..., str],
) -> None:
    (found,) = json.loads(zicht("detect", "--format", "json"))
    assert set(EVENT) <= set(found)
    assert found["id"] == "XK-20240311"
    assert found["class"] == "data-plane"
    assert found["onset"] == ["2024-03-11T02:00:00Z", "2024-03-11T03:00:00Z"]
    assert json.loads(zicht("--format", "json", "events")) == [found]
    assert json.loads(zicht("events", "KZ", "--format", "json")) == []
    shown = json.loads(zicht("show", "XK-20240311", "--format", "json"))
    assert {name: shown[name] for name in found} == found
    (outage,) = shown["evidence"]
    assert set(OUTAGE) <= set(outage)
    assert outage["id"] == found["outages"][0]


def test_the_state_names_its_signal_and_says_unknown_where_it_is(
    zicht: Callable[..., str],
) -> None:
    zicht("detect")

    def at(time: str) -> dict[str, Any]:
        (state,) = json.loads(zicht("status", "XK", "--at", time, "--format", "json"))
        assert set(STATUS) <= set(state)
        return dict(state)

    dark = at("2024-03-11T12:00Z")
    assert dark["signal"] == "my.probing"
    assert dark["connectivity_percent"] < 10
    assert dark["since"] is not None
    assert dark["plane_beliefs"]["data"]["belief_outage"] == dark["belief_outage"]
    assert "(1 of 1)" in zicht("status", "XK", "--at", "2024-03-11T12:00Z")
    assert at("2024-03-09T12:00Z")["since"] is None
    later = at("2024-06-01T00:00Z")
    assert later["connectivity_percent"] is None
    assert later["belief_outage"] is None
    assert "no data since" in later["health"]


def test_every_format_says_the_same(zicht: Callable[..., str]) -> None:
    zicht("detect")
    assert json.loads(zicht("events", "--format", "jsonl"))["id"] == "XK-20240311"
    (row,) = csv.DictReader(StringIO(zicht("events", "--format", "csv")))
    assert row["id"] == "XK-20240311"
    table = zicht("events")
    assert "2024-03-11 02:00-03:00Z" in table
    page = zicht("show", "XK-20240311")
    for title in ("Belief of each plane", "Phases", "Outages", "Sources"):
        assert title in page


def test_what_is_not_there_is_said_with_what_is(
    zicht: Callable[..., str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zicht("detect")
    store = str(tmp_path / "store")
    assert run(["--store", store, "show", "XK-2024"]) == 2
    error = capsys.readouterr().err
    assert "There is no event 'XK-2024'" in error
    assert "XK-20240311" in error
    assert run(["--store", store, "events", "--as-of", "2024-03-12"]) == 0
    assert "Nothing was known here at that time" in capsys.readouterr().err


def test_detecting_again_changes_nothing(zicht: Callable[..., str]) -> None:
    assert zicht("detect", "--format", "json") == zicht("detect", "--format", "json")
