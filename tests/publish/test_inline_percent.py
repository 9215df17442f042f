from __future__ import annotations

import gzip
import re
from datetime import timedelta

import numpy as np
import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import parsed

from zicht.detect.constants import ALERT
from zicht.model.time import to_microseconds
from zicht.publish.chart_data import Line, Panel, Window, make_panel
from zicht.publish.chart_words import Subject, description
from zicht.publish.inline.beliefs import belief_chart
from zicht.publish.inline.path import Frame, band_path, line_path
from zicht.publish.inline.percent import MOST_MARKS, Mark, percent_chart
from zicht.publish.inline.scene import Scene, top_of
from zicht.publish.inline.sparkline import small_chart, sparkline
from zicht.publish.inline.style import PLAIN, STYLE
from zicht.publish.inline.svg import own_key
from zicht.publish.language import language

WINDOW = Window(worlds.START, worlds.END)
WORLD = worlds.blackout()
SCENE = Scene(language("en"), WINDOW, worlds.ALMATY, 130)
SVG = "{http://www.w3.org/2000/svg}"


def panels(window: Window = WINDOW) -> list[Panel]:
    return [
        make_panel(one, WORLD.outages, window, name="Kazakhstan")
        for one in WORLD.assessments
        if one.series.entity == "country/KZ"
    ]


def depths_of(path: str) -> list[float]:
    """How far down the points of a path lie; it is made of pairs."""
    numbers = [float(one) for one in re.findall(r"[\d.]+", path)]
    return numbers[1::2]


def test_a_picture_has_a_title_a_description_and_a_role() -> None:
    _, pings, _ = panels()
    words = description(
        SCENE.words, Subject("country/KZ", "Kazakhstan", worlds.ALMATY), [pings], WINDOW
    )
    svg = parsed(percent_chart(SCENE, pings, key="k", description=words))
    title, desc = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert svg.get("role") == "img"
    assert title is not None
    assert desc is not None
    assert (svg.get("aria-labelledby"), svg.get("aria-describedby")) == (
        title.get("id"),
        desc.get("id"),
    )
    assert "Answers to probes: percent of ordinary, 4 March 2030 00:00" in str(title.text)
    assert "RECONSTRUCTION" in str(title.text)
    assert "to 4.1%" in str(desc.text)


def test_a_picture_keeps_to_a_strict_policy() -> None:
    drawn = "".join(percent_chart(SCENE, one, key="k") for one in panels())
    assert not re.search(r"\sstyle=|<style|<script|javascript:|\son\w+=|https?:", drawn)


def test_missing_bins_break_the_line_and_are_never_zero() -> None:
    routes, _, _ = panels()
    svg = percent_chart(SCENE, routes, key="k")
    (line,) = re.findall(r'class="line control" d="([^"]+)"', svg)
    assert line.count("M") == 2
    assert max(depths_of(line)) < 150 / 2
    assert 'fill="url(#k-gap)"' in svg
    assert "No data from 5 March 2030" in svg


def test_a_sick_stretch_has_another_pattern_than_a_gap_and_says_so() -> None:
    _, _, use = panels()
    svg = percent_chart(SCENE, use, key="k")
    assert 'fill="url(#k-sick)"' in svg
    assert "Source sick, so unknown, from" in svg
    assert ">unknown</text>" in svg


def test_an_outage_is_shaded_with_a_bar_above_and_its_depth() -> None:
    _, pings, _ = panels()
    svg = parsed(percent_chart(SCENE, pings, key="k"))
    kinds = [one.get("class") for one in svg.iter(f"{SVG}rect")]
    assert (kinds.count("outage"), kinds.count("surely"), kinds.count("maybe")) == (2, 2, 2)
    labels = [one.text for one in svg.iter(f"{SVG}text") if one.get("class") == "depth"]
    assert any("4.1%" in str(text) for text in labels)


def test_both_clocks_stand_below_and_fewer_labels_on_a_phone() -> None:
    svg = parsed(percent_chart(SCENE, panels()[0], key="k"))
    wide, narrow = (
        [
            str(one.text)
            for group in svg.iter(f"{SVG}g")
            if group.get("class") == kind
            for one in group.iter(f"{SVG}text")
        ]
        for kind in ("wide", "narrow")
    )
    assert "UTC" in wide
    assert "UTC" in narrow
    assert any("Almaty UTC+" in text for text in wide)
    assert 3 < len(narrow) < len(wide)


def test_time_runs_from_left_to_right_whatever_the_language() -> None:
    assert "direction:ltr" in STYLE


def test_a_mark_of_the_readers_own_is_plain_text_short_and_bounded() -> None:
    hostile = "<script>alert(1)</script>\u202e" + "x" * 1_000_000
    marks = [Mark(worlds.ONSET, hostile) for _ in range(50)]
    svg = percent_chart(SCENE, panels()[1], key="k", marks=marks)
    assert "<script" not in svg
    assert "\u202e" not in svg
    assert svg.count('class="pin"') == MOST_MARKS
    assert len(svg) < 40_000


def test_a_mark_outside_the_window_is_left_out() -> None:
    marks = [Mark(worlds.START - timedelta(days=1), "before")]
    assert "before" not in percent_chart(SCENE, panels()[0], key="k", marks=marks)


