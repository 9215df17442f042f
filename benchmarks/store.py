"""How long commits and reads of the store take, beside peers that see the same rows.

    python benchmarks/store.py commits --commits 10000 --entities 100
    python benchmarks/store.py reads --entities 100 1000 10000 --days 30
    python benchmarks/store.py elsewhere --entities 100 --commits 200 --days 10

``commits`` appends one bin of every entity per commit, as a live observatory does, with the store's
own maintenance beside. ``reads`` appends day after day (288 bins of every entity, sorted) and then
reads 30 days of one entity, opening the store anew each time. The peers: sqlite3 (WAL, full
synchronisation, primary key by signal, entity and time) and a plain folder of Parquet files (one
per commit, fsynced, read with DuckDB). Neither keeps revisions. ``elsewhere`` does both in a folder
and in moto's S3 on the loopback, with and without the answers that a network's way takes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from zicht.model.series import OBSERVATIONS
from zicht.model.signal import Origin, Signal
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2022, 1, 1, tzinfo=UTC)
STEP = timedelta(minutes=5)
BINS_PER_DAY = 288
READS = 15

SIGNAL = Signal(
    name="bench.blocks",
    source="bench",
    title="blocks",
    unit="blocks",
    step=300,
    plane="data",
    scale="count",
    lag=0,
    licence="CC0-1.0",
    citation="generated",
)
ORIGIN = Origin(
    id="bench", source="bench", name="generated", sha256="", licence="CC0-1.0", citation="generated"
)


class Keeper(Protocol):
    """Something that keeps rows and gives those of one entity."""

    name: str

    def append(self, rows: pa.Table) -> None:
        """Keep rows so that a power cut does not lose them."""

    def read(self, entity: str, start: datetime, end: datetime) -> int:
        """Read one entity's values and count them."""


class Zicht:
    """The store; every read opens it anew."""

    name = "zicht"

    def __init__(self, folder: Path | str) -> None:
        self._folder = folder
        self.store = open_store(folder, create=True)

    def append(self, rows: pa.Table) -> None:
        """Append through the public way, which looks for revisions."""
        self.store.append(rows, signals=[SIGNAL], origin=ORIGIN, known_at=datetime.now(UTC))

    def read(self, entity: str, start: datetime, end: datetime) -> int:
        """Open and read."""
        series = open_store(self._folder).read(SIGNAL.name, entity, start=start, end=end)
        return len(series.values)


class Sqlite:
    """One table with a primary key."""

    name = "sqlite3"

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._file = folder / "series.sqlite"
        self._connection = sqlite3.connect(self._file)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(
            "CREATE TABLE series (signal TEXT, entity TEXT, time INTEGER, value REAL,"
            " samples INTEGER, PRIMARY KEY (signal, entity, time)) WITHOUT ROWID"
        )

    def append(self, rows: pa.Table) -> None:
        """Insert in one transaction."""
        columns = [rows[name] for name in ("signal", "entity")]
        columns += [rows["time"].cast(pa.int64()), rows["value"], rows["samples"]]
        lists = [column.to_pylist() for column in columns]
        with self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO series VALUES (?, ?, ?, ?, ?)", zip(*lists, strict=True)
            )

    def read(self, entity: str, start: datetime, end: datetime) -> int:
        """Open and select by key."""
        with sqlite3.connect(self._file) as connection:
            found = connection.execute(
                "SELECT time, value FROM series WHERE signal = ? AND entity = ? AND time >= ?"
                " AND time < ?",
                (SIGNAL.name, entity, int(start.timestamp() * 1e6), int(end.timestamp() * 1e6)),
            ).fetchall()
        connection.close()
        return len(found)


