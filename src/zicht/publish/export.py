"""Exports: series, outages and events as Parquet, CSV, JSON lines or JSON.

Each row says its licence, its citation and whether it is simulated, so that rows of several exports
can be put together and still be told apart. Parquet says the same in its metadata.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from zicht.errors import UsageError
from zicht.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from zicht.model.outage import Event, Outage, Source
    from zicht.model.signal import Origin

FileFormat = Literal["parquet", "csv", "jsonl", "json"]
FORMATS: tuple[FileFormat, ...] = ("parquet", "csv", "jsonl", "json")

_TIME = pa.timestamp("us", tz="UTC")
_SIMULATED = "RECONSTRUCTION - NOT A MEASUREMENT"

OUTAGES = pa.schema(
    [
        ("id", pa.string()),
        ("entity", pa.string()),
        ("signal", pa.string()),
        ("plane", pa.string()),
        ("onset_earliest", _TIME),
        ("onset_latest", _TIME),
        ("end_earliest", _TIME),
        ("end_latest", _TIME),
        ("ongoing", pa.bool_()),
        ("depth_percent", pa.float64()),
        ("depth_low", pa.float64()),
        ("depth_high", pa.float64()),
        ("belief", pa.float64()),
        ("alerted_at", _TIME),
        ("samples", pa.int64()),
        ("revision", pa.int64()),
        ("licence", pa.string()),
        ("citation", pa.string()),
        ("simulated", pa.bool_()),
    ]
)
"""Outages as rows; ``null`` is unknown."""

EVENTS = pa.schema(
    [
        ("id", pa.string()),
        ("entity", pa.string()),
        ("class", pa.string()),
        ("onset_earliest", _TIME),
        ("onset_latest", _TIME),
        ("end_earliest", _TIME),
        ("end_latest", _TIME),
        ("ongoing", pa.bool_()),
        ("depth_percent", pa.float64()),
        ("depth_signal", pa.string()),
        ("recurrences", pa.int64()),
        ("revision", pa.int64()),
        ("as_of", _TIME),
        ("phases", pa.string()),
        ("outages", pa.string()),
        ("operators", pa.string()),
        ("restorations", pa.string()),
        ("shutdown_likelihood", pa.string()),
        ("licence", pa.string()),
        ("citation", pa.string()),
        ("simulated", pa.bool_()),
    ]
)
"""Events as rows; what has a shape of its own is JSON in a text column."""


def file_format(path: Path) -> FileFormat:
    """The format that a file's name asks for.

    Raises:
        UsageError: its ending is none that can be written.
    """
    ending = path.suffix.lower().removeprefix(".")
    for known in FORMATS:
        if ending == known:
            return known
    raise UsageError(
        f"Nothing is exported as {path.name!r}.",
        f"Name the file {', '.join(f'.{known}' for known in FORMATS)}.",
    )


def series_table(rows: pa.Table, origins: Mapping[str, Origin]) -> pa.Table:
    """Rows of series, each with licence, citation and whether it is simulated.

    Args:
        rows: with the schema ``zicht.model.series.SERIES``.
        origins: the origins that the rows name, by their id.
    """
    known = list(origins.values())
    ids = pa.array([origin.id for origin in known], pa.string())
    at = pc.index_in(rows["origin"], value_set=ids)
    for name, kind in (
        ("licence", pa.string()),
        ("citation", pa.string()),
        ("simulated", pa.bool_()),
    ):
        column = pa.array([getattr(origin, name) for origin in known], kind)
        rows = rows.append_column(name, pc.take(column, at))
    return rows


def outage_table(outages: Sequence[Outage], sources: Mapping[str, Source]) -> pa.Table:
    """Outages as rows with the schema ``OUTAGES``; ``sources`` are theirs, by the outages' ids."""
    rows = []
    for one in outages:
        source = sources.get(one.id)
        row = _plain(one) | {
            "depth_low": one.depth_interval[0],
            "depth_high": one.depth_interval[1],
            "licence": source.licence if source else None,
            "citation": source.citation if source else None,
        }
        rows.append({name: row[name] for name in OUTAGES.names})
    return pa.Table.from_pylist(rows, OUTAGES)


def event_table(events: Sequence[Event]) -> pa.Table:
    """Events as rows with the schema ``EVENTS``."""
    rows = []
    for one in events:
        row = _plain(one) | {
            "class": one.event_class,
            "licence": _joined([source.licence for source in one.sources]),
            "citation": _joined([source.citation for source in one.sources]),
        }
        for name in ("phases", "outages", "operators", "restorations", "shutdown_likelihood"):
            value = getattr(one, name)
            row[name] = None if value is None else msgspec.json.encode(value).decode()
        rows.append({name: row[name] for name in EVENTS.names})
    return pa.Table.from_pylist(rows, EVENTS)


def _plain(record: Outage | Event) -> dict[str, Any]:
    row = {name: getattr(record, name) for name in record.__struct_fields__}
    for name in ("onset", "end"):
        interval = getattr(record, name)
        row[f"{name}_earliest"], row[f"{name}_latest"] = interval or (None, None)
    return row


def _joined(texts: Sequence[str]) -> str:
    return "; ".join(dict.fromkeys(texts))


def table_bytes(table: pa.Table, written_as: FileFormat) -> bytes:
    """A table as the bytes of a file."""
    match written_as:
        case "parquet":
            sink = BytesIO()
            pq.write_table(_with_metadata(table), sink, compression="zstd")
            return sink.getvalue()
        case "csv":
            sink = BytesIO()
            pa_csv.write_csv(_with_written_times(table), sink)
            return sink.getvalue()
        case "jsonl":
            return b"".join(
                msgspec.json.encode(row) + b"\n"
                for batch in table.to_batches(max_chunksize=10_000)
                for row in batch.to_pylist()
            )
        case "json":
            return json_bytes(table.to_pylist())


def record_bytes(records: Sequence[Any], *, lines: bool) -> bytes:
    """Records as JSON or JSON lines, with the field names that are promised."""
    if lines:
        return b"".join(msgspec.json.encode(record) + b"\n" for record in records)
    return json_bytes(list(records))


def json_bytes(value: Any) -> bytes:
    """Anything as JSON for people to read too."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _with_written_times(table: pa.Table) -> pa.Table:
    """Times as ISO 8601 in UTC, as they are written everywhere else."""
    for number, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            whole = table[number].cast(pa.timestamp("s", tz="UTC"), safe=False)
            exact = pc.all(pc.equal(whole.cast(field.type), table[number])).as_py()
            column = whole if exact is not False else table[number]
            text = pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
            table = table.set_column(number, field.name, text)
    return table


def _with_metadata(table: pa.Table) -> pa.Table:
    simulated = bool(pc.any(table["simulated"]).as_py())
    facts = {
        "generator": f"Zicht {__version__}",
        "licence": _joined(_distinct(table["licence"])),
        "citation": _joined(_distinct(table["citation"])),
        "simulated": "true" if simulated else "false",
    }
    if simulated:
        facts["notice"] = _SIMULATED
    return table.replace_schema_metadata({f"zicht.{name}": fact for name, fact in facts.items()})


def _distinct(column: pa.ChunkedArray) -> list[str]:
    return sorted(text for text in pc.unique(column).to_pylist() if text)
