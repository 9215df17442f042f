"""Which pieces of a source's past are fetched for good, so that another run goes on after them.

A line a piece, appended when its values are stored and the service does not revise them any more. A
line that is torn or lost makes the piece be fetched again, which stores nothing twice.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from zicht.store.faults import writing

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.sources.service import Piece

_FOLDER = "fetched"


class FetchedPieces:
    """The pieces of a source that are fetched for good, in a file in the store's folder."""

    def __init__(self, store: Path, source: str) -> None:
        self._path = store / _FOLDER / f"{source}.txt"
        try:
            self._keys = set(self._path.read_text(encoding="ascii", errors="replace").splitlines())
        except OSError:
            self._keys = set()

    def __contains__(self, piece: Piece) -> bool:
        """Whether it is fetched for good."""
        return _key(piece) in self._keys

    def add(self, piece: Piece) -> None:
        """Note that a piece is.

        Raises:
            StoreError: the disk is full or fails.
        """
        key = _key(piece)
        with writing(self._path.parent):
            self._path.parent.mkdir(exist_ok=True)
            with self._path.open("a", encoding="ascii") as file:
                file.write(f"{key}\n")
        self._keys.add(key)


def _key(piece: Piece) -> str:
    asked = "\n".join(
        (*piece.entities, f"{piece.start} {piece.end}", *(one.address for one in piece.requests))
    )
    return hashlib.sha256(asked.encode()).hexdigest()[:32]
