"""Downloads from an archive on this machine that breaks off, lies and changes its files."""

from __future__ import annotations

import bz2
import gzip
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from archive_server import LONG_AGO, Archive, serving

from zicht.errors import InputError, NotFoundError, SourceUnreachableError
from zicht.http import open_client
from zicht.sources.bgp.archives import ArchiveFile
from zicht.sources.bgp.collectors import find_collectors
from zicht.sources.bgp.fetch import download as download_module
from zicht.sources.bgp.fetch.archive import list_archive
from zicht.sources.bgp.fetch.download import Download, download
from zicht.sources.bgp.fetch.headers import content_length, content_range, time_of, validator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx2

NAME = "updates.20241001.0055.gz"
PATH = f"/rrc00/2024.10/{NAME}"
BODY = gzip.compress(np.random.default_rng(1).bytes(300_000), mtime=0)
OTHER = gzip.compress(np.random.default_rng(2).bytes(300_000), mtime=0)
HALF = len(BODY) // 2


@pytest.fixture
def archive() -> Iterator[Archive]:
    with serving() as there:
        there.hold(PATH, BODY)
        yield there


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with open_client() as one:
        yield one


def file(archive: Archive, name: str = NAME, changed: datetime | None = None) -> ArchiveFile:
    return ArchiveFile(
        collector="rrc00",
        kind="updates",
        name=name,
        address=f"{archive.address}/rrc00/2024.10/{name}",
        time=datetime(2024, 10, 1, 0, 55, tzinfo=UTC),
        changed=changed,
    )


def fetch(client: httpx2.Client, wanted: ArchiveFile, folder: Path) -> Download:
    return download(client, wanted, folder, pause=lambda _: None)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def ranges(archive: Archive) -> list[str | None]:
    return [asked.headers.get("Range") for asked in archive.asked_for(PATH)]


def test_a_file_is_downloaded_once_and_then_is_there(
    archive: Archive, client: httpx2.Client, tmp_path: Path
) -> None:
    told: list[tuple[str, int, int]] = []
    got = download(client, file(archive), tmp_path, progress=lambda *now: told.append(now))
    assert got.path == tmp_path / "rrc00" / "2024.10" / NAME
    assert got.path.read_bytes() == BODY
    assert got.size == len(BODY)
    assert names(tmp_path) == {NAME}
    assert got.path.stat().st_mtime == LONG_AGO, "it is as old as the server says"
    assert told[-1] == (NAME, len(BODY), len(BODY))
    assert fetch(client, file(archive), tmp_path) == got
    assert len(archive.asked) == 1


def test_a_cut_connection_is_taken_up_where_it_broke(
    archive: Archive, client: httpx2.Client, tmp_path: Path
) -> None:
    archive.faults[PATH] = [f"cut {HALF}", "cut 1000", "code 503", "code 429"]
    assert fetch(client, file(archive), tmp_path).path.read_bytes() == BODY
    first, *later = ranges(archive)
    assert first is None
    assert later == [f"bytes={HALF}-", *[f"bytes={HALF + 1000}-"] * 3]
    assert {asked.headers["If-Range"] for asked in archive.asked[1:]} == {'"one"'}


def test_many_cuts_do_not_end_a_download_that_advances(
    archive: Archive, client: httpx2.Client, tmp_path: Path
) -> None:
    archive.faults[PATH] = ["cut 20000"] * 12
    assert fetch(client, file(archive), tmp_path).path.read_bytes() == BODY
    assert len(archive.asked) == 13


def test_a_download_that_a_killed_process_began_goes_on(
    archive: Archive, client: httpx2.Client, tmp_path: Path
) -> None:
    child = f"""
import os, time
from pathlib import Path
import msgspec
from zicht.http import open_client
from zicht.sources.bgp.archives import ArchiveFile
from zicht.sources.bgp.fetch.download import download

wanted = msgspec.json.decode({msgspec_text(file(archive))!r}, type=ArchiveFile)
download(open_client(), wanted, Path({str(tmp_path)!r}), pause=lambda _: os.kill(os.getpid(), 9))
"""
    archive.faults[PATH] = [f"cut {HALF}"]
    ended = subprocess.run([sys.executable, "-c", child], check=False, timeout=60)
    assert ended.returncode == -9
    assert NAME not in names(tmp_path), "what is not complete is not seen"
    assert fetch(client, file(archive), tmp_path).path.read_bytes() == BODY
    assert ranges(archive)[-1] == f"bytes={HALF}-"


