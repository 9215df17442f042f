"""Opening and making a store."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import NotFoundError, StoreError
from zicht.store.faults import writing
from zicht.store.location import lake_of
from zicht.store.lock import locked
from zicht.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.store.lake import Lake

LAYOUT = 1
"""Counted up when an older Zicht could not read the store rightly."""

_MARKER = "zicht-store.json"


class _Marker(msgspec.Struct, omit_defaults=True):
    """What the marker says.

    Attributes:
        layout: of the store.
        tables: those that were made with it; of a store in a folder they are looked for instead.
    """

    layout: int
    tables: tuple[str, ...] = ()


def open_store(place: Path | str, *, create: bool = False) -> Store:
    """Open a store.

    Args:
        place: its folder, which need not be writable when only read; or the address of one in an
            object store, such as ``s3://BUCKET/PREFIX``.
        create: make the store when there is none.

    Raises:
        NotFoundError: there is no store, and none is to be made.
        StoreError: the place holds something else or a newer layout, or cannot be used.
        UsageError: the address is none.
    """
    lake = lake_of(place)
    marker = _marker(lake)
    if marker is None and not create:
        raise NotFoundError(
            f"There is no store at {lake.address}.",
            "Import data into it first (zicht import), or name the folder of another with --store.",
        )
    if lake.shared:
        with writing(lake.host):
            lake.host.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif marker is None:
        _check_place(lake.host)
    store = Store(lake)
    if create:
        with writing(lake.host):
            if lake.shared:
                _make_shared(store, marker)
            else:
                _make(store, marker)
    return store


def _marker(lake: Lake) -> _Marker | None:
    """What the marker says; ``None`` where there is none.

    Raises:
        StoreError: it cannot be read, or is of a newer layout.
    """
    name = f"{lake.address}/{_MARKER}"
    try:
        data = lake.read(_MARKER)
    except PermissionError as error:
        raise StoreError(
            f"The store at {lake.address} may not be read ({error.strerror}).",
            "Get the right to read it, or name another folder with --store.",
        ) from error
    except OSError as error:
        raise StoreError(
            f"{name} cannot be read ({error.strerror}).", "Get the right to read the folder."
        ) from error
    if data is None:
        return None
    try:
        marker = msgspec.json.decode(data, type=_Marker)
    except msgspec.DecodeError as error:
        raise StoreError(
            f"{name} does not say what store this is.",
            f'It should hold {{"layout": {LAYOUT}}}; put it back from a copy, or write that.',
        ) from error
    if marker.layout > LAYOUT:
        raise StoreError(
            f"The store at {lake.address} was written by a newer version of Zicht.",
            "Update Zicht, or name another folder with --store.",
        )
    return marker


def _check_place(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise StoreError(f"{path} is no folder.", "Name a folder with --store.")
    # Names with a dot may be the beginnings of a store that another process is making.
    if path.is_dir() and any(not inside.name.startswith(".") for inside in path.iterdir()):
        raise StoreError(
            f"{path} holds other files and no store.",
            "Name an empty or a new folder with --store.",
        )


def _make(store: Store, marker: _Marker | None) -> None:
    """Make what is absent; a store whose making was cut short is completed."""
    store.path.mkdir(parents=True, exist_ok=True)
    if marker is not None and all(table.log.exists() for table in store.tables):
        return
    with locked(store.write_lock):
        if marker is None:
            store.lake.put(_MARKER, msgspec.json.encode(_Marker(LAYOUT)))
        for table in store.tables:
            table.log.create(table.spec)


def _make_shared(store: Store, marker: _Marker | None) -> None:
    """Make what is absent in an object store, the marker last: it says that all is there."""
    tables = tuple(table.spec.name for table in store.tables)
    if marker is not None and set(tables) <= set(marker.tables):
        return
    with locked(store.write_lock):
        check_conditional_puts(store.lake)
        for table in store.tables:
            table.log.create(table.spec)
        store.lake.put(_MARKER, msgspec.json.encode(_Marker(LAYOUT, tables)))


def check_conditional_puts(lake: Lake) -> None:
    """See that of two who make a name one fails, on which every commit rests.

    Raises:
        StoreError: it is not so.
    """
    name = f".conditional-put-{uuid.uuid4()}"
    lake.put(name, b"first")
    replaced = lake.create(name, b"second")
    lake.delete(name)
    if replaced:
        raise StoreError(
            f"The object store of {lake.address} does not know conditional puts"
            " (If-None-Match: *); several writers would destroy each other's commits.",
            "Take one that does, or a newer version of it. docs/growing.md names some.",
        )
