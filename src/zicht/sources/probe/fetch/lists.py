"""The list of exclusions, read anew whenever its file changes."""

from __future__ import annotations

import logging
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

    Args:
        path: its file; ``None`` for no list.
        allow_private: whether private and reserved space may be probed.

    Raises:
        InputError: the file cannot be read now.
    """

    def __init__(self, path: Path | None, *, allow_private: bool) -> None:
        self._path = path
        self._allow_private = allow_private
        self._looked = 0.0
        self._seen = self._state()
        networks = read_list(path) if path else []
        self._exclusions: Exclusions | None = Exclusions(networks, allow_private=allow_private)

    def current(self, now: float) -> Exclusions | None:
        """What must not be probed, a second old at most.

        ``None`` while the file cannot be read: then nobody may be probed. ``now`` is in seconds.
        """
        if self._path is None or now < self._looked + _LOOK_EVERY:
            return self._exclusions
        self._looked = now
        state = self._state()
        if state == self._seen:
            return self._exclusions
        self._seen = state
        try:
            networks = read_list(self._path)
        except InputError as error:
            self._exclusions = None
            _log.warning("Probing pauses until the exclusions can be read: %s", error.message)
        else:
            self._exclusions = Exclusions(networks, allow_private=self._allow_private)
            _log.warning("The exclusions were read anew: %d networks", len(networks))
        return self._exclusions

    def _state(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat() if self._path else None
        except OSError:
            return None
        return status and (status.st_mtime_ns, status.st_size, status.st_ino)
