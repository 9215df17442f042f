"""``zicht lab``: scenarios and their truth on the command line."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from zicht.cli import run
from zicht.lab.scenario_file import scenario_names
from zicht.score.labels import parse_labels

if TYPE_CHECKING:
    from pathlib import Path


def test_all_scenarios_are_listed_with_what_is_made_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--format", "json", "lab", "list"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == list(scenario_names())
    assert all(row["summary"] and row["invented"] and row["days"] > 0 for row in rows)
    assert run(["lab", "list"]) == 0
    assert "mobile-curfew" in capsys.readouterr().out


def test_the_truth_is_a_table_for_people_and_labels_for_scoring(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["lab", "truth", "exam-week"]) == 0
    table = capsys.readouterr().out
    assert "world.packets" in table
    assert "lab.probe" not in table
    path = tmp_path / "truth.csv"
    assert run(["lab", "truth", "exam-week", "--to", str(path)]) == 0
    labels = parse_labels(path.read_bytes(), name="truth.csv").labels
    assert f"{len(labels)} labels are in" in capsys.readouterr().err
    assert run(["--format", "csv", "lab", "truth", "exam-week"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == len(labels)


def test_a_planet_comes_in_any_size(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--format", "json", "lab", "truth", "planet", "--size", "0.01"]) == 0
    assert "country/AD" in {row["entity"] for row in json.loads(capsys.readouterr().out)}


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [("no-such", 2, "neither a scenario nor a file"), ("bad.toml", 3, "the key 'id' is missing")],
)
def test_what_is_no_scenario_is_said(
    text: str, code: int, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('[scenario]\ntitle = "x"\n')
    name = str(path) if text == "bad.toml" else text
    assert run(["lab", "truth", name]) == code
    assert message in capsys.readouterr().err
