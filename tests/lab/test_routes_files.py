"""Files of the lab's archives: which there are, and that others read them as we do."""

from __future__ import annotations

import bz2
import gzip
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from shutil import which
from typing import TYPE_CHECKING

import pytest
from small_world import BEGIN, SHUTDOWN, fault, small_world, station_of

from zicht.lab.routes.archive import Archive
from zicht.lab.routes.beacons import beacons_between
from zicht.lab.routes.collectors import faults_of, ground_of, stations_of
from zicht.lab.routes.files import (
    Kind,
    LabFile,
    files_of,
    packed,
    path_of,
    records_of,
    root_of,
    table_records,
    update_records,
)
from zicht.lab.serve.http import Request
from zicht.lab.world import open_scenario
from zicht.sources.bgp.archives import parse_listing
from zicht.sources.bgp.collectors import find_collectors

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.lab.routes.collectors import Station

KINDS: tuple[Kind, ...] = ("rib", "updates")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HIJACKS = """
[[hijack]]
victim = 1136
by = 4200000666
begin = 2024-10-01T03:00:00Z
end = 2024-10-01T06:00:00Z
prefixes = 3
seen = 60

[[hijack]]
victim = 1136
by = 4200000667
begin = 2024-10-01T03:00:00Z
end = 2024-10-01T06:00:00Z
prefixes = 2
more_specific = false
seen = 60
"""
RESET = fault("bgp/rrc00/4200900002", "reset", "03:12")


def names(station: Station, begin: datetime, end: datetime) -> list[str]:
    return [file.path.rpartition("/")[2] for file in files_of(station, begin, end)]


@pytest.mark.parametrize("name", ["rrc00", "route-views2"])
@pytest.mark.parametrize("kind", KINDS)
def test_debians_bgpdump_reads_each_file_as_we_do(name: str, kind: Kind, tmp_path: Path) -> None:
    if which("bgpdump") is None:
        pytest.skip("no bgpdump here: apt install bgpdump")
    station = station_of(small_world(tmp_path, SHUTDOWN + RESET + HIJACKS), name, pace=20.0)
    files = [file for file in files_of(station, BEGIN, BEGIN + 5 * HOUR) if file.kind == kind]
    assert len(files) == {"rrc00": (1, 60), "route-views2": (3, 20)}[name][kind == "updates"]
    for number, file in enumerate(files):
        if kind == "updates" and number % 6:
            continue
        path = tmp_path / file.path.rpartition("/")[2]
        path.write_bytes(b"".join(packed(records_of(station, file), path.suffix[1:])))
        theirs = subprocess.run(["bgpdump", "-m", str(path)], capture_output=True, check=True)  # noqa: S607
        said = theirs.stderr.decode().splitlines()
        assert [line for line in said if "logging to syslog" not in line] == []
        ours = subprocess.run(
            [sys.executable, "-m", "zicht", "bgp", "dump", "--strict", str(path)],
            capture_output=True,
            check=True,
        )
        assert ours.stdout == theirs.stdout
        assert ours.stdout.count(b"\n") > 0


def test_files_are_where_the_projects_have_them() -> None:
    world = open_scenario("kazakhstan-2022")
    for station in stations_of(world):
        [known] = find_collectors([station.collector.name])
        for kind in KINDS:
            folder = known.folder(kind, world.live_from, "http://mirror")
            path = path_of(station, kind, world.live_from)
            assert f"http://mirror{path}".startswith(folder)
        assert root_of(station) == known.path


