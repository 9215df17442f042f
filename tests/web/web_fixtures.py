"""What the tests of pages and API share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient
from web_world import KNOWN, make_store

from zicht.web.app import application
from zicht.web.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zicht.store import Store


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store that no test changes."""
    return make_store(tmp_path_factory.mktemp("web") / "store")


@pytest.fixture(scope="session")
def desk(store: Store) -> Iterator[Desk]:
    """A desk that knows the state of everybody."""
    made = Desk(store, now=lambda: KNOWN)
    made.refresh()
    yield made
    made.readers.close()


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient]:
    """A reader whose errors are answered, not raised."""
    with TestClient(application(desk), raise_server_exceptions=False) as reader:
        yield reader
