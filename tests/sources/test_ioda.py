"""IODA's exports, in both forms, as recorded and as others may look."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
import pytest

from zicht.errors import BadRowError, InputError, UsageError
from zicht.model.entity import EntityFact
from zicht.model.series import OBSERVATIONS
from zicht.sources import ioda

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.sources.parsed import Parsed

LONG = """\
bgp,4896,44244,IranCell,2019-11-14 08:10:00+00:00
bgp,,44244,IranCell,2019-11-14 08:15:00+00:00
darknet,1.5,44244,IranCell,2019-11-14 08:10:00+00:00
active_probing,11174,0,Country wide,2019-11-14 08:10:00+00:00
"""
WIDE = """\
"Time (UTC)","BGP (#Visible /24s)","Mozilla (City Count)"
"2025-12-01 00:00:00",99.5,15
"2025-12-01 00:30:00",100,
"2025-12-01 01:00:00",,12.5
"2025-12-01 01:30:00",98.1,
"2025-12-01 02:00:00",98.2,
"2025-12-01 02:30:00",98.3,
"2025-12-01 03:00:00",98.3,13
"""


def read(text: str, **options: Any) -> Parsed:
    return ioda.parse(text.encode(), name="ioda.csv", **{"country": "IR"} | options)


def rows(parsed: Parsed) -> list[tuple[str, str, datetime, float | None]]:
    columns = parsed.observations.select(["signal", "entity", "time", "value"])
    return [tuple(row.values()) for row in columns.to_pylist()]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


LONG_ROWS = [
    ("ioda.bgp", "asn/44244", at("2019-11-14 08:10"), 4896),
    ("ioda.bgp", "asn/44244", at("2019-11-14 08:15"), None),
    ("ioda.ping-slash24", "country/IR", at("2019-11-14 08:10"), 11174),
    ("ioda.ucsd-nt", "asn/44244", at("2019-11-14 08:10"), 1.5),
]


def test_a_long_export_has_a_row_a_signal_entity_and_time() -> None:
    parsed = read(LONG)
    assert rows(parsed) == LONG_ROWS
    assert {signal.name: signal.step for signal in parsed.signals} == {
        "ioda.bgp": 300,
        "ioda.ping-slash24": 600,
        "ioda.ucsd-nt": 300,
    }
    assert parsed.entities == (EntityFact(entity="asn/44244", name="IranCell", country="IR"),)
    assert parsed.observations.schema == OBSERVATIONS


def test_rows_of_a_country_need_its_name_and_rows_of_operators_do_not() -> None:
    with pytest.raises(UsageError, match="--country IR"):
        read(LONG, country=None)
    operators = "".join(LONG.splitlines(keepends=True)[:3])
    assert read(operators, country=None).entities[0].country is None


@pytest.mark.parametrize(
    "order", [(4, 3, 2, 1, 0), (2, 0, 1, 4, 3), (0, 2, 1, 3, 4)], ids=["reversed", "mixed", "asn"]
)
def test_columns_in_another_order_are_told_by_what_stands_in_them(order: tuple[int, ...]) -> None:
    lines = [line.split(",") for line in LONG.splitlines()]
    text = "\n".join(",".join(line[i] for i in order) for line in lines)
    assert rows(read(text)) == LONG_ROWS


def test_operators_may_be_written_with_as() -> None:
    assert rows(read(LONG.replace("44244", "AS44244"))) == LONG_ROWS


def test_a_header_names_the_columns() -> None:
    header = "signal,value,asn,name,time\n"
    assert rows(read(header + LONG)) == LONG_ROWS


def test_columns_may_be_missing() -> None:
    text = "bgp,5,2019-11-14 08:10:00Z\nbgp,6,2019-11-14 08:15:00Z\n"
    assert [row[1] for row in rows(read(text))] == ["country/IR"] * 2
    unnamed = "bgp,4896,44244,2019-11-14 08:10:00Z\nbgp,4897,44244,2019-11-14 08:15:00Z\n"
    assert [row[1] for row in rows(read(unnamed))] == ["asn/44244"] * 2


def test_an_unknown_signal_is_a_bad_row_that_lists_the_known_ones() -> None:
    with pytest.raises(BadRowError, match="active_probing, bgp, darknet") as raised:
        read(LONG.replace("darknet", "latency"))
    assert (raised.value.line, raised.value.column, raised.value.value) == (3, "1", "latency")


@pytest.mark.parametrize(
    ("wrong", "right", "line", "column"),
    [
        ("many", "4896", 1, "2"),
        ("-5", "4896", 1, "2"),
        ("inf", "4896", 1, "2"),
        ("2019-13-14 08:15:00", "2019-11-14 08:15:00", 2, "5"),
        ("IranCell,2019-11-14 08:10 IRST\n", "IranCell,2019-11-14 08:10:00+00:00\n", 1, "5"),
        (",x44,", ",44244,", 1, "3"),
    ],
)
def test_a_bad_row_is_told_exactly(wrong: str, right: str, line: int, column: str) -> None:
    with pytest.raises(BadRowError) as raised:
        read(LONG.replace(right, wrong, 1))
    assert (raised.value.file, raised.value.line, raised.value.column) == ("ioda.csv", line, column)


def test_bad_rows_can_be_skipped_and_are_counted() -> None:
    parsed = read(LONG.replace("4896", "many") + "bgp,1\n", on_bad="skip")
    assert rows(parsed) == LONG_ROWS[1:]
    assert [(bad.line, bad.column) for bad in parsed.bad_rows] == [(1, "2"), (5, "3")]


def test_what_is_said_twice_is_taken_once_and_a_contradiction_is_bad() -> None:
    first = LONG.splitlines(keepends=True)[0]
    assert rows(read(LONG + first)) == LONG_ROWS
    with pytest.raises(BadRowError, match="4896, which line 1 says") as raised:
        read(LONG + first.replace("4896", "4897"))
    assert raised.value.line == 5


def test_a_wide_export_has_a_column_a_signal() -> None:
    parsed = read(WIDE)
    assert [(s.name, s.step, s.scale) for s in parsed.signals] == [
        ("ioda.bgp.norm.30m", 1800, "share"),
        ("ioda.mozilla.norm.1h", 3600, "index"),
    ]
    assert [row[3] for row in rows(parsed)[:3]] == [99.5, 100, None]


def test_blanks_between_the_values_of_a_coarser_signal_are_no_bins() -> None:
    mozilla = [row for row in rows(read(WIDE)) if row[0] == "ioda.mozilla.norm.1h"]
    assert [(row[2].hour, row[3]) for row in mozilla] == [(0, 15), (1, 12.5), (2, None), (3, 13)]


def test_too_few_values_are_on_the_signals_usual_step() -> None:
    text = WIDE.replace(",15\n", ",\n").replace(",12.5\n", ",\n").replace(",13\n", ",\n")
    assert [signal.name for signal in read(text).signals] == [
        "ioda.bgp.norm.30m",
        "ioda.mozilla.norm.1h",
    ]


def test_counts_are_told_from_percentages() -> None:
    text = '"Time (UTC)","BGP (#Visible /24s)"\n2025-12-01 00:00,9996\n2025-12-01 00:05,9997\n'
    assert [(s.name, s.scale) for s in read(text).signals] == [("ioda.bgp", "count")]
    assert read(text.replace("00:05", "00:30")).signals[0].name == "ioda.bgp.30m"


def test_a_wide_export_may_be_of_an_operator_and_must_be_of_something() -> None:
    assert rows(read(WIDE, entity="AS44244"))[0][1] == "asn/44244"
    with pytest.raises(UsageError, match="--country"):
        read(WIDE, country=None)


def test_a_column_of_no_known_signal_stops_and_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"'Latency \(ms\)' is no known signal; known are BGP"):
        read(WIDE.replace("Mozilla (City Count)", "Latency (ms)"))


def test_local_times_are_refused() -> None:
    with pytest.raises(InputError, match="Export them in UTC"):
        read(WIDE.replace("Time (UTC)", "Time (Tehran)"))


def test_another_table_is_told_what_was_looked_for() -> None:
    with pytest.raises(InputError, match="zicht import table"):
        read("a,b\n1,2\n")


def test_iran_2019_as_recorded(data_folder: Path) -> None:
    file = data_folder / "series/ioda-iran-2019/20191123-ioda-iran-charts.csv"
    parsed = ioda.parse(file.read_bytes(), name=file.name, country="IR")
    assert parsed.observations.num_rows == 73_260
    assert parsed.observations["value"].null_count == 5_592
    assert len(parsed.entities) == 10
    assert len(pc.unique(parsed.observations["entity"])) == 11


def test_iran_2026_as_recorded(data_folder: Path) -> None:
    file = data_folder / "series/ioda-iran-2026/ioda-iran-26-01-01-00-00-normalized.csv"
    parsed = ioda.parse(file.read_bytes(), name=file.name, country="IR")
    gaps = {}
    for signal in parsed.signals:
        of = parsed.observations.filter(pc.equal(parsed.observations["signal"], signal.name))
        gaps[signal.name] = (of.num_rows, of["value"].null_count)
    assert gaps == {
        "ioda.gtr.norm.30m": (2864, 2),
        "ioda.merit-nt.norm.30m": (2864, 274),
        "ioda.bgp.norm.30m": (2864, 7),
        "ioda.ping-slash24.norm.30m": (2864, 2),
        "ioda.mozilla.norm.1h": (1432, 16),
    }
