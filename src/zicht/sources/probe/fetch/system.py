"""Calls of Linux from compiled code, without Python: time, messages and waiting.

Each gives what the C library's function of that name gives; addresses are plain numbers. They are
those of machines with 64 bits, x86-64 and ARM alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

CLOCK_REALTIME, CLOCK_MONOTONIC = 0, 1
TIMER_ABSTIME = 1
MSG_DONTWAIT, MSG_ERRQUEUE = 0x40, 0x2000
POLLIN, POLLOUT = 1, 4
_SECOND = np.int64(1_000_000_000)

sendmmsg: Any = types.ExternalFunction(
    "sendmmsg", types.int32(types.int32, types.uint64, types.uint32, types.int32)
)
recvmmsg: Any = types.ExternalFunction(
    "recvmmsg", types.int32(types.int32, types.uint64, types.uint32, types.int32, types.uint64)
)
ppoll: Any = types.ExternalFunction(
    "ppoll", types.int32(types.uint64, types.uint64, types.uint64, types.uint64)
)
_clock_gettime: Any = types.ExternalFunction(
    "clock_gettime", types.int32(types.int32, types.uint64)
)
_clock_nanosleep: Any = types.ExternalFunction(
    "clock_nanosleep", types.int32(types.int32, types.int32, types.uint64, types.uint64)
)
_errno_location: Any = types.ExternalFunction("__errno_location", types.uint64())


def _load(_context: Any, _address: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.load(builder.inttoptr(arguments[0], ir.IntType(32).as_pointer()))

    return types.int32(types.uint64), generate


_load32 = cast("Callable[[int], int]", intrinsic(_load))


@njit(cache=True, nogil=True)
def errno() -> int:
    """The number of the last error of this thread."""
    return _load32(_errno_location())


@njit(cache=True, nogil=True)
def clock(which: int, spec: Any) -> int:
    """The time of a clock in ns; ``spec`` is int64[2] to work in."""
    _clock_gettime(np.int32(which), np.uint64(spec.ctypes.data))
    return spec[0] * _SECOND + spec[1]


@njit(cache=True, nogil=True)
def sleep_until(time: int, spec: Any) -> None:
    """Sleep until CLOCK_MONOTONIC shows a time in ns; ``spec`` is int64[2] to work in."""
    spec[0], spec[1] = time // _SECOND, time % _SECOND
    _clock_nanosleep(
        np.int32(CLOCK_MONOTONIC),
        np.int32(TIMER_ABSTIME),
        np.uint64(spec.ctypes.data),
        np.uint64(0),
    )


@njit(cache=True, nogil=True)
def wait_for(descriptor: int, events: int, nanoseconds: int, spec: Any) -> None:
    """Wait until a socket has what is asked for, or for a time; ``spec`` is int64[3]."""
    spec[0], spec[1] = nanoseconds // _SECOND, nanoseconds % _SECOND
    spec[2] = np.int64(descriptor) | (np.int64(events) << 32)  # struct pollfd
    place = np.uint64(spec.ctypes.data)
    ppoll(place + np.uint64(16), np.uint64(1), place, np.uint64(0))
