"""Where the store of a test lies: what holds of one in a folder holds of one in an object store."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest
from object_store import ObjectStore, running_object_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_buckets = count(1)


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    """An object store on the loopback."""
    with running_object_store() as running:
        yield running


@pytest.fixture
def bucket(object_store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a store in a new bucket, and the credentials for it."""
    for name, value in object_store.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ZICHT_STATE", str(tmp_path / "state"))
    return object_store.bucket(f"zicht-{next(_buckets)}")


@pytest.fixture(params=["folder", "object store"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a store is to be made."""
    if request.param == "folder":
        return tmp_path / "store"
    address: str = request.getfixturevalue("bucket")
    return address
