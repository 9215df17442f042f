"""Reports that readers asked to be kept: few, small, and found by nobody who does not know where.

A report is kept as it was brought, with its side file and the time of which it tells what was
known, so that it is read and judged the same whenever it is opened. Of its address only a hash is
the file's name.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import NotFoundError, UsageError
from zicht.web.reports.questions import Question

if TYPE_CHECKING:
    from pathlib import Path

MOST = 200
"""Reports that are kept; a further one is refused."""

LARGEST = 256 << 10
"""Bytes of one, with its side file."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_BYTES = 24  # of chance in an address: 192 bits


class Keeping:
    """A folder of reports that readers asked to be kept."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()

    def keep(self, question: Question) -> str:
        """Keep a report; gives the end of its address, which nobody can guess.

        Raises:
            UsageError: it is too large, or too many are kept.
        """
        data = msgspec.msgpack.encode(question)
        if len(data) > LARGEST:
            raise UsageError(
                f"A report of more than {LARGEST >> 10} kB is not kept here.", "Save the page."
            )
        token = secrets.token_urlsafe(_BYTES)
        with self._lock:
            if sum(1 for _ in self._folder.glob("*.report")) >= MOST:
                raise UsageError(
                    f"{MOST} reports are kept here already, and no more.", "Save the page."
                )
            path = self._path(token)
            path.touch(mode=0o600, exist_ok=False)
            path.write_bytes(data)
        return token

    def find(self, token: str) -> Question:
        """The report at an address.

        Raises:
            NotFoundError: there is none, or it was deleted.
        """
        try:
            data = self._path(token).read_bytes()
            return msgspec.msgpack.decode(data, type=Question)
        except (OSError, msgspec.MsgspecError):
            raise NotFoundError("No report is kept at this address.") from None

    def delete(self, token: str) -> None:
        """Delete the report at an address, if there is one."""
        with suppress(OSError, NotFoundError):
            self._path(token).unlink()

    def _path(self, token: str) -> Path:
        if not _TOKEN.fullmatch(token):
            raise NotFoundError("No report is kept at this address.")
        return self._folder / f"{hashlib.sha256(token.encode()).hexdigest()}.report"
