from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from zicht.observe.workers import cores, open_workers

PARENT = """
import os, time
from zicht.observe.workers import open_workers

if __name__ == "__main__":
    workers = open_workers(2)
    busy = [workers.submit(time.sleep, 600) for _ in range(2)]
    print(*workers._processes, flush=True)
    time.sleep(600)
"""


def test_workers_are_processes_of_their_own() -> None:
    with open_workers(1) as workers:
        assert workers.submit(os.getpid).result() != os.getpid()
    assert cores() >= 1


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        workers = [Path("/proc") / number for number in parent.stdout.readline().split()]
        assert len(workers) == 2
        assert all(worker.exists() for worker in workers)
        parent.kill()
    for _ in range(600):
        if not any(worker.exists() for worker in workers):
            return
        time.sleep(0.1)
    raise AssertionError("workers outlive their parent")