class ParquetFolder:
    """A file a commit, found by globbing."""

    name = "parquet folder"

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._count = 0

    def append(self, rows: pa.Table) -> None:
        """Write one more file."""
        path = self._folder / f"{self._count:09}.parquet"
        self._count += 1
        with path.open("wb") as sink:
            pq.write_table(rows, sink, compression="zstd")
            os.fsync(sink.fileno())

    def read(self, entity: str, start: datetime, end: datetime) -> int:
        """Glob and filter with DuckDB."""
        found = (
            duckdb.connect()
            .execute(
                "SELECT time, value FROM read_parquet(?) WHERE entity = ?"
                " AND time >= CAST(? AS TIMESTAMPTZ) AND time < CAST(? AS TIMESTAMPTZ)",
                [str(self._folder / "*.parquet"), entity, start.isoformat(), end.isoformat()],
            )
            .fetchnumpy()
        )
        return len(found["value"])


def observations(entities: int, first: int, bins: int) -> pa.Table:
    """``bins`` bins of every entity from the bin ``first`` on, sorted by entity and time."""
    names = pa.array([entity_name(number) for number in range(entities)])
    begin = int(START.timestamp() * 1e6) + first * 300_000_000
    times = np.tile(begin + np.arange(bins, dtype=np.int64) * 300_000_000, entities)
    rows = entities * bins
    values = np.random.default_rng(first).poisson(900, rows).astype(np.float64)
    columns = [
        pa.repeat(SIGNAL.name, rows),
        names.take(pa.array(np.repeat(np.arange(entities), bins))),
        pa.array(times).cast(OBSERVATIONS.field("time").type),
        pa.array(values),
        pa.nulls(rows, pa.int64()),
    ]
    return pa.Table.from_arrays(columns, schema=OBSERVATIONS)


def entity_name(number: int) -> str:
    """Names of one length, so that they sort as their numbers do."""
    return f"asn/{100_000 + number}"