def msgspec_text(wanted: ArchiveFile) -> str:
    import msgspec  # noqa: PLC0415 - for this alone

    return msgspec.json.encode(wanted).decode()


def test_a_file_that_changed_meanwhile_is_begun_anew(
    archive: Archive, client: httpx2.Client, tmp_path: Path
) -> None:
    def change(_: str) -> None:
        if len(archive.asked) == 2:
            archive.hold(PATH, OTHER, etag='"two"')

    archive.before = change
    archive.faults[PATH] = [f"cut {HALF}"]
    assert fetch(client, file(archive), tmp_path).path.read_bytes() == OTHER
    assert len(archive.asked) == 2, "If-Range makes the server send the whole at once"


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_without_a_strong_etag_the_time_of_change_tells_the_file(
    archive: Archive, client: httpx2.Client, tmp_path: Path, etag: str
) -> None:
    archive.hold(PATH, BODY, etag=etag)
    archive.faults[PATH] = [f"cut {HALF}"]
    assert fetch(client, file(archive), tmp_path).path.read_bytes() == BODY
    assert archive.asked[-1].headers["If-Range"].endswith("GMT")
    assert ranges(archive)[-1] == f"bytes={HALF}-"


def test_where_nothing_tells_the_file_for_sure_it_is_begun_anew(
    archive: Archive, client: httpx2.Client, tmp_path: Path
) -> None:
    archive.hold(PATH, BODY, etag='W/"weak"', changed=int(time.time()))
    archive.faults[PATH] = [f"cut {HALF}"]
    assert fetch(client, file(archive), tmp_path).path.read_bytes() == BODY
    assert ranges(archive) == [None, None]


@pytest.mark.parametrize("fault", ["whole", "shifted", "short", "long", "chunked", "code 416"])
def test_a_server_that_resumes_wrongly_still_yields_the_right_bytes(
    archive: Archive, client: httpx2.Client, tmp_path: Path, fault: str
) -> None:
    archive.faults[PATH] = [f"cut {HALF}", fault]
    assert fetch(client, file(archive), tmp_path).path.read_bytes() == BODY
    assert names(tmp_path) == {NAME}


def test_fewer_bytes_than_stated_are_never_taken_for_the_file(
    archive: Archive, client: httpx2.Client, tmp_path: Path
) -> None:
    archive.faults[PATH] = ["long"]
    assert fetch(client, file(archive), tmp_path).path.read_bytes() == BODY
    archive.hold(PATH, BODY, etag="", changed=int(time.time()))  # so that none is taken up
    archive.faults[PATH] = ["long"] * 20
    with pytest.raises(SourceUnreachableError):
        fetch(client, file(archive), tmp_path / "other")
    assert NAME not in names(tmp_path / "other")


@pytest.mark.parametrize(
    ("name", "body"), [(NAME, BODY), ("updates.20241001.0055.bz2", bz2.compress(BODY))]
)
def test_what_was_pieced_together_is_held_against_its_own_check_sums(
    archive: Archive, client: httpx2.Client, tmp_path: Path, name: str, body: bytes
) -> None:
    path = f"/rrc00/2024.10/{name}"
    archive.hold(path, body)
    archive.faults[path] = [f"cut {len(body) // 2}"]
    place = tmp_path / "rrc00" / "2024.10"

    def spoil(_: str) -> None:  # as a power cut does: the length is right and the bytes are not
        part = place / f".{name}.part"
        if len(archive.asked) == 2:
            part.write_bytes(bytes(part.stat().st_size))

    archive.before = spoil
    assert fetch(client, file(archive, name), tmp_path).path.read_bytes() == body
    assert len(archive.asked) == 3


