"""A small store for the tests of pages and API: two countries, one of them cut off, three weeks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pyarrow as pa

from zicht.model.entity import EntityFact
from zicht.model.series import OBSERVATIONS
from zicht.model.signal import Origin, Plane, Signal
from zicht.observe.detection import run_detection
from zicht.store import Store, open_store

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2030, 3, 1, tzinfo=UTC)
END = datetime(2030, 3, 22, tzinfo=UTC)
ONSET = datetime(2030, 3, 19, 9, tzinfo=UTC)
RESTORED = datetime(2030, 3, 20, 21, tzinfo=UTC)
AGAIN = datetime(2030, 3, 21, 12, tzinfo=UTC)  # of the other country, and still going on
KNOWN = END + timedelta(minutes=5)

HOSTILE = "Qala <script>alert(1)</script> \u202emobile"


def signal(name: str, plane: Plane, title: str) -> Signal:
    return Signal(
        name=name,
        source=name.split(".", maxsplit=1)[0],
        title=title,
        unit="/24 blocks",
        step=1800,
        plane=plane,
        scale="count",
        lag=0,
        licence="CC0 1.0",
        citation="The lab of Zicht",
    )


ROUTES = signal("bgp.visible24", "control", "Visible routes")
PINGS = signal("probe.up24", "data", "Answers to probes")
TRAFFIC = signal("google.search", "user", "Search traffic")

ORIGIN = Origin(
    id="0a1b2c3d",
    source="lab",
    name="world.csv",
    sha256="00" * 32,
    licence="CC0 1.0",
    citation="The lab of Zicht, a made-up blackout",
    simulated=True,
)

MEASURED = msgspec.structs.replace(ORIGIN, id="1b2c3d4e", name="measured.csv", simulated=False)
"""Where values come from that are to be taken for measured ones: claims are held against them."""

OPERATORS = (
    EntityFact(entity="asn/64500/KZ", name=HOSTILE, country="KZ", kind="mobile"),
    EntityFact(entity="asn/64501/KZ", name="Dala Fixed", country="KZ", kind="fixed"),
    EntityFact(entity="asn/64502/KZ", name="Zher", country="KZ", kind="mobile"),  # not measured
)

_LEVELS = {
    (ROUTES.name, "country/KZ"): (12_400, 0.97, ONSET, RESTORED),
    (PINGS.name, "country/KZ"): (9_800, 0.04, ONSET, RESTORED),
    (TRAFFIC.name, "country/KZ"): (6_100, 0.05, ONSET, RESTORED),
    (PINGS.name, "asn/64500/KZ"): (4_100, 0.0, ONSET, RESTORED),
    (PINGS.name, "asn/64501/KZ"): (5_200, 0.3, ONSET, RESTORED),
    (ROUTES.name, "country/IR"): (22_400, 0.99, AGAIN, END),
    (PINGS.name, "country/IR"): (19_800, 0.21, AGAIN, END),
    (TRAFFIC.name, "country/NL"): (31_000, 1.0, ONSET, RESTORED),
}


def make_store(folder: Path, origin: Origin = ORIGIN) -> Store:
    """The store, detected over."""
    store = open_store(folder, create=True)
    tables = [_table(name, entity, *of) for (name, entity), of in _LEVELS.items()]
    store.append(
        pa.concat_tables(tables),
        signals=[ROUTES, PINGS, TRAFFIC],
        origin=origin,
        entities=OPERATORS,
        known_at=KNOWN,
    )
    run_detection(store, known_at=KNOWN)
    return store


def _table(
    name: str, entity: str, level: float, left: float, begin: datetime, end: datetime
) -> pa.Table:
    chance = np.random.default_rng(len(entity) * int(level))
    steps = int((END - START) / timedelta(seconds=1800))
    times = [START + timedelta(seconds=1800) * one for one in range(steps)]
    hours = np.arange(steps) / 2
    share = np.array([left if begin <= time < end else 1.0 for time in times])
    daily = level * (1 + 0.08 * np.sin((hours - 9) / 24 * 2 * np.pi))
    values = np.round(daily * share * (1 + 0.01 * chance.standard_normal(steps)))
    return (
        pa.table(
            {
                "signal": [name] * steps,
                "entity": [entity] * steps,
                "time": times,
                "value": np.maximum(values, 0),
                "samples": pa.nulls(steps, pa.int64()),
            }
        )
        .select(OBSERVATIONS.names)
        .cast(OBSERVATIONS)
    )
