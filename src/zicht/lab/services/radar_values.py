"""What Cloudflare counts in a world: traffic, and how good connections are.

Volumes are the lab's own; the speed and delay of an ordinary day are drawn for each country. Where
somebody throttles, speed falls with what is left of traffic; elsewhere whoever is left is as fast
as ever, and where nobody is left there is no value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.lab import chance
from zicht.lab.services.telling import Quantity, activity, binned, jitter, users_of, wander

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from zicht.lab.world import World

    Floats = NDArray[np.float64]

_STEP = 900
_LAG = 600
_SETTLES = 1800
_A_USER = 2.5e-4  # of traffic, in the lab's own unit
_TOO_FEW = 0.02  # of the traffic, of which no quality is told


def _bytes(world: World, quantity: Quantity, entity: str) -> Floats:
    share = world.place_share("traffic", entity) * activity(world, entity)
    values = _A_USER * users_of(world, entity) * binned(world, share, quantity.step)
    walk = wander(world, quantity, entity, len(values), spread=0.035, memory=0.95)
    return np.asarray(values * walk * jitter(world, quantity, entity, len(values), 0.02))


def _quality(usual: float, spread: float, factor: float, *, slows: bool) -> Callable[..., Floats]:
    """What makes a quantile: ``usual`` among countries, which differ; times ``factor``."""

    def make(world: World, quantity: Quantity, entity: str) -> Floats:
        parts = world.parts_of(entity)
        country = world.parts[int(parts[0])].country if len(parts) else entity
        name = quantity.name.partition("/")[0]
        own = usual * np.exp(spread * (2 * chance.uniform(world.seed, "radar", name, country) - 1))
        left = binned(world, world.place_share("traffic", entity), quantity.step)
        busy = binned(world, activity(world, entity, 0.15), quantity.step)
        slow = np.maximum(_throttled(world, entity, quantity.step), 0.01) / busy
        values = factor * own * (slow if slows else 1 / slow)
        values *= jitter(world, quantity, entity, len(values), 0.02)
        return np.where(left < _TOO_FEW, np.nan, values)

    return make


def _throttled(world: World, entity: str, step: int) -> Floats:
    """What is left of speed: as of traffic while somebody throttles, else all."""
    left = binned(world, world.place_share("traffic", entity), step)
    begin = int(world.begin.timestamp())
    times = begin + step * np.arange(len(left))
    during = np.zeros(len(left), dtype=np.bool_)
    touching = {one.id: one for row in world.parts_of(entity) for one in world.happenings_of(row)}
    for happening in touching.values():
        if happening.cause == "throttling":
            end = happening.end or world.end
            during |= (times >= happening.begin.timestamp()) & (times < end.timestamp())
    return np.where(during, left, 1.0)


def _quantiles(name: str, usual: float, *, slows: bool) -> tuple[Quantity, ...]:
    factors = (("p25", 0.45), ("p50", 1.0), ("p75", 2.2))
    return tuple(
        Quantity(
            "radar", f"{name}/{which}", _STEP, _LAG, 0, _quality(usual, 0.8, factor, slows=slows)
        )
        for which, factor in factors
    )


TRAFFIC = Quantity("radar", "netflows", _STEP, _LAG, _SETTLES, _bytes)
QUALITY = {
    "BANDWIDTH": _quantiles("bandwidth", 18.0, slows=True),
    "LATENCY": _quantiles("latency", 60.0, slows=False),
    "DNS": _quantiles("dns", 45.0, slows=False),
}
"""The 25th, 50th and 75th percentile: Mbit/s, ms, ms."""
