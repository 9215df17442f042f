"""Any table of separated values or Parquet, whose columns the user names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet

from zicht.errors import InputError, UsageError
from zicht.model.entity import parse_entity
from zicht.model.signal import Plane, Scale, Signal
from zicht.model.time import MICROSECONDS
from zicht.sources.country import need_country
from zicht.sources.observations import Draft, assemble
from zicht.sources.parsed import OnBad, Parsed
from zicht.sources.rows import Rows, read_rows, rows_of_table
from zicht.sources.steps import commonest_gap
from zicht.sources.words import GAPS, read_epochs, read_numbers, read_times

if TYPE_CHECKING:
    from datetime import tzinfo

    from numpy.typing import NDArray

SIGNALS: tuple[Signal, ...] = ()
"""The user names the signal."""

_PARQUET = b"PAR1"
_NAME = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_HALF = 0.5


@dataclass(frozen=True, kw_only=True)
class TableSpec:
    """What the user says of a table.

    A column is given by its name, or by its number (the first being 1) where there is no header.

    Attributes:
        signal: the name that the signal gets.
        time: the column of times: ISO 8601, or seconds, milliseconds or microseconds since 1970.
        value: the column of values; a blank is a gap.
        entity: the entity that all rows are of.
        entity_column: the column that names the entity of each row.
        samples: the column that says how many samples a value rests on.
        unit: the unit of a value; ``value`` when not given.
        step: the length of a bin in seconds; found in the times when not given.
        plane: ``control``, ``data`` or ``user``; ``data`` when not given.
        scale: ``count`` and ``share`` are never negative; ``index`` may be, and is taken when not
            given.
        time_zone: the zone of times that carry none, such as ``Asia/Tehran``; else UTC.
        title: what is measured, for people.
    """

    signal: str
    time: str
    value: str
    entity: str | None = None
    entity_column: str | None = None
    samples: str | None = None
    unit: str | None = None
    step: int | None = None
    plane: Plane | None = None
    scale: Scale | None = None
    time_zone: str | None = None
    title: str | None = None


def parse(
    data: bytes,
    *,
    name: str,
    spec: TableSpec,
    known: Signal | None = None,
    country: str | None = None,
    on_bad: OnBad = "stop",
) -> Parsed:
    """Read the rows of a table.

    Where a signal of that name is ``known`` already, it says what ``spec`` leaves open.

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``.
        InputError: the file is no table, or a column is missing.
        UsageError: ``spec`` does not make sense, or the step cannot be told.
    """
    _check(spec)
    base = _base(spec, known)
    rows = _read(data, name, spec)
    times = _times(rows, _find(rows, spec.time), _zone(spec.time_zone))
    column = _find(rows, spec.value)
    low = -np.inf if base.scale == "index" else 0
    values = rows.numbers(column, low=low, gaps=True)
    samples = None
    if spec.samples is not None:
        samples = rows.numbers(_find(rows, spec.samples), low=0, whole=True, gaps=True)
    entities, entity = _entities(rows, spec, country)
    step, notes = _step(rows, base.step, times, entity, on_bad)
    draft = Draft(
        [spec.signal],
        np.zeros(len(rows), dtype=np.int64),
        entities,
        entity,
        times,
        values,
        np.arange(len(rows)),
        np.full(len(rows), column),
        samples,
    )
    observations, bad = assemble(rows, draft, on_bad)
    return Parsed(observations, (msgspec.structs.replace(base, step=step),), (), bad, notes)


def _check(spec: TableSpec) -> None:
    if not _NAME.fullmatch(spec.signal):
        raise UsageError(
            f"{spec.signal!r} is no name of a signal.",
            "Write it in lower case with dots or hyphens, such as monitor.answering.1h.",
        )
    if spec.entity is not None and spec.entity_column is not None:
        raise UsageError("An entity and a column of entities were given.", "Give one of them.")
    if spec.step is not None and spec.step <= 0:
        raise UsageError(f"A step of {spec.step} seconds is none.", "Give one second or more.")


def _base(spec: TableSpec, known: Signal | None) -> Signal:
    """The signal as far as it was said; a step of 0 is still to be found."""
    signal = known or Signal(
        name=spec.signal,
        source="table",
        title=spec.title or spec.signal,
        unit="value",
        step=0,
        plane="data",
        scale="index",
        lag=0,
        licence="no licence stated",
        citation="no source stated",
    )
    fields = ("unit", "step", "plane", "scale", "title")
    said = {name: value for name in fields if (value := getattr(spec, name)) is not None}
    return msgspec.structs.replace(signal, **said)


def _read(data: bytes, name: str, spec: TableSpec) -> Rows:
    if data.startswith(_PARQUET):
        return _read_parquet(data, name, spec)
    rows = read_rows(data, name=name)
    if not (spec.time.isdecimal() and _is_time(rows, spec.time)):
        rows.take_header()
    return rows


def _read_parquet(data: bytes, name: str, spec: TableSpec) -> Rows:
    try:
        file = pa.parquet.ParquetFile(pa.BufferReader(data))
        named = {spec.time, spec.value, spec.samples, spec.entity_column}
        there = [column for column in file.schema_arrow.names if column in named]
        table = file.read(columns=there) if there else file.schema_arrow.empty_table()
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{name} is no whole Parquet file: {error}", "Fetch it again.") from None
    return rows_of_table(table, name=name)


def _is_time(rows: Rows, column: str) -> bool:
    """Whether the first row holds a time already, so that there is no header."""
    word = pa.array([rows.first[_find(rows, column)]])
    if not read_times(word)[1].any():
        return True
    return bool(read_epochs(read_numbers(word)[0]).any())


def _find(rows: Rows, column: str) -> int:
    header = rows.header or ()
    if column.isdecimal() and 1 <= int(column) <= len(rows.cells):
        return int(column) - 1
    if column in header:
        return header.index(column)
    if (found := rows.find(column.casefold())) is not None:
        return found
    there = ", ".join(repr(word) for word in header) or f"numbered 1 to {len(rows.cells)}"
    raise InputError(
        f"{rows.name} has no column {column!r}; its columns are {there}.",
        "Name one of these.",
    )


def _zone(name: str | None) -> tzinfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise UsageError(
            f"{name!r} is no time zone.", "Write it as in the IANA database, such as Asia/Tehran."
        ) from None


def _times(rows: Rows, column: int, zone: tzinfo | None) -> NDArray[np.int64]:
    numbers, blank, wrong = read_numbers(rows.words(column))
    if len(rows) == 0 or (blank | wrong).mean() > _HALF:
        return rows.times(column, zone)
    times = read_epochs(numbers)
    rows.reject(times == 0, column, "seconds or milliseconds since 1970, from 1980 to 2199")
    return times


def _entities(
    rows: Rows, spec: TableSpec, country: str | None
) -> tuple[list[str], NDArray[np.int64]]:
    if spec.entity_column is None:
        if spec.entity is None:
            entity = need_country(country, name=rows.name, what="rows")
        else:
            entity = str(parse_entity(spec.entity))
        return [entity], np.zeros(len(rows), dtype=np.int64)
    column = _find(rows, spec.entity_column)
    words, code = rows.codes(column)
    read = [_read_entity(word) for word in words]
    wrong = np.array([entity is None for entity in read], dtype=np.bool_)
    rows.reject(wrong[code], column, "an entity such as country/KZ, region/KZ-75 or asn/9198")
    names = sorted({entity for entity in read if entity is not None})
    place = np.array([names.index(entity) if entity else 0 for entity in read], dtype=np.int64)
    return names, place[code] if len(place) else code


def _read_entity(word: str) -> str | None:
    if word.casefold() in GAPS and word.upper() != "NA":  # NA is Namibia
        return None
    try:
        return str(parse_entity(word))
    except UsageError:
        return None


def _step(
    rows: Rows,
    said: int,
    times: NDArray[np.int64],
    entity: NDArray[np.int64],
    on_bad: OnBad,
) -> tuple[int, tuple[str, ...]]:
    """The step in seconds, and how it was found."""
    if said:
        return said, ()
    known = times != 0
    order = np.lexsort((times[known], entity[known]))
    times, entity = times[known][order], entity[known][order]
    gaps = np.diff(times)[np.diff(entity) == 0]
    gaps = gaps[gaps > 0]
    step = commonest_gap(np.concatenate(([0], np.cumsum(gaps))))
    if step is None:
        rows.settle(on_bad)
        raise UsageError(
            f"{rows.name} has too few times to tell its step.",
            "Give it in seconds, for example --step 300.",
        )
    share = float(np.mean(gaps == step * MICROSECONDS))
    note = (
        f"{rows.name}: the step is taken for {step} seconds, the distance of {share:.0%} of"
        " neighbouring times."
    )
    return step, (note,)
