"""Signals of a plane join their evidence; what they share counts once, and silence says nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from detection_worlds import BEGIN, end_of, ordinary, series, signal
from hypothesis import given
from hypothesis import strategies as st

from zicht.detect.detection import detect
from zicht.detect.fusion import beliefs_at, highest_beliefs, independent, independent_groups
from zicht.model.belief import Assessment

if TYPE_CHECKING:
    from zicht.model.series import Series
    from zicht.model.signal import Plane, Signal

BINS = 12
NOW = BEGIN + timedelta(minutes=10 * BINS)
PRIOR = 12 / (14 * 24 + 12)  # of two weeks ordinary and half a day not

beliefs = st.floats(0.0, 1.0)


def spec(name: str, *inputs: str, plane: Plane = "data") -> Signal:
    return msgspec.structs.replace(signal(name, plane=plane), inputs=inputs)


def assessed(
    one: Signal, belief: float, *, left: float = 50.0, above: float = 80.0, missing: int = 0
) -> Assessment:
    """A series of which the last bins are missing and all others say the same."""
    connectivity = np.full(BINS, float(left))
    connectivity[BINS - missing :] = np.nan
    same, zero = np.full(BINS, belief), np.zeros(BINS)
    return Assessment(
        series=series(one, connectivity),
        expected=np.full(BINS, 100.0),
        expected_low=zero,
        expected_high=zero,
        connectivity=connectivity,
        ordinary_above=np.full(BINS, above),
        belief_outage=same,
        belief_outage_later=same,
        share=zero,
        share_low=zero,
        share_high=zero,
        sick=zero,
    )


def belief_of(*assessments: Assessment) -> float:
    return beliefs_at(assessments, NOW)["data"].belief_outage


@given(beliefs)
def test_one_signal_alone_is_believed_as_it_is(belief: float) -> None:
    assert belief_of(assessed(spec("a.x", "a"), belief)) == pytest.approx(belief, abs=1e-4)


@given(beliefs, st.integers(2, 5))
def test_signals_that_read_the_same_input_count_once(belief: float, copies: int) -> None:
    group = [assessed(spec(f"s{i}.x", "ris"), belief) for i in range(copies)]
    assert belief_of(*group) == pytest.approx(belief, abs=1e-4)
    assert beliefs_at(group, NOW)["data"].groups == 1


@given(st.floats(0.04, 0.999), st.floats(0.04, 0.999))
def test_independent_signals_that_agree_convince_more_than_either(one: float, other: float) -> None:
    together = belief_of(assessed(spec("a.x", "a"), one), assessed(spec("b.x", "b"), other))
    assert together >= max(one, other) - 1e-4


def test_odds_beyond_the_prior_multiply() -> None:
    def odds(belief: float) -> float:
        return belief / (1 - belief)

    found = belief_of(assessed(spec("a.x", "a"), 0.5), assessed(spec("b.x", "b"), 0.4))
    assert odds(found) == pytest.approx(odds(0.5) * odds(0.4) / odds(PRIOR), rel=0.01)


def test_sources_that_disagree_are_said_to() -> None:
    found = beliefs_at(
        [assessed(spec("a.x", "a"), 0.95), assessed(spec("b.x", "b"), 1e-4, left=99)], NOW
    )["data"]
    assert found.belief_outage < 0.5
    assert (found.groups_down, found.groups) == (1, 2)


def test_who_could_not_have_shown_the_loss_says_nothing_against_it() -> None:
    sees = assessed(spec("a.x", "a"), 0.95, left=60)
    unruly = assessed(spec("b.x", "b"), 1e-4, left=90, above=40)
    assert belief_of(sees, unruly) == belief_of(sees)
    assert beliefs_at([sees, unruly], NOW)["data"].signals == ("a.x",)


def test_planes_are_kept_apart() -> None:
    packets = assessed(spec("a.x", "a"), 0.99)
    routes = assessed(spec("b.x", "b", plane="control"), 1e-4, left=100)
    found = beliefs_at([packets, routes], NOW)
    assert found["data"].belief_outage == belief_of(packets)
    assert found["control"].belief_outage < 0.01


def test_a_signal_that_is_missing_or_sick_says_nothing() -> None:
    sees = assessed(spec("a.x", "a"), 0.95)
    gone = assessed(spec("b.x", "b"), 1e-4, left=99, missing=6)
    assert belief_of(sees, gone) == belief_of(sees)
    fresh = assessed(spec("b.x", "b"), 1e-4, left=99)
    sick = replace(fresh, sick=np.ones(BINS))
    assert belief_of(sees, sick) == belief_of(sees)
    assert beliefs_at([gone], NOW) == {}


def test_what_was_seen_a_while_ago_says_less() -> None:
    sees = assessed(spec("a.x", "a"), 0.95)
    fresh, older = (assessed(spec("b.x", "b"), 1e-3, left=99, missing=n) for n in (0, 3))
    assert belief_of(sees, fresh) < belief_of(sees, older) < belief_of(sees)


def test_the_highest_belief_of_a_period_is_that_of_its_highest_moment() -> None:
    rising = replace(assessed(spec("a.x", "a"), 0.5), belief_outage=np.linspace(0.1, 0.9, BINS))
    assert highest_beliefs([rising], BEGIN, NOW)["data"].belief_outage == pytest.approx(0.9)
    half = BEGIN + timedelta(hours=1)
    assert highest_beliefs([rising], BEGIN, half)["data"].belief_outage < 0.6
    assert beliefs_at([rising], half) == highest_beliefs([rising], BEGIN, half)


def test_what_two_signals_share_with_a_third_ties_them() -> None:
    ours, theirs = spec("a.x", "ris"), spec("b.x", "routeviews")
    both = spec("c.x", "ris", "routeviews")
    assert independent_groups([ours, theirs]) == [[0], [1]]
    assert independent_groups([ours, theirs, both]) == [[0, 1, 2]]
    # Where inputs are not declared, one source's signals of a plane are one instrument's.
    assert not independent(spec("a.x"), spec("a.y"))
    assert independent(spec("a.x", "telescope"), spec("a.y", "prober"))


def _world() -> list[Series]:
    """A quiet country: routes and two sources of packets, and four operators seen by each."""
    sources = (
        spec("ours.routes", "ris", plane="control"),
        spec("ours.probing", "probers"),
        spec("theirs.telescope", "telescope"),
    )
    places = ("country/XK", *(f"asn/{number}" for number in (64500, 64501, 64502, 64503)))
    return [
        series(one, ordinary(one, 12, level=2000 + 100 * i), place)
        for one in sources
        for i, place in enumerate(places)
    ]


@pytest.mark.parametrize("how", ["missing", "zero"])
@pytest.mark.parametrize("feed", ["ours.routes", "ours.probing", "theirs.telescope", "asn/64501"])
def test_no_alert_when_one_source_or_operator_feed_is_removed(feed: str, how: str) -> None:
    """Whether it falls silent or writes zeros; that an operator reads zero everywhere is real."""
    world = []
    for one in _world():
        values = one.values.copy()
        if feed in {one.signal.name, one.entity}:
            values[1400:] = np.nan if how == "missing" else 0.0
        world.append(replace(one, values=values))
    found = detect(world, {}, as_of=end_of(world[0]))
    raised = [one for one in found.events if one.level == "alert"]
    if feed == "asn/64501" and how == "zero":
        assert [one.entity for one in raised] == ["asn/64501"]
    else:
        assert raised == []


def test_an_outage_found_without_any_one_source_is_still_found() -> None:
    world = []
    for one in _world():
        values = one.values.copy()
        values[1400:1500] *= 0.1
        world.append(replace(one, values=values))
    for removed in {one.signal.name for one in world}:
        left = [one for one in world if one.signal.name != removed]
        events = detect(left, {}, as_of=end_of(world[0])).events
        assert "country/XK" in {one.entity for one in events if one.level == "alert"}
