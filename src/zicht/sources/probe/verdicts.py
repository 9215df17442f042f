"""What a message that came back can be."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numba import njit


class Verdict(IntEnum):
    """What a message that came back is."""

    FOREIGN = 0
    """Not to a probe of this run: other programs' pings, strangers, other runs."""
    DAMAGED = 1
    """Its checksum is wrong."""
    FORGED = 2
    """It looks like a reply of this run and has no token of its sender's address: made up or
    altered on the way, or of a host that answers from another address than was probed."""
    LATE = 3
    """A right answer, later than was waited for."""
    ANSWER = 4
    """A right answer in time."""
    ERROR = 5
    """An ICMP error that quotes a probe of this run."""


# Kernels know plain numbers alone.
FOREIGN, DAMAGED, FORGED, LATE, ANSWER, ERROR = (int(verdict) for verdict in Verdict)

_UNSURE = 50_000  # ns; the time of sending is foretold by that much at most
_NONE = np.int64(-1)


@njit(cache=True, nogil=True)
def timed(since: int, timeout: int) -> tuple[int, int]:
    """The verdict on a right answer, and its round trip in ns; -1 where it is unknown."""
    if since > timeout:
        return LATE, since
    if since >= 0:
        return ANSWER, since
    return ANSWER, np.int64(0) if since >= -_UNSURE else _NONE
