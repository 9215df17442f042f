"""Each figure on a case small enough to be told by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scoring_worlds import WEEK, finding, label, series

from zicht.score.calibration import brier, calibration_error, reliability, tally
from zicht.score.failures import failures
from zicht.score.figures import score
from zicht.score.judge import Case, judge
from zicht.score.truth import LabelBook

if TYPE_CHECKING:
    from zicht.model.finding import Finding
    from zicht.model.label import Label
    from zicht.score.figures import Figure, Scores


def scored(labels: list[Label], *findings: Finding) -> Scores:
    return score({"some": [judge(Case(series(), findings), LabelBook(labels))]})


def figure(scores: Scores, name: str, data: str = "recorded") -> Figure:
    (one,) = (one for one in scores.figures if (one.figure, one.data) == (name, data))
    return one


def value(scores: Scores, name: str) -> float | None:
    return figure(scores, name).value


TWO = [label(100, 110, event="a"), label(200, 220, event="b")]


def test_one_of_two_found_is_a_recall_of_a_half() -> None:
    recall = figure(scored(TWO, finding(100, 110)), "recall")
    assert (recall.value, recall.n, recall.of) == (0.5, 1, 2)
    assert recall.interval == pytest.approx((0.0126, 0.9874), abs=1e-4)


def test_an_event_is_found_when_one_of_its_series_shows_it() -> None:
    book = LabelBook([label(100, 110), label(100, 110, entity="asn/1136")])
    cases = [Case(series(), (finding(101, 109),)), Case(series(entity="asn/1136"), ())]
    scores = score({"some": [judge(case, book) for case in cases]})
    assert (value(scores, "recall"), value(scores, "recall-series")) == (1.0, 0.5)


def test_what_a_series_could_not_show_is_counted_apart() -> None:
    scores = scored([label(100, 110), label(5, 9, event="early"), label(300, 301, event="short")])
    assert figure(scores, "recall").of == 1
    assert {one.reason: one.labels for one in scores.unscoreable} == {
        "too little data before": 1,
        "too short for the step": 1,
    }


@pytest.mark.parametrize(
    ("found", "met"),
    [
        (finding(100, 110), True),
        (finding(98, 105), True),  # a margin of two bins
        (finding(97, 105), False),  # it began while all was quiet
        (finding(109, 111), True),
        (finding(110, 115), False),  # after the end nobody is asked
        (finding(99, 100), False),  # it ended before
        (finding(100, None, 112), True),
        (finding(100, None, 113), False),  # an alert that comes too late is none
    ],
)
def test_what_meets_a_label(found: Finding, *, met: bool) -> None:
    assert value(scored([label(100, 110)], found), "recall") == float(met)


def test_false_alerts_are_counted_per_quiet_week() -> None:
    scores = scored([label(100, 110)], finding(20, 30), finding(300, 301), finding(99, 105))
    rate = figure(scores, "false-alerts")
    weeks = (2 * WEEK - 14) / WEEK
    assert rate.n == 2
    assert rate.value == pytest.approx(2 / weeks)
    assert value(scores, "precision") == pytest.approx(1 / 3)


def test_an_alert_just_outside_a_label_is_neither_right_nor_false() -> None:
    scores = scored([label(100, 110)], finding(111, 114))
    assert figure(scores, "false-alerts").n == 0
    assert figure(scores, "precision").of == 0
    assert value(scores, "precision") is None


def test_the_delay_counts_from_the_latest_begin_and_from_the_earliest() -> None:
    scores = scored([label((100, 103), 110)], finding(104, 110, 106))
    assert (value(scores, "delay"), value(scores, "delay-at-most")) == (3.0, 6.0)
    assert (value(scores, "delay-minutes"), value(scores, "delay-at-most-minutes")) == (180, 360)


def test_median_and_p90_of_the_delay() -> None:
    labels = [label(50 * i, 50 * i + 20, event=str(i)) for i in range(1, 6)]
    found = [finding(50 * i, 50 * i + 20, 50 * i + i) for i in range(1, 6)]
    scores = scored(labels, *found)
    assert value(scores, "delay") == 3.0
    assert value(scores, "delay-p90") == pytest.approx(4.6)
    interval = figure(scores, "delay").interval
    assert interval is not None
    assert 1 <= interval[0] <= 3 <= interval[1] <= 5


def test_within_the_labels_interval_onset_and_end_have_no_error() -> None:
    scores = scored([label((100, 103), (110, 115))], finding(102, 112))
    assert (value(scores, "onset-error"), value(scores, "end-error")) == (0.0, 0.0)


def test_outside_it_the_error_is_the_distance_to_it() -> None:
    scores = scored([label((100, 103), (110, 115))], finding(99.5, 118))
    assert value(scores, "onset-error") == 0.5
    assert value(scores, "end-error") == 3.0
    assert value(scores, "end-error-minutes") == 180.0


def test_of_several_alerts_the_first_dates_the_onset_and_the_last_the_end() -> None:
    scores = scored([label(100, 120)], finding(103, 105), finding(101, 102), finding(110, 118))
    assert value(scores, "onset-error") == 1.0
    assert value(scores, "end-error") == 2.0
    assert value(scores, "alerts-per-event") == 3.0


def test_an_end_that_was_not_found_counts_in_the_support() -> None:
    end = figure(scored(TWO, finding(100, None), finding(200, 220)), "end-error")
    assert (end.n, end.of) == (1, 2)


def test_an_end_after_the_data_is_not_asked_for() -> None:
    assert figure(scored([label(300, 400)], finding(300, None)), "end-error").of == 0


def test_recorded_and_simulated_are_never_counted_together() -> None:
    book = LabelBook([*TWO, label(100, 110, simulated=True)])
    cases = [Case(series(), (finding(100, 110),)), Case(series(simulated=True), ())]
    scores = score({"some": [judge(case, book) for case in cases]})
    assert figure(scores, "recall", "recorded").of == 2
    assert figure(scores, "recall", "simulated").of == 1
    assert figure(scores, "recall", "simulated").value == 0.0


def test_brier_and_calibration_error_by_hand() -> None:
    sums = tally(np.array([0.05, 0.05, 0.95, 0.95]), np.array([False, True, True, True]))
    assert brier(sums) == pytest.approx((0.05**2 + 0.95**2 + 2 * 0.05**2) / 4)
    assert calibration_error(sums) == pytest.approx((2 * 0.45 + 2 * 0.05) / 4)
    low, high = reliability(sums, method="some", data="recorded", of="bins")
    assert (low.given, low.real, low.share_real) == (2, 1, 0.5)
    assert (high.probability, high.real) == ((0.9, 1.0), 2)


def test_a_belief_of_one_is_in_the_last_step() -> None:
    (row,) = reliability(tally(np.ones(3), np.ones(3, bool)), method="", data="", of="bins")
    assert row.probability == (0.9, 1.0)


def test_the_belief_is_held_against_bins_of_which_something_is_known() -> None:
    belief = np.where((np.arange(2 * WEEK) >= 100) & (np.arange(2 * WEEK) < 110), 1.0, 0.0)
    one = Case(series(missing=[0]), (finding(100, 110),), (0.9,), belief)
    scores = score({"some": [judge(one, LabelBook([label(100, 110)]))]})
    error = figure(scores, "ece")
    assert (error.value, error.n, error.of) == (0.0, 10, 2 * WEEK - 4 - 1)
    assert value(scores, "brier-outages") == pytest.approx(0.01)


def test_failures_name_what_was_missed_and_what_was_false_with_the_belief() -> None:
    belief = np.full(2 * WEEK, 0.2)
    belief[105] = 0.7
    one = Case(series(), (finding(20, 30), finding(111, None)), (0.93, 0.95), belief)
    listed = list(failures({"some": [judge(one, LabelBook([label(100, 110)]))]}))
    assert [(one.kind, one.belief) for one in listed] == [
        ("missed", 0.7),
        ("false", 0.93),
        ("doubtful", 0.95),
    ]
    assert listed[0].event == "one"
    assert listed[2].end is None


def test_a_label_that_an_earlier_finding_goes_on_through_is_merged_and_not_found() -> None:
    verdict = judge(Case(series(), (finding(100, 230),)), LabelBook(TWO))
    assert value(score({"some": [verdict]}), "recall") == 0.5
    (merged,) = failures({"some": [verdict]})
    assert (merged.kind, merged.event) == ("merged", "b")


def test_false_findings_of_one_place_that_overlap_are_one_false_event() -> None:
    cases = [
        Case(series(), (finding(20, 30), finding(200, 210))),
        Case(series(name="table.other", missing=range(WEEK)), (finding(25, 40),)),
        Case(series(entity="asn/1136"), (finding(20, None), finding(250, 260))),
        Case(series(entity="asn/8737"), ()),
    ]
    scores = score({"some": [judge(case, LabelBook([])) for case in cases]})
    national, local = (figure(scores, f"false-events-{kind}") for kind in ("national", "local"))
    assert (national.n, national.of, national.value) == (2, 2.0, 1.0)
    assert (local.n, local.of, local.value) == (1, 4.0, 0.25)
    assert figure(scores, "false-alerts").n == 5
