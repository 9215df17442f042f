"""What routers tell a collector within a stretch of time, as messages.

Each instant at which a route may change is looked at from both sides; where the route differs, the
router says so. So tables and the messages between them agree by how they are made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from zicht.lab.routes.columns import Kind, Messages
from zicht.lab.routes.ground import DELAY, REFILL, Trouble
from zicht.lab.routes.holding import (
    NONE,
    delay_of,
    event_of,
    flap_of,
    refill_of,
    route_at,
    routes_at,
    up_since,
)
from zicht.lab.routes.lean import lean, lean_kernel
from zicht.lab.routes.paths import attributes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.lab.routes.ground import Ground, Post

MOST_NETWORKS = 100
"""Prefixes of a message: of IPv6 they take at most 1,700 of its 4,096 bytes."""

_IDLE, _OPEN_CONFIRM, _ESTABLISHED = 1, 5, 6  # RFC 6396, section 4.4.1
_ANNOUNCE, _WITHDRAW = int(Kind.ANNOUNCE), int(Kind.WITHDRAW)
_STATE, _END = int(Kind.STATE), int(Kind.END_OF_TABLE)
_BACK = DELAY + 60_000_000  # what happened before that is told of by now: the longest flap as well
_NO_SESSION = int(Trouble.DOWN)
_DOWN, _UP, _END_4, _END_6, _SPECIAL = range(5)  # behind the last network's number


def table_messages(ground: Ground, post: Post, routers: NDArray[np.int32], time: int) -> Messages:
    """The whole tables of some routers just before ``time``, told at that time, with their ends."""
    networks = np.arange(len(ground.origin), dtype=np.int32)
    routes = routes_at(ground, post, networks, time - 1)[:, routers].T
    ends = np.full((len(routers), 2), NONE, np.int8)
    network = np.tile(np.append(networks, len(networks) + np.array([_END_4, _END_6])), len(routers))
    route = np.concatenate([routes, ends], axis=1).ravel()
    router = np.repeat(routers, len(networks) + 2)
    kept = (route != NONE) | (network >= len(networks))
    network, route, router = network[kept].astype(np.int32), route[kept], router[kept]
    return _pack(ground, post, np.full(len(network), time), router, network, route)


class _Events(NamedTuple):
    """What happens to a network: when; of routers' own churn also which event, else -1."""

    time: NDArray[np.int64]
    network: NDArray[np.int32]
    number: NDArray[np.int64]


class _Rows(NamedTuple):
    """Where something may change within a stretch: a time; a router, and a network or more."""

    time: NDArray[np.int64]
    places: NDArray[np.int32]
    begin: int
    end: int


def messages_between(ground: Ground, post: Post, begin: int, end: int) -> Messages:
    """What is told from ``begin`` (microseconds) to before ``end``, in the order of time.

    Of a session's end and begin there are changes of state; after its table come the End-of-RIB
    markers of both families (RFC 4724).
    """
    events = _events(ground, begin, end)
    capacity = 1 << 18
    while True:
        time, places = np.empty(capacity, np.int64), np.empty((capacity, 2), np.int32)
        used = _find(time, places, events, ground, post, begin, end)
        if used <= capacity:
            break
        capacity = used
    time, router, network = time[:used], places[:used, 0], places[:used, 1]
    route, changes = _judge(ground, post, time, router, network)
    rows = np.flatnonzero(changes)
    keys = _keys(time[rows], router[rows], network[rows], begin, len(ground.origin), post)
    order = np.argsort(keys)  # rows with equal keys are equal
    rows, keys = rows[order], keys[order]
    rows = rows[np.diff(keys, prepend=-1) != 0]
    return _pack(ground, post, time[rows], router[rows], network[rows], route[rows])


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


def _judge(
    ground: Ground,
    post: Post,
    time: NDArray[np.int64],
    router: NDArray[np.int32],
    network: NDArray[np.int32],
) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """int8[n] and bool[n]: the routes at some instants, and whether they were others before."""
    routes, changes = np.empty(len(time), np.int8), np.ones(len(time), np.bool_)
    _compare(routes, changes, ground, post, time, router, network)
    return routes, changes


@lean_kernel
def _compare(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    routes: NDArray[np.int8],
    changes: NDArray[np.bool_],
    ground: Ground,
    post: Post,
    time: NDArray[np.int64],
    router: NDArray[np.int32],
    network: NDArray[np.int32],
) -> None:
    for row in range(len(time)):
        who, where, at = router[row], network[row], time[row]
        routes[row] = NONE
        if where < len(ground.origin):
            changes[row] = False
            if up_since(post, who, at) >= 0:
                routes[row] = route_at(ground, post, who, where, at)
                changes[row] = routes[row] != route_at(ground, post, who, where, at - 1)


@lean_kernel
def _find(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    time: NDArray[np.int64],
    places: NDArray[np.int32],
    events: _Events,
    ground: Ground,
    post: Post,
    begin: int,
    end: int,
) -> int:
    """Write where a route may change (times; routers and networks); how many, written or not."""
    rows = _Rows(time, places, begin, end)
    used = 0
    for row in range(len(events.time)):
        where, event, number = events.network[row], events.time[row], events.number[row]
        used = _put_delayed(rows, used, ground, post, where, event)
        if number >= 0:
            used = _find_of_flaps(rows, used, ground, post, where, event, number)
    for who in range(len(post.full)):
        used = _find_of_session(rows, used, ground, post, who)
    return used


