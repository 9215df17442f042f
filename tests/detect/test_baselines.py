"""The rules of others behave as they are published."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import pytest
from detection_worlds import ordinary, series, signal

from zicht.detect.baselines import chocolatine, cusum, ioda, seasonal
from zicht.detect.baselines.ioda import PROBING, ROUTES, TELESCOPE, moving_ratios, rule_of

if TYPE_CHECKING:
    from zicht.model.finding import Finding
    from zicht.model.series import Series
    from zicht.model.signal import Plane, Signal

STEP = 600
DAY = 144
MICROSECONDS = STEP * 1_000_000


def flat(spec: Signal, days: float, level: float = 1000.0) -> Series:
    return series(spec, np.full(round(days * 86_400 / spec.step), level))


def with_step(one: Series, first: int, last: int, share: float) -> Series:
    one.values[first:last] *= share
    return one


def bins(one: Series, finding: Finding) -> tuple[int, int | None, int]:
    end = None if finding.end is None else (finding.end - one.start) // MICROSECONDS
    begin = (finding.begin - one.start) // MICROSECONDS
    return begin, end, (finding.alerted - one.start) // MICROSECONDS


@pytest.mark.parametrize(
    ("name", "plane", "rule"),
    [
        ("ioda.bgp", "control", ROUTES),
        ("ioda.ping-slash24", "data", PROBING),
        ("ioda.ucsd-nt", "data", TELESCOPE),
        ("ioda.merit-nt.norm.30m", "data", TELESCOPE),
        ("google.youtube", "user", TELESCOPE),
    ],
)
def test_each_of_iodas_signals_has_its_own_rule(name: str, plane: Plane, rule: ioda.Rule) -> None:
    assert rule_of(signal(name, plane=plane)) == rule


@pytest.mark.parametrize(
    ("share", "warned", "critical"), [(0.81, 0, 0), (0.79, 1, 0), (0.49, 1, 1)]
)
def test_probing_warns_below_80_percent_and_is_critical_below_50(
    share: float, warned: int, critical: int
) -> None:
    one = with_step(flat(signal(), 8), 7 * DAY, 7 * DAY + 12, share)
    assert len(ioda.find(one)) == warned
    assert len(ioda.find(one, level="critical")) == critical


@pytest.mark.parametrize(("share", "warned"), [(0.995, 0), (0.985, 1)])
def test_routes_warn_below_99_percent(share: float, warned: int) -> None:
    one = with_step(flat(signal(plane="control"), 3), 2 * DAY, 2 * DAY + 12, share)
    assert len(ioda.find(one)) == warned


def test_ioda_alerts_in_the_first_bin_and_ends_with_the_first_ordinary_one() -> None:
    one = with_step(flat(signal(), 9), 7 * DAY, 7 * DAY + 12, 0.3)
    assert [bins(one, finding) for finding in ioda.find(one)] == [(1008, 1020, 1009)]


def test_a_plain_sliding_median_learns_a_blackout_after_half_its_window() -> None:
    one = with_step(flat(signal(), 20), 10 * DAY, 20 * DAY, 0.1)
    (finding,) = ioda.find(one, replaced_hours=0)
    begin, end, _ = bins(one, finding)
    assert begin == 10 * DAY
    assert end is not None
    assert abs(end - begin - 3.5 * DAY) <= 1


def test_ioda_replaces_a_blackout_for_seven_days_and_then_takes_it_for_ordinary() -> None:
    one = with_step(flat(signal(), 25), 10 * DAY, 25 * DAY, 0.1)
    (finding,) = ioda.find(one)
    begin, end, _ = bins(one, finding)
    assert (begin, end) == (10 * DAY, 17 * DAY)


def test_what_returns_within_seven_days_leaves_the_median_as_it_was() -> None:
    one = with_step(flat(signal(), 20), 10 * DAY, 16 * DAY, 0.1)
    ratios = moving_ratios(one.values[None], STEP, rule=PROBING)[0]
    assert np.all(ratios[16 * DAY :] == 1)


def test_ioda_says_nothing_in_the_first_hour_nor_of_missing_bins() -> None:
    one = flat(signal(), 2)
    one.values[100:110] = np.nan
    ratios = moving_ratios(one.values[None], STEP, rule=PROBING)[0]
    assert np.flatnonzero(np.isnan(ratios)).tolist() == [*range(6), *range(100, 110)]


def test_the_sliding_median_is_that_of_the_window() -> None:
    values = np.random.default_rng(3).uniform(90, 110, (2, 600))
    values[1, 50:90] = np.nan
    rule = ioda.Rule(24, 0.0, 0.0)
    ratios = moving_ratios(values, STEP, rule=rule)
    for row in range(2):
        for i in range(6, 600):
            window = np.sort(values[row, max(i - DAY, 0) : i])
            window = window[~np.isnan(window)]
            if len(window) and not np.isnan(values[row, i]):
                expected = values[row, i] / window[(len(window) + 1) // 2 - 1]
                assert ratios[row, i] == pytest.approx(expected)


def test_a_seasonal_median_knows_the_hour_of_the_day() -> None:
    one = series(signal(), ordinary(signal(), 21, swing=0.6, noise=0.02))
    assert seasonal.find(one, width=8) == []
    one = with_step(one, 15 * DAY, 15 * DAY + 30, 0.4)
    (finding,) = seasonal.find(one, width=8)
    assert bins(one, finding) == (15 * DAY, 15 * DAY + 30, 15 * DAY + 1)


def test_a_seasonal_median_learns_a_curfew_within_weeks() -> None:
    one = flat(signal(), 60)
    for day in range(20, 60):
        one.values[day * DAY : day * DAY + 30] *= 0.1
    nights = {bins(one, finding)[0] // DAY for finding in seasonal.find(one)}
    assert nights == set(range(20, 34))


def test_seasons_are_medians_over_the_days_before() -> None:
    values = np.random.default_rng(5).uniform(90, 110, (1, 40 * 24))
    middle, spread = seasonal.medians(values, 24)
    i = 35 * 24 + 7
    before = values[0, i - 28 * 24 : i : 24]
    centre = np.median(before)
    assert middle[0, i] == pytest.approx(centre)
    strays = 1.4826 * np.median(abs(before - centre))
    assert spread[0, i] == pytest.approx(max(strays, centre / 100))
    assert np.isnan(middle[0, : 3 * 24]).all()


def test_a_bin_of_a_day_has_the_week_as_its_season() -> None:
    assert seasonal.season_bins(86_400) == 7
    assert seasonal.season_bins(3600) == 24


@pytest.mark.parametrize(("share", "after"), [(0.0, 11), (0.31, 21)])
def test_a_cusum_alerts_after_its_delay_and_sooner_when_more_is_lost(
    share: float, after: int
) -> None:
    # The limit is 20 x 0.7 / 2 = 7; each bin adds what is lost less 0.35.
    one = with_step(flat(signal(), 12), 10 * DAY, 11 * DAY, share)
    (finding,) = cusum.find(one)
    begin, end, alerted = bins(one, finding)
    assert begin == 10 * DAY
    assert end == 11 * DAY
    assert alerted - begin == after


def test_a_cusum_never_sees_what_lies_below_the_middle_of_its_means() -> None:
    assert cusum.find(with_step(flat(signal(), 12), 10 * DAY, 12 * DAY, 0.66)) == []


def test_a_cusum_finds_its_first_state_in_silence() -> None:
    one = with_step(flat(signal(), 12), 3 * DAY + 1, 3 * DAY + 10, 0.0)
    assert cusum.find(one) == []


def test_a_gap_neither_begins_nor_ends_anything() -> None:
    one = with_step(flat(signal(), 12), 10 * DAY, 10 * DAY + 40, 0.0)
    one.values[10 * DAY + 15 : 10 * DAY + 25] = np.nan
    for find in (ioda.find, seasonal.find, cusum.find):
        (finding,) = find(one)
        assert bins(one, finding)[:2] == (10 * DAY, 10 * DAY + 40)


def test_the_future_changes_nothing_that_was_said() -> None:
    one = with_step(flat(signal(), 12), 10 * DAY, 10 * DAY + 40, 0.0)
    early = series(signal(), one.values[: 10 * DAY + 30].copy())
    for find in (ioda.find, seasonal.find, cusum.find):
        (whole,), (part,) = find(one), find(early)
        assert (part.begin, part.alerted, part.end) == (whole.begin, whole.alerted, None)


HOURS = signal("a.x", step=3600, scale="index")
AS_A_WEEK_AGO = chocolatine.Model(0.0, np.zeros(0), np.zeros(0), 0.01)


def test_chocolatine_expects_what_was_a_week_ago_and_what_its_model_adds() -> None:
    values = np.tile(ordinary(HOURS, 7, level=1, noise=0), 6)
    values[800:810] -= 0.5
    (found,) = chocolatine.find_with(series(HOURS, values), AS_A_WEEK_AGO)
    first = series(HOURS, values).start
    hour = 3_600_000_000
    assert (found.begin, found.end) == (first + 800 * hour, first + 810 * hour)
    assert chocolatine.find_with(series(HOURS, values), AS_A_WEEK_AGO, width=90) == []


def test_chocolatine_finds_nothing_while_it_learns() -> None:
    assert chocolatine.learning_bins(600) == 14 * 144
    assert chocolatine.learning_bins(3600) == 28 * 24
    assert chocolatine.learning_bins(86_400) == 84
    assert chocolatine.find(series(HOURS, np.ones(28 * 24))) == []
    values = np.ones(50 * 24)
    values[200:300] = 0
    known = chocolatine.find_with(series(HOURS, values), AS_A_WEEK_AGO)
    assert known == []


def test_chocolatine_searches_its_model_with_statsmodels_and_asks_for_it() -> None:
    random = np.random.default_rng(3)
    steps, values = random.standard_normal(5 * 168), np.zeros(5 * 168)
    for i in range(1, len(values)):
        values[i] = 0.8 * values[i - 1] + steps[i]
    if find_spec("statsmodels") is None:
        with pytest.raises(ImportError, match="statsmodels"):
            chocolatine.search(values, 168)
    else:
        model = chocolatine.search(values, 168)
        assert 1 <= len(model.autoregressive) + len(model.moving) <= 2
        assert 1.0 < model.spread < 2.5
