"""A table of the store: its log, its files, and how rows are read and added."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Generic

import msgspec

from zicht.store.faults import damaged
from zicht.store.files import write_data_file
from zicht.store.log import ConflictError, FencedError, TableLog
from zicht.store.records import RecordT, Stored, newest_of
from zicht.store.scan import FilesGoneError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    import pyarrow as pa

    from zicht.store.files import DataFile
    from zicht.store.lake import Lake
    from zicht.store.log import Snapshot
    from zicht.store.records import RecordKind
    from zicht.store.scan import Engine
    from zicht.store.schemas import TableSpec

_ATTEMPTS = 10
_ALL = "SELECT id, revision, retracted, known_at, record FROM read_parquet($files)"


class Table:
    """A Delta table of the store.

    Attributes:
        spec: its columns.
        lake: where it lies.
        folder: where this host has its data files.
        log: what is part of it.
    """

    def __init__(self, lake: Lake, spec: TableSpec, engine: Engine) -> None:
        self.spec = spec
        self.lake = lake
        self.folder = lake.folder_of(spec.name)
        self.log = TableLog(lake, spec.name)
        self._engine = engine

    def query(
        self,
        query: str,
        given: dict[str, Any],
        *,
        choose: Callable[[Iterable[DataFile]], list[DataFile]] = list,
        **tables: pa.Table,
    ) -> pa.Table | None:
        """Run a query over the files that ``choose`` takes from the newest snapshot.

        Returns:
            the result, or ``None`` when no file can hold any.

        Raises:
            StoreError: a file is broken or lost.
        """
        for _ in range(_ATTEMPTS):
            files = choose(self.log.snapshot().files.values())
            if not files:
                return None
            try:
                self.lake.fetch(self.spec.name, files)
                return self._engine.query(self.folder, files, query, given, **tables)
            except FilesGoneError as error:
                lost = error
                if {file.name for file in files} <= self.log.look().files.keys():
                    break  # they are still named, so they are lost and not cleaned away
        raise damaged(lost.path, "is gone")

    def query_added(
        self, query: str, since: int, until: int, given: dict[str, Any]
    ) -> pa.Table | None:
        """Run a query over the files that brought new rows after one version, up to another.

        Returns:
            the result; ``None`` where the log or the files do not reach back so far any more, or
            nothing was added.

        Raises:
            StoreError: a file is broken.
        """
        files = self.log.added_since(since, until)
        if not files:
            return None
        try:
            self.lake.fetch(self.spec.name, files)
            return self._engine.query(self.folder, files, query, given)
        except FilesGoneError:
            return None

    def add(self, seen: Snapshot, rows: pa.Table, term: int | None = None) -> None:
        """Commit sorted rows as one new file.

        Args:
            seen: the table as the writer saw it.
            rows: with the table's columns.
            term: the term under which the writer writes, if any.

        Raises:
            ConflictError: the table is no longer what was seen.
            FencedError: a later term has begun.
        """
        batches = rows.combine_chunks().to_batches() or []
        file = write_data_file(self.folder, self.spec.schema, batches)
        self.lake.publish(self.spec.name, file)
        try:
            self.log.commit(seen, added=[file], term=term)
        except (ConflictError, FencedError):
            self.lake.delete_data(self.spec.name, file.name)
            raise
        except OSError:
            if file.name not in self.log.look().files:
                self.lake.delete_data(self.spec.name, file.name)
            raise


class RecordTable(Table, Generic[RecordT]):
    """A table of structs with revisions; its rows are remembered until the table changes."""

    def __init__(self, lake: Lake, kind: RecordKind[RecordT], engine: Engine) -> None:
        super().__init__(lake, kind.table, engine)
        self.kind = kind
        self._guard = threading.Lock()
        self._remembered: tuple[int, list[Stored[RecordT]]] | None = None

    def rows(self) -> list[Stored[RecordT]]:
        """All revisions of all records."""
        with self._guard:
            version = self.log.snapshot().version
            if self._remembered is None or self._remembered[0] != version:
                self._remembered = (version, self._read(version))
            return self._remembered[1]

    def _read(self, version: int) -> list[Stored[RecordT]]:
        """All rows, or those that were added since the remembered ones after these."""
        ordered = f"{_ALL} ORDER BY id, revision"
        if self._remembered is not None:
            fresh = self.query_added(ordered, self._remembered[0], version, {})
            if fresh is not None:
                rows = [*self._remembered[1], *self.kind.from_table(fresh)]
                return sorted(rows, key=lambda one: (one.id, one.revision))
        found = self.query(ordered, {})
        return [] if found is None else self.kind.from_table(found)

    def newest(self, as_of: datetime | None = None) -> dict[str, Stored[RecordT]]:
        """The newest revision of each record, by id, retracted ones included."""
        return newest_of(self.rows(), as_of)

    def write(
        self,
        records: Iterable[RecordT],
        *,
        known_at: datetime,
        withdrawn: Iterable[RecordT] = (),
        term: int | None = None,
        seen: Snapshot | None = None,
    ) -> None:
        """Commit the records that differ from the newest stored ones, each as a higher revision.

        Args:
            records: what is so now.
            known_at: when it was known.
            withdrawn: stored records that are so no longer.
            term: the term under which the writer writes, if any.
            seen: the table that the records were made of; by default as it is now.

        Raises:
            ConflictError: another writer came between.
            FencedError: a later term has begun.
        """
        seen = seen or self.log.snapshot()
        before = self.newest()
        changed: list[Stored[RecordT]] = []
        for record, is_withdrawn in [
            *((record, False) for record in records),
            *((record, True) for record in withdrawn),
        ]:
            retracted = is_withdrawn or bool(getattr(record, "retracted", False))
            name = self.kind.id_of(record)
            last = before.get(name)
            if (
                last is not None
                and last.retracted == retracted
                and not self.kind.differs(last.record, record)
            ):
                continue
            revision = 1 if last is None else last.revision + 1
            before[name] = self._revised(record, name, revision, known_at, retracted=retracted)
            changed.append(before[name])
        if changed:
            self.add(seen, self.kind.to_table(sorted(changed, key=lambda one: one.id)), term)

    def _revised(
        self, record: RecordT, name: str, revision: int, known_at: datetime, *, retracted: bool
    ) -> Stored[RecordT]:
        if "revision" in record.__struct_fields__:
            revision = max(revision, getattr(record, "revision", 1))
            record = msgspec.structs.replace(record, revision=revision)
        return Stored(name, revision, retracted, known_at, record)
