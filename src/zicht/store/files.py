"""Data files: Parquet, sorted, written once, with what the log says about each."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from zicht.model.time import format_time

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ROWS_PER_GROUP = 32_768
"""Small enough that one entity's month costs little to decode, large enough to compress well."""

RETENTION_HOURS = 24
"""How long replaced files stay for readers that began before; far longer than any reader runs."""

_PREFIX = "part-"

OURS = f"{_PREFIX}{'-'.join('?' * length for length in (8, 4, 4, 4, 12))}.parquet"
"""What the names of data files look like."""


@dataclass(frozen=True)
class DataFile:
    """A data file as the log describes it.

    Attributes:
        name: its name within the table's folder.
        size: its length in bytes.
        rows: the number of its rows, or -1 when the log does not say.
        lowest: the smallest value of each column, as JSON has it; a column may be absent.
        highest: the largest value of each column likewise.
        nulls: the number of nulls of each column.
    """

    name: str
    size: int
    rows: int
    lowest: dict[str, Any] = field(default_factory=dict)
    highest: dict[str, Any] = field(default_factory=dict)
    nulls: dict[str, int] = field(default_factory=dict)


def write_data_file(folder: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> DataFile:
    """Write sorted batches to a new file in ``folder`` and bring it to the disk.

    The file is no part of the table until the log names it. When writing fails, nothing is left.
    """
    path = folder / f"{_PREFIX}{uuid.uuid4()}.parquet"
    try:
        with path.open("xb") as sink:
            with pq.ParquetWriter(sink, schema, **_encoding(schema)) as writer:
                for batch in batches:
                    writer.write_batch(batch, row_group_size=ROWS_PER_GROUP)
            sink.flush()
            os.fsync(sink.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    bring_to_disk(folder)
    return _describe(path)


def bring_to_disk(folder: Path) -> None:
    """Bring the names in a folder to the disk, so that a power cut does not lose a file's name."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _encoding(schema: pa.Schema) -> dict[str, Any]:
    counted = [column.name for column in schema if pa.types.is_timestamp(column.type)]
    repeated = [name for name in schema.names if name not in counted and name != "record"]
    return {
        "compression": "zstd",
        "use_dictionary": repeated,
        "column_encoding": dict.fromkeys(counted, "DELTA_BINARY_PACKED"),
    }


def _describe(path: Path) -> DataFile:
    metadata = pq.read_metadata(path)
    lowest: dict[str, Any] = {}
    highest: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    for index, name in enumerate(metadata.schema.names):
        columns = [
            metadata.row_group(group).column(index).statistics
            for group in range(metadata.num_row_groups)
        ]
        if not columns or any(statistics is None for statistics in columns):
            continue
        nulls[name] = sum(statistics.null_count for statistics in columns)
        bounded = [statistics for statistics in columns if statistics.has_min_max]
        if bounded and name != "record":
            lowest[name] = _as_json(min(statistics.min for statistics in bounded))
            highest[name] = _as_json(max(statistics.max for statistics in bounded))
    return DataFile(path.name, path.stat().st_size, metadata.num_rows, lowest, highest, nulls)


def _as_json(value: Any) -> Any:
    return format_time(value) if isinstance(value, datetime) else value
