from __future__ import annotations

from collections import Counter

import numpy as np
from asked_blocks import UTC, ask, everybody, known, nobody

from zicht.sources.probe.chances import ROUND
from zicht.sources.probe.recovery import IN_FULL
from zicht.sources.probe.rounds import Rounds


def test_an_operator_that_is_down_as_a_whole_is_asked_little_and_seen_to_come_back() -> None:
    n, hour = 400, 3600
    rounds = Rounds(known([0.4] * n), np.zeros(n, dtype=np.int32), 1, utc=UTC)
    ask(rounds, 0, hour, everybody)
    ask(rounds, hour, hour + 900, nobody)
    assert (rounds.belief < 0.1).all()
    sent: list[tuple[float, int, int]] = []
    ask(rounds, hour + 900, hour + 900 + int(ROUND), nobody, sent=sent)
    probes = Counter(block for _, block, _ in sent)
    assert len(probes) == n
    brief = sum(count == 1 for count in probes.values())
    assert n - 2 * IN_FULL <= brief < n
    assert len(sent) < 3 * n
    again = hour + 900 + int(ROUND)
    samples = ask(rounds, again, again + int(ROUND) + 60, everybody)
    assert (rounds.belief > 0.9).all()
    assert {int(block) for sample in samples for block in sample.block} == set(range(n))


def test_one_block_of_many_that_is_down_is_asked_in_full() -> None:
    n = 400
    rounds = Rounds(known([0.4] * n), np.zeros(n, dtype=np.int32), 1, utc=UTC)
    ask(rounds, 0, 3600, everybody)
    ask(rounds, 3600, 4500, lambda block, _place, _now: np.not_equal(block, 7))
    assert rounds.belief[7] < 0.1
    sent: list[tuple[float, int, int]] = []
    ask(
        rounds,
        4500,
        4500 + int(ROUND),
        lambda block, _place, _now: np.not_equal(block, 7),
        sent=sent,
    )
    assert Counter(block for _, block, _ in sent)[7] > 1
