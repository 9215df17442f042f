from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from store_bench import a_bench

from zicht.errors import NotFoundError, StoreError, UsageError
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path


def test_a_store_that_is_not_there_is_not_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="zicht import"):
        open_store(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


def test_a_new_store_is_empty(tmp_path: Path) -> None:
    store = open_store(tmp_path / "deep" / "store", create=True)
    assert store.keys() == []
    assert store.signals() == {}
    assert store.read_all() == []
    assert store.table().num_rows == 0
    assert store.events() == []
    store.maintain()


def test_a_folder_with_other_files_is_no_place_for_a_store(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(StoreError, match="holds other files"):
        open_store(tmp_path, create=True)
    with pytest.raises(StoreError, match="is no folder"):
        open_store(tmp_path / "thesis.txt", create=True)


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = a_bench(tmp_path).store.path
    (path / "zicht-store.json").write_text('{"layout": 99}')
    with pytest.raises(StoreError, match="Update Zicht"):
        open_store(path)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"layout": "x"}'])
def test_a_broken_marker_is_named(tmp_path: Path, text: str) -> None:
    path = a_bench(tmp_path).store.path
    (path / "zicht-store.json").write_text(text)
    with pytest.raises(StoreError, match=r"zicht-store\.json"):
        open_store(path)


def test_a_store_whose_making_was_cut_short_is_completed(tmp_path: Path) -> None:
    path = tmp_path / "store"
    path.mkdir()
    (path / ".zicht-store.json.tmp").write_text("")
    (path / ".write.lock").write_text("")
    open_store(path, create=True)
    bench = a_bench(tmp_path)
    (path / "series" / "_delta_log" / "00000000000000000000.json").unlink()
    (path / "series" / "_delta_log").rmdir()
    assert open_store(path).table().num_rows == 0
    open_store(path, create=True)
    assert bench.append((0, 1.0)).new == 1


def test_a_signal_that_is_not_there_is_named(tmp_path: Path) -> None:
    bench = a_bench(tmp_path)
    with pytest.raises(NotFoundError, match=r"'ioda\.bgp'"):
        bench.store.read("ioda.bgp", "country/KZ")
    bench.append((0, 1.0))
    assert len(bench.store.read(bench.signal.name, "country/NL").values) == 0


def test_a_time_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="start"):
        a_bench(tmp_path).store.table(start=datetime(2022, 1, 1))  # noqa: DTZ001 - what is tested
