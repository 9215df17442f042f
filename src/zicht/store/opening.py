"""Opening and making a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from zicht.errors import NotFoundError, StoreError
from zicht.store.faults import writing
from zicht.store.lock import locked
from zicht.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path

LAYOUT = 1
"""Counted up when an older Zicht could not read the store rightly."""

_MARKER = "zicht-store.json"


def open_store(path: Path, *, create: bool = False) -> Store:
    """Open the store in the folder ``path``.

    Args:
        path: the folder. It need not be writable when only read.
        create: make the store when there is none.

    Raises:
        NotFoundError: there is no store, and none is to be made.
        StoreError: the folder holds something else or a newer layout, or cannot be used.
    """
    marker = path / _MARKER
    if _is_there(marker):
        _check_layout(marker)
    elif not create:
        raise NotFoundError(
            f"There is no store at {path}.",
            "Import data into it first (zicht import), or name the folder of another with --store.",
        )
    else:
        _check_place(path)
    store = Store(path)
    if create:
        with writing(path):
            _make(path, store)
    return store


def _is_there(marker: Path) -> bool:
    try:
        marker.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise StoreError(
            f"The store at {marker.parent} may not be read ({error.strerror}).",
            "Get the right to read it, or name another folder with --store.",
        ) from error
    return True


def _check_layout(marker: Path) -> None:
    try:
        layout = int(msgspec.json.decode(marker.read_bytes())["layout"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"{marker} does not say what store this is.",
            f'It should hold {{"layout": {LAYOUT}}}; put it back from a copy, or write that.',
        ) from error
    except OSError as error:
        raise StoreError(
            f"{marker} cannot be read ({error.strerror}).", "Get the right to read the folder."
        ) from error
    if layout > LAYOUT:
        raise StoreError(
            f"The store at {marker.parent} was written by a newer version of Zicht.",
            "Update Zicht, or name another folder with --store.",
        )


def _check_place(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise StoreError(f"{path} is no folder.", "Name a folder with --store.")
    # Names with a dot may be the beginnings of a store that another process is making.
    if path.is_dir() and any(not inside.name.startswith(".") for inside in path.iterdir()):
        raise StoreError(
            f"{path} holds other files and no store.",
            "Name an empty or a new folder with --store.",
        )


def _make(path: Path, store: Store) -> None:
    """Make what is absent; a store whose making was cut short is completed."""
    path.mkdir(parents=True, exist_ok=True)
    marker = path / _MARKER
    if marker.exists() and all(table.log.exists() for table in store.tables):
        return
    with locked(store.write_lock):
        if not marker.exists():
            draft = path / f".{_MARKER}.tmp"
            draft.write_bytes(msgspec.json.encode({"layout": LAYOUT}))
            draft.rename(marker)
        for table in store.tables:
            table.log.create(table.spec)
