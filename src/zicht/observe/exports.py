"""Exports of what the store holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from zicht.errors import UsageError
from zicht.model.entity import parse_entity
from zicht.model.outage import APART
from zicht.observe.evidence import list_events
from zicht.observe.facts import known_facts
from zicht.publish.codf import codf_envelope, codf_records
from zicht.publish.export import (
    event_table,
    json_bytes,
    outage_table,
    record_bytes,
    series_table,
    table_bytes,
)
from zicht.publish.language import language
from zicht.publish.wording import entity_name

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from zicht.model.outage import Event, Outage, Source
    from zicht.publish.export import FileFormat
    from zicht.store import Store


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was written.

    Attributes:
        file: its name.
        rows: how many rows or records are in it.
        simulated: whether any of it is of the lab and no measurement.
    """

    file: str
    rows: int
    simulated: bool


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What was exported.

    Attributes:
        data: the bytes of the file.
        rows: how many rows or records are in it.
        simulated: whether any of it is of the lab and no measurement.
    """

    data: bytes
    rows: int
    simulated: bool


def export_series(
    store: Store,
    written_as: FileFormat,
    *,
    entities: Collection[str] = (),
    signals: Collection[str] = (),
    start: datetime | None = None,
    until: datetime | None = None,
    as_of: datetime | None = None,
) -> Exported:
    """The newest revision of every observation, with its licence and citation.

    Args:
        store: the store.
        written_as: the format of the file.
        entities: only of these; by default all.
        signals: only these; by default all.
        start: only bins that begin at or after it.
        until: only bins that begin before it.
        as_of: what was known then.
    """
    rows = store.table(
        signals=sorted(signals) or None,
        entities=_entities(entities),
        start=start,
        end=until,
        as_of=as_of,
    )
    table = series_table(rows, store.origins())
    simulated = any(table["simulated"].unique().to_pylist())
    return Exported(data=table_bytes(table, written_as), rows=table.num_rows, simulated=simulated)


def export_outages(
    store: Store,
    written_as: FileFormat,
    *,
    entities: Collection[str] = (),
    signals: Collection[str] = (),
    start: datetime | None = None,
    until: datetime | None = None,
    as_of: datetime | None = None,
) -> Exported:
    """The outages that touch the period; the arguments are those of ``export_series``."""
    wanted = _entities(entities)
    outages = [
        one
        for one in store.outages(as_of=as_of)
        if (wanted is None or one.entity in wanted)
        and (not signals or one.signal in signals)
        and (start is None or one.end is None or one.end[1] >= start)
        and (until is None or one.onset[0] < until)
    ]
    sources = _sources_of(outages, store.events(as_of=as_of))
    table = outage_table(outages, sources)
    if written_as in {"json", "jsonl"}:
        records = []
        for one in outages:
            source = sources.get(one.id)
            provenance = {
                "licence": source.licence if source else None,
                "citation": source.citation if source else None,
            }
            records.append(msgspec.to_builtins(one, builtin_types=()) | provenance)
        data = record_bytes(records, lines=written_as == "jsonl")
    else:
        data = table_bytes(table, written_as)
    return Exported(data=data, rows=len(outages), simulated=any(one.simulated for one in outages))


def _sources_of(outages: Sequence[Outage], events: Sequence[Event]) -> dict[str, Source]:
    """Where each outage's evidence comes from, by its id, as its event says."""
    of_event = {
        (outage, source.signal): source
        for event in events
        for outage in event.outages
        for source in event.sources
    }
    return {
        one.id: of_event[one.id, one.signal] for one in outages if (one.id, one.signal) in of_event
    }


def export_events(
    store: Store,
    written_as: FileFormat,
    *,
    entities: Collection[str] = (),
    start: datetime | None = None,
    until: datetime | None = None,
    as_of: datetime | None = None,
    shape: Literal["zicht", "codf"] = "zicht",
) -> Exported:
    """The events that touch the period, in our shape or in the Common Outage Data Format.

    The arguments are those of ``export_series``; CODF is JSON or JSON lines.

    Raises:
        UsageError: CODF was asked for as CSV or Parquet.
    """
    events = list_events(store, entities=_entities(entities), start=start, end=until, as_of=as_of)
    simulated = any(one.simulated for one in events)
    if shape == "zicht":
        if written_as in {"json", "jsonl"}:
            data = record_bytes(events, lines=written_as == "jsonl")
        else:
            data = table_bytes(event_table(events), written_as)
        return Exported(data=data, rows=len(events), simulated=simulated)
    if written_as not in {"json", "jsonl"}:
        raise UsageError("CODF is JSON.", "Name the file .json or .jsonl.")
    facts, words = known_facts(store), language("en")
    # Those who read the format as IODA's would take a blocked service for an outage.
    events = [one for one in events if one.event_class not in APART]
    records = codf_records(
        events,
        store.outages(as_of=as_of),
        lambda entity: entity_name(words, entity, facts),
        start=start,
        until=until,
    )
    if written_as == "jsonl":
        data = record_bytes(records, lines=True)
    else:
        data = json_bytes(codf_envelope(records, events, start=start, until=until))
    return Exported(data=data, rows=len(records), simulated=simulated)


def _entities(texts: Collection[str]) -> list[str] | None:
    return sorted({str(parse_entity(text)) for text in texts}) or None
