"""What a store holds of each signal, told without reading the values."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from zicht.store.tables import Table

_QUERY = """
    SELECT signal, count(*) AS rows, count(DISTINCT entity) AS entities,
           min(time) AS first, max(time) AS last, max(known_at) AS known_at
    FROM read_parquet($files) GROUP BY signal ORDER BY signal
"""


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored of one signal.

    Attributes:
        signal: the signal's name.
        rows: number of rows, earlier revisions included.
        entities: number of entities.
        first: begin of the earliest bin.
        last: begin of the latest bin.
        known_at: when the latest of it became known.
    """

    signal: str
    rows: int
    entities: int
    first: datetime
    last: datetime
    known_at: datetime


def read_holdings(series: Table) -> list[Holding]:
    """Count what the table of series holds, signal by signal."""
    found = series.query(_QUERY, {})
    return [] if found is None else msgspec.convert(found.to_pylist(), list[Holding])
