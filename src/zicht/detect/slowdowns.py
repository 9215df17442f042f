"""Slowdowns: connections that are slower than ordinary while there are connections.

They are found in measured throughput, the class ``throttling`` is given nowhere else, and says no
more than that: congestion, a cable that is gone and a government's order all slow connections down.
While packets or routes of a place are cut, the speed of those that are left tells nothing of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from zicht.detect.apart import Apart, Manner, find_apart
from zicht.detect.blocks import enough
from zicht.detect.constants import PACKETS_DEAD
from zicht.detect.events import country_lookup
from zicht.model.time import MICROSECONDS, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from zicht.model.entity import EntityFact
    from zicht.model.health import Sickness
    from zicht.model.outage import Event, Outage
    from zicht.model.series import Series

SLOW = 50.0
"""Percent of ordinary speed: what is less slow at its worst, congestion and repairs bring about."""

_MANNER = Manner(
    "throttling",
    "connections of most countries became slower at once",
    lambda outage: outage.depth_percent < SLOW,
)


def find_slowdowns(
    series_list: Sequence[Series],
    facts: Mapping[str, EntityFact],
    as_of: datetime,
    *,
    cuts: Sequence[Outage] = (),
    known_outages: Sequence[Outage] = (),
    known_events: Sequence[Event] = (),
    known_sicknesses: Sequence[Sickness] = (),
) -> Apart:
    """Find where connections are slowed.

    Args:
        series_list: series of signals of ``throughput``; others are passed over.
        facts: what is known of entities, by their text.
        as_of: the time up to which data were to be expected.
        cuts: outages of packets and routes.
        known_outages: what was found of speeds before.
        known_events: likewise.
        known_sicknesses: what was found when more of the sources' entities were at hand.
    """
    country_of = country_lookup(facts)
    dead = [
        one
        for one in cuts
        if one.plane != "user" and one.depth_percent < PACKETS_DEAD and not one.retracted
    ]
    measured = [
        _while_up(enough(one), dead, country_of, as_of)
        for one in series_list
        if one.signal.throughput and len(one.values)
    ]
    return find_apart(
        measured,
        facts,
        as_of,
        _MANNER,
        known_outages=known_outages,
        known_events=known_events,
        known_sicknesses=known_sicknesses,
    )


def _while_up(
    series: Series,
    cuts: Sequence[Outage],
    country_of: Callable[[str], str | None],
    as_of: datetime,
) -> Series:
    """The series without the bins in which its entity, or its country, is cut off."""
    places = {series.entity, f"country/{country_of(series.entity)}"}
    begins = series.times
    ends = begins + series.signal.step * MICROSECONDS
    dead = np.zeros(len(begins), dtype=np.bool_)
    for one in cuts:
        if one.entity in places:
            last = as_of if one.end is None else one.end[1]
            dead |= (ends > to_microseconds(one.onset[0])) & (begins < to_microseconds(last))
    return replace(series, values=np.where(dead, np.nan, series.values))
