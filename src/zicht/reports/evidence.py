"""What there is to hold claims against, and which of it is of a claim's place, scope and time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from zicht.model.claim import Measured, Spell, SubClaim
from zicht.reports.localities import is_local, measured_as
from zicht.reports.measured import View, in_order, look

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from zicht.model.belief import Assessment
    from zicht.model.claim import Claim, Value, Verdict
    from zicht.model.entity import EntityFact
    from zicht.model.outage import Event

AROUND = timedelta(hours=1)
"""A time of the clock is met within so much."""

LONGEST = timedelta(days=120)
"""Of a longer window nothing is said."""

VAGUE = frozenset({"month", "year", "unknown"})
"""Precisions of a time that is too vague for silence to speak."""


@dataclass(frozen=True)
class Evidence:
    """What there is to hold claims against.

    Attributes:
        assessments: every series of connectivity, with its expectation and belief.
        events: what was found, blocks of services among them.
        facts: what is known of entities, by their text.
        simulated: whether any of it is of the lab and no measurement.
        speeds: every series of speeds, assessed likewise.
        tests: every series of tests of a service, assessed likewise.
    """

    assessments: tuple[Assessment, ...] = ()
    events: tuple[Event, ...] = ()
    facts: Mapping[str, EntityFact] = field(default_factory=dict)
    simulated: bool = False
    speeds: tuple[Assessment, ...] = ()
    tests: tuple[Assessment, ...] = ()


class Why(NamedTuple):
    """The reason of a verdict: its code, and the names and numbers in it."""

    code: str
    values: Mapping[str, Value] = {}


class Window(NamedTuple):
    """The time in which something is to be seen."""

    start: datetime
    until: datetime


def part(
    claim: Claim,
    code: str,
    verdict: Verdict,
    why: Why,
    measured: Iterable[Measured] = (),
    *,
    window: Window | None = None,
    **values: Value,
) -> SubClaim:
    """A part of a claim with what was found of it.

    Args:
        claim: the claim, whose place and scope it has.
        code: what is checked.
        verdict: what was found.
        why: why.
        measured: what the series showed.
        window: the time that was looked at.
        values: names and numbers of what is checked.
    """
    place = claim.place
    return SubClaim(
        code=code,
        verdict=verdict,
        reason_code=why.code,
        values={
            "entity": place.entity,
            "name": (place.name or None) if is_local(place) else None,
            "scope": claim.scope,
            **({"operators_named": named} if (named := operators_of(claim)) else {}),
            **values,
            **why.values,
        },
        start=window.start if window else None,
        until=window.until if window else None,
        measured=tuple(measured),
    )


def operators_of(claim: Claim) -> tuple[str, ...]:
    """The operators that a claim names."""
    return tuple(sorted({one for one in claim.service if one.startswith("asn/")}))


def window_of(claim: Claim) -> Window | Why:
    """The time in which it is to be seen, or why none can be told."""
    if claim.place.entity is None:
        return Why("place-unknown")
    start, until = claim.time.start, claim.time.until
    if start is None or until is None:
        return Why("day-unknown")
    if until - start > LONGEST:
        return Why("time-too-long", {"days": (until - start).days})
    if claim.time.precision in {"minute", "hour"}:
        return Window(start - AROUND, until + AROUND)
    return Window(start, until)


def views_of(claim: Claim, evidence: Evidence, window: Window) -> tuple[list[View], Why]:
    """What the series of connectivity of the place and scope show, or why there is none."""
    chosen, why = chosen_of(claim, evidence, evidence.assessments)
    return seen_in(chosen, window, why)


def seen_in(chosen: Sequence[Assessment], window: Window, why: Why) -> tuple[list[View], Why]:
    """What series show in a time, those first that speak first, or why none shows anything."""
    seen = [one for one in in_order([look(a, *window) for a in chosen]) if one.lowest is not None]
    return seen, Why("no-value") if chosen and not seen else why


def chosen_of(
    claim: Claim, evidence: Evidence, assessments: Sequence[Assessment]
) -> tuple[list[Assessment], Why]:
    """The series of a claim's place and scope, and why there is none.

    A region or a town is never held against the series of its country or of operators in it.
    """
    local = is_local(claim.place)
    named = operators_of(claim)
    kinds = {*claim.scope} & {"mobile", "fixed"}
    if local and (named or (kinds and "all" not in claim.scope)):
        return [], Why("no-operator-of-place")
    if named:
        own = [
            one
            for one in assessments
            if one.series.entity in named or one.series.entity.rpartition("/")[0] in named
        ]
        return own, Why("no-series-of-operators", {"operators": named})
    if kinds and "all" not in claim.scope:
        wanted = {*kinds, "mixed"} if len(kinds) > 1 else kinds
        own = [
            one
            for one in assessments
            if _kind(evidence, one.series.entity) in wanted
            and _country(evidence, one.series.entity) == claim.place.country
        ]
        return own, Why("no-operator-of-kind", {"kinds": tuple(sorted(kinds))})
    if not {*claim.scope} & {"all", "operators", "mobile", "fixed"}:
        return [], Why("services-alone")
    entity = claim.place.entity
    if local:
        entity = measured_as(claim.place, {one.series.entity for one in assessments})
    own = [one for one in assessments if one.series.entity == entity]
    return own, Why("place-not-measured" if local else "no-series")


def _kind(evidence: Evidence, entity: str) -> str:
    fact = evidence.facts.get(entity)
    return fact.kind if fact else ""


def _country(evidence: Evidence, entity: str) -> str | None:
    fact = evidence.facts.get(entity)
    return fact.country if fact else None


def shown_by(view: View) -> dict[str, Value]:
    """Which series shows it, for a reason: its signal and what it is of."""
    return {"signal": view.signal, "series_entity": view.assessment.series.entity}


def measured(view: View) -> Measured:
    """What a series showed, as it is told."""
    signal = view.assessment.series.signal
    return Measured(
        signal=signal.name,
        title=signal.title,
        entity=view.assessment.series.entity,
        plane=signal.plane,
        lowest_percent=None if view.lowest is None else round(view.lowest, 2),
        lowest_at=view.lowest_at,
        seen_percent=round(100 * view.coverage, 1),
        spells=tuple(
            Spell(start=one.start, until=one.end, percent=round(one.percent, 2), down=one.down)
            for one in view.stretches
        ),
    )
