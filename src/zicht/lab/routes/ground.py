"""What happens to routes, and who watches: the columns from which every file can be made.

Times are microseconds since 1970 UTC. Of a network, a router and an instant ``holding`` says which
route the router has; tables and updates are both made of that, so that they agree.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zicht.lab import chance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

SECOND = 1_000_000
MILLION = 1_000_000
DELAY = 30 * SECOND
"""Every router has told of a change after so long; each has its own haste, for each group."""
REFILL = 60 * SECOND
"""A router whose session is new tells its table within so long."""

USUAL_CHANGES = 1.4
"""Changes of a network's paths a day, on average, at a pace of 1; see ``PERIODS``."""
PERIODS = np.array([16 * 86_400, 2 * 86_400, 43_200, 10_800, 1_200], np.int64) * SECOND
PERIOD_SHARES = np.array([0.60, 0.85, 0.95, 0.99, 1.0])
"""How long a network's paths last, and which share of networks (cumulated) has such a period. Few
prefixes make most of the noise: that is the shape of BGP churn (Huston, "BGP in 2023", and years
before); the figures are the lab's own."""


class Ground(NamedTuple):
    """What happens, whoever watches.

    Attributes:
        family: uint8[n]: of each network, 4 or 6.
        origin: uint32[n]: the AS that announces each.
        group: int32[n]: those of a group share their paths and are told of in one message.
        begins: uint8[n]: its state before its first change.
        first: int64[n + 1]: of ``time`` and ``state``.
        time: int64[]: when a network's state changes, sorted within a network.
        state: uint8[]: 0 when it is withdrawn, else which of its paths it takes, from 1 on.
        hijack: int32[n]: a row of ``hijacks``, or -1.
        hijacks: int64[h, 4]: begin, end, by whom, and how many in a million routers believe it.
        transit: uint32[t]: ASes that paths lead through.
        provider: uint32[groups, 2]: ASes by which a group is reached; 0 for none.
        moment: int64[]: ``time`` sorted.
        network: int32[]: of each moment, its network.
        period: int64[n]: how long routers keep to a path to each network; 0 for ever.
        key: uint64: of ``chance``.
    """

    family: NDArray[np.uint8]
    origin: NDArray[np.uint32]
    group: NDArray[np.int32]
    begins: NDArray[np.uint8]
    first: NDArray[np.int64]
    time: NDArray[np.int64]
    state: NDArray[np.uint8]
    hijack: NDArray[np.int32]
    hijacks: NDArray[np.int64]
    transit: NDArray[np.uint32]
    provider: NDArray[np.uint32]
    moment: NDArray[np.int64]
    network: NDArray[np.int32]
    period: NDArray[np.int64]
    key: np.uint64


class Post(NamedTuple):
    """A collector's routers and what befalls their sessions.

    Attributes:
        asn: uint32[m].
        full: uint8[m]: whether a router tells its whole table; else a quarter of all groups.
        first: int64[m + 1]: of ``stretches``.
        stretches: int64[s, 4]: a number of ``Trouble``, begin, end, and of how many groups in a
            million. Those of a router and kind are sorted and apart by more than ``REFILL``.
        key: uint64: of ``chance``.
    """

    asn: NDArray[np.uint32]
    full: NDArray[np.uint8]
    first: NDArray[np.int64]
    stretches: NDArray[np.int64]
    key: np.uint64


class Trouble(IntEnum):
    """What befalls a router."""

    DOWN = 0
    """It has no session."""
    MUTE = 1
    """Its session stands and tells nothing."""
    BLIND = 2
    """It has lost its routes to some groups."""


class Hijack(NamedTuple):
    """A network that another AS announces for a while.

    Attributes:
        network: an index.
        begin: microseconds.
        end: microseconds.
        asn: who.
        believed: by which share of routers.
    """

    network: int
    begin: int
    end: int
    asn: int
    believed: float


