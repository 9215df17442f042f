"""Giving up rights, each time in a process of its own: they are gone for good."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from zicht.errors import FaultError
from zicht.sources.probe.fetch.privileges import require_no_privileges

_SCRIPT = """
import os, socket, threading
os.environ["OPENBLAS_NUM_THREADS"] = "1"
from zicht.sources.probe.fetch.privileges import drop_privileges, require_no_privileges
before = threading.Event(), threading.Event()
if {earlier}:
    threading.Thread(target=before[1].wait, daemon=True).start()
drop_privileges()
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(*(int(status[name], 16) for name in ("CapPrm", "CapEff", "CapAmb", "CapBnd")))
print(int(status["NoNewPrivs"]), *os.getresuid(), *os.getresgid(), os.getgroups())
try:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
except PermissionError:
    print("refused")
require_no_privileges()
print("none left")
"""


def dropped(*, earlier: bool = False, **environment: str) -> subprocess.CompletedProcess[str]:
    if os.geteuid() != 0:
        pytest.skip("only root has rights to give up")
    return subprocess.run(
        [sys.executable, "-c", _SCRIPT.format(earlier=earlier)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_root_keeps_no_capability_and_no_way_to_any() -> None:
    done = dropped()
    assert done.stdout.splitlines()[0] == "0 0 0 0", done.stderr
    assert done.stdout.splitlines()[1].startswith("1 0 0 0")
    assert done.stdout.splitlines()[2:] == ["refused", "none left"]


def test_who_called_sudo_is_who_goes_on() -> None:
    done = dropped(SUDO_UID="65534", SUDO_GID="65533")
    assert done.stdout.splitlines()[0] == "0 0 0 0", done.stderr
    assert done.stdout.splitlines()[1] == "1 65534 65534 65534 65533 65533 65533 []"


def test_a_thread_that_keeps_its_rights_is_found_out() -> None:
    done = dropped(earlier=True)
    assert done.returncode != 0
    assert "still has privileges" in done.stderr


def test_this_process_which_gave_up_nothing_has_rights() -> None:
    if "CapEff:\t0000000000000000" in Path("/proc/self/status").read_text("utf-8"):
        pytest.skip("it had none to begin with")
    with pytest.raises(FaultError, match="still has privileges"):
        require_no_privileges()
