"""Maintenance beside: in a thread after appends, by one process of the host at a time."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from zicht.errors import ZichtError
from zicht.store.faults import writing
from zicht.store.lock import locked, locked_if_free
from zicht.store.maintenance import Maintainer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from zicht.store.lake import Lake
    from zicht.store.scan import Engine
    from zicht.store.tables import Table

_log = logging.getLogger(__name__)


class Upkeep:
    """Keeps all tables of a store quick.

    Args:
        lake: where the tables lie.
        tables: its tables.
        engine: reads the files that are merged.
        write_lock: the file whose lock writers hold.
    """

    def __init__(
        self, lake: Lake, tables: Iterable[Table], engine: Engine, write_lock: Path
    ) -> None:
        self._lake = lake
        self._lock = lake.host / ".maintenance.lock"
        self._maintainers = [Maintainer(table, engine, write_lock) for table in tables]
        self._thread: threading.Thread | None = None

    def run(self) -> None:
        """Do all that is due, after any other process that is at it.

        Raises:
            StoreError: the disk is full or fails, or a file is broken.
        """
        with writing(self._lake.host), locked(self._lock):
            self._run()

    def run_beside(self) -> None:
        """Begin what is due in a thread, unless it runs; a process ends after its thread."""
        if self._thread is not None and self._thread.is_alive():
            return
        if any(maintainer.is_due() for maintainer in self._maintainers):
            self._thread = threading.Thread(target=self._run_quietly, name="zicht-upkeep")
            self._thread.start()

    def _run_quietly(self) -> None:
        """Run unless another process does; what fails is tried again after a later append."""
        try:
            with writing(self._lake.host), locked_if_free(self._lock) as held:
                if held:
                    self._run()
        except ZichtError as error:
            _log.warning("Maintenance was put off: %s", error)
        except Exception:  # noqa: BLE001 - logged with its trace; nobody waits for this thread
            _log.exception("Maintenance of the store at %s failed", self._lake.address)

    def _run(self) -> None:
        for maintainer in self._maintainers:
            maintainer.run()
