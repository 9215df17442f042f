"""The kernel's structures for many messages a call: sendmmsg(2) and recvmmsg(2) of Linux.

They are arrays of 64-bit words on little-endian machines with 64 bits, which are all that Numba
knows.
"""

from __future__ import annotations

import ctypes
import socket
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zicht.errors import UsageError
from zicht.sources.probe.replies import ROW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.probe.packets import Rows, Words

AT_ONCE = 64
"""Messages that are received in a call."""
NAME = 28  # struct sockaddr_in6; sockaddr_in has 16
CONTROL_WORDS = 16
# The words of a struct mmsghdr.
_NAME, _NAME_LENGTH, _VECTOR, _VECTORS, CONTROL, CONTROL_LENGTH, _FLAGS, LENGTH = range(8)
NAME_LENGTH = _NAME_LENGTH


class Buffers(NamedTuple):
    """Room for messages that go one way, and the structures that tell the kernel of it.

    Attributes:
        rows: uint8[n, width]: what they say.
        names: uint8[n, 28]: to or from whom, a struct sockaddr.
        control: int64[n, 16]: what the kernel says of them.
        vectors: uint64[n, 2]: struct iovec.
        headers: uint64[n, 8]: struct mmsghdr.
    """

    rows: Rows
    names: Rows
    control: NDArray[np.int64]
    vectors: Words
    headers: Words


def sending(template: Rows, count: int, *, ipv4: bool) -> Buffers:
    """Buffers for messages to send: each row holds the template, each name the family."""
    buffers = _buffers(count, len(template), 16 if ipv4 else NAME)
    buffers.rows[:] = template
    family = socket.AF_INET if ipv4 else socket.AF_INET6
    buffers.names[:, :2] = np.array([family], dtype=np.uint16).view(np.uint8)
    return buffers


def receiving(*, ipv4: bool) -> Buffers:
    """Buffers for messages that come."""
    buffers = _buffers(AT_ONCE, ROW, 16 if ipv4 else NAME)
    buffers.headers[:, CONTROL] = _pointers(buffers.control)
    return buffers


def require_linux() -> None:
    """Check that the kernel's structures are those known here.

    Raises:
        UsageError: this is no Linux with 64 bits.
    """
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "sendmmsg") or ctypes.sizeof(ctypes.c_void_p) != 8:  # noqa: PLR2004
        raise UsageError("Probing needs Linux on a machine with 64 bits.")


def _buffers(count: int, width: int, name_length: int) -> Buffers:
    rows = np.zeros((count, width), dtype=np.uint8)
    names = np.zeros((count, NAME), dtype=np.uint8)
    control = np.zeros((count, CONTROL_WORDS), dtype=np.int64)
    vectors = np.zeros((count, 2), dtype=np.uint64)
    vectors[:, 0] = _pointers(rows)
    vectors[:, 1] = width
    headers = np.zeros((count, 8), dtype=np.uint64)
    headers[:, _NAME] = _pointers(names)
    headers[:, _NAME_LENGTH] = name_length
    headers[:, _VECTOR] = _pointers(vectors)
    headers[:, _VECTORS] = 1
    return Buffers(rows, names, control, vectors, headers)


def _pointers(rows: NDArray[np.generic]) -> Words:
    """The address in memory of each row."""
    steps: Words = np.arange(len(rows), dtype=np.uint64) * np.uint64(rows.strides[0])
    return np.uint64(rows.ctypes.data) + steps
