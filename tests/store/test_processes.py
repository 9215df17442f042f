from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
import store_processes
from deltalake import DeltaTable, write_deltalake
from store_bench import START, Bench, a_bench, a_signal, an_origin

from zicht.model.series import SERIES
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

APPENDS = 60


def test_two_writers_and_a_reader_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    a_bench(tmp_path)
    with store_processes.start("read_for_ever", folder) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
        writers = [
            store_processes.start("append_some", folder, f"asn/{number}", str(number), str(APPENDS))
            for number in (1, 2)
        ]
        for writer in writers:
            _, complaints = writer.communicate(timeout=120)
            assert writer.returncode == 0, complaints
        assert reader.poll() is None, reader.communicate()
        reader.terminate()
        assert len(reader.stdout.readlines()) > 1, "the reader was blocked"

    bench = Bench(open_store(folder), a_signal(), an_origin())
    bench.store.maintain()
    for own in ("asn/1", "asn/2"):
        assert bench.values(entity=own) == [float(number) for number in range(APPENDS)]
    rows = _every_revision(bench)
    revisions = [(row["time"], row["revision"]) for row in rows if row["entity"] == "country/KZ"]
    assert len(revisions) == len(set(revisions)) == 2 * APPENDS


def _every_revision(bench: Bench) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        DeltaTable(str(bench.store.path / "series")).to_pyarrow_table().to_pylist()
    )
    return rows


def test_a_writer_that_does_not_know_the_lock_loses_and_destroys_nothing(tmp_path: Path) -> None:
    bench = a_bench(tmp_path)
    folder = str(bench.store.path / "series")
    for number in range(5):
        bench.append((number, 1.0))
        row = {
            "signal": bench.signal.name,
            "entity": "asn/7",
            "time": START,
            "value": float(number),
            "samples": None,
            "revision": number + 1,
            "known_at": START,
            "origin": bench.origin.id,
        }
        write_deltalake(folder, pa.Table.from_pylist([row], SERIES), mode="append")
    assert bench.values() == [1.0] * 5
    assert bench.values(entity="asn/7") == [4.0]
    assert bench.append((0, 5.0), entity="asn/7").revised == 1
    assert bench.store.table(entities=["asn/7"])["revision"].to_pylist() == [6]


def test_the_same_revision_written_on_two_hosts_is_read_alike_by_all(tmp_path: Path) -> None:
    bench = a_bench(tmp_path)
    folder = str(bench.store.path / "series")
    for value in (2.0, 3.0, 1.0):
        row = {
            "signal": bench.signal.name,
            "entity": "country/KZ",
            "time": START,
            "value": value,
            "samples": None,
            "revision": 1,
            "known_at": START,
            "origin": bench.origin.id,
        }
        write_deltalake(folder, pa.Table.from_pylist([row], SERIES), mode="append")
    bench.append(hour=0)
    bench.store.append(
        bench.observations([]), signals=[bench.signal], origin=bench.origin, known_at=START
    )
    assert bench.values() == [3.0]
    assert bench.append((0, 3.0)).unchanged == 1


@pytest.mark.parametrize("what", ["append", "read"])
def test_a_log_that_was_cleaned_away_under_an_open_store_is_read_anew(
    tmp_path: Path, what: str
) -> None:
    idle, busy = a_bench(tmp_path), a_bench(tmp_path)
    busy.append((0, 1.0))
    assert idle.values() == [1.0]
    for number in range(1, 6):
        busy.append((number, 1.0))
    series = busy.store.tables[-1]
    series.log.checkpoint()
    for commit in (busy.store.path / "series" / "_delta_log").glob("*[0-5].json"):
        commit.unlink()
    busy.append((6, 1.0))
    if what == "append":
        assert idle.append((7, 1.0)).new == 1
    else:
        assert idle.values() == [1.0] * 7
