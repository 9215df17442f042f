"""What routers tell a collector within a stretch of time, as messages.

Each instant at which a route may change is looked at from both sides; where the route differs, the
router says so. So tables and the messages between them agree by how they are made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.lab.routes.columns import Kind, Messages
from zicht.lab.routes.ground import DELAY, REFILL
from zicht.lab.routes.holding import (
    NONE,
    delay_of,
    event_of,
    flap_of,
    period_of,
    refill_of,
    route_at,
    up_since,
)
from zicht.lab.routes.paths import attributes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.lab.routes.columns import Networks
    from zicht.lab.routes.ground import Ground, Post

_Rows = tuple["NDArray[np.int64]", "NDArray[np.int32]", "NDArray[np.int32]", "NDArray[np.int8]"]
"""Times, routers, networks and routes from then on."""

MOST_NETWORKS = 100
"""Prefixes of a message: of IPv6 they take at most 1,700 of its 4,096 bytes."""

_IDLE, _OPEN_CONFIRM, _ESTABLISHED = 1, 5, 6  # RFC 6396, section 4.4.1
_ANNOUNCE, _WITHDRAW = int(Kind.ANNOUNCE), int(Kind.WITHDRAW)
_STATE, _END = int(Kind.STATE), int(Kind.END_OF_TABLE)
_BACK = DELAY + 60_000_000  # what happened before that is told of by now: the longest flap as well
_DOWN, _UP, _END_4, _END_6, _SPECIAL = range(5)  # behind the last network's number


def messages_between(ground: Ground, post: Post, begin: int, end: int) -> Messages:
    """What is told from ``begin`` (microseconds) to before ``end``, in the order of time.

    Of a session's end and begin there are changes of state; after its table come the End-of-RIB
    markers of both families (RFC 4724).
    """
    capacity = 1 << 14
    while True:
        time = np.empty(capacity, np.int64)
        router, network = np.empty(capacity, np.int32), np.empty(capacity, np.int32)
        route = np.empty(capacity, np.int8)
        used = _find(time, router, network, route, ground, post, begin, end)
        if used <= capacity:
            break
        capacity = used
    keys = _keys(time[:used], router[:used], network[:used], begin, len(ground.origin), post)
    order = np.argsort(keys)  # rows with equal keys are equal
    keys = keys[order]
    order = order[np.concatenate([[True], keys[1:] != keys[:-1]])] if used else order
    return _pack(ground, post, time[order], router[order], network[order], route[order])


def _keys(
    time: NDArray[np.int64],
    router: NDArray[np.int32],
    network: NDArray[np.int32],
    begin: int,
    networks: int,
    post: Post,
) -> NDArray[np.int64]:
    """Numbers that order as time, router and network do; a day of 10,000 million pairs has room."""
    return ((time - begin) * len(post.full) + router) * (networks + _SPECIAL) + network


@njit(cache=True, nogil=True)
def _find(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    time: NDArray[np.int64],
    router: NDArray[np.int32],
    network: NDArray[np.int32],
    route: NDArray[np.int8],
    ground: Ground,
    post: Post,
    begin: int,
    end: int,
) -> int:
    """Write what changes, unordered; the number of rows, written or not."""
    used = 0
    rows = (time, router, network, route)
    for where in range(len(ground.origin)):
        used = _find_of_network(rows, used, ground, post, where, begin, end)
        used = _find_of_churn(rows, used, ground, post, where, begin, end)
    for who in range(len(post.full)):
        used = _find_of_sessions(rows, used, ground, post, who, begin, end)
    return used


@njit(nogil=True)
def _find_of_network(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    rows: _Rows, used: int, ground: Ground, post: Post, where: int, begin: int, end: int
) -> int:
    """Write what changes because of what happens to a network."""
    hijack = ground.hijack[where]
    if hijack >= 0:
        for at in (ground.hijack_begin[hijack], ground.hijack_end[hijack]):
            used = _note_delayed(rows, used, ground, post, where, at, begin, end)
    for row in range(ground.first[where], ground.first[where + 1]):
        used = _note_delayed(rows, used, ground, post, where, ground.time[row], begin, end)
    return used


@njit(nogil=True)
def _find_of_churn(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    rows: _Rows, used: int, ground: Ground, post: Post, where: int, begin: int, end: int
) -> int:
    """Write what changes because of routers' own churn."""
    period = period_of(ground, where)
    if period == 0:
        return used
    for number in range((begin - _BACK) // period, (end - 1) // period + 1):
        event = event_of(ground, where, number, period)
        if not begin - _BACK <= event < end:
            continue
        used = _note_delayed(rows, used, ground, post, where, event, begin, end)
        for who in range(len(post.full)):
            flap = flap_of(ground, who, where, number)
            if flap:
                at = event + flap + delay_of(post, who, ground.group[where])
                used = _note(rows, used, ground, post, who, where, at, begin, end)
    return used


@njit(nogil=True)
def _note_delayed(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    rows: _Rows, used: int, ground: Ground, post: Post, where: int, time: int, begin: int, end: int
) -> int:
    """Write down what changes at each router when it hears of an instant."""
    if begin - DELAY <= time < end:
        for who in range(len(post.full)):
            at = time + delay_of(post, who, ground.group[where])
            used = _note(rows, used, ground, post, who, where, at, begin, end)
    return used


@njit(nogil=True)
def _find_of_sessions(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    rows: _Rows,
    used: int,
    ground: Ground,
    post: Post,
    who: int,
    begin: int,
    end: int,
) -> int:
    """Likewise of sessions that end and begin, and of routers that speak again."""
    networks = len(ground.origin)
    for row in range(post.down_first[who], post.down_first[who + 1]):
        lost, back = post.down[row, 0], post.down[row, 1]
        if begin <= lost < end:
            used = _put(rows, used, lost, who, networks + _DOWN, NONE)
        if begin <= back - 1 < end:
            used = _put(rows, used, back - 1, who, networks + _UP, NONE)
        if begin <= back + REFILL < end:
            used = _put(rows, used, back + REFILL, who, networks + _END_4, NONE)
            used = _put(rows, used, back + REFILL, who, networks + _END_6, NONE)
        if back < end and back + REFILL >= begin:
            for where in range(networks):
                at = back + refill_of(post, who, ground.group[where])
                used = _note(rows, used, ground, post, who, where, at, begin, end)
    for row in range(post.mute_first[who], post.mute_first[who + 1]):
        used = _note_all(rows, used, ground, post, who, post.mute[row, 1], begin, end)
    for row in range(post.blind_first[who], post.blind_first[who + 1]):
        used = _note_all(rows, used, ground, post, who, post.blind[row, 0], begin, end)
        used = _note_all(rows, used, ground, post, who, post.blind[row, 1], begin, end)
    return used


@njit(nogil=True)
def _note_all(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    rows: _Rows,
    used: int,
    ground: Ground,
    post: Post,
    who: int,
    at: int,
    begin: int,
    end: int,
) -> int:
    """Write down what changes of a router's whole table at one instant."""
    if begin <= at < end:
        for where in range(len(ground.origin)):
            used = _note(rows, used, ground, post, who, where, at, begin, end)
    return used


@njit(nogil=True)
def _note(  # noqa: PLR0913, PLR0917 - Numba binds no keyword-only arguments
    rows: _Rows,
    used: int,
    ground: Ground,
    post: Post,
    who: int,
    where: int,
    at: int,
    begin: int,
    end: int,
) -> int:
    """Write down that a router's route changes at an instant, if it does."""
    if not begin <= at < end or up_since(post, who, at) < 0:
        return used
    before, after = (
        route_at(ground, post, who, where, at - 1),
        route_at(ground, post, who, where, at),
    )
    return used if before == after else _put(rows, used, at, who, where, after)


@njit(nogil=True)
def _put(
    rows: _Rows,
    used: int,
    at: int,
    who: int,
    where: int,
    route: int,
) -> int:
    if used < len(rows[0]):
        rows[0][used], rows[1][used] = at, who
        rows[2][used], rows[3][used] = where, route
    return used + 1


def _pack(
    ground: Ground,
    post: Post,
    time: NDArray[np.int64],
    router: NDArray[np.int32],
    network: NDArray[np.int32],
    route: NDArray[np.int8],
) -> Messages:
    """Put what a router tells at one instant of one group into one message."""
    first = _firsts_of_messages(time, router, network, route, ground.group, ground.networks)
    head = first[:-1]
    networks = len(ground.origin)
    special = network[head] - networks
    is_special = special >= 0
    kind = np.where(route[head] == NONE, _WITHDRAW, _ANNOUNCE).astype(np.uint8)
    kind[is_special] = np.where(special[is_special] <= _UP, _STATE, _END)
    where = np.where(is_special, 0, network[head]).astype(np.int32)
    family = ground.networks.family[where].copy()
    family[is_special] = np.where(special[is_special] == _END_6, 6, 4)
    states = np.zeros((len(head), 2), np.uint8)
    states[special == _DOWN] = _ESTABLISHED, _IDLE
    states[special == _UP] = _OPEN_CONFIRM, _ESTABLISHED
    # Special rows have no prefixes: theirs are taken out, and what begins behind them moves up.
    gone = np.concatenate([[0], np.cumsum(network >= networks)])
    return Messages(
        time[head],
        router[head],
        kind,
        family,
        states,
        first - gone[first],
        network[network < networks],
        attributes_of(ground, post, router[head], where, route[head]),
    )


@njit(cache=True, nogil=True)
def _firsts_of_messages(
    time: NDArray[np.int64],
    router: NDArray[np.int32],
    network: NDArray[np.int32],
    route: NDArray[np.int8],
    group: NDArray[np.int32],
    networks: Networks,
) -> NDArray[np.int64]:
    """int64[messages + 1]: the rows with which messages begin, and the number of all."""
    firsts = np.empty(len(time) + 1, np.int64)
    count = 0
    for row in range(len(time)):
        if count and row - firsts[count - 1] < MOST_NETWORKS:
            one, other = network[row], network[row - 1]
            if (
                time[row] == time[row - 1]
                and router[row] == router[row - 1]
                and route[row] == route[row - 1]
                and one < len(group)
                and other < len(group)
                and group[one] == group[other]
                and networks.family[one] == networks.family[other]
            ):
                continue
        firsts[count] = row
        count += 1
    firsts[count] = len(time)
    return firsts[: count + 1].copy()
