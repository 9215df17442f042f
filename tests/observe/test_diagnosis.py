from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from zicht.cli import run
from zicht.model.series import OBSERVATIONS
from zicht.model.signal import Origin, Signal
from zicht.observe.diagnosis import (
    check_clock,
    check_kernel_cache,
    check_libraries,
    check_python,
    check_renderer,
    check_room,
    check_sockets,
    check_store,
)
from zicht.observe.services import SERVICES
from zicht.store import open_store

IN_2022 = datetime(2022, 1, 5, tzinfo=UTC)

NOT_WRITABLE = Path("/proc/self/zicht")  # for root too


def test_a_machine_on_which_the_tests_run_has_no_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--store", str(tmp_path / "store"), "--format", "json", "doctor"]) == 0
    findings = json.loads(capsys.readouterr().out)
    assert {finding["state"] for finding in findings} <= {"ok", "warning"}
    assert [finding["check"] for finding in findings] == [
        "python",
        "libraries",
        "store",
        "free disk space",
        "kernel cache",
        "renderer",
        "sockets to probe with",
        "clock",
        *(f"source {name}" for name in SERVICES),
    ]


def test_a_fault_says_what_to_do_and_sets_the_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("not a table", encoding="utf-8")
    assert run(["--store", str(tmp_path), "--format", "json", "doctor"]) == 1
    faults = [row for row in json.loads(capsys.readouterr().out) if row["state"] == "fault"]
    assert [row["check"] for row in faults] == ["store"]
    assert "--store" in faults[0]["remedy"]


def test_nothing_is_made_by_looking(tmp_path: Path) -> None:
    run(["--store", str(tmp_path / "store"), "doctor"])
    assert list(tmp_path.iterdir()) == []


def test_an_old_python_is_a_fault() -> None:
    assert check_python((3, 10, 13)).state == "fault"
    assert check_python((3, 11, 0)).state == "ok"


def test_a_missing_or_old_library_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ["click>=8", "numpy>=999", "no-such-library>=1", 'pytest; extra == "dev"']
    monkeypatch.setattr("importlib.metadata.requires", lambda _: asked)
    found = {finding.check: finding for finding in check_libraries()}
    assert found["library numpy"].detail.endswith("should be 999 or later")
    assert found["library no-such-library"].detail == "is not installed"
    assert found["libraries"].detail.startswith("click 8")
    assert len(found) == 3


def test_a_folder_that_is_no_store_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a table", encoding="utf-8")
    states = {finding.check: finding.state for finding in check_store(tmp_path, datetime.now(UTC))}
    assert states == {"store is writable": "ok", "store": "fault"}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with one value, which became known in 2022."""
    signal = Signal(
        name="table.answering",
        source="table",
        title="Answering addresses",
        unit="addresses",
        step=3600,
        plane="data",
        scale="count",
        lag=0,
        licence="CC0-1.0",
        citation="These tests",
    )
    row = {
        "signal": signal.name,
        "entity": "country/KZ",
        "time": IN_2022,
        "value": 5.0,
        "samples": None,
    }
    open_store(tmp_path / "store", create=True).append(
        pa.Table.from_pylist([row], OBSERVATIONS),
        signals=[signal],
        origin=Origin(
            id="1", source="table", name="a.csv", sha256="", licence="CC0-1.0", citation="These"
        ),
        known_at=IN_2022,
    )
    return tmp_path / "store"


def test_each_signal_is_told_with_its_span(store: Path) -> None:
    found = {finding.check: finding for finding in check_store(store, datetime.now(UTC))}
    assert {finding.state for finding in found.values()} == {"ok"}
    assert found["signal table.answering"].detail == (
        "rows: 1, entities: 1, 2022-01-05T00:00:00Z to 2022-01-05T00:00:00Z"
    )


def test_a_clock_behind_the_store_is_a_fault(store: Path) -> None:
    found = {f.check: f for f in check_store(store, IN_2022 - timedelta(days=1))}
    assert found["signal table.answering"].state == "fault"
    assert "clock" in found["signal table.answering"].remedy


def test_a_damaged_store_is_a_fault_with_what_to_do(store: Path) -> None:
    for file in store.rglob("*.parquet"):
        file.write_bytes(b"not Parquet")
    (finding,) = [f for f in check_store(store, datetime.now(UTC)) if f.state == "fault"]
    assert finding.check == "store"
    assert finding.remedy


@pytest.mark.parametrize(
    ("free", "state"), [(10_000_000, "fault"), (500_000_000, "warning"), (5_000_000_000, "ok")]
)
def test_little_room_is_a_warning_and_none_is_a_fault(free: int, state: str) -> None:
    assert check_room(free, Path("zicht-store")).state == state


def test_the_kernels_go_to_the_first_folder_that_takes_them(tmp_path: Path) -> None:
    assert check_kernel_cache([NOT_WRITABLE, tmp_path / "cache"]).detail == str(tmp_path / "cache")
    assert check_kernel_cache([NOT_WRITABLE]).state == "fault"


def test_the_renderer_draws_text() -> None:
    assert check_renderer().state == "ok"


def test_a_clock_from_before_the_installation_is_a_fault() -> None:
    assert check_clock(datetime(1970, 1, 1, tzinfo=UTC)).state == "fault"
    assert check_clock(datetime.now(UTC)).state == "ok"


def test_sockets_that_are_not_permitted_are_a_warning_with_a_remedy() -> None:
    assert check_sockets({"IPv4": ["raw"], "IPv6": ["raw", "datagram"]}).state == "ok"
    some = check_sockets({"IPv4": ["datagram"], "IPv6": []})
    assert (some.state, some.detail) == ("warning", "IPv4: datagram; IPv6: none")
    none = check_sockets({"IPv4": [], "IPv6": []})
    assert "Nothing can be probed" in none.detail
    assert "ping_group_range" in none.remedy
