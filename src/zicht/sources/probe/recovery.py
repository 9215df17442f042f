"""How much is asked of blocks that are down, so that an outage of many does not multiply probes.

Trinocular asks a block that is down until its recovery would hardly be missed (Quan, Heidemann and
Pradkin, SIGCOMM 2013, section 4.2). Where one block is down that costs little; where an operator is
down as a whole, asking each of its blocks at that depth tells nothing that a sample of them does
not. So a number of them, others each round, are asked in full, and the rest with one probe to an
address that answered before. When the first come back, all are asked in full again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.sources.probe.belief import DOWN_ODDS
from zicht.sources.probe.chances import ROUND

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.probe.blocks import Blocks

IN_FULL = 50
"""Blocks of an operator that are down and asked in full in a round: ten each minute. Should a tenth
of its blocks be back, two minutes miss that in one case of eight, and the brief probes miss it as
seldom by themselves."""
IN_FULL_SHARE = 0.05
"""Of large operators it is this share of all their blocks."""
AWAKE = 0.1
"""Once so many of an operator's blocks that were down came back within about a round, all of the
others are asked in full."""


class Recovery:
    """Counts the blocks of each operator that are down, and those that came back lately.

    Args:
        operator: int32[n]: of each block, any numbers.
        blocks: the state of n blocks.
    """

    def __init__(self, operator: NDArray[np.int32], blocks: Blocks) -> None:
        self._blocks = blocks
        names, number = np.unique(operator, return_inverse=True)
        self._operator = number.astype(np.int32)
        self._operators = len(names)
        of_operator = np.bincount(self._operator, minlength=self._operators)
        self._in_full = np.maximum(IN_FULL, IN_FULL_SHARE * of_operator)
        self._back = np.zeros(self._operators)
        self._at = 0.0
        self.count()

    def count(self) -> None:
        """Count anew; once a round is enough, as late answers change little."""
        self._down = self._each(np.flatnonzero(self._blocks.odds < DOWN_ODDS))

    def over(self, rows: NDArray[np.int32], now: float) -> None:
        """Turns of these blocks are over."""
        was_down = self._blocks.before[rows] < DOWN_ODDS
        is_down = self._blocks.odds[rows] < DOWN_ODDS
        back = self._each(rows[was_down & ~is_down])
        self._down += self._each(rows[is_down & ~was_down]) - back
        self._back = self._back * np.exp((self._at - now) / ROUND) + back
        self._at = now

    def brief(self, rows: NDArray[np.int32]) -> NDArray[np.bool_]:
        """bool[k]: which blocks, whose turn it is, are asked with one probe alone.

        Those asked in full are others in each round, and of each operator about as many.
        """
        down = self._down
        asleep = self._back < AWAKE * np.maximum(down, 1)
        each = np.where(asleep, np.ceil(down / self._in_full), 1).astype(np.int64)[
            self._operator[rows]
        ]
        turn = self._blocks.turns[rows].astype(np.int64) + rows
        brief: NDArray[np.bool_] = (self._blocks.odds[rows] < DOWN_ODDS) & (
            turn % np.maximum(each, 1) > 0
        )
        return brief

    def _each(self, rows: NDArray[np.int64] | NDArray[np.int32]) -> NDArray[np.float64]:
        """float64[operators]: how many of these blocks each has."""
        counted = np.bincount(self._operator[rows], minlength=self._operators)
        return counted.astype(np.float64)
