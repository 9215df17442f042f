"""Commands on a store in an object store tell what they tell of one in a folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import duckdb
from deltalake import DeltaTable

from zicht.cli import run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def ask(capsys: pytest.CaptureFixture[str], store: object, *words: object) -> Any:
    assert run(["--store", str(store), "--format", "json", *map(str, words)]) == 0
    return json.loads(capsys.readouterr().out)


def fill(store: object, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ten days with a blackout on the eighth, and what detection finds."""
    rows = ["time,value"]
    for hour in range(240):
        value = 40 if 170 <= hour < 190 else 1000 + hour % 7
        rows.append(f"2024-03-{4 + hour // 24:02}T{hour % 24:02}:00Z,{value}")
    file = folder / "hosts.csv"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    words = ("--signal", "monitor.hosts", "--entity", "KZ", "--time", "time", "--value", "value")
    ask(capsys, store, "import", "table", file, *words)
    ask(capsys, store, "detect")


def test_what_is_found_shown_exported_and_archived_is_the_same(
    bucket: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "store"
    for store in (folder, bucket):
        fill(store, tmp_path, capsys)
    (event,) = ask(capsys, bucket, "events")
    for words in (("events",), ("status",), ("show", event["id"]), ("alert", "list")):
        assert ask(capsys, bucket, *words) == ask(capsys, folder, *words)
    assert ask(capsys, bucket, "status", "--at", "2024-03-11T12:00Z")[0]["since"] is not None
    for store, name in ((folder, "a"), (bucket, "b")):
        file = tmp_path / f"{name}.csv"
        assert (
            run(
                [
                    "--store",
                    str(store),
                    "--format",
                    "csv",
                    "export",
                    "series",
                    "--output",
                    str(file),
                ]
            )
            == 0
        )
        pack = tmp_path / f"{name}.zip"
        settings = ["--key", str(tmp_path / "key.pem")]
        archive = ["archive", event["id"], "--output", str(pack), *settings]
        assert run(["--store", str(store), *archive]) == 0
        assert run(["verify", str(pack)]) == 0
    here, there = (
        duckdb.read_csv(str(tmp_path / f"{name}.csv")).project("* EXCLUDE known_at").fetchall()
        for name in "ab"
    )
    assert here == there
    assert len(here) == 240
    assert not (tmp_path / "s3:").exists()


def test_other_tools_read_it(
    bucket: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(bucket, tmp_path, capsys)
    options = {"allow_http": "true"}
    series = DeltaTable(f"{bucket}/series", storage_options=options).to_pyarrow_dataset()
    assert series.count_rows() == 240
    found = duckdb.sql("SELECT min(value) FROM series")
    assert found is not None
    assert found.fetchall() == [(40.0,)]


def test_the_doctor_looks_at_it(bucket: str, capsys: pytest.CaptureFixture[str]) -> None:
    def found() -> dict[str, dict[str, str]]:
        told = ask(capsys, bucket, "doctor")
        return {one["check"]: one for one in told}

    assert "does not exist yet" in found()["store"]["detail"]
    assert run(["--store", bucket, "alert", "send", "--settings", "/dev/null"]) == 0
    capsys.readouterr()
    assert found()["store is writable"]["detail"] == f"{bucket}, by several hosts at once"
    assert "a cache of it" in found()["store"]["detail"]


def test_what_is_wrong_with_it_is_said_with_the_exit_code_of_the_store(
    bucket: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["--store", bucket, "status"]) == 2
    assert "There is no store at s3://" in capsys.readouterr().err
    assert run(["--store", "s3://nobody-made-this/x", "status"]) == 5
    assert "There is no bucket" in capsys.readouterr().err
    assert run(["--store", "ftp://example.org/x", "status"]) == 2
    assert "no kind of store" in capsys.readouterr().err
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    assert run(["--store", bucket, "status"]) == 5
    assert "refuses the credentials" in capsys.readouterr().err
    assert run(["--store", bucket, "--format", "json", "doctor"]) == 1
    faults = [one for one in json.loads(capsys.readouterr().out) if one["state"] == "fault"]
    assert {one["check"] for one in faults} == {"store is writable", "store"}
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert run(["--store", bucket, "status"]) == 5
    assert "cannot be reached" in capsys.readouterr().err
