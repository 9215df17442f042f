from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zicht.sources.probe.aggregate import FRESH, Figures, Panel, advance, aggregate, new_panel
from zicht.sources.probe.samples import Sample

SEEN = -8.0  # the weight of a silence that tells much
BLOCKS = 5000
ROUND = 5  # minutes
TIME = 1_700_006_400


def minute(
    number: int,
    rows: np.ndarray[tuple[int], np.dtype[np.int64]],
    up: np.ndarray[tuple[int], np.dtype[np.bool_]],
    silence: float | np.ndarray[tuple[int], np.dtype[np.float64]] = SEEN,
) -> Sample:
    """A minute's sample of these blocks, those that are up answering."""
    k = len(rows)
    answered = up[rows]
    weight = np.broadcast_to(np.asarray(silence, dtype=np.float32), (len(up),))[rows]
    return Sample(
        TIME + 60 * number,
        rows.astype(np.int32),
        TIME + 60 * number + np.linspace(0, 59, k),
        np.where(answered, 0.99, 0.05).astype(np.float32),
        np.full(k, 0.99, dtype=np.float32),
        np.full(k, 4, dtype=np.uint8),
        answered.astype(np.uint8),
        np.where(answered, np.float32(0), weight),
        np.full(k, 2, dtype=np.uint8),
        answered.astype(np.uint8),
        np.where(answered, np.float32(0.1), np.float32(np.nan)),
    )


class World:
    """Blocks in turns, a fifth of them each minute."""

    def __init__(self, seed: int, blocks: int = BLOCKS, operators: int = 8) -> None:
        self.draw = np.random.default_rng(seed)
        self.order = self.draw.permutation(blocks)
        self.operator = self.draw.integers(0, operators, blocks).astype(np.int32)
        self.up = np.ones(blocks, dtype=np.bool_)
        self.panel: Panel = new_panel(blocks)
        self.number = 0
        self.silence: float | np.ndarray[tuple[int], np.dtype[np.float64]] = SEEN

    def go(self, minutes: int = 1) -> float:
        """Let minutes pass; gives the share believed to be up, in percent."""
        for _ in range(minutes):
            rows = self.order[self.number % ROUND :: ROUND]
            sample = minute(self.number, rows, self.up, self.silence)
            self.panel = advance(self.panel, sample, self.operator)
            self.number += 1
        return float(np.nanmean(self.panel.up)) * 100


@pytest.mark.parametrize("lost", [1.0, 0.5, 0.1])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_loss_is_seen_whole_in_the_minute_in_which_it_happens(lost: float, seed: int) -> None:
    world = World(seed)
    assert world.go(10) == pytest.approx(100, abs=0.1)
    world.up &= world.draw.random(BLOCKS) >= lost
    truth = world.up.mean() * 100
    assert world.go() == pytest.approx(truth, abs=4)  # 1,000 blocks: a standard error of 1.6
    assert world.go(6) == pytest.approx(truth, abs=1)
    world.up[:] = True
    assert world.go() == pytest.approx(100, abs=4)
    assert world.go(6) == pytest.approx(100, abs=1)


def test_one_operator_going_down_leaves_the_others_alone() -> None:
    world = World(4)
    world.go(10)
    world.up = world.operator != 3
    world.go()
    shares = [float(world.panel.up[world.operator == number].mean()) for number in range(8)]
    assert shares[3] < 0.02
    assert min(shares[:3] + shares[4:]) > 0.98


def test_the_estimate_has_no_bias() -> None:
    errors = []
    for seed in range(40):
        world = World(seed, blocks=2000)
        world.go(6)
        world.up &= world.draw.random(2000) >= 0.3
        errors.append(world.go() - world.up.mean() * 100)
    assert abs(np.mean(errors)) < 3 * np.std(errors) / np.sqrt(40)


def test_blocks_that_seldom_answer_tell_together_what_none_tells_alone() -> None:
    world = World(5)
    world.go(10)
    world.up &= world.draw.random(BLOCKS) >= 0.6
    truth = world.up.mean() * 100
    # Of blocks that are up six in ten answer; the silence of one says little.
    talks = world.draw.random(BLOCKS) < 0.6
    rows = world.order[world.number % ROUND :: ROUND]
    sample = minute(world.number, rows, world.up & talks, np.log(0.4))
    world.panel = advance(world.panel, sample, world.operator)
    assert float(world.panel.up.mean()) * 100 == pytest.approx(truth, abs=6)


