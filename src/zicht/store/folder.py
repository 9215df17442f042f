"""A lake that is a folder of this host."""

from __future__ import annotations

import errno
import os
import time
import uuid
from typing import TYPE_CHECKING

from zicht.store.files import OURS, RETENTION_HOURS, bring_to_disk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from zicht.errors import StoreError
    from zicht.store.files import DataFile

_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP}


class FolderLake:
    """A folder; see ``zicht.store.lake.Lake``. What fails is an ``OSError``."""

    shared = False

    def __init__(self, path: Path) -> None:
        self.host = path
        self.address = str(path)
        self.options: dict[str, str] = {}

    def table_address(self, table: str) -> str:
        """The table's folder."""
        return str(self.host / table)

    def prepare(self, table: str) -> None:
        """Make the folders of a table."""
        (self.host / table / "_delta_log").mkdir(parents=True, exist_ok=True)

    def read(self, name: str) -> bytes | None:
        """The bytes of a file."""
        try:
            return (self.host / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def read_some(self, names: Sequence[str]) -> list[bytes]:
        """The bytes of files, up to the first that is not there."""
        found = []
        for name in names:
            data = self.read(name)
            if data is None:
                break
            found.append(data)
        return found

    def create(self, name: str, data: bytes) -> bool:
        """Write a file beside and link it into place, so that it is there wholly or not at all."""
        file = self.host / name
        draft = file.with_name(f".{uuid.uuid4()}.tmp")
        try:
            _write(draft, data)
            return _link(draft, file)
        finally:
            draft.unlink(missing_ok=True)

    def put(self, name: str, data: bytes) -> None:
        """Write a file beside and move it into place."""
        file = self.host / name
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{uuid.uuid4()}.tmp")
        try:
            _write(draft, data)
            draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)

    def delete(self, name: str) -> None:
        """Delete a file."""
        (self.host / name).unlink(missing_ok=True)

    def names(self, folder: str) -> list[str]:
        """The files in a folder and below; drafts are none."""
        found = (path for path in (self.host / folder).rglob("*") if path.is_file())
        return sorted(
            path.relative_to(self.host).as_posix()
            for path in found
            if not path.name.startswith(".")
        )

    def stamp(self, folder: str) -> str:
        """Names and times."""
        parts = []
        for name in self.names(folder):
            try:
                parts.append(f"{name} {(self.host / name).stat().st_mtime_ns}")
            except OSError:
                continue  # replaced or deleted at this very moment
        return "|".join(parts)

    def folder_of(self, table: str) -> Path:
        """The table's folder."""
        return self.host / table

    def publish(self, table: str, file: DataFile) -> None:
        """Nothing: it is where it should be."""

    def fetch(self, table: str, files: Iterable[DataFile]) -> None:
        """Nothing: they are where they should be."""

    def mark_replaced(self, table: str, files: Iterable[DataFile]) -> None:
        """Give the files the time of now."""
        now = time.time()
        for file in files:
            os.utime(self.host / table / file.name, (now, now))

    def left_over(self, table: str) -> list[str] | None:
        """Data files that were written, or dated, long ago."""
        long_ago = time.time() - RETENTION_HOURS * 3600
        files = (self.host / table).glob(OURS)
        return [path.name for path in files if path.stat().st_mtime < long_ago]

    def delete_data(self, table: str, name: str) -> None:
        """Delete a data file."""
        (self.host / table / name).unlink(missing_ok=True)

    def told(self, error: Exception) -> StoreError | None:  # noqa: ARG002 - a folder is there
        """Nothing."""
        return None


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as sink:
        sink.write(data)
        sink.flush()
        os.fsync(sink.fileno())


def _link(draft: Path, file: Path) -> bool:
    try:
        os.link(draft, file)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without links. The writers' lock keeps others of this host away.
        if file.exists():
            return False
        draft.rename(file)
    bring_to_disk(file.parent)
    return True
