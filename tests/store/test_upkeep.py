from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from hypothesis import given
from hypothesis import strategies as st
from store_bench import START, STEP, a_bench

from zicht.store import open_store
from zicht.store.files import RETENTION_HOURS, DataFile
from zicht.store.maintenance import FILES_TO_MERGE, LARGEST_FILE, choose

if TYPE_CHECKING:
    from pathlib import Path

    from store_bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return a_bench(tmp_path)


def _append_many(bench: Bench, count: int) -> None:
    for number in range(count):
        bench.append((number, 1.0), entity=f"asn/{number % 3}", hour=number)
    bench.store.maintain()


def _active(bench: Bench) -> list[Path]:
    return [
        bench.store.path / "series" / file.name
        for file in bench.store.tables[-1].log.snapshot().files.values()
    ]


def test_many_appends_leave_few_files(bench: Bench) -> None:
    _append_many(bench, 100)
    assert len(_active(bench)) < 2 * FILES_TO_MERGE
    assert bench.store.table().num_rows == 100


def test_a_merged_file_is_sorted_so_that_an_entity_lies_together(bench: Bench) -> None:
    _append_many(bench, 30)
    largest = max(_active(bench), key=lambda path: pq.read_metadata(path).num_rows)
    rows = pq.read_table(largest).select(["signal", "entity", "time", "revision"]).to_pylist()
    keys = [tuple(row.values()) for row in rows]
    assert len(keys) > 10
    assert keys == sorted(keys)


def test_every_revision_outlives_the_merging(bench: Bench) -> None:
    for hour in range(25):
        bench.append((0, float(hour)), hour=hour)
    bench.store.maintain()
    assert [bench.values(hour=hour) for hour in range(25)] == [[float(h)] for h in range(25)]


def test_a_reader_that_began_before_a_merge_finishes(bench: Bench) -> None:
    bench.append((0, 1.0))
    seen = _active(bench)
    _append_many(bench, 40)
    assert not set(seen) & set(_active(bench))
    assert [pq.read_table(path).num_rows for path in seen] == [1]


def test_what_was_replaced_long_ago_is_deleted(bench: Bench) -> None:
    bench.append((0, 1.0))
    orphan = bench.store.path / "series" / "part-00000000-0000-0000-0000-000000000000.parquet"
    orphan.write_bytes(b"a writer was killed")
    first = _active(bench)
    _append_many(bench, 40)
    kept = set(_active(bench))
    long_ago = time.time() - RETENTION_HOURS * 3600 - 60
    for path in (bench.store.path / "series").glob("*.parquet"):
        os.utime(path, (long_ago, long_ago))
    open_store(bench.store.path).maintain()
    assert set((bench.store.path / "series").glob("*.parquet")) == kept
    assert not first[0].exists()
    assert bench.store.table().num_rows == 41


def test_the_log_gets_checkpoints(bench: Bench) -> None:
    _append_many(bench, 120)
    checkpoints = list((bench.store.path / "series" / "_delta_log").glob("*.checkpoint.parquet"))
    assert checkpoints
    assert open_store(bench.store.path).table().num_rows == 120


def test_commits_before_a_checkpoint_are_cleaned_from_the_log(bench: Bench) -> None:
    _append_many(bench, 15)
    log = bench.store.path / "series" / "_delta_log"
    hours_ago = time.time() - 2 * 3600
    for commit in log.iterdir():
        os.utime(commit, (hours_ago, hours_ago))
    bench.store.tables[-1].log.checkpoint()
    assert len(list(log.glob("*.json"))) <= 1
    assert open_store(bench.store.path).table().num_rows == 15
    bench.append((15, 1.0))
    assert bench.store.table().num_rows == open_store(bench.store.path).table().num_rows == 16


def test_other_readers_see_the_same_rows(bench: Bench) -> None:
    _append_many(bench, 45)
    bench.append((3, 2.0), entity="asn/0")
    theirs = DeltaTable(str(bench.store.path / "series")).to_pyarrow_table()
    assert theirs.num_rows == 46
    ours = bench.store.table()
    assert ours.num_rows == 45
    assert theirs.select(ours.column_names).schema.types == ours.schema.types


@pytest.mark.parametrize("checkpointed", [False, True])
def test_statistics_of_the_log_leave_out_files_without_losing_rows(
    bench: Bench, *, checkpointed: bool
) -> None:
    for number in range(9):
        bench.append((number, 1.0), entity=f"asn/{number}", hour=number)
    if checkpointed:
        bench.store.tables[-1].log.checkpoint()
    store = open_store(bench.store.path)
    for number in range(9):
        begin = START + number * STEP
        assert store.table(start=begin, end=begin + STEP).num_rows == 1
        assert store.table(entities=[f"asn/{number}"]).num_rows == 1
    assert store.table(as_of=START).num_rows == 1
    assert store.table(signals=[]).num_rows == 0
    assert store.table(entities=["asn/99"]).num_rows == 0
    assert store.table(entities=[f"asn/{number}" for number in range(2000)]).num_rows == 9


@given(st.lists(st.integers(0, 2 * LARGEST_FILE), max_size=60))
def test_merging_always_comes_to_an_end(sizes: list[int]) -> None:
    files = [DataFile(f"{number}", 1, rows) for number, rows in enumerate(sizes)]
    merges = 0
    while chosen := choose(files):
        assert len(chosen) >= 2
        merges += 1
        rows = sum(file.rows for file in chosen)
        files = [file for file in files if file not in chosen]
        files.append(DataFile(f"merged {merges}", 1, rows))
    assert merges <= len(sizes)
