"""What goes on for days waits for a store that is away; some things one process has alone."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
from object_store import running_object_store

from zicht.cli import run
from zicht.errors import UsageError
from zicht.observe.patience import Patience, alone
from zicht.observe.routes_live_bins import LiveBins, origin_of
from zicht.sources.bgp.follow import Watch
from zicht.sources.bgp.visibility import Reading
from zicht.store import open_store
from zicht.store.faults import StoreAwayError

if TYPE_CHECKING:
    from pathlib import Path

TAKEN = "Another one works on this store: {holder}."
MINUTE = 60_000_000


def test_what_fails_for_want_of_the_store_is_done_again_and_said_once() -> None:
    said: list[str] = []
    faults = [StoreAwayError("It is away.")] * 3

    def work() -> str:
        if faults:
            raise faults.pop()
        return "done"

    patience = Patience(threading.Event(), said.append, pause=0.0)
    assert patience(work) == "done"
    assert said == ["It is away. Waiting until it can be.", "The store can be reached again."]
    assert patience(work) == "done"
    assert len(said) == 2


def test_who_is_stopped_does_not_wait_any_longer() -> None:
    stopped = threading.Event()
    stopped.set()

    def work() -> None:
        raise StoreAwayError("It is away.")

    with pytest.raises(StoreAwayError):
        Patience(stopped, lambda _: None)(work)


def test_one_at_a_time_has_a_thing_to_itself(place: Path | str) -> None:
    store, other = (open_store(place, create=True) for _ in range(2))
    with (
        alone(store, "vantage-ams", "ams", TAKEN, expiry=12.0) as lease,
        alone(other, "vantage-fra", "fra", TAKEN, expiry=12.0),
    ):
        assert lease.is_held()
        with (
            pytest.raises(UsageError, match="Another one works"),
            alone(other, "vantage-ams", "ams", TAKEN, expiry=12.0),
        ):
            pass
    with alone(other, "vantage-ams", "ams", TAKEN, expiry=12.0) as lease:
        assert lease.is_held()


def test_who_loses_a_lease_is_told(bucket: str) -> None:
    store = open_store(bucket, create=True)
    lost = threading.Event()
    with alone(store, "vantage-ams", "ams", TAKEN, lost=lost.set, expiry=3.0):
        stolen = f"leases/vantage-ams/{9_000:020}.json"
        newest = store.lake.read(store.lake.names("leases/vantage-ams")[-1])
        assert newest is not None
        store.lake.put(stolen, newest.replace(b'"holder":"', b'"holder":"x'))
        assert lost.wait(60)


def test_alerts_are_sent_by_hand_from_an_object_store(bucket: str, tmp_path: Path) -> None:
    open_store(bucket, create=True)
    settings = tmp_path / "zicht.toml"
    settings.write_text("", encoding="utf-8")
    for _ in range(2):
        assert run(["--store", bucket, "alert", "send", "--settings", str(settings)]) == 0


def a_reading(minute: int, value: int) -> Reading:
    return Reading(
        time=minute * MINUTE,
        voters=(12, 12),
        asns=np.array([9198], dtype=np.uint32),
        places=np.array([0], dtype=np.int32),
        by_asn_place=np.full((1, 3), value, dtype=np.int64),
        by_place=np.full((1, 3), value, dtype=np.int64),
        shared=np.zeros(3, dtype=np.int64),
    )


def test_bins_of_routes_wait_for_a_store_that_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZICHT_STATE", str(tmp_path))
    said: list[str] = []
    well = Watch(voters=(12, 12), needed=(3, 3), peers=12, silent=0, down=0, stale=0, waiting=0)
    blind = well._replace(voters=(1, 1))
    with running_object_store() as own:
        for name, value in own.environment.items():
            monkeypatch.setenv(name, value)
        store = open_store(own.bucket("routes"), create=True)
        origin = origin_of(["rrc00"], None)

        def now() -> datetime:
            return datetime.now(UTC)

        bins = LiveBins(store, ["country/KZ"], 60, None, origin, now=now, tell=said.append)
        bins.write(a_reading(28_000_000, 40), well)
        own.order("down")
        bins.write(a_reading(28_000_001, 41), well)
        bins.write(a_reading(28_000_002, 0), blind)
        assert len(said) == 2
        assert "Bins that wait to be stored: 1." in said[0]
        own.order("up")
        bins.write(a_reading(28_000_003, 43), well)
        assert len(said) == 2
        bins.close()
        values = store.read("bgp.visible24.1m", "country/KZ").values.tolist()
        assert [values[0], values[1], values[-1]] == [40, 41, 43]
        assert any(one.signal == "bgp.visible24.1m" for one in store.sicknesses())
