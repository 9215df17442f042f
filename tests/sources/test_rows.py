"""Tables of separated values: the quick way and the exact way read the same."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.errors import BadRowError
from zicht.sources import rows as module
from zicht.sources.rows import read_rows

WORDS = st.text(st.sampled_from('ab 1é"\n\r,;'), max_size=5)


def write(table: list[list[str]]) -> bytes:
    quoted = [['"' + word.replace('"', '""') + '"' for word in row] for row in table]
    return "\n".join(",".join(row) for row in quoted).encode()


@given(st.lists(st.lists(WORDS, min_size=3, max_size=3), min_size=1, max_size=9))
def test_both_ways_read_the_same(table: list[list[str]]) -> None:
    text = write(table)
    quickly = module._read_quickly(text, ",", "file")  # noqa: SLF001 - the two ways are compared
    exactly, ragged = module._read_exactly(text, ",", "file")  # noqa: SLF001
    assert ragged == []
    assert [column.to_pylist() for column in quickly] == [c.to_pylist() for c in exactly]
    assert [list(row) for row in zip(*(c.to_pylist() for c in quickly), strict=True)] == table


@given(st.lists(st.lists(WORDS, min_size=3, max_size=3), min_size=1, max_size=9), st.data())
def test_lines_are_counted_through_quoted_line_ends(
    table: list[list[str]], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(table) - 1))
    before = write(table[:place])
    rows = read_rows(write(table) or b"x", name="file")
    ends = before.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n")
    assert rows.line(place) == ends + 1 + (place > 0)


def test_the_first_thing_wrong_with_a_row_is_told() -> None:
    rows = read_rows(b"x,y\n1,z\n", name="file")
    rows.numbers(0)
    rows.numbers(1)
    with pytest.raises(BadRowError, match="'x'"):
        rows.settle("stop")
    assert [(bad.line, bad.column) for bad in rows.settle("skip")] == [(1, "1"), (2, "2")]


def test_numbers_are_plain_numbers() -> None:
    words = ["1", " 2.5 ", "-3", "+4", "1e3", ".5", "5.", "", "NaN", "null"]
    rows = read_rows("\n".join(f"{word},x" for word in words).encode(), name="file")
    read = pa.array(rows.numbers(0, gaps=True), from_pandas=True).to_pylist()
    assert read == [1, 2.5, -3, 4, 1000, 0.5, 5, None, None, None]
    assert rows.settle("stop") == ()


@pytest.mark.parametrize(
    "word", ["1_000", "1 000", "0x10", "inf", "-Infinity", "\uff11", "1e999", "3,5"]
)
def test_what_is_no_number_is_bad(word: str) -> None:
    rows = read_rows(f'"{word}";x\n"7";x\n'.encode(), name="file")
    rows.numbers(0, gaps=True)
    assert [bad.value for bad in rows.settle("skip")] == [word]
