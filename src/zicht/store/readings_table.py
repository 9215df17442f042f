"""The table of readings: what each vantage point of probing saw, minute by minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.model.reading import READINGS
from zicht.store import schemas
from zicht.store.selection import Selection
from zicht.store.tables import Table

if TYPE_CHECKING:
    from datetime import datetime

    import pyarrow as pa

    from zicht.store.lake import Lake
    from zicht.store.scan import Engine

_NEWEST = (
    "QUALIFY row_number() OVER (PARTITION BY vantage, entity, ipv4, time ORDER BY known_at DESC)"
    " = 1 ORDER BY vantage, entity, ipv4, time"
)


class ReadingsTable(Table):
    """The table of readings; stores that were made before there was probing lack it."""

    def __init__(self, lake: Lake, engine: Engine) -> None:
        super().__init__(lake, schemas.READINGS, engine)

    def append(self, readings: pa.Table) -> None:
        """Commit readings with the schema ``zicht.model.reading.READINGS``.

        Raises:
            ConflictError: another writer came between.
        """
        if not self.log.exists():
            self.log.create(self.spec)
            self.log.look()
        seen = self.log.snapshot()
        order = [(column, "ascending") for column in self.spec.order]
        self.add(seen, readings.cast(READINGS).sort_by(order))

    def select(
        self, start: datetime | None, end: datetime | None, as_of: datetime | None
    ) -> pa.Table:
        """The newest readings of a time, sorted by vantage point, entity, family and time."""
        if not self.log.exists():
            return READINGS.empty_table()
        selection = Selection(start=start, end=end, as_of=as_of)
        condition, given = selection.condition()
        found = self.query(
            f"SELECT {', '.join(READINGS.names)} FROM read_parquet($files)"  # noqa: S608 - our words
            f" WHERE {condition} {_NEWEST}",
            given,
            choose=selection.files,
        )
        return READINGS.empty_table() if found is None else found.cast(READINGS)

    def version(self) -> int:
        """The table's version, -1 where there is none yet."""
        return self.log.snapshot().version if self.log.exists() else -1

    def last_minutes(self) -> dict[str, datetime]:
        """The begin of the last minute that each vantage point read."""
        if not self.log.exists():
            return {}
        found = self.query(
            "SELECT vantage, max(time) AS time FROM read_parquet($files) GROUP BY vantage", {}
        )
        if found is None:
            return {}
        return dict(zip(found["vantage"].to_pylist(), found["time"].to_pylist(), strict=True))
