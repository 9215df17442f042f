"""A sweep asks each address once in each round, and goes on from wherever it was written down."""

from __future__ import annotations

import pickle
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zicht.sources.probe.census import estimate, found, learn, silent
from zicht.sources.probe.history import BlockHistory, BlockSort, check, no_history, to_table
from zicht.sources.probe.plan import Asked, Refusal
from zicht.sources.probe.replies import Judged
from zicht.sources.probe.space import Listed, Ranges
from zicht.sources.probe.sweep import MOST_TRIES, TRY_AGAIN, Progress, Sweep, begin
from zicht.sources.probe.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from zicht.sources.probe.space import Space

TIMEOUT = 5.0


def space_of(first: int, size: int) -> Ranges:
    low = np.array([first], dtype=np.uint64) << np.uint64(32)
    return Ranges(low, low + (np.uint64(size - 1) << np.uint64(32)))


SMALL = space_of(10 << 24, 600)


def heard(asked: Asked, verdict: Verdict = Verdict.ANSWER) -> Judged:
    n = len(asked.high)
    none = np.zeros(n, dtype=np.uint8)
    return Judged(
        verdict=np.full(n, verdict, dtype=np.uint8),
        high=asked.high,
        low=asked.low,
        round_trip=np.full(n, 0.1),
        icmp_type=none,
        icmp_code=none,
    )


def drawer(seed: int) -> Callable[[int], int]:
    draw = np.random.default_rng(seed)
    return lambda below: int(draw.integers(below))


def sweep_of(space: Space, progress: Progress, seed: int = 1, every: float = 0) -> Sweep:
    return Sweep(space, progress, drawer(seed), every=every, timeout=TIMEOUT, wall=1000.0)


def new(space: Space, rounds: int, seed: int = 1) -> Progress:
    return begin(space.size, rounds, drawer(seed), 1000.0)


def run(
    sweep: Sweep,
    answers: Callable[[int, int], bool],
    *,
    now: float = 0.0,
    until: int = 10**9,
    probed: Counter[int] | None = None,
) -> float:
    """Probe until the end, or until so many were sent; every address answers as it is told."""
    sent = 0
    while not sweep.done and sent < until:
        asked = sweep.take(50, now)
        sweep.note_sent(asked, now)
        sent += len(asked.high)
        at = (asked.high >> np.uint64(32)).tolist()
        if probed is not None:
            probed.update(at)
        does = np.array([answers(a, sweep.progress.done) for a in at], dtype=np.bool_)
        sweep.note_heard(heard(asked.where(does)), now)
        now += 0.5
        sweep.tick(now)
    return now


def test_each_address_is_asked_once_a_round() -> None:
    probed: Counter[int] = Counter()
    sweep = sweep_of(SMALL, new(SMALL, 3))
    run(sweep, lambda _a, _r: True, probed=probed)
    assert set(probed.values()) == {3}
    assert len(probed) == SMALL.size
    assert sweep.next(9) == float("inf")


@settings(max_examples=50)
@given(st.integers(0, 2**32), st.lists(st.integers(0, 400), max_size=8))
def test_after_a_kill_at_any_time_nobody_is_lost_and_few_are_asked_again(
    seed: int, kills: list[int]
) -> None:
    draw = drawer(seed)
    written = pickle.dumps(new(SMALL, 2, seed))
    probed: Counter[int] = Counter()
    for until in [*kills, 10**9]:
        progress = pickle.loads(written)  # noqa: S301 - written here
        sweep = sweep_of(SMALL, progress, seed)
        now = run(sweep, lambda a, _r: a % 3 == 0, until=until, probed=probed)
        written = pickle.dumps(sweep.settle())
        run(sweep, lambda _a, _r: True, now=now, until=draw(100), probed=probed)
    history = found(SMALL, pickle.loads(written), 5)  # noqa: S301 - written here
    first = 10 << 24
    assert int(history.ever_active.sum()) == sum((first + k) % 3 == 0 for k in range(600))
    assert min(probed.values()) == 2
    # What is in flight, for TIMEOUT, and what came after the writing is asked again.
    again = sum(probed.values()) - 2 * SMALL.size
    assert again <= len(kills) * (50 * TIMEOUT / 0.5 + 50 + 150) + 150


def test_who_answers_in_each_round_and_who_in_one_are_told_apart() -> None:
    sweep = sweep_of(SMALL, new(SMALL, 4))
    first = 10 << 24
    run(sweep, lambda a, r: a < first + 50 or (a < first + 100 and r == 2))
    history = check(found(SMALL, sweep.progress, 77))
    assert history.ever_active.tolist() == [100]
    # 50 answer always: 4 of 4 each; 50 answered once, and not in the 3 rounds but that one.
    assert history.availability[0] == pytest.approx(200 / 350)
    assert history.rounds.tolist() == [4]
    assert history.seen.tolist() == [77]
    assert history.sort.tolist() == [BlockSort.DENSE]


