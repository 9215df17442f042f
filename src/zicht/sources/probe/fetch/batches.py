"""Many messages in one call to the kernel: sendmmsg(2) and recvmmsg(2) of Linux, by ctypes.

The kernel's structures are arrays of NumPy that are filled all at once; they are those of machines
with 64 bits, x86-64 and ARM alike.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import time
from typing import TYPE_CHECKING

import numpy as np

from zicht.errors import UsageError
from zicht.sources.probe.packets import big_endian, big_number
from zicht.sources.probe.replies import ROW, Messages

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.probe.fetch.sockets import Opened
    from zicht.sources.probe.packets import Rows, Words

BATCH = 256
"""Messages a call."""

_IOVEC = np.dtype([("base", "u8"), ("length", "u8")])
_MESSAGE = np.dtype(  # struct mmsghdr
    {
        "names": [
            "name",
            "name_length",
            "iov",
            "iov_length",
            "control",
            "control_length",
            "length",
        ],
        "formats": ["u8", "u4", "u8", "u8", "u8", "u8", "u4"],
        "offsets": [0, 8, 16, 24, 32, 40, 56],
        "itemsize": 64,
    }
)
_NAME = {True: 16, False: 28}  # sockaddr_in, sockaddr_in6
_ADDRESS = {True: 4, False: 8}  # where the address stands in them
_CONTROL = 64
_STAMP = 16  # where the struct timespec stands in the only control message there is
_STAMPED = 32  # bytes of control, when there is a time
_PASSING = {errno.EAGAIN, errno.ENOBUFS, errno.EINTR}


class Batches:
    """Sends and receives many messages at once over one socket.

    Raises:
        UsageError: this is no Linux with 64 bits.
    """

    def __init__(self, opened: Opened) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        if not hasattr(libc, "sendmmsg") or ctypes.sizeof(ctypes.c_void_p) != 8:  # noqa: PLR2004
            raise UsageError("Probing needs Linux on a machine with 64 bits.")
        self._libc = libc
        self._socket = opened.socket.fileno()
        self._ipv4 = opened.ipv4
        name = _NAME[opened.ipv4]
        self._out_names = np.zeros((BATCH, name), dtype=np.uint8)
        family = socket.AF_INET if opened.ipv4 else socket.AF_INET6
        self._out_names[:, :2] = np.array([family], dtype=np.uint16).view(np.uint8)
        self._out_iov = np.zeros(BATCH, dtype=_IOVEC)
        self._out = _headers(self._out_names, self._out_iov)

        self._rows = np.zeros((BATCH, ROW), dtype=np.uint8)
        self._in_names = np.zeros((BATCH, name), dtype=np.uint8)
        self._control = np.zeros((BATCH, _CONTROL), dtype=np.uint8)
        self._in_iov = np.zeros(BATCH, dtype=_IOVEC)
        self._in_iov["base"] = _pointers(self._rows)
        self._in_iov["length"] = ROW
        self._in = _headers(self._in_names, self._in_iov)
        self._in["control"] = _pointers(self._control)

    def send(self, rows: Rows, high: Words, low: Words) -> tuple[int, int]:
        """Send messages to addresses, at most ``BATCH``.

        Args:
            rows: uint8[n, width]: the messages.
            high: uint64[n]: the first 64 bits of each address.
            low: uint64[n]: the last 64.

        Returns:
            How many went out, and the error's number that stopped the next one: 0 where all went,
            or where the kernel has no room just now.
        """
        n = len(rows)
        rows = np.ascontiguousarray(rows)
        begin = _ADDRESS[self._ipv4]
        if self._ipv4:
            self._out_names[:n, begin : begin + 4] = big_endian(high >> np.uint64(32), 4)
        else:
            self._out_names[:n, begin : begin + 8] = big_endian(high, 8)
            self._out_names[:n, begin + 8 : begin + 16] = big_endian(low, 8)
        self._out_iov["base"][:n] = _pointers(rows)
        self._out_iov["length"][:n] = rows.shape[1]
        sent = self._libc.sendmmsg(self._socket, ctypes.c_void_p(self._out.ctypes.data), n, 0)
        number = ctypes.get_errno() if sent < 0 else 0
        return max(sent, 0), 0 if number in _PASSING else number

    def receive(self) -> Messages | None:
        """The messages that are there, at most ``BATCH``; ``None`` where there are none.

        Raises:
            OSError: the socket is broken.
        """
        self._in["name_length"] = self._in_names.shape[1]
        self._in["control_length"] = _CONTROL
        n = self._libc.recvmmsg(
            self._socket,
            ctypes.c_void_p(self._in.ctypes.data),
            BATCH,
            socket.MSG_DONTWAIT,
            None,
        )
        if n < 0:
            number = ctypes.get_errno()
            if number in _PASSING | {errno.ENETDOWN, errno.EHOSTUNREACH, errno.ENETUNREACH}:
                return None  # an error of an earlier probe, or a network that may come back
            raise OSError(number, os.strerror(number))
        if n == 0:
            return None
        names = self._in_names[:n]
        at = np.full(n, _ADDRESS[self._ipv4])
        if self._ipv4:
            high, low = big_number(names, at, 4) << np.uint64(32), np.zeros(n, dtype=np.uint64)
        else:
            high, low = big_number(names, at, 8), big_number(names, at + 8, 8)
        return Messages(
            rows=self._rows[:n],
            lengths=self._in["length"][:n].astype(np.int64),
            high=high,
            low=low,
            received=self._times(n),
        )

    def _times(self, n: int) -> Words:
        """When the kernel had each message; now, where it does not say."""
        parts = self._control[:n, _STAMP : _STAMP + 16].copy().view(np.uint64)
        stamped = self._in["control_length"][:n] >= _STAMPED
        times: Words = parts[:, 0] * np.uint64(1_000_000_000) + parts[:, 1]
        return np.where(stamped, times, np.uint64(time.time_ns()))


def _headers(names: Rows, iov: NDArray[np.void]) -> NDArray[np.void]:
    headers = np.zeros(BATCH, dtype=_MESSAGE)
    headers["name"] = _pointers(names)
    headers["name_length"] = names.shape[1]
    headers["iov"] = iov.ctypes.data + np.arange(BATCH, dtype=np.uint64) * _IOVEC.itemsize
    headers["iov_length"] = 1
    return headers


def _pointers(rows: Rows) -> Words:
    """The address in memory of each row."""
    steps: Words = np.arange(len(rows), dtype=np.uint64) * np.uint64(rows.strides[0])
    return np.uint64(rows.ctypes.data) + steps
