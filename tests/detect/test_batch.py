"""Many series at once give what one series by itself gives."""

from __future__ import annotations

import numpy as np
import pytest
from detection_worlds import BEGIN, ordinary, series, signal
from hypothesis import given
from hypothesis import strategies as st

from zicht.detect.assess import assess
from zicht.detect.batch import advance_all, new_states, screen
from zicht.detect.state import STATE_SIZE
from zicht.model.time import MICROSECONDS, to_microseconds

SPEC = signal(step=1800)
START = to_microseconds(BEGIN)


def world() -> np.ndarray:
    """Twelve series of twenty days; every third goes dark, every fourth has gaps."""
    values = np.stack([ordinary(SPEC, 20, level=50 * 3**i) for i in range(12)])
    values[::3, 700:720] *= 0.02
    values[::4, 300:340] = np.nan
    return values


def test_the_highest_belief_is_that_of_each_series_alone() -> None:
    values = world()
    highest = screen(SPEC, values, START, new_states(SPEC, len(values)))
    alone = [assess(series(SPEC, one)).belief_outage.max() for one in values]
    np.testing.assert_allclose(highest, alone, rtol=1e-12)
    assert (highest[::3] > 0.99).all()


@given(cut=st.integers(0, 959), step=st.sampled_from([60, 300, 900, 1800, 3600, 86_400]))
def test_bins_fed_one_by_one_equal_bins_fed_at_once_even_over_a_restart(
    cut: int, step: int
) -> None:
    spec = signal(step=step)
    values = world()[:3]
    whole = new_states(spec, 3)
    screen(spec, values, START, whole)
    states = new_states(spec, 3)
    highest = screen(spec, values[:, :cut], START, states)
    restored = np.frombuffer(states.tobytes()).reshape(states.shape).copy()
    for i in range(cut, values.shape[1]):
        time = START + i * spec.step * MICROSECONDS
        belief, expected = advance_all(spec, values[:, i], time, restored)
        highest = np.maximum(highest, belief)
    np.testing.assert_array_equal(restored, whole)
    alone = [assess(series(spec, one)) for one in values]
    np.testing.assert_array_equal(highest, [one.belief_outage.max() for one in alone])
    if cut < values.shape[1]:
        np.testing.assert_array_equal(belief, [one.belief_outage[-1] for one in alone])
        np.testing.assert_array_equal(expected, [one.expected[-1] for one in alone])


def test_a_state_takes_less_than_four_kilobytes() -> None:
    assert STATE_SIZE * 8 < 4096


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_no_series_and_no_bins_are_fine(kind: type) -> None:
    assert screen(SPEC, np.empty((0, 5), kind), START, new_states(SPEC, 0)).shape == (0,)
    assert (screen(SPEC, np.empty((2, 0), kind), START, new_states(SPEC, 2)) == 0).all()
