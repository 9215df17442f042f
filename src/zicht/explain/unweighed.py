"""Marks that the literature knows and no labels here support: shown, and without weight.

Sources: Bischof et al., "Destination Unreachable" (SIGCOMM 2023; spread of onsets, exams and
elections); Padmanabhan et al., "A multi-perspective view of Internet censorship in Myanmar" (FOCI
2021; mobile apart from fixed, nightly curfews, exempt networks); what RIPE Labs published of
Kazakhstan in January 2022 (routes up while packets are dead).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from zicht.explain.falls import middle, width
from zicht.explain.marks import SHARP
from zicht.model.outage import Event, Mark, Operator

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime, tzinfo

_FEW = 3  # operators, from which on a spread tells something
_TOGETHER = timedelta(minutes=30)
_EARLIER = timedelta(minutes=30)
_GRADUAL = timedelta(hours=3)


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """An exam, an election or the like, as the user gives it.

    Attributes:
        first: its first local day.
        last: its last.
        what: what it is, in the user's words.
    """

    first: date
    last: date
    what: str


def unweighed_marks(
    event: Event, *, measured: Collection[str], occasions: Sequence[Occasion], zone: tzinfo
) -> Iterator[Mark]:
    """The marks of an event that carry no weight.

    Args:
        event: the event.
        measured: the operators of its country that were measured at its onset.
        occasions: the calendar of its country.
        zone: its local clock.
    """
    yield from _spread(event)
    yield from _mobile_first(event)
    yield from _routes_up(event)
    yield from _exempt(event, measured)
    yield from _gradual(event)
    yield from _on_occasion(event, occasions, zone)


def _sharp(event: Event) -> list[Operator]:
    return [one for one in event.operators if width(one.onset) <= SHARP]


def _spread(event: Event) -> Iterator[Mark]:
    onsets = [middle(one.onset) for one in _sharp(event)]
    if len(onsets) < _FEW:
        return
    spread = max(onsets) - min(onsets)
    level = "together" if spread <= _TOGETHER else "spread"
    yield _mark("operators-onsets", level, n=len(onsets), minutes=_minutes(spread))


def _mobile_first(event: Event) -> Iterator[Mark]:
    first = {
        kind: min(onsets)
        for kind in ("mobile", "fixed")
        if (onsets := [middle(one.onset) for one in _sharp(event) if one.kind == kind])
    }
    if len(first) < len(("mobile", "fixed")):
        return
    lead = first["fixed"] - first["mobile"]
    if abs(lead) < _EARLIER:
        return
    level = "mobile" if lead > timedelta() else "fixed"
    yield _mark("first-network", level, minutes=_minutes(abs(lead)))


def _routes_up(event: Event) -> Iterator[Mark]:
    if any(phase.event_class == "routes-up-packets-dead" for phase in event.phases):
        yield _mark("routes-up-packets-dead", "yes")


def _exempt(event: Event, measured: Collection[str]) -> Iterator[Mark]:
    """How many of the measured operators were spared; never which: a way out may hang on it."""
    down = {one.entity for one in event.operators} & set(measured)
    if len(measured) >= _FEW and down and len(down) < len(measured):
        yield _mark("operators-spared", "some", n=len(measured) - len(down), of=len(measured))


def _gradual(event: Event) -> Iterator[Mark]:
    ends = [middle(one.end) for one in event.operators if one.end is not None]
    if event.end is None or len(ends) < _FEW or len(ends) < len(event.operators):
        return
    spread = max(ends) - min(ends)
    level = "gradual" if spread > _GRADUAL else "together"
    yield _mark("return", level, known_at_end=True, n=len(ends), minutes=_minutes(spread))


def _on_occasion(event: Event, occasions: Sequence[Occasion], zone: tzinfo) -> Iterator[Mark]:
    day = _local_day(middle(event.onset), zone)
    for one in occasions:
        if one.first <= day <= one.last:
            yield _mark("occasion", "on", what=one.what)


def _local_day(time: datetime, zone: tzinfo) -> date:
    return time.astimezone(zone).date()


def _minutes(length: timedelta) -> int:
    return round(length / timedelta(minutes=1))


def _mark(name: str, level: str, *, known_at_end: bool = False, **figures: object) -> Mark:
    return Mark(
        name=name,
        level=level,
        ratio=None,
        known="end" if known_at_end else "onset",
        figures={key: str(value) for key, value in figures.items()},
    )
