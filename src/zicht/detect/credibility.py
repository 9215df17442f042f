"""Credibility: how likely it is that an outage that was found is real.

The highest probability that the filter reached is no such thing: it is the highest of many bins,
the filter looks for an outage every two weeks, and it knows of no other reason to lose much. Three
explanations are weighed here:

- a real outage, which comes about once a year;
- noise that the filter took for one: how often, given how sure the filter was and how much it had
  seen before, was fitted to generated series with and without injected outages
  (``benchmarks/credibility.py``), never to a recording;
- a loss of the series' own, such as a fault of its source. No evidence of that series tells it from
  an outage; only a signal that shares no input with it does, since two such losses seldom meet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from zicht.detect.constants import (
    CREDIBLE_AT_ONCE,
    CREDIBLE_BY_BELIEF,
    CREDIBLE_BY_HISTORY,
    OUTAGES_A_YEAR,
    OWN_LOSSES_A_YEAR,
)
from zicht.detect.fusion import independent_groups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from zicht.model.outage import Outage
    from zicht.model.signal import Plane, Signal

_SURE = 1e-12
_SHORTEST_HISTORY = 1 / 24  # days
_DAYS_A_YEAR = 365.25
_DECIMALS = 4


def fell(highest_belief: float, history_days: float) -> float:
    """Probability that what was found is no noise: that the series fell, for whatever reason.

    Args:
        highest_belief: the highest probability that the filter reached in it.
        history_days: days of values before it.
    """
    belief = min(max(highest_belief, _SURE), 1 - _SURE)
    log_odds = (
        CREDIBLE_AT_ONCE
        + CREDIBLE_BY_BELIEF * math.log(belief / (1 - belief))
        + CREDIBLE_BY_HISTORY * math.log(max(history_days, _SHORTEST_HISTORY))
    )
    return 1 / (1 + math.exp(-log_odds))


def credibility(highest_belief: float, history_days: float, plane: Plane) -> float:
    """Probability that an outage is real by its own series alone; the arguments are ``fell``'s."""
    probability = fell(highest_belief, history_days)
    noise = (1 - probability) / probability
    return 1 / (1 + noise + OWN_LOSSES_A_YEAR[plane] / OUTAGES_A_YEAR)


def corroborate(
    outages: Sequence[Outage],
    signals: Mapping[str, Signal],
    country_of: Callable[[str], str | None],
    as_of: datetime,
) -> list[Outage]:
    """Raise the belief of outages that signals which share no input with theirs show too.

    An outage's witnesses are outages of the same entity, or of its country, that overlap it. What
    each would be without an outage would have to have met it by chance; of signals that depend on
    one another only the surest speaks.

    Args:
        outages: all outages, each with the belief that its own series gives it.
        signals: the specs, by name.
        country_of: the country of an entity's text, or ``None``.
        as_of: the end of those that have none.
    """
    spans = [
        _Span(one, signals[one.signal], one.onset[0], as_of if one.end is None else one.end[1])
        for one in outages
    ]
    by_entity: dict[str, list[_Span]] = {}
    for span in spans:
        by_entity.setdefault(span.outage.entity, []).append(span)
    found = []
    for span in spans:
        places = {span.outage.entity, f"country/{country_of(span.outage.entity)}"}
        others = (one for place in sorted(places) for one in by_entity.get(place, ()))
        found.append(
            msgspec.structs.replace(span.outage, belief=round(_belief(span, others), _DECIMALS))
        )
    return found


@dataclass(frozen=True)
class _Span:
    outage: Outage
    signal: Signal
    begin: datetime
    end: datetime

    @property
    def against(self) -> float:
        """Odds that it is none, by its own series."""
        return (1 - self.outage.belief) / max(self.outage.belief, _SURE)

    def overlaps(self, other: _Span) -> bool:
        return self.begin <= other.end and other.begin <= self.end

    def meeting(self, other: _Span) -> float:
        """Chance of meeting the other by chance, for as often as that comes without an outage."""
        both: timedelta = (self.end - self.begin) + (other.end - other.begin)
        years = both.total_seconds() / 86_400 / _DAYS_A_YEAR
        return min(other.against * OUTAGES_A_YEAR * years, 1.0)


def _belief(span: _Span, others: Iterable[_Span]) -> float:
    witnesses = [one for one in others if one is not span and span.overlaps(one)]
    groups = independent_groups([span.signal, *(one.signal for one in witnesses)])
    against = span.against
    for group in groups:
        if 0 not in group:  # the outage's own group says nothing new
            against *= min(span.meeting(witnesses[position - 1]) for position in group)
    return 1 / (1 + against)
