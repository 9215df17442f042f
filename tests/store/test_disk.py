from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import store_processes
from store_bench import a_bench

from zicht.errors import StoreError
from zicht.store import open_store
from zicht.store.maintenance import FILES_TO_MERGE

if TYPE_CHECKING:
    from pathlib import Path


def with_mounts(mounts: str) -> tuple[str, ...] | None:
    """What makes a command run with mounts that nobody else sees; None where that is forbidden."""
    for rights in ((), ("--user", "--map-root-user")):
        unshare = ("unshare", *rights, "--mount", "sh", "-c", f'{mounts} && exec "$@"', "sh")
        if subprocess.run([*unshare, "true"], check=False, capture_output=True).returncode == 0:
            return unshare
    return None


def _without_root() -> tuple[str, ...]:
    """What takes from root its right to pass over the rights of files."""
    return ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 else ()


def test_a_full_disk_is_said_and_the_store_stays_whole(tmp_path: Path) -> None:
    small = with_mounts(f'mount -t tmpfs -o size=2m tmpfs "{tmp_path}"')
    if small is None:
        pytest.skip("this machine permits no mount namespace; the next test needs none")
    error, after = store_processes.run("append_until_full", tmp_path / "store", before=small)
    assert error.startswith("StoreError No space is left for the store at")
    assert "Free some space" in error
    assert after == "1 more"


def test_a_file_that_may_not_grow_is_said_and_the_store_stays_whole(tmp_path: Path) -> None:
    error, values = store_processes.run("append_with_small_files", tmp_path / "store")
    assert error.startswith("StoreError No space is left for the store at")
    assert values == "[1.0]"
    assert len(list((tmp_path / "store" / "series").glob("*.parquet"))) == 1


def test_a_store_that_may_not_be_written_to_can_be_read(tmp_path: Path) -> None:
    bench = a_bench(tmp_path)
    bench.append((0, 1.0), (1, 2.0))
    everything = [bench.store.path, *bench.store.path.rglob("*")]
    for path in everything:
        path.chmod(path.stat().st_mode & ~0o222)
    count, error = store_processes.run("read_and_append", bench.store.path, before=_without_root())
    for path in everything:
        path.chmod(path.stat().st_mode | 0o200)
    assert count == "2"
    assert error.startswith("StoreError The store at")
    assert "may not be written to" in error


def test_a_foreign_file_in_the_lake_is_ignored_and_kept(tmp_path: Path) -> None:
    bench = a_bench(tmp_path)
    bench.append((0, 1.0))
    ours = next((bench.store.path / "series").glob("*.parquet"))
    strangers = [
        ours.with_name("copy.parquet"),
        ours.with_name("part-of-mine.parquet"),
        bench.store.path / "notes.txt",
        bench.store.path / "series" / "_delta_log" / "notes.txt",
    ]
    for stranger in strangers:
        shutil.copy(ours, stranger)
        os.utime(stranger, (0, 0))
    for number in range(1, 25):
        bench.append((number, 1.0))
    bench.store.maintain()
    assert bench.values() == [1.0] * 25
    assert open_store(bench.store.path).table().num_rows == 25
    assert all(stranger.exists() for stranger in strangers)


@pytest.mark.parametrize("keep", [0, 100, -1])
def test_a_truncated_file_is_named(tmp_path: Path, keep: int) -> None:
    bench = a_bench(tmp_path)
    bench.append((0, 1.0))
    file = next((bench.store.path / "series").glob("*.parquet"))
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(StoreError, match=file.name) as caught:
        bench.values()
    assert caught.value.hint is not None
    assert "copy" in caught.value.hint
    with pytest.raises(StoreError, match=file.name):
        bench.append((0, 2.0))


def test_a_file_of_the_right_size_with_other_contents_is_named(tmp_path: Path) -> None:
    bench = a_bench(tmp_path)
    bench.append(*[(number, number * 1.1) for number in range(1000)])
    file = next((bench.store.path / "series").glob("*.parquet"))
    contents = bytearray(file.read_bytes())
    contents[4:-2000] = bytes(len(contents) - 2004)
    file.write_bytes(contents)
    with pytest.raises(StoreError, match=file.name):
        bench.values()


def test_a_lost_file_is_named(tmp_path: Path) -> None:
    bench = a_bench(tmp_path)
    bench.append((0, 1.0))
    file = next((bench.store.path / "series").glob("*.parquet"))
    file.unlink()
    with pytest.raises(StoreError, match=f"{file.name} is gone"):
        bench.values()


def test_a_lost_file_is_named_by_maintenance_too(tmp_path: Path) -> None:
    bench = a_bench(tmp_path)
    for number in range(FILES_TO_MERGE - 1):
        bench.append((number, 1.0))
    file = next((bench.store.path / "series").glob("*.parquet"))
    file.unlink()
    bench.append((FILES_TO_MERGE, 1.0), entity="country/IR")
    with pytest.raises(StoreError, match=f"{file.name} is gone"):
        bench.store.maintain()


def test_a_folder_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    bench = a_bench(tmp_path)
    bench.store.path.chmod(0)
    (error,) = store_processes.run("open_only", bench.store.path, before=_without_root())
    bench.store.path.chmod(0o755)
    assert error.startswith("StoreError The store at")
    assert "may not be read (Permission denied)" in error


def test_a_broken_file_does_not_stop_what_does_not_need_it(tmp_path: Path) -> None:
    bench = a_bench(tmp_path)
    bench.append((0, 1.0), entity="asn/1")
    next((bench.store.path / "series").glob("*.parquet")).write_bytes(b"")
    for number in range(30):
        bench.append((number, 1.0), entity="asn/2")
    assert bench.values(entity="asn/2") == [1.0] * 30
    with pytest.raises(StoreError, match="should have"):
        bench.store.maintain()


def test_a_broken_log_is_named(tmp_path: Path) -> None:
    bench = a_bench(tmp_path)
    bench.append((0, 1.0))
    commit = bench.store.path / "series" / "_delta_log" / "00000000000000000001.json"
    commit.write_bytes(commit.read_bytes()[:-10])
    with pytest.raises(StoreError, match="_delta_log"):
        open_store(bench.store.path).table()
