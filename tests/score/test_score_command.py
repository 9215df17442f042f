"""``zicht score``: what it writes, its bar, and its exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scoring_worlds import WEEK, finding, label, series

from zicht.cli import run
from zicht.cli.score import write_tables
from zicht.errors import UsageError
from zicht.score.bars import parse_bars
from zicht.score.figures import score
from zicht.score.judge import Case, judge
from zicht.score.truth import LabelBook

if TYPE_CHECKING:
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

LABELS = "entity,begin,end\nNL,2022-01-15T06:00,2022-01-15T12:00\nNL,2022-01-01,2022-01-02\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three weeks of a steady share, with an outage in the third and a dip that nobody attests."""
    folder = tmp_path_factory.mktemp("score")
    rows = ["time,value"]
    for hour in range(21 * 24):
        day, value = 1 + hour // 24, 90 + hour % 3
        if 14 * 24 + 6 <= hour < 14 * 24 + 12:
            value = 5
        elif 18 * 24 <= hour < 18 * 24 + 5:
            value = 20
        rows.append(f"2022-01-{day:02}T{hour % 24:02}:00Z,{value}")
    (folder / "series.csv").write_text("\n".join(rows), encoding="utf-8")
    (folder / "labels.csv").write_text(LABELS, encoding="utf-8")
    words = "--signal table.share --time time --value value --entity NL --scale share --licence CC0"
    store = ["--store", str(folder / "store")]
    assert run(["import", "table", *words.split(), str(folder / "series.csv"), *store]) == 0
    return folder


def run_score(world: Path, *words: str, labels: str = "labels.csv") -> int:
    return run(["score", *words, str(world / labels), "--store", str(world / "store")])


def test_the_table_shows_each_figure_with_its_support_a_column_a_detector(
    capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion
) -> None:
    labels = [label(50 * i, (50 * i + 20, 50 * i + 22), event=str(i)) for i in range(1, 7)]
    book = LabelBook([*labels, label(5, 9, event="early"), label(100, 110, simulated=True)])
    found = tuple(finding(50 * i, 50 * i + 20 + i, 50 * i + i) for i in range(1, 6))
    more = (finding(30, 40), finding(151, 160))
    belief = np.where(np.arange(2 * WEEK) % 50 < 20, 0.97, 0.02)
    cases = {
        "zicht": [Case(series(), found, (0.95,) * 5, belief), Case(series(simulated=True), found)],
        "other": [Case(series(), found[:3] + more), Case(series(simulated=True), ())],
    }
    write_tables(score({name: [judge(one, book) for one in each] for name, each in cases.items()}))
    assert capsys.readouterr().out == snapshot


def test_json_holds_everything(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run_score(world, "--format", "json") == 0
    answer = json.loads(capsys.readouterr().out)
    recall = next(one for one in answer["figures"] if one["figure"] == "recall")
    assert (recall["value"], recall["n"], recall["of"]) == (1.0, 1, 1)
    assert recall["interval"] == pytest.approx([0.025, 1.0])
    assert answer["unscoreable"] == [
        {"data": "recorded", "reason": "too little data before", "labels": 1}
    ]
    assert {row["of"] for row in answer["reliability"]} == {"bins", "outages"}


def test_failures_are_listed(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run_score(world, "--failures", "--format", "json") == 0
    (false,) = json.loads(capsys.readouterr().out)
    assert (false["kind"], false["entity"]) == ("false", "country/NL")
    assert false["begin"].startswith("2022-01-19T00")
    assert false["belief"] > 0.8


def test_other_methods_are_scored_on_the_same_series(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run_score(world, "--baselines", "--format", "json") == 0
    figures = json.loads(capsys.readouterr().out)["figures"]
    recalls = {one["method"]: one["of"] for one in figures if one["figure"] == "recall"}
    assert len(recalls) == 6
    assert set(recalls.values()) == {1}


def test_below_a_bar_the_exit_code_is_1(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_score(world, "--bar", "recall=0.9,delay=3") == 0
    assert run_score(world, "--bar", "recall=0.9,false-alerts=0.02") == 1
    said = capsys.readouterr().err
    assert "false-alerts of what is recorded" in said
    assert "recall of" not in said


def test_a_figure_that_nothing_supports_does_not_reach_its_bar(world: Path) -> None:
    (world / "quiet.csv").write_text("entity,begin,end\nBE,2022-01-15,\n", encoding="utf-8")
    assert run_score(world, "--bar", "recall=0", labels="quiet.csv") == 1
    assert run_score(world, "--bar", "false-alerts=5", labels="quiet.csv") == 0


def test_bad_rows_stop_it_or_are_counted(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (world / "bad.csv").write_text(f"{LABELS}NL,never,\nNL,ever,\n", encoding="utf-8")
    assert run_score(world, labels="bad.csv") == 3
    assert "bad.csv, line 4, column begin" in capsys.readouterr().err
    assert run_score(world, "--on-bad", "skip", labels="bad.csv") == 0
    assert "2 rows left out: begin is not a time (lines 4, 5)" in capsys.readouterr().err


def test_a_signal_that_is_not_stored_and_a_file_that_is_not_there_are_told(world: Path) -> None:
    assert run_score(world, "--signal", "no.such") == 2
    assert run_score(world, labels="absent.csv") == 3


@pytest.mark.parametrize("text", ["", "recal=1", "recall", "recall=high", "recall=1,,delay=2"])
def test_a_bar_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_bars(text)
