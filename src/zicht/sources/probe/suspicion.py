"""Which blocks are suspected of an outage now, so that nothing is learned of them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from zicht.model.time import MICROSECONDS
from zicht.sources.probe.signals import MINUTE, ROUND
from zicht.sources.probe.vantage import FEWEST_JUDGED

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from zicht.sources.probe.readings import Membership
    from zicht.sources.probe.samples import Sample

FALLEN = 0.8
"""Below this share of its blocks an entity is suspected: a loss of a fifth, as in detection
(``zicht.detect.constants.ORDINARY_LOSS``)."""
DOWN = 0.5
"""A block that is likelier down than up is suspected."""


class Suspicion:
    """Follows the minutes of one family.

    Args:
        membership: which of n blocks belong to which entities.
    """

    def __init__(self, membership: Membership) -> None:
        self._membership = membership
        self._minutes: deque[NDArray[np.float64]] = deque(maxlen=ROUND // MINUTE)
        self._since = np.full(len(membership.of_block), -1, dtype=np.int64)

    def follow(
        self,
        sample: Sample,
        belief: NDArray[np.float32],
        outages: Collection[str],
        *,
        sick: bool = False,
    ) -> None:
        """Take a minute in.

        Args:
            sample: whose turn it was.
            belief: float32[n]: of each block, NaN where it is unknown.
            outages: entities that are in an outage by detection.
            sick: the vantage point itself could not see: all is suspected.
        """
        own = self._membership
        size = len(own.entities)
        sums = np.zeros((2, size))
        for group in own.of_block.T:
            of = group[sample.block]
            sums[0] += np.bincount(of[of >= 0], minlength=size)
            sums[1] += np.bincount(of[of >= 0], weights=sample.up[of >= 0], minlength=size)
        self._minutes.append(sums)
        named = np.array([name in outages for name in own.entities], dtype=np.bool_)
        suspected = self._of_any((self._shares() < FALLEN) | named)
        with np.errstate(invalid="ignore"):
            suspected |= (belief < DOWN) | sick
        began = sample.time * MICROSECONDS
        self._since = np.where(suspected, np.where(self._since < 0, began, self._since), -1)

    @property
    def since(self) -> NDArray[np.int64]:
        """int64[n]: since when each block is suspected, microseconds since 1970; -1 where not."""
        return self._since

    def operator_up(self) -> NDArray[np.bool_]:
        """bool[n]: whether no entity of a block has fallen; the block itself may have."""
        return ~self._of_any(self._shares() < FALLEN)

    def _of_any(self, entities: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """bool[n]: the blocks that belong to any of these entities."""
        known = np.append(entities, False)  # the last is for -1
        return np.asarray(known[self._membership.of_block].any(axis=1))

    def _shares(self) -> NDArray[np.float64]:
        """float64[g]: the share of the last round's blocks that is up; 1 where few were judged."""
        if not self._minutes:
            return np.ones(len(self._membership.entities))
        judged, up = np.sum(list(self._minutes), axis=0)
        return np.where(judged >= FEWEST_JUDGED, up / np.maximum(judged, 1), 1.0)
