"""Files of MRT are read whatever packs them, and threads end with their reader."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import struct
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from zicht.errors import InputError
from zicht.sources.bgp.fetch.ahead import run_ahead
from zicht.sources.bgp.fetch.files import read_mrt
from zicht.sources.bgp.problems import Fault

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "zstd": zstd.compress,
}


def state_changes(count: int) -> bytes:
    """Records of BGP4MP that say that a session went up."""
    body = struct.pack(">HHHH4s4sHH", 65001, 65000, 0, 1, bytes(4), bytes(4), 1, 6)
    return b"".join(
        struct.pack(">IHHI", 1_700_000_000 + k, 16, 0, len(body)) + body for k in range(count)
    )


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


@pytest.mark.parametrize("packer", PACKERS)
def test_a_file_is_unpacked_by_what_it_holds(tmp_path: Path, packer: str) -> None:
    path = tmp_path / "updates.whatever"
    path.write_bytes(PACKERS[packer](state_changes(100_000)))
    file = read_mrt(path, collector="rrc00", strict=True)
    assert sum(map(len, file)) == 100_000
    assert [peer.asn for peer in file.peers] == [65001]


@pytest.mark.parametrize("packer", PACKERS)
def test_a_stream_is_unpacked_likewise(packer: str) -> None:
    stream = io.BytesIO(PACKERS[packer](state_changes(1000)))
    assert sum(map(len, read_mrt(stream, strict=True))) == 1000


@pytest.mark.parametrize("packer", PACKERS)
def test_a_pipe_is_read_as_it_comes(packer: str) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as sink, os.fdopen(reading, "rb") as source:
        sink.write(PACKERS[packer](state_changes(500)))
        sink.close()
        assert sum(map(len, read_mrt(source, strict=True))) == 500


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "zstd"])
def test_an_archive_of_several_parts_is_read_to_its_end(tmp_path: Path, packer: str) -> None:
    path = tmp_path / "updates"
    part = PACKERS[packer](state_changes(300))
    path.write_bytes(part * 3 + bytes(512 if packer == "gzip" else 0))
    assert sum(map(len, read_mrt(path, strict=True))) == 900


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("as_stream", [False, True])
def test_a_cut_off_file_gives_all_before_the_cut_and_says_so(
    tmp_path: Path, packer: str, *, as_stream: bool
) -> None:
    packed = PACKERS[packer](state_changes(200_000))
    path = tmp_path / "updates"
    path.write_bytes(packed[: len(packed) * 2 // 3 + 5])
    file = read_mrt(io.BytesIO(path.read_bytes()) if as_stream else path)
    count = sum(map(len, file))
    assert 0 < count < 200_000
    assert file.problems.is_cut
    if packer != "plain":
        assert file.problems.counts[Fault.ARCHIVE_CUT] == 1
    with pytest.raises(InputError, match=r"cut off|ends within"):
        list(read_mrt(path, strict=True))


@pytest.mark.parametrize("packer", ["gzip", "zstd"])
def test_a_damaged_archive_gives_what_came_before_and_says_so(tmp_path: Path, packer: str) -> None:
    packed = bytearray(PACKERS[packer](os.urandom(64) + state_changes(1)) * 2)
    whole = PACKERS[packer](state_changes(300))
    path = tmp_path / "updates"
    path.write_bytes(whole + b"no archive" + bytes(packed))
    file = read_mrt(path)
    assert sum(map(len, file)) == 300
    assert file.problems.counts == {Fault.ARCHIVE: 1}
    assert "damaged" in str(file.problems.first[0])
    with pytest.raises(InputError, match="damaged"):
        list(read_mrt(path, strict=True))


@pytest.mark.parametrize("packer", PACKERS)
def test_what_is_no_mrt_is_refused_by_name(tmp_path: Path, packer: str) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(PACKERS[packer](b"<html>" * 1000))
    with pytest.raises(InputError, match=r"page\.html: it holds no MRT records"):
        list(read_mrt(path))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.gz cannot be read: No such file"):
        list(read_mrt(tmp_path / "nowhere.gz"))


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "empty.gz").write_bytes(gzip.compress(b""))
    for name in ("empty", "empty.gz"):
        file = read_mrt(tmp_path / name, strict=True)
        assert list(file) == []
        assert not file.problems.counts


@pytest.mark.parametrize("packer", PACKERS)
def test_a_reader_may_stop_early(tmp_path: Path, packer: str) -> None:
    path = tmp_path / "updates"
    path.write_bytes(PACKERS[packer](state_changes(500_000)))
    reading = iter(read_mrt(path))
    next(reading)
    reading.close()


def test_a_reader_may_leave_a_pipe_that_is_silent() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb", buffering=0) as sink, os.fdopen(reading, "rb") as source:
        sink.write(state_changes(10))
        elements = iter(read_mrt(source))
        assert len(next(elements)) == 10
        elements.close()


def test_an_error_of_the_thread_comes_behind_what_was_given() -> None:
    def make(_: threading.Event) -> Iterator[int]:
        yield from range(10)
        raise ValueError("that is all")

    given: list[int] = []
    with pytest.raises(ValueError, match="that is all"):
        given.extend(run_ahead(make))
    assert given == list(range(10))
