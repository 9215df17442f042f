from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from store_bench import START, bench_at

from zicht.errors import InputError, UsageError
from zicht.model.entity import EntityFact
from zicht.model.series import OBSERVATIONS
from zicht.store import Appended, open_store

if TYPE_CHECKING:
    from pathlib import Path

    from store_bench import Bench


@pytest.fixture
def bench(place: Path | str) -> Bench:
    return bench_at(place)


def test_what_was_appended_is_read_back(bench: Bench) -> None:
    assert bench.append((0, 5.0), (1, 6.0), (3, 7.0)) == Appended(3, 0, 0)
    assert bench.values() == [5.0, 6.0, None, 7.0]


def test_appending_the_same_twice_changes_nothing(bench: Bench) -> None:
    bench.append((0, 5.0, 10), (1, 6.0))
    before = bench.store.table()
    assert bench.append((0, 5.0, 10), (1, 6.0), hour=1) == Appended(0, 0, 2)
    assert bench.store.table().equals(before)


def test_another_value_is_a_higher_revision_and_the_first_stays_known(bench: Bench) -> None:
    bench.append((0, 5.0), (1, 6.0), hour=1)
    assert bench.append((1, 9.0), (2, 8.0), hour=2) == Appended(1, 1, 0)
    assert bench.values() == [5.0, 9.0, 8.0]
    assert bench.values(hour=1) == [5.0, 6.0]
    assert bench.values(hour=0) == []
    assert bench.store.table()["revision"].to_pylist() == [1, 2, 1]


def test_another_number_of_samples_is_a_revision(bench: Bench) -> None:
    bench.append((0, 5.0, 10))
    assert bench.append((0, 5.0, 11)) == Appended(0, 1, 0)
    assert bench.store.read(bench.signal.name, "country/KZ").samples.tolist() == [11.0]


def test_a_null_takes_a_value_back_and_says_nothing_where_there_was_none(bench: Bench) -> None:
    assert bench.append((0, None), (1, 6.0), hour=1) == Appended(1, 0, 1)
    assert bench.append((0, None), (1, None), hour=2) == Appended(0, 1, 1)
    assert bench.append((1, None), hour=3) == Appended(0, 0, 1)
    assert bench.values() == [None]
    assert bench.values(hour=1) == [6.0]
    assert bench.append((1, 6.0), hour=4) == Appended(0, 1, 0)
    assert bench.values() == [6.0]


def test_nan_counts_as_null(bench: Bench) -> None:
    assert bench.append((0, float("nan"))) == Appended(0, 0, 1)


def test_a_clock_that_jumps_back_hides_no_newer_revision(bench: Bench) -> None:
    bench.append((0, 1.0), hour=10)
    bench.append((0, 2.0), hour=20)
    bench.append((0, 3.0), hour=5)
    assert bench.values() == [3.0]
    assert bench.values(hour=10) == [3.0]
    assert bench.values(hour=4) == []


def test_the_same_row_twice_in_one_append_is_one(bench: Bench) -> None:
    assert bench.append((0, 1.0), (1, None), (0, 1.0), (1, None)) == Appended(1, 0, 1)


def test_rows_of_one_append_that_contradict_each_other_are_refused(bench: Bench) -> None:
    with pytest.raises(
        InputError, match=r"country/KZ at 2022-01-01T00:10:00Z is given twice, as 1.0 and as 2.0"
    ):
        bench.append((0, 5.0), (2, 1.0), (2, 2.0))
    assert bench.store.keys() == []


def test_a_value_and_no_value_for_one_bin_contradict_each_other(bench: Bench) -> None:
    with pytest.raises(InputError, match="given twice"):
        bench.append((0, None), (0, 2.0))


@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_infinite_values_are_refused(bench: Bench, value: float) -> None:
    with pytest.raises(InputError, match="infinite"):
        bench.append((0, 1.0), (1, value))


@pytest.mark.parametrize("year", [1969, 2200])
def test_times_that_cannot_be_are_refused(bench: Bench, year: int) -> None:
    rows = [
        {
            "signal": bench.signal.name,
            "entity": "country/KZ",
            "time": datetime(year, 12, 31, tzinfo=UTC),
            "value": 1.0,
            "samples": None,
        }
    ]
    with pytest.raises(InputError, match=f"{year}-12-31"):
        bench.append_table(pa.Table.from_pylist(rows, OBSERVATIONS))


def test_nanoseconds_posing_as_microseconds_are_refused(bench: Bench) -> None:
    table = bench.observations([(0, 1.0)])
    wrong = pa.array([1_640_995_200 * 10**9], pa.int64()).cast(OBSERVATIONS.field("time").type)
    with pytest.raises(InputError, match="unit"):
        bench.append_table(table.set_column(2, "time", wrong))


