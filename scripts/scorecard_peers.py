"""The rules of others that ask for more than a run: strictness to be chosen, models to search."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from itertools import compress
from typing import TYPE_CHECKING

from zicht.detect.baselines import chocolatine, cusum, ioda, seasonal
from zicht.observe.scoring import ALERTS, OURS, judge_baseline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zicht.model.finding import Finding
    from zicht.model.series import Series
    from zicht.observe.scoring import Cases
    from zicht.score.judge import Verdict


def _ioda(series: Series, *, strictness: float) -> Sequence[Finding]:
    return ioda.find(series, rule=ioda.rule_of(series.signal)._replace(warning=1 - strictness))


def _cusum(series: Series, *, strictness: float) -> Sequence[Finding]:
    return cusum.find(series, delay=strictness)


def _seasonal(series: Series, *, strictness: float) -> Sequence[Finding]:
    return seasonal.find(series, width=strictness)


# The part of the median that may be lost; the delay in bins; the width in spreads.
_LADDERS: dict[str, tuple[Callable[..., Sequence[Finding]], tuple[float, ...]]] = {
    "IODA": (_ioda, (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)),
    "CUSUM": (_cusum, (0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 20.0, 40.0, 80.0)),
    "seasonal median": (_seasonal, (2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0, 90.0)),
}


def as_quiet_as(ours: list[Verdict], sides: Sequence[Cases]) -> dict[str, list[Verdict]]:
    """The others at the least strictness that gives no more false alerts than ours; ours first.

    The strictness is chosen on the very series that are scored, which is more than anyone could do
    in earnest. Who cannot be as quiet is left at the strictest.
    """
    budget = sum(len(one.false) for one in ours)
    verdicts = {OURS: ours}
    for name, (find, ladder) in _LADDERS.items():
        tried: dict[float, list[Verdict]] = {}
        low, high = 0, len(ladder) - 1
        while low <= high:
            middle = (low + high) // 2
            baseline = partial(find, strictness=ladder[middle])
            found = [one for side in sides for one in judge_baseline(baseline, side)]
            tried[ladder[middle]] = found
            if sum(len(one.false) for one in found) <= budget:
                high = middle - 1
            else:
                low = middle + 1
        strictness = ladder[min(low, len(ladder) - 1)]
        verdicts[f"{name} at {strictness:g}"] = tried[strictness]
    return verdicts


CHOCOLATINE = "Chocolatine"


def beside_chocolatine(
    ours: list[Verdict], alerts: list[Verdict], sides: Sequence[Cases]
) -> dict[str, list[Verdict]]:
    """Ours and Chocolatine's on the sample of series that are longer than its learning.

    None where statsmodels, which searches its models, is not installed.
    """
    if find_spec("statsmodels") is None:
        return {}
    theirs = [one for side in sides for one in judge_baseline(_chocolatine, side)]
    sample = [_is_long_enough(one.case.series) for one in ours]
    methods = {OURS: ours, ALERTS: alerts, CHOCOLATINE: theirs}
    return {name: list(compress(verdicts, sample)) for name, verdicts in methods.items()}


def _is_long_enough(series: Series) -> bool:
    return len(series.values) > chocolatine.learning_bins(series.signal.step)


def _chocolatine(series: Series) -> Sequence[Finding]:
    return chocolatine.find(series)
