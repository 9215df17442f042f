"""What a detector got wrong, one by one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

import msgspec

from zicht.model.time import from_microseconds, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zicht.model.finding import Finding
    from zicht.score.judge import Trial, Verdict


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A label that was missed, or an alert where nothing is attested.

    Attributes:
        method: the detector.
        data: ``recorded`` or ``simulated``.
        kind: ``missed``; ``merged`` for a label that was not found by itself, since the finding of
            an earlier one went on through it; ``false``; ``doubtful`` for an alert near a label, of
            which nobody says whether it is right.
        signal: the signal's name.
        entity: the entity's text.
        begin: when the label's outage began at the earliest, or the finding.
        end: when it ended at the latest, or ``None``.
        event: the label's event, or ``None``.
        belief: the probability that the detector gave its finding; of a missed label the highest
            that it reached within it; ``None`` where it does not say.
    """

    method: str
    data: str
    kind: Literal["missed", "merged", "false", "doubtful"]
    signal: str
    entity: str
    begin: datetime
    end: datetime | None
    event: str | None = None
    belief: float | None = None


def failures(verdicts: dict[str, Sequence[Verdict]]) -> Iterator[Failure]:
    """The failures of each detector, in the order of its verdicts."""
    for method, group in verdicts.items():
        for one in group:
            for trial in one.trials:
                if trial.scoreable and not trial.found:
                    yield _missed(method, one, trial)
            for i in one.false:
                yield _alert(method, one, i, "false")
            for i in one.doubtful:
                yield _alert(method, one, i, "doubtful")


def _missed(method: str, verdict: Verdict, trial: Trial) -> Failure:
    label = trial.label
    times = verdict.case.series.times
    belief = None
    if verdict.case.belief is not None:
        inside = times >= to_microseconds(label.begin[0])
        if label.end is not None:
            inside &= times < to_microseconds(label.end[1])
        belief = float(verdict.case.belief[inside].max()) if inside.any() else None
    return Failure(
        method=method,
        data=_data(verdict),
        kind="merged" if _is_merged(verdict, trial) else "missed",
        signal=trial.series.signal.name,
        entity=label.entity,
        begin=label.begin[0],
        end=None if label.end is None else label.end[1],
        event=label.event,
        belief=belief,
    )


def _is_merged(verdict: Verdict, trial: Trial) -> bool:
    begin = to_microseconds(trial.label.begin[1])
    met = (verdict.case.findings[i] for i in verdict.met)
    return any(one.begin < begin and (one.end is None or one.end > begin) for one in met)


def _alert(
    method: str, verdict: Verdict, position: int, kind: Literal["false", "doubtful"]
) -> Failure:
    finding: Finding = verdict.case.findings[position]
    return Failure(
        method=method,
        data=_data(verdict),
        kind=kind,
        signal=verdict.case.series.signal.name,
        entity=verdict.case.series.entity,
        begin=from_microseconds(finding.begin),
        end=None if finding.end is None else from_microseconds(finding.end),
        belief=verdict.case.beliefs[position] if verdict.case.beliefs else None,
    )


def _data(verdict: Verdict) -> str:
    return "simulated" if verdict.case.series.simulated else "recorded"
