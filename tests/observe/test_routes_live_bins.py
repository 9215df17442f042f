"""Bins of live routes: what cannot be is stored as unknown, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from zicht.model.time import to_microseconds
from zicht.observe.routes_live_bins import LiveBins, origin_of
from zicht.sources.bgp.follow import Watch
from zicht.sources.bgp.visibility import Reading
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.store import Store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WATCH = Watch((8, 7), (4, 4), 9, 0, 0, 0, 0)
STUCK = "9 of 9 beacons that are withdrawn are still seen"


def reading(minute: int) -> Reading:
    """160 blocks and 12 prefixes of one operator of Kazakhstan, at the end of a minute."""
    counts = np.array([[160, 12, 40]])
    return Reading(
        to_microseconds(NOW + (minute + 1) * MINUTE),
        (8, 7),
        np.array([9198], np.uint32),
        np.array([0], np.int32),
        counts,
        counts,
        np.zeros(3, np.int64),
    )


def written(store: Store, *faults: tuple[str, str]) -> None:
    places, origin = ["country/KZ"], origin_of(["rrc00"], None)
    bins = LiveBins(store, places, 60, None, origin, now=lambda: NOW)
    for minute, fault in enumerate(faults):
        bins.write(reading(minute), WATCH, fault)
    bins.close()


def test_while_canaries_accuse_a_family_its_bins_are_unknown_and_its_signals_sick(
    tmp_path: Path,
) -> None:
    store = open_store(tmp_path, create=True)
    written(store, ("", ""), (STUCK, ""), (STUCK, ""), ("", ""))
    four = store.read("bgp.visible24.1m", "country/KZ")
    six = store.read("bgp.visible6.1m", "country/KZ")
    assert np.nan_to_num(four.values, nan=-1).tolist() == [160, -1, -1, 160]
    assert six.values.tolist() == [12, 12, 12, 12]
    [sick] = store.sicknesses()
    assert sick.signal == "bgp.visible24.1m"
    assert (sick.start, sick.end) == (NOW + MINUTE, NOW + 3 * MINUTE)
    assert sick.reason == STUCK


def test_half_a_minute_is_a_step_of_its_own(tmp_path: Path) -> None:
    store = open_store(tmp_path, create=True)
    bins = LiveBins(store, ["country/KZ"], 30, None, origin_of(["rrc00"], None), now=lambda: NOW)
    bins.write(reading(0), WATCH)
    assert store.signals()["bgp.visible24.30s"].step == 30
