"""Where compiled kernels are kept."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

import zicht
from zicht import kernels
from zicht.kernels import are_compiled, keep_compiled


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder is named yet, and what a test names is gone after it."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.delitem(sys.modules, "numba", raising=False)


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Neither the package nor the home takes files; the temporary folder does."""
    monkeypatch.setattr("zicht.kernels._takes_files", lambda _: False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def named() -> Path:
    return Path(os.environ["NUMBA_CACHE_DIR"])


def test_they_are_kept_beside_the_code_where_that_is_writable() -> None:
    keep_compiled()
    assert named().parent in kernels.usual_folders()


def test_where_nothing_else_is_writable_it_is_a_folder_of_this_user_alone(nowhere: Path) -> None:
    keep_compiled()
    assert named().parent.parent == nowhere
    assert named().parent.stat().st_mode & 0o077 == 0


def test_a_folder_that_others_may_write_is_not_trusted(nowhere: Path) -> None:
    planted = nowhere / f"zicht-{os.getuid()}"
    planted.mkdir()
    planted.chmod(0o777)
    keep_compiled()
    assert named().parent != planted


def test_a_named_folder_is_used_and_handed_on_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    keep_compiled()
    once = named()
    assert once.parent == tmp_path
    keep_compiled()
    assert named() == once


def test_kernels_are_compiled_when_the_cache_has_one_of_their_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    keep_compiled()
    (named() / "bgp_1a2b").mkdir(parents=True)
    assert not are_compiled("bgp")
    (named() / "bgp_1a2b" / "decode.read-1.py311.nbi").touch()
    assert are_compiled("bgp")
    assert not are_compiled("detect")


def test_a_changed_constant_never_meets_a_kernel_that_was_compiled_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "zicht"
    shutil.copytree(Path(zicht.__file__).parent / "detect", package / "detect")
    monkeypatch.setattr("zicht.kernels._PACKAGE", package)
    keep_compiled()
    before = named().name
    constants = package / "detect" / "constants.py"
    constants.write_text(constants.read_text().replace("0.9", "0.8"))
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    keep_compiled()
    assert named().name != before