@given(
    at=st.integers(0, 11_519),
    value=st.floats(0, 129),
)
@settings(max_examples=25)
def test_a_single_bin_that_drops_is_drawn_however_long_the_time(at: int, value: float) -> None:
    end = worlds.START + timedelta(days=80)
    long = worlds.assess(worlds.PINGS, "country/KZ", level=900, share={}, end=end, noise=0.0)
    dropped = np.full(len(long.connectivity), 100.0)
    dropped[at] = value
    window = Window(worlds.START, end)
    drawn = make_panel(worlds.replace(long, connectivity=dropped), [], window, name="Kazakhstan")
    frame = Frame(window, 150, 130)
    path = line_path(drawn.percent, frame, stepped=drawn.stepped)
    assert min(abs(depth - frame.down(value)) for depth in depths_of(path)) <= 0.06


def test_a_page_of_three_signals_over_months_is_light() -> None:
    drawn = "".join(percent_chart(SCENE, one, key=f"k{n}") for n, one in enumerate(panels()))
    assert len(gzip.compress(drawn.encode())) < 20_000


def test_a_series_with_nothing_in_it_is_all_hatched() -> None:
    window = Window(worlds.END + timedelta(days=30), worlds.END + timedelta(days=40))
    scene = Scene(SCENE.words, window, worlds.ALMATY)
    svg = percent_chart(scene, panels(window)[0], key="k")
    assert 'd=""' in svg
    assert 'width="100%" height="150" fill="url(#k-gap)"' in svg


def test_the_scale_leaves_room_above_the_ordinary_and_cuts_spikes() -> None:
    assert top_of([]) == 130
    assert 130 <= top_of(panels()) <= 200


def test_a_step_is_drawn_with_right_angles_and_its_range_closed() -> None:
    begin = to_microseconds(worlds.START)
    hour = 3_600_000_000
    window = Window(worlds.START, worlds.START + timedelta(hours=2))
    frame = Frame(window, 100, 100)
    times = np.array([begin, begin + hour, begin + 2 * hour])
    line = Line(times, np.array([100.0, 50.0, 50.0]))
    assert line_path([line], frame, stepped=True) == "M0 0H500V50H1000"
    assert line_path([line], frame, stepped=False) == "M0 0 500 50 1000 50"
    from zicht.publish.chart_data import Band  # noqa: PLC0415

    band = Band(times, np.array([50.0, 20.0, 20.0]), np.array([100.0, 60.0, 60.0]))
    assert band_path([band], frame, stepped=True) == "M0 0H500V40H1000L1000 80H500V50H0Z"


def test_a_single_point_can_be_seen() -> None:
    begin = to_microseconds(worlds.START)
    one = Line(np.array([begin]), np.array([100.0]))
    assert line_path([one], Frame(WINDOW, 100, 100), stepped=False) == "M0 0h2"


def test_small_pictures_are_read_by_their_title_or_passed_by() -> None:
    _, pings, _ = panels()
    small = parsed(small_chart(SCENE, pings, key="k", title="Qala Mobile fell to 4 %"))
    assert small.findtext(f"{SVG}title") == "Qala Mobile fell to 4 %"
    spark = sparkline(SCENE, pings, key="k")
    assert 'aria-hidden="true"' in spark
    assert "<text" not in spark


def test_belief_is_drawn_as_known_then_and_with_all_data() -> None:
    assessment = WORLD.assessments[1]
    bins = len(assessment.series.values)
    then = np.where(np.arange(bins) > bins // 2, 0.97, 0.01)
    later = np.where(np.arange(bins) > bins // 2 - 5, 0.99, 0.0)
    believed = worlds.replace(assessment, belief_outage=then, belief_outage_later=later)
    svg = belief_chart(SCENE, believed, key="k", alert=ALERT)
    assert parsed(svg).get("role") == "img"
    (dashed,) = re.findall(r'class="line later ink" d="([^"]+)"', svg)
    (solid,) = re.findall(r'class="line data" d="([^"]+)"', svg)
    assert dashed.count("V") == solid.count("V") == 1
    assert "alert from" in svg


@pytest.mark.parametrize("sheet", [STYLE, PLAIN])
def test_the_style_sheet_asks_for_nothing_from_elsewhere(sheet: str) -> None:
    assert "url(" not in sheet
    assert "@import" not in sheet


def test_a_style_sheet_for_a_picture_alone_has_its_colours_written_out() -> None:
    assert "var(" not in PLAIN
    assert "#0072b2" in PLAIN


def test_keys_are_letters_digits_and_hyphens() -> None:
    assert own_key("country/KZ", "bgp.visible24", '"><script>') == "country-kz-bgp-visible24-script"


def test_values_that_say_nothing_are_said_to_be_not_observable() -> None:
    few = worlds.replace(
        WORLD.assessments[1], connectivity=np.full(len(WORLD.assessments[1].connectivity), np.nan)
    )
    drawn = make_panel(few, [], WINDOW, name="Kazakhstan")
    svg = percent_chart(SCENE, drawn, key="k")
    assert "not observable: too few are expected" in svg
    assert "not observable" not in percent_chart(SCENE, panels()[1], key="k")