def test_silence_that_says_nothing_changes_nothing() -> None:
    world = World(6)
    world.go(10)
    world.silence = 0.0
    world.up[:] = False
    assert world.go(30) == pytest.approx(100, abs=0.2)


def test_what_is_down_stays_down_while_nothing_is_heard() -> None:
    world = World(7)
    world.go(10)
    world.up[:] = False
    world.go(2)
    world.silence = -0.05
    assert world.go(60) < 2


def test_a_steady_loss_keeps_its_figure() -> None:
    world = World(8)
    world.go(10)
    world.up &= world.draw.random(BLOCKS) >= 0.5
    truth = world.up.mean() * 100
    world.go(8)
    assert [world.go() for _ in range(60)] == pytest.approx([truth] * 60, abs=1)


def test_a_slow_loss_is_followed() -> None:
    world = World(9)
    world.go(10)
    falls = world.draw.permutation(BLOCKS)
    for step in range(50):
        world.up[falls[step * 100 : (step + 1) * 100]] = False
        assert world.go() == pytest.approx(world.up.mean() * 100, abs=4)


def test_single_blocks_that_fail_move_nobody_else() -> None:
    world = World(10)
    world.go(10)
    world.up[world.order[:3]] = False
    assert world.go(ROUND) == pytest.approx(world.up.mean() * 100, abs=0.1)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 1))
def test_chances_are_chances_and_unseen_blocks_count_for_nothing(seed: int, lost: float) -> None:
    world = World(seed, blocks=300)
    world.go(3)
    world.up &= world.draw.random(300) >= lost
    world.go(1)
    unseen = world.order[4::ROUND]
    assert np.isnan(world.panel.up[unseen]).all()
    seen = np.setdiff1d(np.arange(300), unseen)
    assert ((world.panel.up[seen] >= 0) & (world.panel.up[seen] <= 1)).all()
    sample = minute(world.number, world.order[:0], world.up)
    figures = aggregate(world.panel, sample, np.zeros(300, dtype=np.int32), 1)
    assert figures.measured[0] == len(seen)
    assert figures.coverage[0] == pytest.approx(len(seen) / 300)


def figures_of(groups: list[int], count: int) -> tuple[World, Figures]:
    world = World(11, blocks=len(groups), operators=1)
    world.go(ROUND)
    rows = world.order[::ROUND]
    sample = minute(world.number, rows, world.up)
    world.panel = advance(world.panel, sample, world.operator)
    return world, aggregate(world.panel, sample, np.array(groups, dtype=np.int32), count)


def test_figures_of_groups() -> None:
    groups = [0] * 100 + [1] * 50 + [-1] * 50
    world, figures = figures_of(groups, 3)
    assert figures.up24[:2] == pytest.approx([100, 50], abs=0.1)
    assert figures.measured.tolist() == [100, 50, 0]
    assert figures.coverage[:2].tolist() == [1, 1]
    assert figures.rtt[:2] == pytest.approx([0.1, 0.1])
    assert figures.loss[:2] == pytest.approx([0.5, 0.5])
    in_sample = np.array(groups)[world.order[::ROUND]]
    assert figures.samples.tolist() == [
        (in_sample == 0).sum(),
        (in_sample == 1).sum(),
        0,
    ]
    for nothing in ("up24", "coverage", "error", "rtt", "loss"):
        assert np.isnan(getattr(figures, nothing)[2])


def test_blocks_without_a_turn_for_long_are_no_longer_measured() -> None:
    world = World(12, blocks=200, operators=1)
    world.go(ROUND)
    late = ROUND + int(FRESH // 60) + 1
    sample = minute(late, world.order[:10], world.up)
    panel = advance(world.panel, sample, world.operator)
    figures = aggregate(panel, sample, np.zeros(200, dtype=np.int32), 1)
    assert figures.measured.tolist() == [10]
    assert figures.coverage[0] == pytest.approx(0.05)


def test_the_error_that_is_told_is_about_the_error_that_is_made() -> None:
    misses, told = [], []
    for seed in range(40):
        world = World(seed, blocks=2000)
        world.go(6)
        world.up &= world.draw.random(2000) >= 0.5
        rows = world.order[world.number % ROUND :: ROUND]
        sample = minute(world.number, rows, world.up)
        world.panel = advance(world.panel, sample, world.operator)
        figures = aggregate(world.panel, sample, np.zeros(2000, dtype=np.int32), 1)
        misses.append(figures.up24[0] - world.up.sum())
        told.append(figures.error[0])
    assert np.sqrt(np.mean(np.square(misses))) == pytest.approx(np.mean(told), rel=0.5)