def test_ris_and_routeviews_write_at_their_own_times(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    ris = names(station_of(world, "rrc00"), BEGIN, BEGIN + 24 * HOUR)
    assert [name for name in ris if name.startswith("bview")] == [
        f"bview.20241001.{hour}00.gz" for hour in ("00", "08", "16")
    ]
    assert len(ris) == 3 + 288
    views = names(station_of(world, "route-views2"), BEGIN, BEGIN + 24 * HOUR)
    assert len([name for name in views if name.startswith("rib")]) == 12
    assert len(views) == 12 + 96
    assert "updates.20241001.0315.bz2" in views


def test_the_same_scenario_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    def body(seed: int | None = None) -> bytes:
        small_world(tmp_path)
        world = open_scenario(tmp_path / "small.toml", seed=seed)
        station = station_of(world, "rrc00")
        tables = b"".join(table_records(station, BEGIN + 4 * HOUR))
        return tables + b"".join(update_records(station, BEGIN + 3 * HOUR, BEGIN + 4 * HOUR))

    assert body() == body() == body(7)
    assert body() != body(8)


@pytest.mark.parametrize("kind", ["silent", "dies", "blank"])
def test_a_sick_collector_writes_no_files(kind: str, tmp_path: Path) -> None:
    world = small_world(tmp_path, fault("bgp/rrc00", kind, "03:02", "03:11"))
    station = station_of(world, "rrc00")
    assert [one.kind for one in faults_of(world, "rrc00")] == [kind]
    assert names(station, BEGIN + 3 * HOUR, BEGIN + 3 * HOUR + 20 * MINUTE) == [
        "updates.20241001.0315.gz"
    ]
    other = station_of(world, "route-views2")
    assert len(names(other, BEGIN + 3 * HOUR, BEGIN + 4 * HOUR)) == 4


def test_of_an_archive_with_losses_some_files_are_missing(tmp_path: Path) -> None:
    more = fault("bgp/rrc00", "missing", "00:00", "12:00", share=30)
    station = station_of(small_world(tmp_path, more), "rrc00")
    there = len(names(station, BEGIN, BEGIN + 12 * HOUR))
    assert 70 < there < 130


def file_at(station: Station, time: datetime) -> LabFile:
    [file] = [one for one in files_of(station, time, time + MINUTE) if one.kind == "updates"]
    return file


def answered(archive: Archive, path: str, now: datetime, **headers: str) -> tuple[int, bytes]:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    found = archive.answer(Request("GET", path, (), pairs), now)
    return found.code, found.body


def test_a_file_is_there_once_its_time_has_come(tmp_path: Path) -> None:
    world = small_world(tmp_path, fault("bgp/rrc00", "late", "03:00", "03:05", delay_minutes=60))
    archive = Archive(stations_of(world), world.begin, world.end)
    station = archive.stations[0]
    usual, late = file_at(station, BEGIN + 2 * HOUR), file_at(station, BEGIN + 3 * HOUR)
    assert usual.published - usual.end < 5 * MINUTE
    assert late.published - late.end > 60 * MINUTE
    for file in (usual, late):
        before = file.published - timedelta(seconds=1)
        assert answered(archive, file.path, before)[0] == 404
        assert file.path.rpartition("/")[2] not in listed(archive, file.path, before)
        code, body = answered(archive, file.path, file.published)
        assert code == 200
        assert gzip.decompress(body) == b"".join(records_of(station, file))
        assert file.path.rpartition("/")[2] in listed(archive, file.path, file.published)


def listed(archive: Archive, path: str, now: datetime) -> list[str]:
    folder = path.rpartition("/")[0] + "/"
    code, page = answered(archive, folder, now)
    assert code == 200
    files = parse_listing(page, address=f"http://archive{folder}", collector="rrc00")
    return [file.name for file in files]


def test_a_provisional_file_is_half_until_it_is_replaced(tmp_path: Path) -> None:
    more = fault("bgp/rrc00", "provisional", "03:00", "03:05", delay_minutes=30)
    world = small_world(tmp_path, more)
    archive = Archive(stations_of(world), world.begin, world.end)
    file = file_at(archive.stations[0], BEGIN + 3 * HOUR)
    assert file.corrected is not None
    half = archive.answer(Request("GET", file.path), file.published)
    whole = archive.answer(Request("GET", file.path), file.corrected)
    assert whole.body.startswith(half.body)
    assert len(half.body) == len(whole.body) // 2
    assert dict(half.headers)["Last-Modified"] != dict(whole.headers)["Last-Modified"]
    since = dict(half.headers)["Last-Modified"]
    asked = answered(archive, file.path, file.published, if_modified_since=since)
    assert asked == (304, b"")
    asked = answered(archive, file.path, file.corrected, if_modified_since=since)
    assert asked[0] == 200


def test_folders_are_listed_down_to_the_files(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    archive = Archive(stations_of(world), world.begin, world.end)
    now = world.end + HOUR
    for folder, inside in [
        ("/", b'href="rrc00/"'),
        ("/rrc00/", b'href="2024.10/"'),
        ("/rrc00/2024.10/", b'href="bview.20241001.0800.gz"'),
        ("/bgpdata/2024.10/", b'href="RIBS/"'),
        ("/bgpdata/2024.10/RIBS/", b'href="rib.20241001.0200.bz2"'),
        ("/bgpdata/2024.10/UPDATES/", b'href="updates.20241001.0215.bz2"'),
    ]:
        code, page = answered(archive, folder, now)
        assert code == 200
        assert inside in page
    for wrong in ("/rrc99/", "/rrc00/2024.11/", "/rrc00/nonsense/", "/rrc00/2024.10/RIBS/"):
        assert answered(archive, wrong, now)[0] == 404
    for wrong in ("bview.20241001.0100.gz", "bview.20249901.0100.gz", "bview.20241001.0800.bz2"):
        assert answered(archive, f"/rrc00/2024.10/{wrong}", now)[0] == 404


def test_packing_keeps_what_is_packed() -> None:
    pieces = [b"one" * 1000, b"", b"two"]
    assert gzip.decompress(b"".join(packed(pieces, "gz"))) == b"".join(pieces)
    assert bz2.decompress(b"".join(packed(pieces, "bz2"))) == b"".join(pieces)


def test_halves_of_a_hijack_are_behind_the_worlds_prefixes(tmp_path: Path) -> None:
    world = small_world(tmp_path, HIJACKS)
    networks, ground = ground_of(world)
    count = len(world.prefixes())
    beacons = len(beacons_between(world.begin, world.end).begins)
    assert len(networks.length) == count + 6 + beacons
    hijacked = [row for row in range(len(ground.hijack)) if ground.hijack[row] >= 0]
    assert len(hijacked) == 6 + 2
    assert [row for row in hijacked if row >= count] == list(range(count, count + 6))
    for row in range(count, count + 6, 2):
        first, second = networks.address[row], networks.address[row + 1]
        assert networks.length[row] == networks.length[row + 1]
        assert first.tobytes() < second.tobytes()
    assert set(ground.hijacks[:, 2].tolist()) == {4200000666, 4200000667}
    assert set(ground.hijacks[:, 3].tolist()) == {600_000}


def test_a_world_before_its_begin_and_after_its_end_has_no_files(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    archive = Archive(stations_of(world), world.begin, world.end)
    far = datetime(2100, 1, 1, tzinfo=UTC)
    for time in (world.begin - 8 * HOUR, world.end):
        path = path_of(archive.stations[0], "rib", time)
        assert answered(archive, path, far)[0] == 404


def test_a_long_time_is_told_in_the_bytes_of_its_files(tmp_path: Path) -> None:
    station = station_of(small_world(tmp_path, RESET), "rrc00")
    end = BEGIN + 9 * HOUR
    whole = b"".join(update_records(station, BEGIN, end))
    files = [file for file in files_of(station, BEGIN, end) if file.kind == "updates"]
    assert len(files) == 9 * 12
    assert whole == b"".join(piece for file in files for piece in records_of(station, file))
