"""Import: files of a source into the store, each file whole or not at all."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow.compute as pc

from zicht.errors import InputError, UsageError, ZichtError
from zicht.observe.files import STANDARD_INPUT, read_file, unpack
from zicht.observe.keeping import facts_of, origin_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zicht.errors import BadRowError
    from zicht.observe.files import Progress
    from zicht.sources.parsed import OnBad, Parsed
    from zicht.store import Store

SOURCES = ("google", "icmp", "ioda", "mlab", "ooni", "peers", "table", "tor")
"""The sources whose files can be imported."""


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that were left out for the same reason.

    Attributes:
        column: the column's name or number.
        expected: what should have stood there.
        rows: how many rows.
        line: the line of the first of them.
    """

    column: str
    expected: str
    rows: int
    line: int


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What the import of a file did.

    Attributes:
        file: the file as the user named it.
        source: the source's name.
        signals: names of the signals in it.
        entities: texts of the entities in it.
        rows: observations in it, gaps included.
        gaps: those of them of which the source says that it has no value.
        new: bins that were not stored before.
        revised: bins that had another value before.
        unchanged: bins that were stored so already, gaps that never had a value included.
        skipped: rows that could not be read and were left out.
        skipped_kinds: the same by reason.
        start: begin of the first bin, written ``from`` in JSON.
        until: begin of the last bin.
        licence: under which these data may be used.
        simulated: the data are of the lab and no measurement.
        notes: what was concluded from the file by itself.
    """

    file: str
    source: str
    signals: tuple[str, ...]
    entities: tuple[str, ...]
    rows: int
    gaps: int
    new: int
    revised: int
    unchanged: int
    skipped: int
    skipped_kinds: tuple[Skipped, ...]
    start: datetime = msgspec.field(name="from")
    until: datetime
    licence: str
    simulated: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Import:
    """What holds for all files of one call."""

    store: Store
    source: str
    country: str | None
    on_bad: OnBad
    licence: str | None
    citation: str | None
    simulated: bool
    known_at: datetime
    progress: Progress | None
    options: dict[str, Any]


def import_files(  # noqa: PLR0913 - each is a choice of the user's
    store: Store,
    source: str,
    paths: Iterable[str | PurePath],
    *,
    country: str | None = None,
    on_bad: OnBad = "stop",
    licence: str | None = None,
    citation: str | None = None,
    simulated: bool = False,
    known_at: datetime | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> list[Imported]:
    """Import files of a source, one after the other, each in one atomic commit.

    Args:
        store: where the observations go.
        source: one of ``SOURCES``.
        paths: the files; ``-`` is standard input. gzip, bzip2 and Zstandard are unpacked.
        country: the country, by its ISO 3166-1 code, of files that do not name it.
        on_bad: ``stop`` at the first row that cannot be read and store nothing of its file, or
            ``skip`` such rows.
        licence: under which these data may be used, where it is not that of the source.
        citation: how to cite them, where it is not as the source asks.
        simulated: the data are of the lab and no measurement.
        known_at: when the observations were known; now when not given.
        progress: told what is being done.
        options: what else the source's ``parse`` takes.

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``.
        InputError: a file is not what it should be. Its hint says which files were stored before.
        StoreError: the store failed; the file at which it did was not stored.
        UsageError: there is no such source, or the files need an option that is missing.
    """
    if source not in SOURCES:
        raise UsageError(f"{source!r} is no source of files.", f"Known are {', '.join(SOURCES)}.")
    call = _Import(
        store=store,
        source=source,
        country=country,
        on_bad=on_bad,
        licence=licence,
        citation=citation,
        simulated=simulated,
        known_at=known_at or datetime.now(UTC),
        progress=progress,
        options={name: value for name, value in options.items() if value is not None},
    )
    done: list[Imported] = []
    for path in paths:
        try:
            done.append(_import_file(call, str(path)))
        except ZichtError as error:
            if done:
                error.hint = f"{error.hint or ''} {_stored_before(done)}".lstrip()
            raise
    return done


def _import_file(call: _Import, path: str) -> Imported:
    data = read_file(path, call.progress)
    name = "standard input" if path == STANDARD_INPUT else path
    contents = unpack(data, name=name)
    if call.progress is not None:
        call.progress(f"taking {name} apart", 0, 0)
    parsed = _parse(call, contents, name)
    if parsed.observations.num_rows == 0:
        raise _nothing_read(parsed, name)
    origin = origin_of(
        parsed,
        source=call.source,
        name=PurePath(path).name,
        sha256=hashlib.sha256(data).hexdigest(),
        licence=call.licence,
        citation=call.citation,
        simulated=call.simulated,
    )
    if call.progress is not None:
        call.progress(f"storing {name}", 0, 0)
    appended = call.store.append(
        parsed.observations,
        signals=parsed.signals,
        origin=origin,
        entities=facts_of(parsed),
        known_at=call.known_at,
    )
    times = pc.min_max(parsed.observations["time"]).as_py()
    return Imported(
        file=path,
        source=call.source,
        signals=tuple(sorted({signal.name for signal in parsed.signals})),
        entities=tuple(pc.unique(parsed.observations["entity"]).sort().to_pylist()),
        rows=parsed.observations.num_rows,
        gaps=parsed.observations["value"].null_count,
        new=appended.new,
        revised=appended.revised,
        unchanged=appended.unchanged,
        skipped=len(parsed.bad_rows),
        skipped_kinds=_kinds(parsed.bad_rows),
        start=times["min"].astimezone(UTC),
        until=times["max"].astimezone(UTC),
        licence=origin.licence,
        simulated=call.simulated,
        notes=parsed.notes,
    )


def _parse(call: _Import, contents: bytes, name: str) -> Parsed:
    module = import_module(f"zicht.sources.{call.source}")
    options = dict(call.options)
    if call.source == "table" and "spec" in options:
        options["known"] = call.store.signals().get(options["spec"].signal)
    parsed: Parsed = module.parse(
        contents, name=name, country=call.country, on_bad=call.on_bad, **options
    )
    return parsed


def _kinds(bad: Sequence[BadRowError]) -> tuple[Skipped, ...]:
    counts = Counter((row.column, _kind(row)) for row in bad)
    first = {(row.column, _kind(row)): row.line for row in reversed(bad)}
    return tuple(
        Skipped(column=column, expected=expected, rows=count, line=first[column, expected])
        for (column, expected), count in counts.most_common()
    )


def _kind(row: BadRowError) -> str:
    """What was expected, without the figures of a row that contradicts another."""
    return (
        "what an earlier row says of the same time"
        if ", which line" in row.expected
        else (row.expected)
    )


def _nothing_read(parsed: Parsed, name: str) -> InputError:
    count = len(parsed.bad_rows)
    if count == 0:
        return InputError(f"{name} holds no observations.", "Is it the right file?")
    return InputError(
        f"None of the rows of {name} can be read ({count:,} bad). {parsed.bad_rows[0].message}",
        "Is it the right file, and the right source?",
    )


def _stored_before(done: Sequence[Imported]) -> str:
    files = ", ".join(f"{record.file} ({record.rows:,} rows)" for record in done)
    return f"Stored before it: {files}."
