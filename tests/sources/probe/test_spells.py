from __future__ import annotations

import numpy as np
import pytest

from zicht.sources.probe.samples import Sample
from zicht.sources.probe.spells import Spells


def turn(time: float, up: float, *, answers: int, block: int = 0) -> Sample:
    """A minute in which one block had its turn."""

    def one(value: float, kind: type = np.float32) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return np.array([value], dtype=kind)

    return Sample(
        int(time // 60) * 60,
        one(block, np.int32),  # type: ignore[arg-type]
        one(time, np.float64),  # type: ignore[arg-type]
        one(up),
        one(0.99),
        one(15, np.uint8),  # type: ignore[arg-type]
        one(answers, np.uint8),  # type: ignore[arg-type]
        one(-5),
        one(0, np.uint8),  # type: ignore[arg-type]
        one(0, np.uint8),  # type: ignore[arg-type]
        one(np.nan),
    )


def test_an_outage_lies_between_the_turns_around_it() -> None:
    spells = Spells(1)
    spells.follow(turn(0, 0.99, answers=1))
    spells.follow(turn(300, 0.5, answers=0))  # undecided, but silent already
    spells.follow(turn(600, 0.05, answers=0))
    assert spells.down.tolist() == [True]
    spells.follow(turn(900, 0.01, answers=0))
    outages = spells.follow(turn(1200, 0.99, answers=3))
    assert outages.block.tolist() == [0]
    assert (outages.answered[0], outages.silent[0]) == (0, 300)
    assert (outages.last_silent[0], outages.answers[0]) == (900, 1200)
    assert outages.duration[0] == 900
    assert spells.down.tolist() == [False]


def test_silence_that_was_never_sure_is_no_outage() -> None:
    spells = Spells(1)
    spells.follow(turn(0, 0.99, answers=1))
    spells.follow(turn(300, 0.5, answers=0))
    assert not len(spells.follow(turn(600, 0.99, answers=1)).block)


def test_one_answer_does_not_end_an_outage_while_belief_stays_low() -> None:
    spells = Spells(1)
    spells.follow(turn(0, 0.99, answers=1))
    spells.follow(turn(300, 0.05, answers=0))
    assert not len(spells.follow(turn(600, 0.5, answers=1)).block)
    assert spells.down.tolist() == [True]


def test_a_block_that_never_answered_has_no_outage() -> None:
    spells = Spells(2)
    spells.follow(turn(0, 0.05, answers=0))
    assert not spells.down.any()
    assert not len(spells.follow(turn(300, 0.99, answers=1)).block)


@pytest.mark.parametrize("length", [1, 4])
def test_outages_of_one_block_are_apart(length: int) -> None:
    spells, found = Spells(1), []
    for number in range(12 * length):
        down = number // length % 2
        outages = spells.follow(
            turn(300 * number, 0.05 if down else 0.99, answers=0 if down else 1)
        )
        found += outages.duration.tolist()
    assert found == [300 * length] * 5
