from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from archive_server import Archive, serving
from route_world import ENTITY, SIGNAL, START, pipeline, publish, truth

from zicht.cli import run
from zicht.observe import routes_visibility
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ["rrc00", "route-views2"]


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    monkeypatch.setattr(
        routes_visibility, "pipeline", lambda _, entities, *__: pipeline(tuple(entities))
    )
    with serving() as there:
        for name in NAMES:
            publish(there, name, 5)
        monkeypatch.setenv("ZICHT_RIS", there.address)
        monkeypatch.setenv("ZICHT_ROUTEVIEWS", there.address)
        yield there


def words(folder: Path, until: str = "2024-10-01T03:00Z") -> list[str]:
    return [
        *("bgp", "backfill", "--collectors", ",".join(NAMES)),
        *("--from", "2024-10-01T01:00Z", "--until", until),
        *("--store", str(folder / "store")),
    ]


def test_a_backfill_says_what_it_did(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*words(tmp_path), "--format", "json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["collectors"] == NAMES
    assert (record["from"], record["until"]) == ("2024-10-01T01:00:00Z", "2024-10-01T03:00:00Z")
    assert (record["new"], record["resumed"], record["gaps"]) == (24, None, [])
    values = open_store(tmp_path / "store").read(SIGNAL.name, ENTITY).values.tolist()
    start, end = START.replace(hour=1), START.replace(hour=3)
    assert values == truth(NAMES, start, end)
    assert (tmp_path / "store" / "archives" / "rrc00").is_dir()
    asked = len(archive.asked)
    assert run(words(tmp_path)) == 0
    shown = capsys.readouterr()
    assert "was done before" in shown.err
    assert "rrc00" not in shown.err
    assert len(archive.asked) == asked


@pytest.mark.usefixtures("archive")
def test_a_cache_elsewhere_is_emptied_when_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = tmp_path / "cache"
    assert run([*words(tmp_path), "--cache", str(cache), "--discard", "--entity", "KZ"]) == 0
    assert cache.is_dir()
    assert not any(path.is_file() for path in cache.rglob("*"))
    assert "2024-10-01 01:00" in capsys.readouterr().out


def test_mistakes_have_the_exit_codes_of_their_kind(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words(tmp_path, until="2024-10-01T00:00Z")) == 2
    assert "ends before it begins" in capsys.readouterr().err
    assert run([*words(tmp_path), "--collectors", "rrc77"]) == 2
    assert "rrc77" in capsys.readouterr().err
    archive.faults["/rrc00/2024.10/"] = ["elsewhere"]
    assert run(words(tmp_path)) == 4
    assert "sends elsewhere" in capsys.readouterr().err


def test_what_the_lab_publishes_is_stored_as_simulated(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert archive.address
    for name, wanted in (("real", False), ("lab", True)):
        if wanted:
            monkeypatch.setenv("ZICHT_SIMULATED", "1")
        assert run(words(tmp_path / name)) == 0
        series = open_store(tmp_path / name / "store").read(SIGNAL.name, ENTITY)
        assert series.simulated is wanted
