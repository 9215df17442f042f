"""People live by their clocks: when these are moved, so is what is ordinary."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from detection_worlds import BEGIN, series, signal
from hypothesis import given, settings
from hypothesis import strategies as st

from zicht.detect.assess import assess
from zicht.detect.detection import detect
from zicht.model.entity import EntityFact
from zicht.model.series import Series
from zicht.model.time import HOUR, to_microseconds

TRAFFIC = signal("lab.traffic", step=1800, plane="user", scale="index")
MOVED = to_microseconds(BEGIN + timedelta(days=21, hours=1))
SPRING = ((to_microseconds(BEGIN), HOUR), (MOVED, 2 * HOUR))


def lived(step: int = 1800, moved: int = MOVED, days: int = 28) -> Series:
    """Four weeks of people who sleep by a clock that is put forward by an hour after three."""
    spec = signal("lab.traffic", step=step, plane="user", scale="index")
    times = to_microseconds(BEGIN) + np.arange(days * 86_400 // step) * step * 1_000_000
    hours = (times + np.where(times >= moved, HOUR, 0)) / HOUR % 24
    noise = np.random.default_rng(7).standard_normal(len(times))
    values = 1000 * np.exp(1.0 * np.sin(2 * np.pi * hours / 24) ** 3 + 0.02 * noise)
    return series(spec, values)


def error_after(one: Series, clock: tuple[tuple[int, int], ...]) -> float:
    """By how much the expectation is off in the week after, on the median."""
    assessment = assess(one, clock=clock)
    after = one.times >= MOVED
    return float(np.median(np.abs(np.log(assessment.expected / one.values)[after])))


def test_the_expectation_moves_with_the_clock_and_is_as_good_as_ever() -> None:
    never = error_after(lived(moved=2 * MOVED), ())
    assert error_after(lived(), SPRING) < 1.3 * never
    assert error_after(lived(), ()) > 3 * never


def test_detection_takes_the_clock_of_the_entitys_country() -> None:
    by_clock = detect([lived()], {}, clocks={"XK": SPRING}).assessments[0]
    np.testing.assert_array_equal(by_clock.expected, assess(lived(), clock=SPRING).expected)
    of_operator = Series(TRAFFIC, "asn/1", lived().start, lived().values, lived().samples)
    facts = {"asn/1": EntityFact(entity="asn/1", country="XK")}
    own = detect([of_operator], facts, clocks={"XK": SPRING}).assessments[0]
    np.testing.assert_array_equal(own.expected, by_clock.expected)
    elsewhere = detect([lived()], {}, clocks={"KZ": SPRING}).assessments[0]
    np.testing.assert_array_equal(elsewhere.expected, assess(lived()).expected)


@settings(max_examples=20)
@given(st.integers(-14 * 4, 14 * 4), st.integers(-40, 40))
def test_a_clock_that_is_not_moved_meanwhile_changes_nothing(quarters: int, days: int) -> None:
    one = lived(days=7)
    clock = ((one.start + days * 24 * HOUR, quarters * HOUR // 4),)
    np.testing.assert_array_equal(assess(one, clock=clock).expected, assess(one).expected)


def test_bins_longer_than_an_hour_stay_where_they_are() -> None:
    one = lived(step=7200)
    np.testing.assert_array_equal(assess(one, clock=SPRING).expected, assess(one).expected)
