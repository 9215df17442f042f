"""The lab's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from zicht.errors import UsageError
from zicht.lab.clock import LabClock

BEGIN = datetime(2022, 1, 5, 10, tzinfo=UTC)


class Hand:
    """A real clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_world_runs_at_its_speed_from_its_begin() -> None:
    hand = Hand()
    clock = LabClock(BEGIN, 60, hand)
    assert clock.now() == BEGIN
    hand.seconds += 2.5
    assert clock.now() == BEGIN + timedelta(seconds=150)


def test_it_tells_how_long_to_wait() -> None:
    hand = Hand()
    clock = LabClock(BEGIN, 60, hand)
    assert clock.real_seconds_until(BEGIN + timedelta(minutes=3)) == 3
    assert clock.real_seconds_until(BEGIN - timedelta(minutes=3)) == 0
    hand.seconds += 1
    assert clock.real_seconds_until(BEGIN + timedelta(minutes=3)) == 2


def test_a_world_can_stand_still() -> None:
    hand = Hand()
    clock = LabClock(BEGIN, 0, hand)
    hand.seconds += 1e6
    assert clock.now() == BEGIN
    assert clock.real_seconds_until(BEGIN + timedelta(seconds=1)) == float("inf")


def test_by_itself_it_follows_the_real_clock() -> None:
    clock = LabClock(BEGIN, 1)
    first = clock.now()
    assert BEGIN <= first <= clock.now() < BEGIN + timedelta(hours=1)


@pytest.mark.parametrize("speed", [-1, float("inf"), float("nan")])
def test_no_other_speeds(speed: float) -> None:
    with pytest.raises(UsageError, match="speed"):
        LabClock(BEGIN, speed)


def test_a_begin_without_a_zone_is_no_instant() -> None:
    with pytest.raises(UsageError, match="zone"):
        LabClock(datetime(2022, 1, 5))  # noqa: DTZ001 - that is the point