def test_a_column_that_is_absent_or_of_another_type_is_named(bench: Bench) -> None:
    table = bench.observations([(0, 1.0)])
    with pytest.raises(InputError, match="samples"):
        bench.append_table(table.drop_columns(["samples"]))
    with pytest.raises(InputError, match="value"):
        bench.append_table(table.set_column(3, "value", pa.array(["many"])))


def test_an_observation_without_an_entity_is_refused(bench: Bench) -> None:
    table = bench.observations([(0, 1.0)])
    with pytest.raises(InputError, match="no entity"):
        bench.append_table(table.set_column(1, "entity", pa.array([None], pa.string())))
    with pytest.raises(InputError, match="empty entity"):
        bench.append_table(table.set_column(1, "entity", pa.array([""])))


def test_a_signal_without_a_spec_is_refused(bench: Bench) -> None:
    with pytest.raises(InputError, match="has no spec"):
        bench.store.append(
            bench.observations([(0, 1.0)]), signals=[], origin=bench.origin, known_at=START
        )


def test_a_signal_keeps_its_step(bench: Bench) -> None:
    bench.append((0, 1.0))
    with pytest.raises(InputError, match="another name"):
        bench.store.append(
            bench.observations([(0, 1.0)]),
            signals=[msgspec.structs.replace(bench.signal, step=60)],
            origin=bench.origin,
            known_at=START,
        )


def test_a_time_of_knowledge_without_a_zone_is_refused(bench: Bench) -> None:
    with pytest.raises(UsageError, match="time zone"):
        bench.store.append(
            bench.observations([(0, 1.0)]),
            signals=[bench.signal],
            origin=bench.origin,
            known_at=datetime(2022, 1, 1),  # noqa: DTZ001 - what is tested
        )


def test_every_row_names_its_origin(bench: Bench) -> None:
    bench.append((0, 1.0), (1, 2.0))
    other = msgspec.structs.replace(bench.origin, id="lab", licence="MIT", simulated=True)
    bench.store.append(bench.observations([(1, 3.0)]), signals=[], origin=other, known_at=START)
    assert bench.store.table()["origin"].to_pylist() == [bench.origin.id, "lab"]
    series = bench.store.read(bench.signal.name, "country/KZ")
    assert {origin.licence for origin in series.origins} == {"CC0-1.0", "MIT"}
    assert series.simulated


def test_what_sources_say_about_an_entity_is_joined(bench: Bench) -> None:
    for fact in (
        EntityFact(entity="asn/9198", name="Kazakhtelecom", country="KZ"),
        EntityFact(entity="asn/9198", kind="fixed"),
        EntityFact(entity="asn/9198"),
    ):
        bench.store.append(
            bench.observations([]), signals=[], origin=bench.origin, entities=[fact], known_at=START
        )
    assert bench.store.entities() == {
        "asn/9198": EntityFact(entity="asn/9198", name="Kazakhtelecom", country="KZ", kind="fixed")
    }


@pytest.mark.parametrize(
    "values",
    [
        [],
        [7.0],
        [None, None, None],
        [0.0, 0.0, -0.0],
        [-1.5, -1e300, 3.0],
        [1.7976931348623157e308, 5e-324, 2.0**53 + 1],
    ],
    ids=["no rows", "one row", "all gaps", "all zero", "negative", "huge and tiny"],
)
def test_series_of_every_kind_are_kept_as_they_are(
    bench: Bench, values: list[float | None]
) -> None:
    bench.append(*enumerate(values))
    expected = values if any(value is not None for value in values) else []
    assert bench.values() == expected
    assert bench.append(*enumerate(values), hour=1).unchanged == len(values)


def test_a_long_unsorted_append_is_sorted(bench: Bench) -> None:
    order = np.random.default_rng(1).permutation(5000)
    bench.append(*[(int(row), float(row)) for row in order])
    assert bench.values() == [float(row) for row in range(5000)]


def test_late_rows_find_their_place(bench: Bench) -> None:
    bench.append((10, 10.0), hour=1)
    bench.append((0, 0.0), (5, 5.0), hour=2)
    values = bench.values()
    assert (values[0], values[5], values[10]) == (0.0, 5.0, 10.0)


def test_another_process_sees_what_was_appended(bench: Bench) -> None:
    other = open_store(bench.store.address)
    assert other.keys() == []
    bench.append((0, 1.0))
    assert other.keys() == [(bench.signal.name, "country/KZ")]
    bench.append((1, 1.0), entity="country/IR")
    assert len(other.read_all(start=START + timedelta(minutes=5))) == 1


def test_versions_tell_which_tables_changed(bench: Bench) -> None:
    bench.append((0, 1.0))
    other = open_store(bench.store.place)
    before = other.versions()
    bench.append((1, 1.0))
    after = other.versions()
    changed = [
        table.spec.name
        for table, was, is_ in zip(other.tables, before, after, strict=True)
        if was != is_
    ]
    assert changed == ["series"]
