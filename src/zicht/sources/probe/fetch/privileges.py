"""Doing without every right that is no longer needed, for good."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from zicht.errors import FaultError

_CAPABILITY_VERSION_3 = 0x20080522
_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 24, 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_LAST_CAPABILITY = 63


def drop_privileges() -> None:
    """Give up every capability of this thread, and of those that it starts, and the way to any.

    Sockets that are open stay usable. A process that sudo started as root goes on as the user who
    called it; root itself keeps the right to its own files and no other.

    Raises:
        FaultError: the system refuses, which it does for no known reason.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(_LAST_CAPABILITY + 1):  # those that there are not are refused
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    if os.geteuid() == 0 and "SUDO_UID" in os.environ:
        user, group = int(os.environ["SUDO_UID"]), int(os.environ["SUDO_GID"])
        os.setgroups([])
        os.setresgid(group, group, group)
        os.setresuid(user, user, user)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    ambient = libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    if ambient or libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.capset(header, bytes(24)):
        raise FaultError(f"Privileges cannot be given up: {os.strerror(ctypes.get_errno())}.")


def require_no_privileges() -> None:
    """Check that no thread of this process has a capability left.

    Raises:
        FaultError: one has, since it was started before they were given up.
    """
    for status in Path("/proc/self/task").glob("*/status"):
        fields = dict(line.split(":", 1) for line in status.read_text("utf-8").splitlines())
        left = [name for name in ("CapPrm", "CapEff", "CapAmb") if int(fields[name], 16)]
        if left:
            raise FaultError(
                f"The thread {fields['Name'].strip()} still has privileges ({', '.join(left)})."
            )
