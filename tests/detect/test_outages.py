"""Outages: found, dated as intervals, measured in depth."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from detection_worlds import BEGIN, end_of, ordinary, series, signal

from zicht.detect.assess import assess
from zicht.detect.detection import detect
from zicht.detect.outages import find_outages

if TYPE_CHECKING:
    from zicht.model.outage import Outage
    from zicht.model.series import Series
    from zicht.model.signal import Plane

DAY = timedelta(days=1)


def outages_of(one: Series) -> list[Outage]:
    return find_outages(assess(one), end_of(one))


def blackout(step: int, share: float, bins: int, *, days: int = 10) -> Series:
    spec = signal(step=step)
    values = ordinary(spec, days)
    begin = len(values) * 8 // 10
    values[begin : begin + bins] *= share
    return series(spec, values)


@pytest.mark.parametrize("step", [60, 300, 600, 1800, 3600])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_a_steep_drop_is_dated_within_two_bins(step: int, share: float) -> None:
    one = blackout(step, share, bins=20)
    (outage,) = outages_of(one)
    begin = BEGIN + timedelta(seconds=step * (len(one.values) * 8 // 10))
    end = begin + timedelta(seconds=step * 20)
    step_time = timedelta(seconds=step)
    assert outage.onset[0] <= begin + step_time
    assert begin - step_time <= outage.onset[1]
    assert outage.onset[1] - outage.onset[0] <= 2 * step_time
    assert outage.end is not None
    assert outage.end[0] - step_time <= end <= outage.end[1]
    assert outage.end[1] - outage.end[0] <= 2 * step_time
    assert outage.depth_interval[0] <= 100 * share <= outage.depth_interval[1]
    assert outage.alerted_at <= begin + 3 * step_time
    assert outage.ongoing is False


def test_what_is_sampled_at_instants_changed_before_the_bin_that_shows_it() -> None:
    spec = signal(step=3600, instant=True)
    values = ordinary(spec, 10)
    values[200:220] = 0
    (outage,) = outages_of(series(spec, values))
    assert outage.onset == (BEGIN + timedelta(hours=199), BEGIN + timedelta(hours=200))


def test_a_single_bin_of_a_fast_series_is_a_glitch() -> None:
    assert outages_of(blackout(300, 0.0, bins=1)) == []


def test_a_gap_is_no_outage() -> None:
    one = blackout(600, float("nan"), bins=300)
    assert outages_of(one) == []


def test_an_outage_goes_on_while_its_data_do_and_is_unknown_once_they_stop() -> None:
    spec = signal()
    values = ordinary(spec, 10)
    values[1200:] *= 0.1
    one = series(spec, values)
    assert outages_of(one)[0].ongoing is True
    assert outages_of(one)[0].end is None
    later = find_outages(assess(one), end_of(one) + DAY)
    assert later[0].ongoing is None
    assert later[0].end is None


def test_a_gap_within_an_outage_does_not_split_it_and_one_at_its_end_widens_the_end() -> None:
    spec = signal()
    values = ordinary(spec, 10)
    values[1000:1200] *= 0.05
    values[1050:1100] = np.nan
    values[1190:1210] = np.nan
    (outage,) = outages_of(series(spec, values))
    assert outage.end is not None
    assert outage.end[0] <= BEGIN + timedelta(seconds=600 * 1200) <= outage.end[1]
    assert outage.end[1] - outage.end[0] > timedelta(hours=2)


def test_over_a_gap_of_more_than_three_days_nothing_is_claimed() -> None:
    spec = signal()
    values = ordinary(spec, 20)
    values[1000:2000] *= 0.05
    values[1050:1900] = np.nan
    first, second = outages_of(series(spec, values))
    assert first.end is not None
    assert first.end[1] >= second.onset[0]


def test_ordinary_weeks_of_every_plane_are_quiet() -> None:
    world = [
        series(signal("lab.bgp", step=300, plane="control"), ordinary(signal(step=300), 21)),
        series(signal("lab.probing"), ordinary(signal(), 21, noise=0.03)),
        series(
            signal("lab.traffic", step=1800, plane="user", scale="index"),
            ordinary(signal(step=1800), 21, swing=0.7, noise=0.1),
        ),
        series(signal("lab.users", step=86_400, plane="user"), ordinary(signal(step=86_400), 300)),
    ]
    assert detect(world, {}).outages == ()


def test_a_level_that_rises_for_good_becomes_ordinary() -> None:
    spec = signal(step=1800)
    values = ordinary(spec, 40)
    values[480:] *= 1.5
    one = series(spec, values)
    assert outages_of(one) == []
    assert assess(one).connectivity[-48:].mean() == pytest.approx(100, abs=5)


def test_a_loss_that_leaves_much_becomes_the_new_level_after_four_weeks_and_a_deep_one_never() -> (
    None
):
    spec = signal(step=1800)
    for share, lasts in ((0.6, False), (0.1, True)):
        values = ordinary(spec, 70)
        values[14 * 48 :] *= share
        (outage,) = outages_of(series(spec, values))
        assert (outage.end is None) == lasts
        if outage.end is not None:
            assert timedelta(days=27) < outage.end[0] - outage.onset[1] < timedelta(days=30)


def test_the_onset_of_an_outage_never_reaches_into_the_one_before() -> None:
    spec = signal()
    values = ordinary(spec, 10, level=12, noise=0.2)
    for first in range(1000, 1200, 40):
        values[first : first + 30] *= 0.02
    found = outages_of(series(spec, np.round(values)))
    for before, after in pairwise(found):
        assert before.end is not None
        assert before.onset[1] <= after.onset[0]


def test_the_way_back_from_a_surge_is_no_outage() -> None:
    spec = signal(step=600)
    values = ordinary(spec, 40)
    values[20 * 144 : 27 * 144] *= 1.5
    assert outages_of(series(spec, values)) == []


@pytest.mark.parametrize("plane", ["control", "data", "user"])
def test_a_fade_of_ten_days_is_an_outage(plane: Plane) -> None:
    spec = signal(step=1800, plane=plane)
    values = ordinary(spec, 50, swing=0.3)
    values[30 * 48 : 40 * 48] *= np.linspace(1, 0.2, 480)
    values[40 * 48 :] *= 0.2
    found = outages_of(series(spec, values))
    assert len(found) == 1
    begin = BEGIN + 30 * DAY
    assert begin < found[0].onset[0] < begin + 8 * DAY


def test_a_decline_over_months_is_none() -> None:
    spec = signal(step=3600)
    values = ordinary(spec, 200) * 0.97 ** (np.arange(200 * 24) / 168)
    assert outages_of(series(spec, values)) == []
