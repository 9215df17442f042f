"""``zicht probe run``: what it says before it begins, and how it ends."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from zicht.cli import run
from zicht.cli.probe_run import _writer
from zicht.model.reading import CONTROL, READINGS

sys.path.insert(0, str(Path(__file__).parents[1] / "sources" / "probe"))

from own_network import _ip, in_own_network
from readings_world import a_reading

if TYPE_CHECKING:
    import pytest

CONTACT = ("--contact", "noc@example.org")


def a_store(folder: Path) -> list[str]:
    """A store that knows where addresses are and who answers, and the words that name it."""
    begin = ["--store", str(folder / "store")]
    (folder / "feed").write_text("5.0.0.0/16,KZ\n6.0.0.0/16,DE\n", encoding="utf-8")
    assert run([*begin, "place", "import", "--kind", "geofeed", str(folder / "feed")]) == 0

    def work() -> int:
        _ip("route add local 5.0.0.0/19 dev lo")
        words = ["probe", "census", "5.0.0.0/19", *CONTACT, "--rounds", "2", "--every", "0"]
        words += ["--rate", "20000", "--per-block", "1000000", "--timeout", "0.3"]
        command = [sys.executable, "-m", "zicht", *begin, *words]
        return subprocess.run(command, check=False, timeout=550).returncode

    assert in_own_network(work, seconds=600) == 0
    return begin


def rights_of_threads(process: int) -> set[int]:
    """The capabilities that each thread of a process may use."""
    found = set()
    for status in Path(f"/proc/{process}/task").glob("*/status"):
        fields = dict(line.split(":", 1) for line in status.read_text("utf-8").splitlines())
        found |= {int(fields[name], 16) for name in ("CapPrm", "CapEff", "CapAmb")}
    return found


def test_a_prober_says_what_it_will_do_and_ends_when_it_is_told_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin = a_store(tmp_path)
    capsys.readouterr()
    assert run([*begin, "probe", "run", "KZ", *CONTACT, "--dry-run"]) == 0
    said = capsys.readouterr().err
    assert "IPv4: 32 blocks of 1 entities and 0 control blocks" in said
    assert "cannot tell its own sickness from an outage" in said
    assert "Nothing was sent" in said
    assert "5.0" not in said

    def work() -> tuple[int, str, set[int]]:
        _ip("route add local 5.0.0.0/19 dev lo")
        command = [sys.executable, "-m", "zicht", *begin, "probe", "run", "KZ", *CONTACT]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            head = process.stdout.readline()
            rights = rights_of_threads(process.pid)
            os.kill(process.pid, signal.SIGTERM)
            process.stdout.read()
        return process.returncode, head, rights

    code, head, rights = in_own_network(work, seconds=600)
    assert code == 0
    assert rights == {0}, "libraries' threads have none either"
    assert head.split()[:3] == ["time", "entity", "family"]


def test_minutes_are_written_as_they_come(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        a_reading("ams", "country/KZ", 0, up=7.5),
        a_reading("ams", "asn/9198/KZ", 0),
        a_reading("ams", CONTROL, 0, measured=0, up=0.0, rtt=None),
    ]
    _writer("csv")(pa.Table.from_pylist(rows, READINGS))
    found = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["entity"] for row in found] == ["country/KZ", CONTROL]
    assert (found[0]["up_percent"], found[0]["rtt_ms"], found[1]["up_percent"]) == (
        "75.0",
        "80.0",
        "",
    )
    _writer("table")(pa.Table.from_pylist(rows, READINGS))
    assert "unknown" in capsys.readouterr().out


def test_json_in_one_piece_would_never_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--format", "json", "probe", "run", "KZ", *CONTACT]) == 2
    assert "--format jsonl" in capsys.readouterr().err
