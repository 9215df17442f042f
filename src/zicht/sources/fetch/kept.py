"""Answers that were received before, in files, so that what has not changed is not sent again."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

_VALIDATORS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
"""Headers of an answer, and those that ask whether it still holds (RFC 9110, section 13.1)."""


_OLDEST = 14 * 86_400  # seconds


class _Head(msgspec.Struct, frozen=True):
    address: str
    sha256: str
    headers: dict[str, str]
    final: bool = False


class KeptAnswers:
    """The answers that are kept in a folder; those that nothing can be asked about are not.

    A file that is damaged, or that somebody takes away, is one that was never kept. Those that are
    two weeks old go.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with contextlib.suppress(OSError):
            for file in folder.iterdir():
                if time.time() - file.stat().st_mtime > _OLDEST:
                    file.unlink()

    def final(self, address: str) -> bytes | None:
        """The answer, if it does not change any more."""
        kept = self._read(address)
        return kept[1] if kept is not None and kept[0].final else None

    def conditions(self, address: str) -> dict[str, str]:
        """The headers that ask for an answer only if it has changed."""
        kept = self._read(address)
        if kept is None:
            return {}
        return {_VALIDATORS[name]: word for name, word in kept[0].headers.items()}

    def body(self, address: str) -> bytes | None:
        """The answer as it was received last."""
        kept = self._read(address)
        return None if kept is None else kept[1]

    def keep(self, address: str, data: bytes, headers: Mapping[str, str], *, final: bool) -> None:
        """Keep an answer; a full disk only means that it is not kept."""
        kept = {name: headers[name] for name in _VALIDATORS if headers.get(name)}
        if not kept and not final:
            return
        head = _Head(address, hashlib.sha256(data).hexdigest(), kept, final)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
                file.write(msgspec.json.encode(head) + b"\n" + data)
            Path(file.name).replace(self._path(address))
        except OSError:
            return

    def _path(self, address: str) -> Path:
        return self._folder / hashlib.sha256(address.encode()).hexdigest()[:32]

    def _read(self, address: str) -> tuple[_Head, bytes] | None:
        try:
            line, _, data = self._path(address).read_bytes().partition(b"\n")
            head = msgspec.json.decode(line, type=_Head)
        except (OSError, msgspec.MsgspecError):
            return None
        whole = head.address == address and head.sha256 == hashlib.sha256(data).hexdigest()
        return (head, data) if whole else None
