"""Cloudflare Radar's API as the lab speaks it."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from asking import (
    AFTER,
    CUT,
    ask,
    asking,
    body,
    cable_cut,
    cable_cut_text,
    fault,
    hours,
    make_world,
    unlike,
    with_faults,
)

if TYPE_CHECKING:
    from pathlib import Path

TRAFFIC = "/client/v4/radar/netflows/timeseries"
QUALITY = "/client/v4/radar/quality/iqi/timeseries_groups"
OUTAGES = "/client/v4/radar/annotations/outages"


def traffic(**asked: Any) -> tuple[list[datetime], list[float], dict[str, Any]]:
    result = body(ask("radar", TRAFFIC, **asked))["result"]
    serie = result["serie_0"]
    times = [datetime.fromisoformat(one) for one in serie["timestamps"]]
    return times, [float(one) for one in serie["values"]], result["meta"]


def test_traffic_is_a_part_of_the_largest_in_the_answer() -> None:
    times, values, meta = traffic(location="IS", dateRange="7d", aggInterval="1h")
    assert max(values) == 1.0
    assert min(values) > 0.0
    assert (meta["aggInterval"], meta["normalization"]) == ("ONE_HOUR", "MIN0_MAX")
    assert {later - sooner for sooner, later in pairwise(times)} == {hours(1)}
    short, part, _ = traffic(
        location="IS", dateStart="2025-03-13T00:00:00Z", dateEnd="2025-03-13T12:00:00Z"
    )
    assert max(part) == 1.0
    place = next(place for place, time in enumerate(short) if time in times)
    ratio = part[place] / values[times.index(short[place])]
    assert ratio > 2  # another scale: the largest of this answer is of the outage


def test_traffic_falls_with_the_cable() -> None:
    times, values, _ = traffic(location="IS", dateRange="7d", aggInterval="1h")
    at = times.index(CUT.replace(minute=0) + hours(2))
    assert values[at] / values[at - 24] == pytest.approx(0.22, abs=0.08)
    _, britain, _ = traffic(location="GB", dateRange="7d", aggInterval="1h")
    assert britain[at] / britain[at - 24] == pytest.approx(1.0, abs=0.25)


def test_the_newest_bin_is_not_complete_yet() -> None:
    now = CUT + hours(-3.1)
    times, early, _ = traffic(asn=4200001021, dateRange="1d", aggInterval="15m", now=now)
    late_times, late, _ = traffic(asn=4200001021, dateRange="2d", aggInterval="15m", now=CUT)
    scale = early[-30] / late[late_times.index(times[-30])]
    assert early[-1] / scale < 0.95 * late[late_times.index(times[-1])]
    assert times[-1] <= now - hours(0.25)


def test_operators_are_told_of_as_wholes() -> None:
    _, values, _ = traffic(asn=4200001003, dateRange="2d")
    assert len(values) > 150  # quarters of an hour


def test_quality_has_three_quantiles_in_order() -> None:
    for metric in ("BANDWIDTH", "latency", "Dns"):
        asked = asking(location="GB", metric=metric, dateRange="2d", aggInterval="1h")
        serie = body(ask("radar", QUALITY, **asked))["result"]["serie_0"]
        assert set(serie) == {"timestamps", "p25", "p50", "p75"}
        columns = [np.array(serie[name], dtype=float) for name in ("p25", "p50", "p75")]
        assert (columns[0] < columns[1]).all()
        assert (columns[1] < columns[2]).all()


def test_a_cut_cable_slows_nobody_but_throttling_does() -> None:
    text = cable_cut_text().replace('cause = "cable cut"', 'cause = "throttling"')
    slow = make_world(text)

    def median(world: Any) -> list[float]:
        asked = asking(location="IS", metric="BANDWIDTH", dateRange="3d", aggInterval="1h")
        answer = ask("radar", QUALITY, world=world, **asked)
        return [float(one) for one in body(answer)["result"]["serie_0"]["p50"]]

    usual, throttled = median(cable_cut()), median(slow)
    assert min(usual) > 0.6 * max(usual)
    assert min(throttled) < 0.4 * max(throttled)


def test_people_note_outages_hours_later_and_their_ends_too() -> None:
    assert body(ask("radar", OUTAGES, dateRange="7d", now=CUT + hours(2)))["result"] == {
        "annotations": []
    }
    noted = body(ask("radar", OUTAGES, dateRange="7d"))["result"]["annotations"]
    iceland = next(one for one in noted if one["locations"] == ["IS"])
    assert iceland["outage"] == {"outageCause": "CABLE_CUT", "outageType": "NATIONWIDE"}
    assert datetime.fromisoformat(iceland["startDate"]) == CUT
    assert iceland["endDate"] is None
    later = CUT + hours(110)
    ended = body(ask("radar", OUTAGES, dateRange="30d", now=later, location="IS"))["result"]
    assert ended["annotations"][0]["endDate"] is not None
    assert body(ask("radar", OUTAGES, dateRange="30d", now=later, limit=1, offset=1))["result"]


@pytest.mark.parametrize(("token", "code"), [(None, 401), ("stolen", 403)])
def test_without_the_token_nothing_is_told(token: str | None, code: int) -> None:
    answer = ask("radar", TRAFFIC, token=token, location="IS")
    assert answer.code == code
    assert not json.loads(answer.body)["success"]


@pytest.mark.parametrize(
    ("path", "asked", "code"),
    [
        (TRAFFIC, {"location": "XX"}, 400),
        (TRAFFIC, {}, 400),
        (TRAFFIC, {"location": "IS", "aggInterval": "5m"}, 400),
        (TRAFFIC, {"location": "IS", "dateRange": "soon"}, 400),
        (TRAFFIC, {"location": "IS", "dateStart": "noon"}, 400),
        (TRAFFIC, {"location": "IS", "dateStart": "2025-03-20T00:00:00Z"}, 400),
        (QUALITY, {"location": "IS", "metric": "TASTE"}, 400),
        ("/client/v4/radar/bgp", {}, 404),
        ("/client/v5", {}, 404),
    ],
)
def test_what_makes_no_sense_is_refused(path: str, asked: dict[str, Any], code: int) -> None:
    answer = ask("radar", path, **asked)
    assert answer.code == code
    assert json.loads(answer.body)["errors"]


def test_while_it_is_silent_there_are_no_times() -> None:
    begin, end = CUT - hours(20), CUT - hours(14)
    row = fault("radar", "silent", begin, end)
    asked = asking(location="GB", dateRange="3d", aggInterval="15m")
    answer = body(ask("radar", TRAFFIC, world=with_faults(row), **asked))["result"]["serie_0"]
    times = [datetime.fromisoformat(one) for one in answer["timestamps"]]
    assert not any(begin <= time < end for time in times)
    assert begin - hours(0.5) < max(time for time in times if time < end) < begin


def test_the_structure_is_that_of_a_recorded_answer(data_folder: Path) -> None:
    folder = data_folder / "api" / "radar"
    recorded = json.loads((folder / "annotations_30d_2025-01.json").read_bytes())
    assert unlike(recorded, body(ask("radar", OUTAGES, dateRange="7d", now=AFTER))) == []
