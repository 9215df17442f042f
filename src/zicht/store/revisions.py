"""Which of the observations are new, which revise what is stored, and which row is the newest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from zicht.model.series import SERIES
from zicht.store.bins import both_same

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Appended:
    """What an append did, in rows.

    Attributes:
        new: bins that were not stored before.
        revised: bins that now have another value or number of samples.
        unchanged: bins that were stored so already; and those without a value that never had one.
    """

    new: int
    revised: int
    unchanged: int


def to_write(
    observations: pa.Table, stored: pa.Table, *, origin: str, known_at: datetime
) -> tuple[pa.Table, Appended]:
    """The rows that say something that is not stored.

    Args:
        observations: prepared observations.
        stored: the newest rows of the same bins, with the columns ``row`` (the position of the
            observation), ``value``, ``samples`` and ``revision``.
        origin: the id of the observations' origin.
        known_at: when they were known.

    Returns:
        rows with the schema ``zicht.model.series.SERIES``, and the counts.
    """
    count = observations.num_rows
    revision = np.zeros(count, np.int32)
    alike = ~observations["value"].is_valid().to_numpy()
    rows = stored["row"].to_numpy()
    if len(rows):
        revision[rows] = stored["revision"].to_numpy()
        alike[rows] = _same(observations.select(["value", "samples"]).take(stored["row"]), stored)
    written = np.flatnonzero(~alike)
    revised = int((revision[written] > 0).sum())
    appended = Appended(len(written) - revised, revised, count - len(written))
    kept = observations if len(written) == count else observations.take(pa.array(written))
    columns = [
        *kept.columns,
        pa.array(revision[written] + 1, pa.int32()),
        pa.repeat(pa.scalar(known_at, SERIES.field("known_at").type), len(written)),
        pa.repeat(origin, len(written)),
    ]
    return pa.Table.from_arrays(columns, schema=SERIES), appended


def _same(given: pa.Table, stored: pa.Table) -> NDArray[np.bool_]:
    return both_same(given["value"], stored["value"]) & both_same(
        given["samples"], stored["samples"]
    )
