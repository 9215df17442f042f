"""From the archives of collectors to what of a country could be reached, through the real thing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from archive_server import Archive, serving
from routes_world import BEGIN, KZ, NETWORKS, announcements, delegated, publish, withdrawals

from zicht.cli import run
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLLECTORS = ("rrc00", "rrc01")
GONE = [network for network, asn in NETWORKS.items() if asn == KZ][:30]


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    """Three quarters of Kazakhstan's routes are gone from 00:22 to 00:47."""
    with serving() as there:
        for name in COLLECTORS:
            said = {
                22: withdrawals(name, BEGIN + timedelta(minutes=22), GONE),
                47: announcements(name, BEGIN + timedelta(minutes=47), GONE),
            }
            publish(there, name, 60, said)
        monkeypatch.setenv("ZICHT_RIS", there.address)
        yield there


def backfill(folder: Path, *more: str) -> int:
    return run(
        [
            *("bgp", "backfill", "--collectors", ",".join(COLLECTORS)),
            *("--from", "2024-10-01T00:00Z", "--until", "2024-10-01T01:00Z"),
            *("--store", str(folder / "store"), *more),
        ]
    )


@pytest.mark.usefixtures("archive")
def test_withdrawn_routes_of_a_country_show_in_its_series(tmp_path: Path) -> None:
    file = tmp_path / "delegated-ripencc"
    file.write_bytes(delegated(date(2024, 9, 30)))
    assert run(["place", "import", str(file), "--store", str(tmp_path / "store")]) == 0
    assert backfill(tmp_path) == 0
    store = open_store(tmp_path / "store")
    expected = [160.0] * 4 + [40.0] * 5 + [160.0] * 3
    for entity in ("country/KZ", f"asn/{KZ}", f"asn/{KZ}/KZ"):
        series = store.read("bgp.visible24", entity)
        assert series.values.tolist() == expected, entity
        assert set(series.samples.tolist()) == {12.0}
    assert store.read("bgp.visible24", "country/NL").values.tolist() == [240.0] * 12
    assert store.entities()[f"asn/{KZ}"].name == "JSC Kazakhtelecom"
    held = store.keys()
    assert {signal for signal, _ in held} == {"bgp.visible24"}  # nobody spoke of IPv6


@pytest.mark.usefixtures("archive")
def test_only_the_entities_that_are_asked_for_are_stored(tmp_path: Path) -> None:
    assert backfill(tmp_path, "--entity", f"asn/{KZ}") == 0
    assert open_store(tmp_path / "store").keys() == [("bgp.visible24", f"asn/{KZ}")]


@pytest.mark.usefixtures("archive")
def test_an_operator_that_was_seen_before_is_nought_when_no_dump_knows_it(tmp_path: Path) -> None:
    assert backfill(tmp_path, "--entity", f"asn/{KZ}") == 0
    day = BEGIN + timedelta(days=1)
    others = {network: asn for network, asn in NETWORKS.items() if asn != KZ}
    with serving() as later:
        publish(later, "rrc00", 60, {}, begin=day, networks=others)
        words = [
            *("bgp", "backfill", "--collectors", "rrc00", "--entity", f"asn/{KZ}"),
            *("--from", "2024-10-02T00:00Z", "--until", "2024-10-02T00:10Z"),
            *("--store", str(tmp_path / "store"), "--ris", later.address),
        ]
        assert run(words) == 0
    series = open_store(tmp_path / "store").read("bgp.visible24", f"asn/{KZ}", start=day)
    assert series.values.tolist() == [0.0, 0.0]
