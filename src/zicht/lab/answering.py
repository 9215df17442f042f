"""Which addresses of a world answer pings at a time, and how."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from zicht.lab import chance
from zicht.lab.blocks import first_places
from zicht.lab.pings import Blocks, Instant

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from zicht.lab.world import World

# Delays, losses and what is open are the lab's own, of a plausible order.
_NEAREST, _FARTHEST = 0.015, 0.240  # seconds there and back, by country
_WITHIN = 0.040  # seconds that blocks of a country differ by
_LOSS = 0.003
_REFUSING = 0.08  # of the blocks have a router that tells when nobody is there
_OPEN = 0.12  # of the addresses take a connection
_DEEPEST_NIGHT = 4  # the local hour
_EVER_6, _THERE_6 = 24, 0.9
_NETWORK_48 = np.uint64(0xFFFFFFFFFFFF0000)


def answering(world: World) -> Callable[[datetime], Instant]:
    """What tells who answers at a time of the world.

    IPv4 is as ``World.blocks`` says. Of each announced prefix of IPv6 some addresses in its first
    /64 answer while the part's share of packets is above a rank of its own.
    """
    four, six = _Family.of_blocks(world), _Family.of_prefixes(world)
    kept: dict[int, tuple[Blocks, Blocks]] = {}

    def at(time: datetime) -> Instant:
        minute = int((time - world.begin) // timedelta(minutes=1))
        minute = min(max(minute, 0), world.minutes - 1)
        if minute not in kept:
            kept.clear()
            kept[minute] = (four.at(world, minute), six.at(world, minute))
        return Instant(*kept[minute], world.seed, int(time.timestamp()))

    return at


class _Family:
    """The blocks of one family, sorted by key, with what stays the same."""

    def __init__(
        self,
        world: World,
        family: int,
        *,
        key: NDArray[np.uint64],
        part: NDArray[np.int32],
        rank: NDArray[np.float64],
        answers: tuple[NDArray[np.int64], ...],
        reliably: tuple[NDArray[np.float64], NDArray[np.float64]],
    ) -> None:
        order = np.argsort(key, kind="stable")
        self.family = family
        self.part, self.rank = part[order], rank[order]
        self.available, self.diurnal = (one[order] for one in reliably)
        ever, turn = (one[order] for one in answers)
        key = key[order]

        def luck(what: str) -> NDArray[np.float64]:
            return chance.uniforms_at(chance.key(world.seed, "pings", family, what), key)

        self.blocks = Blocks(
            key=key,
            ever=ever,
            turn=turn,
            there=np.zeros(len(key)),
            delay=_far(world)[self.part] + _WITHIN * luck("delay"),
            loss=np.full(len(key), _LOSS),
            refuses=luck("refuses") < _REFUSING,
            open=np.full(len(key), _OPEN),
        )

    @classmethod
    def of_blocks(cls, world: World) -> _Family:
        blocks = world.blocks()
        return cls(
            world,
            4,
            key=blocks.address.astype(np.uint64) << np.uint64(32),
            part=blocks.part,
            rank=blocks.rank,
            answers=(blocks.ever.astype(np.int64), first_places(blocks, world.seed)),
            reliably=(blocks.available, blocks.diurnal),
        )

    @classmethod
    def of_prefixes(cls, world: World) -> _Family:
        prefixes = world.prefixes()
        rows = np.flatnonzero((prefixes.family == 6) & (prefixes.length <= 48))  # noqa: PLR2004
        key, first = np.unique(prefixes.high[rows] & _NETWORK_48, return_index=True)
        n = len(key)
        return cls(
            world,
            6,
            key=key,
            part=prefixes.part[rows][first],
            rank=chance.uniforms_at(chance.key(world.seed, "pings", "rank"), key),
            answers=(np.full(n, _EVER_6), np.zeros(n, dtype=np.int64)),
            reliably=(np.full(n, _THERE_6), np.zeros(n)),
        )

    def at(self, world: World, minute: int) -> Blocks:
        """The blocks as they are at a minute of the world."""
        left = np.ones(len(world.parts))
        for part in world.touched():
            left[part] = world.share("packets", part, self.family)[minute]
        there = self.available * (1 - self.diurnal * _night(world, minute)[self.part])
        return self.blocks._replace(there=np.where(self.rank < left[self.part], there, 0.0))


def _far(world: World) -> NDArray[np.float64]:
    """How far each part is, in seconds there and back."""
    countries = {part.country for part in world.parts}
    far = {one: chance.uniform(world.seed, "far", one) for one in countries}
    return _NEAREST + (_FARTHEST - _NEAREST) * np.array([far[one.country] for one in world.parts])


def _night(world: World, minute: int) -> NDArray[np.float64]:
    """How deep in the night each part is, from 0 in the afternoon to 1 at four."""
    time = world.begin + timedelta(minutes=minute)
    deep: dict[str, float] = {}
    for country in {part.country for part in world.parts}:
        local = time.astimezone(UTC).astimezone(ZoneInfo(world.zone(country)))
        turn = (local.hour + local.minute / 60 - _DEEPEST_NIGHT) * 2 * np.pi / 24
        deep[country] = float(0.5 + 0.5 * np.cos(turn))
    return np.array([deep[part.country] for part in world.parts])
