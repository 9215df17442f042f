"""Running until the user, or the system, says that it is enough."""

from __future__ import annotations

import signal
import threading


def stop_when_told() -> threading.Event:
    """An event that SIGTERM and SIGINT set from now on."""
    stopped = threading.Event()
    # A handler runs in the thread that waits, which may hold the event's own lock.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=stopped.set).start())
    return stopped
