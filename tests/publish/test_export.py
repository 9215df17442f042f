from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import msgspec
import pictures
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import worlds

from zicht.errors import UsageError
from zicht.model.outage import Source
from zicht.model.series import SERIES
from zicht.publish.codf import codf_envelope, codf_records
from zicht.publish.export import (
    event_table,
    file_format,
    json_bytes,
    outage_table,
    record_bytes,
    series_table,
    table_bytes,
)

WORLD = worlds.blackout()
SIGNALS = {one.series.signal.name: one.series.signal for one in WORLD.assessments}


def rows() -> pa.Table:
    """Three bins: one that is simulated, one that is measured, and one without a value."""
    return pa.Table.from_pylist(
        [
            {
                "signal": "probe.answering",
                "entity": "country/KZ",
                "time": worlds.START + number * timedelta(minutes=10),
                "value": value,
                "samples": None,
                "revision": 1,
                "known_at": worlds.END + timedelta(microseconds=5),
                "origin": origin.id,
            }
            for number, (value, origin) in enumerate(
                [(912.5, worlds.LAB), (0.0, worlds.MEASURED), (None, worlds.LAB)]
            )
        ],
        SERIES,
    )


def series() -> pa.Table:
    return series_table(rows(), {one.id: one for one in (worlds.LAB, worlds.MEASURED)})


def test_series_in_parquet_carry_licence_citation_and_simulated_in_rows_and_metadata() -> None:
    table = pq.read_table(BytesIO(table_bytes(series(), "parquet")))
    assert table["simulated"].to_pylist() == [True, False, True]
    assert table["licence"].to_pylist() == ["CC0 1.0", "CC BY 4.0", "CC0 1.0"]
    assert table["value"].to_pylist() == [912.5, 0.0, None]
    assert table["time"].type == pa.timestamp("us", tz="UTC")
    facts = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert facts["zicht.licence"] == "CC BY 4.0; CC0 1.0"
    assert facts["zicht.simulated"] == "true"
    assert facts["zicht.notice"] == "RECONSTRUCTION - NOT A MEASUREMENT"


def test_nothing_at_all_can_be_exported() -> None:
    empty = series_table(SERIES.empty_table(), {})
    assert pq.read_table(BytesIO(table_bytes(empty, "parquet"))).num_rows == 0
    assert table_bytes(empty, "csv").count(b"\n") == 1
    assert table_bytes(empty, "jsonl") == b""
    assert json.loads(table_bytes(empty, "json")) == []
    assert event_table([]).num_rows == outage_table([], {}).num_rows == 0


@pytest.mark.parametrize("written_as", ["csv", "jsonl"])
def test_series_are_written_as_they_were(written_as: str) -> None:
    text = table_bytes(series(), file_format(Path(f"a.{written_as}"))).decode()
    assert pictures.same_as_golden(f"series.{written_as}", text)


def test_outages_are_written_as_they_were() -> None:
    sources = {
        one.id: Source(
            signal=one.signal,
            licence=SIGNALS[one.signal].licence,
            citation=SIGNALS[one.signal].citation,
        )
        for one in WORLD.outages
    }
    text = table_bytes(outage_table(WORLD.outages, sources), "csv").decode()
    assert pictures.same_as_golden("outages.csv", text)


def test_events_are_written_as_they_were() -> None:
    assert pictures.same_as_golden("events.jsonl", record_bytes([WORLD.event], lines=True).decode())
    assert pictures.same_as_golden(
        "events.csv", table_bytes(event_table([WORLD.event]), "csv").decode()
    )


def test_events_in_json_keep_the_promised_names() -> None:
    (event,) = json.loads(record_bytes([WORLD.event], lines=False))
    assert event["class"] == "routes-up-packets-dead"
    assert event["simulated"] is True
    assert event["phases"][0]["class"] == "routes-up-packets-dead"
    assert msgspec.convert(event, type(WORLD.event)) == WORLD.event


def test_codf_is_written_as_it_was() -> None:
    records = codf_records([WORLD.event], WORLD.outages, lambda entity: entity)
    text = json_bytes(codf_envelope(records, [WORLD.event])).decode()
    assert pictures.same_as_golden("events.codf.json", text)


def test_codf_has_every_field_of_iodas_own_records(data_folder: Path) -> None:
    sample = json.loads((data_folder / "api/ioda/outages_events_sample.json").read_bytes())
    records = codf_records([WORLD.event], WORLD.outages, lambda entity: entity)
    ours = codf_envelope(records, [WORLD.event])
    assert set(sample) == set(ours)
    assert ours["type"] == sample["type"]
    own = {"simulated", "event", "shutdown_likelihood"}
    for record in ours["data"]:
        assert set(record) - own == set(sample["data"][0])
        assert isinstance(record["start"], int)
        assert isinstance(record["duration"], int)


def test_codf_says_which_outages_reach_over_the_period() -> None:
    inside = codf_records([WORLD.event], WORLD.outages, str, start=worlds.START, until=worlds.END)
    assert [one.overlaps_window for one in inside] == [False, False, False, False, False, True]
    cut = codf_records([WORLD.event], WORLD.outages, str, start=worlds.LIFTED)
    assert [one.overlaps_window for one in cut][:2] == [True, False]
    assert cut[-1].duration == int((worlds.END - worlds.ONSET).total_seconds())


def test_a_format_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(UsageError, match=r"\.parquet"):
        file_format(Path("a.xlsx"))
