"""What really happens in a world, as labels that a detector can be held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from zicht.model.time import MICROSECONDS

if TYPE_CHECKING:
    from zicht.lab.mishaps import Column
    from zicht.model.signal import Signal

TRUTH_BELOW = 0.8
"""A series is in an outage, as a label counts it, while less than this share is left."""

TRUTH = pa.schema(
    [
        pa.field("signal", pa.string(), nullable=False),
        pa.field("entity", pa.string(), nullable=False),
        pa.field("plane", pa.string(), nullable=False),
        pa.field("begin", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("end", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("depth_percent", pa.float64(), nullable=False),
    ]
)
"""Stretches with little left: first bin's begin, last bin's end, the least that is left in it."""


def truth_of(columns: list[Column], signals: dict[str, Signal]) -> pa.Table:
    """The stretches of each series in which less than ``TRUTH_BELOW`` of ordinary is left."""
    rows = []
    for column in columns:
        signal = signals[column.signal]
        low = np.concatenate([[False], column.share < TRUTH_BELOW, [False]])
        edges = np.flatnonzero(low[1:] != low[:-1])
        for first, after in zip(edges[::2], edges[1::2], strict=True):
            rows.append(
                {
                    "signal": column.signal,
                    "entity": column.entity,
                    "plane": signal.plane,
                    "begin": int(column.times[first]),
                    "end": int(column.times[after - 1]) + signal.step * MICROSECONDS,
                    "depth_percent": 100 * float(column.share[first:after].min()),
                }
            )
    whole_numbers = pa.schema(
        [
            pa.field(column.name, pa.int64(), nullable=False)
            if pa.types.is_timestamp(column.type)
            else column
            for column in TRUTH
        ]
    )
    return pa.Table.from_pylist(rows, whole_numbers).cast(TRUTH)