def test_a_download_that_ended_before_it_got_its_name_needs_nothing_more(
    archive: Archive, client: httpx2.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fetch(client, file(archive), tmp_path)
    assert NAME not in names(tmp_path)
    got = fetch(client, file(archive), tmp_path)
    assert got.path.read_bytes() == BODY
    assert got.path.stat().st_mtime == LONG_AGO
    assert len(archive.asked) == 1


def interrupt(_: int) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("fault", ["html", "elsewhere"])
def test_a_page_in_place_of_a_file_is_told_and_not_kept(
    archive: Archive, client: httpx2.Client, tmp_path: Path, fault: str
) -> None:
    archive.faults[PATH] = [fault]
    with pytest.raises(SourceUnreachableError, match=r"web page|sends elsewhere"):
        fetch(client, file(archive), tmp_path)
    assert len(archive.asked) == 1
    assert NAME not in names(tmp_path)
    assert fetch(client, file(archive), tmp_path).path.read_bytes() == BODY


def test_bytes_of_another_kind_are_refused(
    archive: Archive, client: httpx2.Client, tmp_path: Path
) -> None:
    archive.hold(PATH, b"BZh9 which is no gzip")
    with pytest.raises(SourceUnreachableError, match="something else"):
        fetch(client, file(archive), tmp_path)


def test_a_file_that_is_gone_or_empty_is_not_found(
    archive: Archive, client: httpx2.Client, tmp_path: Path
) -> None:
    with pytest.raises(NotFoundError):
        fetch(client, file(archive, "updates.20241001.0100.gz"), tmp_path)
    archive.hold(PATH, b"")
    with pytest.raises(NotFoundError, match="is empty"):
        fetch(client, file(archive), tmp_path)
    assert names(tmp_path) == set(), "nothing was begun, so nothing is kept"


def test_a_host_that_keeps_failing_is_unreachable(
    archive: Archive, client: httpx2.Client, tmp_path: Path
) -> None:
    archive.faults[PATH] = ["code 500"] * 9
    with pytest.raises(SourceUnreachableError, match="500"):
        fetch(client, file(archive), tmp_path)
    assert len(archive.asked) == 4


def test_a_file_that_is_larger_than_any_is_refused(
    archive: Archive, client: httpx2.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download_module, "LARGEST", 100_000)
    with pytest.raises(SourceUnreachableError, match="more than"):
        fetch(client, file(archive), tmp_path)
    archive.faults[PATH] = ["chunked"]
    with pytest.raises(SourceUnreachableError, match="more than"):
        fetch(client, file(archive), tmp_path)


def test_a_file_that_the_listing_calls_newer_is_asked_after(
    archive: Archive, client: httpx2.Client, tmp_path: Path
) -> None:
    then = datetime.fromtimestamp(LONG_AGO, UTC)
    fetch(client, file(archive), tmp_path)
    fetch(client, file(archive, changed=then + timedelta(seconds=30)), tmp_path)
    assert len(archive.asked) == 1, "listings tell changes to the minute"
    fetch(client, file(archive, changed=then + timedelta(hours=1)), tmp_path)
    assert archive.asked[-1].headers["If-Modified-Since"].endswith("GMT")
    assert len(archive.asked) == 2, "it had not changed"
    archive.hold(PATH, OTHER, changed=LONG_AGO + 3600)
    got = fetch(client, file(archive, changed=then + timedelta(hours=1)), tmp_path)
    assert got.path.read_bytes() == OTHER
    assert names(tmp_path) == {NAME}


def test_of_many_who_want_a_file_one_downloads_it(
    archive: Archive, client: httpx2.Client, tmp_path: Path
) -> None:
    archive.before = lambda _: time.sleep(0.05)
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(fetch, client, file(archive), tmp_path) for _ in range(8)]
    assert all(job.result().path.read_bytes() == BODY for job in jobs)
    assert len(archive.asked) == 1
    assert names(tmp_path) == {NAME}