class Changes(NamedTuple):
    """What changes in the announcements, in any order.

    Attributes:
        time: int64[c]: microseconds.
        network: int64[c]: an index.
        announced: bool[c]: whether it is announced from then on.
        path: uint8[c]: by which of its paths.
    """

    time: NDArray[np.int64]
    network: NDArray[np.int64]
    announced: NDArray[np.bool_]
    path: NDArray[np.uint8]


class Stretch(NamedTuple):
    """A stretch in which a router is not well.

    Attributes:
        router: an index.
        trouble: what befalls it.
        begin: microseconds.
        end: microseconds.
        share: of all groups, where it is about some of them.
    """

    router: int
    trouble: Trouble
    begin: int
    end: int
    share: float = 1.0


def make_ground(  # noqa: PLR0913 - the columns of what happens
    family: NDArray[np.uint8],
    origin: NDArray[np.uint32],
    group: NDArray[np.int32],
    begins: NDArray[np.bool_],
    changes: Changes,
    *,
    transit: NDArray[np.uint32],
    provider: NDArray[np.uint32],
    key: np.uint64,
    hijacks: Sequence[Hijack] = (),
    pace: float = 1.0,
) -> Ground:
    """What happens.

    Args:
        family: uint8[n]: of each network, 4 or 6.
        origin: uint32[n]: the AS of each.
        group: int32[n]: of each.
        begins: bool[n]: whether each is announced before its first change.
        changes: what changes then.
        transit: uint32[t]: ASes that paths lead through.
        provider: uint32[groups, 2]: ASes by which a group is reached; 0 for none.
        key: of ``chance``.
        hijacks: at most one of each network.
        pace: how many times the usual churn of routers there is; 0 for none.
    """
    order = np.lexsort((changes.time, changes.network))
    hijack = np.full(len(origin), -1, np.int32)
    for row, one in enumerate(hijacks):
        hijack[one.network] = row
    columns = [(one.begin, one.end, one.asn, round(one.believed * MILLION)) for one in hijacks]
    by_time = np.lexsort((changes.network, changes.time))
    state = np.where(changes.announced, changes.path + np.uint8(1), 0)
    return Ground(
        family,
        origin,
        group,
        begins.astype(np.uint8),
        _firsts(np.bincount(changes.network, minlength=len(origin))),
        changes.time[order],
        state[order].astype(np.uint8),
        hijack,
        np.array(columns, np.int64).reshape(-1, 4),
        transit,
        provider,
        changes.time[by_time],
        changes.network[by_time].astype(np.int32),
        _periods(len(origin), key, pace),
        key,
    )


def _periods(count: int, key: np.uint64, pace: float) -> NDArray[np.int64]:
    if not pace:
        return np.zeros(count, np.int64)
    luck = chance.uniforms_at(chance.key(int(key), "periods"), np.arange(count, dtype=np.uint64))
    return (PERIODS / pace).astype(np.int64)[np.searchsorted(PERIOD_SHARES, luck, side="right")]


def make_post(
    asn: NDArray[np.uint32],
    full: Sequence[bool],
    *,
    key: np.uint64,
    stretches: Iterable[Stretch] = (),
) -> Post:
    """A collector's routers: their ASes, whether each tells its whole table, and what befalls them.

    ``key`` is of ``chance``.
    """
    apart: list[Stretch] = []
    for one in sorted(stretches):
        last = apart[-1] if apart else None
        if last and last[:2] == one[:2] and one.begin <= last.end + REFILL:
            end, share = max(last.end, one.end), max(last.share, one.share)
            apart[-1] = last._replace(end=end, share=share)
        else:
            apart.append(one)
    router = np.array([one.router for one in apart], np.int64)
    rows = [(one.trouble, one.begin, one.end, round(one.share * MILLION)) for one in apart]
    return Post(
        asn,
        np.array(full, np.uint8),
        _firsts(np.bincount(router, minlength=len(full))),
        np.array(rows, np.int64).reshape(-1, 4),
        key,
    )


def _firsts(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
