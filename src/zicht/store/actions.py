"""The actions of a Delta log: what a commit says, as lines of JSON, and what it does to a table.

Delta protocol, section "Actions": ``add`` and ``remove`` of files, ``txn`` for an application's own
version, ``commitInfo`` for people. Reader version 1, writer version 2.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

import msgspec
from deltalake import Schema

from zicht.model.time import format_time
from zicht.store.files import RETENTION_HOURS, DataFile
from zicht.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zicht.store.schemas import TableSpec

TERMS = "zicht-term"
"""The application whose version in a table's log is the last term that has begun (fencing)."""

_LOG_RETENTION_HOURS = 1


def encode(actions: Iterable[dict[str, Any]]) -> bytes:
    """A commit's file."""
    return b"".join(msgspec.json.encode(action) + b"\n" for action in actions)


def commit_info(operation: str) -> dict[str, Any]:
    """Who commits; no two are alike, so that a writer can tell its own commit."""
    info = {
        "timestamp": _now(),
        "operation": operation,
        "engineInfo": f"zicht/{__version__}",
        "txnId": str(uuid.uuid4()),
    }
    return {"commitInfo": info}


def creation(spec: TableSpec) -> list[dict[str, Any]]:
    """The first commit of a table."""
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
    return [commit_info("CREATE TABLE"), {"protocol": protocol}, {"metaData": metadata}]


def beginning(term: int) -> dict[str, Any]:
    """A term begins: who writes under an earlier one may not any more."""
    return {"txn": {"appId": TERMS, "version": term, "lastUpdated": _now()}}


def add(file: DataFile, *, new_data: bool) -> dict[str, Any]:
    """A file becomes part of the table."""
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


def remove(file: DataFile) -> dict[str, Any]:
    """A file is no part of the table any more."""
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


def apply(files: dict[str, DataFile], term: int, commit: bytes) -> int:
    """Apply a commit to the files by name; gives the last term that has begun.

    Raises:
        KeyError: an action lacks something.
        msgspec.DecodeError: a line is no JSON.
    """
    for line in commit.splitlines():
        action = msgspec.json.decode(line)
        if removed := action.get("remove"):
            files.pop(removed["path"], None)
        if added := action.get("add"):
            files[added["path"]] = _file_of(added)
        if (begun := action.get("txn")) and begun["appId"] == TERMS:
            term = begun["version"]
    return term


def brought(commit: bytes) -> list[DataFile]:
    """The files of a commit that bring new rows; not those that rearrange what was there.

    Raises:
        KeyError: an action lacks something.
        msgspec.DecodeError: a line is no JSON.
    """
    added = (msgspec.json.decode(line).get("add") for line in commit.splitlines())
    return [_file_of(one) for one in added if one and one["dataChange"]]


def _file_of(added: dict[str, Any]) -> DataFile:
    statistics = msgspec.json.decode(added.get("stats") or "{}")
    return DataFile(
        added["path"],
        added["size"],
        statistics.get("numRecords", -1),
        statistics.get("minValues", {}),
        statistics.get("maxValues", {}),
        statistics.get("nullCount", {}),
    )


def file_of_row(row: dict[str, Any]) -> DataFile:
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


def _now() -> int:
    return int(time.time() * 1000)
