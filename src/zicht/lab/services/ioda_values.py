"""What IODA counts in a world, each data source in its own unit and on its own step.

Units and steps are those that IODA's help pages and datasources state: BGP /24 blocks every 5
minutes, active probing /24 blocks every 10, the Merit telescope source addresses every 5, Google's
traffic an index every 30, Mozilla's cities every hour. Sizes and noise are the lab's, of a
plausible order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.lab import chance
from zicht.lab.services.telling import (
    Quantity,
    activity,
    binned,
    ends_of_bins,
    jitter,
    users_of,
    wander,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.lab.world import World

    Floats = NDArray[np.float64]

_FLAPS = 0.0004  # of the blocks are away in a bin for reasons of their own
_SEEN_UP = 0.985  # that a block which is up is found to be
_TELESCOPE = 2.2e-4  # sources a minute for each user
_PEOPLE_A_CITY = 150_000
_MOST_CITIES = 60


def _blocks_seen(world: World, quantity: Quantity, entity: str) -> Floats:
    """Announced /24 blocks, at the end of each bin."""
    prefixes = world.prefixes()
    rows = np.flatnonzero(
        (prefixes.family == 4) & np.isin(prefixes.part, world.parts_of(entity))  # noqa: PLR2004
    )
    seen = _standing(
        world, "routes", prefixes.part[rows], prefixes.rank[rows], prefixes.sizes24()[rows]
    )
    values = ends_of_bins(world, seen, quantity.step)
    random = chance.generator(world.seed, "ioda", "bgp", entity)
    return np.asarray(np.maximum(values - random.poisson(values * _FLAPS), 0.0))


def _blocks_up(world: World, quantity: Quantity, entity: str) -> Floats:
    """Blocks that Trinocular's method infers to be up."""
    blocks = world.blocks()
    rows = np.flatnonzero(np.isin(blocks.part, world.parts_of(entity)))
    ones = np.ones(len(rows), dtype=np.int64)
    up = binned(
        world,
        _standing(world, "packets", blocks.part[rows], blocks.rank[rows], ones),
        quantity.step,
    )
    random = chance.generator(world.seed, "ioda", "ping-slash24", entity)
    return random.binomial(np.rint(up).astype(np.int64), _SEEN_UP).astype(np.float64)


def _standing(
    world: World,
    plane: str,
    part: NDArray[np.int32],
    rank: Floats,
    size: NDArray[np.int64],
) -> Floats:
    """How much of what has a rank is there, float64[minutes]: that below its part's share."""
    touched = set(world.touched())
    always = ~np.isin(part, list(touched)) if touched else np.ones(len(part), np.bool_)
    total = np.full(world.minutes, float(size[always].sum()))
    for one in sorted(touched & set(part.tolist())):
        own = np.flatnonzero(part == one)
        order = own[np.argsort(rank[own], kind="stable")]
        held = np.concatenate([[0.0], np.cumsum(size[order])])
        share = world.share("routes" if plane == "routes" else "packets", one)
        total += held[np.searchsorted(rank[order], share, side="left")]
    return total


def _telescope(world: World, quantity: Quantity, entity: str) -> Floats:
    """Sources that a telescope hears of: few or many, and very noisy."""
    share = world.place_share("packets", entity) * activity(world, entity, 0.35)
    mean = _TELESCOPE * users_of(world, entity) * binned(world, share, quantity.step)
    walk = wander(world, quantity, entity, len(mean), spread=0.06, memory=0.98)
    random = chance.generator(world.seed, "ioda", quantity.name, entity)
    return random.poisson(mean * walk * random.gamma(60.0, 1 / 60, len(mean))).astype(np.float64)


def _search(world: World, quantity: Quantity, entity: str) -> Floats:
    share = world.place_share("traffic", entity, service="search") * activity(world, entity)
    values = 100 * binned(world, share, quantity.step)
    walk = wander(world, quantity, entity, len(values), spread=0.03, memory=0.9)
    return np.asarray(
        np.round(values * walk * jitter(world, quantity, entity, len(values), 0.02), 4)
    )


def _video(world: World, quantity: Quantity, entity: str) -> Floats:
    share = world.place_share("traffic", entity, service="video") * activity(world, entity)
    values = 60 * binned(world, share, quantity.step)
    walk = wander(world, quantity, entity, len(values), spread=0.04, memory=0.9)
    return np.asarray(
        np.round(values * walk * jitter(world, quantity, entity, len(values), 0.02), 4)
    )


def _cities(world: World, quantity: Quantity, entity: str) -> Floats:
    """Cities of which enough Firefox users are heard."""
    cities = max(1, min(_MOST_CITIES, users_of(world, entity) // _PEOPLE_A_CITY))
    share = binned(world, world.place_share("traffic", entity), quantity.step)
    random = chance.generator(world.seed, "ioda", "mozilla", entity)
    return random.binomial(cities, np.clip(0.97 * share, 0, 1)).astype(np.float64)


BGP = Quantity("ioda", "bgp", 300, 900, 0, _blocks_seen)
PING = Quantity("ioda", "ping-slash24", 600, 1200, 0, _blocks_up)
MERIT = Quantity("ioda", "merit-nt", 300, 600, 1200, _telescope, alias="ucsd-nt")
"""The one telescope that IODA has today; UCSD's, which scenarios name, has ceased."""
SEARCH = Quantity("ioda", "gtr", 1800, 3600, 0, _search)
VIDEO = Quantity("ioda", "gtr/youtube", 1800, 3600, 0, _video)
MOZILLA = Quantity("ioda", "mozilla", 3600, 7200, 0, _cities)
