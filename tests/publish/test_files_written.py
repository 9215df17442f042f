"""Files that are written whole, and what is no ordinary file."""

from __future__ import annotations

import os
import stat
import threading
from typing import TYPE_CHECKING

import pytest

from zicht.publish.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    yield path
    path.unlink()


def test_a_pipe_is_written_to_and_stays_a_pipe(pipe: Path) -> None:
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"all of it", force=True)
    reader.join(timeout=30)
    assert found == [b"all of it"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
