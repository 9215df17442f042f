"""The log of a Delta table: which files are the table, one atomic commit after the other.

deltalake reads a table that was not read before, and writes checkpoints. What comes after is read
and written here, since it is a few lines of JSON: a commit is one file whose name is the next
version, which only one writer can make (``Lake.create``), so that it is there wholly or not at all.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from zicht.errors import StoreError
from zicht.store import actions
from zicht.store.faults import damaged
from zicht.store.files import RETENTION_HOURS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zicht.store.files import DataFile
    from zicht.store.lake import Lake
    from zicht.store.schemas import TableSpec

_LISTINGS = 30
_PAUSE = 0.01
_MANY = 100  # commits
_IDLE = 600.0
"""Seconds after which the commits that follow may be gone from an object store, folded into a
checkpoint; they stay for an hour."""


class ConflictError(Exception):
    """Another writer made the version that was to be made; look again and retry."""


class FencedError(StoreError):
    """A later term has begun; what was to be written under an earlier one was not."""


@dataclass(frozen=True)
class Snapshot:
    """A table at one version.

    Attributes:
        version: -1 where there is no table.
        files: its files by name.
        term: the last term that has begun, 0 where none has.
    """

    version: int
    files: dict[str, DataFile]
    term: int = 0


class TableLog:
    """The log of one table.

    Args:
        lake: where it lies.
        table: the table's name.
    """

    def __init__(self, lake: Lake, table: str) -> None:
        self._lake = lake
        self._table = table
        self._snapshot: Snapshot | None = None
        self._looked = 0.0
        self._guard = threading.Lock()
        self._held = threading.local()

    def exists(self) -> bool:
        """Whether the table was made."""
        return self.snapshot().version >= 0

    def create(self, spec: TableSpec) -> None:
        """Make the table, unless it is there."""
        self._lake.prepare(self._table)
        if self._lake.read(self._name_of(0)) is None and self.last_checkpoint() < 0:
            # Where another process makes it at the same time, one of the two succeeds.
            self._lake.create(self._name_of(0), actions.encode(actions.creation(spec)))

    @contextmanager
    def held_still(self) -> Iterator[None]:
        """Within it the calling thread sees the table as it first did, and its own commits."""
        depth = getattr(self._held, "depth", 0)
        self._held.depth = depth + 1
        try:
            yield
        finally:
            self._held.depth = depth
            if not depth:
                self._held.snapshot = None

    @property
    def known(self) -> Snapshot | None:
        """The table as it was last seen here, if it was."""
        return self._snapshot

    def snapshot(self) -> Snapshot:
        """The table as it is now.

        Raises:
            StoreError: the log is damaged, or the store cannot be reached.
        """
        return getattr(self._held, "snapshot", None) or self.look()

    def look(self) -> Snapshot:
        """The table as it is now, though it be held still; see ``snapshot``."""
        with self._guard:
            snapshot = self._snapshot
            if snapshot is None:
                snapshot = self._load()
            snapshot = self._catch_up(snapshot)
            self._looked = _now()
            self._snapshot = snapshot
        self._hold(snapshot)
        return snapshot

    def added_since(self, version: int, until: int) -> list[DataFile] | None:
        """The files that brought new rows after one version and up to another, in their order.

        Files that only rearrange rows are left out. Some of them may be replaced by now; they stay
        for a day. ``None`` where the log does not reach back so far any more.

        Raises:
            StoreError: the log is damaged.
        """
        names = [self._name_of(number) for number in range(version + 1, until + 1)]
        commits = self._lake.read_some(names)
        if len(commits) < len(names):
            return None
        try:
            return [file for commit in commits for file in actions.brought(commit)]
        except (msgspec.DecodeError, KeyError) as error:
            log = self._shown(f"{self._table}/_delta_log")
            raise damaged(log, "holds what is no Delta commit") from error

    def commit(
        self,
        seen: Snapshot,
        *,
        added: Iterable[DataFile] = (),
        replaced: Iterable[DataFile] = (),
        term: int | None = None,
    ) -> None:
        """Add files to the table, and take those away that they replace, at once.

        Args:
            seen: the table as the writer saw it.
            added: files.
            replaced: files.
            term: the term under which the writer writes, if any.

        Raises:
            ConflictError: the table is no longer what was seen.
            FencedError: a later term has begun.
        """
        if term is not None and seen.term > term:
            raise FencedError(
                "Another process has taken over what this one wrote; nothing was written.",
                "Nothing needs doing: the other one goes on.",
            )
        replaced = list(replaced)
        rearranged = bool(replaced)
        said = [actions.commit_info("OPTIMIZE" if rearranged else "WRITE")]
        said += [actions.remove(file) for file in replaced]
        said += [actions.add(file, new_data=not rearranged) for file in added]
        self._put(seen, said)

    def begin_term(self, term: int) -> None:
        """Refuse from now on what is written under an earlier term.

        Raises:
            FencedError: a later term has begun.
        """
        while True:
            seen = self.look()
            if seen.term > term:
                raise FencedError("Another process has taken over meanwhile.")
            if seen.term == term:
                return
            try:
                self._put(seen, [actions.commit_info("TERM"), actions.beginning(term)])
            except ConflictError:
                continue
            return

    def checkpoint(self) -> None:
        """Write the state into one file, and clean away the log before it that is old enough.

        Raises:
            StoreError: the store cannot be read or written.
        """
        try:
            table = self._open()
            table.create_checkpoint()
            table.cleanup_metadata()
        except (DeltaError, OSError, ValueError) as error:
            raise self._unreadable(error) from error

    def last_checkpoint(self) -> int:
        """The version of the newest checkpoint; -1 when there is none."""
        try:
            text = self._lake.read(f"{self._table}/_delta_log/_last_checkpoint")
            return -1 if text is None else int(msgspec.json.decode(text)["version"])
        except msgspec.DecodeError:
            return -1  # just being written

    def left_over(self) -> list[str]:
        """Names of data files that were replaced, or never became a part of it, a day ago.

        Raises:
            StoreError: the store cannot be read.
        """
        try:
            return self._open().vacuum(RETENTION_HOURS, dry_run=True, full=True)
        except (DeltaError, OSError, ValueError) as error:
            raise self._unreadable(error) from error

    def _name_of(self, version: int) -> str:
        return f"{self._table}/_delta_log/{version:020}.json"

    def _open(self, version: int | None = None) -> DeltaTable:
        """Open the table with deltalake, which lists the log's folder; at a version, or the newest.

        While others commit, such a listing may lack one commit and have the next; listing again
        helps.
        """
        address, options = self._lake.table_address(self._table), self._lake.options or None
        for _ in range(_LISTINGS):
            try:
                return DeltaTable(address, version=version, storage_options=options)
            except TableNotFoundError:
                raise
            except DeltaError:
                time.sleep(_PAUSE)
        return DeltaTable(address, version=version, storage_options=options)

    def _load(self) -> Snapshot:
        """The table as deltalake reads it; of an object store its last checkpoint.

        There deltalake needs three requests for each commit since, and one of ours is enough.
        """
        version = self.last_checkpoint() if self._lake.shared else None
        if version == -1 and self._lake.read(self._name_of(0)) is not None:
            return Snapshot(-1, {})  # all commits are there
        try:
            table = self._open(None if version == -1 else version)
            found = pa.table(table.get_add_actions(flatten=True))
            term = table.transaction_version(actions.TERMS) or 0
        except TableNotFoundError as error:
            if self._lake.shared and self._lake.names(f"{self._table}/_delta_log"):
                raise self._unreadable(error) from error
            return Snapshot(-1, {})
        except (DeltaError, ValueError, OSError) as error:
            raise self._unreadable(error) from error
        files = [actions.file_of_row(row) for row in found.to_pylist()]
        return Snapshot(table.version(), {file.name: file for file in files}, term)

    def _catch_up(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with all that was committed since: one commit, or many at once."""
        version, files, term = snapshot.version, snapshot.files, snapshot.term
        many = 1 if self._snapshot is not None else _MANY
        while True:
            asked = range(version + 1, version + 1 + many)
            commits = self._lake.read_some([self._name_of(number) for number in asked])
            if not commits and version == snapshot.version and self._was_cleaned_away(version):
                snapshot = self._load()
                version, files, term = snapshot.version, snapshot.files, snapshot.term
                continue
            if commits and version == snapshot.version:
                files = dict(files)
            for commit in commits:
                version += 1
                try:
                    term = actions.apply(files, term, commit)
                except (msgspec.DecodeError, KeyError) as error:
                    name = self._shown(self._name_of(version))
                    raise damaged(name, "is no Delta commit") from error
            if len(commits) < many:
                break
            many = _MANY
        return snapshot if version == snapshot.version else Snapshot(version, files, term)

    def _was_cleaned_away(self, version: int) -> bool:
        """Whether the commits after ``version`` are gone, folded into a checkpoint."""
        if self._lake.shared and _now() - self._looked < _IDLE:
            return False  # a commit stays for an hour, and this one was looked for just before
        return self.last_checkpoint() > version

    def _put(self, seen: Snapshot, said: list[dict[str, Any]]) -> None:
        commit = actions.encode(said)
        if not self._lake.create(self._name_of(seen.version + 1), commit):
            raise ConflictError
        files = dict(seen.files)
        term = actions.apply(files, seen.term, commit)
        made = Snapshot(seen.version + 1, files, term)
        with self._guard:
            if self._snapshot is not None and self._snapshot.version == seen.version:
                self._snapshot = made
        self._hold(made)

    def _hold(self, snapshot: Snapshot) -> None:
        if getattr(self._held, "depth", 0):
            self._held.snapshot = snapshot

    def _shown(self, name: str) -> str:
        return f"{self._lake.address}/{name}"

    def _unreadable(self, error: Exception) -> StoreError:
        told = self._lake.told(error)
        if told is not None:
            return told
        return damaged(self._shown(f"{self._table}/_delta_log"), f"cannot be read ({error})")


def _now() -> float:
    """Seconds of a clock that goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
