"""Reading the files of a snapshot with DuckDB, and telling which file is broken when that fails."""

from __future__ import annotations

import tempfile
import threading
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow.parquet as pq

from zicht.errors import StoreError
from zicht.store.faults import damaged

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from zicht.store.files import DataFile


class FilesGoneError(Exception):
    """A file is not there. If the log no longer names it, it was cleaned away: read the log anew.

    Attributes:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class Engine:
    """DuckDB in memory, made when first needed; each thread has its own cursor."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._guard = threading.Lock()
        self._root: duckdb.DuckDBPyConnection | None = None

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """The calling thread's connection."""
        cursor: duckdb.DuckDBPyConnection | None = getattr(self._local, "cursor", None)
        if cursor is None:
            with self._guard:
                if self._root is None:
                    self._root = _connect()
                cursor = self._local.cursor = self._root.cursor()
        return cursor

    def query(
        self,
        folder: Path,
        files: Iterable[DataFile],
        query: str,
        given: dict[str, Any],
        **tables: pa.Table,
    ) -> pa.Table:
        """Run ``query``, which reads ``read_parquet($files)`` and the tables given by name.

        Raises:
            FilesGoneError: a file is not there.
            StoreError: a file is broken.
        """
        files = list(files)
        cursor = self.cursor()
        names = [str(folder / file.name) for file in files]
        try:
            for name, table in tables.items():
                cursor.register(name, table)
            return cursor.sql(query, params={"files": names, **given}).to_arrow_table()
        except duckdb.OutOfMemoryException as error:
            raise StoreError(
                f"There is not enough memory to read that much at once ({error}).",
                "Ask for fewer entities or a shorter time.",
            ) from error
        except duckdb.Error as error:
            check_files(folder, files)
            raise unreadable(folder, error) from error
        finally:
            for name in tables:
                cursor.unregister(name)


def _connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",  # nothing is fetched
            "autoload_known_extensions": "false",
            # What does not fit into memory is put here; it is made when needed, and deleted.
            "temp_directory": str(Path(tempfile.gettempdir()) / f"zicht-{uuid.uuid4()}"),
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    return connection


def unreadable(folder: Path, error: duckdb.Error) -> StoreError:
    """The error about files that are all well and can still not be read."""
    return StoreError(
        f"The store's table {folder} cannot be read: {error}",
        "If memory or disk space is short, free some; then run this again.",
    )


def check_files(folder: Path, files: Iterable[DataFile]) -> None:
    """Look at each file.

    Raises:
        FilesGoneError: one is not there.
        StoreError: one is not what the log says, or cannot be read.
    """
    for file in files:
        path = folder / file.name
        try:
            size = path.stat().st_size
            if size != file.size:
                raise damaged(path, f"has {size:,} bytes and should have {file.size:,}")
            with pq.ParquetFile(path) as opened:
                for _ in opened.iter_batches():
                    pass
        except FileNotFoundError as error:
            raise FilesGoneError(path) from error
        except (OSError, ValueError) as error:
            raise damaged(path, f"cannot be read ({error})") from error
