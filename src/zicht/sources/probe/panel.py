"""Readings laid side by side: vantage points, entities and minutes as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.model.reading import CONTROL
from zicht.model.time import MICROSECONDS
from zicht.sources.probe.signals import MINUTE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_MINUTE = MINUTE * MICROSECONDS
_SUMS = (
    *("blocks", "measured", "up", "judged", "probes", "answers", "asked", "answered"),
    *("rtt", "unsent"),
)


@dataclass(frozen=True)
class Panel:
    """What V vantage points read of E entities in T minutes on end, of one address family.

    Attributes:
        vantages: their names, V of them.
        entities: their texts, E of them; the control blocks are none.
        first: number of the first minute since 1970.
        sums: float64[V, E, T] for each column of readings that counts: 0 where nothing was read;
            ``rtt``: NaN. ``up`` is that of the blocks judged: ``judged`` times the share that is
            up of all that are measured.
        controls: likewise of the control blocks, float64[V, T].
        present: bool[V, T]: the vantage point was at work.
    """

    vantages: tuple[str, ...]
    entities: tuple[str, ...]
    first: int
    sums: dict[str, Floats]
    controls: dict[str, Floats]
    present: NDArray[np.bool_]

    @property
    def minutes(self) -> NDArray[np.int64]:
        """int64[T]: the minutes' numbers since 1970."""
        return self.first + np.arange(self.present.shape[1], dtype=np.int64)


def minute_of(microseconds: int) -> int:
    """The number since 1970 of the minute in which an instant lies."""
    return microseconds // _MINUTE


def lay_out(readings: pa.Table, *, ipv4: bool) -> Panel:
    """Lay the readings of one address family side by side.

    Args:
        readings: with the schema ``zicht.model.reading.READINGS``, each vantage point, entity and
            minute once.
        ipv4: of IPv4, or of IPv6.
    """
    rows = readings.filter(pc.equal(readings["ipv4"], pa.scalar(ipv4)))
    minutes = rows["time"].cast(pa.int64()).to_numpy() // _MINUTE
    first = int(minutes.min()) if len(minutes) else 0
    length = int(minutes.max()) - first + 1 if len(minutes) else 0
    vantages, vantage = _numbered(rows["vantage"])
    names, entity = _numbered(rows["entity"])
    shape = (len(vantages), len(names), length)
    sums = {}
    for column in _SUMS:
        laid = np.full(shape, np.nan if column == "rtt" else 0.0)
        laid[vantage, entity, minutes - first] = rows[column].cast(pa.float64(), safe=False)
        sums[column] = laid
    share = sums["up"] / np.maximum(sums["measured"], 1)
    sums["up"] = np.where(sums["measured"] > 0, share * sums["judged"], 0.0)
    read = np.zeros(shape, dtype=np.bool_)
    read[vantage, entity, minutes - first] = True
    own = [row for row, name in enumerate(names) if name != CONTROL]
    control = names.index(CONTROL) if CONTROL in names else None
    nothing = np.zeros((len(vantages), length))
    return Panel(
        vantages=tuple(vantages),
        entities=tuple(names[row] for row in own),
        first=first,
        sums={column: laid[:, own] for column, laid in sums.items()},
        controls={
            column: nothing if control is None else laid[:, control]
            for column, laid in sums.items()
        },
        present=nothing.astype(np.bool_) if control is None else read[:, control],
    )


def _numbered(column: pa.ChunkedArray) -> tuple[list[str], NDArray[np.int64]]:
    """The distinct texts in their order, and the position of each row's among them."""
    texts = np.array(column.to_pylist(), dtype=object)
    if not len(texts):
        return [], np.zeros(0, dtype=np.int64)
    distinct, position = np.unique(texts, return_inverse=True)
    return distinct.tolist(), position.astype(np.int64)
