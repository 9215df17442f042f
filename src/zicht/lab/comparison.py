"""What was found beside what was published.

A reconstruction is made from some of the published times, so this says whether the pipeline finds
what went in, within the doubts of those who published. It is no evidence about the world.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from zicht.lab.signals import HEARD_FROM

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from zicht.lab.facts import Fact
    from zicht.lab.scenario import FaultRow, Scenario
    from zicht.model.health import Sickness
    from zicht.model.outage import Event, Interval, Outage

What = Literal[
    "mobile begins", "blackout begins", "depth", "window", "blackout ends", "sick source"
]


@dataclass(frozen=True)
class Comparison:
    """One thing that was to be found.

    Attributes:
        what: which.
        published: the published times: whose, and from when to when; the doubts are not in them.
        found: the interval that was found, or ``None``.
        percent_published: the published percentages, lowest and highest.
        percent_found: the percentage that was found.
        agrees: whether what was found lies within what was published and its doubts.
    """

    what: What
    published: tuple[tuple[str, datetime, datetime | None], ...]
    found: Interval | None
    agrees: bool
    percent_published: tuple[float, float] | None = None
    percent_found: float | None = None


def compare_with_facts(
    scenario: Scenario,
    event: Event | None,
    outages: Sequence[Outage],
    sicknesses: Sequence[Sickness],
) -> list[Comparison]:
    """Lay the event that was found beside the table of facts.

    Args:
        scenario: what the world was made from; its first country is the one that it is about.
        event: the country's event, or ``None`` where none was found.
        outages: all outages that were found, of neighbours too.
        sicknesses: the stretches in which sources were held to be sick.
    """
    country = f"country/{scenario.countries[0].code}"
    own = [outage for outage in outages if event is not None and outage.id in event.outages]
    national = [one for one in own if one.entity == country and one.plane == "data"]
    mobile = {f"asn/{row.asn}" for row in scenario.operators if row.kind == "mobile"}
    mobiles = [one for one in own if one.entity in mobile and one.plane == "user"]
    return [
        _onset("mobile begins", scenario, scenario.published("mobile-begins"), mobiles),
        _onset("blackout begins", scenario, scenario.published("blackout-begins"), national),
        _depth(scenario, event),
        *_windows(scenario, event),
        _end(scenario, event, national),
        *_sickness(scenario, outages, sicknesses),
    ]


def _publisher(scenario: Scenario, fact: Fact) -> str:
    return scenario.publication(fact).publisher


def _said(
    scenario: Scenario, rows: Sequence[Fact]
) -> tuple[tuple[str, datetime, datetime | None], ...]:
    return tuple((_publisher(scenario, row), row.begin, row.end) for row in rows)


def _begins(rows: Sequence[Fact]) -> Interval:
    """From the earliest to the latest begin that somebody published, doubts included."""
    return (
        min(row.begin - timedelta(minutes=row.doubt_minutes) for row in rows),
        max(row.begin + timedelta(minutes=row.doubt_minutes) for row in rows),
    )


def _touch(one: Interval, other: Interval) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _onset(
    what: What, scenario: Scenario, rows: Sequence[Fact], outages: Sequence[Outage]
) -> Comparison:
    found = min((one.onset for one in outages), default=None)
    agrees = found is not None and _touch(found, _begins(rows))
    return Comparison(what, _said(scenario, rows), found, agrees)


def _depth(scenario: Scenario, event: Event | None) -> Comparison:
    rows = scenario.chosen("blackout-depth")
    low = min(row.percent_low for row in rows if row.percent_low is not None)
    high = max(row.percent_high for row in rows if row.percent_high is not None)
    percent = None if event is None else event.depth_percent
    return Comparison(
        "depth",
        _said(scenario, rows),
        None,
        agrees=percent is not None and low <= percent <= high,
        percent_published=(low, high),
        percent_found=percent,
    )


def _windows(scenario: Scenario, event: Event | None) -> list[Comparison]:
    """Each published window with the restoration that overlaps it the longest."""
    restorations = () if event is None else event.restorations
    rows = []
    for fact in scenario.chosen("window", "window-largely"):
        if fact.end is None:
            continue
        window = (fact.begin, fact.end)
        doubt = timedelta(minutes=fact.doubt_minutes)
        spans = [
            (one.start, one.end) for one in restorations if _touch((one.start, one.end), window)
        ]
        found = max(spans, key=lambda span: _overlap(span, window), default=None)
        agrees = found is not None and all(
            abs(mine - theirs) <= doubt for mine, theirs in zip(found, window, strict=True)
        )
        rows.append(Comparison("window", _said(scenario, [fact]), found, agrees))
    return rows


def _overlap(one: Interval, other: Interval) -> timedelta:
    return min(one[1], other[1]) - max(one[0], other[0])


def _end(scenario: Scenario, event: Event | None, outages: Sequence[Outage]) -> Comparison:
    chosen = scenario.chosen("blackout-ends")
    said = _said(scenario, scenario.published("blackout-ends"))
    ends = [one.end for one in outages]
    over = event is not None and event.end is not None
    if not over or not ends or None in ends:
        return Comparison("blackout ends", said, None, agrees=False)
    found = max(end for end in ends if end is not None)
    slowest = max(row.return_minutes for row in scenario.happenings)
    pace = timedelta(minutes=slowest)  # it takes that long to be ordinary again
    early, late = _begins(chosen)
    return Comparison("blackout ends", said, found, _touch(found, (early, late + pace)))


def _sickness(
    scenario: Scenario, outages: Sequence[Outage], sicknesses: Sequence[Sickness]
) -> list[Comparison]:
    """Each sickness of a source that was assumed; it agrees when it was said and is no outage."""
    return [
        _one_sickness(scenario, row, outages, sicknesses)
        for row in scenario.faults
        if row.kind == "zeros"
    ]


def _one_sickness(
    scenario: Scenario,
    row: FaultRow,
    outages: Sequence[Outage],
    sicknesses: Sequence[Sickness],
) -> Comparison:
    span = (row.begin, row.end or row.begin)
    spans = [
        (one.start, one.end)
        for one in sicknesses
        if row.source in HEARD_FROM.get(one.signal, ()) and _touch((one.start, one.end), span)
    ]
    found = max(spans, key=lambda one: _overlap(one, span), default=None)
    neighbours = {f"country/{country.code}" for country in scenario.countries[1:]}
    false = [one for one in outages if one.entity in neighbours and _touch(one.onset, span)]
    return Comparison(
        "sick source", (("lab", row.begin, row.end),), found, agrees=found is not None and not false
    )
