"""Starting ``store_child`` in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import zicht

_CHILD = Path(__file__).with_name("store_child.py")
_SOURCES = Path(zicht.__file__).parents[1]


def start(
    task: str, place: Path | str, *arguments: str, before: tuple[str, ...] = ()
) -> subprocess.Popen[str]:
    """Start a task; its output can be read line by line."""
    return subprocess.Popen(
        [*before, sys.executable, str(_CHILD), task, str(place), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(_SOURCES)},
    )


def run(task: str, place: Path | str, *arguments: str, before: tuple[str, ...] = ()) -> list[str]:
    """Run a task to its end and give the lines that it wrote."""
    with start(task, place, *arguments, before=before) as process:
        written, complaints = process.communicate(timeout=120)
    assert process.returncode == 0, complaints
    return written.splitlines()
