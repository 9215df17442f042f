"""Any table, whose columns the user names."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from zicht.errors import BadRowError, InputError, UsageError
from zicht.sources.table import TableSpec, parse

if TYPE_CHECKING:
    from zicht.sources.parsed import Parsed

TEXT = "when,answering\n2019-11-11 00:00,5\n2019-11-11 00:05,\n2019-11-11 00:10,7\n"


def read(data: str | bytes, **spec: Any) -> Parsed:
    on_bad = spec.pop("on_bad", "stop")
    said = {"signal": "own.answering", "time": "when", "value": "answering", "entity": "IR"}
    data = data.encode() if isinstance(data, str) else data
    return parse(data, name="own.csv", spec=TableSpec(**said | spec), on_bad=on_bad)


def values(parsed: Parsed) -> list[tuple[datetime, float | None]]:
    return [(row["time"], row["value"]) for row in parsed.observations.to_pylist()]


def at(hour: int, minute: int) -> datetime:
    return datetime(2019, 11, 11, hour, minute, tzinfo=UTC)


VALUES = [(at(0, 0), 5), (at(0, 5), None), (at(0, 10), 7)]


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.replace(",", ";"),
        TEXT.replace(",", "\t"),
        TEXT.replace("\n", "\r\n"),
        "\ufeff" + TEXT,
        TEXT.replace("2019-11-11 00:00", '"2019-11-11T00:00:00Z"').replace(":05,", ":05Z,"),
        TEXT.replace("2019-11-11 00:00", "2019-11-11 03:30+03:30"),
        "when,answering\n1573430400,5\n1573430700,\n1573431000,7\n",
        "when,answering\n1573430400000,5\n1573430700000,\n1573431000000,7\n",
        "answering,note,when\n7,,2019-11-11 00:10\n5,b,2019-11-11\nNaN,,2019-11-11 00:05\n",
    ],
    ids=["comma", "semicolon", "tab", "crlf", "bom", "quoted", "zone", "s", "ms", "unsorted"],
)
def test_every_way_to_write_a_table_says_the_same(text: str) -> None:
    assert values(read(text)) == VALUES


def test_utf16_is_read_by_its_mark() -> None:
    assert values(read(TEXT.encode("utf-16"))) == VALUES


def test_times_without_a_zone_are_of_the_zone_that_is_named() -> None:
    assert values(read(TEXT, time_zone="Asia/Tehran"))[0][0] == datetime(
        2019, 11, 10, 20, 30, tzinfo=UTC
    )
    with pytest.raises(UsageError, match="no time zone"):
        read(TEXT, time_zone="Mars/Olympus")


def test_columns_may_be_numbered_with_and_without_a_header() -> None:
    assert values(read(TEXT, time="1", value="2")) == VALUES
    assert values(read(TEXT.split("\n", 1)[1], time="1", value="2")) == VALUES


def test_entities_and_samples_may_stand_in_columns() -> None:
    text = "t,v,n,e\n2019-11-11,1,10,KZ\n2019-11-12,2,,KZ\n2019-11-12,3,30,AS9198\n"
    parsed = read(text, time="t", value="v", samples="n", entity=None, entity_column="e")
    found = [(r["entity"], r["value"], r["samples"]) for r in parsed.observations.to_pylist()]
    assert found == [("asn/9198", 3, 30), ("country/KZ", 1, 10), ("country/KZ", 2, None)]


def test_an_unreadable_entity_is_a_bad_row() -> None:
    with pytest.raises(BadRowError, match="country/KZ") as raised:
        read("when,answering,e\n2019-11-11,1,Kazakhstan\n", entity=None, entity_column="e", step=60)
    assert (raised.value.line, raised.value.column) == (2, "e")


def test_the_step_is_found_and_said_or_given() -> None:
    parsed = read(TEXT)
    assert parsed.signals[0].step == 300
    assert "300 seconds" in parsed.notes[0]
    given = read(TEXT, step=600)
    assert given.signals[0].step == 600
    assert given.notes == ()


def test_one_row_cannot_tell_the_step() -> None:
    with pytest.raises(UsageError, match="--step"):
        read("when,answering\n2019-11-11,5\n")


def test_the_earliest_bad_row_is_told_before_anything_else() -> None:
    with pytest.raises(BadRowError) as raised:
        read("when,answering\n2019-11-11,5\nyesterday,6\n")
    assert raised.value.line == 3


@pytest.mark.parametrize("scale", ["count", "share"])
def test_counts_and_shares_are_never_negative(scale: str) -> None:
    with pytest.raises(BadRowError, match="0 or more"):
        read(TEXT.replace("5\n", "-5\n"), scale=scale)
    assert values(read(TEXT.replace(",5\n", ",-5\n")))[0][1] == -5


def test_parquet_is_read_like_text() -> None:
    table = pa.table(
        {
            "when": pa.array([1573430400, 1573430700, 1573431000], pa.timestamp("s", tz="UTC")),
            "answering": pa.array([5, None, 7]),
            "other": pa.array([[1], [2], [3]]),
        }
    )
    buffer = io.BytesIO()
    pa.parquet.write_table(table, buffer)
    assert values(read(buffer.getvalue())) == VALUES
    with pytest.raises(InputError, match="no whole Parquet file"):
        read(buffer.getvalue()[:-20])


def test_a_missing_column_lists_those_there_are() -> None:
    with pytest.raises(InputError, match="'when', 'answering'"):
        read(TEXT, value="value")


@pytest.mark.parametrize(
    "spec",
    [{"signal": "Own Signal"}, {"step": 0}, {"entity_column": "e"}, {"entity": "Iran"}],
)
def test_what_makes_no_sense_is_refused(spec: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        read(TEXT, **spec)
