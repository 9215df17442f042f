"""Processes that work beside this one, and end with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))


def open_workers(count: int) -> ProcessPoolExecutor:
    """An executor of so many processes.

    They come of a server that was started for that, since a process with threads cannot be forked
    safely. They leave ``Ctrl-C`` to the parent, and end when the parent is gone, however it went.
    """
    return ProcessPoolExecutor(
        count, mp_context=multiprocessing.get_context("forkserver"), initializer=settle
    )


def settle() -> None:
    """Within a worker: leave ``Ctrl-C`` to the parent, and end when it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # nobody is left to tell
