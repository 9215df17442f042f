"""Tables of separated values: quick where all is well, exact where a row is bad.

Columns are read with Arrow and converted as a whole. Only when something cannot be read is the file
gone through a second time, row by row, to say on which line that is.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from zicht.errors import BadRowError, InputError
from zicht.sources.text import LONGEST_LINE, read_table_text
from zicht.sources.words import read_numbers, read_times

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

    from numpy.typing import NDArray

    from zicht.sources.parsed import OnBad

_DELIMITERS = ",;\t|"
_BLOCK = 1 << 24  # bytes that Arrow reads at a time; far above the longest line
csv.field_size_limit(LONGEST_LINE + 1)


@dataclass
class Rows:
    """The rows of a file, column by column, and what turns out to be wrong with them.

    Attributes:
        name: the file's name, for messages.
        cells: a string array for each column, all of the same length.
        header: the names of the columns, or ``None`` while no row was taken for it.
    """

    name: str
    cells: list[pa.Array]
    header: tuple[str, ...] | None = None
    _text: bytes = b""
    _delimiter: str = ","
    _kept: NDArray[np.bool_] | None = None
    _rejected: dict[int, tuple[int, str]] = field(default_factory=dict)
    _ragged: list[BadRowError] = field(default_factory=list)
    _numbered: bool = False  # there are no lines, rows are counted
    _places: NDArray[np.int64] | None = None  # of the rows among all, where some were left out

    def __len__(self) -> int:
        return len(self.cells[0])

    @property
    def first(self) -> tuple[str, ...]:
        """The words of the first row, trimmed."""
        return tuple(column[0].as_py().strip() for column in self.cells) if len(self) else ()

    def take_header(self) -> None:
        """Take the first row for the header.

        Raises:
            InputError: there is no other row, or none of as many columns.
        """
        if len(self) == 1:
            self.settle("stop")
            raise InputError(f"{self.name} has a header and no rows.", "Give a file with rows.")
        self.header = self.first
        self.cells = [column.slice(1) for column in self.cells]

    def keep(self, wanted: NDArray[np.bool_]) -> None:
        """Leave out rows that are part of the format and say nothing, before any is rejected."""
        self._places = np.flatnonzero(wanted)
        self.cells = [column.filter(pa.array(wanted)) for column in self.cells]
        self._kept = None

    def find(self, *names: str) -> int | None:
        """The index of the first column with one of these names, upper or lower case."""
        header = [name.casefold() for name in self.header or ()]
        return next((header.index(name) for name in names if name in header), None)

    def need(self, *names: str) -> int:
        """As ``find``, for a column that must be there.

        Raises:
            InputError: there is no such column.
        """
        index = self.find(*names)
        if index is None:
            there = ", ".join(repr(name) for name in self.header or ())
            raise InputError(
                f"{self.name} has no column {names[0]!r}; its columns are {there}.",
                "Give the whole export, with its header.",
            )
        return index

    def words(self, column: int) -> pa.Array:
        """string[n]: the words of a column, trimmed."""
        return pc.utf8_trim_whitespace(self.cells[column])

    def numbers(
        self,
        column: int,
        *,
        low: float = -np.inf,
        high: float = np.inf,
        whole: bool = False,
        gaps: bool = False,
    ) -> NDArray[np.float64]:
        """float64[n]: the numbers of a column, NaN where a blank says that there is none.

        Rows with anything but a number from ``low`` to ``high`` are rejected, blanks too unless
        ``gaps`` are allowed.
        """
        values, blank, wrong = read_numbers(self.words(column))
        wrong |= ~blank & ~wrong & ~((values >= low) & (values <= high))
        if whole:
            wrong |= ~blank & ~wrong & (np.floor(values) != values)
        if not gaps:
            wrong |= blank
        self.reject(wrong, column, _expected_number(low, high, whole=whole, gaps=gaps))
        values[wrong] = np.nan
        return values

    def times(self, column: int, zone: tzinfo | None = None) -> NDArray[np.int64]:
        """int64[n]: the times of a column in microseconds since 1970 UTC.

        Times without a zone are of ``zone``, or UTC where there is none.
        """
        times, wrong = read_times(self.words(column), zone)
        self.reject(wrong, column, "a time in ISO 8601 from 1980 to 2199")
        return times

    def codes(self, column: int) -> tuple[list[str], NDArray[np.int64]]:
        """The distinct words of a column, and int64[n]: which of them each row holds."""
        encoded = self.words(column).dictionary_encode()
        return encoded.dictionary.to_pylist(), encoded.indices.to_numpy(zero_copy_only=False)

    def reject(self, wrong: NDArray[np.bool_], column: int, expected: str) -> None:
        """Mark rows as bad; the first thing that is found wrong with a row is what is told."""
        for row in np.flatnonzero(wrong & self.good).tolist():
            self._rejected[row] = (column, expected)
        self._kept = None

    def reject_row(self, row: int, column: int, expected: str) -> None:
        """Mark one row as bad."""
        self._rejected.setdefault(row, (column, expected))
        self._kept = None

    @property
    def good(self) -> NDArray[np.bool_]:
        """bool[n]: the rows in which nothing was found wrong so far."""
        if self._kept is None:
            kept = np.ones(len(self), dtype=np.bool_)
            kept[list(self._rejected)] = False
            self._kept = kept
        return self._kept

    def settle(self, on_bad: OnBad) -> tuple[BadRowError, ...]:
        """The bad rows in the order of the file, or the first of them raised.

        Raises:
            BadRowError: there is a bad row and ``on_bad`` is ``stop``.
        """
        bad = [*self._ragged, *(self._error(row) for row in self._rejected)]
        bad.sort(key=lambda error: error.line)
        if bad and on_bad == "stop":
            raise bad[0]
        return tuple(bad)

    def line(self, row: int) -> int:
        """The number of a row's line, the first line of the file being 1."""
        place = row if self._places is None else int(self._places[row])
        if self._numbered:
            return place + 1
        return self._lines[place + (self.header is not None)]

    def column_name(self, column: int) -> str:
        """The column's name, or its number where the file names none, the first being 1."""
        return (self.header[column] if self.header else "") or str(column + 1)

    def _error(self, row: int) -> BadRowError:
        column, expected = self._rejected[row]
        value = self.cells[column][row].as_py()
        return BadRowError(self.name, self.line(row), self.column_name(column), value, expected)

    @cached_property
    def _lines(self) -> list[int]:
        width = len(self.cells)
        records = _records(self._text, self._delimiter, self.name)
        return [line for line, words in records if len(words) == width]


