from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import duckdb
import msgspec
import pytest
from deltalake import DeltaTable
from store_bench import START, bench_at

from zicht.model.health import Sickness
from zicht.model.outage import Event, Outage, Phase, PlaneState, ShutdownLikelihood, Source

if TYPE_CHECKING:
    from pathlib import Path

    from store_bench import Bench

HOUR = timedelta(hours=1)

OUTAGE = Outage(
    id="outage-1",
    signal="table.visible",
    plane="control",
    entity="country/KZ",
    onset=(START, START + HOUR),
    end=None,
    ongoing=True,
    depth_percent=3.5,
    depth_interval=(2.0, 5.0),
    belief=0.999,
    alerted_at=START + 2 * HOUR,
    samples=12,
)

EVENT = Event(
    id="event-1",
    entity="country/KZ",
    event_class="total",
    onset=(START, START + HOUR),
    end=None,
    ongoing=True,
    depth_percent=3.5,
    depth_signal="table.visible",
    phases=(
        Phase(
            start=START,
            end=None,
            event_class="total",
            planes={"control": PlaneState(signal="table.visible", connectivity_percent=3.5)},
        ),
    ),
    outages=("outage-1",),
    operators=(),
    restorations=(),
    recurrences=0,
    shutdown_likelihood=ShutdownLikelihood(at_onset=0.5, after_end=None, evidence_for=("a",)),
    sources=(Source(signal="table.visible", licence="CC0-1.0", citation="The tests"),),
    as_of=START + 3 * HOUR,
)

SICK = Sickness(signal="table.visible", start=START, end=START + HOUR, reason="all zero")


@pytest.fixture
def bench(place: Path | str) -> Bench:
    return bench_at(place)


def _write(bench: Bench, *, hour: int = 0, **found: Any) -> None:
    nothing: dict[str, Any] = {"outages": [], "events": [], "sicknesses": []}
    bench.store.write_detection(**{**nothing, **found}, known_at=START + hour * HOUR)


def test_what_was_found_is_read_back_as_it_was(bench: Bench) -> None:
    _write(bench, outages=[OUTAGE], events=[EVENT], sicknesses=[SICK])
    assert bench.store.outages() == [OUTAGE]
    assert bench.store.events() == [EVENT]
    assert bench.store.sicknesses() == [SICK]


def test_finding_the_same_again_writes_nothing(bench: Bench) -> None:
    _write(bench, outages=[OUTAGE], events=[EVENT], sicknesses=[SICK])
    versions = [table.log.snapshot().version for table in bench.store.tables]
    later = msgspec.structs.replace(EVENT, as_of=START + 9 * HOUR)
    _write(bench, outages=[OUTAGE], events=[later], sicknesses=[SICK], hour=1)
    assert [table.log.snapshot().version for table in bench.store.tables] == versions


def test_a_change_is_the_next_revision_and_the_first_stays_known(bench: Bench) -> None:
    _write(bench, events=[EVENT], outages=[OUTAGE], hour=1)
    ended = msgspec.structs.replace(EVENT, end=(START + 9 * HOUR, START + 10 * HOUR), ongoing=False)
    _write(bench, events=[ended], hour=2)
    assert bench.store.events() == [msgspec.structs.replace(ended, revision=2)]
    assert bench.store.events(as_of=START + HOUR) == [EVENT]
    assert bench.store.events(as_of=START) == []
    assert bench.store.outages() == [OUTAGE]


def test_what_is_retracted_is_kept_and_left_out(bench: Bench) -> None:
    _write(bench, outages=[OUTAGE], hour=1)
    _write(bench, outages=[msgspec.structs.replace(OUTAGE, retracted=True)], hour=2)
    assert bench.store.outages() == []
    assert bench.store.outages(as_of=START + HOUR) == [OUTAGE]
    kept = bench.store.outages(with_retracted=True)
    assert [(one.id, one.revision, one.retracted) for one in kept] == [("outage-1", 2, True)]


def test_a_sickness_replaces_those_of_its_signal_that_it_overlaps(bench: Bench) -> None:
    later = Sickness(
        signal=SICK.signal, start=START + 5 * HOUR, end=START + 6 * HOUR, reason="silent"
    )
    other = msgspec.structs.replace(SICK, signal="other.signal")
    _write(bench, sicknesses=[SICK, later, other], hour=1)
    wider = msgspec.structs.replace(SICK, start=START - HOUR)
    _write(bench, sicknesses=[wider], hour=2)
    assert bench.store.sicknesses() == [other, wider, later]
    assert bench.store.sicknesses(as_of=START + HOUR) == [other, SICK, later]


def test_other_tools_find_the_main_fields_as_columns(bench: Bench) -> None:
    _write(bench, outages=[OUTAGE], events=[EVENT], sicknesses=[SICK])
    lake = bench.store.lake
    events, outages = (
        DeltaTable(lake.table_address(table), storage_options=lake.options).to_pyarrow_table()
        for table in ("events", "outages")
    )
    assert duckdb.execute(
        "SELECT id, entity, class, onset_latest - onset_earliest = INTERVAL 1 HOUR, end_latest,"
        " ongoing, depth_percent, simulated, revision, retracted FROM events"
    ).fetchall() == [
        ("event-1", "country/KZ", "total", True, None, True, 3.5, False, 1, False),
    ]
    assert duckdb.execute("SELECT signal, plane, belief, samples FROM outages").fetchall() == [
        ("table.visible", "control", 0.999, 12)
    ]
    assert events.num_rows == outages.num_rows == 1
    assert msgspec.json.decode(events["record"][0].as_py(), type=Event) == EVENT
