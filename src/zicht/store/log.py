"""The log of a Delta table: which files are the table, one atomic commit after the other.

deltalake reads a table that was not read before, and writes checkpoints. What comes after is read
and written here, since it is a few lines of JSON: a commit is one file whose name is the next
version, linked into place when complete, so that it is there wholly or not at all and no two
writers can make the same version. (Delta protocol: reader version 1, writer version 2.)
"""

from __future__ import annotations

import errno
import os
import threading
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
from deltalake import DeltaTable, Schema
from deltalake.exceptions import DeltaError, TableNotFoundError

from zicht.model.time import format_time
from zicht.store.faults import damaged
from zicht.store.files import DataFile, bring_to_disk
from zicht.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from zicht.store.schemas import TableSpec

RETENTION_HOURS = 24
"""How long replaced files stay for readers that began before; far longer than any reader runs."""

_LOG_RETENTION_HOURS = 1
_LISTINGS = 30
_PAUSE = 0.01
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP}


class ConflictError(Exception):
    """Another writer made the version that was to be made; look again and retry."""


@dataclass(frozen=True)
class Snapshot:
    """A table at one version: the files that are its rows, by name."""

    version: int
    files: dict[str, DataFile]


class TableLog:
    """The log of one table.

    Args:
        folder: the table's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = folder / "_delta_log"
        self._snapshot: Snapshot | None = None
        self._guard = threading.Lock()

    def exists(self) -> bool:
        """Whether the table was made."""
        return self._log.is_dir()

    def create(self, spec: TableSpec) -> None:
        """Make the table, unless it is there."""
        self._log.mkdir(parents=True, exist_ok=True)
        if self._file_of(0).exists() or (self._log / "_last_checkpoint").exists():
            return
        metadata = {
            "id": str(uuid.uuid4()),
            "name": spec.name,
            "description": spec.description,
            "format": {"provider": "parquet", "options": {}},
            "schemaString": Schema.from_arrow(spec.schema).to_json(),
            "partitionColumns": [],
            "createdTime": _now(),
            "configuration": {
                "delta.logRetentionDuration": f"interval {_LOG_RETENTION_HOURS} hours",
                "delta.deletedFileRetentionDuration": f"interval {RETENTION_HOURS} hours",
            },
        }
        protocol = {"minReaderVersion": 1, "minWriterVersion": 2}
        actions = [
            _commit_info("CREATE TABLE"),
            {"protocol": protocol},
            {"metaData": metadata},
        ]
        try:
            self._put(0, actions)
        except ConflictError:
            return  # another process made it at the same time

    def snapshot(self) -> Snapshot:
        """The table as it is now.

        Raises:
            StoreError: the log is damaged.
        """
        with self._guard:
            snapshot = self._snapshot
            if snapshot is None or self._was_cleaned_away(snapshot.version):
                snapshot = self._load()
            snapshot = self._catch_up(snapshot)
            self._snapshot = snapshot
            return snapshot

    def added_since(self, version: int, until: int) -> list[DataFile] | None:
        """The files that brought new rows after one version and up to another, in their order.

        Files that only rearrange rows are left out. Some of them may be replaced by now; they stay
        for a day. ``None`` where the log does not reach back so far any more.

        Raises:
            StoreError: the log is damaged.
        """
        added: dict[str, DataFile] = {}
        for number in range(version + 1, until + 1):
            try:
                _apply(added, self._file_of(number).read_bytes(), only_new=True)
            except FileNotFoundError:
                return None
            except (msgspec.DecodeError, KeyError) as error:
                raise damaged(self._file_of(number), "is no Delta commit") from error
        return list(added.values())

    def commit(
        self,
        seen: Snapshot,
        *,
        added: Iterable[DataFile],
        replaced: Iterable[DataFile] = (),
    ) -> None:
        """Add files to the table, and take those away that they replace, at once.

        Raises:
            ConflictError: the table is no longer what was seen.
        """
        replaced = list(replaced)
        rearranged = bool(replaced)
        actions = [_commit_info("OPTIMIZE" if rearranged else "WRITE")]
        actions += [_remove(file) for file in replaced]
        actions += [_add(file, new_data=not rearranged) for file in added]
        self._put(seen.version + 1, actions)

    def checkpoint(self) -> None:
        """Write the state into one file, and clean away the log before it that is old enough."""
        table = self._open()
        table.create_checkpoint()
        table.cleanup_metadata()

    def last_checkpoint(self) -> int:
        """The version of the newest checkpoint; -1 when there is none."""
        try:
            text = (self._log / "_last_checkpoint").read_bytes()
            return int(msgspec.json.decode(text)["version"])
        except (FileNotFoundError, msgspec.DecodeError):
            return -1  # none yet, or just being written

    def _file_of(self, version: int) -> Path:
        return self._log / f"{version:020}.json"

    def _was_cleaned_away(self, version: int) -> bool:
        """Whether the commits after ``version`` may be gone, folded into a checkpoint."""
        return not self._file_of(version + 1).exists() and self.last_checkpoint() > version

    def _open(self) -> DeltaTable:
        """Open the table with deltalake, which lists the log's folder.

        While others commit, such a listing may lack one commit and have the next; listing again
        helps.
        """
        for _ in range(_LISTINGS):
            try:
                return DeltaTable(str(self.folder))
            except TableNotFoundError:
                raise
            except DeltaError:
                time.sleep(_PAUSE)
        return DeltaTable(str(self.folder))

    def _load(self) -> Snapshot:
        try:
            table = self._open()
            actions = pa.table(table.get_add_actions(flatten=True))
        except TableNotFoundError:
            return Snapshot(-1, {})
        except (DeltaError, ValueError, OSError) as error:
            raise damaged(self._log, f"cannot be read ({error})") from error
        files = [_from_row(row) for row in actions.to_pylist()]
        return Snapshot(table.version(), {file.name: file for file in files})

    def _catch_up(self, snapshot: Snapshot) -> Snapshot:
        version, files = snapshot.version, snapshot.files
        while True:
            try:
                text = self._file_of(version + 1).read_bytes()
            except FileNotFoundError:
                break
            if version == snapshot.version:
                files = dict(files)
            try:
                _apply(files, text)
            except (msgspec.DecodeError, KeyError) as error:
                raise damaged(self._file_of(version + 1), "is no Delta commit") from error
            version += 1
        return snapshot if version == snapshot.version else Snapshot(version, files)

    def _put(self, version: int, actions: Iterable[dict[str, Any]]) -> None:
        draft = self._log / f".{uuid.uuid4()}.tmp"
        try:
            with draft.open("xb") as sink:
                sink.write(b"".join(msgspec.json.encode(action) + b"\n" for action in actions))
                sink.flush()
                os.fsync(sink.fileno())
            self._publish(draft, self._file_of(version))
        finally:
            draft.unlink(missing_ok=True)

    def _publish(self, draft: Path, file: Path) -> None:
        try:
            os.link(draft, file)
        except FileExistsError:
            raise ConflictError from None
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            # A file system without links. The writers' lock keeps others of this host away.
            if file.exists():
                raise ConflictError from None
            draft.rename(file)
        bring_to_disk(self._log)


def _now() -> int:
    return int(time.time() * 1000)


def _commit_info(operation: str) -> dict[str, Any]:
    info = {"timestamp": _now(), "operation": operation, "engineInfo": f"zicht/{__version__}"}
    return {"commitInfo": info}


def _add(file: DataFile, *, new_data: bool) -> dict[str, Any]:
    statistics = {
        "numRecords": file.rows,
        "minValues": file.lowest,
        "maxValues": file.highest,
        "nullCount": file.nulls,
    }
    return {
        "add": {
            "path": file.name,
            "partitionValues": {},
            "size": file.size,
            "modificationTime": _now(),
            "dataChange": new_data,
            "stats": msgspec.json.encode(statistics).decode(),
        }
    }


def _remove(file: DataFile) -> dict[str, Any]:
    return {
        "remove": {
            "path": file.name,
            "deletionTimestamp": _now(),
            "dataChange": False,
            "extendedFileMetadata": True,
            "partitionValues": {},
            "size": file.size,
        }
    }


def _apply(files: dict[str, DataFile], commit: bytes, *, only_new: bool = False) -> None:
    """Apply a commit's actions to the files by name; if asked, only those that bring new rows."""
    for line in commit.splitlines():
        action = msgspec.json.decode(line)
        if (removed := action.get("remove")) and not only_new:
            files.pop(removed["path"], None)
        if (added := action.get("add")) and (added["dataChange"] or not only_new):
            statistics = msgspec.json.decode(added.get("stats") or "{}")
            files[added["path"]] = DataFile(
                added["path"],
                added["size"],
                statistics.get("numRecords", -1),
                statistics.get("minValues", {}),
                statistics.get("maxValues", {}),
                statistics.get("nullCount", {}),
            )


def _from_row(row: dict[str, Any]) -> DataFile:
    """A file from a row of deltalake's list of files."""

    def part(prefix: str) -> dict[str, Any]:
        return {
            name.removeprefix(prefix): format_time(value) if hasattr(value, "tzinfo") else value
            for name, value in row.items()
            if name.startswith(prefix) and value is not None
        }

    rows = row["num_records"]
    return DataFile(
        row["path"],
        row["size_bytes"],
        -1 if rows is None else rows,
        part("min."),
        part("max."),
        part("null_count."),
    )
