"""Labelled national outages as cases: the marks that they had, and whether they were ordered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from zicht.errors import UsageError
from zicht.explain.falls import Fall
from zicht.explain.fitting import Case
from zicht.explain.marks import Surroundings, end_marks, onset_marks
from zicht.place.zones import capital_zone
from zicht.score.named_shutdowns import is_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zicht.model.label import Label
    from zicht.model.outage import Interval
    from zicht.score.named_shutdowns import NamedShutdown

ORDERED = frozenset({"Exams", "Government-Ordered"})
"""Causes in IODA's list that are orders."""

Unknown = Literal["not-ordered", "left-out", "matched"]
"""What outages of unknown cause are taken for: not ordered; nothing, they are left out; or ordered
where the second list names a shutdown of that country and day, and else not."""

_EVER = datetime(2000, 1, 1, tzinfo=UTC)  # the list is of all countries, in all of its time
_COUNTRY = "country/"


def shutdown_cases(
    labels: Iterable[Label], named: Sequence[NamedShutdown], unknown: Unknown
) -> list[Case]:
    """The national outages among the labels that have begin, end and a zone, in order of time.

    Their places are known by country only; those before an outage in the same country are its past,
    those of others at the same time are what happened elsewhere.
    """
    outages = _outages(labels)
    elsewhere: dict[str, list[Interval]] = {}
    for one in outages:
        elsewhere.setdefault(_country(one), []).append(one.begin)
    cases = []
    for one in outages:
        country = _country(one)
        shutdown = _is_ordered(one, country, named, unknown)
        if shutdown is None:
            continue
        around = Surroundings(
            zone=capital_zone(country),
            earlier=[
                Fall(other.begin, other.end)
                for other in outages
                if _country(other) == country and other.begin < one.begin
            ],
            watched_since=_EVER,
            elsewhere={name: onsets for name, onsets in elsewhere.items() if name != country},
            others_watched=len(elsewhere),
        )
        fall = Fall(one.begin, one.end)
        cases.append(Case(country, onset_marks(fall, around), end_marks(fall, around), shutdown))
    return cases


def _outages(labels: Iterable[Label]) -> list[Label]:
    """One label of each national outage: they have one for each signal."""
    by_event: dict[str, Label] = {}
    for label in labels:
        if label.entity.startswith(_COUNTRY) and label.end is not None and _has_zone(label):
            by_event.setdefault(label.event, label)
    return sorted(by_event.values(), key=lambda label: (label.begin, label.event))


def _has_zone(label: Label) -> bool:
    try:
        capital_zone(_country(label))
    except UsageError:
        return False
    return True


def _country(label: Label) -> str:
    return label.entity.removeprefix(_COUNTRY)


def _is_ordered(
    label: Label, country: str, named: Sequence[NamedShutdown], unknown: Unknown
) -> bool | None:
    if label.cause not in {None, "Unknown"}:
        return label.cause in ORDERED
    if unknown == "left-out":
        return None
    return unknown == "matched" and is_named(named, country, label.begin)