def test_a_share_as_it_is_comes_out_as_it_is() -> None:
    draw = np.random.default_rng(3)
    space = space_of(10 << 24, 256 * 100)
    sweep = sweep_of(space, new(space, 4))
    share = {a: draw.choice([0.0, 0.3, 0.9]) for a in range(10 << 24, (10 << 24) + space.size)}
    run(sweep, lambda a, _r: bool(draw.random() < share[a]))
    history = found(space, sweep.progress, 0)
    asked_again = [
        np.mean([share[int(a)] for a in np.flatnonzero(bits) + (int(high) >> 32)])
        for high, bits in zip(
            history.high.tolist(),
            np.unpackbits(history.active, axis=1, bitorder="little"),
            strict=True,
        )
    ]
    assert float(np.mean(history.availability)) == pytest.approx(np.mean(asked_again), abs=0.03)


def test_one_round_tells_who_and_not_how_often() -> None:
    sweep = sweep_of(SMALL, new(SMALL, 1))
    run(sweep, lambda _a, _r: True)
    history = found(SMALL, sweep.progress, 0)
    assert history.ever_active.tolist() == [256, 256, 88]
    assert np.isnan(history.availability).all()
    assert set(history.sort.tolist()) == {BlockSort.UNKNOWN}


def test_answers_count_once_and_those_of_nobody_asked_not_at_all() -> None:
    sweep = sweep_of(SMALL, new(SMALL, 1))
    asked = sweep.take(10, 0)
    sweep.note_sent(asked, 0)
    sweep.note_heard(heard(asked), 0)
    sweep.note_heard(heard(asked), 0)
    sweep.note_heard(heard(Asked(asked.high + np.uint64(1 << 63), asked.low)), 0)
    sweep.note_heard(heard(asked.where(slice(2)), Verdict.LATE), 0)
    told = sweep.progress.told
    n = len(asked.high)
    assert (told["answered"], told["duplicate"], told["foreign"], told["late"]) == (n, n, n, 2)


def test_who_was_given_and_not_yet_sent_to_is_written_down_too() -> None:
    sweep = sweep_of(SMALL, new(SMALL, 1))
    given = {int(high) for high in sweep.take(100, 0).high}
    again = sweep_of(SMALL, sweep.settle())
    assert {int(high) for high in again.take(len(given), 0).high} == given
    sweep.note_sent(sweep.take(1000, 0), 0)
    sweep.tick(100)
    assert not sweep.done  # of the first nothing was said


def test_who_is_excluded_is_not_asked_again_and_who_had_to_wait_is() -> None:
    sweep = sweep_of(SMALL, new(SMALL, 1))
    asked = sweep.take(10, 0)
    sweep.note_refused(asked.where(slice(4)), Refusal.EXCLUDED)
    rest = asked.where(slice(4, None))
    sweep.put_back(rest, np.full(len(rest.high), 3.0))
    probed: Counter[int] = Counter()
    run(sweep, lambda _a, _r: True, probed=probed)
    assert len(probed) == 596
    assert sweep.progress.told["excluded"] == 4


def test_while_this_machine_cannot_send_nobody_is_counted_as_silent() -> None:
    sweep = sweep_of(SMALL, new(SMALL, 1))
    for k in range(40):  # the network is down for a long time
        now = k * TRY_AGAIN
        sweep.note_refused(sweep.take(1000, now), Refusal.UNSENDABLE)
        sweep.tick(now)
    assert not sweep.done
    probed: Counter[int] = Counter()
    run(sweep, lambda _a, _r: True, now=41 * TRY_AGAIN, probed=probed)
    assert len(probed) == SMALL.size


def test_an_address_that_alone_cannot_be_sent_to_is_given_up() -> None:
    sweep = sweep_of(SMALL, new(SMALL, 1))
    bad = sweep.take(1, 0).where(slice(1))
    sweep.note_refused(bad, Refusal.UNSENDABLE)
    now = 0.0
    while not sweep.done:
        asked = sweep.take(3, now)
        mine = np.isin(asked.high, bad.high)
        sweep.note_sent(asked.where(~mine), now)
        if mine.any():
            sweep.note_refused(asked.where(mine), Refusal.UNSENDABLE)
        now += 1
        sweep.tick(now)
    assert sweep.progress.told["unsendable"] + sweep.progress.told["sent"] == SMALL.size
    assert now < (MOST_TRIES + 1) * TRY_AGAIN


def test_rounds_begin_no_earlier_than_they_may() -> None:
    sweep = sweep_of(SMALL, new(SMALL, 2), every=3600)
    now = 0.0
    while sweep.progress.done == 0:
        sweep.note_sent(sweep.take(600, now), now)
        now += 1
        sweep.tick(now)
    assert not len(sweep.take(5, now).high)
    assert sweep.next(now) == 3600
    assert len(sweep.take(5, 3600).high)


