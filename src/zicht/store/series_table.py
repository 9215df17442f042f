"""The table of series: its newest rows, and the rows that observations are compared with."""

from __future__ import annotations

from datetime import timedelta
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
    from pathlib import Path

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

    def __init__(self, store: Path, engine: Engine) -> None:
        super().__init__(store, schemas.SERIES, engine)

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
        """Each signal and entity that has rows, sorted."""
        found = self.query(
            "SELECT DISTINCT signal, entity FROM read_parquet($files) ORDER BY ALL", {}
        )
        if found is None:
            return []
        return list(zip(found["signal"].to_pylist(), found["entity"].to_pylist(), strict=True))

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
