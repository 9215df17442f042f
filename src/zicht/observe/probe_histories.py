"""Where what is known of blocks is kept: a file for each family, which nobody else may read.

``STORE/probe/history-4.parquet`` holds who ever answered: no export, log or message has it.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from zicht.errors import InputError, StoreError
from zicht.observe.private import locked, write_private
from zicht.sources.probe.history import BlockHistory, from_table, no_history, to_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def history_path(store: Path, *, ipv4: bool) -> Path:
    """Where the history of a family lies."""
    return store / "probe" / f"history-{4 if ipv4 else 6}.parquet"


def load_history(store: Path, *, ipv4: bool) -> BlockHistory:
    """What is known of the blocks of a family; of no blocks where there is no file.

    Raises:
        StoreError: the file is damaged.
    """
    path = history_path(store, ipv4=ipv4)
    if not path.exists():
        return no_history(ipv4=ipv4)
    try:
        history = from_table(pq.read_table(path, partitioning=None))
    except (OSError, pa.ArrowException, InputError) as error:
        reason = error.message if isinstance(error, InputError) else f"It is damaged: {error}"
        raise StoreError(
            f"{path} cannot be read. {reason}",
            "Restore it from a copy; or delete it, and take a census (zicht probe census) or a hit"
            " list in again.",
        ) from error
    if history.ipv4 != ipv4:
        raise StoreError(f"{path} is of the other family.", "Was it renamed? Give its name back.")
    return history


def change_history(
    store: Path, change: Callable[[BlockHistory], BlockHistory], *, ipv4: bool
) -> BlockHistory:
    """Change what is known, while no other process does; the file is the old one or the new one.

    Raises:
        StoreError: the file is damaged or cannot be written.
    """
    path = history_path(store, ipv4=ipv4)
    with locked(path.with_suffix(".lock")):
        history = change(load_history(store, ipv4=ipv4))
        file = io.BytesIO()
        pq.write_table(to_table(history), file, compression="zstd")
        write_private(path, file.getvalue())
    return history
