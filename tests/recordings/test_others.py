"""The other recordings: six quiet years, counties by the hour, prefixes by their peers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from zicht.observe.detection import run_detection
from zicht.observe.ingest import import_files
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path


def test_six_years_of_the_netherlands_with_missing_days_give_no_alert(
    data_folder: Path, tmp_path: Path
) -> None:
    store = open_store(tmp_path / "store", create=True)
    file = data_folder / "series/google-transparency/NL.csv"
    import_files(store, "google", [file], country="NL")
    assert run_detection(store).events == ()


def test_of_nine_operators_three_are_gone_by_2000_on_the_16th_and_shatel_is_not(
    data_folder: Path, tmp_path: Path
) -> None:
    store = open_store(tmp_path / "store", create=True)
    folder = data_folder / "series/routeviews-prefix-peers-iran-2019"
    import_files(store, "peers", sorted(folder.glob("*.csv")), country="IR")
    found = run_detection(store)
    evening = datetime(2019, 11, 16, 20, tzinfo=UTC)
    gone = {
        one.entity
        for one in found.outages
        if evening - timedelta(hours=12) <= one.onset[0] and one.onset[1] <= evening
    }
    assert {"asn/44244", "asn/197207", "asn/57218"} <= gone
    assert "asn/31549" not in {one.entity for one in found.outages}
    assert {one.entity for one in found.events} == {"country/IR"}


def test_most_counties_of_iran_fall_in_the_evening_of_the_16th(
    data_folder: Path, tmp_path: Path
) -> None:
    store = open_store(tmp_path / "store", create=True)
    file = data_folder / "series/icmp-iran-2019/irn-2019-11-11_gif.csv"
    import_files(store, "icmp", [file])
    found = run_detection(store)
    evening = datetime(2019, 11, 16, 14, 30, tzinfo=UTC)
    fallen = {
        one.entity
        for one in found.outages
        if evening <= one.onset[0] and one.onset[1] <= evening + timedelta(hours=6)
    }
    counties = {one.series.entity for one in found.assessments}
    assert len(fallen) > 0.7 * len(counties)
