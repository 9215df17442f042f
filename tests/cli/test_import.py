"""``zicht import`` as a user calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import zicht as package

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

TOR = "date,country,users\n2021-01-01,ir,10\n2021-01-02,ir,11\n"


@pytest.fixture
def zicht(tmp_path: Path) -> Run:
    environment = {name: word for name, word in os.environ.items() if not name.startswith("ZICHT")}
    environment["PYTHONPATH"] = str(Path(package.__file__).parents[1])

    def run(*words: str, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "zicht", *words],
            cwd=tmp_path,
            env=environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    (tmp_path / "tor.csv").write_text(TOR)
    return run


def test_what_was_imported_goes_to_standard_output(zicht: Run) -> None:
    done = zicht("--format", "json", "import", "tor", "tor.csv")
    assert (done.returncode, done.stderr) == (0, "")
    (record,) = json.loads(done.stdout)
    assert record["file"] == "tor.csv"
    assert (record["new"], record["from"]) == (2, "2021-01-01T00:00:00Z")
    again = zicht("import", "tor", "tor.csv")
    assert again.returncode == 0
    assert "nothing is new" in again.stderr


def test_standard_input_is_a_file_too(zicht: Run) -> None:
    done = zicht("--format", "jsonl", "import", "tor", "-", text=TOR)
    assert json.loads(done.stdout)["new"] == 2


def test_a_bad_row_is_told_and_leaves_with_three(zicht: Run) -> None:
    done = zicht("import", "tor", "-", text=TOR + "2021-01-03,ir,many\n")
    assert (done.returncode, done.stdout) == (3, "")
    assert "standard input, line 4, column users: 'many' is not a number" in done.stderr


def test_skipped_rows_are_counted_on_standard_error(zicht: Run) -> None:
    text = TOR + "2021-01-03,ir,many\n2021-01-04,ir,few\n"
    done = zicht("--format", "json", "import", "tor", "--on-bad", "skip", "-", text=text)
    assert done.returncode == 0
    assert "skipped 2 bad rows, the first on line 4: column users" in done.stderr
    assert json.loads(done.stdout)[0]["skipped"] == 2


def test_a_missing_country_is_a_matter_of_usage(zicht: Run) -> None:
    done = zicht("import", "google", "-", text="date and time,value\n2021-01-01 00:00,1\n")
    assert done.returncode == 2
    assert "--country IR" in done.stderr


def test_any_table_can_be_imported_and_its_step_is_said(zicht: Run) -> None:
    done = zicht(
        *("--format", "json", "import", "table", "-", "--signal", "own.x", "--entity", "IR"),
        *("--time", "date", "--value", "users", "--unit", "people", "--scale", "count"),
        text=TOR,
    )
    assert done.returncode == 0
    assert "the step is taken for 86400 seconds" in done.stderr
    assert json.loads(done.stdout)[0]["signals"] == ["own.x"]


@pytest.mark.parametrize("source", ["google", "icmp", "ioda", "ooni", "peers", "table", "tor"])
def test_each_source_explains_itself(zicht: Run, source: str) -> None:
    done = zicht("import", source, "--help")
    assert done.returncode == 0
    assert "--on-bad" in done.stdout
