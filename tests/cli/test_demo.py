"""The demo, end to end: the real store, detection and publishing, run once into an empty folder."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow.parquet as pq
import pytest

from zicht.cli.demonstration import MARKER, OURS, prepare
from zicht.errors import UsageError
from zicht.lab.scenario_file import load_scenario
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

HANG_GUARD = 600  # seconds
PICTURES = ("svg", "png", "html")
OPERATORS = (9198, 29355, 48503, 29555, 21299, 206026, 41798)
SAYS_SO = re.compile("reconstruct", re.IGNORECASE)


class Run(NamedTuple):
    folder: Path
    rows: list[dict[str, Any]]
    screen: str


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("demo") / "zicht-demo"
    process = subprocess.run(
        [sys.executable, "-m", "zicht", "--format", "json", "demo", "--folder", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG_GUARD,
        env=os.environ | {"COLUMNS": "100"},
    )
    assert process.returncode == 0, process.stderr
    return Run(folder, json.loads(process.stdout), process.stderr)


@pytest.fixture(scope="module")
def event(run: Run) -> dict[str, Any]:
    events = json.loads((run.folder / "events.json").read_text("utf-8"))
    national = [one for one in events if one["entity"] == "country/KZ"]
    assert len(national) == 1
    found: dict[str, Any] = national[0]
    return found


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def row(run: Run, name: str) -> dict[str, Any]:
    return next(one for one in run.rows if one["id"] == name)


def test_everything_is_there(run: Run) -> None:
    names = ["country-KZ", "country-KZ-operators", *(f"asn-{number}" for number in OPERATORS)]
    for name in names:
        for ending in PICTURES:
            assert (run.folder / "charts" / f"{name}.{ending}").stat().st_size > 1000
    for code in ("en", "nl"):
        for ending in ("md", "html"):
            assert list((run.folder / "bulletins").glob(f"*.{code}.{ending}"))
    for name in ("series.parquet", "outages.csv", "events.jsonl", "events.codf.json"):
        assert (run.folder / "exports" / name).stat().st_size > 100
    assert {path.name for path in run.folder.iterdir()} == set(OURS)


def test_each_picture_text_and_export_says_that_it_is_a_reconstruction(run: Run) -> None:
    texts = [path for path in run.folder.rglob("*") if path.suffix in {".svg", ".html", ".md"}]
    assert len(texts) >= 2 * 9 + 1 + 4
    for path in texts:
        assert SAYS_SO.search(path.read_text("utf-8")), path
    exports = run.folder / "exports"
    series = pq.read_table(exports / "series.parquet")
    assert all(series["simulated"].unique().to_pylist())
    assert all(SAYS_SO.search(text) for text in series["citation"].unique().to_pylist())
    with (exports / "outages.csv").open(encoding="utf-8") as file:
        assert all(line["simulated"].lower() == "true" for line in csv.DictReader(file))
    for name in ("events.jsonl", "events.codf.json"):
        assert SAYS_SO.search((exports / name).read_text("utf-8"))


def test_each_source_speaks_under_its_own_name(run: Run) -> None:
    series = pq.read_table(run.folder / "exports" / "series.parquet")
    names = set(series["signal"].unique().to_pylist())
    assert {name.partition(".")[0] for name in names} == {
        "atlas",
        "bgp",
        "google",
        "ioda",
        "probe",
        "radar",
    }
    assert names >= {"bgp.visible24", "probe.up24", "ioda.merit-nt", "radar.traffic"}


def test_the_screen_says_so_in_the_beginning_and_in_the_end(run: Run) -> None:
    lines = run.screen.splitlines()
    assert any("RECONSTRUCTION" in line and "no measurement" in line for line in lines[:3])
    assert any("reconstruction and no measurement" in line for line in lines[-4:])
    assert all(one["simulated"] for one in run.rows)


def test_the_screen_tells_what_happens_as_it_goes(run: Run) -> None:
    for word in ("is below ordinary since", "routes up, packets dead", "is cut off again"):
        assert word in run.screen
    assert "ioda.merit-nt cannot see" in run.screen


def test_routes_are_up_and_packets_dead(event: dict[str, Any]) -> None:
    assert event["class"] == "routes-up-packets-dead"
    assert event["simulated"] is True
    assert event["depth_percent"] < 6


def test_mobile_goes_first(run: Run, event: dict[str, Any]) -> None:
    assert row(run, "mobile-begins")["agrees"]
    onsets = {one["entity"]: at(one["onset"][0]) for one in event["operators"]}
    assert onsets["asn/29355"] < onsets["asn/9198"]


def test_the_country_goes_dark_within_the_published_disagreement(run: Run) -> None:
    facts = load_scenario("kazakhstan-2022").published("blackout-begins")
    outages = [
        one
        for one in open_store(run.folder / "store").outages()
        if (one.entity, one.plane) == ("country/KZ", "data")
    ]
    onset = min(one.onset for one in outages)
    quarter = timedelta(minutes=15)
    assert min(fact.begin for fact in facts) - quarter <= onset[0]
    assert onset[1] <= max(fact.begin for fact in facts) + quarter
    assert row(run, "blackout-begins")["agrees"]


def test_every_published_window_is_found(run: Run, event: dict[str, Any]) -> None:
    windows = load_scenario("kazakhstan-2022").chosen("window", "window-largely")
    assert len(event["restorations"]) == len(windows)
    assert event["recurrences"] == len(windows)
    assert all(row(run, f"window-{n + 1}")["agrees"] for n in range(len(windows)))


def test_the_event_ends_when_connectivity_is_stable(run: Run, event: dict[str, Any]) -> None:
    assert event["ongoing"] is False
    assert row(run, "blackout-ends")["agrees"]


def test_the_sick_source_is_no_outage(run: Run) -> None:
    store = open_store(run.folder / "store")
    assert {one.signal for one in store.sicknesses()} == {"ioda.merit-nt"}
    assert not {"country/KG", "country/UZ"} & {one.entity for one in store.outages()}
    assert row(run, "sick-source-1")["agrees"]
    assert row(run, "sick-source-2")["agrees"]


def test_nothing_is_found_on_the_ordinary_days_before(run: Run) -> None:
    first = load_scenario("kazakhstan-2022").chosen("mobile-begins")[0].begin - timedelta(hours=3)
    assert all(one.onset[0] >= first for one in open_store(run.folder / "store").outages())


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "src":
                self.loaded.append(value or "")
            if name == "href" and tag == "a":
                self.addresses.append(value or "")


def test_the_page_stands_alone_and_leads_to_everything(run: Run) -> None:
    page = _Page()
    page.feed((run.folder / "index.html").read_text("utf-8"))
    assert page.tags.count("h1") == 1
    assert "script" not in page.tags
    assert "link" not in page.tags
    assert page.loaded == []
    local = [text for text in page.addresses if not text.startswith(("https://", "http://", "#"))]
    assert len(local) > 30
    for address in local:
        assert (run.folder / address).is_file(), address


def test_a_former_demo_is_cleared_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    prepare(folder)
    (folder / "store").mkdir()
    (folder / "store" / "old").write_text("old", "utf-8")
    (folder / "notes.txt").write_text("mine", "utf-8")
    prepare(folder)
    assert not (folder / "store").exists()
    assert (folder / "notes.txt").read_text("utf-8") == "mine"


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    with pytest.raises(UsageError, match="no former demo"):
        prepare(tmp_path)
    assert (tmp_path / "store").is_dir()
    assert not (tmp_path / MARKER).exists()
