"""Tables of origins and users are kept by their day, and those of routes made into origins."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest
from routes_world import BEGIN, NETWORKS, dump

from zicht.errors import InputError, NotFoundError
from zicht.observe.place_tables import import_tables, load_origins, load_users
from zicht.observe.places import places_in_force
from zicht.place.origins import origin_of

if TYPE_CHECKING:
    from pathlib import Path


def test_a_dump_of_tables_becomes_a_table_of_origins(tmp_path: Path) -> None:
    file = tmp_path / "bview.mrt"
    file.write_bytes(dump("rrc00", BEGIN))
    (taken,) = import_tables(tmp_path / "store", [str(file)], kind="origins")
    assert (taken.as_of, taken.records, taken.name) == (BEGIN.date(), len(NETWORKS), "bview")
    origins = load_origins(tmp_path / "store")
    assert origins is not None
    first = [int(network.network_address) << 32 for network in NETWORKS]
    found = origin_of(origins, 4, np.array(first, dtype=np.uint64))
    assert found.tolist() == list(NETWORKS.values())


def test_updates_are_no_table(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"\0" * 40)
    with pytest.raises(InputError):
        import_tables(tmp_path / "store", [str(file)], kind="origins")


def test_the_newest_table_of_the_day_or_before_counts(tmp_path: Path) -> None:
    store = tmp_path / "store"
    assert load_users(store) is None
    file = tmp_path / "users.csv"
    for day, count in ((1, 10), (2, 20)):
        file.write_text(f"asn,country,users\n9198,KZ,{count}\n")
        import_tables(store, [str(file)], kind="users", day=date(2026, 1, day))
    told: list[str] = []

    def users(day: date | None) -> float | None:
        table = load_users(store, day, told.append)
        return None if table is None else table.of(9198, "KZ")

    assert users(None) == 20
    assert users(date(2026, 1, 1)) == 10
    assert not told
    assert users(date(2025, 1, 1)) == 10
    assert "nothing is kept of 2025-01-01" in told[0]


def test_they_say_nothing_of_where_addresses_are(tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text("asn,country,users\n9198,KZ,1\n")
    import_tables(tmp_path / "store", [str(file)], kind="users")
    with pytest.raises(NotFoundError):
        places_in_force(tmp_path / "store")


def test_what_was_read_once_is_kept_as_arrays_and_read_anew_where_they_are_damaged(
    tmp_path: Path,
) -> None:
    file = tmp_path / "pfx2as"
    file.write_text("5.0.0.0\t8\t9198\n2a00::\t16\t1136\n")
    import_tables(tmp_path, [str(file)], kind="origins", day=date(2026, 1, 1))

    def loaded() -> list[int]:
        origins = load_origins(tmp_path)
        assert origins is not None
        return list(origins.asn)

    assert loaded() == [9198, 1136]
    (kept,) = (tmp_path / "place").rglob("*.npz")
    assert loaded() == [9198, 1136]
    kept.write_bytes(b"PK\3\4 damaged")
    assert loaded() == [9198, 1136]
