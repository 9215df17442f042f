from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa

from zicht.model.series import OBSERVATIONS
from zicht.model.signal import Origin, Signal
from zicht.store import Appended, Store, open_store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

START = datetime(2022, 1, 1, tzinfo=UTC)
STEP = timedelta(minutes=5)

Row = tuple[int, float | None] | tuple[int, float | None, int | None]


@dataclass(frozen=True)
class Bench:
    """A store with one signal, and short words to fill and read it."""

    store: Store
    signal: Signal
    origin: Origin

    def observations(self, rows: Sequence[Row], entity: str = "country/KZ") -> pa.Table:
        """Rows of (bin, value) or (bin, value, samples)."""
        return pa.Table.from_pylist(
            [
                {
                    "signal": self.signal.name,
                    "entity": entity,
                    "time": START + row[0] * STEP,
                    "value": row[1],
                    "samples": row[2] if len(row) == 3 else None,
                }
                for row in rows
            ],
            OBSERVATIONS,
        )

    def append(self, *rows: Row, hour: int = 0, entity: str = "country/KZ") -> Appended:
        """Append rows that were known so many hours after the start."""
        return self.append_table(self.observations(rows, entity), hour=hour)

    def append_table(self, observations: pa.Table, *, hour: int = 0) -> Appended:
        return self.store.append(
            observations,
            signals=[self.signal],
            origin=self.origin,
            known_at=START + timedelta(hours=hour),
        )

    def values(self, hour: int | None = None, entity: str = "country/KZ") -> list[float | None]:
        """The values as known so many hours after the start, missing ones as None."""
        as_of = None if hour is None else START + timedelta(hours=hour)
        series = self.store.read(self.signal.name, entity, as_of=as_of)
        return [None if math.isnan(value) else value for value in series.values.tolist()]


def a_signal(name: str = "table.visible", step: int = 300) -> Signal:
    return Signal(
        name=name,
        source="table",
        title="blocks seen",
        unit="blocks",
        step=step,
        plane="control",
        scale="count",
        lag=0,
        licence="CC0-1.0",
        citation="The tests",
    )


def an_origin(name: str = "file.csv", *, simulated: bool = False) -> Origin:
    return Origin(
        id=f"origin-{name}",
        source="table",
        name=name,
        sha256="",
        licence="CC0-1.0",
        citation="The tests",
        simulated=simulated,
    )


def a_bench(folder: Path) -> Bench:
    """A new store in ``folder``."""
    return bench_at(folder / "store")


def bench_at(place: Path | str) -> Bench:
    """The store at a place, made if it is not there."""
    return Bench(open_store(place, create=True), a_signal(), an_origin())
