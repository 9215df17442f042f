"""What each mark weighs: a small, printed model.

A level of a mark weighs the logarithm of how much more often ordered shutdowns had it than other
outages (the weight of evidence: Good, *Probability and the Weighing of Evidence*, 1950). Weights of
marks add up, as if marks were independent of one another given what the outage was. The figures are
in ``weights.toml``, fitted to labelled outages; the file says to which.
"""

from __future__ import annotations

import math
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from zicht.explain.marks import Marks

MOST = math.log(20)
"""No single mark weighs more: what a heavier weight would rest on are labels of two countries."""


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """One level of a mark.

    Attributes:
        mark: the mark's name.
        level: the level's name.
        weight: the natural logarithm of the likelihood ratio.
        shutdowns: how many ordered shutdowns among the labels had it.
        others: how many other outages had it.
        countries: in how many countries those shutdowns were.
    """

    mark: str
    level: str
    weight: float
    shutdowns: int
    others: int
    countries: int


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A range of likelihood ratios, and how right it was on countries that were left out.

    Attributes:
        labels: which labels: ``all``, or those without the countries that fill the list.
        stage: ``onset`` or ``after``.
        low: the lowest logarithm of the ratio.
        high: the highest.
        said: the mean probability that was given, percent, at the labels' own prior.
        seen: how many percent of the outages were ordered shutdowns.
        outages: how many.
        countries: in how many countries they were.
    """

    labels: str
    stage: str
    low: float
    high: float
    said: float
    seen: float
    outages: int
    countries: int


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """The model.

    Attributes:
        source: which labels it was fitted to.
        prior_percent: the probability of an ordered shutdown before any mark is seen, with which
            probabilities come out right on the whole.
        level: the levels of the marks.
        shown: where probabilities were held against what was so.
    """

    source: str
    prior_percent: float
    level: tuple[Level, ...]
    shown: tuple[Shown, ...] = ()


@cache
def weights() -> Weights:
    """The model that is used."""
    return msgspec.toml.decode((files("zicht.explain") / "weights.toml").read_bytes(), type=Weights)


def weight_of(model: Weights, mark: str, level: str) -> float | None:
    """What a level weighs, or ``None`` where no label had it."""
    for one in model.level:
        if (one.mark, one.level) == (mark, level):
            return one.weight
    return None


def total(model: Weights, marks: Marks) -> float:
    """The logarithm of the likelihood ratio of marks together; nothing known is zero."""
    weighed = (weight_of(model, mark, level) for mark, level in marks.items())
    return math.fsum(weight for weight in weighed if weight is not None)


def probability(weight: float, prior_percent: float) -> float:
    """The probability in percent that a likelihood ratio (its logarithm) makes of a prior."""
    odds = math.log(prior_percent / (100 - prior_percent)) + weight
    return 100 / (1 + math.exp(-odds))


_FEWEST = 20  # outages
_COUNTRIES = 3
_GAP = 10.0  # points of percent


def is_shown(model: Weights, stage: str, weight: float) -> bool:
    """Whether probabilities from such a ratio were shown to be right, on countries left out.

    That takes 20 outages in three countries at least, and a mean of what was said no further than
    ten points from what was so; among all labels, and again among those without the countries that
    fill the list.
    """
    groups = {one.labels for one in model.shown if one.stage == stage}
    held = {one.labels for one in model.shown if one.stage == stage and _holds(one, weight)}
    return bool(groups) and groups == held


def _holds(one: Shown, weight: float) -> bool:
    return (
        one.low <= weight <= one.high
        and one.outages >= _FEWEST
        and one.countries >= _COUNTRIES
        and abs(one.said - one.seen) <= _GAP
    )
