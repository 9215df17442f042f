"""Label files: our own format as CSV or TOML, and IODA's investigated outages."""

from __future__ import annotations

import csv
import io
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from zicht.errors import BadRowError, InputError, UsageError
from zicht.model.entity import parse_entity
from zicht.model.label import Label, Quiet
from zicht.model.outage import Interval
from zicht.model.signal import Plane
from zicht.model.time import parse_time
from zicht.score.investigated import is_investigated, parse_investigated

if TYPE_CHECKING:
    from collections.abc import Callable

_NEEDED = {"entity", "begin", "end"}
_OPTIONAL = {
    "begin_latest",
    "end_latest",
    "event",
    "signal",
    "plane",
    "depth_percent",
    "cause",
    "simulated",
    "source",
    "unseen_by",  # for people
}


@dataclass(frozen=True)
class LabelFile:
    """The contents of a label file.

    Attributes:
        labels: the outages.
        quiet: the stretches that are attested to be quiet.
        bad_rows: the rows that could not be read, where they were to be skipped.
    """

    labels: tuple[Label, ...]
    quiet: tuple[Quiet, ...] = ()
    bad_rows: tuple[BadRowError, ...] = ()


def parse_labels(data: bytes, *, name: str, skip_bad: bool = False) -> LabelFile:
    """Read a label file; the name's ending says whether it is TOML, the header which CSV it is.

    Raises:
        BadRowError: a row cannot be read and bad ones are not to be skipped.
        InputError: the file is none of these.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name} is no text in UTF-8 (byte {error.start:,}).", "Save it as UTF-8."
        ) from None
    if name.lower().endswith(".toml"):
        return _parse_toml(text, name)
    rows = csv.DictReader(io.StringIO(text, newline=""))
    header = [column.strip() for column in rows.fieldnames or ()]
    read: Callable[[dict[str, str], int], list[Label]]
    if is_investigated(header):
        read = lambda row, line: parse_investigated(row, name, line)  # noqa: E731 - one of two
    elif set(header) >= _NEEDED and set(header) <= _NEEDED | _OPTIONAL:
        read = lambda row, line: [_label(row, name, line)]  # noqa: E731
    else:
        raise InputError(
            f"{name} is no label file: its header is {', '.join(header)[:200] or 'empty'}.",
            f"Give the columns {', '.join(sorted(_NEEDED))} and, where known, "
            f"{', '.join(sorted(_OPTIONAL))}.",
        )
    labels: list[Label] = []
    bad: list[BadRowError] = []
    for row in rows:
        try:
            labels += read(row, rows.line_num)
        except BadRowError as error:
            error.hint = "Mend the row, or go on without such rows with --on-bad skip."
            if not skip_bad:
                raise
            bad.append(error)
    return LabelFile(tuple(labels), (), tuple(bad))


def _label(row: dict[str, str], name: str, line: int) -> Label:
    cells = {key: (value or "").strip() for key, value in row.items() if key is not None}

    def read(column: str, convert: Callable[[str], Any], expected: str) -> Any:
        try:
            return convert(cells[column])
        except (ValueError, UsageError):
            raise BadRowError(name, line, column, cells[column], expected) from None

    def time(column: str) -> datetime | None:
        return read(column, parse_time, "a time") if cells.get(column) else None

    begin = read("begin", parse_time, "a time")
    end = time("end")
    entity = str(read("entity", parse_entity, "an entity"))
    if cells.get("plane", "") not in {"", "control", "data", "user"}:
        raise BadRowError(name, line, "plane", cells["plane"], "control, data, user or blank")
    plane: Any = cells.get("plane") or None
    label = Label(
        event=cells.get("event") or f"{entity} {begin:%Y-%m-%d}",
        entity=entity,
        begin=(begin, time("begin_latest") or begin),
        end=None if end is None else (end, time("end_latest") or end),
        signal=cells.get("signal") or None,
        plane=plane,
        depth_percent=read("depth_percent", float, "a number")
        if cells.get("depth_percent")
        else None,
        cause=cells.get("cause") or None,
        simulated=cells.get("simulated", "").lower() in {"true", "yes", "1"},
        source=cells.get("source") or name,
    )
    if (column := _out_of_order(label)) is not None:
        raise BadRowError(name, line, column, cells[column], "a time after what comes before it")
    return label


def _out_of_order(label: Label) -> str | None:
    if label.begin[1] < label.begin[0]:
        return "begin_latest"
    if label.end is None:
        return None
    if label.end[1] <= label.begin[0] or label.end[0] < label.begin[0]:
        return "end"
    return "end_latest" if label.end[1] < label.end[0] else None


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    entities: tuple[str, ...]
    begin: datetime | Interval
    end: datetime | Interval | None = None
    event: str | None = None
    signals: tuple[str, ...] = ()
    plane: Plane | None = None
    depth_percent: float | None = None
    cause: str | None = None
    simulated: bool = False
    source: str


class _QuietRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    entities: tuple[str, ...]
    signals: tuple[str, ...]
    begin: datetime
    end: datetime
    source: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    labels: tuple[_Row, ...] = msgspec.field(name="label", default=())
    quiet: tuple[_QuietRow, ...] = ()


def _parse_toml(text: str, name: str) -> LabelFile:
    try:
        file = msgspec.convert(tomllib.loads(text), _File)
        labels = tuple(label for row in file.labels for label in _labels(row))
        quiet = tuple(one for row in file.quiet for one in _quiet(row))
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UsageError) as error:
        raise InputError(
            f"{name} is no label file: {error}.", "docs/scoring.md shows how one is written."
        ) from None
    for label in labels:
        if (what := _out_of_order(label)) is not None:
            raise InputError(
                f"{name}: the {what} of the label of {label.entity} with the event"
                f" {label.event!r} comes before what it follows.",
                "Write times in their order.",
            )
    return LabelFile(labels, quiet)


def _labels(row: _Row) -> list[Label]:
    begin = _interval(row.begin)
    return [
        Label(
            event=row.event or f"{entity} {begin[0]:%Y-%m-%d}",
            entity=str(parse_entity(entity)),
            begin=begin,
            end=None if row.end is None else _interval(row.end),
            signal=signal,
            plane=row.plane,
            depth_percent=row.depth_percent,
            cause=row.cause,
            simulated=row.simulated,
            source=row.source,
        )
        for entity in row.entities
        for signal in row.signals or (None,)
    ]


def _quiet(row: _QuietRow) -> list[Quiet]:
    return [
        Quiet(
            entity=str(parse_entity(entity)),
            signal=signal,
            begin=_utc(row.begin),
            end=_utc(row.end),
            source=row.source,
        )
        for entity in row.entities
        for signal in row.signals
    ]


def _interval(time: datetime | Interval) -> Interval:
    first, last = (time, time) if isinstance(time, datetime) else time
    return _utc(first), _utc(last)


def _utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
