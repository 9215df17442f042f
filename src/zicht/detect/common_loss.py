"""Losses that most countries share in one signal alone: its source is sick, and not the world.

A prober of which half of the questions are lost sees every country fall by half at once. Something
real that reaches over borders, a cable or a power grid, shows in other sources too; so the
countries must be most of those that the signal watches, and others must have seen nothing there.
"""

from __future__ import annotations

from itertools import groupby
from statistics import median_high
from typing import TYPE_CHECKING

import numpy as np

from zicht.detect.fusion import independent
from zicht.model.health import Sickness
from zicht.model.time import MICROSECONDS, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from zicht.model.belief import Assessment
    from zicht.model.outage import Outage

COUNTRIES = 3
"""Fewer may share a cable; the rule for sources that say zero of everybody has the same number."""

MOST = 0.5
"""More than this part of the countries that a signal watches fall with it when its source is sick,
and of these more than this part are seen by others as they always were."""


def find_common_losses(
    outages: Sequence[Outage],
    assessments: Sequence[Assessment],
    country_of: Callable[[str], str | None],
    as_of: datetime,
) -> list[Sickness]:
    """Find the stretches in which a signal lost most of its countries, and no other source did.

    Args:
        outages: what was found in each series by itself.
        assessments: the series.
        country_of: the country of an entity's text, or ``None``.
        as_of: the end of outages that have none.
    """
    found = []
    by_signal = sorted(outages, key=lambda one: (one.signal, one.onset))
    for name, group in groupby(by_signal, key=lambda one: one.signal):
        own = [one for one in assessments if one.series.signal.name == name]
        watched = {country_of(one.series.entity) for one in own} - {None}
        for together in _begun_together(list(group)):
            countries = {country_of(one.entity) for one in together} - {None}
            if len(countries) < COUNTRIES or len(countries) <= MOST * len(watched):
                continue
            start = min(one.onset[0] for one in together)
            end = median_high([one.end[1] if one.end else as_of for one in together])
            others = [one for one in assessments if _may_contradict(one, own[0])]
            depth = max(one.depth_percent for one in together)
            alone = [
                country
                for country in countries
                if _saw_nothing(
                    [one for one in others if country_of(one.series.entity) == country],
                    (start, end),
                    depth,
                )
            ]
            if len(alone) >= COUNTRIES and len(alone) > MOST * len(countries):
                why = f"entities of {len(countries)} countries fell at once, and no other source's"
                found.append(Sickness(signal=name, start=start, end=end, reason=why))
    return found


def _begun_together(outages: Sequence[Outage]) -> Iterator[list[Outage]]:
    """Outages of one signal, in order of their onsets, by onsets that may be the same instant."""
    group: list[Outage] = []
    for one in outages:
        if group and one.onset[0] > min(other.onset[1] for other in group):
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _may_contradict(other: Assessment, own: Assessment) -> bool:
    """Whether a series would show what the signal shows: routes may stay where packets are dead."""
    planes = (other.series.signal.plane, own.series.signal.plane)
    if planes[0] == "control" and planes[1] != "control":
        return False
    return independent(other.series.signal, own.series.signal)


def _saw_nothing(
    witnesses: Sequence[Assessment], span: tuple[datetime, datetime], depth: float
) -> bool:
    """Whether there were others in a country that could have shown the loss, and none did."""
    said = [down for one in witnesses if (down := _down(one, span, depth)) is not None]
    return bool(said) and not any(said)


def _down(assessment: Assessment, span: tuple[datetime, datetime], depth: float) -> bool | None:
    """Whether a series was down in a stretch; ``None`` where it could not have shown it."""
    begins = assessment.series.times
    ends = begins + assessment.series.signal.step * MICROSECONDS
    start, end = map(to_microseconds, span)
    known = (begins >= start) & (ends <= end) & ~np.isnan(assessment.connectivity)
    if not known.any() or np.median(assessment.ordinary_above[known]) <= depth:
        return None
    return bool((assessment.belief_outage_later[known] >= 0.5).any())  # noqa: PLR2004 - likelier than not
