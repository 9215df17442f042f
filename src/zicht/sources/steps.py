"""The step of a series that does not say its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.model.time import MICROSECONDS

if TYPE_CHECKING:
    from numpy.typing import NDArray


def commonest_gap(times: NDArray[np.int64]) -> int | None:
    """The commonest distance of times (int64[n], microseconds) in seconds.

    The smaller of two that are as common; ``None`` where there is no distance of a second or more.
    """
    gaps = np.diff(np.unique(times)) // MICROSECONDS
    lengths, counts = np.unique(gaps[gaps > 0], return_counts=True)
    return int(lengths[np.argmax(counts)]) if len(lengths) else None
