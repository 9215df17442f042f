"""The lab's services over real sockets, fetched by the sources themselves."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from asking import AFTER, CABLE, CUT

from zicht.lab.clock import LabClock
from zicht.lab.serve.faults import Faults
from zicht.lab.serve.mouths import MOUTHS, Stage
from zicht.observe.fetching import fetch_source
from zicht.observe.fetching_pieces import Fetched, Terms
from zicht.observe.services import SERVICES
from zicht.store import Store, open_store

if TYPE_CHECKING:
    from pathlib import Path

NOW = AFTER + timedelta(days=6)
BEFORE = CUT - timedelta(days=3)
FALLS = {
    "atlas": "atlas.connected",
    "google": "google.youtube",
    "ioda": "ioda.ping-slash24",
    "ooni": "ooni.measurements",
    "radar": "radar.traffic",
    "tor": "tor.users",
}
"""A signal of each source that falls when the cable is cut."""


def fetch(store: Store, source: str, monkeypatch: pytest.MonkeyPatch) -> Fetched:
    """Fetch of the world in which a cable is cut, while its mouth speaks at a standstill."""
    (mouth,) = (one for one in MOUTHS if one.name == source)
    stage = Stage(CABLE, None, 1.0, LabClock(NOW, speed=0.0), Faults())

    async def run() -> Fetched:
        async with mouth.open(stage, 0) as opened:
            for name, word in opened.settings.items():
                monkeypatch.setitem(os.environ, name, word)
            return await asyncio.to_thread(
                fetch_source,
                store,
                source,
                ["IS"],
                BEFORE,
                CUT + timedelta(days=2),
                terms=Terms(simulated=True),
                pause=lambda _: None,
                clock=lambda: NOW,
            )

    return asyncio.run(run())


@pytest.mark.parametrize("source", SERVICES)
def test_each_source_sees_the_cable_cut_in_what_the_lab_says(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tmp_path / "store", create=True)
    done = fetch(store, source, monkeypatch)
    assert done.new == done.rows - done.gaps > 0
    assert done.simulated
    assert all(origin.simulated for origin in store.origins().values())
    cut = store.read(FALLS[source], "country/IS", start=CUT + timedelta(hours=1))
    whole = store.read(FALLS[source], "country/IS", end=CUT - timedelta(hours=2))
    assert np.nanmin(cut.values) < 0.7 * np.nanmedian(whole.values)
    again = fetch(store, source, monkeypatch)
    assert (again.new, again.revised) == (0, 0)
