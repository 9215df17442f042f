from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING

import store_processes
from deltalake import DeltaTable
from store_bench import Bench, a_signal, an_origin
from store_child import ROWS

from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 50


def test_a_kill_at_any_instant_loses_only_what_was_not_committed(tmp_path: Path) -> None:
    """One writer after the other is killed at a random instant; each goes on where the last was."""
    instants = random.Random(20191116)  # noqa: S311 - instants, no secrets
    folder = tmp_path / "store"
    appends = 0
    for kill in range(KILLS):
        after = instants.uniform(0.0, 0.25) if kill else 3.0  # long enough once on a busy machine
        said = _append_until_killed(folder, appends, after=after)
        store = open_store(folder, create=True)
        rows = store.table()
        whole, part = divmod(rows.num_rows, ROWS)
        assert part == 0, "an append is there in part"
        assert said <= whole <= said + 1, "an append that was reported is gone"
        assert rows["value"].to_pylist() == [
            float(append) for append in range(whole) for _ in range(ROWS)
        ]
        appends = whole
    assert appends > 0, "the writers were killed before they got to write"
    bench = Bench(open_store(folder), a_signal(), an_origin())
    bench.store.maintain()
    again = [
        (append * ROWS + row, float(append)) for append in range(appends) for row in range(ROWS)
    ]
    assert bench.append(*again).unchanged == len(again)
    assert DeltaTable(str(folder / "series")).to_pyarrow_table().num_rows == len(again)


def _append_until_killed(folder: Path, first: int, *, after: float) -> int:
    """Kill a writer some seconds after it was ready; gives the number of appends it reported."""
    with store_processes.start("append_for_ever", folder, str(first)) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n", writer.stderr
        timer = threading.Timer(after, writer.kill)
        timer.start()
        lines = writer.stdout.readlines()
        timer.join()
    complete = [line for line in lines if line.endswith("\n")]
    return int(complete[-1]) + 1 if complete else first
