from __future__ import annotations

from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.sources.probe.belief import (
    BLOCK,
    DOWN_ODDS,
    HIGHEST_ODDS,
    LOSS,
    LOWEST_ODDS,
    SUREST,
    answer_weight,
    begin_turns,
    belief_of,
    hear,
    odds_of,
    silence_weight,
)

chances = st.floats(0, 1)
probes = st.lists(st.tuples(st.integers(0, 4), st.booleans(), chances), max_size=60)


def after(
    odds: list[float], heard: list[tuple[int, bool, float]]
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    blocks = np.array(odds, dtype=np.float32)
    hear(
        blocks,
        np.array([block for block, _, _ in heard], dtype=np.int32),
        np.array([answered for _, answered, _ in heard], dtype=np.bool_),
        np.array([chance for _, _, chance in heard], dtype=np.float32),
    )
    return blocks


def test_belief_is_what_bayes_rule_says() -> None:
    availability, up = 0.4, 0.6
    if_up, if_down = 1 - availability, 1 - (1 - LOSS) / BLOCK
    expected = up * if_up / (up * if_up + (1 - up) * if_down)
    told = after([odds_of(up)], [(0, False, availability)])
    assert belief_of(told)[0] == pytest.approx(expected, rel=1e-5)

    if_up, if_down = availability, (1 - LOSS) / BLOCK
    expected = up * if_up / (up * if_up + (1 - up) * if_down)
    told = after([odds_of(up)], [(0, True, availability)])
    assert belief_of(told)[0] == pytest.approx(expected, rel=1e-5)


@given(probes)
def test_belief_stays_within_its_bounds(heard: list[tuple[int, bool, float]]) -> None:
    odds = after([0.0, HIGHEST_ODDS, LOWEST_ODDS, 3.0, -3.0], heard)
    belief = belief_of(odds)
    assert (belief >= 0.0099).all()
    assert (belief < 1).all()
    begin_turns(odds)
    assert (odds >= np.float32(LOWEST_ODDS)).all()
    assert (odds <= np.float32(HIGHEST_ODDS)).all()


@given(probes, st.randoms(use_true_random=False))
def test_the_order_of_independent_replies_does_not_matter(
    heard: list[tuple[int, bool, float]], chance: object
) -> None:
    shuffled = sorted(heard, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert after([0.0] * 5, heard) == pytest.approx(after([0.0] * 5, shuffled), abs=1e-3)


@given(chances, st.integers(2, 256))
def test_silence_only_lowers_and_answers_only_raise(chance: float, among: int) -> None:
    assert silence_weight(chance) <= 0
    assert answer_weight(chance, among) >= 0


@given(chances, chances)
def test_silence_says_the_more_the_surer_an_answer_was(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert silence_weight(high) <= silence_weight(low)


def test_silence_where_nobody_was_expected_to_answer_says_nothing() -> None:
    assert silence_weight(0.0) == 0


def test_no_probe_says_more_than_a_lossy_path_allows() -> None:
    assert silence_weight(1.0) == silence_weight(SUREST) > -3.0
    # From the highest belief down, even the densest block takes six lost packets in a row.
    assert HIGHEST_ODDS + 5 * silence_weight(1.0) > DOWN_ODDS
    assert HIGHEST_ODDS + 6 * silence_weight(1.0) < DOWN_ODDS


def test_the_highest_belief_bounds_false_outages_as_lorden_says() -> None:
    observations = exp(HIGHEST_ODDS - DOWN_ODDS)  # to one false outage, on average, at the least
    assert observations / (24 * 20) == pytest.approx(10_000)


@given(probes)
def test_blocks_of_which_nothing_is_heard_keep_their_belief(
    heard: list[tuple[int, bool, float]],
) -> None:
    odds = after([1.0] * 6, heard)
    untouched = set(range(6)) - {block for block, _, _ in heard}
    assert all(odds[block] == 1.0 for block in untouched)
