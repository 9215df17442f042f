"""From bins that a rule calls down to findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.model.finding import Finding
from zicht.model.time import MICROSECONDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.model.series import Series


def to_findings(series: Series, down: NDArray[np.bool_]) -> list[Finding]:
    """One finding for each run of bins that are down.

    A missing bin neither begins nor ends one. A run that lasts to the last value has no end.

    Args:
        series: the series.
        down: bool[n]: the bins that the rule calls down; those without a value do not count.
    """
    seen = np.flatnonzero(np.isfinite(series.values))
    flags = np.concatenate([[False], down[seen], [False]]).astype(np.int8)
    edges = np.diff(flags)
    firsts, lasts = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    step = series.signal.step * MICROSECONDS
    return [
        Finding(
            begin=int(series.start + seen[first] * step),
            end=None if last == len(seen) else int(series.start + seen[last] * step),
            alerted=int(series.start + (seen[first] + 1) * step),
        )
        for first, last in zip(firsts, lasts, strict=True)
    ]
