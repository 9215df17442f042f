"""Whom probing can see of a country, by the tables of the store and what a census found."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from zicht.errors import NotFoundError, UsageError
from zicht.observe.place_tables import import_tables
from zicht.observe.places import import_places
from zicht.observe.probe_coverage import show_coverage
from zicht.observe.probe_histories import change_history
from zicht.observe.probe_space import spaces_of
from zicht.sources.probe.history import BlockHistory, BlockSort, unmeasured
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 11, 22)
FEED = "5.0.0.0/16,KZ,KZ-75\n5.1.0.0/16,KZ\n6.0.0.0/8,KG\n2a00::/32,KZ\n"
ORIGINS = "5.0.0.0\t17\t9198\n5.1.0.0\t17\t29355\n2a00::\t32\t9198\n"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A country of two operators, of one of which 30 blocks answer; half of it is not routed."""
    path = open_store(tmp_path / "store", create=True).path
    for name, text in (("feed", FEED), ("origins", ORIGINS)):
        (tmp_path / name).write_text(text)
    import_places(path, [str(tmp_path / "feed")], kind="geofeed", day=DAY)
    import_tables(path, [str(tmp_path / "origins")], kind="origins", day=DAY)
    high = (np.uint64(5 << 56) + (np.arange(30, dtype=np.uint64) << np.uint64(40))).astype(
        np.uint64
    )
    found = unmeasured(high, np.zeros_like(high), ipv4=True)
    object.__setattr__(found, "sort", np.full(30, BlockSort.DENSE, np.uint8))

    def change(_: BlockHistory) -> BlockHistory:
        return found

    change_history(path, change, ipv4=True)
    return path


def test_what_is_routed_in_the_country_is_what_is_known_of_it(store: Path) -> None:
    told = show_coverage(store, "KZ")
    rows = {
        one.entity: (one.known_blocks, one.measured_blocks, one.observable)
        for one in told.operators
    }
    assert rows == {"asn/9198/KZ": (128, 30, True), "asn/29355/KZ": (128, 0, False)}
    assert told.whole.blocks_percent == 50


def test_the_space_of_a_census_is_what_is_routed_there(store: Path) -> None:
    def first(*targets: str) -> tuple[int, int]:
        space, listed = spaces_of(store, targets)
        assert space is not None
        assert listed is None  # no address of IPv6 is known
        return space.size, int(space.first[0] >> np.uint64(32))

    assert first("KZ") == (1 << 16, 5 << 24)
    assert first("region/KZ-75") == (1 << 15, 5 << 24)
    assert first("AS29355") == (1 << 15, (5 << 24) + (1 << 16))
    assert first("asn/9198/KZ") == (1 << 15, 5 << 24)
    assert first("5.200.0.0/24", "KZ") == ((1 << 16) + 256, 5 << 24)
    with pytest.raises(UsageError, match="country/KG"):
        first("KG")


def test_without_a_table_of_origins_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "feed").write_text(FEED)
    path = open_store(tmp_path / "store", create=True).path
    import_places(path, [str(tmp_path / "feed")], kind="geofeed", day=DAY)
    said: list[str] = []
    space, _ = spaces_of(path, ["KZ"], tell=said.append)
    assert space is not None
    assert space.size == 2 << 16
    assert "whether it is routed or not" in said[0]
    told = show_coverage(path, "KZ", tell=said.append)
    assert told.operators == []
    assert told.whole.known_blocks == 512
    with pytest.raises(NotFoundError, match="--kind origins"):
        spaces_of(path, ["AS9198"])


def test_only_countries_are_asked_for(store: Path) -> None:
    with pytest.raises(UsageError, match="no country"):
        show_coverage(store, "AS9198")
    with pytest.raises(NotFoundError):
        show_coverage(store, "KG")
