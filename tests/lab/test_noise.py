from __future__ import annotations

import numpy as np
import pytest

from zicht.lab.chance import generator, key, uniform, uniforms, uniforms_at
from zicht.lab.noise import bursts, overdispersed, persistent


def test_chances_are_the_same_everywhere_and_for_each_name_their_own() -> None:
    assert key(1, "a", 2) == 0xA5F6CF5A1FA8C8D8
    assert uniforms(1, "a", count=3).tolist() == [
        0.24888692367018184,
        0.20232681354270232,
        0.18285867973665104,
    ]
    assert uniforms(1, "b", count=3).tolist() != uniforms(1, "a", count=3).tolist()
    assert uniform(1, "a") == uniforms(1, "a", count=1)[0]


def test_any_chance_can_be_had_without_those_before_it() -> None:
    whole = uniforms(5, "x", count=1000)
    assert uniforms_at(key(5, "x"), np.array([999], np.uint64))[0] == whole[999]


def test_chances_are_spread_evenly() -> None:
    drawn = uniforms(9, "even", count=100_000)
    assert 0 <= drawn.min() < drawn.max() < 1
    assert np.histogram(drawn, 10)[0] == pytest.approx(10_000, rel=0.05)


def test_persistent_noise_remembers_and_keeps_its_spread() -> None:
    made = persistent(generator(1, "walk"), 50_000, 0.1, 0.9)
    assert made.std() == pytest.approx(0.1, rel=0.1)
    assert np.corrcoef(made[1:], made[:-1])[0, 1] == pytest.approx(0.9, abs=0.02)


def test_overdispersed_counts_vary_more_than_their_mean() -> None:
    made = overdispersed(generator(1, "counts"), np.full(50_000, 200.0), 90.0)
    assert made.mean() == pytest.approx(200, rel=0.01)
    assert made.var() > 2 * made.mean()


def test_bursts_stand_out_for_a_while_and_come_as_often_as_is_said() -> None:
    made = bursts(generator(1, "bursts"), 100_000, 1000, (5, 10), (0.5, 0.6))
    begins = np.flatnonzero((made[1:] > 0) & (made[:-1] == 0))
    assert len(begins) == pytest.approx(100, rel=0.4)
    assert set(np.round(made, 6)[made == 0]) == {0.0}
    assert made.max() < 1.3
