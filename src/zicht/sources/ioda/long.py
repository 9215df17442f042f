"""IODA's signals one below the other, as OONI published those of Iran's blackout of 2019.

A row is ``signal, value, asn, name, time``, in any order, with or without a header. ``asn`` 0 is
the country; without that column all is of the country. A blank value is a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.errors import InputError
from zicht.model.entity import EntityFact
from zicht.sources.country import check_country, need_country
from zicht.sources.ioda.signals import BGP, MERIT_TELESCOPE, PING, UCSD_TELESCOPE
from zicht.sources.observations import Draft, assemble
from zicht.sources.parsed import OnBad, Parsed
from zicht.sources.words import LARGEST_ASN, read_asn, read_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.rows import Rows

SIGNALS = {
    "active_probing": PING,
    "bgp": BGP,
    "darknet": UCSD_TELESCOPE,
    "merit-nt": MERIT_TELESCOPE,
    "ping-slash24": PING,
    "ucsd-nt": UCSD_TELESCOPE,
}
"""The file's names of signals."""

_SIGNAL_NAMES = ("signal", "datasource", "data source", "source")
_VALUE_NAMES = ("value", "count")
_ASN_NAMES = ("asn", "as", "entity")
_NAME_NAMES = ("name", "as_name", "asn_name", "network")
_TIME_NAMES = ("time", "timestamp", "datetime", "date", "time (utc)")
_MOST = 0.5
_LOOKED_AT = 1000  # rows that tell what the columns are


@dataclass(frozen=True)
class _Columns:
    """Where the columns are; ``None`` where the file has no such column."""

    signal: int
    value: int
    time: int
    asn: int | None
    name: int | None


def find_columns(rows: Rows) -> _Columns | None:
    """Where the columns are, by the header or by what stands in them; ``None``: another format."""
    if _has_header(rows):
        rows.take_header()
        return _Columns(
            rows.need(*_SIGNAL_NAMES),
            rows.need(*_VALUE_NAMES),
            rows.need(*_TIME_NAMES),
            rows.find(*_ASN_NAMES),
            rows.find(*_NAME_NAMES),
        )
    return _by_content(rows)


def parse_long(rows: Rows, columns: _Columns, *, country: str | None, on_bad: OnBad) -> Parsed:
    """Read the rows.

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``.
        UsageError: there are rows of a country and ``country`` does not name it.
    """
    known, code = _signals(rows, columns.signal)
    values = rows.numbers(columns.value, low=0, gaps=True)
    times = rows.times(columns.time)
    asns = _asns(rows, columns.asn)
    numbers, entity = np.unique(asns, return_inverse=True)
    entities = [_entity(int(asn), country, rows.name) for asn in numbers]
    draft = Draft(
        [SIGNALS[name].name for name in known],
        code,
        entities,
        entity,
        times,
        values,
        np.arange(len(rows)),
        np.full(len(rows), columns.value),
    )
    observations, bad = assemble(rows, draft, on_bad)
    used = {SIGNALS[known[i]].name: SIGNALS[known[i]] for i in np.unique(code[rows.good]).tolist()}
    facts = _facts(rows, columns.name, asns, country)
    return Parsed(observations, tuple(used.values()), facts, bad)


def _signals(rows: Rows, column: int) -> tuple[list[str], NDArray[np.int64]]:
    words, code = rows.codes(column)
    unknown = np.array([word.casefold() not in SIGNALS for word in words])
    rows.reject(unknown[code], column, f"one of the signals {', '.join(sorted(SIGNALS))}")
    names = sorted(SIGNALS)
    place = {name: i for i, name in enumerate(names)}
    # Two names of one signal share the first one's place, so that its rows are compared.
    same = {name: min(place[n] for n in names if SIGNALS[n] is SIGNALS[name]) for name in names}
    return names, np.array([same.get(word.casefold(), 0) for word in words])[code]


