"""Readings of a few vantage points that see the same places, and what may be wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from zicht.model.reading import CONTROL, READINGS
from zicht.model.time import MICROSECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = 27_000_000  # a minute in 2021 at which a round begins
Share = "Callable[[str, str, int], float]"


@dataclass
class World:
    """Minutes that vantage points read.

    Attributes:
        vantages: their names.
        blocks: how many blocks each entity has.
        minutes: how many minutes are read.
        share: the share that answers of an entity, seen from a vantage point in a minute.
        controls: how many control blocks there are.
        control_share: the share of these that answers.
        absent: a vantage point was not at work in a minute.
    """

    vantages: tuple[str, ...] = ("ams", "fra", "prg")
    blocks: dict[str, int] = field(default_factory=lambda: {"country/KZ": 5000})
    minutes: int = 20
    share: Callable[[str, str, int], float] = lambda _v, _e, _t: 0.95
    controls: int = 100
    control_share: Callable[[str, int], float] = lambda _v, _t: 1.0
    absent: Callable[[str, int], bool] = lambda _v, _t: False
    unsent: Callable[[str, int], int] = lambda _v, _t: 0
    seed: int = 1

    def readings(self) -> pa.Table:
        """The readings, each of a random fifth of the blocks."""
        chance = np.random.default_rng(self.seed)
        rows = []
        for vantage in self.vantages:
            for minute in range(self.minutes):
                if self.absent(vantage, minute):
                    continue
                for entity, blocks in {**self.blocks, CONTROL: self.controls}.items():
                    share = (
                        self.control_share(vantage, minute)
                        if entity == CONTROL
                        else self.share(vantage, entity, minute)
                    )
                    judged = blocks // 5
                    up = int(chance.binomial(judged, share))
                    rows.append(
                        a_reading(
                            vantage,
                            entity,
                            minute,
                            blocks=blocks,
                            measured=judged,
                            judged=judged,
                            up=float(up),
                            probes=2 * judged,
                            answers=up,
                            asked=judged,
                            answered=judged - judged // 20,
                            rtt=80.0 if up else None,
                            unsent=self.unsent(vantage, minute) if entity == CONTROL else 0,
                        )
                    )
        return pa.Table.from_pylist(rows, READINGS)


def a_reading(vantage: str, entity: str, minute: int, **columns: object) -> dict[str, object]:
    """A row; minutes are counted from ``FIRST``."""
    time = (FIRST + minute) * 60 * MICROSECONDS
    sums: dict[str, object] = {
        "blocks": 100,
        "measured": 10,
        "judged": 10,
        "up": 10.0,
        "probes": 10,
        "answers": 10,
        "asked": 10,
        "answered": 10,
        "rtt": 80.0,
        "unsent": 0,
    }
    return {
        "vantage": vantage,
        "entity": entity,
        "ipv4": True,
        "time": time,
        "known_at": time + 60 * MICROSECONDS,
        **sums,
        **columns,
    }
