"""What an event looks like, at its onset and after its end."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from zicht.explain.falls import Fall, falls_of, middle, told_of
from zicht.explain.marks import (
    Marks,
    Surroundings,
    countries_at_same_time,
    days_at_same_time,
    end_marks,
    onset_marks,
)
from zicht.explain.weights import Weights, is_shown, probability, total, weight_of, weights
from zicht.model.outage import Event, Mark, ShutdownLikelihood

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zicht.model.outage import Interval

_CLOCK = "%H:%M"


def explain(
    event: Event,
    around: Surroundings,
    unweighed: Iterable[Mark] = (),
    *,
    prior_percent: float | None = None,
    onsets: Sequence[Interval] = (),
    model: Weights | None = None,
) -> ShutdownLikelihood:
    """How much an event looks like an ordered shutdown rather than a fault.

    Args:
        event: the event.
        around: what is known around its onset; falls of its own are added to the past.
        unweighed: marks that carry no weight, to be carried along.
        prior_percent: the probability before any mark was seen; by default the labels' own share.
        onsets: of the outages of the event's entity, which date its falls.
        model: the weights; by default those that are shipped.

    Raises:
        ValueError: the prior is not between 0 and 100.
    """
    model = model or weights()
    prior = model.prior_percent if prior_percent is None else prior_percent
    if not 0 < prior < 100:  # noqa: PLR2004 - percent
        raise ValueError(f"a prior of {prior} % is not between 0 and 100")
    falls = falls_of(event, onsets)
    newest = told_of(falls)
    past = replace(around, earlier=[*around.earlier, *_before(falls, newest)])
    first = onset_marks(falls[0], around)
    onset, after = onset_marks(newest, past), end_marks(newest, past)
    ended = event.end is not None
    shown = (first if newest is falls[0] else onset) | (after if ended else {})
    return ShutdownLikelihood(
        at_onset=_ratio(model, first),
        at_recurrence=_recurrence(model, falls, around),
        after_end=_ratio(model, onset | after) if ended else None,
        prior_percent=round(prior, 1),
        percent_at_onset=_percent(model, "onset", first, prior),
        percent_after_end=_percent(model, "after", onset | after, prior) if ended else None,
        marks=(*_marks(model, newest, past, shown), *unweighed),
    )


def _before(falls: list[Fall], newest: Fall) -> list[Fall]:
    return [one for one in falls if one.onset[0] < newest.onset[0]]


def _recurrence(model: Weights, falls: list[Fall], around: Surroundings) -> float | None:
    if len(falls) == 1:
        return None
    past = replace(around, earlier=[*around.earlier, *falls[:-1]])
    return _ratio(model, onset_marks(falls[-1], past))


def _ratio(model: Weights, marks: Marks) -> float | None:
    return round(math.exp(total(model, marks)), 3) if marks else None


def _percent(model: Weights, stage: str, marks: Marks, prior: float) -> float | None:
    weight = total(model, marks)
    if not marks or not is_shown(model, stage, weight):
        return None
    return round(probability(weight, prior), 1)


def _marks(model: Weights, fall: Fall, around: Surroundings, known: Marks) -> list[Mark]:
    after = end_marks(fall, around)
    figures = _figures(fall, around)
    marks = []
    for name, level in known.items():
        weight = weight_of(model, name, level)
        marks.append(
            Mark(
                name=name,
                level=level,
                ratio=None if weight is None else round(math.exp(weight), 2),
                known="end" if name in after else "onset",
                figures=figures.get(name, {}),
            )
        )
    return marks


def _figures(fall: Fall, around: Surroundings) -> dict[str, dict[str, str]]:
    local = middle(fall.onset).astimezone(around.zone)
    clock = {"local": local.strftime(_CLOCK), "zone": str(around.zone)}
    figures = {
        "onset-minute": clock,
        "onset-hour": clock,
        "recurrence": clock | {"days": str(days_at_same_time(fall, around))},
        "elsewhere": {"countries": ", ".join(countries_at_same_time(fall, around))},
    }
    if fall.end is not None:
        hours = (middle(fall.end) - middle(fall.onset)).total_seconds() / 3600
        figures["duration"] = {"hours": f"{hours:.1f}"}
    return figures
