"""The standing: the newest state of every entity that a watch looked at, in one small file.

The watch that leads writes it after each look, whole or not at all. Whoever shows the state of the
world reads it in milliseconds, in any process, and need not detect anew. It is a Parquet file
beside the store's tables, ``watch/standing.parquet``, which other tools can read as well.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zicht.errors import UsageError
from zicht.model.entity import parse_entity
from zicht.model.status import Status
from zicht.model.time import format_time, parse_time
from zicht.observe.watch_state import FOLDER
from zicht.store.faults import writing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from zicht.model.entity import EntityFact
    from zicht.store import Store
    from zicht.store.lake import Lake

FILE = "standing.parquet"

FRESH = timedelta(minutes=10)
"""A running watch looks at everybody every five minutes, or as often as looking takes."""

STANDING = pa.schema(
    [
        pa.field("entity", pa.string(), nullable=False),
        pa.field("type", pa.string(), nullable=False),
        pa.field("country", pa.string()),
        pa.field("state", pa.string(), nullable=False),
        pa.field("time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("signal", pa.string()),
        pa.field("connectivity_percent", pa.float64()),
        pa.field("belief_outage", pa.float64()),
        pa.field("since", pa.timestamp("us", tz="UTC")),
        pa.field("health", pa.string(), nullable=False),
        pa.field("simulated", pa.bool_(), nullable=False),
        pa.field("record", pa.string(), nullable=False),
    ]
)
"""Sorted by entity. ``state`` is what ``state_of`` says; ``type`` is ``country``, ``region`` or
``asn``; ``country`` the code of the entity's country; ``record`` the whole ``Status`` as JSON."""

StandingState = Literal["ordinary", "outage", "unknown", "warming up"]

_LAYOUT = b"1"
_LAYOUT_KEY, _WRITTEN_KEY, _VERSION_KEY = b"zicht.standing", b"zicht.written_at", b"zicht.version"
_ROWS_PER_GROUP = 4096
_WARMING = ("no expectation yet", "no data yet")


@dataclass(frozen=True)
class Standing:
    """How entities stand.

    Attributes:
        written_at: when a watch wrote it, by the watch's clock.
        version: the store's version (``Store.version``) that it rests on.
        statuses: the newest state of each entity, sorted by the entity's text. Its ``time`` tells
            when that entity was looked at.
    """

    written_at: datetime
    version: int
    statuses: tuple[Status, ...]


class Written(NamedTuple):
    """When a standing was written and on what it rests; see ``Standing``."""

    written_at: datetime
    version: int


def state_of(status: Status) -> StandingState:
    """The state of an entity in a word."""
    if status.since is not None:
        return "outage"
    if status.connectivity_percent is not None:
        return "ordinary"
    return "warming up" if any(word in status.health for word in _WARMING) else "unknown"


def write_standing(
    lake: Lake,
    statuses: Iterable[Status],
    facts: Mapping[str, EntityFact],
    *,
    written_at: datetime,
    version: int,
) -> None:
    """Keep how entities stand in place of what was kept before.

    Args:
        lake: where the store lies.
        statuses: the state of each entity, each entity once.
        facts: what is known of entities by their text, for their countries.
        written_at: the time.
        version: the store's version that was looked at.

    Raises:
        StoreError: the disk is full or fails; what was kept before is still there.
    """
    table = _table(sorted(statuses, key=lambda one: one.entity), facts)
    table = table.replace_schema_metadata(
        {
            _LAYOUT_KEY: _LAYOUT,
            _WRITTEN_KEY: format_time(written_at).encode(),
            _VERSION_KEY: str(version).encode(),
        }
    )
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd", row_group_size=_ROWS_PER_GROUP)
    with writing(lake.host):
        lake.put(f"{FOLDER}/{FILE}", file.getvalue())


