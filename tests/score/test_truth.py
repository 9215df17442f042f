"""What labels say of a series: where it is quiet, and what it could show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scoring_worlds as worlds
from scoring_worlds import WEEK, label, quiet, series

from zicht.score.truth import (
    DOUBTFUL,
    DOWN,
    QUIET,
    LabelBook,
    quiet_weeks,
    why_not_scoreable,
    zones_of,
)

NL = {"country/NL": "NL", "asn/1136": "NL", "region/NL-ZH": "NL", "country/BE": "BE"}


def test_without_labels_all_is_quiet() -> None:
    one = series()
    assert quiet_weeks(one, zones_of(one, LabelBook([]))) == 2.0


def test_a_label_and_a_margin_of_two_bins_around_it_are_not_quiet() -> None:
    one = series()
    zones = zones_of(one, LabelBook([label(100, 110)]))
    state = zones.at(one.times)
    assert np.flatnonzero(state == DOWN).tolist() == list(range(100, 110))
    assert np.flatnonzero(state == DOUBTFUL).tolist() == [98, 99, 110, 111]
    assert quiet_weeks(one, zones) == pytest.approx((2 * WEEK - 14) / WEEK)


def test_only_the_certain_part_of_a_label_is_down() -> None:
    one = series()
    state = zones_of(one, LabelBook([label((100, 103), (110, 115))])).at(one.times)
    assert np.flatnonzero(state == DOWN).tolist() == list(range(103, 110))


def test_after_a_label_without_an_end_nobody_knows() -> None:
    one = series()
    state = zones_of(one, LabelBook([label(100, None)])).at(one.times)
    assert (state[98:] == DOUBTFUL).all()
    assert (state[:98] == QUIET).all()


def test_bins_without_a_value_are_not_watched() -> None:
    one = series(missing=range(84))
    assert quiet_weeks(one, zones_of(one, LabelBook([]))) == 1.5


def test_a_countrys_label_leaves_its_operators_in_doubt_and_theirs_leave_the_country() -> None:
    of_country = LabelBook([label(100, 110)], country_of=NL.get)
    for entity in ("asn/1136", "region/NL-ZH"):
        one = series(entity=entity)
        assert of_country.of(one) == []
        assert (zones_of(one, of_country).at(one.times)[100:110] == DOUBTFUL).all()
    of_operator = LabelBook([label(100, 110, entity="asn/1136")], country_of=NL.get)
    country, region = series(), series(entity="region/NL-ZH")
    assert (zones_of(country, of_operator).at(country.times)[100:110] == DOUBTFUL).all()
    assert (zones_of(region, of_operator).at(region.times) == QUIET).all()
    abroad = series(entity="country/BE")
    assert (zones_of(abroad, of_country).at(abroad.times) == QUIET).all()


def test_a_signal_that_is_attested_to_be_quiet_is_quiet_while_others_are_down() -> None:
    one = series()
    book = LabelBook([label(100, 110, signal="table.other")], [quiet(102, 108)])
    state = zones_of(one, book).at(one.times)
    assert np.flatnonzero(state == DOUBTFUL).tolist() == [98, 99, 100, 101, 108, 109, 110, 111]


@pytest.mark.parametrize(
    ("attested", "applies"),
    [
        ({}, True),
        ({"plane": "data"}, True),
        ({"plane": "control"}, False),
        ({"signal": "table.share"}, True),
        ({"signal": "table"}, True),
        ({"signal": "table.sha"}, False),
        ({"signal": "table.share", "plane": "control"}, True),
        ({"simulated": True}, False),
    ],
)
def test_a_label_applies_to_its_signal_its_coarser_forms_or_its_plane(
    attested: dict[str, Any], *, applies: bool
) -> None:
    assert bool(LabelBook([label(100, 110, **attested)]).of(series())) is applies


@pytest.mark.parametrize(
    ("where", "times", "reason"),
    [
        ({}, (100, 110), ""),
        ({}, (100, None), ""),
        ({}, (-20, -10), "outside the data"),
        ({}, (336, 340), "outside the data"),
        ({}, (11, 20), "too little data before"),
        ({}, (12, 20), ""),
        ({"missing": range(50, 95)}, (100, 110), ""),
        ({"missing": range(95)}, (100, 110), "too little data before"),
        ({}, (100, 101.5), "too short for the step"),
        ({}, (100.5, 102.5), "values missing"),
        ({"missing": range(100, 106)}, (100, 110), "values missing"),
        ({"missing": range(100, 105)}, (100, 110), ""),
        ({"scale": "count", "level": 2.0}, (100, 110), "too few to count"),
        ({"scale": "count", "level": 3.0}, (100, 110), ""),
    ],
)
def test_a_label_is_scored_where_the_series_could_show_it(
    where: dict[str, Any], times: tuple[float, float | None], reason: str
) -> None:
    assert why_not_scoreable(series(**where), label(*times)) == reason


def test_a_shallow_label_is_not_scored() -> None:
    assert why_not_scoreable(series(), label(100, 110, depth_percent=85.0)) == "too shallow"
    assert why_not_scoreable(series(), label(100, 110, depth_percent=80.0)) == ""


def test_a_series_without_any_bin_shows_nothing() -> None:
    assert why_not_scoreable(worlds.series(0), label(100, 110)) == "outside the data"
