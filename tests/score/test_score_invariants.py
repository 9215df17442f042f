"""What holds of any score."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from scoring_worlds import HOUR, finding, label, micro, series

from zicht.model.finding import Finding
from zicht.score.figures import score
from zicht.score.judge import Case, judge
from zicht.score.truth import LabelBook

if TYPE_CHECKING:
    from zicht.model.label import Label
    from zicht.score.figures import Scores

HOURS = st.integers(0, 330)


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    begin, length, delay = draw(HOURS), draw(st.integers(1, 40)), draw(st.integers(0, 5))
    return finding(begin, draw(st.sampled_from([None, begin + length])), begin + delay)


@st.composite
def labels(draw: st.DrawFn) -> Label:
    begin, doubt, length = draw(HOURS), draw(st.integers(0, 3)), draw(st.integers(4, 40))
    end = draw(st.sampled_from([None, (begin + length, begin + length + doubt)]))
    return label((begin, begin + doubt), end, event=str(draw(st.integers(0, 5))))


WORLDS = st.tuples(st.lists(labels(), max_size=4), st.lists(findings(), max_size=6))


def scored(attested: list[Label], found: list[Finding]) -> Scores:
    return score({"some": [judge(Case(series(), tuple(found)), LabelBook(attested))]})


def value(scores: Scores, name: str) -> float | None:
    return next(one.value for one in scores.figures if one.figure == name)


@given(WORLDS)
def test_shares_are_shares_and_lie_in_their_intervals(
    world: tuple[list[Label], list[Finding]],
) -> None:
    for one in scored(*world).figures:
        if one.unit == "share" and one.value is not None:
            assert one.interval is not None
            assert 0 <= one.interval[0] <= one.value <= one.interval[1] <= 1
            assert one.n <= one.of


@given(WORLDS, st.integers(-5000, 5000))
def test_the_date_does_not_matter(world: tuple[list[Label], list[Finding]], weeks: int) -> None:
    attested, found = world
    shift = timedelta(weeks=weeks) if -900 < weeks < 5000 else timedelta(weeks=1)
    micros = round(shift.total_seconds()) * 1_000_000
    later = [
        msgspec.structs.replace(
            one,
            begin=(one.begin[0] + shift, one.begin[1] + shift),
            end=None if one.end is None else (one.end[0] + shift, one.end[1] + shift),
        )
        for one in attested
    ]
    moved = [
        Finding(one.begin + micros, one.end and one.end + micros, one.alerted + micros)
        for one in found
    ]
    there = replace(series(), start=series().start + micros)
    assert scored(attested, found) == score(
        {"some": [judge(Case(there, tuple(moved)), LabelBook(later))]}
    )


@given(WORLDS, HOURS)
def test_a_finding_where_nothing_is_attested_never_makes_precision_better_nor_changes_recall(
    world: tuple[list[Label], list[Finding]], hour: int
) -> None:
    attested, found = world
    more = finding(hour, hour + 1)
    (verdict,) = [judge(Case(series(), (more,)), LabelBook(attested))]
    if not verdict.false:
        return
    before, after = scored(attested, found), scored(attested, [*found, more])
    assert (value(after, "precision") or 0) <= (value(before, "precision") or 1)
    assert value(after, "recall") == value(before, "recall")


@given(st.lists(st.integers(1, 7), min_size=1, max_size=5, unique=True))
def test_a_perfect_detector_scores_one_and_zero_and_zero(days: list[int]) -> None:
    attested = [label(40 * day, 40 * day + 10, event=str(day)) for day in days]
    perfect = [Finding(micro(40 * d), micro(40 * d) + 10 * HOUR, micro(40 * d)) for d in days]
    scores = scored(attested, perfect)
    ones = ("recall", "recall-series", "precision", "alerts-per-event")
    zeros = ("false-alerts", "delay", "delay-at-most", "onset-error", "end-error")
    assert [value(scores, name) for name in ones] == [1.0] * 4
    assert [value(scores, name) for name in zeros] == [0.0] * 5


@given(WORLDS)
def test_a_detector_that_finds_nothing_is_never_false(
    world: tuple[list[Label], list[Finding]],
) -> None:
    scores = scored(world[0], [])
    assert value(scores, "false-alerts") in {0.0, None}
    assert value(scores, "recall") in {0.0, None}
