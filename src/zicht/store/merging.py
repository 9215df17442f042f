"""The rows of several sorted files as one sorted stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from zicht.store.scan import check_files, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from zicht.store.files import DataFile
    from zicht.store.scan import Engine
    from zicht.store.schemas import TableSpec

_ROWS_PER_BATCH = 131_072


def merged_batches(
    engine: Engine, folder: Path, spec: TableSpec, files: Iterable[DataFile]
) -> Iterator[pa.RecordBatch]:
    """Read files and give their rows in the table's order, batch by batch.

    Raises:
        FilesGoneError: a file is not there.
        StoreError: a file is broken.
    """
    files = list(files)
    names = [str(folder / file.name) for file in files]
    columns = ", ".join(f'"{column}"' for column in spec.schema.names)
    try:
        yield from _sorted_batches(engine, names, columns, spec)
    except duckdb.Error as error:
        check_files(folder, files)
        raise unreadable(folder, error) from error


def _sorted_batches(
    engine: Engine, names: list[str], columns: str, spec: TableSpec
) -> Iterator[pa.RecordBatch]:
    relation = engine.cursor().sql(
        f"SELECT {columns} FROM read_parquet($files) ORDER BY {', '.join(spec.order)}",  # noqa: S608 - names of our own
        params={"files": names},
    )
    for batch in relation.to_arrow_reader(_ROWS_PER_BATCH):
        yield batch.cast(spec.schema)