def rows_of_table(table: pa.Table, *, name: str) -> Rows:
    """The rows of a table that is already one, such as a Parquet file's; lines are row numbers.

    Raises:
        InputError: a column holds something that cannot be written as a word.
    """
    cells = []
    for column in table.itercolumns():
        try:
            cells.append(column.combine_chunks().cast(pa.string()).fill_null(""))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            raise InputError(
                f"{name} has a column of the type {column.type}, which is no column of numbers,"
                " words or times.",
                "Name other columns, or write it flat.",
            ) from None
    return Rows(name=name, cells=cells, header=tuple(table.column_names), _numbered=True)


def read_rows(data: bytes, *, name: str, comment: bytes | None = None) -> Rows:
    """Read a table of separated values; comma, semicolon, tab or bar, whichever its head shows.

    Rows with too few or too many columns are bad rows. Lines that begin with ``comment`` before the
    first row are passed over.

    Raises:
        InputError: the file is empty or no table.
    """
    text = read_table_text(data, name=name)
    if comment is not None:
        text = _blank_comments(text, comment)
    delimiter = _sniff_delimiter(text)
    ragged: list[BadRowError] = []
    try:
        cells = _read_quickly(text, delimiter, name)
    except pa.ArrowInvalid:
        cells, ragged = _read_exactly(text, delimiter, name)
    return Rows(name=name, cells=cells, _text=text, _delimiter=delimiter, _ragged=ragged)


def _blank_comments(text: bytes, comment: bytes) -> bytes:
    lines = text.splitlines(keepends=True)
    count = next((i for i, line in enumerate(lines) if not line.startswith(comment)), len(lines))
    return b"\n" * count + b"".join(lines[count:])


def _sniff_delimiter(text: bytes) -> str:
    head = text.lstrip()[:LONGEST_LINE].split(b"\n", 1)[0].decode(errors="replace")
    bare = "".join(head.split('"')[::2])
    return max(_DELIMITERS, key=bare.count)


def _read_quickly(text: bytes, delimiter: str, name: str) -> list[pa.Array]:
    _, first = next(_records(text, delimiter, name), (0, None))
    if first is None:
        raise InputError(f"{name} holds no rows.", "Give a file with at least one row.")
    width = len(first)
    table = pa.csv.read_csv(
        io.BytesIO(text + b"\n"),  # Arrow takes a single row without an end for none
        pa.csv.ReadOptions(autogenerate_column_names=True, block_size=_BLOCK),
        pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=b'"' in text),
        pa.csv.ConvertOptions(column_types={f"f{i}": pa.string() for i in range(width)}),
    )
    return [column.combine_chunks() for column in table.columns]


def _read_exactly(
    text: bytes, delimiter: str, name: str
) -> tuple[list[pa.Array], list[BadRowError]]:
    records = list(_records(text, delimiter, name))
    width = Counter(len(words) for _, words in records).most_common(1)[0][0]
    cells: list[Sequence[str]] = list(
        zip(*(words for _, words in records if len(words) == width), strict=True)
    )
    ragged = [
        BadRowError(
            name,
            line,
            str(min(len(words), width) + 1),
            delimiter.join(words),
            f"a row of {width} columns, but one of {len(words)}",
        )
        for line, words in records
        if len(words) != width
    ]
    return [pa.array(column, pa.string()) for column in cells], ragged


def _records(text: bytes, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The line that each record begins on, and its words; empty lines are none."""
    reader = csv.reader(io.StringIO(text.decode(), newline=""), delimiter=delimiter)
    line = 1
    try:
        for words in reader:
            if words:
                yield line, words
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{name}, line {line}: the row that begins here cannot be read: {error}.",
            "Most often a quotation mark was opened there and never closed.",
        ) from None


def _expected_number(low: float, high: float, *, whole: bool, gaps: bool) -> str:
    kind = "a whole number" if whole else "a number"
    if np.isfinite(low) and np.isfinite(high):
        kind += f" from {low:g} to {high:g}"
    elif np.isfinite(low):
        kind += f" of {low:g} or more"
    return f"{kind}, or blank for a gap" if gaps else kind