def _asns(rows: Rows, column: int | None) -> NDArray[np.int64]:
    if column is None:
        return np.zeros(len(rows), dtype=np.int64)
    words, code = rows.codes(column)
    numbers = [read_asn(word) for word in words]
    wrong = np.array([number is None for number in numbers], dtype=np.bool_)
    rows.reject(wrong[code], column, f"an operator's number from 0 to {LARGEST_ASN}")
    kept = next((number for number in numbers if number is not None), 1)
    return np.array([kept if number is None else number for number in numbers])[code]


def _entity(asn: int, country: str | None, name: str) -> str:
    return f"asn/{asn}" if asn else need_country(country, name=name, what="rows of a country")


def _facts(
    rows: Rows, column: int | None, asns: NDArray[np.int64], country: str | None
) -> tuple[EntityFact, ...]:
    code = None if country is None else check_country(country)
    numbers, first = np.unique(asns, return_index=True)
    words = None if column is None else rows.words(column)
    return tuple(
        EntityFact(
            entity=f"asn/{asn}",
            name=None if words is None else words[row].as_py() or None,
            country=code,
        )
        for asn, row in zip(numbers.tolist(), first.tolist(), strict=True)
        if asn
    )


def _has_header(rows: Rows) -> bool:
    words = {word.casefold() for word in rows.first}
    return bool(words & set(_SIGNAL_NAMES)) and bool(words & set(_VALUE_NAMES))


def _by_content(rows: Rows) -> _Columns | None:
    """Tell the columns apart: signals and times by their words, operators by their few numbers."""
    head = [column.slice(0, _LOOKED_AT) for column in map(rows.words, range(len(rows.cells)))]
    signal = next((i for i, column in enumerate(head) if _share_known(column) > _MOST), None)
    time = next((i for i, column in enumerate(head) if _share_of_times(column) > _MOST), None)
    if time is None or (signal is None and not _looks_like_long(rows, time)):
        return None
    if signal is None:
        signal = 0
    rest = [i for i in range(len(head)) if i not in (signal, time)]
    numeric = [i for i in rest if _share_of_numbers(head[i]) > _MOST]
    names = [i for i in rest if i not in numeric]
    if len(numeric) == 1:
        return _Columns(signal, numeric[0], time, None, names[0] if names else None)
    if len(numeric) == 2:  # noqa: PLR2004 - the value and the operator
        value, asn = _value_and_asn(rows, numeric, names)
        return _Columns(signal, value, time, asn, names[0] if names else None)
    raise InputError(
        f"{rows.name} has signals and times but {len(numeric)} columns of numbers; expected are"
        " the value and, unless all is of a country, the operator's number.",
        "Give the columns signal, value, asn, name and time, or a header that names them.",
    )


def _value_and_asn(rows: Rows, numeric: list[int], names: list[int]) -> tuple[int, int]:
    """Which of two columns of numbers is the operator: the one that goes with the name.

    Without names it is the one with fewer distinct numbers; where they have as many, the second.
    """
    first, second = numeric
    spread = []
    for column in numeric:
        words = rows.words(column)
        if names:
            pairs = pc.binary_join_element_wise(words, rows.words(names[0]), "\x1f")
            by_name = (
                pc.count_distinct(pairs).as_py() / pc.count_distinct(rows.words(names[0])).as_py()
            )
            spread.append(by_name)
        else:
            spread.append(float(pc.count_distinct(words).as_py()))
    return (second, first) if spread[0] < spread[1] else (first, second)


def _looks_like_long(rows: Rows, time: int) -> bool:
    return len(rows.cells) == 5 and time == 4  # noqa: PLR2004 - the published order


def _share_known(words: pa.Array) -> float:
    known = pc.is_in(pc.utf8_lower(words), value_set=pa.array(list(SIGNALS)))
    return float(pc.mean(known.cast(pa.float64())).as_py() or 0)


def _share_of_times(words: pa.Array) -> float:
    return float(1 - read_times(words)[1].mean()) if len(words) else 0.0


def _share_of_numbers(words: pa.Array) -> float:
    """The share of numbers, operators' among them, and blanks."""
    numeric = pc.match_substring_regex(words, r"^(AS[0-9]+|[+-]?[0-9.]+([eE][+-]?[0-9]+)?)?$")
    return float(pc.mean(numeric.cast(pa.float64())).as_py() or 0)
