"""What pictures on one page have in common: the language, the time shown, the clock, the scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zicht.publish.inline.path import Frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.publish.chart_data import LocalTime, Panel, Window
    from zicht.publish.language import Language

_LEAST_TOP, _MOST_TOP = 130.0, 200.0


@dataclass(frozen=True)
class Scene:
    """What pictures share, so that they can be laid beside each other.

    Attributes:
        words: the language.
        window: the stretch of time shown.
        local: the clock of the place.
        top: the percentage at the upper edge; see ``top_of``.
    """

    words: Language
    window: Window
    local: LocalTime
    top: float = _LEAST_TOP

    def frame(self, height: float) -> Frame:
        """Where times and percentages lie in a plotted area of so many points."""
        return Frame(self.window, height, self.top)


def top_of(panels: Sequence[Panel]) -> float:
    """The percentage at the upper edge of pictures on one scale; spikes above are cut off."""
    values = [line.values for panel in panels for line in panel.percent if len(line.values)]
    if not values:
        return _LEAST_TOP
    high = float(np.percentile(np.concatenate(values), 99)) * 1.1
    return float(np.clip(np.ceil(high / 10) * 10, _LEAST_TOP, _MOST_TOP))
