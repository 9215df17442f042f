"""A vantage point from its request: whom it asks, what it says, and what becomes of it."""

from __future__ import annotations

import shutil
import sys
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from zicht.errors import NotFoundError, UsageError
from zicht.model.reading import CONTROL
from zicht.observe.place_tables import import_tables
from zicht.observe.places import import_places
from zicht.observe.probe_histories import change_history, load_history
from zicht.observe.probing_targets import learn, load_family
from zicht.observe.probing_vantage import VantageRequest, run_vantage
from zicht.observe.probing_watch import Times
from zicht.sources.probe.exclusions import Exclusions
from zicht.sources.probe.fetch.lists import read_list
from zicht.sources.probe.history import BlockHistory, BlockSort, unmeasured
from zicht.sources.probe.joining import join
from zicht.sources.probe.learning import Counted
from zicht.store import open_store

sys.path.append(str(Path(__file__).parents[1] / "sources" / "probe"))

from own_network import _ip, in_own_network

DAY = date(2026, 11, 22)
ELSEWHERE = ("KG", "UZ", "DE", "NL", "FR", "PL")
FEED = "5.0.0.0/16,KZ,KZ-75\n5.1.0.0/16,KZ\n" + "".join(
    f"6.{number}.0.0/16,{code}\n" for number, code in enumerate(ELSEWHERE)
)
ORIGINS = "5.0.0.0\t18\t9198\n5.0.64.0\t18\t29355\n5.1.0.0\t16\t206026\n"
SPEED = 60.0


