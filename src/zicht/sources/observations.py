"""The observations of a file: one for each signal, entity and time, in that order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from zicht.model.series import OBSERVATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zicht.errors import BadRowError
    from zicht.sources.parsed import OnBad
    from zicht.sources.rows import Rows


@dataclass(frozen=True)
class Draft:
    """Observations as they stand in a file, m of them, with the rows that they come from.

    Attributes:
        signals: names of signals.
        signal: int64[m]: which of them.
        entities: texts of entities.
        entity: int64[m]: which of them.
        times: int64[m]: microseconds since 1970 UTC.
        values: float64[m]: NaN is a gap.
        rows: int64[m]: the row that says so.
        columns: int64[m]: the column that says so.
        samples: float64[m], or ``None`` where the file gives none.
    """

    signals: Sequence[str]
    signal: NDArray[np.int64]
    entities: Sequence[str]
    entity: NDArray[np.int64]
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    samples: NDArray[np.float64] | None = None

    def take(self, positions: NDArray[np.int64]) -> Draft:
        """The observations at these positions, in this order."""
        return Draft(
            self.signals,
            self.signal[positions],
            self.entities,
            self.entity[positions],
            self.times[positions],
            self.values[positions],
            self.rows[positions],
            self.columns[positions],
            None if self.samples is None else self.samples[positions],
        )


def assemble(rows: Rows, draft: Draft, on_bad: OnBad) -> tuple[pa.Table, tuple[BadRowError, ...]]:
    """The table of a draft's observations, without those of bad rows.

    What a file says twice is taken once; where one of two rows has a blank, the value counts. Rows
    that contradict an earlier one are bad.

    Raises:
        BadRowError: there is a bad row and ``on_bad`` is ``stop``.
    """
    draft = _order(draft.take(np.flatnonzero(rows.good[draft.rows])))
    draft = _drop_repeated(rows, draft)
    bad = rows.settle(on_bad)
    return to_table(draft.take(np.flatnonzero(rows.good[draft.rows]))), bad


def to_table(draft: Draft) -> pa.Table:
    """The draft as a table with the schema ``OBSERVATIONS``."""
    samples = np.full(len(draft.times), np.nan) if draft.samples is None else draft.samples
    columns = [
        _decode(draft.signal, draft.signals),
        _decode(draft.entity, draft.entities),
        pa.array(draft.times).cast(pa.timestamp("us", tz="UTC")),
        pa.array(draft.values, mask=np.isnan(draft.values)),
        pa.array(np.nan_to_num(samples).astype(np.int64), mask=np.isnan(samples)),
    ]
    return pa.table(columns, schema=OBSERVATIONS)


def _decode(codes: NDArray[np.int64], names: Sequence[str]) -> pa.Array:
    names = list(names) or [""]
    return pa.DictionaryArray.from_arrays(
        pa.array(codes, pa.int32()), pa.array(names, pa.string())
    ).cast(pa.string())


def _order(draft: Draft) -> Draft:
    keys = (
        draft.rows,
        np.isnan(draft.values),
        draft.times,
        _ranks(draft.entities)[draft.entity],
        _ranks(draft.signals)[draft.signal],
    )
    return draft.take(np.lexsort(keys))


def _ranks(names: Sequence[str]) -> NDArray[np.int64]:
    ranks = {name: rank for rank, name in enumerate(sorted(set(names)))}
    return np.array([ranks[name] for name in names], dtype=np.int64)


def _drop_repeated(rows: Rows, draft: Draft) -> Draft:
    """Drop the later of observations of the same bin; reject its row where it says otherwise."""
    if len(draft.times) == 0:
        return draft
    new = np.ones(len(draft.times), dtype=np.bool_)
    new[1:] = (
        (np.diff(draft.signal) != 0) | (np.diff(draft.entity) != 0) | (np.diff(draft.times) != 0)
    )
    first = np.maximum.accumulate(np.where(new, np.arange(len(new)), 0))
    other = ~new & ~np.isnan(draft.values) & (draft.values != draft.values[first])
    for position in np.flatnonzero(other).tolist():
        earlier = int(first[position])
        rows.reject_row(
            int(draft.rows[position]),
            int(draft.columns[position]),
            f"{draft.values[earlier]:.15g}, which line {rows.line(int(draft.rows[earlier]))}"
            " says of the same time",
        )
    return draft.take(np.flatnonzero(new))
