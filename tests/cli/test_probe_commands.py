"""The commands of a census: what they print, and that they name nobody."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from zicht.cli import run

sys.path.insert(0, str(Path(__file__).parents[1] / "sources" / "probe"))
from typing import TYPE_CHECKING

from own_network import in_own_network

if TYPE_CHECKING:
    import pytest

CONTACT = ("--contact", "noc@example.org")


def in_a_process(words: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, whose every thread must give up its rights."""
    command = [sys.executable, "-m", "zicht", *words]
    return in_own_network(
        lambda: subprocess.run(command, capture_output=True, text=True, check=True, timeout=250),
        seconds=300,
    )


def test_a_census_counts_blocks_and_names_no_address(tmp_path: Path) -> None:
    words = [
        "--store",
        str(tmp_path / "store"),
        "--format",
        "json",
        "probe",
        "census",
        "10.64.0.0/25",
    ]
    words += [*CONTACT, "--allow-private", "--rounds", "2", "--every", "0", "--rate", "5000"]
    words += ["--per-block", "1000000", "--timeout", "0.3"]
    done = in_a_process(words)
    (family,) = json.loads(done.stdout)["families"]
    assert (family["blocks"], family["addresses"], family["availability"]) == (1, 128, 1)
    assert "answered: 256, sent: 256" in done.stderr
    assert "10.64.0" not in done.stdout + done.stderr
    table = in_a_process([*words[:2], *words[4:]]).stdout
    assert "128-256: 1" in table
    assert "dense: 1" in table


def test_a_dry_run_of_a_census_says_what_it_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--store", str(tmp_path / "store"), "probe", "census", "5.0.0.0/12", *CONTACT]
    hitlist = ["probe", "import", "hitlist", _list(tmp_path)]
    assert run([*words[:2], *hitlist]) == 0
    assert run([*words, "--dry-run"]) == 0
    out, told = capsys.readouterr()
    assert "3145728" in out
    assert "1,048,576 addresses in 4,096 blocks, 3,145,728 probes" in told
    assert "Nothing was sent" in told


def test_a_hit_list_is_taken_in_and_names_no_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--store", str(tmp_path / "store"), "--format", "csv", "probe", "import", "hitlist"]
    assert run([*words, _list(tmp_path)]) == 0
    out, error = capsys.readouterr()
    assert out.splitlines()[1].endswith(",4,2,1,1,0")
    assert "192.0.2" not in out + error


def test_whom_probing_can_see_is_a_table_and_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin = ["--store", str(tmp_path / "store")]
    files = {
        "geofeed": "5.0.0.0/16,KZ\n",
        "origins": "5.0.0.0\t17\t9198\n5.0.128.0\t17\t29355\n",
        "users": "asn,country,users\n9198,KZ,100\n29355,KZ,300\n",
    }
    for kind, text in files.items():
        (tmp_path / kind).write_text(text)
        assert run([*begin, "place", "import", "--kind", kind, str(tmp_path / kind)]) == 0
    capsys.readouterr()
    assert run([*begin, "--format", "csv", "probe", "coverage", "KZ"]) == 0
    out, error = capsys.readouterr()
    assert out.splitlines()[1] == (
        'asn/29355/KZ,Kcell JSC,mobile,128,0,false,"0 of 128 blocks measured, fewer than 20",300.0,'
        "75.0"
    )
    assert "speaks for 0 of 2 operators" in error
    assert "None of its mobile operators" in error
    assert run([*begin, "--format", "json", "probe", "coverage", "KZ"]) == 0
    assert json.loads(capsys.readouterr().out)["whole"]["known_blocks"] == 256


def _list(folder: Path) -> str:
    file = folder / "list"
    file.write_text("192.0.2.1\n192.0.2.2\n")
    return str(file)
