from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
import worlds
from hypothesis import given
from hypothesis import strategies as st

from zicht.errors import UsageError
from zicht.publish.chart_data import COLUMNS, Panel, Window, make_panel
from zicht.publish.chart_table import first_lowest

WINDOW = Window(worlds.START, worlds.START + timedelta(days=60))
LONG = worlds.assess(worlds.ROUTES, "country/KZ", level=900, share={}, end=WINDOW.end, noise=0.001)


def panel(assessment: worlds.Assessment, window: Window = WINDOW) -> Panel:
    return make_panel(assessment, [], window, name="Kazakhstan")


@given(at=st.integers(0, len(LONG.series.values) - 1))
def test_a_drop_of_one_bin_stays_visible_however_long_the_chart(at: int) -> None:
    dropped = LONG.connectivity.copy()
    dropped[at] = 7.0
    drawn = panel(worlds.replace(LONG, connectivity=dropped))
    assert min(float(line.values.min()) for line in drawn.percent) == 7.0
    assert min(row.percent for row in drawn.rows if row.percent is not None) == 7.0


def test_a_long_chart_has_no_more_points_than_its_width_shows() -> None:
    drawn = panel(LONG)
    assert sum(len(line.values) for line in drawn.percent) <= 2 * COLUMNS
    assert not drawn.stepped


def test_a_gap_breaks_the_line_and_is_marked() -> None:
    hour = timedelta(hours=1)
    gap = (worlds.START + 30 * hour, worlds.START + 40 * hour)
    window = Window(worlds.START, worlds.END)
    drawn = panel(
        worlds.assess(worlds.PINGS, "country/KZ", level=50, share={}, gaps=(gap,)), window
    )
    begin, end = (int(time.timestamp()) * 1_000_000 for time in gap)
    assert [(span.start, span.end) for span in drawn.gaps] == [(begin, end)]
    assert len(drawn.percent) == 2
    assert not any(((line.times > begin) & (line.times < end)).any() for line in drawn.percent)


def test_what_a_sick_source_said_is_kept_as_measured_but_is_no_connectivity() -> None:
    hour = timedelta(hours=1)
    sick = (worlds.START + 30 * hour, worlds.START + 40 * hour)
    window = Window(worlds.START, worlds.END)
    drawn = panel(
        worlds.assess(worlds.PINGS, "country/KZ", level=50, share={}, sick=(sick,)), window
    )
    assert len(drawn.sick) == 1
    assert drawn.gaps == ()
    assert min(float(line.values.min()) for line in drawn.percent) > 80
    assert min(float(line.values.min()) for line in drawn.raw) == 0


def test_what_lies_outside_the_data_is_a_gap() -> None:
    window = Window(worlds.START - timedelta(days=2), worlds.END + timedelta(days=2))
    drawn = panel(worlds.assess(worlds.PINGS, "country/KZ", level=50, share={}), window)
    assert len(drawn.gaps) == 2


@pytest.mark.parametrize("values", [[], [np.nan], [0.0], [np.inf], [-4.0], [1e300]])
def test_series_of_nothing_or_of_anything_are_drawn(values: list[float]) -> None:
    length = len(values)
    odd = np.array(values, dtype=np.float64)
    ones = np.ones(length)
    short = worlds.replace(
        worlds.assess(worlds.PINGS, "country/KZ", level=50, share={}),
        expected=ones,
        expected_low=ones,
        expected_high=ones,
        connectivity=odd * 100,
        sick=np.zeros(length),
    )
    short = worlds.replace(short, series=worlds.replace(short.series, values=odd))
    assert panel(short, Window(worlds.START, worlds.END)).entity == "country/KZ"


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(UsageError, match="not after it"):
        Window(worlds.END, worlds.START)


@given(
    values=st.lists(st.sampled_from([1.0, 2.0, 3.0, np.inf]), min_size=1, max_size=40),
    steps=st.lists(st.booleans(), min_size=40, max_size=40),
)
def test_the_first_lowest_of_each_group(values: list[float], steps: list[bool]) -> None:
    groups = np.cumsum(steps[: len(values)])
    found = first_lowest(np.array(values), groups)
    for group, at in zip(np.unique(groups), found, strict=True):
        own = np.flatnonzero(groups == group)
        assert at == own[int(np.argmin(np.array(values)[own]))]


def test_a_panel_may_be_coarser_and_keeps_its_lowest_bin() -> None:
    dropped = LONG.connectivity.copy()
    dropped[5_000] = 7.0
    coarse = make_panel(
        worlds.replace(LONG, connectivity=dropped), [], WINDOW, name="x", columns=60, rows=20
    )
    assert sum(len(line.values) for line in coarse.percent) <= 120
    assert len(coarse.rows) <= 20
    assert min(row.percent for row in coarse.rows if row.percent is not None) == 7.0