def test_a_list_of_ipv6_is_asked_again_and_becomes_blocks() -> None:
    high = np.array([0x20010DB8_00010000, 0x20010DB8_00010000, 0x20010DB8_00020000], np.uint64)
    space = Listed(high, np.array([1, 2, 1], dtype=np.uint64), ipv4=False)
    sweep = sweep_of(space, new(space, 2))
    now = 0.0
    while not sweep.done:
        asked = sweep.take(9, now)
        sweep.note_sent(asked, now)
        sweep.note_heard(heard(asked.where(asked.low == 1)), now)
        now += 1
        sweep.tick(now)
    history = check(found(space, sweep.progress, 0))
    assert history.ever_active.tolist() == [1, 1]
    assert history.availability.tolist() == [1, 1]


def test_blocks_that_were_known_and_do_not_answer_are_told() -> None:
    sweep = sweep_of(SMALL, new(SMALL, 2))
    run(sweep, lambda _a, _r: True)
    known = found(SMALL, sweep.progress, 0)
    again = sweep_of(SMALL, new(SMALL, 2))
    first = 10 << 24
    run(again, lambda a, _r: a < first + 256)
    vain, probes = silent(SMALL, again.progress, known)
    assert vain.tolist() == [False, True, True]
    assert probes.tolist() == [0, 512, 176]


def test_a_census_takes_as_long_as_its_slowest_part() -> None:
    quick = estimate(SMALL, 2, rate=1e6, per_minute=60, every=0, timeout=5)
    assert (quick.addresses, quick.blocks, quick.probes) == (600, 3, 1200)
    assert quick.seconds == pytest.approx(2 * (255 + 5))
    slow = estimate(SMALL, 2, rate=1, per_minute=60, every=3600, timeout=5)
    assert slow.seconds == pytest.approx(3600 + 605)


def test_a_space_far_above_what_a_table_could_hold_takes_bits() -> None:
    space = space_of(0, 1 << 30)
    progress = new(space, 3)
    assert progress.counts.nbytes + progress.answered.nbytes == 3 * (1 << 27)
    assert progress.left_out.nbytes == 1 << 27
    sweep = sweep_of(space, progress)
    asked = sweep.take(256, 0)
    sweep.note_sent(asked, 0)
    sweep.note_heard(heard(asked), 0)
    assert progress.told["answered"] == len(asked.high)


DAY = 86_400_000_000


def known_and(answers: Callable[[int, int], bool], space: Space) -> tuple[BlockHistory, Progress]:
    """What a first census found, where all answer, and the progress of a second one."""
    first, second = (sweep_of(space, new(space, 2)) for _ in range(2))
    run(first, lambda _a, _r: True)
    run(second, answers)
    return learn(no_history(ipv4=True), space, first.progress, DAY), second.progress


def test_a_census_amid_an_outage_teaches_no_silence() -> None:
    known, second = known_and(lambda a, _r: a < (10 << 24) + 256, SMALL)
    later = learn(known, SMALL, second, 30 * DAY)
    assert later.rounds.tolist() == [4, 2, 2]
    assert later.availability.tolist() == [1, 1, 1]
    assert later.ever_active.tolist() == known.ever_active.tolist()
    assert later.seen.tolist() == [30 * DAY, DAY, DAY]


def test_a_block_that_is_silent_for_long_amid_others_that_answer_has_moved() -> None:
    space = space_of(10 << 24, 256 * 10)

    def all_but_one(address: int, _round: int) -> bool:
        return address >= (10 << 24) + 256

    known, second = known_and(all_but_one, space)
    soon = learn(known, space, second, 2 * DAY)
    assert (soon.rounds[0], soon.availability[0]) == (2, 1)
    later = learn(known, space, second, 30 * DAY)
    assert later.rounds[0] == 4
    assert later.availability[0] < 0.6
    assert (later.availability[1:] == 1).all()


def test_to_learn_a_census_twice_changes_nothing() -> None:
    known, second = known_and(lambda a, _r: a % 2 == 0, SMALL)
    once = learn(known, SMALL, second, 2 * DAY)
    assert to_table(learn(once, SMALL, second, 2 * DAY)).equals(to_table(once))


def test_a_block_that_is_excluded_is_not_silent() -> None:
    space = space_of(10 << 24, 256 * 10)
    known, _ = known_and(lambda _a, _r: True, space)
    sweep = sweep_of(space, new(space, 2))
    now = 0.0
    while not sweep.done:
        asked = sweep.take(100, now)
        barred = asked.high < np.uint64(((10 << 24) + 256) << 32)
        sweep.note_refused(asked.where(barred), Refusal.EXCLUDED)
        sweep.note_sent(asked.where(~barred), now)
        sweep.note_heard(heard(asked.where(~barred)), now)
        now += 1
        sweep.tick(now)
    later = learn(known, space, sweep.progress, 30 * DAY)
    assert later.availability.tolist() == [1] * 10
    assert later.rounds.tolist() == [2] + [4] * 9
