"""What is expected, and what is believed of the share still reachable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from detection_worlds import ordinary, series, signal
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from zicht.detect.assess import assess
from zicht.detect.belief import change_probabilities

if TYPE_CHECKING:
    from zicht.model.series import Series

_ONSET, _RECOVERY = change_probabilities(0.5)[:2]
NOTHING_KNOWN = _ONSET / (_ONSET + _RECOVERY)  # where onset and recovery are in balance


def shares() -> st.SearchStrategy[np.ndarray]:
    """Ten days of half-hour shares: ordinary, lowered stretches, gaps."""
    value = st.one_of(st.floats(0, 200, width=32), st.just(np.nan), st.floats(80, 100, width=32))
    return arrays(np.float64, st.integers(1, 480), elements=value)


def test_the_expectation_learns_the_days_rhythm() -> None:
    spec = signal(plane="user", scale="index")
    values = ordinary(spec, 14, level=100, swing=0.6, noise=0.02)
    assessment = assess(series(spec, values))
    last_day = slice(-144, None)
    truth = ordinary(spec, 14, level=100, swing=0.6, noise=0)[last_day]
    assert np.median(np.abs(assessment.expected[last_day] / truth - 1)) < 0.05
    inside = (values >= assessment.expected_low) & (values <= assessment.expected_high)
    assert inside[last_day].mean() > 0.8


@pytest.mark.parametrize("days", [2, 60])
def test_a_blackout_teaches_nothing_however_long_it_lasts(days: int) -> None:
    spec = signal(step=1800)
    values = ordinary(spec, 14 + days + 2)
    values[14 * 48 : (14 + days) * 48] *= 0.04
    assessment = assess(series(spec, values))
    during = slice((14 + days) * 48 - 48, (14 + days) * 48)
    truth = ordinary(spec, 14 + days, noise=0)[-48:]
    assert np.abs(assessment.expected[during] / truth - 1).max() < 0.1
    assert assessment.belief_outage[during].min() > 0.99
    assert assessment.belief_outage[-1] < 0.01


def test_with_an_hour_of_history_a_steep_drop_is_seen_and_the_spread_says_how_little_is_known() -> (
    None
):
    spec = signal(step=300, plane="user", scale="index")
    values = ordinary(spec, 0.25, level=100, noise=0.03)
    values[12:] *= 0.05
    assessment = assess(series(spec, values))
    assert assessment.belief_outage[11] < 0.1
    assert assessment.belief_outage[14] > 0.9
    long = assess(series(spec, ordinary(spec, 14, level=100, noise=0.03)))
    short_width = assessment.expected_high[40] / assessment.expected_low[40]
    assert short_width > 2 * long.expected_high[-1] / long.expected_low[-1]


def test_few_say_less_than_many() -> None:
    spec = signal(step=600)
    beliefs = []
    for level in (4, 400):
        values = np.full(6 * 48, float(level))
        values[-1] = level / 4
        beliefs.append(assess(series(spec, values)).belief_outage[-1])
    assert beliefs[0] < beliefs[1]


def test_a_count_of_which_two_are_expected_shows_nothing() -> None:
    random = np.random.default_rng(3)
    values = random.poisson(1.2, 6 * 24 * 10).astype(float)
    values[-300:] = 0
    assert assess(series(signal(step=600), values)).belief_outage.max() < 0.1


@given(values=shares(), exponent=st.integers(-20, 20))
def test_scale_does_not_matter_for_shares(values: np.ndarray, exponent: int) -> None:
    spec = signal(step=1800, scale="share")
    one = assess(series(spec, values))
    other = assess(series(spec, values * 2.0**exponent))
    np.testing.assert_allclose(one.belief_outage, other.belief_outage, atol=1e-6)
    np.testing.assert_allclose(one.connectivity, other.connectivity, rtol=1e-6, atol=1e-6)


@given(values=shares(), cut=st.integers(0, 480))
def test_the_future_never_changes_what_was_known_then(values: np.ndarray, cut: int) -> None:
    spec = signal(step=1800, scale="share")
    whole = assess(series(spec, values))
    begin = assess(series(spec, values[:cut]))
    np.testing.assert_array_equal(whole.belief_outage[:cut], begin.belief_outage)
    np.testing.assert_array_equal(whole.expected[:cut], begin.expected)


@given(values=shares(), gap=st.integers(1, 2000))
def test_a_gap_never_lifts_the_belief_above_what_it_was_or_the_prior(
    values: np.ndarray, gap: int
) -> None:
    spec = signal(step=1800, scale="share")
    padded = np.concatenate([values, np.full(gap, np.nan)])
    belief = assess(series(spec, padded)).belief_outage
    before = belief[len(values) - 1]
    assert belief[len(values) :].max() <= max(before, NOTHING_KNOWN) + 1e-9


@given(values=shares())
def test_beliefs_are_probabilities(values: np.ndarray) -> None:
    assessment = assess(series(signal(step=1800, scale="share"), values))
    for belief in (assessment.belief_outage, assessment.belief_outage_later):
        assert ((belief >= 0) & (belief <= 1 + 1e-9)).all()
    assert (assessment.share_low <= assessment.share_high).all()


@pytest.mark.parametrize(
    "values",
    [
        [],
        [5.0],
        [np.nan] * 50,
        [0.0] * 50,
        [-3.0] * 50,
        [np.inf] * 50,
        [1e300] * 50,
        [1e-300] * 50,
        [5.0, -np.inf, np.nan, 0.0, 1e300] * 10,
    ],
    ids=["none", "one", "gaps", "zeros", "negative", "infinite", "huge", "tiny", "mixed"],
)
@pytest.mark.parametrize("scale", ["count", "share"])
def test_odd_series_are_assessed_without_a_claim(values: list[float], scale: str) -> None:
    one: Series = series(signal(scale=scale), np.array(values, dtype=np.float64))  # type: ignore[arg-type] # a parameter of two literals
    assessment = assess(one)
    assert len(assessment.belief_outage) == len(values)
    assert np.isfinite(assessment.belief_outage).all()
    if len(set(values)) <= 1:
        assert (assessment.belief_outage < 0.5).all()
