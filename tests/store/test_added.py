"""What was stored since a version is told without reading what was there before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa

from zicht.model.series import OBSERVATIONS
from zicht.model.signal import Origin, Signal
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.store import Store

BEGIN = datetime(2024, 3, 4, tzinfo=UTC)
STEP = timedelta(hours=1)
SPEC = Signal(
    name="my.routes",
    source="my",
    title="routes",
    unit="",
    step=3600,
    plane="control",
    scale="count",
    lag=0,
    licence="CC0",
    citation="made for a test",
)
ORIGIN = Origin(
    id="made", source="my", name="made", sha256="0" * 64, licence="CC0", citation="made for a test"
)


def append(store: Store, number: int, value: float) -> None:
    rows = pa.Table.from_pylist(
        [
            {"signal": SPEC.name, "entity": f"country/{code}", "time": BEGIN + number * STEP}
            | {"value": value, "samples": None}
            for code in ("KZ", "NL")
        ],
        schema=OBSERVATIONS,
    )
    store.append(rows, signals=[SPEC], origin=ORIGIN, known_at=BEGIN + number * STEP)


def told(rows: pa.Table | None) -> list[tuple[str, datetime, float]]:
    assert rows is not None
    return list(zip(*(rows[name].to_pylist() for name in ("entity", "time", "value")), strict=True))


def test_only_what_was_added_is_told_and_of_each_bin_the_newest(tmp_path: Path) -> None:
    store = open_store(tmp_path, create=True)
    append(store, 0, 5.0)
    before = store.version
    append(store, 1, 6.0)
    append(store, 0, 7.0)
    append(store, 0, 8.0)
    version, rows = store.added_since(before)
    assert version == store.version
    assert told(rows) == [
        (f"country/{code}", BEGIN + number * STEP, value)
        for code in ("KZ", "NL")
        for number, value in ((0, 8.0), (1, 6.0))
    ]
    assert told(store.added_since(version)[1]) == []
    assert store.rows() == 8


def test_what_is_only_merged_is_nothing_new(tmp_path: Path) -> None:
    store = open_store(tmp_path, create=True)
    for number in range(12):
        append(store, number, 5.0)
    store.maintain()
    log = store.tables[-1].log
    added = log.added_since(0, store.version)
    assert added is not None
    assert [one.rows for one in added] == 12 * [2]
    assert len(log.snapshot().files) < 12
    assert told(store.added_since(store.version)[1]) == []


def test_files_that_are_merged_since_are_still_read(tmp_path: Path) -> None:
    store = open_store(tmp_path, create=True)
    append(store, 0, 5.0)
    before = store.version
    for number in range(1, 12):
        append(store, number, 5.0)
    store.maintain()
    assert len(told(store.added_since(before)[1])) == 22


def test_where_the_log_does_not_reach_back_nothing_can_be_told(tmp_path: Path) -> None:
    store = open_store(tmp_path, create=True)
    append(store, 0, 5.0)
    before = store.version
    append(store, 1, 5.0)
    append(store, 2, 5.0)
    (tmp_path / "series" / "_delta_log" / f"{before + 1:020}.json").unlink()
    assert store.added_since(before)[1] is None
    assert store.added_since(store.version + 1)[1] is None
