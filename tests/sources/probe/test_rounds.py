from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from asked_blocks import UTC, ask, block_and_place, everybody, known, known_6, nobody
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_country import answers_of

from zicht.errors import InputError
from zicht.sources.probe.belief import DOWN, MOST_PROBES, PROBES_PER_HOUR, UP
from zicht.sources.probe.blocks import SAVED
from zicht.sources.probe.chances import ROUND
from zicht.sources.probe.plan import Asked, Plan, Refusal
from zicht.sources.probe.rounds import WAIT, Rounds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Told = NDArray[np.bool_]


def rounds_over(availability: list[float], *, addresses: int = 64, seed: int = 1) -> Rounds:
    history = known(availability, addresses)
    return Rounds(history, np.zeros(len(history), dtype=np.int32), seed, utc=UTC)


def test_rounds_are_a_plan() -> None:
    plan: Plan = rounds_over([0.5])
    assert plan.ipv4
    assert not plan.done


def test_every_block_has_one_turn_in_each_round_always_at_the_same_time() -> None:
    sent: list[tuple[float, int, int]] = []
    ask(rounds_over([0.95] * 100), 0, 3 * int(ROUND), everybody, sent=sent)
    times: dict[int, list[float]] = {}
    for time, block, _ in sent:
        times.setdefault(block, []).append(time)
    assert len(times) == 100
    for of_block in times.values():
        assert len(of_block) == 3
        assert np.diff(of_block) == pytest.approx(ROUND, abs=1)


def test_turns_are_spread_evenly_over_the_round() -> None:
    sent: list[tuple[float, int, int]] = []
    ask(rounds_over([0.95] * 600), 0, int(ROUND), everybody, sent=sent)
    assert set(Counter(time for time, _, _ in sent).values()) <= {1, 2, 3}


def test_a_silent_block_is_asked_on_until_it_is_down_at_most_15_times_and_three_seconds_apart() -> (
    None
):
    rounds = rounds_over([0.9, 0.35])
    ask(rounds, 0, 3600, everybody)
    sent: list[tuple[float, int, int]] = []
    samples = ask(rounds, 3600, 3600 + int(ROUND), nobody, sent=sent)
    samples += ask(rounds, 3600 + int(ROUND), 3600 + int(ROUND) + 60, everybody)
    for block in (0, 1):
        times = np.array([time for time, of, _ in sent if of == block])
        assert len(times) <= MOST_PROBES
        assert (np.diff(times) >= WAIT).all()
    assert sum(of == 0 for _, of, _ in sent) < sum(of == 1 for _, of, _ in sent)
    down = {
        int(block)
        for sample in samples
        for block, up in zip(sample.block, sample.up, strict=True)
        if up < DOWN
    }
    assert 0 in down