def blocks(first: str, count: int, availability: float = 0.95) -> BlockHistory:
    """Blocks on end, of which twenty addresses answer."""
    a, b, c, _ = (int(part) for part in first.split("."))
    begin = (a << 24) + (b << 16) + (c << 8)
    numbers = begin + np.repeat(np.arange(count) * 256, 20) + np.tile(np.arange(1, 21), count)
    high = numbers.astype(np.uint64) << np.uint64(32)
    history = unmeasured(high, np.zeros_like(high), ipv4=True)
    return replace(
        history,
        availability=np.full(count, availability, dtype=np.float32),
        weight=np.full(count, 400, dtype=np.float32),
        rounds=np.full(count, 20, dtype=np.int32),
        sort=np.full(count, BlockSort.DENSE, dtype=np.uint8),
    )


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A country of three operators, of one of which five blocks answer; and six countries more."""
    path = open_store(tmp_path / "store", create=True).path
    for name, text in (("feed", FEED), ("origins", ORIGINS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    import_places(path, [str(tmp_path / "feed")], kind="geofeed", day=DAY)
    import_tables(path, [str(tmp_path / "origins")], kind="origins", day=DAY)
    known = blocks("5.0.0.0", 40)
    parts = [blocks("5.0.64.0", 60), blocks("5.1.0.0", 5)]
    parts += [blocks(f"6.{number}.0.0", 40) for number in range(len(ELSEWHERE))]
    for part in parts:
        known = join(known, part, np.zeros(len(known), dtype=np.bool_))
    change_history(path, lambda _: known, ipv4=True)
    return path


def request(**changes: object) -> VantageRequest:
    return VantageRequest(**{"countries": ["KZ"], "contact": "noc@example.org", **changes})  # type: ignore[arg-type]


def said_of(store: Path, **changes: object) -> str:
    said: list[str] = []
    run_vantage(store, request(dry_run=True, **changes), threading.Event(), tell=said.append)
    return "\n".join(said)


def test_a_dry_run_says_what_is_asked_and_what_that_cannot_tell(store: Path) -> None:
    said = said_of(store)
    assert "IPv4: 105 blocks of 6 entities and 100 control blocks, some 216 probes a round." in said
    assert "At 100 probes a second a round takes 300 s." in said
    assert "The figure speaks for 2 of 3 operators" in said
    assert "Nothing was sent. Each probe would say: Zicht" in said
    assert "too few control blocks" not in said


def test_with_a_store_elsewhere_who_answers_is_known_on_the_host_alone(
    store: Path, bucket: str
) -> None:
    elsewhere = open_store(bucket, create=True)
    shutil.copytree(store, elsewhere.path, dirs_exist_ok=True)
    said: list[str] = []
    run_vantage(bucket, request(dry_run=True), threading.Event(), tell=said.append)
    assert "105 blocks of 6 entities" in "\n".join(said)
    assert not [one for one in elsewhere.lake.names("") if one.startswith(("probe", "places"))]


def test_without_control_blocks_it_says_what_it_cannot_tell(store: Path) -> None:
    def only_kz(known: BlockHistory) -> BlockHistory:
        found = blocks("5.0.0.0", 40)
        assert np.isin(found.high, known.high).all()
        return found

    change_history(store, only_kz, ipv4=True)
    assert "cannot tell its own sickness from an outage" in said_of(store)


def test_blocks_belong_to_operators_regions_and_the_country(store: Path) -> None:
    family = load_family(store, ["country/KZ"], Exclusions([]), ipv4=True, seed=1)
    assert family is not None
    membership = family.watched.membership
    of = dict(zip(membership.entities, membership.blocks().tolist(), strict=True))
    assert of == {
        "country/KZ": 105,
        "region/KZ-75": 100,
        "asn/9198": 40,
        "asn/9198/KZ": 40,
        "asn/29355": 60,
        "asn/29355/KZ": 60,
        CONTROL: 100,
    }, "of five blocks an operator is not observable"
    assert family.watched.operator.min() == 0
    assert (np.diff(family.watched.history.high.astype(np.float64)) > 0).all()
    assert load_family(store, ["country/KZ"], Exclusions([]), ipv4=False, seed=1) is None


def test_who_is_excluded_counts_nowhere(store: Path, tmp_path: Path) -> None:
    listed = tmp_path / "exclude"
    listed.write_text("5.0.0.0/18\n6.0.0.0/16\n", encoding="utf-8")
    excluded = Exclusions(read_list(listed))
    family = load_family(store, ["country/KZ"], excluded, ipv4=True, seed=1)
    assert family is not None
    assert family.blocks == 65
    assert "asn/9198" not in family.watched.membership.entities
    high = family.watched.history.high >> np.uint64(48)
    assert not (high == (6 << 8)).any()


def test_control_blocks_can_be_named(store: Path, tmp_path: Path) -> None:
    named = tmp_path / "control"
    named.write_text("8.0.0.1\n8.0.0.2\n8.0.1.1  # always up\n", encoding="utf-8")
    family = load_family(store, ["country/KZ"], Exclusions([]), ipv4=True, seed=1, control=named)
    assert family is not None
    assert family.controls == 2
    for text, why in (("8.0.0.0/24\n", "no single address"), ("5.0.0.7\n", "in a country that is")):
        named.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match=why):
            said_of(store, control=named)


def test_what_cannot_be_asked_is_an_error(store: Path) -> None:
    with pytest.raises(NotFoundError, match="zicht probe census AT"):
        said_of(store, countries=["AT"])
    with pytest.raises(UsageError, match="is no country"):
        said_of(store, countries=["asn/9198"])
    with pytest.raises(UsageError, match="no name for a vantage point"):
        said_of(store, vantage="my place")
    with pytest.raises(UsageError, match="cannot be done"):
        said_of(store, rate=float("inf"))


def test_a_vantage_point_probes_and_its_country_is_told(store: Path) -> None:
    shown: list[str] = []

    def work() -> None:
        for network in ("5.0.0.0/15", "6.0.0.0/13"):
            _ip(f"route add local {network} dev lo")
        run_vantage(
            store,
            request(rounds=2, rate=2000.0, per_minute=1e9, vantage="ams"),
            threading.Event(),
            show=lambda readings: shown.extend(readings["entity"].to_pylist()),
            times=Times(SPEED),
        )

    in_own_network(work, seconds=600)
    series = open_store(store).read("probe.up24", "country/KZ")
    assert series.values[~np.isnan(series.values)] == pytest.approx(105, rel=0.03)
    assert series.origins[0].citation == "Own measurement by Zicht from ams"
    assert {"country/KZ", "asn/29355/KZ", CONTROL} <= set(shown)
    assert not open_store(store).sicknesses()


def test_what_was_counted_teaches_the_store(store: Path) -> None:
    before = load_history(store, ipv4=True)
    family = load_family(store, ["country/KZ"], Exclusions([]), ipv4=True, seed=1)
    assert family is not None
    own = family.watched.history
    n = len(own)
    counted = Counted(
        rounds=np.ones(n, dtype=np.int32),
        probes=np.full(n, 10, dtype=np.int32),
        answers=np.full(n, 2, dtype=np.int32),
        answered=np.zeros((n, 32), dtype=np.uint8),
        address_answered=np.zeros(0, dtype=np.bool_),
        hour=3,
        time=1_800_000_000_000_000,
    )
    frozen = own.high == own.high[0]
    learn(store, own, counted, frozen)
    after = load_history(store, ipv4=True)
    asked = np.isin(before.high, own.high) & (before.high != own.high[0])
    assert (after.availability[asked] < before.availability[asked]).all()
    assert (after.availability[~asked] == before.availability[~asked]).all()
