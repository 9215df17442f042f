from __future__ import annotations

from pathlib import Path

import pytest

from zicht.errors import InputError, UsageError
from zicht.publish.files import write_whole


def test_a_file_is_written_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.csv", b"1")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert (tmp_path / "a.csv").read_bytes() == b"1"


def test_a_file_that_is_there_is_not_written_over_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"old")
    with pytest.raises(UsageError, match="--force"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    write_whole(path, b"new", force=True)
    assert path.read_bytes() == b"new"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        write_whole(tmp_path / "nowhere" / "a.csv", b"")
    with pytest.raises(UsageError, match="is a folder"):
        write_whole(tmp_path, b"", force=True)


def test_a_place_that_takes_no_files_is_told() -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_whole(Path("/proc/zicht.csv"), b"1")
