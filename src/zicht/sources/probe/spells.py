"""Outages of single blocks, each with the times between which it began and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zicht.sources.probe.belief import DOWN, UP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.probe.samples import Sample


class Outages(NamedTuple):
    """Outages of blocks, one entry each; times are float64[k], seconds since 1970.

    Attributes:
        block: int32[k]: rows of the history.
        answered: the last turn with an answer before it.
        silent: the first turn without one: it began between the two.
        last_silent: the last turn without one.
        answers: the next turn with one: it ended between the two.
    """

    block: NDArray[np.int32]
    answered: NDArray[np.float64]
    silent: NDArray[np.float64]
    last_silent: NDArray[np.float64]
    answers: NDArray[np.float64]

    @property
    def duration(self) -> NDArray[np.float64]:
        """float64[k]: seconds, between the middles of the two intervals."""
        end = (self.last_silent + self.answers) / 2
        return end - (self.answered + self.silent) / 2


class Spells:
    """Follows the turns of n blocks, and gives their outages as they end.

    Silence is an outage if belief fell below ``DOWN`` in it; it began with the first silent turn.
    Blocks that never answered have none, since nobody knows when one would have begun.
    """

    def __init__(self, n: int) -> None:
        self._answered = np.full(n, np.nan)
        self._silent = np.full(n, np.nan)
        self._last = np.full(n, np.nan)
        self._down = np.zeros(n, dtype=np.bool_)

    @property
    def down(self) -> NDArray[np.bool_]:
        """bool[n]: which are in an outage."""
        down: NDArray[np.bool_] = self._down & ~np.isnan(self._answered)
        return down

    def follow(self, sample: Sample) -> Outages:
        """Go on by one minute; gives the outages that ended."""
        block, began = sample.block, sample.began
        answers = (sample.answers > 0) & (sample.up > UP)
        silent = block[~answers]
        begins = np.isnan(self._silent[silent])
        self._silent[silent[begins]] = began[~answers][begins]
        self._last[silent] = began[~answers]
        self._down[silent] |= sample.up[~answers] < DOWN

        again = block[answers]
        over = self._down[again] & ~np.isnan(self._answered[again])
        ended = again[over]
        outages = Outages(
            ended,
            self._answered[ended],
            self._silent[ended],
            self._last[ended],
            began[answers][over],
        )
        self._answered[again] = began[answers]
        self._silent[again] = np.nan
        self._down[again] = False
        return outages
