"""Blocks of services: a messenger or web sites that fail their tests while all else may be up.

They are found in the share of a service's tests that show no sign of interference. Each makes an
event by itself, of the class ``platform-block``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from zicht.detect.apart import Apart, Manner, find_apart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from zicht.model.entity import EntityFact
    from zicht.model.health import Sickness
    from zicht.model.outage import Event, Outage
    from zicht.model.series import Series

FEWEST_TESTS = 20
"""Of fewer tests in a bin a share says little: with 19, one that fails is five points."""

_MANNER = Manner("platform-block", "the service failed its tests in most countries at once")


def find_blocks(
    series_list: Sequence[Series],
    facts: Mapping[str, EntityFact],
    as_of: datetime,
    *,
    known_outages: Sequence[Outage] = (),
    known_events: Sequence[Event] = (),
    known_sicknesses: Sequence[Sickness] = (),
) -> Apart:
    """Find where services are blocked.

    Args:
        series_list: series of signals with a ``platform``; others are passed over.
        facts: what is known of entities, by their text.
        as_of: the time up to which data were to be expected.
        known_outages: what was found of services before.
        known_events: likewise.
        known_sicknesses: what was found when more of the sources' entities were at hand.
    """
    tested = [enough(one) for one in series_list if one.signal.platform and len(one.values)]
    return find_apart(
        tested,
        facts,
        as_of,
        _MANNER,
        known_outages=known_outages,
        known_events=known_events,
        known_sicknesses=known_sicknesses,
    )


def enough(series: Series) -> Series:
    """The series without the bins of which too few were counted."""
    few = series.samples < FEWEST_TESTS  # unknown is not few
    return replace(series, values=np.where(few, np.nan, series.values))
