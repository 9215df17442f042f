"""``zicht bgp visibility`` on files of a small world."""

from __future__ import annotations

import gzip
import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from routes_world import BEGIN, KZ, NETWORKS, delegated, dump, withdrawals

from zicht.cli import run
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

GONE = [network for network, asn in NETWORKS.items() if asn == KZ][:30]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """A dump at midnight, and withdrawals of three quarters of Kazakhstan seven minutes later."""
    folder = tmp_path / "rrc00"
    folder.mkdir()
    (folder / "bview.gz").write_bytes(gzip.compress(dump("rrc00", BEGIN)))
    time = BEGIN + timedelta(minutes=7)
    (folder / "updates.gz").write_bytes(gzip.compress(withdrawals("rrc00", time, GONE)))
    place = tmp_path / "delegated-ripencc"
    place.write_bytes(delegated(date(2024, 9, 30)))
    assert run(["place", "import", str(place), "--store", str(tmp_path / "store")]) == 0
    return [str(folder / "updates.gz"), str(folder / "bview.gz")]


def call(files: list[str], tmp_path: Path, *more: str) -> int:
    return run(["bgp", "visibility", *files, "--store", str(tmp_path / "store"), *more])


def test_bins_are_told_in_the_order_of_time(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert call(files, tmp_path, "--format", "csv", "--entity", "country/KZ") == 0
    assert capsys.readouterr().out.splitlines() == [
        "time,entity,visible24,visible6,visible48,voters4,voters6",
        "2024-10-01T00:00:00Z,country/KZ,160,,,6,0",
        "2024-10-01T00:05:00Z,country/KZ,40,,,6,0",
    ]
    assert call(files, tmp_path, "--format", "json", "--step", "1m", "--entity", f"asn/{KZ}") == 0
    records = json.loads(capsys.readouterr().out)
    assert [record["visible24"] for record in records] == [160] * 7 + [40]
    assert records[0]["visible6"] is None


def test_what_has_several_origins_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "rrc00"
    folder.mkdir()
    tables = dump("rrc00", BEGIN)
    others = dump("rrc01", BEGIN, dict.fromkeys(GONE, 64500))  # six more ASes lead elsewhere
    others += dump("rrc01", BEGIN, {n: asn for n, asn in NETWORKS.items() if n not in GONE})
    (folder / "bview.gz").write_bytes(gzip.compress(tables + others))
    assert call([str(folder / "bview.gz")], tmp_path, "--entity", f"asn/{KZ}") == 0
    told = capsys.readouterr().err
    assert "At the end 120 /24 blocks, 0 prefixes and 0 /48 blocks of IPv6 have several" in told


def test_series_are_kept_when_asked_for(files: list[str], tmp_path: Path) -> None:
    assert call(files, tmp_path, "--keep") == 0
    store = open_store(tmp_path / "store")
    assert store.read("bgp.visible24", "country/KZ").values.tolist() == [160.0, 40.0]
    (origin,) = store.origins().values()
    assert origin.name == "updates.gz, bview.gz"
    assert "RIPE NCC" in origin.citation
    assert not origin.simulated


def test_what_begins_from_nothing_is_not_kept(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(files, tmp_path, "--keep", "--from-nothing") == 2
    assert "are not kept" in capsys.readouterr().err


def test_files_that_are_none_of_mrt_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.gz"
    page.write_text("<!doctype html><title>Log in</title>")
    assert call([str(page)], tmp_path) == 3
    assert "page.gz: it holds no MRT records" in capsys.readouterr().err
    assert call([str(tmp_path / "none.gz")], tmp_path) == 3
    assert "none.gz cannot be read: No such file" in capsys.readouterr().err
