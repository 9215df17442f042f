"""Findings of one series held against its labels: which met one, which are false."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zicht.score.truth import (
    DOUBTFUL,
    DOWN,
    QUIET,
    data_go_on,
    margin_of,
    quiet_weeks,
    span_of,
    why_not_scoreable,
    zones_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.model.finding import Finding
    from zicht.model.label import Label
    from zicht.model.series import Series
    from zicht.score.truth import LabelBook, Span


@dataclass(frozen=True)
class Case:
    """What one detector says of one series.

    Attributes:
        series: the series.
        findings: what it found.
        beliefs: how sure it is of each finding, from 0 to 1; empty where it does not say.
        belief: float64[n]: its probability of an outage in each bin with the data up to it, or
            ``None`` where it does not say.
    """

    series: Series
    findings: tuple[Finding, ...]
    beliefs: tuple[float, ...] = ()
    belief: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Trial:
    """A label held against one series.

    Attributes:
        label: the label.
        series: the series.
        reason: why the series could not show it; empty where it could.
        findings: those that met it, by begin.
        end_shows: whether the data go on after its end.
    """

    label: Label
    series: Series
    reason: str
    findings: tuple[Finding, ...]
    end_shows: bool

    @property
    def scoreable(self) -> bool:
        """Whether the series could show it."""
        return not self.reason

    @property
    def found(self) -> bool:
        """Whether any finding met it."""
        return bool(self.findings)


@dataclass(frozen=True)
class Verdict:
    """What the labels say of one case.

    Attributes:
        case: the case.
        trials: one for each label that applies.
        met: the positions of findings that met a label.
        false: the positions of findings that began while all was quiet.
        doubtful: the positions of the others, of which nobody can say.
        weeks: how long the series was watched and quiet.
        bins: int8[n]: what is known of each bin; ``DOUBTFUL`` where it has no value.
    """

    case: Case
    trials: tuple[Trial, ...]
    met: tuple[int, ...]
    false: tuple[int, ...]
    doubtful: tuple[int, ...]
    weeks: float
    bins: NDArray[np.int8]


def judge(case: Case, book: LabelBook) -> Verdict:
    """Hold the findings of a case against its labels.

    A finding meets a label when it began within it or a margin before, and the alert came before
    its end or a margin after. One that meets none is false when it began while all was quiet.
    """
    series = case.series
    zones, margin = zones_of(series, book), margin_of(series)
    meetings = []
    trials = []
    for label in book.of(series):
        span = span_of(label)
        meeting = [i for i, one in enumerate(case.findings) if _meets(one, span, margin)]
        meetings += meeting
        trials.append(
            Trial(
                label=label,
                series=series,
                reason=why_not_scoreable(series, label),
                findings=tuple(sorted((case.findings[i] for i in meeting), key=lambda f: f.begin)),
                end_shows=data_go_on(series, span.end_latest),
            )
        )
    met = sorted(set(meetings))
    others = [i for i in range(len(case.findings)) if i not in set(met)]
    quiet = zones.at(np.array([case.findings[i].begin for i in others], dtype=np.int64)) == QUIET
    bins = zones.at(series.times)
    bins[np.isnan(series.values)] = DOUBTFUL
    return Verdict(
        case=case,
        trials=tuple(trials),
        met=tuple(met),
        false=tuple(i for i, is_quiet in zip(others, quiet, strict=True) if is_quiet),
        doubtful=tuple(i for i, is_quiet in zip(others, quiet, strict=True) if not is_quiet),
        weeks=quiet_weeks(series, zones),
        bins=bins,
    )


def _meets(finding: Finding, span: Span, margin: int) -> bool:
    return (
        span.earliest - margin <= finding.begin < span.end_latest
        and (finding.end is None or finding.end > span.earliest)
        and finding.alerted <= span.end_latest + margin
    )


def is_known(bins: NDArray[np.int8]) -> NDArray[np.bool_]:
    """bool[n]: the bins of which the labels say whether they are down."""
    return np.asarray((bins == QUIET) | (bins == DOWN))
