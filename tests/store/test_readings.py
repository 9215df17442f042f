from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from store_bench import START, a_bench, bench_at

from zicht.errors import UsageError
from zicht.model.reading import READINGS
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.store import Store


def readings(vantage: str, *minutes: int, up: float = 9.0, later: int = 1) -> pa.Table:
    times = [START + timedelta(minutes=minute) for minute in minutes]
    return pa.Table.from_pylist(
        [
            {
                "vantage": vantage,
                "entity": "country/KZ",
                "ipv4": True,
                "time": time,
                "blocks": 100,
                "measured": 10,
                "judged": 10,
                "up": up,
                "probes": 11,
                "answers": 9,
                "asked": 10,
                "answered": 9,
                "rtt": None,
                "unsent": 0,
                "known_at": time + timedelta(minutes=later),
            }
            for time in times
        ],
        READINGS,
    )


def seen(store: Store, **selection: datetime) -> list[tuple[str, int, float]]:
    rows = store.readings(**selection).to_pylist()
    return [(row["vantage"], (row["time"] - START).seconds // 60, row["up"]) for row in rows]


def test_vantage_points_keep_their_readings_apart(place: Path | str) -> None:
    store = bench_at(place).store
    store.append_readings(readings("fra", 1, 0))
    store.append_readings(readings("ams", 1, up=8.0))
    assert seen(store) == [("ams", 1, 8.0), ("fra", 0, 9.0), ("fra", 1, 9.0)]
    assert store.keys() == [], "they are no series"
    assert store.last_readings() == {
        "ams": START + timedelta(minutes=1),
        "fra": START + timedelta(minutes=1),
    }


def test_of_a_minute_read_twice_the_later_counts(place: Path | str) -> None:
    store = bench_at(place).store
    store.append_readings(readings("ams", 0, up=3.0))
    store.append_readings(readings("ams", 0, up=5.0, later=2))
    assert seen(store) == [("ams", 0, 5.0)]
    assert seen(store, as_of=START + timedelta(seconds=90)) == [("ams", 0, 3.0)]


def test_a_time_is_chosen(place: Path | str) -> None:
    store = bench_at(place).store
    for minute in range(25):  # enough for files to be merged
        store.append_readings(readings("ams", minute))
    store.maintain()
    chosen = seen(store, start=START + timedelta(minutes=3), end=START + timedelta(minutes=5))
    assert chosen == [("ams", 3, 9.0), ("ams", 4, 9.0)]
    assert len(seen(store)) == 25
    with pytest.raises(UsageError, match="no time zone"):
        store.readings(start=datetime(2022, 1, 1))  # noqa: DTZ001 - that is what is refused


def test_a_store_of_before_there_were_readings_gets_them(tmp_path: Path) -> None:
    bench = a_bench(tmp_path)
    shutil.rmtree(bench.store.path / "readings")
    old = open_store(bench.store.path)
    assert not old.readings().num_rows
    assert old.last_readings() == {}
    old.append(
        bench.observations([(0, 1.0)]),
        signals=[bench.signal],
        origin=bench.origin,
        known_at=datetime.now(UTC),
    )
    old.maintain()
    old.append_readings(readings("ams", 0))
    assert seen(old) == [("ams", 0, 9.0)]
