"""Canaries of probing: the control blocks, which are always up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zicht.sources.probe.panel import lay_out
from zicht.sources.probe.vantage import CONTROLS_UP, FEWEST_CONTROLS

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Controls:
    """How control blocks look.

    Attributes:
        up: how many of those asked are up, of all vantage points together.
        down: how many are not.
        sick: the vantage points to which fewer than half are up.
        well: those to which they are.
    """

    up: int
    down: int
    sick: tuple[str, ...]
    well: tuple[str, ...]


def look_at_controls(readings: pa.Table) -> Controls:
    """How control blocks look in readings, by the last minute of each vantage point and family.

    Args:
        readings: with the schema ``zicht.model.reading.READINGS``, each vantage point, entity and
            minute once.
    """
    asked = up = 0.0
    sick: set[str] = set()
    vantages: set[str] = set()
    for ipv4 in (True, False):
        panel = lay_out(readings, ipv4=ipv4)
        for row, vantage in enumerate(panel.vantages):
            minutes = np.flatnonzero(panel.present[row])
            if not len(minutes):
                continue
            vantages.add(vantage)
            judged = float(panel.controls["judged"][row, minutes[-1]])
            there = float(panel.controls["up"][row, minutes[-1]])
            asked, up = asked + judged, up + there
            if judged >= FEWEST_CONTROLS and there < CONTROLS_UP * judged:
                sick.add(vantage)
    right = round(up)
    return Controls(
        right, round(asked) - right, tuple(sorted(sick)), tuple(sorted(vantages - sick))
    )
