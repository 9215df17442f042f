"""The tables of the store: their columns, their order within a file, and what they hold.

Every table is a Delta table in a folder of its own. The record tables keep a struct of
``zicht.model`` in two ways: its main fields as columns that any reader of Parquet can filter by,
and the whole of it as JSON in ``record``.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from zicht.model.reading import READINGS as READINGS_SCHEMA
from zicht.model.series import SERIES as SERIES_SCHEMA

TIME = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class TableSpec:
    """A table of the store.

    Attributes:
        name: the folder within the store.
        description: what a row is, for those who open the table with another tool.
        schema: its columns.
        order: the columns by which the rows of a file are sorted.
    """

    name: str
    description: str
    schema: pa.Schema
    order: tuple[str, ...]


def _record_table(name: str, description: str, columns: list[tuple[str, pa.DataType]]) -> TableSpec:
    head = [pa.field("id", pa.string(), nullable=False)]
    tail = [
        pa.field("revision", pa.int32(), nullable=False),
        pa.field("retracted", pa.bool_(), nullable=False),
        pa.field("known_at", TIME, nullable=False),
        pa.field("record", pa.string(), nullable=False),
    ]
    middle = [pa.field(column, kind) for column, kind in columns]
    return TableSpec(name, description, pa.schema([*head, *middle, *tail]), ("id", "revision"))


SERIES = TableSpec(
    "series",
    "One value of one signal of one entity in one bin; a correction is a higher revision.",
    SERIES_SCHEMA,
    ("signal", "entity", "time", "revision"),
)

SIGNALS = _record_table(
    "signals",
    "The specs of the signals; id is the signal's name.",
    [
        ("source", pa.string()),
        ("title", pa.string()),
        ("unit", pa.string()),
        ("step", pa.int64()),
        ("plane", pa.string()),
        ("scale", pa.string()),
        ("lag", pa.int64()),
        ("licence", pa.string()),
        ("citation", pa.string()),
    ],
)

ORIGINS = _record_table(
    "origins",
    "Where the values of series came from, with licence and citation; id is series.origin.",
    [
        ("source", pa.string()),
        ("name", pa.string()),
        ("sha256", pa.string()),
        ("licence", pa.string()),
        ("citation", pa.string()),
        ("simulated", pa.bool_()),
    ],
)

ENTITIES = _record_table(
    "entities",
    "What the sources say about entities; id is the entity's text.",
    [("name", pa.string()), ("country", pa.string()), ("kind", pa.string())],
)

_INTERVALS: list[tuple[str, pa.DataType]] = [
    ("onset_earliest", TIME),
    ("onset_latest", TIME),
    ("end_earliest", TIME),
    ("end_latest", TIME),
    ("ongoing", pa.bool_()),
    ("depth_percent", pa.float64()),
]

OUTAGES = _record_table(
    "outages",
    "Stretches in which an entity is below ordinary in one signal.",
    [
        ("signal", pa.string()),
        ("plane", pa.string()),
        ("entity", pa.string()),
        *_INTERVALS,
        ("belief", pa.float64()),
        ("alerted_at", TIME),
        ("samples", pa.int64()),
        ("simulated", pa.bool_()),
    ],
)

EVENTS = _record_table(
    "events",
    "Outages of entities and signals that belong together.",
    [
        ("entity", pa.string()),
        ("class", pa.string()),
        *_INTERVALS,
        ("depth_signal", pa.string()),
        ("recurrences", pa.int64()),
        ("simulated", pa.bool_()),
        ("as_of", TIME),
    ],
)

HEALTH = _record_table(
    "health",
    "Stretches in which a signal could not see; they are unknown, never down.",
    [("signal", pa.string()), ("start", TIME), ("end", TIME), ("reason", pa.string())],
)

READINGS = TableSpec(
    "readings",
    "What one vantage point of probing saw of an entity in a minute; series are made of them.",
    READINGS_SCHEMA,
    ("vantage", "entity", "time", "known_at"),
)

SIGHTINGS = _record_table(
    "sightings",
    "Outages that other observatories say they saw, in their words; no findings of ours.",
    [
        ("source", pa.string()),
        ("entity", pa.string()),
        ("start", TIME),
        ("end", TIME),
        ("seen_in", pa.string()),
        ("cause", pa.string()),
        ("description", pa.string()),
        ("link", pa.string()),
        ("licence", pa.string()),
        ("citation", pa.string()),
        ("simulated", pa.bool_()),
    ],
)

ALERTS = _record_table(
    "alerts",
    "What was told of events and of sources' health, to which channel, and whether it got there.",
    [
        ("channel", pa.string()),
        ("subject", pa.string()),
        ("number", pa.int64()),
        ("kind", pa.string()),
        ("entity", pa.string()),
        ("made_at", TIME),
        ("state", pa.string()),
        ("settled_at", TIME),
        ("simulated", pa.bool_()),
    ],
)

TABLES = (
    *(SIGNALS, ORIGINS, ENTITIES, OUTAGES, EVENTS, HEALTH, SIGHTINGS, ALERTS),
    *(READINGS, SERIES),
)
"""Every table, in the order in which they are made."""