def _events(ground: Ground, begin: int, end: int) -> _Events:
    """What happens to networks that may be told of within a stretch."""
    first, after = np.searchsorted(ground.moment, [begin - DELAY, end])
    hijacked = np.flatnonzero(ground.hijack >= 0)
    borders = ground.hijacks[ground.hijack[hijacked], :2]
    churn = _churn(ground.period, ground.key, begin - _BACK, end)
    network = (ground.network[first:after], np.repeat(hijacked, 2), churn[1])
    time = np.concatenate([ground.moment[first:after], borders.ravel(), churn[0]])
    number = np.full(len(time), -1, np.int64)
    number[len(time) - len(churn[0]) :] = churn[2]
    return _Events(time, np.concatenate(network).astype(np.int32), number)


def _churn(
    period: NDArray[np.int64], key: np.uint64, begin: int, end: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """Times, networks and numbers of the events of routers' own churn."""
    capacity = 1 << 14
    while True:
        time, number = np.empty(capacity, np.int64), np.empty(capacity, np.int64)
        network = np.empty(capacity, np.int32)
        used = _find_churn(time, network, number, period, key, begin, end)
        if used <= capacity:
            return time[:used], network[:used], number[:used]
        capacity = used


@lean_kernel
def _find_churn(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    time: NDArray[np.int64],
    network: NDArray[np.int32],
    number: NDArray[np.int64],
    period: NDArray[np.int64],
    key: int,
    begin: int,
    end: int,
) -> int:
    """Write the events; how many, written or not."""
    used = 0
    for where in range(len(period)):
        every = period[where]
        if every == 0:
            continue
        for which in range(begin // every, (end - 1) // every + 1):
            event = event_of(key, where, which, every)
            if begin <= event < end:
                if used < len(time):
                    time[used], network[used], number[used] = event, where, which
                used += 1
    return used


@lean
def _find_of_flaps(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    rows: _Rows, used: int, ground: Ground, post: Post, where: int, event: int, number: int
) -> int:
    """Write when flaps of routers end."""
    for who in range(len(post.full)):
        flap = flap_of(ground, who, where, number)
        if flap:
            at = event + flap + delay_of(post, who, ground.group[where])
            used = _put(rows, used, at, who, where)
    return used


@lean
def _find_of_session(rows: _Rows, used: int, ground: Ground, post: Post, who: int) -> int:
    """Write what may change because of a router's session, and what is told of itself."""
    networks = len(ground.origin)
    for row in range(post.first[who], post.first[who + 1]):
        lost, back = post.stretches[row, 1], post.stretches[row, 2]
        if post.stretches[row, 0] != _NO_SESSION:
            used = _put_all(rows, used, lost, who, networks)
            used = _put_all(rows, used, back, who, networks)
            continue
        used = _put(rows, used, lost, who, networks + _DOWN)
        used = _put(rows, used, back - 1, who, networks + _UP)
        used = _put(rows, used, back + REFILL, who, networks + _END_4)
        used = _put(rows, used, back + REFILL, who, networks + _END_6)
        if back < rows.end and back + REFILL >= rows.begin:
            for where in range(networks):
                at = back + refill_of(post, who, ground.group[where])
                used = _put(rows, used, at, who, where)
    return used


@lean
def _put_delayed(rows: _Rows, used: int, ground: Ground, post: Post, where: int, time: int) -> int:
    """Write when each router hears of an instant."""
    if rows.begin - DELAY <= time < rows.end:
        for who in range(len(post.full)):
            at = time + delay_of(post, who, ground.group[where])
            used = _put(rows, used, at, who, where)
    return used


@lean
def _put_all(rows: _Rows, used: int, at: int, who: int, networks: int) -> int:
    """Write a router's whole table."""
    if rows.begin <= at < rows.end:
        for where in range(networks):
            used = _put(rows, used, at, who, where)
    return used


@lean
def _put(rows: _Rows, used: int, at: int, who: int, where: int) -> int:
    if not rows.begin <= at < rows.end:
        return used
    if used < len(rows.time):
        rows.time[used] = at
        rows.places[used, 0] = who
        rows.places[used, 1] = where
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
    first = _firsts_of_messages(time, router, network, route, ground.group, ground.family)
    head = first[:-1]
    networks = len(ground.origin)
    special = network[head] - networks
    is_special = special >= 0
    kind = np.where(route[head] == NONE, _WITHDRAW, _ANNOUNCE).astype(np.uint8)
    kind[is_special] = np.where(special[is_special] <= _UP, _STATE, _END)
    where = np.where(is_special, 0, network[head]).astype(np.int32)
    family = ground.family[where].copy()
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
    family: NDArray[np.uint8],
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
                and family[one] == family[other]
            ):
                continue
        firsts[count] = row
        count += 1
    firsts[count] = len(time)
    return firsts[: count + 1].copy()
