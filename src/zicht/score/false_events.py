"""False events: false findings of one place that overlap are one thing to those who are told."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zicht.score.judge import Verdict


class FalseEvents(NamedTuple):
    """How many false events there were of some places.

    Attributes:
        events: how many.
        weeks: for how long each place was watched and quiet, by the series that was so longest,
            added up over the places.
    """

    events: int
    weeks: float


def false_events(verdicts: Iterable[Verdict]) -> dict[str, FalseEvents]:
    """The false events of countries (``national``) and of all else (``local``)."""
    stretches: dict[str, list[tuple[float, float]]] = defaultdict(list)
    weeks: dict[str, float] = defaultdict(float)
    for one in verdicts:
        entity = one.case.series.entity
        weeks[entity] = max(weeks[entity], one.weeks)
        for i in one.false:
            found = one.case.findings[i]
            stretches[entity].append((found.begin, math.inf if found.end is None else found.end))
    totals = {"national": FalseEvents(0, 0.0), "local": FalseEvents(0, 0.0)}
    for entity, watched in weeks.items():
        kind = "national" if entity.startswith("country/") else "local"
        before = totals[kind]
        totals[kind] = FalseEvents(
            before.events + _clusters(stretches[entity]), before.weeks + watched
        )
    return totals


def _clusters(stretches: list[tuple[float, float]]) -> int:
    clusters, until = 0, -math.inf
    for begin, end in sorted(stretches):
        clusters += begin > until
        until = max(until, end)
    return clusters
