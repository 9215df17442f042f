"""The list of exclusions while its file changes: at no instant may somebody on it be probed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from zicht.errors import InputError
from zicht.sources.probe.fetch.lists import ExclusionList

if TYPE_CHECKING:
    from pathlib import Path

ONE = np.array([5 << 56], dtype=np.uint64)
OTHER = np.array([6 << 56], dtype=np.uint64)


def left_alone(whom: ExclusionList, now: float) -> tuple[bool, bool]:
    """Whether 5.0.0.0 and 6.0.0.0 are left alone."""
    current = whom.current(now)
    if current is None:
        return True, True
    return (
        bool(current.listed(ONE, ipv4=True)[0]),
        bool(current.listed(OTHER, ipv4=True)[0]),
    )


def test_who_is_put_on_the_list_is_left_alone_at_the_next_look(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text("5.0.0.0/8\n", encoding="utf-8")
    whom = ExclusionList(file, allow_private=False)
    assert left_alone(whom, 0.5) == (True, False)
    file.write_text("5.0.0.0/8\n6.0.0.0/8\n", encoding="utf-8")
    assert left_alone(whom, 1.0) == (True, True)


def test_a_list_that_is_being_written_protects_whom_it_did(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text("5.0.0.0/8\n", encoding="utf-8")
    whom = ExclusionList(file, allow_private=False)
    file.write_text("", encoding="utf-8")
    assert left_alone(whom, 1.0) == (True, False), "it is empty, but was just now changed"
    file.write_text("6.0.0.0/8\n", encoding="utf-8")
    assert left_alone(whom, 2.0) == (True, True)
    assert left_alone(whom, 3.0) == (False, True), "it has rested"
    assert left_alone(whom, 4.0) == (False, True)


def test_nobody_is_probed_while_it_cannot_be_read(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text("5.0.0.0/8\n", encoding="utf-8")
    whom = ExclusionList(file, allow_private=False)
    file.unlink()
    assert whom.current(1.0) is None
    assert whom.current(2.0) is None
    file.write_text("nonsense\n", encoding="utf-8")
    assert whom.current(3.0) is None
    file.write_text("6.0.0.0/8\n", encoding="utf-8")
    assert left_alone(whom, 4.0) == (True, True)
    assert left_alone(whom, 5.0) == (False, True)


def test_a_list_that_may_be_read_again_is_read_though_it_did_not_change(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "list"
    file.write_text("5.0.0.0/8\n", encoding="utf-8")
    whom = ExclusionList(file, allow_private=False)
    file.rename(tmp_path / "away")
    assert whom.current(1.0) is None
    file.mkdir()  # it is there, and cannot be read
    assert whom.current(2.0) is None
    assert whom.current(3.0) is None
    assert len(caplog.messages) == 2, "each reason is said once"
    file.rmdir()
    (tmp_path / "away").rename(file)
    assert left_alone(whom, 4.0) == (True, False)


def test_a_pipe_is_refused_since_it_can_be_read_only_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="no regular file"):
        ExclusionList(tmp_path / "pipe", allow_private=False)
