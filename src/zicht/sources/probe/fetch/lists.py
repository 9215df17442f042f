"""The list of exclusions, read anew whenever its file changes."""

from __future__ import annotations

import logging
import stat
from typing import TYPE_CHECKING

from zicht.errors import InputError
from zicht.sources.probe.exclusions import Exclusions, read_networks

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network
    from pathlib import Path

_LOOK_EVERY = 1.0  # seconds

_log = logging.getLogger(__name__)


def read_list(path: Path) -> list[IPv4Network | IPv6Network]:
    """The networks that a file lists.

    Raises:
        InputError: it cannot be read, or a line is no network.
    """
    try:
        return read_networks(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InputError(f"{path} cannot be read: {reason}.") from None


class ExclusionList:
    """A list that may change while probing runs.

    What is put on it counts within a second. What is taken off it is left alone until the file has
    stayed the same from one look to the next: it may be empty only because it is being written.

    Args:
        path: its file; ``None`` for no list.
        allow_private: whether private and reserved space may be probed.

    Raises:
        InputError: the file cannot be read now, or is a pipe, which can be read only once.
    """

    def __init__(self, path: Path | None, *, allow_private: bool) -> None:
        self._path = path
        self._allow_private = allow_private
        self._looked = 0.0
        self._seen = self._state()
        if path is not None and self._seen is not None and not stat.S_ISREG(path.stat().st_mode):
            raise InputError(
                f"{path} is no regular file: it could not be read anew.",
                "Write the exclusions to a file first.",
            )
        self._networks = read_list(path) if path else []
        self._read: list[IPv4Network | IPv6Network] | None = None  # but not rested yet
        self._wrong = ""  # what keeps it from being read, as it was said
        self._exclusions: Exclusions | None = self._of(self._networks)

    def current(self, now: float) -> Exclusions | None:
        """What must not be probed, a second old at most.

        ``None`` while the file cannot be read: then nobody may be probed. ``now`` is in seconds.
        """
        if self._path is None or now < self._looked + _LOOK_EVERY:
            return self._exclusions
        self._looked = now
        state = self._state()
        if state != self._seen or self._exclusions is None:
            self._seen = state
            self._take_in(self._path)
        elif self._read is not None:
            self._networks, self._read = self._read, None
            self._exclusions = self._of(self._networks)
        return self._exclusions

    def _take_in(self, path: Path) -> None:
        try:
            self._read = read = read_list(path)
        except InputError as error:
            self._read = self._exclusions = None
            if error.message != self._wrong:
                _log.warning("Probing pauses until the exclusions can be read: %s", error.message)
            self._wrong = error.message
        else:
            self._wrong = ""
            if set(self._networks) <= set(self._read):  # nobody was taken off it
                self._networks, self._read = self._read, None
            self._exclusions = self._of([*self._networks, *(self._read or ())])
            _log.warning("The exclusions were read anew: %d networks", len(read))

    def _of(self, networks: list[IPv4Network | IPv6Network]) -> Exclusions:
        return Exclusions(networks, allow_private=self._allow_private)

    def _state(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat() if self._path else None
        except OSError:
            return None
        return status and (status.st_mtime_ns, status.st_size, status.st_ino)
