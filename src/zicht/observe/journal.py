"""How far a backfill of routes has come, so that another run goes on there.

A journal is a small file in the store's folder; it is written anew, atomically, after each commit
of observations. A kill between the two makes the next run go through one batch again, which stores
nothing twice.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import StoreError, UsageError
from zicht.store.faults import damaged, writing
from zicht.store.lock import locked_if_free

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_FOLDER = "backfills"


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a backfill has come.

    Attributes:
        pipeline: what is computed, by its name.
        collectors: names of the collectors, sorted.
        start: the begin of the first bin.
        end: the end of the last bin.
        committed: the end of the last bin that is stored; ``start`` when none is.
    """

    pipeline: str
    collectors: tuple[str, ...]
    start: datetime
    end: datetime
    committed: datetime


class Journal:
    """The journal of one backfill; open it with ``open_journal``.

    Attributes:
        path: its file.
        progress: how far the backfill has come.
    """

    def __init__(self, path: Path, progress: Progress) -> None:
        self.path = path
        self.progress = progress

    def commit(self, committed: datetime) -> None:
        """Note that all bins that end at or before ``committed`` are stored.

        Raises:
            StoreError: the disk is full or fails.
        """
        self.progress = msgspec.structs.replace(self.progress, committed=committed)
        with writing(self.path.parent):
            new = self.path.with_suffix(".new")
            with new.open("wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(self.progress), indent=2))
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)


@contextmanager
def open_journal(
    store: Path, pipeline: str, collectors: Sequence[str], start: datetime, end: datetime
) -> Iterator[Journal]:
    """The journal of this very backfill, as an earlier run left it, for this process alone.

    Args:
        store: the store's folder.
        pipeline: the name of what is computed.
        collectors: names of the collectors.
        start: the begin of the first bin.
        end: the end of the last bin.

    Raises:
        StoreError: the journal cannot be read or written.
        UsageError: another process is at the same backfill.
    """
    progress = Progress(
        pipeline=pipeline,
        collectors=tuple(sorted(collectors)),
        start=start,
        end=end,
        committed=start,
    )
    key = hashlib.sha256(msgspec.json.encode(progress)).hexdigest()[:16]
    path = store / _FOLDER / f"{key}.json"
    with writing(path.parent):
        path.parent.mkdir(exist_ok=True)
    with locked_if_free(path.with_suffix(".lock")) as free:
        if not free:
            raise UsageError(
                "Another process is at this very backfill.", "Wait for it, or end it first."
            )
        yield Journal(path, _read(path) or progress)


def _read(path: Path) -> Progress | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Progress)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise damaged(path, "is damaged") from error
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}.") from error