def test_a_folder_that_may_not_be_written_to_is_told(
    archive: Archive, client: httpx2.Client, tmp_path: Path
) -> None:
    (tmp_path / "rrc00").write_text("a file, where a folder is needed", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written to"):
        fetch(client, file(archive), tmp_path)


def test_a_disk_without_room_is_told_and_the_download_goes_on_when_there_is(
    archive: Archive, client: httpx2.Client, tmp_path: Path
) -> None:
    child = f"""
import resource
from pathlib import Path
import msgspec
from zicht.errors import InputError
from zicht.http import open_client
from zicht.sources.bgp.archives import ArchiveFile
from zicht.sources.bgp.fetch.download import download

wanted = msgspec.json.decode({msgspec_text(file(archive))!r}, type=ArchiveFile)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    download(open_client(), wanted, Path({str(tmp_path)!r}))
except InputError as error:
    print(error)
"""
    ended = subprocess.run(
        [sys.executable, "-c", child], capture_output=True, text=True, check=True, timeout=60
    )
    assert "cannot be written to: File too large" in ended.stdout
    assert fetch(client, file(archive), tmp_path).path.read_bytes() == BODY
    assert ranges(archive)[-1] == "bytes=100000-"


def test_a_note_that_cannot_be_read_means_beginning_anew(
    archive: Archive, client: httpx2.Client, tmp_path: Path
) -> None:
    place = tmp_path / "rrc00" / "2024.10"
    place.mkdir(parents=True)
    (place / f".{NAME}.part").write_bytes(os.urandom(500))
    (place / f".{NAME}.part.json").write_bytes(b"{")
    assert fetch(client, file(archive), tmp_path).path.read_bytes() == BODY


def test_the_months_of_an_archive_are_listed(archive: Archive, client: httpx2.Client) -> None:
    archive.hold("/rrc00/2024.10/bview.20241001.0000.gz", BODY)
    archive.hold("/bgpdata/2024.09/UPDATES/updates.20240930.2345.bz2", BODY)
    archive.hold("/bgpdata/2024.10/RIBS/rib.20241001.0000.bz2", BODY)
    archive.faults["/bgpdata/2024.10/RIBS/"] = ["code 503"]
    start, end = datetime(2024, 9, 30, 23, tzinfo=UTC), datetime(2024, 10, 1, 1, tzinfo=UTC)
    found = {
        one.name: [
            listed.name
            for listed in list_archive(
                client, one, start, end, address=archive.address, pause=lambda _: None
            )
        ]
        for one in find_collectors(["rrc00", "route-views2"])
    }
    assert found == {
        "rrc00": ["bview.20241001.0000.gz", NAME],
        "route-views2": ["updates.20240930.2345.bz2", "rib.20241001.0000.bz2"],
    }
    assert len(archive.asked_for("/rrc00/2024.10/")) == 1, "RIBs and updates share a folder"


def test_a_listing_that_is_a_page_or_elsewhere_is_told(
    archive: Archive, client: httpx2.Client
) -> None:
    (rrc00,) = find_collectors(["rrc00"])
    start, end = datetime(2024, 10, 1, tzinfo=UTC), datetime(2024, 10, 2, tzinfo=UTC)
    archive.faults["/rrc00/2024.10/"] = ["elsewhere"]
    with pytest.raises(SourceUnreachableError, match="sends elsewhere"):
        list_archive(client, rrc00, start, end, address=archive.address)


def test_headers_are_read_as_the_rfc_says() -> None:
    assert content_range({"Content-Range": "bytes 100-199/200"}) == (100, 200)
    assert content_range({"Content-Range": "bytes 100-199/*"}) == (100, None)
    assert content_range({"Content-Range": "bytes */200"}) == (None, None)
    assert content_length({"Content-Length": "12"}) == 12
    assert content_length({"Content-Length": "-1"}) is None
    assert content_length({}) is None
    early = "Tue, 01 Oct 2024 00:00:00 GMT"
    assert time_of(early) == datetime(2024, 10, 1, tzinfo=UTC)
    assert time_of("yesterday") is None
    assert validator({"ETag": '"a"', "Last-Modified": early}) == '"a"'
    assert validator({"Last-Modified": early, "Date": "Tue, 01 Oct 2024 00:01:00 GMT"}) == early
    assert validator({"Last-Modified": early, "Date": "Tue, 01 Oct 2024 00:00:59 GMT"}) == ""
    assert validator({"ETag": 'W/"a"'}) == ""
