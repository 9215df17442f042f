"""M-Lab: speed tests that people made (NDT), from a table that a user exported from BigQuery.

M-Lab's data are public in BigQuery (https://www.measurementlab.net/data/docs/bq/quickstart/),
which wants an account of the user's own; so there is no service to fetch from, and
``docs/sources.md`` has the question to ask it. Its answer is exported as CSV, as JSON or as lines
of JSON: ``date``, ``country_code``, ``asn`` (may be missing), ``tests`` and the medians
``download_mbps``, ``upload_mbps`` and ``min_rtt_ms``, of which any may be missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

from zicht.errors import InputError
from zicht.model.entity import EntityFact
from zicht.model.signal import Signal
from zicht.sources.country import check_country, need_country, operator_entity
from zicht.sources.observations import Draft, assemble
from zicht.sources.parsed import Parsed
from zicht.sources.rows import Rows, read_rows, rows_of_table
from zicht.sources.text import read_text
from zicht.sources.words import LARGEST_ASN, read_asn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.parsed import OnBad

TESTS = Signal(
    name="mlab.tests",
    source="mlab",
    title="Speed tests made with M-Lab",
    unit="tests",
    step=86_400,
    plane="user",
    scale="count",
    lag=2 * 86_400,
    licence="CC0 1.0",
    citation="The M-Lab NDT Data Set, https://measurementlab.net/tests/ndt",
    inputs=("mlab-ndt",),
)
DOWNLOAD = msgspec.structs.replace(
    TESTS,
    name="mlab.download",
    title="Download speed, median",
    unit="Mbit/s",
    scale="index",
    tells_outages=False,
    throughput=True,
)
"""Throughput tells how good connections are, not how many there are: no outage is read of it."""

UPLOAD = msgspec.structs.replace(DOWNLOAD, name="mlab.upload", title="Upload speed, median")
ROUND_TRIP = msgspec.structs.replace(
    DOWNLOAD,
    name="mlab.min-rtt",
    title="Shortest round trip, median",
    unit="ms",
    throughput=False,
)

SIGNALS = (TESTS, DOWNLOAD, UPLOAD, ROUND_TRIP)
_COLUMNS = {
    "tests": TESTS,
    "download_mbps": DOWNLOAD,
    "upload_mbps": UPLOAD,
    "min_rtt_ms": ROUND_TRIP,
}


def parse(data: bytes, *, name: str, country: str | None = None, on_bad: OnBad = "stop") -> Parsed:
    """Read a table of speed tests by day, country and perhaps operator.

    ``country`` names the country of a table without such a column, and picks one of a table with
    several. Days that are not listed have no value: nobody tested there.

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``.
        InputError: the file is no such table.
        UsageError: the table names no country and nor does ``country``.
    """
    rows = _read(data, name)
    times = rows.times(rows.need("date", "day"))
    columns = {word: at for word in _COLUMNS if (at := rows.find(word)) is not None}
    if not columns:
        raise InputError(
            f"{name} has none of the columns {', '.join(_COLUMNS)}.",
            "docs/sources.md has the question to ask M-Lab's BigQuery.",
        )
    entities, entity, wanted, facts = _entities(rows, country)
    values = [
        rows.numbers(at, low=0, whole=word == "tests", gaps=True) for word, at in columns.items()
    ]
    counts = values[list(columns).index("tests")] if "tests" in columns else None
    kept = np.flatnonzero(wanted)
    signals = tuple(_COLUMNS[word] for word in columns)
    of = len(signals)
    draft = Draft(
        [signal.name for signal in signals],
        np.repeat(np.arange(of), len(kept)),
        entities,
        np.tile(entity[kept], of),
        np.tile(times[kept], of),
        np.concatenate([series[kept] for series in values]),
        np.tile(kept, of),
        np.repeat(list(columns.values()), len(kept)),
        None if counts is None else np.tile(counts[kept], of),
    )
    table, bad = assemble(rows, draft, on_bad)
    return Parsed(table, signals, facts, bad)


def _entities(
    rows: Rows, country: str | None
) -> tuple[list[str], NDArray[np.int64], NDArray[np.bool_], tuple[EntityFact, ...]]:
    """The entities, int64[n] which of them a row is of, bool[n] whether it is wanted, and facts."""
    codes, code = _countries(rows, country)
    asns = _operators(rows)
    only = None if country is None else check_country(country)
    pairs = sorted({*zip(code.tolist(), asns.tolist(), strict=True)})
    names = [
        operator_entity(asn, codes[place]) if asn else f"country/{codes[place]}"
        for place, asn in pairs
    ]
    position = {pair: i for i, pair in enumerate(pairs)}
    entity = np.array(
        [position[pair] for pair in zip(code.tolist(), asns.tolist(), strict=True)], dtype=np.int64
    )
    wanted = np.array([codes[place] == (only or codes[place]) for place in code], dtype=np.bool_)
    facts = tuple(
        EntityFact(entity=name, country=codes[place])
        for name, (place, asn) in zip(names, pairs, strict=True)
        if asn and codes[place] == (only or codes[place])
    )
    return names, entity, wanted, facts


def _countries(rows: Rows, country: str | None) -> tuple[list[str], NDArray[np.int64]]:
    column = rows.find("country_code", "country")
    if column is None:
        named = need_country(country, name=rows.name, what="speed tests")
        return [named.removeprefix("country/")], np.zeros(len(rows), dtype=np.int64)
    words, code = rows.codes(column)
    good = np.array([len(word) == 2 and word.isascii() and word.isalpha() for word in words])  # noqa: PLR2004 - letters
    rows.reject(~good[code], column, "a country of two letters")
    return [word.upper() if ok else "ZZ" for word, ok in zip(words, good, strict=True)], code


def _operators(rows: Rows) -> NDArray[np.int64]:
    column = rows.find("asn", "asnumber")
    if column is None:
        return np.zeros(len(rows), dtype=np.int64)
    words, code = rows.codes(column)
    numbers = [0 if word == "" else read_asn(word) for word in words]
    wrong = np.array([one is None for one in numbers], dtype=np.bool_)
    rows.reject(wrong[code], column, f"an operator's number from 0 to {LARGEST_ASN}, or blank")
    return np.array([one or 0 for one in numbers], dtype=np.int64)[code]


def _read(data: bytes, name: str) -> Rows:
    text = read_text(data, name=name).lstrip()
    if not text.startswith((b"[", b"{")):
        rows = read_rows(data, name=name)
        rows.take_header()
        return rows
    try:
        found = (
            msgspec.json.decode(text, type=list[dict[str, Any]])
            if text.startswith(b"[")
            else [
                msgspec.json.decode(line, type=dict[str, Any]) for line in text.splitlines() if line
            ]
        )
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InputError(
            f"{name} is no export of BigQuery in JSON: {error}.", "Export it as CSV."
        ) from None
    if not found:
        raise InputError(f"{name} holds no rows.", "Give a file with at least one row.")
    columns = list(dict.fromkeys(key for row in found for key in row))
    cells = {key: pa.array([_word(row.get(key)) for row in found], pa.string()) for key in columns}
    if not cells:
        raise InputError(f"{name} has rows without columns.", "Export it as CSV.")
    return rows_of_table(pa.table(cells), name=name)


def _word(value: Any) -> str:
    """A value as the CSV has it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
