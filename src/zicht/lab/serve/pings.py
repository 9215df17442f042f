"""Addresses that answer pings, in a network namespace of their own that nothing else is joined to.

The namespace holds a loopback and a TUN device to which every route leads; this process stands at
its other end and answers as ``zicht.lab.pings`` says. So no packet can leave the machine, whatever
is probed. The namespace goes when the process does. Others enter it by ``nsenter --net=…``.
"""

from __future__ import annotations

import ctypes
import fcntl
import heapq
import os
import select
import shutil
import struct
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zicht.errors import UsageError
from zicht.lab.pings import ROW, answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from zicht.lab.pings import Instant

DEVICE = "lab0"
ADDRESSES = ("198.18.0.1/32", "fd00:7a69:6368:7400::1/128")
"""Whoever probes from within sends from these: of RFC 2544's benchmarks, and of RFC 4193."""

_CLONE_NEWNET = 0x40000000  # linux/sched.h
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000  # linux/if_tun.h
_QUEUE = 20_000  # packets that the device holds until they are read
_BATCH = 256
_BATCHES_AT_ONCE = 8
_LONGEST_WAIT = 0.1  # seconds


def enter_own_network() -> int:
    """Move this thread into a network of its own; gives the TUN device of which it is the far end.

    Raises:
        UsageError: that needs root, ``/dev/net/tun`` and the program ``ip``.
    """
    ip = shutil.which("ip")
    if os.geteuid() != 0 or ip is None or not Path("/dev/net/tun").exists():
        raise UsageError(
            "Addresses that answer pings need root, /dev/net/tun and the program ip (iproute2).",
            "Run it as root, or leave the mouth pings out with --only.",
        )
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET):
        raise UsageError(
            f"No network of its own can be made: {os.strerror(ctypes.get_errno())}.",
            "Run it as root, outside of a container or in one with CAP_SYS_ADMIN.",
        )
    tunnel = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    request = struct.pack("16sH22x", DEVICE.encode(), _IFF_TUN | _IFF_NO_PI)
    fcntl.ioctl(tunnel, _TUNSETIFF, request)
    for line in (
        "link set lo up",
        f"link set {DEVICE} txqueuelen {_QUEUE} up",
        f"-4 addr add {ADDRESSES[0]} dev {DEVICE}",
        f"-6 addr add {ADDRESSES[1]} dev {DEVICE} nodad",
        f"-4 route add default dev {DEVICE} src {ADDRESSES[0].partition('/')[0]}",
        f"-6 route add default dev {DEVICE} src {ADDRESSES[1].partition('/')[0]}",
    ):
        subprocess.run([ip, *line.split()], check=True, capture_output=True)  # noqa: S603 - ours
    return tunnel


def respond(tunnel: int, instant: Callable[[], Instant], stopped: Callable[[], bool]) -> int:
    """Answer what comes out of the tunnel until stopped; gives how many answers were sent.

    Args:
        tunnel: what ``enter_own_network`` gave.
        instant: who answers now; asked for once a batch, so it is to be quick.
        stopped: whether to end; asked several times a second.

    Raises:
        OSError: the tunnel is broken.
    """
    rows = np.zeros((_BATCH, ROW), dtype=np.uint8)
    lengths = np.zeros(_BATCH, dtype=np.int64)
    views = [(memoryview(row.data),) for row in rows]
    waiting: list[tuple[float, int, bytes]] = []  # a heap by when each is due
    heard = sent = 0
    while not stopped():
        select.select([tunnel], [], [], _until(waiting))
        for _ in range(_BATCHES_AT_ONCE):
            taken = _take(tunnel, views, lengths)
            if taken:
                came = time.monotonic()
                replies = answer(rows[:taken], lengths[:taken], instant(), heard)
                for row, length, delay in zip(
                    replies.rows, replies.lengths.tolist(), replies.delays.tolist(), strict=True
                ):
                    sent += 1
                    heapq.heappush(waiting, (came + delay, sent, row[:length].tobytes()))
                heard += taken
            _send_due(tunnel, waiting)
            if taken < _BATCH:
                break
    return sent - len(waiting)


def _until(waiting: list[tuple[float, int, bytes]]) -> float:
    """Seconds until something is to be done anyway."""
    if not waiting:
        return _LONGEST_WAIT
    return min(max(waiting[0][0] - time.monotonic(), 0.0), _LONGEST_WAIT)


def _take(
    tunnel: int, views: list[tuple[memoryview]], lengths: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> int:
    """Read packets until there is none or the rows are full; how many."""
    for place, view in enumerate(views):
        try:
            lengths[place] = os.readv(tunnel, view)
        except BlockingIOError:
            return place
    return len(views)


def _send_due(tunnel: int, waiting: list[tuple[float, int, bytes]]) -> None:
    now = time.monotonic()
    while waiting and waiting[0][0] <= now:
        os.write(tunnel, heapq.heappop(waiting)[2])