def test_a_block_that_lost_few_packets_stays_up() -> None:
    rounds = rounds_over([0.9])
    ask(rounds, 0, 3600, everybody)
    lost = Counter[int]()

    def two_are_lost(block: Numbers, _place: object, now: float) -> Told:
        lost[int(now // ROUND)] += len(block)
        return np.array([lost[int(now // ROUND)] > 2] * len(block), dtype=np.bool_)

    samples = ask(rounds, 3600, 7200, two_are_lost)
    assert all((sample.up > UP).all() for sample in samples)
    assert any((sample.probes >= 3).any() for sample in samples)


def test_the_walk_reaches_every_address_of_the_block_before_the_first_comes_again() -> None:
    rounds = rounds_over([0.3], addresses=40)
    sent: list[tuple[float, int, int]] = []
    ask(rounds, 0, 3 * 3600, nobody, sent=sent)  # nobody is steady: all probes are of the walk
    walk = [place for _, _, place in sent]
    assert len(walk) > 80
    assert set(walk[:40]) == set(range(40))
    assert walk[:40] == walk[40:80]


def test_who_answers_is_asked_again() -> None:
    def only_seven(_block: object, place: Numbers, _now: float) -> Told:
        return np.equal(place, 7)

    rounds = rounds_over([0.1], addresses=30)
    ask(rounds, 0, 6 * 3600, only_seven)
    sent: list[tuple[float, int, int]] = []
    ask(rounds, 6 * 3600, 8 * 3600, only_seven, sent=sent)
    assert Counter(place for _, _, place in sent)[7] >= 12


def test_a_block_comes_back_though_the_one_that_answered_lately_left() -> None:
    rounds = rounds_over([0.99] * 20)
    sent: list[tuple[float, int, int]] = []
    ask(rounds, 0, int(ROUND), everybody, sent=sent)
    left = {(block, place) for _, block, place in sent}
    ask(rounds, int(ROUND), 3 * int(ROUND), nobody)

    def all_but_those(block: Numbers, place: Numbers, _now: float) -> Told:
        both = zip(block.tolist(), place.tolist(), strict=True)
        return np.array([one not in left for one in both], dtype=np.bool_)

    samples = ask(rounds, 3 * int(ROUND), 5 * int(ROUND) + 120, all_but_those)
    last = {int(b): up for one in samples for b, up in zip(one.block, one.up, strict=True)}
    assert min(last.values()) > UP


def test_a_lone_address_that_falls_silent_is_no_outage() -> None:
    rounds = rounds_over([0.95], addresses=2)
    ask(rounds, 0, 3600, everybody)
    samples = ask(rounds, 3600, 10 * 3600, nobody)
    assert all((sample.up >= DOWN).all() for sample in samples)
    assert samples[-1].up[0] < samples[0].was_up[0]


def test_sleep_is_no_outage_where_the_hours_are_known() -> None:
    day, night = [0.6] * 12, [0.01] * 12
    history = known([0.3], 64, [day + night])

    def by_day(block: Numbers, _place: object, now: float) -> Told:
        return np.full(len(block), now < 12 * 3600)

    rounds = Rounds(history, np.zeros(1, dtype=np.int32), 1, utc=UTC)
    samples = ask(rounds, 0, 16 * 3600, by_day)
    assert all((sample.up > DOWN).all() for sample in samples)

    unaware = rounds_over([0.3])
    assert any((sample.up < DOWN).any() for sample in ask(unaware, 0, 14 * 3600, by_day))


def test_a_block_gets_no_more_on_average_than_it_may() -> None:
    rounds = rounds_over([0.05, 0.3, 0.6])
    ask(rounds, 0, 2 * 3600, everybody)
    saved = rounds._blocks.allowance  # noqa: SLF001 - it takes days to be used up
    assert (saved <= SAVED).all()
    saved[:] = 30
    sent: list[tuple[float, int, int]] = []
    hours = 8
    ask(rounds, 2 * 3600, (2 + hours) * 3600, nobody, sent=sent)
    probes = Counter(block for _, block, _ in sent)
    assert all(number <= 30 + hours * PROBES_PER_HOUR + 3 for number in probes.values())
    assert all(number >= hours * 3600 / ROUND for number in probes.values())


def test_blocks_without_addresses_that_answer_are_never_asked_nor_believed() -> None:
    history = known([0.5, 0.0], 64)
    rounds = Rounds(history, np.zeros(2, dtype=np.int32), 1, utc=UTC)
    samples = ask(rounds, 0, 700, everybody)
    assert {int(block) for sample in samples for block in sample.block} == {0}
    assert np.isnan(rounds.belief).tolist() == [False, True]


def test_nothing_to_probe_is_done() -> None:
    rounds = Rounds(known([]), np.zeros(0, dtype=np.int32), 1, utc=UTC)
    assert rounds.done
    assert rounds.next(0.0) == np.inf
    assert not len(rounds.take(10, 0.0).high)


@pytest.mark.parametrize("why", list(Refusal))
def test_what_is_refused_never_counts_as_silence(why: Refusal) -> None:
    rounds = rounds_over([0.9] * 20)
    ask(rounds, 0, 3600, everybody)
    before = rounds.belief.copy()
    for tick in range(3600, 3 * 3600):
        now = float(tick)
        rounds.tick(now)
        while len(asked := rounds.take(1 << 20, now).high):
            rounds.note_refused(Asked(asked, np.zeros_like(asked)), why)
        assert all(
            not len(sample.block) for sample in rounds.samples(now) if sample.time > UTC + 3600
        )
    assert rounds.belief.tolist() == before.tolist()


def test_a_block_of_which_a_part_is_excluded_is_judged_by_the_others() -> None:
    rounds = rounds_over([0.9])
    for tick in range(3600):
        now = float(tick)
        rounds.tick(now)
        asked = rounds.take(1 << 20, now)
        _, place = block_and_place(asked)
        rounds.note_refused(asked.where(place < 32), Refusal.EXCLUDED)
        sent = asked.where(place >= 32)
        rounds.note_sent(sent, now)
        rounds.note_heard(answers_of(sent, np.full(len(sent.high), 0.01)), now)
    assert rounds.belief[0] > UP


def test_what_could_not_be_sent_now_is_asked_again_at_its_time() -> None:
    rounds = rounds_over([0.9])
    asked = rounds.take(5, 0.0)
    rounds.put_back(asked, np.array([30.0]))
    assert rounds.next(0.0) == 30.0
    assert not len(rounds.take(5, 29.0).high)
    assert rounds.take(5, 30.0).high.tolist() == asked.high.tolist()


def test_silence_is_not_judged_before_what_may_lie_unread_is_read() -> None:
    rounds = rounds_over([0.9])
    rounds.tick(0.0)
    asked = rounds.take(5, 0.0)
    rounds.note_sent(asked, 0.0)
    rounds.tick(60.0)  # this machine stood still for a minute
    rounds.note_heard(answers_of(asked, np.array([0.01])), 60.0)
    rounds.tick(60.5)
    (sample,) = rounds.samples(61.0)
    assert sample.answers.tolist() == [1]
    assert sample.silence.tolist() == [0]


def test_after_a_pause_nothing_is_made_up_for() -> None:
    rounds = rounds_over([0.95] * 300)
    ask(rounds, 0, 100, everybody)
    sent: list[tuple[float, int, int]] = []
    ask(rounds, 5000, 5100, everybody, sent=sent)
    assert max(Counter(time for time, _, _ in sent).values()) <= 3


def test_foreign_and_second_answers_change_nothing() -> None:
    rounds = rounds_over([0.5, 0.5])
    rounds.tick(0.0)
    asked = rounds.take(1, 0.0)
    rounds.note_sent(asked, 0.0)
    stranger = Asked(np.array([9 << 56], dtype=np.uint64), np.zeros(1, dtype=np.uint64))
    neighbour = Asked(asked.high ^ np.uint64(1 << 32), asked.low)
    for _ in range(3):
        rounds.note_heard(answers_of(stranger, np.array([0.1])), 0.1)
        rounds.note_heard(answers_of(neighbour, np.array([0.1])), 0.1)
    assert not rounds.samples(70.0)
    rounds.note_heard(answers_of(asked, np.array([0.1])), 0.2)
    rounds.note_heard(answers_of(asked, np.array([0.1])), 0.3)
    (sample,) = rounds.samples(70.0)
    assert sample.answers.tolist() == [1]


def test_a_minute_is_told_once_and_only_when_its_turns_are_over() -> None:
    rounds = rounds_over([0.9])
    rounds.tick(0.0)
    rounds.note_sent(rounds.take(1, 0.0), 0.0)
    assert not rounds.samples(61.0)
    samples = ask(rounds, 62, 200, nobody)
    assert [sample.time for sample in samples] == [UTC]
    assert samples[0].began.tolist() == [UTC]


def test_a_withdrawn_sample_leaves_belief_as_it_was() -> None:
    rounds = rounds_over([0.9] * 50)
    ask(rounds, 0, 3600, everybody)
    before = rounds.belief.copy()
    samples = ask(rounds, 3600, 3600 + int(ROUND) + 60, nobody)
    assert (rounds.belief < DOWN).sum() > 40
    for sample in samples:
        rounds.withdraw(sample)
    under_way = np.ones(50, dtype=np.bool_)
    for sample in samples:
        under_way[sample.block] = False
    assert (rounds.belief == before)[~under_way].sum() >= 30


def test_blocks_of_ipv6_are_probed_at_their_known_addresses() -> None:
    history = known_6([[1, 2, 3], [7], [11, 12]])
    rounds = Rounds(history, np.zeros(3, dtype=np.int32), 1, utc=UTC)
    seen: set[tuple[int, int]] = set()
    for tick in range(7200):
        now = float(tick)
        rounds.tick(now)
        asked = rounds.take(10, now)
        rounds.note_sent(asked, now)
        seen |= set(zip(asked.high.tolist(), asked.low.tolist(), strict=True))
        rounds.note_heard(answers_of(asked, np.full(len(asked.high), 0.1)), now)
    assert not rounds.ipv4
    assert {low for _, low in seen} <= {1, 2, 3, 7, 11, 12}
    assert {low for _, low in seen} >= {1, 2, 3, 7}
    assert (rounds.belief > UP).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2000), st.integers(0, 5))
def test_a_restored_run_goes_on_as_if_it_had_not_stopped(stop: int, seed: int) -> None:
    history = known([0.9, 0.4, 0.1, 0.7] * 5)
    operator = np.zeros(20, dtype=np.int32)

    def some(
        block: Numbers,
        place: Numbers,
        now: float,
    ) -> Told:
        told: Told = (place * 7 + block + int(now // 3600)) % 3 == 0
        return told

    one = Rounds(history, operator, seed, utc=UTC)
    ask(one, 0, stop, some)
    written = one.state(float(stop))
    other = Rounds(history, operator, seed, utc=UTC + stop, state=written)
    idle = one._blocks.phase == 0  # noqa: SLF001 - turns under way begin anew
    assert other.belief[idle] == pytest.approx(one.belief[idle], nan_ok=True)
    for name in ("odds", "allowance", "cursor", "steady", "steadies", "asked", "silent", "turns"):
        assert (getattr(other._blocks, name) == getattr(one._blocks, name))[idle].all(), name  # noqa: SLF001

    sent: list[tuple[float, int, int]] = []
    ask(other, 0, int(ROUND), some, sent=sent)
    first = {block: time for time, block, _ in reversed(sent)}
    assert len(first) == 20  # each block in its turn, none twice at once
    began = one._blocks.began  # noqa: SLF001
    for block, time in first.items():
        if idle[block] and np.isfinite(began[block]):
            assert time + stop - began[block] == pytest.approx(ROUND, abs=ROUND / 20 + 2)


def test_a_restored_run_knows_new_blocks_and_forgets_old_ones() -> None:
    rounds = rounds_over([0.9] * 4)
    ask(rounds, 0, 3600, everybody)
    ask(rounds, 3600, 4200, nobody)
    state = rounds.state(4200.0)
    history = known([0.9] * 6)
    other = Rounds(history, np.zeros(6, dtype=np.int32), 1, utc=UTC + 4200, state=state)
    assert (other.belief[:4] < DOWN).all()
    assert np.isnan(other.belief[4:]).all()
    fewer = Rounds(known([0.9]), np.zeros(1, dtype=np.int32), 1, utc=UTC + 4200, state=state)
    assert fewer.belief[0] < DOWN


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"high": pa.array([1], pa.uint64())}),
        pa.table({"high": pa.array([1], pa.uint64())}).replace_schema_metadata({"form": "1"}),
        pa.table({"high": ["x"]}).replace_schema_metadata({"form": "1"}),
    ],
)
def test_what_is_no_state_is_said_to_be_none(table: pa.Table) -> None:
    with pytest.raises(InputError, match="This is no state of probed blocks"):
        Rounds(known([0.5]), np.zeros(1, dtype=np.int32), 1, utc=UTC, state=table)
