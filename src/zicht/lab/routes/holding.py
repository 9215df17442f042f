"""Which route a router has to a network at an instant: the one rule that all files are made of.

A route is a number: -1 for none; else which of four paths, and 4 more where the origin is that of a
hijack. Nothing before the instant has to be gone through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.lab.routes.chance import below, below_too, draw
from zicht.lab.routes.ground import DELAY, MILLION, REFILL, SECOND, Trouble
from zicht.lab.routes.lean import lean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.lab.routes.ground import Ground, Post

NONE = -1
HIJACKED = 4
PATHS = 4

# What a draw is about; each has keys of its own.
(
    _OF_DELAY,
    _OF_MOMENT,
    _OF_PATH,
    _OF_FLAP,
    _OF_REFILL,
    _OF_PART,
    _OF_BELIEF,
    _OF_LOSS,
) = range(8)

_DOWN, _MUTE, _BLIND = int(Trouble.DOWN), int(Trouble.MUTE), int(Trouble.BLIND)
_KIND, _BEGIN, _END, _SHARE = range(4)  # columns of stretches
_PART = 4  # a router without a full table has one in so many groups
_FLAPPING = 8  # one event in so many is a flap, and one router in so many has it
_SHORTEST_FLAP, _LONGEST_FLAP = 5 * SECOND, 60 * SECOND
_USUAL = 5  # of eight events, so many leave the usual path


@lean
def delay_of(post: Post, router: int, group: int) -> int:
    """After how many microseconds a router tells of what happens to a group; below ``DELAY``."""
    own = draw(draw(post.key, _OF_DELAY), router)
    return below(own, 2 * DELAY // 3) + below(draw(own, group), DELAY // 3)


@lean
def refill_of(post: Post, router: int, group: int) -> int:
    """How long after a session's begin a router tells of a group; below ``REFILL``."""
    return below(draw(draw(draw(post.key, _OF_REFILL), router), group), REFILL)


@lean
def event_of(key: int, network: int, number: int, period: int) -> int:
    """When, within the period of this number, the network's paths change."""
    word = draw(draw(draw(key, _OF_MOMENT), network), number)
    # The upper 31 bits as a share of the period; a period has fewer than 2**41 microseconds.
    share = np.float64(word >> np.uint64(33)) / np.float64(1 << 31)
    return number * period + np.int64(share * period)


@lean
def flap_of(ground: Ground, router: int, network: int, number: int) -> int:
    """For how long a router loses the network with this event; 0 if it does not.

    Of a collector's routers one in eight does, so that a flap never takes the network from most.
    """
    word = draw(draw(draw(ground.key, _OF_FLAP), network), number)
    if below(word, _FLAPPING) or below_too(word, _FLAPPING) != router % _FLAPPING:
        return 0
    return _SHORTEST_FLAP + below(draw(word, router), _LONGEST_FLAP - _SHORTEST_FLAP)


@lean
def up_since(post: Post, router: int, time: int) -> int:
    """Since when the session stands: -1 when it is down, 0 when it always did."""
    since = np.int64(0)
    for row in range(post.first[router], post.first[router + 1]):
        if post.stretches[row, _KIND] == _DOWN and post.stretches[row, _BEGIN] <= time:
            if time < post.stretches[row, _END]:
                return np.int64(-1)
            since = post.stretches[row, _END]
    return since


@lean
def _stretch_at(post: Post, router: int, kind: int, time: int) -> int:
    """The row of the stretch of a kind that a router is in; -1 for none."""
    for row in range(post.first[router], post.first[router + 1]):
        if (
            post.stretches[row, _KIND] == kind
            and post.stretches[row, _BEGIN] <= time < post.stretches[row, _END]
        ):
            return row
    return -1


@lean
def _spoken_until(post: Post, router: int, time: int) -> int:
    """The instant up to which the router has spoken: earlier than ``time`` where it is mute."""
    row = _stretch_at(post, router, _MUTE, time)
    return time if row < 0 else post.stretches[row, _BEGIN] - 1


