"""How histories learn from rounds, and when they must not.

A(E(b)) is what was answered over what was asked, both forgotten at one pace, so that rounds which
end at the first answer do not flatter it (Quan, Heidemann and Pradkin, "When the Internet Sleeps",
IMC 2014, section 2.1.2). While an outage is suspected nothing of a block is learned, neither
answers nor what was asked: else an outage would teach that silence is ordinary.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from zicht.errors import FaultError
from zicht.sources.probe.history import HOURS, BlockHistory
from zicht.sources.probe.sorts import sort_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

MEMORY = 1000
"""Probes that A(E(b)) rests on once it is known: about a week of rounds; a share of a half is then
right to 0.016 (standard error)."""
PATIENCE = 32
"""How often each address is asked, on average, before those that never answered are let go of: an
address that answers one probe in ten is kept with 97 %. About three weeks of rounds, at a hundred
addresses."""
GONE_AFTER = 7 * 86_400_000_000
"""Microseconds after which a block that is silent while its operator answers is no longer suspected
of an outage but of having moved, so that its addresses can be let go of. Our choice: few outages of
one block amid others that are up last a week."""


@dataclass(frozen=True)
class Counted:
    """What some rounds counted of the n blocks of a history.

    Attributes:
        rounds: int32[n]: how many rounds.
        probes: int32[n]: probes to addresses of E(b).
        answers: int32[n]: how many were answered, each once.
        answered: uint8[n, 32]: which addresses answered, like ``BlockHistory.active``.
        address_answered: bool[m]: likewise of IPv6.
        hour: which hour of UTC it was.
        time: the end of the last round, microseconds since 1970 UTC.
    """

    rounds: NDArray[np.int32]
    probes: NDArray[np.int32]
    answers: NDArray[np.int32]
    answered: NDArray[np.uint8]
    address_answered: NDArray[np.bool_]
    hour: int
    time: int


def refresh(history: BlockHistory, counted: Counted, frozen: NDArray[np.bool_]) -> BlockHistory:
    """Learn from rounds what can be learned of the blocks that are not frozen.

    Args:
        history: what was known.
        counted: what the rounds counted of the same blocks.
        frozen: bool[n]: blocks of which nothing is to be learned (``frozen_blocks``): every column
            of theirs stays as it is.

    Raises:
        FaultError: more was answered than asked.
    """
    if (counted.answers > counted.probes).any():
        raise FaultError("More answers than probes were counted of a block.")
    learns = ~frozen & (counted.probes > 0)
    if not learns.any():
        return history
    old = np.minimum(_filled(history.weight, history), MEMORY)
    share, weight = _pooled(history.availability, old, counted.answers, counted.probes)
    hourly = history.hourly if history.hourly.shape[1] else _unknown_hours(len(history))
    of_hour, _ = _pooled(
        hourly[:, counted.hour], (old / HOURS).astype(np.float32), counted.answers, counted.probes
    )
    hourly = hourly.copy()
    hourly[learns, counted.hour] = of_hour[learns]
    grown = replace(
        history,
        availability=np.where(learns, share, history.availability),
        weight=np.where(learns, weight, _filled(history.weight, history)),
        hourly=hourly,
        rounds=history.rounds + np.where(learns, counted.rounds, 0).astype(np.int32),
        seen=np.where(learns, counted.time, history.seen),
        asked=_filled(history.asked, history) + np.where(learns, counted.probes, np.float32(0)),
    )
    return _sorted(_aged(_answered(grown, counted, learns), learns), learns)


def frozen_blocks(
    suspected_since: NDArray[np.int64], operator_up: NDArray[np.bool_], now: int
) -> NDArray[np.bool_]:
    """bool[n]: the blocks of which nothing is to be learned now.

    Those suspected of an outage, but for those that are suspected alone for longer than
    ``GONE_AFTER`` while their operator's other blocks answer: networks are renumbered, and a block
    that has moved must not stay down for ever.

    Args:
        suspected_since: int64[n]: since when an outage is suspected, microseconds since 1970 UTC;
            negative where none is.
        operator_up: bool[n]: whether most other blocks of the block's operator answer now.
        now: microseconds since 1970 UTC.
    """
    moved: NDArray[np.bool_] = operator_up & (now - suspected_since > GONE_AFTER)
    return (suspected_since >= 0) & ~moved


def _pooled(
    share: NDArray[np.float32],
    weight: NDArray[np.float32],
    answers: NDArray[Any],
    probes: NDArray[Any],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The share with new probes put to it, and how many probes it rests on."""
    weight = np.where(np.isnan(share), np.float32(0), weight)
    total = weight + probes
    pooled = (np.nan_to_num(share) * weight + answers) / np.maximum(total, 1)
    return np.clip(pooled, 0, 1).astype(np.float32), np.minimum(total, MEMORY).astype(np.float32)


def _answered(history: BlockHistory, counted: Counted, learns: NDArray[np.bool_]) -> BlockHistory:
    """Note which addresses answered; of IPv4 they may be new to E(b)."""
    if not history.ipv4:
        mine = np.repeat(learns, np.diff(history.first))
        return replace(
            history, address_recent=recent_of(history) | (counted.address_answered & mine)
        )
    heard = counted.answered & -learns.astype(np.uint8)[:, None]
    return replace(history, active=history.active | heard, recent=recent_of(history) | heard)


def _aged(history: BlockHistory, learns: NDArray[np.bool_]) -> BlockHistory:
    """Let go of addresses that were asked often enough and never answered."""
    due = learns & (history.asked >= PATIENCE * np.maximum(history.ever_active, 1))
    if not due.any():
        return history
    asked = np.where(due, np.float32(0), history.asked)
    if history.ipv4:
        column, recent = due[:, None], recent_of(history)
        return replace(
            history,
            asked=asked,
            active=np.where(column, recent, history.active),
            recent=np.where(column, np.uint8(0), recent),
        )
    block = np.repeat(np.arange(len(history)), np.diff(history.first))
    recent = recent_of(history)
    kept = ~due[block] | recent
    sizes = np.bincount(block[kept], minlength=len(history))
    return replace(
        history,
        asked=asked,
        first=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        address_high=history.address_high[kept],
        address_low=history.address_low[kept],
        address_recent=(recent & ~due[block])[kept],
    )


def _sorted(history: BlockHistory, learns: NDArray[np.bool_]) -> BlockHistory:
    """Say anew which sort the blocks are of; one without addresses has no availability."""
    count = history.ever_active
    silent = learns & (count == 0)
    share = np.where(silent, np.float32(np.nan), history.availability)
    sort = sort_blocks(count, share, history.hourly)
    return replace(history, availability=share, sort=np.where(learns, sort, history.sort))


def recent_of(history: BlockHistory) -> NDArray[Any]:
    """``recent`` of IPv4, ``address_recent`` of IPv6, with all their rows."""
    if history.ipv4:
        return history.recent if len(history.recent) else np.zeros_like(history.active)
    if len(history.address_recent):
        return history.address_recent
    return np.zeros(len(history.address_high), dtype=np.bool_)


def _filled(values: NDArray[np.float32], history: BlockHistory) -> NDArray[np.float32]:
    return values if len(values) == len(history) else np.zeros(len(history), dtype=np.float32)


def _unknown_hours(n: int) -> NDArray[np.float32]:
    return np.full((n, HOURS), np.nan, dtype=np.float32)
