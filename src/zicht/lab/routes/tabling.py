"""The tables that a collector's routers have at an instant, as entries to be dumped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.lab.routes.columns import Entries
from zicht.lab.routes.ground import REFILL
from zicht.lab.routes.holding import (
    NONE,
    delay_of,
    event_of,
    flap_of,
    routes_at,
    up_since,
)
from zicht.lab.routes.lean import lean
from zicht.lab.routes.paths import attributes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.lab.routes.columns import Networks
    from zicht.lab.routes.ground import Ground, Post

_SECOND = 1_000_000


def order_of(networks: Networks) -> NDArray[np.int32]:
    """int32[n]: prefixes as tables have them: IPv4 first, by address, the shorter first."""
    words = np.ascontiguousarray(networks.address).view(">u8").astype(np.uint64)
    keys = (networks.length, words[:, 1], words[:, 0], networks.family)
    return np.lexsort(keys).astype(np.int32)


def table_at(ground: Ground, post: Post, networks: NDArray[np.int32], time: int) -> Entries:
    """The routes to some networks that are held just before ``time``, in the networks' order.

    Networks to which nobody has a route are left out.
    """
    routes = routes_at(ground, post, networks, time - 1)
    has_route = routes != NONE
    counts = has_route.sum(axis=1)
    kept = counts > 0
    first = np.concatenate([[0], np.cumsum(counts[kept])]).astype(np.int64)
    row, router = np.nonzero(has_route)
    where, who = networks[row].astype(np.int32), router.astype(np.int32)
    return Entries(
        networks[kept],
        first,
        router.astype(np.uint16),
        _originated(ground, post, who, where, time - 1),
        attributes_of(ground, post, who, where, routes[has_route]),
    )


@njit(cache=True, nogil=True)
def _originated(
    ground: Ground,
    post: Post,
    router: NDArray[np.int32],
    network: NDArray[np.int32],
    time: int,
) -> NDArray[np.uint32]:
    """uint32[n]: seconds since 1970 at which each route may last have changed."""
    found = np.empty(len(router), np.uint32)
    for row in range(len(router)):
        who, where = router[row], network[row]
        delay = delay_of(post, who, ground.group[where])
        since = up_since(post, who, time)
        latest = since + REFILL if 0 < since <= time - REFILL else since
        for change in range(ground.first[where], ground.first[where + 1]):
            if ground.time[change] + delay <= time:
                latest = max(latest, ground.time[change] + delay)
        latest = max(latest, _event_before(ground, who, where, time - delay) + delay)
        found[row] = max(min(latest, time), 0) // _SECOND
    return found


@lean
def _event_before(ground: Ground, who: int, where: int, heard: int) -> int:
    """When the paths of a network last changed before a router heard of it."""
    period = ground.period[where]
    if period == 0:
        return 0
    number = heard // period
    event = event_of(ground.key, where, number, period)
    if event > heard:
        number -= 1
        event = event_of(ground.key, where, number, period)
    return event + flap_of(ground, who, where, number)
