"""Fitting what marks weigh to labelled outages."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from zicht.explain.weights import MOST, Level, Weights, probability, total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.explain.marks import Marks

SMOOTHING = 4.0
"""Outages that are added to each side, spread over the levels as all outages are (a Dirichlet prior
about the common shares), so that what was seen seldom weighs little."""


ONE_SIDED = frozenset({"onset-hour", "recurrence", "same-duration"})
"""Marks that speak for a shutdown where they are there, and against none where they are not: most
shutdowns come once, and that a first one does not look like a nightly curfew tells nothing."""


_HALVINGS = 40


class Case(NamedTuple):
    """A labelled outage.

    Attributes:
        country: where it was.
        onset: its marks at the onset.
        after: those that its end adds.
        shutdown: whether it was ordered.
    """

    country: str
    onset: Marks
    after: Marks
    shutdown: bool


def fit_levels(cases: Sequence[Case]) -> tuple[Level, ...]:
    """What each level of each mark weighs.

    Raises:
        ValueError: the cases are all of one kind.
    """
    shutdowns = [case for case in cases if case.shutdown]
    others = [case for case in cases if not case.shutdown]
    if not shutdowns or not others:
        raise ValueError("There must be shutdowns and other outages to fit to.")
    names = sorted({name for case in cases for name in (*case.onset, *case.after)})
    return tuple(level for name in names for level in _levels(name, shutdowns, others))


def _levels(name: str, shutdowns: Sequence[Case], others: Sequence[Case]) -> list[Level]:
    had, had_not = _counts(name, shutdowns), _counts(name, others)
    all_ = had + had_not
    return [
        Level(
            mark=name,
            level=level,
            weight=_weight(name, _share(had, all_, level) / _share(had_not, all_, level)),
            shutdowns=had[level],
            others=had_not[level],
            countries=len({one.country for one in shutdowns if _level(one, name) == level}),
        )
        for level in sorted(all_)
    ]


def _share(counts: Counter[str], all_: Counter[str], level: str) -> float:
    usual = all_[level] / all_.total()
    return (counts[level] + SMOOTHING * usual) / (counts.total() + SMOOTHING)


def _weight(name: str, ratio: float) -> float:
    least = 0.0 if name in ONE_SIDED else -MOST
    return max(least, min(MOST, math.log(ratio)))


def _counts(name: str, cases: Sequence[Case]) -> Counter[str]:
    return Counter(level for case in cases if (level := _level(case, name)) is not None)


def _level(case: Case, name: str) -> str | None:
    return case.onset.get(name, case.after.get(name))


def fit_prior(levels: Sequence[Level], cases: Sequence[Case]) -> float:
    """The prior, in percent, with which probabilities come out right on the whole.

    It is below the share of shutdowns among the cases, for marks that can only speak for one make
    up the difference.
    """
    model = Weights(source="", prior_percent=50.0, level=tuple(levels))
    weights = [
        total(model, marks) for case in cases for marks in (case.onset, case.onset | case.after)
    ]
    wanted = 100 * sum(case.shutdown for case in cases) / len(cases)
    low, high = 0.01, 99.99
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        mean = math.fsum(probability(weight, middle) for weight in weights) / len(weights)
        low, high = (middle, high) if mean < wanted else (low, middle)
    return (low + high) / 2
