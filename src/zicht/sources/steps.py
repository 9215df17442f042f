"""Steps: found in times that do not say their own, and written in names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.model.time import MICROSECONDS

if TYPE_CHECKING:
    from numpy.typing import NDArray


_UNITS = ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def step_text(step: int) -> str:
    """A step as it stands in the name of a signal: ``30m``, ``6h``, ``1d``."""
    length, unit = next((length, unit) for length, unit in _UNITS if step % length == 0)
    return f"{step // length}{unit}"


def commonest_gap(times: NDArray[np.int64]) -> int | None:
    """The commonest distance of times (int64[n], microseconds) in seconds.

    The smaller of two that are as common; ``None`` where there is no distance of a second or more.
    """
    gaps = np.diff(np.unique(times)) // MICROSECONDS
    lengths, counts = np.unique(gaps[gaps > 0], return_counts=True)
    return int(lengths[np.argmax(counts)]) if len(lengths) else None