def _table(statuses: list[Status], facts: Mapping[str, EntityFact]) -> pa.Table:
    encode = msgspec.json.Encoder().encode
    columns: list[list[object]] = [
        [one.entity for one in statuses],
        [one.entity.partition("/")[0] for one in statuses],
        [_country(one.entity, facts) for one in statuses],
        [state_of(one) for one in statuses],
        [one.time for one in statuses],
        [one.signal for one in statuses],
        [one.connectivity_percent for one in statuses],
        [one.belief_outage for one in statuses],
        [one.since for one in statuses],
        [one.health for one in statuses],
        [one.simulated for one in statuses],
        [encode(one).decode() for one in statuses],
    ]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, STANDING, strict=True)]
    return pa.Table.from_arrays(arrays, schema=STANDING)


def _country(text: str, facts: Mapping[str, EntityFact]) -> str | None:
    fact = facts.get(text)
    return (fact and fact.country) or parse_entity(text).country


def _open(lake: Lake) -> Path | pa.BufferReader:
    """The file; of a folder only the part that is needed is read.

    Raises:
        FileNotFoundError: there is none.
        StoreError: the object store cannot be reached.
    """
    if not lake.shared:
        return lake.host / FOLDER / FILE
    data = lake.read(f"{FOLDER}/{FILE}")
    if data is None:
        raise FileNotFoundError(FILE)
    return pa.BufferReader(data)


def read_written(lake: Lake) -> Written | None:
    """When a standing was written and on what it rests, without reading it; ``None`` likewise.

    Raises:
        StoreError: the object store cannot be reached.
    """
    try:
        said = pq.read_schema(_open(lake)).metadata or {}
        if said.get(_LAYOUT_KEY) != _LAYOUT:
            return None
        return Written(parse_time(said[_WRITTEN_KEY].decode()), int(said[_VERSION_KEY]))
    except (OSError, KeyError, ValueError, pa.ArrowException, UsageError):
        return None


def read_standing(
    lake: Lake,
    *,
    entities: Collection[str] | None = None,
    types: Collection[str] | None = None,
) -> Standing | None:
    """How entities stood when a watch last looked; ``None`` where no watch has, or it is damaged.

    Args:
        lake: where the store lies.
        entities: countries, regions or operators; a country brings its operators and regions. By
            default all.
        types: only entities of these types (``country``, ``region``, ``asn``). By default all.

    Raises:
        StoreError: the object store cannot be reached.
    """
    written = read_written(lake)
    if written is None:
        return None
    try:
        found = pq.read_table(_open(lake), columns=["record"], filters=_chosen(entities, types))
        decode = msgspec.json.Decoder(Status).decode
        statuses = tuple(decode(record) for record in found["record"].to_pylist())
    except (OSError, pa.ArrowException, msgspec.MsgspecError):
        return None
    return Standing(written.written_at, written.version, statuses)


def _chosen(
    entities: Collection[str] | None, types: Collection[str] | None
) -> pc.Expression | None:
    parts = []
    if entities is not None:
        texts = sorted({str(parse_entity(text)) for text in entities})
        codes = [one.removeprefix("country/") for one in texts if one.startswith("country/")]
        parts.append(pc.field("entity").isin(texts) | pc.field("country").isin(codes))
    if types is not None:
        parts.append(pc.field("type").isin(sorted(types)))
    return reduce(and_, parts) if parts else None


def standing_now(
    store: Store, *, now: datetime, entities: Collection[str] | None = None
) -> list[Status] | None:
    """What a watch keeps of how entities stand, if it is still so; else ``None``.

    It is so while nothing was stored since, or while it was written a few minutes ago.

    Args:
        store: the store.
        now: the time, by the watch's clock.
        entities: as for ``read_standing``.
    """
    written = read_written(store.lake)
    if written is None or not (
        written.version == store.version or abs(now - written.written_at) <= FRESH
    ):
        return None
    standing = read_standing(store.lake, entities=entities)
    return None if standing is None else list(standing.statuses)
