"""Intervals: exact ones against published values, the bootstrap against itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.score.uncertainty import (
    bootstrap_interval,
    bootstrap_sums,
    mean,
    median,
    rate_interval,
    share_interval,
)


@pytest.mark.parametrize(
    ("n", "of", "low", "high"),
    [
        (0, 10, 0.0, 0.3085),  # tables of Clopper and Pearson
        (5, 10, 0.1871, 0.8129),
        (10, 10, 0.6915, 1.0),
        (1, 1, 0.025, 1.0),
        (95, 100, 0.8872, 0.9836),
    ],
)
def test_a_share_has_its_exact_interval(n: int, of: int, low: float, high: float) -> None:
    assert share_interval(n, of) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("n", "low", "high"),
    [(0, 0.0, 3.6889), (3, 0.6187, 8.7673), (100, 81.364, 121.627)],  # Garwood's table
)
def test_a_rate_has_its_exact_interval(n: int, low: float, high: float) -> None:
    assert rate_interval(n, 1.0) == pytest.approx((low, high), rel=1e-4)
    assert rate_interval(n, 10.0) == pytest.approx((low / 10, high / 10), rel=1e-4)


def test_of_nothing_tried_and_of_no_time_nothing_is_known() -> None:
    assert share_interval(0, 0) == (0.0, 1.0)
    assert rate_interval(0, 0.0) == (0.0, math.inf)


@given(st.integers(1, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_a_shares_interval_holds_the_share_and_is_the_mirror_of_its_complement(
    trial: tuple[int, int],
) -> None:
    n, of = trial
    low, high = share_interval(n, of)
    assert 0 <= low <= n / of <= high <= 1
    other_low, other_high = share_interval(of - n, of)
    assert (1 - other_high, 1 - other_low) == pytest.approx((low, high), abs=1e-9)


def test_the_bootstrap_is_the_same_every_time_and_holds_what_it_is_of() -> None:
    groups = [[float(i), float(i + 1)] for i in range(20)]
    first = bootstrap_interval(groups, median)
    assert first == bootstrap_interval(groups, median)
    assert first is not None
    assert first[0] < 10 < first[1]


def test_a_few_events_give_no_interval() -> None:
    assert bootstrap_interval([[1.0], [2.0]], median) is None
    assert bootstrap_interval([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]], median) is None
    assert bootstrap_sums([np.array([1.0, 2.0])] * 4, lambda s: float(s[0])) is None


def test_values_of_one_event_are_drawn_together() -> None:
    together = bootstrap_interval([[float(i)] * 50 for i in range(10)], mean)
    apart = bootstrap_interval([[float(i)] for i in range(10) for _ in range(50)], mean)
    assert together is not None
    assert apart is not None
    assert together[1] - together[0] > 4 * (apart[1] - apart[0])


def test_sums_over_groups_give_the_same_as_the_groups_themselves() -> None:
    values = [float(i) for i in range(40)]
    sums = bootstrap_sums([np.array([v, 1.0]) for v in values], lambda s: float(s[0] / s[1]))
    means = bootstrap_interval([[v] for v in values], mean)
    assert sums is not None
    assert means is not None
    assert sums == pytest.approx(means, abs=0.8)
