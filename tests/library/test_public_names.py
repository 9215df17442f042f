"""What ``import zicht`` offers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import zicht
from zicht.kernels import keep_compiled


def test_every_public_name_is_there_and_documented() -> None:
    for name in zicht.__all__:
        assert getattr(zicht, name), name
        if name != "__version__":
            assert getattr(zicht, name).__doc__, name


def test_a_name_that_is_not_there_is_said_so() -> None:
    with pytest.raises(AttributeError, match="no attribute 'detekt'"):
        _ = zicht.detekt


def test_importing_zicht_loads_nothing_heavy() -> None:
    code = "import sys, zicht; print(*sorted({n.partition('.')[0] for n in sys.modules}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numba", "pyarrow", "duckdb", "deltalake", "numpy"} & set(run.stdout.split())


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Neither the package nor the home takes files; the temporary folder does."""
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr("zicht.kernels._takes_files", lambda _: False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_kernels_are_kept_in_a_folder_of_this_user_alone_where_nothing_else_is_writable(
    nowhere: Path,
) -> None:
    keep_compiled()
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    assert folder.parent == nowhere
    assert folder.stat().st_mode & 0o077 == 0


def test_a_folder_that_others_may_write_is_not_trusted(nowhere: Path) -> None:
    planted = nowhere / f"zicht-kernels-{os.getuid()}"
    planted.mkdir()
    planted.chmod(0o777)
    keep_compiled()
    assert Path(os.environ["NUMBA_CACHE_DIR"]) != planted


def test_a_named_folder_is_left_alone(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(nowhere / "named"))
    keep_compiled()
    assert os.environ["NUMBA_CACHE_DIR"] == str(nowhere / "named")
