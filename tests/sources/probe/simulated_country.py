"""A country of blocks whose truth is known, in simulated time; no packet is sent.

Each address is on or off for hours at a time (a Markov chain of two states with a share and a
length of its own), customers of diurnal blocks go to bed, packets are lost one by one and in
bursts, whole blocks are renumbered, go behind a firewall, or are cut off. ``run`` lets a plan probe
it as the engine would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from zicht.sources.probe.history import BlockHistory, BlockSort
from zicht.sources.probe.replies import Judged
from zicht.sources.probe.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from zicht.sources.probe.plan import Asked, Plan

DAY = 86_400.0
UTC = 1_700_006_400.0  # a midnight


class Kind(NamedTuple):
    """Blocks of one kind: their share, addresses of E(b), availability (a beta distribution)."""

    name: str
    part: float
    fewest: int
    most: int
    mean: float
    strength: float


KINDS = (
    Kind("dense", 0.34, 60, 256, 0.75, 8),
    Kind("middling", 0.25, 40, 200, 0.42, 4),
    Kind("sparse", 0.20, 15, 100, 0.12, 2),
    Kind("diurnal", 0.12, 60, 256, 0.45, 6),
    Kind("lone", 0.05, 1, 4, 0.6, 2),
    Kind("renumbered", 0.02, 60, 256, 0.45, 6),
    Kind("firewalled", 0.02, 60, 256, 0.55, 6),
)
KIND = {kind.name: number for number, kind in enumerate(KINDS)}


class Hosts(NamedTuple):
    """The addresses of all blocks, block by block.

    Attributes:
        begin: int64[n + 1]: where a block's addresses begin in the following, which are [m].
        place: the last byte of each.
        share: how much of the time it is on.
        length: seconds after which what it was is mostly forgotten.
        on: what it was when it was last asked.
        since: when that was.
        wakes: seconds of the day at which its user gets up.
        awake: seconds until bedtime.
        loss: float64[n]: the share of probes to a block that are lost.
        renumbered: float64[n]: when all hosts of a block change places; infinity for never.
    """

    begin: NDArray[np.int64]
    place: NDArray[np.int16]
    share: NDArray[np.float64]
    length: NDArray[np.float64]
    on: NDArray[np.bool_]
    since: NDArray[np.float64]
    wakes: NDArray[np.float64]
    awake: NDArray[np.float64]
    loss: NDArray[np.float64]
    renumbered: NDArray[np.float64]


@dataclass
class Country:
    """The truth.

    Attributes:
        history: what a prober knows of it.
        operator: int32[n].
        kind: uint8[n]: a row of ``KINDS``.
        expected: float64[n]: the true A(E(b)), losses included, over a day.
        hosts: what answers.
        down: each outage: the block, when it begins and when it ends.
        gone: float64[n]: when a block goes behind a firewall for good; infinity for never.
        seed: that it was drawn with.
    """

    history: BlockHistory
    operator: NDArray[np.int32]
    kind: NDArray[np.uint8]
    expected: NDArray[np.float64]
    hosts: Hosts
    gone: NDArray[np.float64]
    down: list[tuple[int, float, float]]
    seed: int

    def up_at(self, time: float) -> NDArray[np.bool_]:
        """Which blocks are not in an outage."""
        up = np.ones(len(self.kind), dtype=np.bool_)
        block, begin, end = np.array(self.down).reshape(-1, 3).T
        up[block[(begin <= time) & (time < end)].astype(int)] = False
        return up


def country(
    seed: int, blocks: int, *, loss: tuple[float, float] = (0.01, 0.05), operators: int = 24
) -> Country:
    """Draw one. Operators differ in size as cities do (Zipf)."""
    draw = np.random.default_rng(seed)
    kind = draw.choice(len(KINDS), size=blocks, p=[kind.part for kind in KINDS]).astype(np.uint8)
    size = np.array([draw.integers(KINDS[k].fewest, KINDS[k].most + 1) for k in kind])
    mean = np.array([KINDS[k].mean for k in kind])
    strength = np.array([KINDS[k].strength for k in kind])
    usual = draw.beta(mean * strength, (1 - mean) * strength).clip(0.02, 0.98)
    begin = np.concatenate([[0], np.cumsum(size)])
    of_block = np.repeat(np.arange(blocks), size)
    m = len(of_block)
    # Hosts differ: some are nearly always on, others hardly ever.
    share = draw.beta(usual[of_block] * 1.5, (1 - usual[of_block]) * 1.5).clip(0.001, 0.999)
    length = np.exp(draw.uniform(np.log(1800), np.log(2 * DAY), size=m))
    place = np.concatenate([np.sort(draw.permutation(256)[:n]) for n in size]).astype(np.int16)
    diurnal = kind[of_block] == KIND["diurnal"]
    zone = draw.integers(0, 24, size=blocks)[of_block] / 24
    wakes = np.where(diurnal, zone * DAY + draw.normal(0, 3600, size=m), 0) % DAY
    awake = np.where(diurnal & (draw.random(m) > 0.05), draw.normal(14, 2, size=m) * 3600, DAY)
    losses = draw.uniform(*loss, size=blocks)

    active = np.zeros((blocks, 32), dtype=np.uint8)
    np.bitwise_or.at(active, (of_block, place >> 3), (1 << (place & 7)).astype(np.uint8))
    hour = (np.arange(24)[:, None] + 0.5) * 3600
    hourly = np.empty((blocks, 24))
    for row in range(24):
        is_awake = (hour[row] - wakes) % DAY < awake
        hourly[:, row] = np.bincount(of_block, share * is_awake, blocks) / size
    hourly *= (1 - losses)[:, None]
    expected = hourly.mean(axis=1)
    # What a census of some days knows: 300 probes, 60 each hour.
    known = draw.binomial(300, expected.clip(0, 1)) / 300
    known_hourly = draw.binomial(60, hourly.clip(0, 1)) / 60
    known_hourly[kind != KIND["diurnal"]] = np.nan
    never = np.inf
    renumbers = kind == KIND["renumbered"]
    walls = kind == KIND["firewalled"]
    operator = np.minimum(draw.zipf(1.4, size=blocks), operators).astype(np.int32)
    history = BlockHistory(
        ipv4=True,
        high=(np.uint64(5 << 24) + np.arange(blocks, dtype=np.uint64) * np.uint64(256))
        << np.uint64(32),
        active=active,
        first=np.zeros(blocks + 1, dtype=np.int64),
        address_high=np.empty(0, dtype=np.uint64),
        address_low=np.empty(0, dtype=np.uint64),
        availability=known.astype(np.float32),
        rounds=np.full(blocks, 300, dtype=np.int32),
        hourly=known_hourly.astype(np.float32),
        sort=np.full(blocks, BlockSort.UNKNOWN, dtype=np.uint8),
        seen=np.zeros(blocks, dtype=np.int64),
    )
    hosts = Hosts(
        begin=begin.astype(np.int64),
        place=place,
        share=share,
        length=length,
        on=draw.random(m) < share,
        since=np.zeros(m),
        wakes=wakes,
        awake=awake,
        loss=losses,
        renumbered=np.where(renumbers, draw.uniform(0.1, 1.0, size=blocks) * DAY, never),
    )
    return Country(
        history=history,
        operator=operator,
        kind=kind,
        expected=expected,
        hosts=hosts,
        gone=np.where(walls, draw.uniform(0.5, 3.0, size=blocks) * DAY, never),
        down=[],
        seed=seed,
    )


@njit(cache=True)
def _answers(
    rows: NDArray[np.int64],
    at: NDArray[np.int64],
    time: float,
    up: NDArray[np.bool_],
    hosts: Hosts,
    luck: NDArray[np.float64],
) -> NDArray[np.bool_]:
    told = np.zeros(len(rows), dtype=np.bool_)
    for i in range(len(rows)):
        b = rows[i]
        if not up[b]:
            continue
        first, last = hosts.begin[b], hosts.begin[b + 1]
        a = first + np.searchsorted(hosts.place[first:last], at[i])
        fades = np.exp(-(time - hosts.since[a]) / hosts.length[a])
        if hosts.since[a] < hosts.renumbered[b] <= time:
            fades = 0.0
        hosts.on[a] = luck[i, 0] < hosts.share[a] + (hosts.on[a] - hosts.share[a]) * fades
        hosts.since[a] = time
        burst = (b * 2654435761 + int(time / 10) * 40503) % 1009 == 0
        awake = (time - hosts.wakes[a]) % DAY < hosts.awake[a]
        told[i] = hosts.on[a] and awake and not burst and luck[i, 1] >= hosts.loss[b]
    return told


def run(
    where: Country,
    plan: Plan,
    begin: float,
    end: float,
    each_minute: Callable[[float], None],
    *,
    step: float = 1.0,
) -> int:
    """Let a plan probe the country as the engine would; gives how many probes were sent.

    Args:
        where: the truth; its addresses go on from how they were.
        plan: told all that an engine tells.
        begin: the plan's time at which it begins; the country's is the same.
        end: when it ends.
        each_minute: called at each full minute with the time.
        step: seconds between two looks.
    """
    draw = np.random.default_rng((where.seed, int(begin)))
    changes = sorted(
        [(at, block, False) for block, at, _ in where.down]
        + [(at, block, True) for block, _, at in where.down]
        + [(at, block, False) for block, at in enumerate(where.gone.tolist()) if np.isfinite(at)]
    )
    up = where.up_at(begin) & (where.gone > begin)
    changes = [change for change in changes if change[0] > begin]
    following, sent = 0, 0
    replies: Judged | None = None
    for tick in range(int((end - begin) / step)):
        now = begin + tick * step
        while following < len(changes) and changes[following][0] <= now:
            up[changes[following][1]] = changes[following][2]
            following += 1
        if replies is not None:
            plan.note_heard(replies, now)
        plan.tick(now)
        if now % 60 == 0:
            each_minute(now)
        asked = plan.take(1 << 20, now)
        plan.note_sent(asked, now)
        sent += len(asked.high)
        replies = _replies(where, asked, now, up, draw)
    return sent


def _replies(
    where: Country,
    asked: Asked,
    now: float,
    up: NDArray[np.bool_],
    draw: np.random.Generator,
) -> Judged | None:
    if not len(asked.high):
        return None
    rows = np.searchsorted(where.history.high, asked.high >> np.uint64(40) << np.uint64(40))
    at = ((asked.high >> np.uint64(32)) & np.uint64(255)).astype(np.int64)
    luck = draw.random((len(rows), 2))
    told = _answers(rows.astype(np.int64), at, now, up, where.hosts, luck)
    return answers_of(asked.where(told), draw.uniform(0.02, 0.4, size=int(told.sum())))


def answers_of(asked: Asked, rtt: NDArray[np.float64]) -> Judged:
    """Answers of these addresses, as the engine tells them."""
    n = len(asked.high)
    none = np.zeros(n, dtype=np.uint8)
    return Judged(
        verdict=np.full(n, Verdict.ANSWER, dtype=np.uint8),
        high=asked.high,
        low=asked.low,
        round_trip=rtt,
        icmp_type=none,
        icmp_code=none,
    )
