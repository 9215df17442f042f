"""Levels: what is worth a notice, and what is shown by two sources or beyond doubt by one."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from zicht.detect.constants import (
    OVERWHELMING_BELIEF,
    OVERWHELMING_DAYS,
    OVERWHELMING_DEPTH,
    OVERWHELMING_SAMPLES,
)
from zicht.detect.fusion import highest_beliefs, independent
from zicht.detect.outages import history_days

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.model.belief import Assessment
    from zicht.model.outage import Level, Outage


def find_level(outages: Sequence[Outage], assessments: Sequence[Assessment]) -> Level:
    """The level of an event, from its outages.

    ``alert`` where outages of two signals that share no input overlap, or where one outage is deep,
    lasts, leaves no doubt, is of what was long there, and is not contradicted in its own plane;
    else ``notice``.
    """
    signals = {one.series.signal.name: one.series.signal for one in assessments}
    if any(
        _is_overwhelming(one)
        and _was_long_there(one, assessments)
        and not _is_contradicted(one, assessments)
        for one in outages
    ):
        return "alert"
    for one, other in combinations(outages, 2):
        if independent(signals[one.signal], signals[other.signal]) and overlap(one, other):
            return "alert"
    return "notice"


def _is_overwhelming(outage: Outage) -> bool:
    return (
        (outage.highest_belief or outage.belief) >= OVERWHELMING_BELIEF
        and outage.samples >= OVERWHELMING_SAMPLES
        and outage.depth_interval[1] <= OVERWHELMING_DEPTH
    )


def _was_long_there(outage: Outage, assessments: Sequence[Assessment]) -> bool:
    """Whether the series had values for a day before: else what went may have been a visitor."""
    return any(
        history_days(one, outage.onset[0]) >= OVERWHELMING_DAYS
        for one in assessments
        if (one.series.signal.name, one.series.entity) == (outage.signal, outage.entity)
    )


def _is_contradicted(outage: Outage, assessments: Sequence[Assessment]) -> bool:
    """Whether as many of the plane's independent groups could have shown it and never did.

    A source that fails with zeros looks like a blackout; who watches the same plane tells.
    """
    own = [
        one
        for one in assessments
        if one.series.entity == outage.entity and one.series.signal.plane == outage.plane
    ]
    if len(own) == 1:
        return False
    end = None if outage.end is None else outage.end[1]
    belief = highest_beliefs(own, outage.onset[0], end).get(outage.plane)
    return belief is not None and 2 * belief.groups_down <= belief.groups


def overlap(one: Outage, other: Outage) -> bool:
    """Whether two outages may have gone on at the same time."""
    return (one.end is None or one.end[1] >= other.onset[0]) and (
        other.end is None or other.end[1] >= one.onset[0]
    )
