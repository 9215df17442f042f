"""What holds for every source: each of its formats runs through the same tests."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from source_formats import FORMATS, GOOGLE_ANSWER, Format, Said

from zicht.errors import BadRowError, InputError, UsageError
from zicht.model.series import OBSERVATIONS
from zicht.observe.ingest import SOURCES

if TYPE_CHECKING:
    from zicht.sources.parsed import Parsed

EVERY = [*FORMATS, GOOGLE_ANSWER]
TABLES = pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
ALL = pytest.mark.parametrize("form", EVERY, ids=lambda form: form.name)
quick = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def said(parsed: Parsed) -> Said:
    rows = parsed.observations.to_pylist()
    return {
        (row["signal"], row["entity"], row["time"]): row["value"]
        for row in rows
        if row["value"] is not None
    }


def check(parsed: Parsed) -> None:
    table = parsed.observations
    assert table.schema == OBSERVATIONS
    keys = list(zip(*(table[name].to_pylist() for name in table.column_names[:3]), strict=True))
    assert len(set(keys)) == len(keys)
    assert {key[0] for key in keys} <= {signal.name for signal in parsed.signals}
    values = table["value"].drop_null().to_numpy()
    assert np.isfinite(values).all()


@ALL
@quick
@given(data=st.data())
def test_what_is_written_is_read(form: Format, data: st.DataObject) -> None:
    contents = data.draw(form.contents)
    parsed = form.read(form.write(contents).encode())
    check(parsed)
    assert said(parsed) == pytest.approx(form.say(contents))
    assert parsed.bad_rows == ()


@ALL
@quick
@given(data=st.binary(max_size=300), on_bad=st.sampled_from(["stop", "skip"]))
def test_bytes_of_any_kind_are_read_or_refused(form: Format, data: bytes, on_bad: str) -> None:
    with suppress(InputError, UsageError):
        check(form.read(data, on_bad=on_bad))


@ALL
@quick
@given(data=st.data(), on_bad=st.sampled_from(["stop", "skip"]))
def test_damaged_files_are_read_or_refused(form: Format, data: st.DataObject, on_bad: str) -> None:
    text = bytearray(form.write(data.draw(form.contents)).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text) - 1))
        piece = data.draw(
            st.sampled_from([b"", b'"', b",", b"\n", b";", b"-", b"9", b"e", b"\xff"])
        )
        text[place : place + data.draw(st.integers(0, 3))] = piece
    with suppress(InputError, UsageError):
        check(form.read(bytes(text), on_bad=on_bad))


@TABLES
@quick
@given(data=st.data())
def test_line_ends_marks_and_utf16_make_no_difference(form: Format, data: st.DataObject) -> None:
    text = form.write(data.draw(form.contents))
    plain = form.read(text.encode()).observations
    for other in (
        text.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + text.encode(),
        text.encode("utf-16"),
        text.replace("\n", "\n\n").encode(),
        text.removesuffix("\n").encode(),
    ):
        assert form.read(other).observations.equals(plain)


@TABLES
@quick
@given(data=st.data())
def test_the_order_of_rows_and_repeated_rows_make_no_difference(
    form: Format, data: st.DataObject
) -> None:
    lines = form.write(data.draw(form.contents)).splitlines(keepends=True)
    head, rows = lines[: int(form.header)], lines[int(form.header) :]
    shuffled = data.draw(st.permutations(rows)) + rows[:2]
    plain = form.read("".join(lines).encode())
    other = form.read("".join([*head, *shuffled]).encode())
    assert other.observations.equals(plain.observations)


@TABLES
@quick
@given(data=st.data())
def test_a_bad_row_is_told_with_its_place_and_can_be_skipped(
    form: Format, data: st.DataObject
) -> None:
    lines = form.write(data.draw(form.contents)).splitlines()
    column, word = form.spoil
    place = int(form.header) + 1
    cells = lines[place].replace('"a, note"', "note").split(",")
    cells[column] = word
    lines[place] = ",".join(cells)
    text = "\n".join(lines).encode()
    with pytest.raises(BadRowError) as raised:
        form.read(text)
    assert (raised.value.file, raised.value.line) == ("file", place + 1)
    assert raised.value.value == word
    parsed = form.read(text, on_bad="skip")
    check(parsed)
    assert [bad.line for bad in parsed.bad_rows] == [place + 1]
    without = "\n".join(lines[:place] + lines[place + 1 :]).encode()
    assert parsed.observations.equals(form.read(without).observations)


@TABLES
def test_a_row_too_short_or_too_long_is_bad(form: Format) -> None:
    text = _example(form)
    for row in ("1", "1" + ",2" * 30):
        with pytest.raises(BadRowError, match="columns"):
            form.read(f"{text}{row}\n".encode())
        assert len(form.read(f"{text}{row}\n".encode(), on_bad="skip").bad_rows) == 1


@TABLES
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"<!DOCTYPE html><html><body>502</body></html>", "web page"),
        (b'{"error": "no such entity"}', "JSON|no column|no export|answer"),
        (b"signal\0,value", "NUL"),
        ("naïve,1\n".encode("latin-1"), "UTF-8"),
        (b"\xff\xfea", "UTF-16"),
        (b"x" * 1_000_001, "1,000,001 bytes"),
    ],
    ids=["empty", "blank", "html", "json", "nul", "latin-1", "utf-16", "long-line"],
)
def test_what_is_no_table_is_refused(form: Format, data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        form.read(data)


@TABLES
def test_a_header_without_rows_is_refused(form: Format) -> None:
    if form.header:
        head = _example(form).split("\n", 1)[0]
        with pytest.raises(InputError, match="no rows"):
            form.read(head.encode())


@TABLES
def test_a_quotation_mark_that_is_never_closed_is_refused(form: Format) -> None:
    with pytest.raises(InputError):
        form.read(f'{_example(form)}"1,2\n'.encode())


@pytest.mark.parametrize("source", SOURCES)
def test_every_signal_has_a_spec(source: str) -> None:
    signals = import_module(f"zicht.sources.{source}").SIGNALS
    assert len({signal.name for signal in signals}) == len(signals)
    for signal in signals:
        assert signal.step > 0
        assert signal.lag >= 0
        assert signal.inputs
        assert signal.licence
        assert signal.citation


def _example(form: Format) -> str:
    """One file of the format, always the same."""
    found: list[str] = []

    @settings(max_examples=1, database=None, derandomize=True)
    @given(contents=form.contents)
    def draw(contents: object) -> None:
        found.append(form.write(contents))

    draw()
    return found[0]
