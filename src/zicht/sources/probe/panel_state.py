"""A panel written down, so that the figures go on over a restart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from zicht.errors import InputError
from zicht.sources.probe.aggregate import Panel, new_panel
from zicht.sources.probe.transitions import Pace

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FORM = "panel 1"  # counted up when a table means something else
_COLUMNS = ("up", "mean", "turn", "carried")


def panel_state(panel: Panel, high: NDArray[np.uint64]) -> pa.Table:
    """All that figures of a later run need to go on as if it had not stopped, a row each block.

    Args:
        panel: of n blocks.
        high: uint64[n]: the first 64 bits of each block's first address, ascending.
    """
    columns = {name: pa.array(getattr(panel, name)) for name in _COLUMNS}
    columns["high"], columns["pool"] = pa.array(high), pa.array(panel.pool)
    of_all = {
        "moved": panel.moved if np.isfinite(panel.moved) else None,
        "pace": panel.pace._asdict(),
    }
    return pa.table(columns).replace_schema_metadata({"form": _FORM, "of_all": json.dumps(of_all)})


def restore_panel(table: pa.Table, high: NDArray[np.uint64]) -> Panel:
    """A panel as ``panel_state`` wrote it down; blocks that the table has not had no turn yet.

    Blocks whose last turn is long ago do not count as measured until they have another, however
    long the run stood still.

    Args:
        table: what was written.
        high: uint64[n]: the blocks now.

    Raises:
        InputError: it is no such table, or of another version.
    """
    metadata = table.schema.metadata or {}
    if metadata.get(b"form") != _FORM.encode():
        raise InputError("This is no state of a panel, or one of another version of Zicht.")
    panel = new_panel(len(high))
    try:
        written = np.asarray(table["high"]).astype(np.uint64, casting="same_kind")
        _, now, then = np.intersect1d(high, written, return_indices=True)
        pool = panel.pool.copy()
        pool[now] = np.asarray(table["pool"]).astype(np.int32, casting="same_kind")[then]
        values = {name: getattr(panel, name).copy() for name in _COLUMNS}
        for name, into in values.items():
            into[now] = np.asarray(table[name]).astype(np.float64, casting="same_kind")[then]
        of_all = json.loads(metadata[b"of_all"])
        moved = -np.inf if of_all["moved"] is None else float(of_all["moved"])
        pace = of_all["pace"]
        told = Pace(float(pace["fell"]), float(pace["rose"]), event=bool(pace["event"]))
    except (KeyError, ValueError, TypeError, pa.ArrowException) as error:
        raise InputError(f"This is no state of a panel: {error}.") from None
    return Panel(pool=pool, moved=moved, pace=told, **values)