def commits(arguments: argparse.Namespace) -> None:
    """Time commits."""
    for entities in arguments.entities:
        for keeper in keepers(arguments):
            times = []
            for number in range(arguments.commits):
                rows = observations(entities, number, 1)
                begun = time.perf_counter()
                keeper.append(rows)
                times.append(time.perf_counter() - begun)
            last = times[-max(1, len(times) // 10) :]
            print(
                f"commits  {keeper.name:15} {entities:6} entities {len(times):6} commits "
                f" last tenth: {spread(last)}  all: {spread(times)}"
            )
            end = START + arguments.commits * STEP
            begun = time.perf_counter()
            keeper.read(entity_name(0), max(START, end - timedelta(days=30)), end)
            print(
                f"         {keeper.name:15} then read: {(time.perf_counter() - begun) * 1e3:.1f} ms"
            )


def reads(arguments: argparse.Namespace) -> None:
    """Time reads of one entity."""
    for entities in arguments.entities:
        for keeper in keepers(arguments, rows=entities * arguments.days * BINS_PER_DAY):
            begun = time.perf_counter()
            for day in range(arguments.days):
                keeper.append(observations(entities, day * BINS_PER_DAY, BINS_PER_DAY))
            filled = time.perf_counter() - begun
            if isinstance(keeper, Zicht):
                keeper.store.maintain()
            maintained = time.perf_counter() - begun - filled
            end = START + timedelta(days=arguments.days)
            start = max(START, end - timedelta(days=30))
            expected = (end - start) // STEP
            times = []
            for number in np.random.default_rng(7).integers(0, entities, READS):
                begun = time.perf_counter()
                count = keeper.read(entity_name(int(number)), start, end)
                times.append(time.perf_counter() - begun)
                if count != expected:
                    raise SystemExit(f"{keeper.name} gave {count} rows and not {expected}")
            print(
                f"reads    {keeper.name:15} {entities:6} entities"
                f" {entities * arguments.days * BINS_PER_DAY:10,} rows  30 days of one:"
                f" {spread(times)}  filled in {filled:.1f} s, maintained in {maintained:.1f} s"
            )
            if isinstance(keeper, Zicht):
                begun = time.perf_counter()
                count = len(keeper.store.keys())
                print(f"         {count} keys in {(time.perf_counter() - begun) * 1e3:.1f} ms")


WAY = 0.02  # seconds that a request takes on its way


def elsewhere(arguments: argparse.Namespace) -> None:
    """Time commits and reads in a folder and in an object store."""
    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    from object_store import running_object_store  # noqa: PLC0415 - moto is of the tests

    (entities,) = arguments.entities
    with running_object_store() as running, tempfile.TemporaryDirectory() as folder:
        os.environ |= running.environment | {"ZICHT_STATE": f"{folder}/state"}
        places: dict[str, tuple[Path | str, float]] = {
            "folder": (Path(folder) / "store", 0.0),
            "moto's S3": (running.bucket("near"), 0.0),
            f"moto's S3, {WAY * 1e3:.0f} ms away": (running.bucket("far"), WAY),
        }
        for name, (place, way) in places.items():
            running.order(f"delay {way}")
            keeper = Zicht(place)
            for day in range(arguments.days):
                keeper.append(observations(entities, day * BINS_PER_DAY, BINS_PER_DAY))
            keeper.store.maintain()
            before, times = running.order("count"), []
            for number in range(arguments.commits):
                rows = observations(entities, arguments.days * BINS_PER_DAY + number, 1)
                begun = time.perf_counter()
                keeper.append(rows)
                times.append(time.perf_counter() - begun)
            requests = (running.order("count") - before) / arguments.commits
            print(f"{name}: commit {spread(times)}, {requests:.1f} requests")
            keeper.store.maintain()
            for what, home in (("warm", "state"), ("cold", "other")):
                os.environ["ZICHT_STATE"] = f"{folder}/{home}"
                times = []
                for number in range(READS):
                    begun = time.perf_counter()
                    end = START + timedelta(days=arguments.days)
                    keeper.read(entity_name(number % entities), START, end)
                    times.append(time.perf_counter() - begun)
                    if what == "cold":
                        shutil.rmtree(f"{folder}/{home}", ignore_errors=True)
                print(f"{name}: open and read one entity, {what}: {spread(times)}")
            os.environ["ZICHT_STATE"] = f"{folder}/state"
            reader = Zicht(place).store
            times = []
            for number in range(READS):
                begun = time.perf_counter()
                reader.read(SIGNAL.name, entity_name(number % entities))
                times.append(time.perf_counter() - begun)
            print(f"{name}: read one entity, store open: {spread(times)}")


def keepers(arguments: argparse.Namespace, rows: int = 0) -> Iterator[Keeper]:
    """The store and its peers, each in a folder that is deleted afterwards."""
    kinds: list[type[Zicht | Sqlite | ParquetFolder]] = [Zicht]
    if not arguments.no_peers:
        kinds.append(ParquetFolder)
        if rows <= arguments.most_rows_for_sqlite:
            kinds.append(Sqlite)
    for kind in kinds:
        folder = Path(tempfile.mkdtemp(prefix="zicht-benchmark-", dir=arguments.folder))
        try:
            keeper = kind(folder / "store")
            yield keeper
            if isinstance(keeper, Zicht):
                keeper.store.maintain()  # waits for what runs beside
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            print(f"         {kind.name:15} {size / 1e6:,.0f} MB on disk")
        finally:
            shutil.rmtree(folder)


def spread(times: list[float]) -> str:
    """Median and 95th percentile in milliseconds."""
    ordered = sorted(times)
    at_95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return f"median {statistics.median(ordered) * 1e3:.1f} ms, p95 {at_95 * 1e3:.1f} ms"


def main() -> None:
    """Run what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["commits", "reads", "elsewhere"])
    parser.add_argument("--entities", type=int, nargs="+", default=[100])
    parser.add_argument("--commits", type=int, default=1000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--folder", type=Path, help="where to put the data, else the system's")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--most-rows-for-sqlite", type=int, default=10_000_000)
    arguments = parser.parse_args()
    {"commits": commits, "reads": reads, "elsewhere": elsewhere}[arguments.what](arguments)


if __name__ == "__main__":
    main()
