"""A network of a test's own: a thread in a fresh network namespace, with a machine that misbehaves.

Nothing in it is joined to any other network, so no packet can leave the machine. The namespace goes
when the thread does.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import queue
import select
import shutil
import struct
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")

ANSWERING = "10.64.0.0/16"  # the kernel answers each of these addresses
MISBEHAVING = "10.66.0.0/24"  # the machine at the other end of the tunnel does
SILENT, LATE, TWICE, FORGED, ERROR, ELSEWHERE, DAMAGED, FINE = range(1, 9)  # the last byte's


def in_own_network(work: Callable[[], T], *, seconds: float = 240) -> T:
    """Run something in a namespace of its own and give its result."""
    if os.geteuid() != 0 or not Path("/dev/net/tun").exists() or not shutil.which("ip"):
        pytest.skip("a network namespace needs root, /dev/net/tun and iproute2")
    answers: queue.Queue[tuple[bool, object]] = queue.Queue()

    def run() -> None:
        try:
            _unshare()
            _ip("link set lo up")
            _ip(f"route add local {ANSWERING} dev lo")
            answers.put((True, work()))
        except BaseException as error:  # noqa: BLE001 - raised again in the test
            answers.put((False, error))

    threading.Thread(target=run, daemon=True).start()
    fine, answer = answers.get(timeout=seconds)
    if not fine:
        assert isinstance(answer, BaseException)
        raise answer
    return answer  # type: ignore[return-value] # what work gave


def with_bad_machine(work: Callable[[], T]) -> T:
    """Run something while a machine behind a tunnel answers for ``MISBEHAVING``; call it inside."""
    tunnel = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    set_tun, tun_without_header = 0x400454CA, 0x1001
    fcntl.ioctl(tunnel, set_tun, struct.pack("16sH22x", b"tun0", tun_without_header))
    _ip("addr add 10.67.0.1/24 dev tun0")
    _ip("link set tun0 up")
    _ip(f"route add {MISBEHAVING} dev tun0")
    stop = threading.Event()
    machine = threading.Thread(target=_misbehave, args=(tunnel, stop))
    machine.start()
    try:
        return work()
    finally:
        stop.set()
        machine.join()
        os.close(tunnel)


@contextlib.contextmanager
def joined_by_veth() -> Iterator[int]:
    """Join this namespace to another one by a veth pair; gives that one's file descriptor.

    There the kernel answers for 10.65.0.0/16 and fd65::/64. Call it inside ``in_own_network``.
    """
    mine = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    _ip("link add v0 type veth peer name v1")
    _unshare()
    there = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        _enter(mine)
        _ip(f"link set v1 netns /proc/self/fd/{there}", keep=[there])
        _ip("addr add 10.9.0.1/24 dev v0")
        _ip("addr add fd09::1/64 dev v0 nodad")
        _ip("link set v0 up")
        _enter(there)
        for arguments in (
            "link set lo up",
            "addr add 10.9.0.2/24 dev v1",
            "addr add fd09::2/64 dev v1 nodad",
            "link set v1 up",
            "route add local 10.65.0.0/16 dev lo",
            "-6 route add local fd65::/64 dev lo",
        ):
            _ip(arguments)
        _enter(mine)
        use_other_side()
        yield there
    finally:
        _enter(mine)
        os.close(there)
        os.close(mine)


def use_other_side() -> None:
    """Route what the other side of the veth pair answers for; anew after the link was down."""
    _ip("route replace 10.65.0.0/16 via 10.9.0.2")
    _ip("-6 addr replace fd09::1/64 dev v0 nodad")
    _ip("-6 route replace fd65::/64 via fd09::2")


@contextlib.contextmanager
def inside(namespace: int) -> Iterator[None]:
    """Let this thread be in another namespace for a while."""
    mine = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    _enter(namespace)
    try:
        yield
    finally:
        _enter(mine)
        os.close(mine)


def ip(arguments: str) -> None:
    """Run iproute2's ``ip`` in this thread's namespace."""
    _ip(arguments)


def _unshare() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    clone_newnet = 0x40000000
    assert libc.unshare(clone_newnet) == 0, os.strerror(ctypes.get_errno())


def _enter(namespace: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.setns(namespace, 0x40000000) == 0, os.strerror(ctypes.get_errno())


def _ip(arguments: str, keep: Sequence[int] = ()) -> None:
    program = shutil.which("ip")
    assert program
    subprocess.run([program, *arguments.split()], check=True, pass_fds=keep)


def _misbehave(tunnel: int, stop: threading.Event) -> None:  # noqa: C901 - a case each
    held: list[bytes] = []  # late answers wait until the others' time is over
    while not stop.is_set():
        if not select.select([tunnel], [], [], 0.6)[0]:
            for packet in held:
                os.write(tunnel, packet)
            held.clear()
            continue
        packet = os.read(tunnel, 2048)
        if packet[0] >> 4 != 4 or packet[9] != 1:  # not ICMP over IPv4
            continue
        source, target, message = packet[12:16], packet[16:20], packet[20:]
        answer = _packet(target, source, _summed(b"\0" + message[1:]))
        match target[3]:
            case 1:  # SILENT
                continue
            case 2:  # LATE
                held.append(answer)
                continue
            case 3:  # TWICE
                os.write(tunnel, answer)
            case 4:  # FORGED: the token is made up
                answer = _packet(
                    target, source, _summed(b"\0" + message[1:20] + bytes(8) + message[28:])
                )
            case 5:  # ERROR: a router says that this is forbidden
                quoted = struct.pack("!BBHI", 3, 13, 0, 0) + packet[:28]
                answer = _packet(bytes([10, 66, 0, 254]), source, _summed(quoted))
            case 6:  # ELSEWHERE: from another address than was asked
                answer = _packet(bytes([10, 66, 0, 99]), source, _summed(b"\0" + message[1:]))
            case 7:  # DAMAGED
                answer = answer[:-1] + bytes([answer[-1] ^ 1])
        os.write(tunnel, answer)


def _packet(source: bytes, target: bytes, message: bytes) -> bytes:
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(message), 0, 0, 64, 1, 0)
    return _summed(header + source + target, at=10) + message


def _summed(data: bytes, at: int = 2) -> bytes:
    data = data[:at] + b"\0\0" + data[at + 2 :]
    words = data + b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(words) // 2}H", words))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return data[:at] + struct.pack("!H", ~total & 0xFFFF) + data[at + 2 :]
