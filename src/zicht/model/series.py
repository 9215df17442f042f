"""Series: one signal of one entity over time, as Arrow tables and as regular grids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from zicht.model.time import MICROSECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zicht.model.signal import Origin, Signal

OBSERVATIONS = pa.schema(
    [
        pa.field("signal", pa.string(), nullable=False),
        pa.field("entity", pa.string(), nullable=False),
        pa.field("time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("samples", pa.int64()),
    ]
)
"""What a source's ``parse`` gives: a value, or null where the source says that it has none."""

SERIES = pa.schema(
    [
        *OBSERVATIONS,
        pa.field("revision", pa.int32(), nullable=False),
        pa.field("known_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
    ]
)
"""What the store keeps: observations, with the revision, when it was known, and from where."""


@dataclass(frozen=True)
class Series:
    """One signal of one entity on the signal's own step.

    Attributes:
        signal: the spec.
        entity: the entity's text.
        start: the begin of the first bin, microseconds since 1970 UTC.
        values: float64[n]; bin ``i`` is ``[start + i*step, start + (i+1)*step)``; NaN is missing.
        samples: float64[n]: how many samples a value rests on; NaN is unknown.
        origins: where the values came from.
    """

    signal: Signal
    entity: str
    start: int
    values: NDArray[np.float64]
    samples: NDArray[np.float64]
    origins: tuple[Origin, ...] = ()

    @property
    def simulated(self) -> bool:
        """Whether any value is of the lab and no measurement."""
        return any(origin.simulated for origin in self.origins)

    @property
    def times(self) -> NDArray[np.int64]:
        """int64[n]: the begin of each bin, microseconds since 1970 UTC."""
        return self.start + np.arange(len(self.values), dtype=np.int64) * (
            self.signal.step * MICROSECONDS
        )


def to_series(
    signal: Signal,
    entity: str,
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    samples: NDArray[np.float64],
    origins: tuple[Origin, ...] = (),
) -> Series:
    """Lay observations on the signal's regular grid.

    ``times`` (int64[m], microseconds since 1970 UTC) may come in any order. The grid's phase is the
    commonest remainder of the times by the step, so that bins that begin at :30 stay so. Several
    observations in one bin are averaged; a bin without any is NaN.
    """
    step = signal.step * MICROSECONDS
    if len(times) == 0:
        empty = np.empty(0)
        return Series(signal, entity, 0, empty, empty, origins)
    phases, counts = np.unique(times % step, return_counts=True)
    phase = int(phases[np.argmax(counts)])
    bins = (times - phase) // step
    first = int(bins.min())
    position = bins - first
    length = int(position.max()) + 1
    return Series(
        signal,
        entity,
        first * step + phase,
        _mean_by_bin(position, values, length),
        _mean_by_bin(position, samples, length),
        origins,
    )


def _mean_by_bin(
    position: NDArray[np.int64], values: NDArray[np.float64], length: int
) -> NDArray[np.float64]:
    known = ~np.isnan(values)
    counts = np.bincount(position[known], minlength=length)
    sums = np.bincount(position[known], weights=values[known], minlength=length)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(counts > 0, sums / counts, np.nan)


def stack(series_list: Sequence[Series]) -> NDArray[np.float64]:
    """Lay series of one signal under each other: float64[series, bins] from the earliest start."""
    step = series_list[0].signal.step * MICROSECONDS
    start = min(one.start for one in series_list)
    offsets = [round((one.start - start) / step) for one in series_list]
    length = max(offset + len(one.values) for offset, one in zip(offsets, series_list, strict=True))
    values = np.full((len(series_list), length), np.nan)
    for row, (offset, one) in enumerate(zip(offsets, series_list, strict=True)):
        values[row, offset : offset + len(one.values)] = one.values
    return values
