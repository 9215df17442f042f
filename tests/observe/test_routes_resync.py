"""Tables from an archive that lags, lacks files, or has them half; real files, a real server."""

from __future__ import annotations

import gzip
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from archive_server import Archive, serving
from live_world import GONE, HANG, publish_recent
from routes_world import NETWORKS, STEP, dump, withdrawals

from zicht.model.time import to_microseconds
from zicht.observe.routes_resync import Archivist, Resynced
from zicht.sources.bgp.collectors import find_collectors
from zicht.sources.bgp.visibility import Visibility

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

NAME = "rrc00"
BLOCKS = 4 * len(NETWORKS)


class Reader:
    """An archivist of one collector, and what it said."""

    def __init__(self, archive: Archive, folder: Path) -> None:
        self.told: list[str] = []
        self.folder = folder
        self.archivist = Archivist(
            find_collectors([NAME]),
            folder,
            address=archive.address,
            poll=0.05,
            tell=self.told.append,
        )
        self.archivist.start()

    def want(self, until: datetime) -> None:
        self.archivist.want({NAME: to_microseconds(until)})

    def take(self) -> Resynced:
        end = time.monotonic() + HANG
        while not (found := list(self.archivist.take())):
            assert time.monotonic() < end, self.told
            time.sleep(0.02)
        [one] = found
        return one

    def until(self, is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + HANG
        while not is_so():
            assert time.monotonic() < end, self.told
            time.sleep(0.02)

    def hears(self, text: str) -> None:
        self.until(lambda: any(text in one for one in self.told))


@pytest.fixture
def archive() -> Iterator[Archive]:
    with serving() as there:
        yield there


@pytest.fixture
def reader(archive: Archive, tmp_path: Path) -> Iterator[Reader]:
    one = Reader(archive, tmp_path / "live")
    yield one
    one.archivist.stop()


def blocks(one: Resynced) -> int:
    """How many /24 blocks the tables make visible."""
    visibility = Visibility()
    visibility.take(one.ribs, one.until)
    return int(visibility.read(one.until).by_asn_place[:, 0].sum())


def path_of(time: datetime, kind: str = "updates") -> str:
    return f"/{NAME}/{time:%Y.%m}/{kind}.{time:%Y%m%d.%H%M}.gz"


def gone(time: datetime) -> bytes:
    """Updates that begin at a time and withdraw thirty prefixes of four blocks."""
    return gzip.compress(withdrawals(NAME, time + timedelta(minutes=1), GONE))


def test_tables_are_those_of_the_dump_and_all_updates_until_then(
    archive: Archive, reader: Reader
) -> None:
    begin = publish_recent(archive, NAME)
    archive.hold(path_of(begin + STEP), gone(begin + STEP))
    reader.want(begin + STEP / 2)
    assert blocks(reader.take()) == BLOCKS
    reader.want(begin + 2 * STEP)
    one = reader.take()
    assert (one.collector, one.until) == (NAME, to_microseconds(begin + 2 * STEP))
    assert blocks(one) == BLOCKS - 120


def test_what_is_not_published_yet_is_waited_for(archive: Archive, reader: Reader) -> None:
    begin = publish_recent(archive, NAME)
    late = begin + 4 * STEP
    reader.want(late + STEP / 2)
    reader.hears(f"tells of all before {late:%H:%M}; waiting")
    assert list(reader.archivist.take()) == []
    archive.hold(path_of(late), gone(late))
    assert blocks(reader.take()) == BLOCKS - 120


def test_where_updates_are_missing_the_next_dump_is_waited_for(
    archive: Archive, reader: Reader
) -> None:
    begin = publish_recent(archive, NAME)
    del archive.files[path_of(begin + STEP)]
    reader.want(begin + 3 * STEP)
    reader.hears("updates are missing; waiting")
    assert list(reader.archivist.take()) == []
    few = dict(list(NETWORKS.items())[:50])
    archive.hold(path_of(begin + 2 * STEP, "bview"), gzip.compress(dump(NAME, begin, few)))
    assert blocks(reader.take()) == 200


def test_a_dump_that_is_cut_off_is_passed_over_for_the_one_before(
    archive: Archive, reader: Reader
) -> None:
    begin = publish_recent(archive, NAME)
    whole = gzip.compress(dump(NAME, begin, {}) + dump(NAME, begin))
    archive.hold(path_of(begin + STEP, "bview"), whole[: len(whole) // 2])
    reader.want(begin + 2 * STEP)
    assert blocks(reader.take()) == BLOCKS
    assert any("cut off" in text or "cannot" in text for text in reader.told)


def test_updates_that_are_not_whole_yet_are_taken_when_they_are(
    archive: Archive, reader: Reader
) -> None:
    begin = publish_recent(archive, NAME)
    whole = gone(begin + STEP)
    archive.hold(path_of(begin + STEP), whole[: len(whole) // 2])
    reader.want(begin + 2 * STEP)
    reader.until(lambda: len(reader.told) > 1)
    assert list(reader.archivist.take()) == []
    archive.hold(path_of(begin + STEP), whole)
    assert blocks(reader.take()) == BLOCKS - 120


def test_files_that_a_start_would_not_need_are_removed(archive: Archive, reader: Reader) -> None:
    begin = publish_recent(archive, NAME)
    reader.want(begin + STEP)
    reader.take()
    newer = begin + STEP
    archive.hold(path_of(newer, "bview"), gzip.compress(dump(NAME, newer)))
    reader.want(newer + 2 * STEP)
    reader.take()
    left = {file.name for file in reader.folder.rglob("*.gz")}
    assert left == {
        path_of(newer, "bview").rpartition("/")[2],
        path_of(newer).rpartition("/")[2],
        path_of(newer + STEP).rpartition("/")[2],
    }


def test_an_archive_without_a_dump_is_told_once_and_asked_again(
    archive: Archive, reader: Reader
) -> None:
    reader.want(publish_recent(archive, "rrc01") + STEP)
    reader.hears("no RIB of the last week")
    asked = len(archive.asked)
    reader.until(lambda: len(archive.asked) > asked + 4)
    assert len(reader.told) == 1
    begin = publish_recent(archive, NAME)
    reader.want(begin + STEP)
    assert blocks(reader.take()) == BLOCKS
