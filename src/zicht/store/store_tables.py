"""What all parts of a store share: its tables, and how they are written to."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeVar

from zicht.errors import StoreError, UsageError
from zicht.store import kinds
from zicht.store.faults import writing
from zicht.store.lock import locked
from zicht.store.log import ConflictError
from zicht.store.readings_table import ReadingsTable
from zicht.store.scan import Engine
from zicht.store.series_table import SeriesTable
from zicht.store.tables import RecordTable
from zicht.store.upkeep import Upkeep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from zicht.store.lake import Lake
    from zicht.store.tables import Table

_ATTEMPTS = 100
_LONGEST_PAUSE = 2.0

_ResultT = TypeVar("_ResultT")


class StoreTables:
    """The tables of a store.

    Attributes:
        lake: where they lie.
        path: the folder of what this host keeps for itself; of a store in a folder, the folder.
        address: how people name the store.
        tables: its tables.
        write_lock: the file whose lock a writer of this host holds.
    """

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.path: Path = lake.host
        self.address = lake.address
        engine = Engine()
        self._signals = RecordTable(lake, kinds.SIGNALS, engine)
        self._origins = RecordTable(lake, kinds.ORIGINS, engine)
        self._entities = RecordTable(lake, kinds.ENTITIES, engine)
        self._outages = RecordTable(lake, kinds.OUTAGES, engine)
        self._events = RecordTable(lake, kinds.EVENTS, engine)
        self._health = RecordTable(lake, kinds.HEALTH, engine)
        self._sightings = RecordTable(lake, kinds.SIGHTINGS, engine)
        self._alerts = RecordTable(lake, kinds.ALERTS, engine)
        self._series = SeriesTable(lake, engine)
        self._readings = ReadingsTable(lake, engine)
        self.tables: tuple[Table, ...] = (
            self._signals,
            self._origins,
            self._entities,
            self._outages,
            self._events,
            self._health,
            self._sightings,
            self._alerts,
            self._readings,
            self._series,
        )
        self.write_lock = lake.host / ".write.lock"
        self._upkeep = Upkeep(lake, self.tables, engine, self.write_lock)

    @property
    def place(self) -> Path | str:
        """What ``open_store`` opens this store by, in this process or another of this host."""
        return self.address if self.lake.shared else self.path

    def maintain(self) -> None:
        """Merge files, write checkpoints, and clean up; it also happens by itself.

        Raises:
            StoreError: the disk is full or fails, or a file is broken.
        """
        self._upkeep.run()

    def versions(self) -> tuple[int, ...]:
        """The version of each table, -1 where there is none; of an object store asked at once."""
        if not self.lake.shared:
            return tuple(table.log.snapshot().version for table in self.tables)
        with ThreadPoolExecutor(len(self.tables)) as pool:
            seen = pool.map(lambda table: table.log.look().version, self.tables)
            return tuple(seen)

    @contextmanager
    def held_still(self) -> Iterator[None]:
        """Within it the calling thread sees each table as it first did, and its own commits."""
        with ExitStack() as stack:
            for table in self.tables:
                stack.enter_context(table.log.held_still())
            yield

    def _write(self, write: Callable[[], _ResultT]) -> _ResultT:
        """Write what is new against the newest snapshots, again whenever another host was quicker.

        Writers of one host wait for one another, which is quicker than conflicts are.
        """
        with self._telling():
            for attempt in range(_ATTEMPTS):
                with locked(self.write_lock), self.held_still():
                    try:
                        return write()
                    except ConflictError:
                        pass  # a writer that does not know the lock; look at its rows
                if self.lake.shared:
                    longest = min(_LONGEST_PAUSE, 0.01 * 2 ** min(attempt, 10))
                    time.sleep(random.uniform(0, longest))  # noqa: S311 - a wait
        raise StoreError(
            f"Others write to the store at {self.address} all the time.", "Run this again."
        )

    @contextmanager
    def _telling(self) -> Iterator[None]:
        with writing(self.path):
            yield


def check_zone(instant: datetime, name: str) -> None:
    """See that a time has a zone.

    Raises:
        UsageError: it has none.
    """
    if instant.tzinfo is None:
        raise UsageError(f"{name} ({instant}) has no time zone.", "Give it with one, best in UTC.")
