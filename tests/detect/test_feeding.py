"""Bins that are fed as they come give what one pass over the whole series gives."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from detection_worlds import BEGIN, ordinary, series, signal
from hypothesis import given, settings
from hypothesis import strategies as st

from zicht.detect.assess import assess
from zicht.detect.batch import new_states
from zicht.detect.constants import ALERT
from zicht.detect.feeding import (
    BELIEF,
    CONNECTIVITY,
    LAST,
    NEXT,
    SUSPICIOUS,
    feed,
    new_tracks,
)
from zicht.detect.screened import Tracked, screened_status
from zicht.detect.status import status_of
from zicht.model.time import from_microseconds, to_microseconds

SPEC = signal(step=1800)
STEP = SPEC.step * 1_000_000
START = to_microseconds(BEGIN)
FOREVER = 10**15


def world() -> np.ndarray:
    """Six series of ten days; two go dark, two have gaps, one has a handful."""
    values = np.stack([ordinary(SPEC, 10, level=8 * 5**i) for i in range(6)])
    values[2, 400:420] *= 0.02
    values[3, 460:] *= 0.1
    values[4, 300:340] = np.nan
    values[5, ::7] = np.nan
    return np.rint(values)


def fed(values: np.ndarray, cuts: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """States, tracks and what was suspicious, of known values alone, fed in pieces."""
    states, tracks = new_states(SPEC, len(values)), new_tracks(len(values))
    told = np.zeros((len(values), 4), dtype=np.int64)
    for first, end in zip([0, *cuts], [*cuts, values.shape[1]], strict=True):
        rows, firsts, times, given_ = [], [0], [], []
        for row, own in enumerate(values):
            known = first + np.flatnonzero(~np.isnan(own[first:end]))
            if len(known):
                rows.append(row)
                times += (START + known * STEP).tolist()
                given_ += own[known].tolist()
                firsts.append(len(times))
        if rows:
            found = feed(
                SPEC,
                states,
                tracks,
                np.array(rows),
                np.array(firsts),
                np.array(times),
                np.array(given_),
                FOREVER,
            )
            told[rows] = np.where(found > 0, found, told[rows])
    return states, tracks, told


@settings(max_examples=25)
@given(cuts=st.lists(st.integers(0, 480), max_size=6).map(sorted))
def test_pieces_give_what_the_whole_gives(cuts: list[int]) -> None:
    values = world()
    states, tracks, _ = fed(values, cuts)
    whole_states, whole_tracks, _ = fed(values, [])
    np.testing.assert_array_equal(states, whole_states)
    np.testing.assert_array_equal(tracks, whole_tracks)


def test_a_track_tells_what_the_assessment_of_the_series_tells_of_its_last_bin() -> None:
    values = world()
    _, tracks, _ = fed(values, [100, 333])
    for own, track in zip(values, tracks, strict=True):
        assessment = assess(series(SPEC, own))
        last = int(np.flatnonzero(~np.isnan(assessment.connectivity))[-1])
        assert track[LAST] == START + last * STEP
        assert track[NEXT] == START + (int(np.flatnonzero(~np.isnan(own))[-1]) + 1) * STEP
        assert track[CONNECTIVITY] == pytest.approx(assessment.connectivity[last])
        assert track[BELIEF] == pytest.approx(assessment.belief_outage[last])


def test_whatever_an_outage_could_be_found_in_is_suspicious() -> None:
    values = world()
    _, _, told = fed(values, list(range(1, 480)))
    for own, (_, last, unsettled, begun) in zip(values, told, strict=True):
        belief = assess(series(SPEC, own)).belief_outage
        high = np.flatnonzero(~np.isnan(own) & (belief >= SUSPICIOUS))
        assert (last > 0) == bool(len(high))
        assert not (belief[~np.isnan(own)] >= ALERT).any() or last
        if last:
            assert last == START + high[-1] * STEP <= unsettled
            assert begun <= last


def test_a_series_that_was_away_for_too_long_begins_anew() -> None:
    values = ordinary(SPEC, 4)
    times = START + np.arange(len(values)) * STEP
    after = times + 61 * 86_400 * 1_000_000
    fresh, states, tracks = new_states(SPEC, 1), new_states(SPEC, 1), new_tracks(1)
    row, firsts = np.array([0]), np.array([0, len(values)])
    feed(SPEC, states, tracks, row, firsts, times, values, FOREVER)
    feed(SPEC, states, tracks, row, firsts, after, values, 56 * 86_400 * 1_000_000)
    feed(SPEC, fresh, new_tracks(1), row, firsts, after, values, FOREVER)
    np.testing.assert_array_equal(states, fresh)


@settings(max_examples=25)
@given(length=st.integers(2, 480), later=st.integers(0, 12))
def test_the_status_from_a_track_is_that_of_the_assessment(length: int, later: int) -> None:
    values = ordinary(SPEC, 10)[:length]
    _, tracks, _ = fed(values[None], [])
    time = from_microseconds(START + length * STEP) + later * timedelta(seconds=SPEC.step)
    whole = status_of([assess(series(SPEC, values))], [], time)
    assert [screened_status("country/XK", [Tracked(SPEC, tracks[0].tolist())], time)] == whole
