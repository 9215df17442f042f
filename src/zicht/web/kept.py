"""Answers that are kept, the last used ones, up to so many bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An answer as it is sent.

    Attributes:
        body: its bytes.
        zipped: the same by gzip, or ``None`` where that is of no use.
        etag: what it is known by (RFC 9110, 8.8.3).
        status: its status.
        headers: its headers, names in lower case.
    """

    body: bytes
    zipped: bytes | None
    etag: str
    status: int
    headers: dict[str, str]

    @property
    def size(self) -> int:
        """Bytes of memory, about."""
        return len(self.body) + len(self.zipped or b"") + 1_000


class KeptAnswers:
    """The answers used last; several threads may use it at once.

    Attributes:
        most: bytes that are kept, at most.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._held: OrderedDict[Hashable, Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Kept | None:
        """The answer, or ``None`` where it is not kept."""
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: Hashable, answer: Kept) -> None:
        """Keep an answer, and let go of those not used for longest."""
        with self._lock:
            if (old := self._held.pop(key, None)) is not None:
                self._size -= old.size
            self._held[key] = answer
            self._size += answer.size
            while self._size > self.most:
                _, gone = self._held.popitem(last=False)
                self._size -= gone.size
