"""What speaks for a shutdown and what for a fault, and what must not matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from event_worlds import NOON, about, event
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from zicht.explain.explanation import explain
from zicht.explain.falls import Fall, falls_of, middle, told_of, width
from zicht.explain.marks import (
    Surroundings,
    countries_at_same_time,
    days_at_same_time,
    end_marks,
    onset_marks,
)
from zicht.explain.weights import Shown, is_shown, probability, total, weight_of, weights
from zicht.model.outage import Mark

EVER = datetime(2000, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
AROUND = Surroundings(zone=UTC, watched_since=EVER, elsewhere={}, others_watched=100)

minutes = st.integers(0, 14 * 24 * 60).map(lambda m: NOON + timedelta(minutes=m))
falls = st.builds(
    lambda onset, length: Fall(about(onset), about(onset + length)),
    minutes,
    st.integers(10, 4 * 24 * 60).map(lambda m: timedelta(minutes=m)),
)
offsets = st.integers(-11, 13).map(lambda h: timezone(timedelta(hours=h)))
surroundings = st.builds(
    Surroundings,
    zone=offsets,
    earlier=st.lists(falls, max_size=4),
    watched_since=st.sampled_from([None, EVER]),
    elsewhere=st.dictionaries(
        st.sampled_from(["AA", "BB", "CC"]), st.lists(minutes.map(about), max_size=3)
    ),
    others_watched=st.integers(0, 100),
)


def test_the_interval_of_an_instant_has_a_middle_and_a_width() -> None:
    assert middle((NOON, NOON + HOUR)) == NOON + HOUR / 2
    assert width((NOON, NOON + HOUR)) == HOUR


def test_an_event_falls_anew_after_each_window() -> None:
    one = event(end=NOON + 10 * HOUR, windows=[(NOON + 2 * HOUR, NOON + 3 * HOUR)])
    first, second = falls_of(one)
    assert (first.onset, first.end) == (one.onset, about(NOON + 2 * HOUR, HOUR / 2))
    assert (second.onset, second.end) == (about(NOON + 3 * HOUR, HOUR / 2), one.end)
    # An outage that began at the end of the window dates the fall.
    sharp = about(NOON + 3 * HOUR - timedelta(minutes=4))
    assert falls_of(one, [one.onset, sharp])[1].onset == sharp
    # Down for most of the time it is one stretch; a nightly hour is not.
    assert told_of([first, second]) == Fall(one.onset, one.end)
    nightly = event(end=NOON + DAY + HOUR, windows=[(NOON + HOUR, NOON + DAY)])
    assert told_of(falls_of(nightly)) == falls_of(nightly)[-1]


@pytest.mark.parametrize(
    ("minute", "level"), [(0, "hour"), (57, "hour"), (30, "half-hour"), (12, "other")]
)
def test_the_minute_is_that_of_the_local_clock(minute: int, level: str) -> None:
    zone = timezone(timedelta(hours=5, minutes=45))
    onset = datetime(2030, 3, 7, 9, minute, tzinfo=zone).astimezone(UTC)
    around = replace(AROUND, zone=zone)
    assert onset_marks(Fall(about(onset), None), around)["onset-minute"] == level
    blurred = Fall(about(onset, timedelta(minutes=30)), None)
    assert "onset-minute" not in onset_marks(blurred, around)


def test_what_comes_again_at_the_same_local_time_is_counted_by_days() -> None:
    earlier = [
        Fall(about(NOON - days * DAY + timedelta(minutes=5)), about(NOON - days * DAY + HOUR))
        for days in (1, 2, 9)
    ]
    fall = Fall(about(NOON), about(NOON + HOUR))
    around = replace(AROUND, earlier=earlier)
    assert days_at_same_time(fall, around) == 2
    assert onset_marks(fall, around)["recurrence"] == "repeated"
    assert end_marks(fall, around)["same-duration"] == "yes"
    assert onset_marks(fall, AROUND)["recurrence"] == "none"
    assert "recurrence" not in onset_marks(fall, replace(AROUND, watched_since=None))


def test_a_length_is_told_where_all_that_it_can_have_been_is_of_one_level() -> None:
    blurred = Fall(about(NOON, 2 * HOUR), about(NOON + 6 * DAY, 3 * HOUR))
    assert end_marks(blurred, AROUND)["duration"] == "over 48 h"
    assert "whole-half-hours" not in end_marks(blurred, AROUND)
    edge = Fall(about(NOON, 2 * HOUR), about(NOON + 2 * DAY, HOUR))
    assert "duration" not in end_marks(edge, AROUND)


def test_what_hits_several_countries_at_once_speaks_for_a_fault() -> None:
    hit = {"AA": [about(NOON + HOUR / 4)], "BB": [about(NOON)], "CC": [about(NOON + HOUR)]}
    fall, around = Fall(about(NOON), None), replace(AROUND, elsewhere=hit)
    assert countries_at_same_time(fall, around) == ["AA", "BB"]
    assert onset_marks(fall, around)["elsewhere"] == "several"
    assert total(weights(), {"elsewhere": "several"}) < -1
    # Whoever watches few countries cannot say that no other was hit.
    assert "elsewhere" not in onset_marks(fall, replace(AROUND, others_watched=3))


def test_a_curfew_at_the_same_hour_looks_ordered_and_a_cable_does_not() -> None:
    dawn = NOON.replace(hour=3)
    nights = [
        Fall(about(dawn - days * DAY), about(dawn - days * DAY + 5 * HOUR)) for days in (1, 2)
    ]
    curfew = explain(event(dawn, dawn + 5 * HOUR), replace(AROUND, earlier=nights))
    assert curfew.at_onset is not None
    assert curfew.after_end is not None
    assert curfew.at_onset > 20
    assert curfew.after_end > curfew.at_onset
    odd = NOON + timedelta(minutes=17)
    hit = {"AA": [about(odd)], "BB": [about(odd)]}
    cable = explain(event(odd, odd + 4 * HOUR), replace(AROUND, elsewhere=hit))
    assert cable.at_onset is not None
    assert cable.at_onset < 1 / 20


def test_a_first_shutdown_by_day_is_not_held_against_for_being_the_first() -> None:
    told = explain(event(NOON + timedelta(minutes=30)), AROUND)
    assert told.at_onset is not None
    assert 1 / 2 < told.at_onset < 2
    assert told.after_end is None
    assert told.percent_after_end is None


def test_an_event_that_came_again_is_told_for_its_newest_fall_too() -> None:
    windows = [(NOON + days * DAY + HOUR, NOON + days * DAY + DAY) for days in range(3)]
    onsets = [about(NOON + days * DAY) for days in range(4)]
    told = explain(event(end=NOON + 3 * DAY + HOUR, windows=windows), AROUND, onsets=onsets)
    assert told.at_onset is not None
    assert told.at_recurrence is not None
    assert told.at_recurrence >= 20 * told.at_onset
    assert explain(event(), AROUND).at_recurrence is None


def test_where_nothing_is_known_nothing_is_said() -> None:
    blind = Surroundings(zone=UTC, elsewhere={}, others_watched=0)
    daily = event(width=2 * DAY)
    told = explain(daily, blind)
    assert told.at_onset is None
    assert told.percent_at_onset is None
    assert not told.marks


def test_the_prior_can_be_set_and_moves_probabilities_alone() -> None:
    one = event(NOON + timedelta(minutes=12))
    usual, bold = explain(one, AROUND), explain(one, AROUND, prior_percent=40.0)
    assert usual.at_onset == bold.at_onset
    assert usual.prior_percent == pytest.approx(weights().prior_percent, abs=0.05)
    assert bold.prior_percent == 40.0
    for prior in (0.0, 100.0):
        with pytest.raises(ValueError, match="between 0 and 100"):
            explain(one, AROUND, prior_percent=prior)


def test_a_ratio_that_was_never_shown_to_be_right_gives_no_probability() -> None:
    model = weights()
    assert not is_shown(model, "onset", 50.0)
    assert not is_shown(model, "after", -50.0)
    good = Shown(
        labels="all",
        stage="onset",
        low=0.0,
        high=2.0,
        said=20.0,
        seen=28.0,
        outages=30,
        countries=5,
    )
    for name, other in (
        ("seen", {"seen": 31.0}),
        ("outages", {"outages": 19}),
        ("countries", {"countries": 2}),
        ("a group that disagrees", {"labels": "without", "high": 0.5}),
    ):
        both = (good, structs.replace(good, **other))
        shown = both if name.startswith("a group") else both[1:]
        assert is_shown(structs.replace(model, shown=(good,)), "onset", 1.0), name
        assert not is_shown(structs.replace(model, shown=shown), "onset", 1.0), name
    assert probability(0.0, 25.0) == pytest.approx(25.0)
    assert weight_of(model, "onset-minute", "never") is None


@given(falls, surroundings)
def test_renaming_countries_changes_nothing(fall: Fall, around: Surroundings) -> None:
    renamed = replace(
        around, elsewhere={f"X{name}": onsets for name, onsets in around.elsewhere.items()}
    )
    assert onset_marks(fall, around) == onset_marks(fall, renamed)
    assert end_marks(fall, around) == end_marks(fall, renamed)


@given(falls, surroundings, st.integers(-20, 20))
def test_shifting_by_whole_weeks_changes_nothing(
    fall: Fall, around: Surroundings, weeks: int
) -> None:
    by = timedelta(weeks=weeks)

    def moved(one: Fall) -> Fall:
        end = None if one.end is None else (one.end[0] + by, one.end[1] + by)
        return Fall((one.onset[0] + by, one.onset[1] + by), end)

    later = replace(
        around,
        earlier=[moved(one) for one in around.earlier],
        elsewhere={
            name: [(low + by, high + by) for low, high in onsets]
            for name, onsets in around.elsewhere.items()
        },
    )
    assert onset_marks(fall, around) == onset_marks(moved(fall), later)
    assert end_marks(fall, around) == end_marks(moved(fall), later)


@given(falls, surroundings)
def test_evidence_that_is_absent_is_not_evidence_against(fall: Fall, around: Surroundings) -> None:
    model = weights()
    known = onset_marks(fall, around) | end_marks(fall, around)
    blind = Surroundings(zone=around.zone, elsewhere={}, others_watched=0)
    unknown = onset_marks(fall, blind) | end_marks(fall, blind)
    assert unknown.items() <= known.items()  # knowing less takes marks away and alters none
    for name in ("recurrence", "same-duration", "elsewhere"):
        assert name not in unknown
    # That no recurrence is known, or that there was none, never lowers the ratio.
    for mark in ("recurrence", "same-duration", "onset-hour"):
        for level in ("none", "no", "other", "late"):
            assert (weight_of(model, mark, level) or 0.0) >= 0.0
    assert total(model, {}) == 0.0


@given(falls, surroundings, st.lists(falls, max_size=3))
def test_nothing_of_the_future_is_in_what_is_known_at_the_onset(
    fall: Fall, around: Surroundings, more: list[Fall]
) -> None:
    later = [one for one in more if one.onset[0] > fall.onset[0]]
    elsewhere = {
        **around.elsewhere,
        "ZZ": [one.onset for one in more if middle(one.onset) > middle(fall.onset) + HOUR / 2],
    }
    future = replace(around, earlier=[*around.earlier, *later], elsewhere=elsewhere)
    assert onset_marks(fall, around) == onset_marks(Fall(fall.onset, None), future)


def test_marks_without_weight_are_carried_along_and_change_nothing() -> None:
    mark = Mark(name="routes-up-packets-dead", level="yes", ratio=None, known="onset")
    bare, told = explain(event(), AROUND), explain(event(), AROUND, [mark])
    assert told.marks == (*bare.marks, mark)
    assert told.at_onset == bare.at_onset
