"""Detection over a store held against labels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from zicht.detect.events import country_lookup
from zicht.errors import InputError, NotFoundError
from zicht.observe.alerting import alerts_since, finding_of
from zicht.observe.detection import detect_in_store
from zicht.observe.facts import known_facts
from zicht.observe.files import read_file
from zicht.score.failures import Failure, failures
from zicht.score.figures import Scores, score
from zicht.score.judge import Case, Verdict, judge
from zicht.score.labels import LabelFile, parse_labels
from zicht.score.truth import LabelBook

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from zicht.model.finding import Finding
    from zicht.model.outage import Outage
    from zicht.model.series import Series
    from zicht.store import Store

    Baseline = Callable[[Series], Sequence[Finding]]

OURS = "zicht"
"""Our own detector: every outage that it finds."""

ALERTS = "zicht, alerts"
"""The outages of those events that are alerts: two independent sources, or one beyond doubt."""


@dataclass(frozen=True)
class Scored:
    """Detectors held against labels.

    Attributes:
        scores: the figures.
        failures: what each detector got wrong.
        verdicts: what the labels say of each series, by detector.
        unused: how many labels speak of no series that is stored.
    """

    scores: Scores
    failures: tuple[Failure, ...]
    verdicts: dict[str, list[Verdict]]
    unused: int


def read_labels(path: str, *, skip_bad: bool = False) -> LabelFile:
    """Read a label file: our own CSV or TOML, the lab's truth, IODA's investigated outages.

    Raises:
        BadRowError: a row cannot be read and bad ones are not to be skipped.
        InputError: it cannot be read, is no label file, or holds nothing.
    """
    file = parse_labels(read_file(path), name=path, skip_bad=skip_bad)
    if not file.labels and not file.quiet:
        raise InputError(f"{path} holds no labels.", "Is it the right file?")
    return file


def score_store(
    store: Store,
    file: LabelFile,
    *,
    signals: Collection[str] | None = None,
    baselines: Mapping[str, Baseline] | None = None,
) -> Scored:
    """Detect over what the store holds and hold the findings against labels; write nothing.

    Args:
        store: the store.
        file: the labels.
        signals: score only series of these; all are used for detection.
        baselines: other detectors to score on the same series, by name.

    Raises:
        NotFoundError: the store holds no series of these signals.
        StoreError: the store cannot be read.
    """
    verdicts = judge_store(store, file, signals=signals, baselines=baselines)
    entities = {one.case.series.entity for one in verdicts[OURS]}
    return collect(verdicts, sum(label.entity not in entities for label in file.labels))


def collect(verdicts: dict[str, list[Verdict]], unused: int = 0) -> Scored:
    """The figures and failures of verdicts, which may be of several stores."""
    return Scored(
        scores=score(dict(verdicts)),
        failures=tuple(failures(dict(verdicts))),
        verdicts=verdicts,
        unused=unused,
    )


def judge_store(
    store: Store,
    file: LabelFile,
    *,
    signals: Collection[str] | None = None,
    baselines: Mapping[str, Baseline] | None = None,
) -> dict[str, list[Verdict]]:
    """The verdicts on each series of a store, by detector; the arguments are ``score_store``'s."""
    return judge_cases(cases_of(store, file, signals=signals), baselines or {})


@dataclass(frozen=True)
class Cases:
    """What our own detection says of each series of a store.

    Attributes:
        notices: every outage that was found.
        alerts: those that belong to an event of the level *alert*, of the same series.
        book: the labels by entity.
    """

    notices: list[Case]
    alerts: list[Case]
    book: LabelBook


def cases_of(store: Store, file: LabelFile, *, signals: Collection[str] | None = None) -> Cases:
    """Detect over a store; the arguments are those of ``score_store``."""
    detection = detect_in_store(store)
    book = LabelBook(file.labels, file.quiet, country_lookup(known_facts(store)))
    wanted = [
        one for one in detection.assessments if not signals or one.series.signal.name in signals
    ]
    if not wanted:
        raise NotFoundError(
            f"The store at {store.address} holds no series"
            + (f" of {', '.join(sorted(signals))}." if signals else "."),
            "`zicht status` shows what it has.",
        )
    found: dict[tuple[str, str], list[Outage]] = {}
    for outage in detection.outages:
        if not outage.retracted:
            found.setdefault((outage.signal, outage.entity), []).append(outage)
    since = alerts_since(detection)
    notices, alerts = [], []
    for one in wanted:
        outages = found.get((one.series.signal.name, one.series.entity), [])
        notices.append(
            Case(
                series=one.series,
                findings=tuple(finding_of(outage) for outage in outages),
                beliefs=tuple(outage.belief for outage in outages),
                belief=one.belief_outage,
            )
        )
        raised = [outage for outage in outages if outage.id in since]
        alerts.append(
            Case(
                series=one.series,
                findings=tuple(finding_of(outage, since[outage.id]) for outage in raised),
                beliefs=tuple(outage.belief for outage in raised),
            )
        )
    return Cases(notices, alerts, book)


def judge_cases(cases: Cases, baselines: Mapping[str, Baseline]) -> dict[str, list[Verdict]]:
    """The verdicts on ours, on our alerts alone, and on other detectors of the same series."""
    verdicts = {
        OURS: [judge(case, cases.book) for case in cases.notices],
        ALERTS: [judge(case, cases.book) for case in cases.alerts],
    }
    for name, baseline in baselines.items():
        verdicts[name] = judge_baseline(baseline, cases)
    return verdicts


def judge_baseline(baseline: Baseline, cases: Cases) -> list[Verdict]:
    """The verdicts on another detector on the same series; sick bins are left in for it."""
    return [
        judge(Case(one.series, tuple(baseline(one.series))), cases.book) for one in cases.notices
    ]


def known_baselines() -> dict[str, Baseline]:
    """The other methods that can be scored on the same series, by name, as published."""
    from zicht.detect.baselines import cusum, ioda, seasonal  # noqa: PLC0415 - slow to import

    return {
        "IODA, warning": ioda.find,
        "IODA, critical": partial(ioda.find, level="critical"),
        "CUSUM": cusum.find,
        "seasonal median": seasonal.find,
    }
