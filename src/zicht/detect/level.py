"""Levels: what is worth a notice, and what is shown by two sources or beyond doubt by one."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from zicht.detect.constants import (
    OVERWHELMING_BELIEF,
    OVERWHELMING_DEPTH,
    OVERWHELMING_SAMPLES,
)
from zicht.detect.fusion import independent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.model.belief import Assessment
    from zicht.model.outage import Level, Outage


def find_level(outages: Sequence[Outage], assessments: Sequence[Assessment]) -> Level:
    """The level of an event, from its outages.

    ``alert`` where outages of two signals that share no input overlap, or where one outage is deep,
    lasts, and leaves no doubt; else ``notice``.
    """
    signals = {one.series.signal.name: one.series.signal for one in assessments}
    if any(_is_overwhelming(one) for one in outages):
        return "alert"
    for one, other in combinations(outages, 2):
        if independent(signals[one.signal], signals[other.signal]) and _overlap(one, other):
            return "alert"
    return "notice"


def _is_overwhelming(outage: Outage) -> bool:
    return (
        (outage.highest_belief or outage.belief) >= OVERWHELMING_BELIEF
        and outage.samples >= OVERWHELMING_SAMPLES
        and outage.depth_interval[1] <= OVERWHELMING_DEPTH
    )


def _overlap(one: Outage, other: Outage) -> bool:
    return (one.end is None or one.end[1] >= other.onset[0]) and (
        other.end is None or other.end[1] >= one.onset[0]
    )
