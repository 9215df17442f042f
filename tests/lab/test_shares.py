"""What a happening leaves, by kind, plane, family and service, and how it goes and comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.lab.scenario import Every, Happening, Left, Planes, Window
from zicht.lab.shares import follow, left_in, occurrences, turns
from zicht.lab.world import open_scenario

BEGIN = datetime(2025, 3, 28, tzinfo=UTC)
MINUTES = 3 * 24 * 60


def at(hours: float) -> datetime:
    return BEGIN + timedelta(hours=hours)


def happening(**more: object) -> Happening:
    plain = {"id": "x", "cause": "shutdown", "who": ("country/NL",), "left": Left(packets=10)}
    times = {"begin": at(10), "end": at(20)}
    return Happening(**(plain | times | more))  # type: ignore[arg-type]  # whatever a test says


def made(one: Happening, seed: int = 1, who: str = "asn/1") -> np.ndarray:
    points = turns(one, "fixed", "packets", None, "Europe/Amsterdam", at(72))
    return follow(one, points, BEGIN, MINUTES, (seed, who))


def test_a_kind_goes_before_the_whole_and_a_service_before_traffic() -> None:
    left = Left(traffic=4, services={"search": 88}, mobile=Planes(traffic=3, services={"tor": 0}))
    assert left_in(left, "fixed", "traffic", None) == 0.04
    assert left_in(left, "mobile", "traffic", None) == 0.03
    assert left_in(left, "mobile", "traffic", "search") == 0.88
    assert left_in(left, "mobile", "traffic", "tor") == 0.0
    assert left_in(left, "mobile", "traffic", "video") == 0.03
    assert left_in(left, "mobile", "packets", None) == 1.0


def test_it_falls_within_the_minutes_of_a_cut_and_comes_back_within_those_of_a_return() -> None:
    share = made(happening(cut_minutes=10, return_minutes=60))
    assert share[599] == 1.0
    assert share[605] == pytest.approx(0.55)
    assert (share[610:1200] == 0.1).all()
    assert share[1230] == pytest.approx(0.55)
    assert (share[1260:] == 1.0).all()


def test_a_slow_recovery_has_most_of_it_early_and_steps_go_by_steps() -> None:
    slow = made(happening(return_minutes=300, recovery="slow"))
    assert slow[1300] > 0.7
    steps = made(happening(return_minutes=300, recovery="steps"))
    assert len(np.unique(steps[1200:1500])) <= 7
    assert (slow[1500:] == 1.0).all()
    assert (steps[1500:] == 1.0).all()


def test_in_a_window_something_else_is_left() -> None:
    window = Window(begin=at(12), end=at(14), left=Left(packets=80))
    share = made(happening(windows=(window,), cut_minutes=0, return_minutes=0))
    assert share[11 * 60] == 0.1
    assert share[13 * 60] == 0.8
    assert share[15 * 60] == 0.1


def test_operators_are_staggered_and_by_no_more_than_is_said() -> None:
    one = happening(cut_minutes=0, stagger_minutes=30)
    starts = [int(np.flatnonzero(made(one, who=f"asn/{asn}") < 1)[0]) for asn in range(40)]
    assert min(starts) >= 600
    assert max(starts) <= 630
    assert len(set(starts)) > 10


def test_what_comes_again_follows_the_local_clock_through_a_change_of_clocks() -> None:
    every = Every(from_="23:00", until="05:00")
    spans = list(occurrences(every, "Europe/Amsterdam", BEGIN, at(72)))
    assert [begin.hour for begin, _ in spans] == [22, 22, 21]  # summer time from the 30th on
    assert [end.hour for _, end in spans] == [4, 3, 0]  # cut off where the happening ends


def test_only_the_named_days_are_hit() -> None:
    every = Every(from_="08:00", until="10:00", weekdays=("saturday", "sunday"))
    spans = list(occurrences(every, "Europe/Amsterdam", BEGIN, at(72)))
    assert [begin.day for begin, _ in spans] == [29, 30]


def test_of_what_happens_at_once_the_worst_holds() -> None:
    world = open_scenario("kazakhstan-2022")
    minute = int((datetime(2022, 1, 5, 11, 30, tzinfo=UTC) - world.begin) / timedelta(minutes=1))
    assert world.share("traffic", 1)[minute] == 0.02  # throttled to 18, and then cut


def test_a_family_can_go_alone_and_a_service_can_stay() -> None:
    world = open_scenario("allow-list")
    minute = int((datetime(2026, 1, 8, 14, tzinfo=UTC) - world.begin) / timedelta(minutes=1))
    assert world.share("routes", 0, 6)[minute] == 0.04
    assert world.share("routes", 0, 4)[minute] == 1.0
    later = minute + 24 * 60
    assert world.share("traffic", 1)[later] == 0.03
    assert world.share("traffic", 1, service="search")[later] == 0.88


@given(
    cut=st.floats(0, 300),
    back=st.floats(0, 600),
    stagger=st.floats(0, 300),
    percent=st.floats(0, 100),
    seed=st.integers(0, 2**32),
    recovery=st.sampled_from(["linear", "steps", "slow"]),
)
def test_a_share_lies_between_what_is_left_and_all(
    cut: float, back: float, stagger: float, percent: float, seed: int, recovery: str
) -> None:
    one = happening(
        left=Left(packets=percent),
        cut_minutes=cut,
        return_minutes=back,
        stagger_minutes=stagger,
        return_stagger_minutes=stagger,
        recovery=recovery,
    )
    share = made(one, seed)
    assert share.min() >= round(percent / 100, 6)
    assert share.max() <= 1.0
    assert share[0] == share[-1] == 1.0
    lowest = int(share.argmin())
    assert (np.diff(share[: lowest + 1]) <= 0).all()
    assert (np.diff(share[lowest:]) >= 0).all()
