"""Sockets first, then no right left: how a command that probes begins."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zicht.sources.probe.fetch.sockets import Opened


def sockets_without_rights() -> list[Opened]:
    """Open a socket of each family that is permitted, and give up every right for good.

    A thread keeps the rights that its process had when it was started, and libraries start threads
    as they are imported. So this comes before such imports, and before anything is written, which
    then belongs to who called by sudo.

    Raises:
        UsageError: no socket may be opened.
        FaultError: a thread was started before, and still has rights.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from zicht.sources.probe.fetch.privileges import drop_privileges, require_no_privileges
    from zicht.sources.probe.fetch.sockets import open_sockets

    opened = open_sockets()
    drop_privileges()
    require_no_privileges()
    return opened
