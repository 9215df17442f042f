from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from zicht.cli import run
from zicht.observe.diagnosis import (
    check_clock,
    check_kernel_cache,
    check_libraries,
    check_python,
    check_renderer,
    check_room,
    check_store,
)

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
        "clock",
    ]


def test_a_fault_says_what_to_do_and_sets_the_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(NOT_WRITABLE))
    assert run(["--store", str(tmp_path / "store"), "--format", "json", "doctor"]) == 1
    faults = [row for row in json.loads(capsys.readouterr().out) if row["state"] == "fault"]
    assert [(row["check"], row["remedy"]) for row in faults] == [
        ("kernel cache", "Set NUMBA_CACHE_DIR to a folder that is.")
    ]


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
    states = {finding.check: finding.state for finding in check_store(tmp_path)}
    assert states == {"store is writable": "ok", "store": "fault"}


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
