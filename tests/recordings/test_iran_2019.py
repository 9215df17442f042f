"""Iran's blackout of November 2019, as recorded by IODA: imported, detected, told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from zicht.observe.detection import run_detection
from zicht.observe.ingest import import_files
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.detect.detection import Detection
    from zicht.model.outage import Outage

FILE = "series/ioda-iran-2019/20191123-ioda-iran-charts.csv"
BGP, PROBING, TELESCOPE = "ioda.bgp", "ioda.ping-slash24", "ioda.ucsd-nt"


def november(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2019, 11, day, hour, minute, tzinfo=UTC)


@pytest.fixture(scope="module")
def found(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Detection:
    store = open_store(tmp_path_factory.mktemp("iran-2019") / "store", create=True)
    import_files(store, "ioda", [data_folder / FILE], country="IR")
    return run_detection(store)


def outages(found: Detection, signal: str, entity: str) -> list[Outage]:
    return [one for one in found.outages if (one.signal, one.entity) == (signal, entity)]


def test_there_is_one_national_event_and_all_ten_operators_are_in_it(found: Detection) -> None:
    (event,) = found.events
    assert event.entity == "country/IR"
    assert len(event.operators) == 10
    assert event.event_class == "total"


def test_irancells_routes_go_between_1420_and_1510_on_the_16th(found: Detection) -> None:
    first = outages(found, BGP, "asn/44244")[0]
    assert november(16, 14, 20) <= first.onset[0] < first.onset[1] <= november(16, 15, 10)
    assert first.onset[1] - first.onset[0] <= timedelta(minutes=10)
    assert first.depth_percent < 1


def test_national_probing_falls_between_1330_and_1800_below_a_tenth(found: Detection) -> None:
    (outage,) = outages(found, PROBING, "country/IR")
    assert november(16, 13, 30) <= outage.onset[0] < outage.onset[1] <= november(16, 18)
    assert outage.depth_percent < 10
    assert outage.end is None or outage.end[0] > november(23, 11)


def test_national_routes_do_not_return_within_the_file(found: Detection) -> None:
    (outage,) = outages(found, BGP, "country/IR")
    assert outage.end is None
    assert outage.ongoing is None, "the file's routes stop before its probing does"


def test_neither_gaps_nor_the_telescopes_zeros_start_an_outage(found: Detection) -> None:
    (sick,) = found.sicknesses
    assert sick.signal == TELESCOPE
    assert november(18, 16, 40) <= sick.start <= november(18, 17)
    assert november(19, 5, 30) <= sick.end <= november(19, 5, 50)
    starts = [
        one for one in found.outages if november(18, 16, 40) <= one.onset[1] < november(20, 12)
    ]
    assert starts == []


def test_each_operator_has_its_own_onset(found: Detection) -> None:
    (event,) = found.events
    onsets = {one.entity: one.onset for one in event.operators}
    assert len(set(onsets.values())) >= 8
    mobile = [one.onset[1] for one in event.operators if one.kind == "mobile"]
    fixed = [one.onset[0] for one in event.operators if one.kind == "fixed"]
    assert max(mobile) < min(fixed), "the mobile operators went first"


def test_irancells_handful_of_answering_blocks_is_dated_with_doubt(found: Detection) -> None:
    outage = outages(found, PROBING, "asn/44244")[0]
    low, high = outage.depth_interval
    assert high - low > 15
