"""Rows of the store laid on their signals' grids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from zicht.model.series import to_series
from zicht.store.bins import same_as_before

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zicht.model.series import Series
    from zicht.model.signal import Origin, Signal


def series_of(
    rows: pa.Table, specs: Mapping[str, Signal], origins: Mapping[str, Origin]
) -> list[Series]:
    """Lay rows, one a bin and sorted as ``Store.table`` gives them, on their signals' grids.

    Args:
        rows: with the schema ``zicht.model.series.SERIES``.
        specs: the signals by name.
        origins: where values came from, by the id that rows name.
    """
    if not rows.num_rows:
        return []
    begins = np.flatnonzero(~same_as_before(rows, ("signal", "entity")))
    ends = np.append(begins[1:], rows.num_rows)
    return [
        _one_series(rows.slice(begin, end - begin), specs, origins)
        for begin, end in zip(begins, ends, strict=True)
    ]


def _one_series(
    rows: pa.Table, specs: Mapping[str, Signal], origins: Mapping[str, Origin]
) -> Series:
    return to_series(
        specs[rows["signal"][0].as_py()],
        rows["entity"][0].as_py(),
        rows["time"].cast(pa.int64()).to_numpy(),
        _floats(rows["value"]),
        _floats(rows["samples"]),
        tuple(origins[name] for name in sorted(rows["origin"].unique().to_pylist())),
    )


def _floats(column: pa.ChunkedArray) -> np.typing.NDArray[np.float64]:
    """float64[n] with NaN for null."""
    floats: np.typing.NDArray[np.float64] = column.cast(pa.float64(), safe=False).to_numpy()
    return floats
