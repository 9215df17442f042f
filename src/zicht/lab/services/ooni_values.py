"""The measurements that people make with OONI Probe in a world, hour by hour, by test and operator.

Where a service is blocked while other traffic passes, its tests find an anomaly; where all is down
nobody measures. Rates are the lab's own, of a plausible order. Measurements are uploaded late: of
an hour's some come in during the next hours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zicht.lab import chance
from zicht.lab.services.telling import Quantity, When, activity, binned, users_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.lab.scenario import Service
    from zicht.lab.services.telling import Teller
    from zicht.lab.world import World

    Floats = NDArray[np.float64]

HOUR = 3600
_LAG = 1800
_LATE = 6 * HOUR  # in which the rest of the measurements comes in
_A_USER = 4e-5  # measurements a day
_FAILED = 0.015
_CONFIRMED = 0.3  # of the anomalies of web sites where somebody blocks


class Test(NamedTuple):
    """A test of OONI Probe.

    Attributes:
        name: OONI's.
        service: whose blocking it finds.
        share: of all measurements.
        anomalies: the share of them with an anomaly where nothing is blocked.
    """

    name: str
    service: Service
    share: float
    anomalies: float


TESTS = (
    Test("web_connectivity", "web", 0.80, 0.05),
    Test("whatsapp", "messengers", 0.05, 0.01),
    Test("telegram", "messengers", 0.05, 0.01),
    Test("facebook_messenger", "messengers", 0.04, 0.015),
    Test("signal", "messengers", 0.02, 0.01),
    Test("tor", "tor", 0.02, 0.03),
    Test("psiphon", "tor", 0.02, 0.03),
)


class Counts(NamedTuple):
    """Counts of measurements, int64[n] each, one for each hour.

    Attributes:
        times: begins of the hours, seconds since 1970.
        ok: without an anomaly.
        anomaly: with one.
        confirmed: of which it is known that it is blocked.
        failure: that failed.
    """

    times: NDArray[np.int64]
    ok: NDArray[np.int64]
    anomaly: NDArray[np.int64]
    confirmed: NDArray[np.int64]
    failure: NDArray[np.int64]


def counts_of(teller: Teller, test: Test, entity: str, when: When) -> Counts:
    """What is known by now of a test's measurements from an operator in a country."""
    told = teller.told(_quantity(test), entity, when)
    usable = told.present & ~np.isnan(told.values)
    times, made = told.times[usable], np.rint(told.values[usable]).astype(np.int64)
    world = teller.world
    hours = (times - int(world.begin.timestamp())) // HOUR
    key = ("ooni", f"{test.name} blocked", entity)
    blocked = teller.kept(key, lambda: _blocked(world, test, entity))[np.clip(hours, 0, None)]
    start = chance.key(world.seed, "ooni", test.name, entity)
    found = test.anomalies + (1 - test.anomalies) * blocked
    failure = _some(made, _FAILED, start, times, 1)
    anomalous = _some(made - failure, found, start, times, 2)
    sure = _CONFIRMED * blocked if test.name == "web_connectivity" else np.zeros(len(times))
    confirmed = _some(anomalous, sure, start, times, 3)
    ok = made - failure - anomalous
    return Counts(times, ok, anomalous - confirmed, confirmed, failure)


def _some(
    total: NDArray[np.int64],
    share: Floats | float,
    start: int,
    times: NDArray[np.int64],
    salt: int,
) -> NDArray[np.int64]:
    """A share of whole numbers, the remainder rounded up or down by chance."""
    luck = chance.uniforms_at(start, (times * 4 + salt).astype(np.uint64))
    return np.minimum(np.floor(total * share + luck).astype(np.int64), total)


def _quantity(test: Test) -> Quantity:
    def make(world: World, quantity: Quantity, entity: str) -> Floats:
        share = world.place_share("traffic", entity) * activity(world, entity, 0.6)
        mean = _A_USER / 24 * test.share * users_of(world, entity)
        random = chance.generator(world.seed, "ooni", quantity.name, entity)
        values = random.poisson(mean * binned(world, share, quantity.step))
        return np.asarray(values.astype(np.float64))

    return Quantity("ooni", test.name, HOUR, _LAG, _LATE, make)


def _blocked(world: World, test: Test, entity: str) -> Floats:
    """How much less is left of the service than of traffic, float64[hours] from 0 to 1."""
    left = binned(world, world.place_share("traffic", entity), HOUR)
    service = binned(world, world.place_share("traffic", entity, service=test.service), HOUR)
    return np.clip(1 - service / np.maximum(left, 1e-6), 0.0, 1.0)
