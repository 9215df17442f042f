"""How well shutdowns are told from other outages, in countries that the model never saw."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zicht.explain.fitting import fit_levels, fit_prior
from zicht.explain.weights import Shown, Weights, probability, total
from zicht.score.calibration import calibration_error, tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zicht.explain.fitting import Case

STAGES = ("onset", "after")

_STRETCHES = 5  # of the ratios, for what is shown of them


class LeftOut(NamedTuple):
    """What was said of cases by models that were fitted to all other countries.

    Attributes:
        weights: float64[n], the logarithms of likelihood ratios.
        percent: float64[n], the probabilities that the prior fitted elsewhere makes of them.
        shutdown: bool[n], what was so.
        countries: the country of each.
    """

    weights: NDArray[np.float64]
    percent: NDArray[np.float64]
    shutdown: NDArray[np.bool_]
    countries: tuple[str, ...]


class Quality(NamedTuple):
    """Figures of what was said.

    Attributes:
        cases: how many.
        shutdowns: how many of them were.
        auc: the probability that a shutdown gets more than another outage (ties count half).
        average_precision: the mean precision over the shutdowns, in order of what they got.
        calibration_error: the expected calibration error, a share.
    """

    cases: int
    shutdowns: int
    auc: float
    average_precision: float
    calibration_error: float


def model_of(cases: Sequence[Case], source: str, shown: Sequence[Shown] = ()) -> Weights:
    """The model that is fitted to cases."""
    levels = fit_levels(cases)
    return Weights(
        source=source,
        prior_percent=fit_prior(levels, cases),
        level=levels,
        shown=tuple(shown),
    )


def leave_countries_out(cases: Sequence[Case], stage: str) -> LeftOut:
    """Of each country's cases, what a model says that was fitted to all other countries'."""
    weights, percent = np.zeros(len(cases)), np.zeros(len(cases))
    for country in sorted({case.country for case in cases}):
        model = model_of([case for case in cases if case.country != country], "")
        for row, case in enumerate(cases):
            if case.country == country:
                marks = case.onset if stage == "onset" else case.onset | case.after
                weights[row] = total(model, marks)
                percent[row] = probability(weights[row], model.prior_percent)
    shutdown = np.array([case.shutdown for case in cases])
    return LeftOut(weights, percent, shutdown, tuple(case.country for case in cases))


def quality(said: LeftOut) -> Quality:
    """The figures of what was said; NaN where there is one kind alone."""
    return Quality(
        cases=len(said.shutdown),
        shutdowns=int(said.shutdown.sum()),
        auc=_auc(said.weights, said.shutdown),
        average_precision=_average_precision(said.percent, said.shutdown),
        calibration_error=calibration_error(tally(said.percent / 100, said.shutdown)),
    )


def shown_of(said: LeftOut, labels: str, stage: str) -> list[Shown]:
    """What was said and what was so, over stretches of the ratio that hold about equally many."""
    order = np.argsort(said.weights, kind="stable")
    return [_shown(said, rows, labels, stage) for rows in np.array_split(order, _STRETCHES)]


def folds(said: LeftOut) -> list[tuple[str, int, int, float, float]]:
    """By country: outages, shutdowns, and the mean percent that was said of either kind."""
    rows = []
    for country, count in sorted(Counter(said.countries).items(), key=lambda one: (-one[1], one)):
        own = np.array([other == country for other in said.countries])
        yes, no = own & said.shutdown, own & ~said.shutdown
        rows.append(
            (country, count, int(yes.sum()), _mean(said.percent[yes]), _mean(said.percent[no]))
        )
    return rows


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _shown(said: LeftOut, rows: NDArray[np.intp], labels: str, stage: str) -> Shown:
    return Shown(
        labels=labels,
        stage=stage,
        low=float(said.weights[rows].min()),
        high=float(said.weights[rows].max()),
        said=float(said.percent[rows].mean()),
        seen=100 * float(said.shutdown[rows].mean()),
        outages=len(rows),
        countries=len({said.countries[row] for row in rows}),
    )


def _auc(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Mann and Whitney's statistic, Annals of Mathematical Statistics 18:1 (1947), as a share."""
    yes, no = scores[positive], scores[~positive]
    if not len(yes) or not len(no):
        return float("nan")
    differences = np.sign(yes[:, None] - no[None, :])
    return float((differences.mean() + 1) / 2)


def _average_precision(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Equal scores are taken together, so that their order cannot matter."""
    if not positive.any():
        return float("nan")
    value, found, seen = 0.0, 0, 0
    for score in np.unique(scores)[::-1]:
        same = scores == score
        new = int(positive[same].sum())
        seen, found = seen + int(same.sum()), found + new
        value += new / positive.sum() * found / seen
    return float(value)
