"""What happens to routes, and who watches: the columns from which every file can be made.

Times are microseconds since 1970 UTC. Of a network, a router and an instant ``holding`` says which
route the router has; tables and updates are both made of that, so that they agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from zicht.lab.routes.columns import Networks, Routers

SECOND = 1_000_000
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
        networks: n prefixes.
        origin: uint32[n]: the AS that announces each.
        group: int32[n]: those of a group share their paths and are told of in one message.
        begins: uint8[n]: whether each is announced before its first change.
        first: int64[n + 1]: of ``time``, ``announced`` and ``path``.
        time: int64[]: when a network is announced or withdrawn, sorted within a network.
        announced: uint8[]: which of both.
        path: uint8[]: which of its paths it takes from then on.
        hijack: int32[n]: a row of the columns below, or -1.
        hijack_begin: int64[h].
        hijack_end: int64[h].
        hijack_asn: uint32[h]: who announces it meanwhile.
        hijack_believed: float64[h]: by which share of routers it is believed.
        transit: uint32[t]: ASes that paths lead through.
        provider: uint32[groups, 2]: ASes by which a group is reached; 0 for none.
        periods: int64[5]: ``PERIODS`` at the pace that is wanted; all 0 for no churn.
        key: uint64: of ``chance``.
    """

    networks: Networks
    origin: NDArray[np.uint32]
    group: NDArray[np.int32]
    begins: NDArray[np.uint8]
    first: NDArray[np.int64]
    time: NDArray[np.int64]
    announced: NDArray[np.uint8]
    path: NDArray[np.uint8]
    hijack: NDArray[np.int32]
    hijack_begin: NDArray[np.int64]
    hijack_end: NDArray[np.int64]
    hijack_asn: NDArray[np.uint32]
    hijack_believed: NDArray[np.float64]
    transit: NDArray[np.uint32]
    provider: NDArray[np.uint32]
    periods: NDArray[np.int64]
    key: np.uint64


class Post(NamedTuple):
    """A collector: its routers and what befalls their sessions.

    Attributes:
        routers: m of them.
        full: uint8[m]: whether a router tells its whole table; else a quarter of all groups.
        down_first: int64[m + 1]: of ``down``.
        down: int64[d, 2]: begins and ends of the stretches without a session, sorted within a
            router and apart by more than ``REFILL``.
        mute_first: int64[m + 1]: of ``mute``.
        mute: int64[s, 2]: likewise the stretches in which a session stands and tells nothing.
        blind_first: int64[m + 1]: of ``blind`` and ``unseen``.
        blind: int64[b, 2]: likewise the stretches in which a router has lost routes of its own.
        unseen: float64[b]: to which share of all groups.
        key: uint64: of ``chance``.
    """

    routers: Routers
    full: NDArray[np.uint8]
    down_first: NDArray[np.int64]
    down: NDArray[np.int64]
    mute_first: NDArray[np.int64]
    mute: NDArray[np.int64]
    blind_first: NDArray[np.int64]
    blind: NDArray[np.int64]
    unseen: NDArray[np.float64]
    key: np.uint64


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
    """A stretch of a router's life.

    Attributes:
        router: an index.
        begin: microseconds.
        end: microseconds.
        share: of how many groups, where it is about some of them.
    """

    router: int
    begin: int
    end: int
    share: float = 1.0


def make_ground(  # noqa: PLR0913 - the columns of what happens
    networks: Networks,
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
        networks: n prefixes.
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
    periods = (PERIODS / pace).astype(np.int64) if pace else np.zeros_like(PERIODS)
    return Ground(
        networks,
        origin,
        group,
        begins.astype(np.uint8),
        _firsts(np.bincount(changes.network, minlength=len(origin))),
        changes.time[order],
        changes.announced[order].astype(np.uint8),
        changes.path[order],
        hijack,
        np.array([one.begin for one in hijacks], np.int64),
        np.array([one.end for one in hijacks], np.int64),
        np.array([one.asn for one in hijacks], np.uint32),
        np.array([one.believed for one in hijacks], np.float64),
        transit,
        provider,
        periods,
        key,
    )


def make_post(
    routers: Routers,
    full: Sequence[bool],
    *,
    key: np.uint64,
    down: Iterable[Stretch] = (),
    mute: Iterable[Stretch] = (),
    blind: Iterable[Stretch] = (),
) -> Post:
    """A collector.

    Args:
        routers: its routers.
        full: whether each tells its whole table.
        key: of ``chance``.
        down: where routers have no session.
        mute: where a session stands and tells nothing.
        blind: where a router has lost routes to a share of all groups.
    """
    count = len(full)
    gone, quiet, lost = (_apart(stretches) for stretches in (down, mute, blind))
    return Post(
        routers,
        np.array(full, np.uint8),
        *_columns(gone, count),
        *_columns(quiet, count),
        *_columns(lost, count),
        np.array([one.share for one in lost], np.float64),
        key,
    )


def _apart(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Those of each router, where they overlap or nearly so as one."""
    merged: list[Stretch] = []
    for one in sorted(stretches):
        last = merged[-1] if merged else None
        if last and last.router == one.router and one.begin <= last.end + REFILL:
            end, share = max(last.end, one.end), max(last.share, one.share)
            merged[-1] = last._replace(end=end, share=share)
        else:
            merged.append(one)
    return merged


def _columns(
    stretches: Sequence[Stretch], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    router = np.array([one.router for one in stretches], np.int64)
    rows = np.array([(one.begin, one.end) for one in stretches], np.int64).reshape(-1, 2)
    return _firsts(np.bincount(router, minlength=count)), rows


def _firsts(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
