"""What all tests share: the recordings, an object store, and that none is skipped in silence."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from object_store import ObjectStore, running_object_store

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

settings.register_profile("user", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "user")


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of the real recordings, which are not part of the project."""
    folder = Path(os.environ.get("ZICHT_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the real recordings are not at {folder}; set ZICHT_DATA")
    return folder


_buckets = count(1)


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    """An object store on the loopback."""
    with running_object_store() as running:
        yield running


@pytest.fixture
def bucket(object_store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a store in a new bucket; the credentials for it are in the environment."""
    for name, value in object_store.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ZICHT_STATE", str(tmp_path / "state"))
    return object_store.bucket(f"zicht-{next(_buckets)}")


@pytest.fixture(params=["folder", "object store"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a store is made: what holds of one in a folder holds of one in an object store."""
    if request.param == "folder":
        return tmp_path / "store"
    address: str = request.getfixturevalue("bucket")
    return address


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under ``ZICHT_REQUIRE_DATA=1`` a skipped test is a failure: nothing goes untested."""
    report = yield
    if report.skipped and _required() and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} was skipped in {call.when} under ZICHT_REQUIRE_DATA=1,"
            f" which allows no skips: {call.excinfo and call.excinfo.value}"
        )
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Likewise for a module that is skipped as a whole."""
    report = yield
    if report.skipped and _required():
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped as a whole under ZICHT_REQUIRE_DATA=1"
    return report


def _required() -> bool:
    return os.environ.get("ZICHT_REQUIRE_DATA", "") not in {"", "0"}
