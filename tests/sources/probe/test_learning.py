"""Histories learn from rounds and from each other, and nothing of blocks that are frozen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zicht.errors import FaultError
from zicht.sources.probe.history import BlockHistory, BlockSort, check, unmeasured
from zicht.sources.probe.joining import join
from zicht.sources.probe.learning import GONE_AFTER, PATIENCE, Counted, frozen_blocks, refresh
from zicht.sources.probe.sorts import is_diurnal, sort_blocks

DAY = 86_400_000_000
LATER = 1_800_000_000_000_000


def drawn(seed: int, blocks: int, *, ipv4: bool, start: int = 0) -> BlockHistory:
    """A history of blocks with up to 40 addresses each."""
    draw = np.random.default_rng(seed)
    of = np.repeat(np.arange(start, start + blocks), draw.integers(1, 40, blocks)).astype(np.uint64)
    if ipv4:
        last = draw.integers(0, 256, len(of)).astype(np.uint64)
        high = (np.uint64(10 << 56) + (of << np.uint64(40))) | (last << np.uint64(32))
        return unmeasured(high, np.zeros_like(high), ipv4=True)
    high = (
        np.uint64(0x20010DB8 << 32)
        + (of << np.uint64(16))
        + draw.integers(0, 3, len(of)).astype(np.uint64)
    )
    return unmeasured(high, draw.integers(0, 9, len(of)).astype(np.uint64), ipv4=False)


def counted(history: BlockHistory, draw: np.random.Generator, hour: int = 3) -> Counted:
    n = len(history)
    probes = draw.integers(0, 200, n).astype(np.int32)
    return Counted(
        rounds=draw.integers(1, 9, n).astype(np.int32),
        probes=probes,
        answers=draw.integers(0, probes + 1).astype(np.int32),
        answered=history.active & draw.integers(0, 256, history.active.shape).astype(np.uint8),
        address_answered=draw.random(len(history.address_high)) < 0.5,
        hour=hour,
        time=LATER,
    )


def alone(history: BlockHistory, row: int) -> dict[str, object]:
    """All that is known of one block."""
    own: dict[str, object] = {"high": int(history.high[row])}
    for name in ("availability", "rounds", "sort", "seen"):
        own[name] = getattr(history, name)[row].tobytes()
    for name in ("weight", "asked"):
        values = getattr(history, name)
        own[name] = float(values[row]) if len(values) else 0.0
    hours = history.hourly[row] if history.hourly.shape[1] else np.full(24, np.nan, np.float32)
    own["hourly"] = hours.tobytes()
    if history.ipv4:
        own["active"] = history.active[row].tobytes()
        own["recent"] = history.recent[row].tobytes() if len(history.recent) else bytes(32)
        return own
    mine = slice(history.first[row], history.first[row + 1])
    own["active"] = history.address_high[mine].tobytes() + history.address_low[mine].tobytes()
    recent = history.address_recent
    own["recent"] = (
        recent[mine].tobytes() if len(recent) else bytes(history.address_high[mine].size)
    )
    return own


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.booleans(), st.integers(1, 40))
def test_of_a_frozen_block_nothing_is_learned_whatever_it_is_fed(
    seed: int,
    ipv4: bool,  # noqa: FBT001 - drawn
    rounds: int,
) -> None:
    draw = np.random.default_rng(seed)
    history = drawn(seed, 6, ipv4=ipv4)
    history = refresh(history, counted(history, draw), np.zeros(6, dtype=np.bool_))
    frozen = draw.random(6) < 0.5
    before = [alone(history, row) for row in np.flatnonzero(frozen).tolist()]
    for _ in range(rounds):
        history = check(refresh(history, counted(history, draw, int(draw.integers(24))), frozen))
        more = drawn(int(draw.integers(2**32)), 8, ipv4=ipv4, start=2)
        more = replace(more, availability=np.full(8, 0.5, np.float32))
        old = history.high
        history = check(join(history, more, frozen))
        frozen = np.isin(history.high, old[frozen])
    assert [alone(history, row) for row in np.flatnonzero(frozen).tolist()] == before


def only(probes: int, answers: int, answered: tuple[int, ...]) -> Counted:
    """What a round counted of a history of one block of IPv4."""
    bits = np.zeros((1, 256), dtype=np.uint8)
    bits[0, list(answered)] = 1
    return Counted(
        rounds=np.array([1], dtype=np.int32),
        probes=np.array([probes], dtype=np.int32),
        answers=np.array([answers], dtype=np.int32),
        answered=np.packbits(bits, axis=1, bitorder="little"),
        address_answered=np.zeros(0, dtype=np.bool_),
        hour=5,
        time=LATER,
    )


def block(*addresses: int) -> BlockHistory:
    high = np.array([(10 << 56) | (a << 32) for a in addresses], dtype=np.uint64)
    return unmeasured(high, np.zeros_like(high), ipv4=True)


THAWED = np.array([False])


def test_rounds_that_end_at_the_first_answer_do_not_flatter_a_block() -> None:
    draw = np.random.default_rng(1)
    history = block(*range(100))
    for _ in range(800):
        asked = int(draw.geometric(0.3))
        history = refresh(history, only(asked, 1, (0,)), THAWED)
    assert history.availability[0] == pytest.approx(0.3, abs=0.05)
    assert history.hourly[0, 5] == pytest.approx(0.3, abs=0.15)
    assert np.isnan(np.delete(history.hourly[0], 5)).all()
    assert history.rounds[0] == 800


def test_a_block_that_answers_less_is_known_by_it_after_some_days() -> None:
    history = block(*range(20))
    for answers in [9] * 200 + [2] * 200:
        history = refresh(history, only(10, answers, (1,)), THAWED)
    assert history.availability[0] == pytest.approx(0.2, abs=0.1)


def test_addresses_that_no_longer_answer_are_let_go_of_and_new_ones_kept() -> None:
    history = block(*range(20))
    probes = 21 * PATIENCE  # with the one that is new
    history = refresh(history, only(probes, probes // 2, (3, 4, 77)), THAWED)
    assert np.flatnonzero(np.unpackbits(history.active[0], bitorder="little")).tolist() == [
        3,
        4,
        77,
    ]
    assert history.asked[0] == 0


def test_a_block_whose_addresses_are_all_gone_is_silent() -> None:
    history = block(*range(20))
    history = refresh(history, only(20 * PATIENCE, 0, ()), THAWED)
    assert history.ever_active[0] == 0
    assert history.sort[0] == BlockSort.SILENT
    assert np.isnan(history.availability[0])


def test_addresses_of_ipv6_are_let_go_of_by_their_block() -> None:
    history = drawn(3, 2, ipv4=False)
    sizes = history.ever_active
    answered = np.zeros(len(history.address_high), dtype=np.bool_)
    answered[0] = True
    probes = np.array([PATIENCE * sizes[0], 1], dtype=np.int32)
    learned = refresh(
        history,
        Counted(
            rounds=np.ones(2, dtype=np.int32),
            probes=probes,
            answers=np.array([1, 0], dtype=np.int32),
            answered=history.active,
            address_answered=answered,
            hour=0,
            time=LATER,
        ),
        np.zeros(2, dtype=np.bool_),
    )
    assert check(learned).ever_active.tolist() == [1, sizes[1]]
    assert learned.address_low[0] == history.address_low[0]


def test_more_answers_than_probes_are_our_fault() -> None:
    history = block(1)
    with pytest.raises(FaultError):
        refresh(history, only(1, 2, ()), THAWED)


def test_a_suspected_block_is_frozen_until_it_must_have_moved() -> None:
    now = LATER
    since = np.array([-1, now - DAY, now - GONE_AFTER - 1, now - GONE_AFTER - 1])
    operator_up = np.array([True, True, True, False])
    assert frozen_blocks(since, operator_up, now).tolist() == [False, True, False, True]


def test_a_join_takes_both_and_weighs_what_each_rests_on() -> None:
    one = replace(
        block(1, 2), availability=np.array([0.5], np.float32), weight=np.array([300], np.float32)
    )
    other = replace(
        block(2, 3), availability=np.array([0.9], np.float32), weight=np.array([100], np.float32)
    )
    both = join(one, other, THAWED)
    assert both.ever_active.tolist() == [3]
    assert both.availability[0] == pytest.approx(0.6)
    assert both.weight[0] == 400


@given(st.integers(0, 2**32), st.booleans())
def test_a_join_of_lists_knows_each_address_once(seed: int, ipv4: bool) -> None:  # noqa: FBT001
    one, other = drawn(seed, 4, ipv4=ipv4), drawn(seed + 1, 5, ipv4=ipv4, start=2)
    both = check(join(one, other, np.zeros(4, dtype=np.bool_)))
    assert both.high.tolist() == sorted({*one.high.tolist(), *other.high.tolist()})
    if not ipv4:
        pairs = {
            (high, low)
            for part in (one, other)
            for high, low in zip(part.address_high.tolist(), part.address_low.tolist(), strict=True)
        }
        assert len(both.address_high) == len(pairs)
    again = join(both, other, np.zeros(len(both), dtype=np.bool_))
    assert again.ever_active.tolist() == both.ever_active.tolist()


def test_families_are_not_joined() -> None:
    with pytest.raises(FaultError):
        join(drawn(1, 1, ipv4=True), drawn(1, 1, ipv4=False), THAWED)


@pytest.mark.parametrize(
    ("active", "share", "sort"),
    [
        (0, np.nan, BlockSort.SILENT),
        (1, 0.9, BlockSort.LONE),
        (2, np.nan, BlockSort.LONE),
        (14, 0.9, BlockSort.SPARSE),
        (15, 0.1, BlockSort.DENSE),
        (200, 0.09, BlockSort.SPARSE),
        (200, np.nan, BlockSort.UNKNOWN),
    ],
)
def test_blocks_are_sorted_by_how_many_answer_and_how_often(
    active: int, share: float, sort: BlockSort
) -> None:
    hourly = np.empty((1, 0), dtype=np.float32)
    found = sort_blocks(np.array([active]), np.array([share], dtype=np.float32), hourly)
    assert found[0] == sort


def hours(*shares: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.array([shares], dtype=np.float32)


def test_a_block_that_sleeps_at_night_is_diurnal() -> None:
    night = [0.1] * 9 + [0.6] * 15
    assert is_diurnal(hours(*night))[0]
    assert sort_blocks(np.array([50]), np.array([0.4], np.float32), hours(*night))[0] == (
        BlockSort.DIURNAL
    )


def test_a_gentle_wave_noise_and_unknown_hours_are_not_diurnal() -> None:
    assert not is_diurnal(hours(*[0.5] * 9 + [0.6] * 15))[0]
    assert not is_diurnal(hours(*[0.1, 0.7] * 12))[0]
    assert not is_diurnal(hours(*[0.0] * 24))[0]
    assert not is_diurnal(hours(np.nan, *[0.1] * 8, *[0.6] * 15))[0]


def test_few_blocks_of_steady_availability_are_called_diurnal_by_chance() -> None:
    draw = np.random.default_rng(2)
    share = draw.uniform(0.1, 1, 4000)
    hourly = draw.binomial(42, share[:, None], (4000, 24)) / 42
    assert is_diurnal(hourly.astype(np.float32)).mean() < 0.001
