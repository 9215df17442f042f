"""Injections have the depth, the length and the shape that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from detection_worlds import ordinary, series, signal
from hypothesis import given
from hypothesis import strategies as st

from zicht.detect.injection import NEGATIVES, Injection, Shape, inject
from zicht.errors import UsageError

if TYPE_CHECKING:
    from zicht.model.series import Series
    from zicht.model.signal import Scale

DAY = 144
SHAPES: list[Shape] = [
    "step",
    "zero",
    "ramp",
    "operators",
    "partial",
    "curfew",
    "exams",
    "fade",
    "shift",
    "holiday",
    "surge",
]


def quiet(days: float = 21, scale: Scale = "index") -> Series:
    spec = signal(scale=scale)
    return series(spec, ordinary(spec, days))


def random(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(
    shape=st.sampled_from(SHAPES),
    begin=st.integers(0, 19 * DAY),
    bins=st.integers(1, 2 * DAY),
    share=st.floats(0, 1),
    seed=st.integers(0, 9),
)
def test_outside_of_an_injection_nothing_changes(
    shape: Shape, begin: int, bins: int, share: float, seed: int
) -> None:
    one = quiet(scale="count")
    made = inject(one, Injection(shape=shape, begin=begin, bins=bins, share=share), random(seed))
    same = made.left == 1
    assert same[:begin].all()
    assert np.array_equal(made.series.values[same], one.values[same])
    again = inject(one, Injection(shape=shape, begin=begin, bins=bins, share=share), random(seed))
    assert np.array_equal(again.series.values, made.series.values)
    if shape not in NEGATIVES:
        assert (made.left >= min(share, 0 if shape == "zero" else share) - 1e-12).all()
        assert (made.left <= 1).all()


def test_a_step_is_dated_by_its_bins() -> None:
    one = quiet()
    made = inject(one, Injection(shape="step", begin=100, bins=3, share=0.5), random())
    step = 600_000_000
    assert made.outages == ((one.start + 100 * step, one.start + 103 * step),)
    assert made.series.values[100:103] == pytest.approx(one.values[100:103] / 2)


def test_counts_stay_whole_and_lose_each_by_the_same_chance() -> None:
    spec = signal(scale="count")
    one = series(spec, np.full(20_000, 10.0))
    made = inject(one, Injection(shape="step", begin=0, bins=20_000, share=0.5), random())
    values = made.series.values
    assert np.array_equal(values, np.rint(values))
    assert values.mean() == pytest.approx(5, rel=0.02)
    assert values.var() == pytest.approx(10 * 0.5 * 0.5, rel=0.05)


def test_zero_is_exactly_zero_and_what_is_missing_stays_missing() -> None:
    one = quiet()
    one.values[105] = np.nan
    made = inject(one, Injection(shape="zero", begin=100, bins=10), random())
    zeros = np.flatnonzero(made.series.values == 0)
    assert zeros.tolist() == [*range(100, 105), *range(106, 110)]
    assert np.isnan(made.series.values[105])


def test_a_ramp_goes_down_over_a_third_and_up_over_another() -> None:
    left = inject(quiet(), Injection(shape="ramp", begin=0, bins=30, share=0.1), random()).left[:30]
    assert (np.diff(left[:10]) < 0).all()
    assert left[10:20] == pytest.approx(0.1)
    assert (np.diff(left[20:]) > 0).all()


def test_operators_fall_one_after_another_and_return_in_two_steps() -> None:
    left = inject(quiet(), Injection(shape="operators", begin=0, bins=40, share=0.2), random()).left
    levels = left[:40]
    assert levels[0] == pytest.approx(0.8)
    assert levels.min() == pytest.approx(0.2)
    assert levels[-1] == pytest.approx(0.6)
    assert set(np.round(levels, 6)) <= {0.8, 0.6, 0.4, 0.2}


def test_a_partial_recovery_brings_half_of_the_loss_back() -> None:
    left = inject(quiet(), Injection(shape="partial", begin=0, bins=10, share=0.2), random()).left
    assert left[:10] == pytest.approx([0.2] * 5 + [0.6] * 5)


def test_a_curfew_comes_at_the_same_time_of_every_day() -> None:
    made = inject(
        quiet(), Injection(shape="curfew", begin=DAY, bins=30, share=0.1, days=7), random()
    )
    assert len(made.outages) == 7
    assert {begin // 600_000_000 % DAY for begin, _ in made.outages} == {
        made.outages[0][0] // 600_000_000 % DAY
    }


def test_exams_are_on_weekdays_only() -> None:
    # The series begins on a Monday.
    made = inject(quiet(), Injection(shape="exams", begin=24, bins=12, share=0, days=14), random())
    days = [(begin - made.series.start) // (DAY * 600_000_000) for begin, _ in made.outages]
    assert days == [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]


def test_a_fade_and_a_shift_stay() -> None:
    fade = inject(quiet(), Injection(shape="fade", begin=0, bins=1000, share=0.5), random()).left
    assert (np.diff(fade[:1000]) < 0).all()
    assert fade[999:] == pytest.approx(0.5)
    shift = inject(quiet(), Injection(shape="shift", begin=5, bins=1, share=0.5), random()).left
    assert shift[5:] == pytest.approx(0.5)


@pytest.mark.parametrize("shape", sorted(NEGATIVES))
def test_what_is_no_outage_has_none(shape: Shape) -> None:
    made = inject(quiet(), Injection(shape=shape, begin=10, bins=DAY, share=0.6), random())
    assert made.outages == ()
    assert (made.left != 1).any()
    assert (made.left.max() > 1) == (shape == "surge")


@pytest.mark.parametrize(
    ("begin", "bins", "share"), [(-1, 3, 0.5), (21 * DAY - 2, 3, 0.5), (5, 0, 0.5), (5, 3, 1.5)]
)
def test_an_injection_outside_of_the_series_or_of_a_share_is_refused(
    begin: int, bins: int, share: float
) -> None:
    with pytest.raises(UsageError):
        inject(quiet(), Injection(shape="step", begin=begin, bins=bins, share=share), random())
