"""What ``import zicht`` offers."""

from __future__ import annotations

import subprocess
import sys

import pytest

import zicht


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
