"""Keeping a table quick: few files, a short log, and nothing left over.

Every append leaves a small file. When ten files are of about the same number of rows, they are
merged into one, sorted, so that a row is rewritten once for every tenfold growth and one entity's
rows lie together. Readers never wait for this, and writers only for the commit itself.
"""

from __future__ import annotations

import math
import time
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from zicht.store.faults import damaged
from zicht.store.files import OURS, write_data_file
from zicht.store.lock import locked
from zicht.store.log import ConflictError
from zicht.store.merging import merged_batches
from zicht.store.scan import FilesGoneError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from zicht.store.files import DataFile
    from zicht.store.scan import Engine
    from zicht.store.tables import Table

FILES_TO_MERGE = 10
COMMITS_PER_CHECKPOINT = 100
LARGEST_FILE = 8_000_000
"""Rows above which a file is not merged any further: reading gains nothing then."""

_SMALLEST_TIER = 1000
_CLEAN_EVERY_SECONDS = 3600.0


class Maintainer:
    """Keeps one table quick.

    Args:
        table: the table.
        engine: reads the files that are merged.
        write_lock: the file whose lock writers hold.
    """

    def __init__(self, table: Table, engine: Engine, write_lock: Path) -> None:
        self._table = table
        self._engine = engine
        self._write_lock = write_lock
        self._checkpointed: int | None = None
        self._cleaned = -math.inf

    def is_due(self) -> bool:
        """Whether there is anything to do."""
        seen = self._table.log.known
        if seen is None or seen.version < 0:  # this process has nothing to do with it
            return False
        return bool(self._checkpoint_due(seen.version) or choose(seen.files.values()))

    def run(self) -> None:
        """Merge what is to be merged, shorten the log, and clean up."""
        if not self._table.log.exists():
            return
        while chosen := choose(self._table.log.snapshot().files.values()):
            self._merge(chosen)
        version = self._table.log.snapshot().version
        self._checkpointed = None  # another process may have made one
        if self._checkpoint_due(version):
            self._table.log.checkpoint()
            self._checkpointed = version
        if time.monotonic() - self._cleaned > _CLEAN_EVERY_SECONDS:
            self._clean()
            self._cleaned = time.monotonic()

    def _checkpoint_due(self, version: int) -> bool:
        if self._checkpointed is None:
            self._checkpointed = self._table.log.last_checkpoint()
        return version - self._checkpointed >= COMMITS_PER_CHECKPOINT

    def _merge(self, chosen: list[DataFile]) -> None:
        """Write one file in place of several; only its commit keeps writers waiting."""
        table = self._table
        try:
            table.lake.fetch(table.spec.name, chosen)
            batches = merged_batches(self._engine, table.folder, table.spec, chosen)
            merged = write_data_file(table.folder, table.spec.schema, batches)
        except FilesGoneError as lost:
            if lost.path.name in table.log.snapshot().files:
                raise damaged(lost.path, "is gone") from lost
            return  # another host merged them
        table.lake.publish(table.spec.name, merged)
        table.lake.mark_replaced(table.spec.name, chosen)
        while True:
            with locked(self._write_lock):
                snapshot = table.log.snapshot()
                if not {file.name for file in chosen} <= snapshot.files.keys():
                    table.lake.delete_data(table.spec.name, merged.name)
                    return  # another host merged them
                try:
                    table.log.commit(snapshot, added=[merged], replaced=chosen)
                except ConflictError:
                    continue
                return

    def _clean(self) -> None:
        """Delete files of ours that are no part of the table any more, or never became one."""
        lake, name = self._table.lake, self._table.spec.name
        # Looked for before the log is read: a file that is committed in between is kept.
        old = lake.left_over(name)
        if old is None:
            old = [one for one in self._table.log.left_over() if fnmatch(one, OURS)]
        active = self._table.log.snapshot().files
        for one in old:
            if one not in active:
                lake.delete_data(name, one)


def choose(files: Iterable[DataFile]) -> list[DataFile]:
    """The files to be merged next, or none: the smallest ten or more of about the same size."""
    tiers: dict[int, list[DataFile]] = {}
    for file in files:
        if 0 <= file.rows < LARGEST_FILE:
            tiers.setdefault(_tier(file.rows), []).append(file)
    for _, tier in sorted(tiers.items()):
        if len(tier) >= FILES_TO_MERGE:
            return _within_largest(sorted(tier, key=_earliest))
    return []


def _tier(rows: int) -> int:
    return int(math.log10(max(rows, _SMALLEST_TIER)))


def _earliest(file: DataFile) -> tuple[str, str]:
    return (str(file.lowest.get("time", "")), file.name)


def _within_largest(files: list[DataFile]) -> list[DataFile]:
    """The first files, no more than it takes to reach the largest size."""
    total = 0
    for count, file in enumerate(files, start=1):
        total += file.rows
        if total >= LARGEST_FILE:
            return files[:count]
    return files
