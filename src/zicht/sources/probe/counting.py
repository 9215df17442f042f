"""What rounds count of blocks, for histories to learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.model.time import MICROSECONDS
from zicht.sources.probe.learning import Counted
from zicht.sources.probe.verdicts import Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.probe.history import BlockHistory
    from zicht.sources.probe.replies import Judged
    from zicht.sources.probe.samples import Sample


class Counting:
    """Counts what histories learn from, of the blocks of one history."""

    def __init__(self, history: BlockHistory) -> None:
        self._history = history
        self._sums = {
            name: np.zeros(len(history), np.int32) for name in ("turns", "probes", "answers")
        }
        self._answered = np.zeros((len(history) if history.ipv4 else 0, 32), np.uint8)
        self._addresses = np.zeros(len(history.address_high), np.bool_)

    def judged(self, sample: Sample) -> None:
        """These turns are over."""
        np.add.at(self._sums["turns"], sample.block, 1)
        np.add.at(self._sums["probes"], sample.block, sample.probes.astype(np.int32))
        np.add.at(self._sums["answers"], sample.block, sample.answers.astype(np.int32))

    def heard(self, judged: Judged) -> None:
        """These messages came."""
        answers = judged.verdict == Verdict.ANSWER
        high, low = judged.high[answers], judged.low[answers]
        if not len(high) or not len(self._history):
            return
        shift = np.uint64(40 if self._history.ipv4 else 16)
        row = np.searchsorted(self._history.high, high >> shift << shift)
        row = np.minimum(row, len(self._history) - 1)
        known = self._history.high[row] == high >> shift << shift
        row, high, low = row[known], high[known], low[known]
        if self._history.ipv4:
            last = ((high >> np.uint64(32)) & np.uint64(0xFF)).astype(np.int64)
            bit = (1 << (last & 7)).astype(np.uint8)
            np.bitwise_or.at(self._answered, (row, last >> 3), bit)
            return
        for block, one, other in zip(row.tolist(), high.tolist(), low.tolist(), strict=True):
            places = np.arange(self._history.first[block], self._history.first[block + 1])
            same = self._history.address_high[places] == one
            same &= self._history.address_low[places] == other
            self._addresses[places[same]] = True

    def so_far(self, hour: int) -> Counted:
        """What was counted in an hour, numbered since 1970."""
        return Counted(
            rounds=self._sums["turns"],
            probes=self._sums["probes"],
            answers=self._sums["answers"],
            answered=self._answered,
            address_answered=self._addresses,
            hour=hour % 24,
            time=(hour + 1) * 3600 * MICROSECONDS,
        )


def in_whole(
    counted: Counted, frozen: NDArray[np.bool_], own: BlockHistory, whole: BlockHistory
) -> tuple[Counted, NDArray[np.bool_]]:
    """What was counted of some blocks, as of all blocks of a larger history.

    Args:
        counted: of the n blocks of ``own``.
        frozen: bool[n]: those of which nothing is to be learned.
        own: the blocks that were probed.
        whole: N blocks; those of ``own`` that it lacks are left out.

    Returns:
        what was counted of the N blocks, and bool[N]: those of which nothing is to be learned.
    """
    row = np.searchsorted(whole.high, own.high)
    row = np.minimum(row, max(len(whole) - 1, 0))
    known = whole.high[row] == own.high if len(whole) else np.zeros(len(own), np.bool_)
    into = row[known]

    def spread(values: NDArray[np.int32]) -> NDArray[np.int32]:
        wide = np.zeros(len(whole), dtype=np.int32)
        wide[into] = values[known]
        return wide

    answered = np.zeros((len(whole) if whole.ipv4 else 0, counted.answered.shape[1]), np.uint8)
    if whole.ipv4:
        answered[into] = counted.answered[known]
    addresses = np.zeros(len(whole.address_high), dtype=np.bool_)
    if counted.address_answered.any():
        heard = np.stack([own.address_high, own.address_low], axis=1)[counted.address_answered]
        place = {pair: at for at, pair in enumerate(_pairs(whole))}
        found = [place[pair] for pair in map(tuple, heard.tolist()) if pair in place]
        addresses[found] = True
    frozen_in_whole = np.zeros(len(whole), dtype=np.bool_)
    frozen_in_whole[into] = frozen[known]
    return (
        Counted(
            rounds=spread(counted.rounds),
            probes=spread(counted.probes),
            answers=spread(counted.answers),
            answered=answered,
            address_answered=addresses,
            hour=counted.hour,
            time=counted.time,
        ),
        frozen_in_whole,
    )


def _pairs(history: BlockHistory) -> list[tuple[int, int]]:
    return list(zip(history.address_high.tolist(), history.address_low.tolist(), strict=True))
