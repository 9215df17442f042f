"""The table of series: its newest rows, and the rows that observations are compared with."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.model.series import SERIES
from zicht.store import schemas
from zicht.store.bins import bin_numbers, newest
from zicht.store.revisions import to_write
from zicht.store.selection import Selection
from zicht.store.tables import Table

if TYPE_CHECKING:
    from datetime import datetime

    from zicht.store.lake import Lake
    from zicht.store.revisions import Appended
    from zicht.store.scan import Engine

_STORED = pa.schema(
    [
        ("row", pa.int64()),
        ("value", pa.float64()),
        ("samples", pa.int64()),
        ("revision", pa.int32()),
        *((name, SERIES.field(name).type) for name in ("known_at", "origin")),
    ]
)


def newest_rows(rows: pa.Table) -> pa.Table:
    """Of rows with the schema ``SERIES`` the newest of each bin, sorted by signal, entity, time."""
    return newest(rows, bin_numbers(rows)) if rows.num_rows else rows


class SeriesTable(Table):
    """The table of series."""

    def __init__(self, lake: Lake, engine: Engine) -> None:
        super().__init__(lake, schemas.SERIES, engine)
        self._guard = threading.Lock()
        self._looked_in: frozenset[str] = frozenset()
        self._keys: frozenset[tuple[str, str]] = frozenset()
        self._version = -1

    def append(self, observations: pa.Table, *, origin: str, known_at: datetime) -> Appended:
        """Commit what prepared observations say that is not stored.

        Raises:
            ConflictError: another writer came between.
        """
        seen = self.log.snapshot()
        stored = self._stored_bins(observations)
        rows, appended = to_write(observations, stored, origin=origin, known_at=known_at)
        if rows.num_rows:
            self.add(seen, rows)
        return appended

    def select(self, selection: Selection) -> pa.Table:
        """The newest row of each selected bin, sorted by signal, entity and time."""
        return newest_rows(self._rows(selection))

    def select_revisions(self, selection: Selection) -> pa.Table:
        """Every row of each selected bin, sorted by signal, entity, time and revision."""
        order = [(name, "ascending") for name in ("signal", "entity", "time", "revision")]
        return self._rows(selection).sort_by(order)

    def _rows(self, selection: Selection) -> pa.Table:
        if selection.empty:
            return SERIES.empty_table()
        condition, given = selection.condition()
        found = self.query(
            f"SELECT {', '.join(SERIES.names)} FROM read_parquet($files)"  # noqa: S608 - our words
            f" WHERE {condition}",
            given,
            choose=selection.files,
        )
        return SERIES.empty_table() if found is None else found.cast(SERIES)

    def added(self, since: int, until: int) -> pa.Table | None:
        """The rows that were added after one version and up to another, of each bin the newest.

        ``None`` where that cannot be told any more.
        """
        if since == until:
            return SERIES.empty_table()
        found = self.query_added(
            f"SELECT {', '.join(SERIES.names)} FROM read_parquet($files)",  # noqa: S608 - our words
            since,
            until,
            {},
        )
        if found is not None:
            return newest_rows(found.cast(SERIES))
        return SERIES.empty_table() if self.log.added_since(since, until) == [] else None

    def keys(self) -> list[tuple[str, str]]:
        """Each signal and entity that has rows, sorted; only files that are new are looked in."""
        with self._guard:
            snapshot = self.log.snapshot()
            files = frozenset(snapshot.files)
            if snapshot.version < self._version:  # one that is held still
                return sorted(self._keys_but_of(frozenset()))
            if files.isdisjoint(self._looked_in):  # all of them were merged, or the table is new
                self._looked_in, self._keys = frozenset(), frozenset()
            if files - self._looked_in:
                self._keys |= self._keys_but_of(self._looked_in)
            self._looked_in, self._version = files, snapshot.version
            return sorted(self._keys)

    def _keys_but_of(self, looked_in: frozenset[str]) -> frozenset[tuple[str, str]]:
        """The signals and entities in all files but some."""
        found = self.query(
            "SELECT DISTINCT signal, entity FROM read_parquet($files)",
            {},
            choose=lambda files: [file for file in files if file.name not in looked_in],
        )
        if found is None:
            return frozenset()
        return frozenset(zip(found["signal"].to_pylist(), found["entity"].to_pylist(), strict=True))

    def days(self, selection: Selection) -> list[date]:
        """The days, by UTC, on which any row of the selection has a value; sorted."""
        if selection.empty:
            return []
        condition, given = selection.condition()
        # a day is a whole number of microseconds since 1970 here, whatever zone DuckDB thinks in
        found = self.query(
            "SELECT DISTINCT epoch_us(time) // 86400000000 AS day"  # noqa: S608 - our words
            f" FROM read_parquet($files) WHERE {condition} AND value IS NOT NULL ORDER BY day",
            given,
            choose=selection.files,
        )
        first = date(1970, 1, 1)
        days = [] if found is None else found["day"].to_pylist()
        return [first + timedelta(days=one) for one in days]

    def _stored_bins(self, observations: pa.Table) -> pa.Table:
        """The newest stored row of each observation's bin, with the observation's position."""
        if not observations.num_rows:
            return _STORED.empty_table()
        selection = Selection(
            signals=observations["signal"].unique().to_pylist(),
            entities=observations["entity"].unique().to_pylist(),
            start=pc.min(observations["time"]).as_py(),
            end=pc.max(observations["time"]).as_py() + timedelta(microseconds=1),
        )
        bins = observations.select(["signal", "entity", "time"])
        bins = bins.append_column("row", pa.array(np.arange(observations.num_rows)))
        condition, given = selection.condition()
        found = self.query(
            "SELECT row, value, samples, revision, known_at, origin FROM"  # noqa: S608 - our words
            f" (SELECT * FROM read_parquet($files) WHERE {condition}) stored"
            " JOIN bins USING (signal, entity, time)",
            given,
            choose=selection.files,
            bins=bins,
        )
        if found is None:
            return _STORED.empty_table()
        return newest(found, found["row"].to_numpy())
