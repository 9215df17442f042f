"""Blocks for tests, and what lets a plan ask them as the engine would, second by second."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from simulated_country import answers_of

from zicht.sources.probe.history import BlockHistory, BlockSort, unmeasured

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from zicht.sources.probe.plan import Asked
    from zicht.sources.probe.rounds import Rounds
    from zicht.sources.probe.samples import Sample

    Answers = Callable[[NDArray[np.int64], NDArray[np.int64], float], NDArray[np.bool_]]

UTC = 1_700_006_400.0  # a midnight
FIRST = 5 << 24  # 5.0.0.0


def known(
    availability: list[float], addresses: int = 64, hourly: list[list[float]] | None = None
) -> BlockHistory:
    """Blocks from 5.0.0.0/24 on, whose first so many addresses answer."""
    n = len(availability)
    active = np.zeros((n, 32), dtype=np.uint8)
    for address in range(addresses):
        active[:, address >> 3] |= np.uint8(1 << (address & 7))
    return BlockHistory(
        ipv4=True,
        high=(np.uint64(FIRST) + np.arange(n, dtype=np.uint64) * np.uint64(256)) << np.uint64(32),
        active=active,
        first=np.zeros(n + 1, dtype=np.int64),
        address_high=np.empty(0, dtype=np.uint64),
        address_low=np.empty(0, dtype=np.uint64),
        availability=np.array(availability, dtype=np.float32),
        rounds=np.full(n, 100, dtype=np.int32),
        hourly=np.array(hourly or np.empty((n, 0)), dtype=np.float32),
        sort=np.full(n, BlockSort.UNKNOWN, dtype=np.uint8),
        seen=np.zeros(n, dtype=np.int64),
    )


def known_6(addresses: list[list[int]]) -> BlockHistory:
    """Blocks from 2a00::/48 on, each with these last 64 bits as addresses."""
    high = [(0x2A00 << 48) + (block << 16) for block, of in enumerate(addresses) for _ in of]
    low = [last for of in addresses for last in of]
    history = unmeasured(
        np.array(high, dtype=np.uint64), np.array(low, dtype=np.uint64), ipv4=False
    )
    history.availability[:] = 0.9
    return history


def block_and_place(asked: Asked) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which block of ``known``, and the last byte."""
    number = (asked.high >> np.uint64(32)).astype(np.int64) - FIRST
    return number >> 8, number & 255


def ask(
    rounds: Rounds,
    begin: float,
    end: float,
    answers: Answers,
    *,
    sent: list[tuple[float, int, int]] | None = None,
) -> list[Sample]:
    """Let rounds ask from a time to another; gives the minutes that were told."""
    samples = []
    heard = None
    for tick in range(int(end - begin)):
        now = begin + tick
        if heard is not None:
            rounds.note_heard(heard, now)
        rounds.tick(now)
        asked = rounds.take(1 << 20, now)
        rounds.note_sent(asked, now)
        block, place = block_and_place(asked)
        if sent is not None:
            sent += [(now, b, p) for b, p in zip(block.tolist(), place.tolist(), strict=True)]
        told = answers(block, place, now)
        heard = answers_of(asked.where(told), np.full(int(told.sum()), 0.05))
        samples += rounds.samples(now)
    return samples


def everybody(block: NDArray[np.int64], _place: object, _now: float) -> NDArray[np.bool_]:
    """All answer."""
    return np.ones(len(block), dtype=np.bool_)


def nobody(block: NDArray[np.int64], _place: object, _now: float) -> NDArray[np.bool_]:
    """None answers."""
    return np.zeros(len(block), dtype=np.bool_)
