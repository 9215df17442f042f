"""Files of routing data, written out by the commands."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from zicht.cli import run
from zicht.errors import InputError, UsageError
from zicht.observe.dumping import dump_routes, list_feeds

if TYPE_CHECKING:
    from pathlib import Path

NAME = "ris.rrc06.updates.1427846400.gz"
SAYS = "updates.20160811.1600.gz"
HANG_GUARD = 300  # seconds; kernels may have to be compiled


@pytest.fixture
def mrt(data_folder: Path) -> Path:
    return data_folder / "bgp" / "mrt"


def test_several_files_are_written_one_behind_the_other(mrt: Path) -> None:
    once, twice = io.BytesIO(), io.BytesIO()
    dump_routes([str(mrt / NAME)], once)
    dump_routes([str(mrt / NAME), str(mrt / NAME)], twice)
    assert twice.getvalue() == once.getvalue() * 2
    assert once.getvalue().count(b"\n") == 1561


def test_a_table_holds_what_json_lines_hold(mrt: Path, tmp_path: Path) -> None:
    lines, path = io.BytesIO(), tmp_path / "routes.parquet"
    files = [str(mrt / SAYS), str(mrt / "bview.ipv4_unicast_add_path.gz")]
    dump_routes(files, lines, form="jsonl", collector="rrc00")
    dump_routes(files, path, form="parquet", collector="rrc00")
    rows = [json.loads(line) for line in lines.getvalue().splitlines()]
    table = pq.read_table(path)
    assert table.num_rows == len(rows) == 41234 + 62
    for name in table.column_names:
        if name == "time":
            times = [time.isoformat().replace("+00:00", "Z") for time in table[name].to_pylist()]
            assert times == [row["time"] for row in rows]
        else:
            assert table[name].to_pylist() == [row.get(name) for row in rows], name
    assert {key for row in rows for key in row} <= set(table.column_names)


def test_parquet_goes_to_a_file_only(mrt: Path) -> None:
    with pytest.raises(UsageError, match="--output"):
        dump_routes([str(mrt / NAME)], io.BytesIO(), form="parquet")


def test_what_was_damaged_is_told_and_strictness_stops(mrt: Path, tmp_path: Path) -> None:
    data = gzip.decompress((mrt / NAME).read_bytes())
    cut = tmp_path / "cut.mrt"
    cut.write_bytes(data[:-5])
    told: list[str] = []
    list_feeds([str(cut)], tell=told.append)
    assert len(told) == 1
    assert "the input ends within a record, the first at byte" in told[0]
    with pytest.raises(InputError, match=r"cut\.mrt"):
        list_feeds([str(cut)], strict=True)


def test_a_file_that_cannot_be_read_whole_leaves_the_old_output(mrt: Path, tmp_path: Path) -> None:
    output, bad = tmp_path / "out.jsonl", tmp_path / "bad"
    output.write_text("as it was", encoding="utf-8")
    bad.write_bytes(b"this is no MRT at all")
    with pytest.raises(InputError, match="no MRT"):
        dump_routes([str(mrt / NAME), str(bad)], output, form="jsonl")
    assert output.read_text(encoding="utf-8") == "as it was"
    assert {path.name for path in tmp_path.iterdir()} == {"out.jsonl", "bad"}


def zicht(*words: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "zicht", *words],
        input=data,
        capture_output=True,
        check=False,
        timeout=HANG_GUARD,
    )


def test_the_command_writes_lines_of_standard_input(mrt: Path) -> None:
    process = zicht("bgp", "dump", "-m", "-", data=(mrt / SAYS).read_bytes())
    assert process.returncode == 0, process.stderr
    assert process.stdout == gzip.decompress((mrt / f"{SAYS}.bgp.gz").read_bytes())


def test_the_command_writes_json_lines_and_tables(mrt: Path, tmp_path: Path) -> None:
    process = zicht("bgp", "dump", str(mrt / NAME), "--format", "jsonl", "--collector", "rrc06")
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout.splitlines()[0])["collector"] == "rrc06"
    path = tmp_path / "routes.parquet"
    assert zicht("bgp", "dump", str(mrt / NAME), "-o", str(path)).returncode == 0
    assert pq.read_metadata(path).num_rows == 1561


def test_the_command_says_what_it_does_not_write(
    mrt: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bgp", "dump", str(mrt / NAME), "--format", "csv"]) == 2
    assert "Routes are not written as csv" in capsys.readouterr().err


def test_the_command_lists_feeds(mrt: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "bview.ipv4_unicast_add_path.gz"
    assert run(["bgp", "peers", str(mrt / name), "--format", "json"]) == 0
    feeds = json.loads(capsys.readouterr().out)
    assert [(feed["peer_asn"], feed["ipv4_prefixes"]) for feed in feeds] == [
        (65017, 16),
        (65015, 15),
        (0, 2),  # the collector's own
    ]