@lean
def _is_blind(post: Post, router: int, group: int, time: int) -> bool:
    """Whether the router has lost its route to the group."""
    row = _stretch_at(post, router, _BLIND, time)
    word = draw(draw(post.key, _OF_LOSS), group)
    return row >= 0 and below(word, MILLION) < post.stretches[row, _SHARE]


@lean
def _change_before(ground: Ground, network: int, time: int) -> int:
    """The row of a network's newest change at or before an instant; -1 where there is none."""
    low, high = ground.first[network], ground.first[network + 1]
    begin = low
    while low < high:
        middle = (low + high) >> 1
        if ground.time[middle] <= time:
            low = middle + 1
        else:
            high = middle
    return np.int64(-1) if low == begin else low - 1


@lean
def _is_hijacked(ground: Ground, post: Post, router: int, network: int, time: int) -> bool:
    row = ground.hijack[network]
    if row < 0 or not ground.hijacks[row, 0] <= time < ground.hijacks[row, 1]:
        return False
    word = draw(draw(draw(post.key, _OF_BELIEF), network), router)
    return below(word, MILLION) < ground.hijacks[row, 3]


@lean
def tells_of(post: Post, router: int, group: int) -> bool:
    """Whether a router tells of a group at all."""
    if post.full[router]:
        return True
    return below(draw(draw(draw(post.key, _OF_PART), router), group), _PART) == 0


@lean
def route_at(ground: Ground, post: Post, router: int, network: int, time: int) -> int:
    """The route of a router to a network at an instant, what comes at that instant included."""
    since = up_since(post, router, time)
    if since < 0:
        return NONE
    group = ground.group[network]
    if not tells_of(post, router, group):
        return NONE
    if since and time < since + refill_of(post, router, group):
        return NONE
    spoken = _spoken_until(post, router, time)
    if _is_blind(post, router, group, spoken):
        return NONE
    heard = spoken - delay_of(post, router, group)
    change = _change_before(ground, network, heard)
    state = ground.begins[network] if change < 0 else ground.state[change]
    hijacked = _is_hijacked(ground, post, router, network, heard)
    if not hijacked and state == 0:
        return NONE
    own = _path_at(ground, post, router, network, heard)
    if own < 0:
        return NONE
    path = (own + max(state, 1) - 1) % PATHS
    return path + HIJACKED if hijacked else path


@lean
def _path_at(ground: Ground, post: Post, router: int, network: int, heard: int) -> int:
    """Which of the paths by the router's own churn; ``NONE`` during a flap."""
    period = ground.period[network]
    if period == 0:
        return 0
    number = heard // period
    event = event_of(ground.key, network, number, period)
    if event > heard:
        number -= 1
        event = event_of(ground.key, network, number, period)
    if heard < event + flap_of(ground, router, network, number):
        return NONE
    word = draw(draw(draw(draw(post.key, _OF_PATH), network), router), number)
    return max(0, below(word, _USUAL + PATHS - 1) - _USUAL + 1)


@njit(cache=True, nogil=True)
def routes_at(
    ground: Ground, post: Post, networks: NDArray[np.int32], time: int
) -> NDArray[np.int8]:
    """int8[networks, routers]: the route of every router to some networks at an instant."""
    routes = np.empty((len(networks), len(post.full)), np.int8)
    for row in range(len(networks)):
        for router in range(len(post.full)):
            routes[row, router] = route_at(ground, post, router, networks[row], time)
    return routes


@njit(cache=True, nogil=True)
def delays(post: Post, groups: int) -> NDArray[np.int64]:
    """int64[routers, groups]: after how many microseconds routers tell of what happens."""
    found = np.empty((len(post.full), groups), np.int64)
    for router in range(len(post.full)):
        for group in range(groups):
            found[router, group] = delay_of(post, router, group)
    return found
