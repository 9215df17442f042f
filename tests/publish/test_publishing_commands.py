from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
import worlds

from zicht.cli import run
from zicht.model.entity import EntityFact
from zicht.model.series import OBSERVATIONS
from zicht.observe.detection import run_detection
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.model.belief import Assessment


def observations(assessment: Assessment) -> pa.Table:
    series = assessment.series
    length = len(series.values)
    return pa.table(
        {
            "signal": [series.signal.name] * length,
            "entity": [series.entity] * length,
            "time": pa.array(series.times, pa.timestamp("us", tz="UTC")),
            "value": pa.array(series.values, from_pandas=True),
            "samples": pa.array(np.full(length, 1), pa.int64()),
        },
        schema=OBSERVATIONS,
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the made-up blackout, in which detection ran."""
    path = tmp_path_factory.mktemp("store")
    opened = open_store(path, create=True)
    world = worlds.blackout()
    for one in world.assessments:
        opened.append(
            observations(one),
            signals=[one.series.signal],
            origin=worlds.LAB,
            entities=[EntityFact(entity=one.series.entity, country="KZ")],
            known_at=datetime(2030, 3, 13, tzinfo=UTC),
        )
    run_detection(opened, known_at=datetime(2030, 3, 13, tzinfo=UTC))
    return path


def zicht(store: Path, *words: object) -> int:
    return run(["--store", str(store), "--format", "json", *map(str, words)])


@pytest.mark.parametrize("ending", ["svg", "png", "html"])
def test_a_chart_is_drawn_to_a_file(
    store: Path, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"chart.{ending}"
    assert zicht(store, "chart", "KZ", "-o", path, "--language", "nl") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["title"].startswith("Kazachstan viel terug tot ")
    assert record["simulated"] is True
    assert path.stat().st_size > 10_000


def test_a_chart_of_operators_and_of_what_was_known(store: Path, tmp_path: Path) -> None:
    assert zicht(store, "chart", "KZ", "--operators", "-o", tmp_path / "a.svg") == 0
    picture = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "AS64500" in picture
    early = ("--as-of", "2030-03-12")
    assert zicht(store, "chart", "KZ", *early, "-o", tmp_path / "b.svg") == 2


def test_what_cannot_be_drawn_is_told(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert zicht(store, "chart", "NL", "-o", tmp_path / "a.svg") == 2
    assert "holds no series of country/NL" in capsys.readouterr().err
    assert zicht(store, "chart", "KZ", "--signal", "x.y", "-o", tmp_path / "a.svg") == 2
    assert "probe.answering" in capsys.readouterr().err
    assert zicht(store, "chart", "KZ", "-o", tmp_path / "a.pdf") == 2
    assert ".svg" in capsys.readouterr().err
    (tmp_path / "a.svg").write_text("mine")
    assert zicht(store, "chart", "KZ", "-o", tmp_path / "a.svg") == 2
    assert (tmp_path / "a.svg").read_text() == "mine"


def event_id(store: Path) -> str:
    return open_store(store).events()[0].id


def test_a_bulletin_is_written_with_its_chart(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    event = event_id(store)
    assert zicht(store, "bulletin", event) == 0
    assert capsys.readouterr().out.startswith("**RECONSTRUCTION — NOT A MEASUREMENT**")
    assert zicht(store, "bulletin", event, "-o", tmp_path / "a.md") == 0
    assert "](<a.svg>)" in (tmp_path / "a.md").read_text(encoding="utf-8")
    assert (tmp_path / "a.svg").exists()
    assert zicht(store, "bulletin", event, "-o", tmp_path / "a.html", "--language", "nl") == 0
    assert "<svg" in (tmp_path / "a.html").read_text(encoding="utf-8")
    capsys.readouterr()
    assert zicht(store, "bulletin", "no-such-event") == 2
    assert event in capsys.readouterr().err


@pytest.mark.parametrize("what", ["series", "outages", "events"])
@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl", "json"])
def test_what_the_store_holds_is_exported(
    store: Path, tmp_path: Path, what: str, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"a.{ending}"
    assert zicht(store, "export", what, "--entity", "KZ", "-o", path) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["rows"] > 0
    assert record["simulated"] is True
    assert path.stat().st_size > 100


def test_events_are_exported_as_codf_to_standard_output(
    store: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    words = ("export", "events", "--as", "codf", "-o", "-")
    assert zicht(store, *words) == 0
    answer = json.loads(capfdbinary.readouterr().out)
    assert answer["type"] == "outages.events"
    assert answer["metadata"]["simulated"] is True
    assert {record["location"] for record in answer["data"]} >= {"country/KZ"}
    assert run(["--store", str(store), "--format", "csv", *words]) == 2
