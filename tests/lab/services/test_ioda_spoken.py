"""IODA's API as the lab speaks it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from asking import (
    AFTER,
    CABLE,
    CUT,
    ask,
    asking,
    body,
    cable_cut,
    fault,
    hours,
    seconds,
    unlike,
    with_faults,
)

from zicht.lab.serve.http import Request
from zicht.lab.services.ioda import ioda
from zicht.lab.services.telling import Teller
from zicht.lab.world import open_scenario
from zicht.sources.ioda.api import parse_answer

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

BEGIN = seconds(AFTER - hours(96))
TIME = asking(from_=BEGIN, until=seconds(AFTER))


def series(code: str, datasource: str, *, now: datetime = AFTER, **more: Any) -> dict[str, Any]:
    asked = TIME | {"datasource": datasource} | more
    found: dict[str, Any] = body(ask("ioda", f"/v2/signals/raw/country/{code}", now=now, **asked))[
        "data"
    ][0][0]
    return found


def test_our_own_source_reads_every_signal() -> None:
    answer = ask("ioda", "/v2/signals/raw/country/IS,FO,GB", **TIME)
    parsed = parse_answer(answer.body, name="lab")
    assert not parsed.notes
    assert {signal.name for signal in parsed.signals} == {
        "ioda.gtr",
        "ioda.gtr.youtube",
        "ioda.merit-nt",
        "ioda.bgp",
        "ioda.ping-slash24",
        "ioda.mozilla",
    }
    assert {fact.entity for fact in parsed.entities} == {"country/IS", "country/FO", "country/GB"}
    assert {signal.step for signal in parsed.signals} == {300, 600, 1800, 3600}
    assert parsed.observations["value"].null_count == 0


def test_operators_have_what_countries_have_but_google_and_mozilla() -> None:
    answer = ask("ioda", "/v2/signals/raw/asn/4200001003", **TIME)
    parsed = parse_answer(answer.body, name="lab")
    assert {signal.name for signal in parsed.signals} == {
        "ioda.merit-nt",
        "ioda.bgp",
        "ioda.ping-slash24",
    }


def test_the_cut_shows_in_each_as_deep_as_the_world_says() -> None:
    world = cable_cut()
    minute = int((CUT + hours(2) - world.begin).total_seconds()) // 60
    for datasource, plane, weight, near in (
        ("bgp", "routes", "blocks", 0.15),  # prefixes go as wholes, and large ones weigh much
        ("ping-slash24", "packets", "answering", 0.08),
        ("merit-nt", "packets", "users", 0.12),
        ("gtr", "traffic", "users", 0.08),
    ):
        one = series("IS", datasource)
        values = np.array(one["values"], dtype=float)
        times = one["from"] + one["step"] * np.arange(len(values))
        day = 86_400 // one["step"]
        at = int(np.searchsorted(times, seconds(CUT + hours(2))))
        left = values[at : at + 3600 // one["step"]].mean()
        ordinary = values[at - day : at - day + 3600 // one["step"]].mean()
        share = world.place_share(plane, "country/IS", weight)[minute]  # type: ignore[arg-type]
        assert left / ordinary == pytest.approx(share, abs=near), datasource


def test_only_what_is_known_by_now_is_told() -> None:
    now = CUT + hours(1)
    bgp, ping = series("IS", "bgp", now=now), series("IS", "ping-slash24", now=now)
    assert bgp["until"] == seconds(now) // 300 * 300 - 900 or bgp["until"] + 900 <= seconds(now)
    assert seconds(now) - bgp["until"] in range(900, 1200)
    assert seconds(now) - ping["until"] in range(1200, 1800)
    later = series("IS", "bgp")
    assert later["values"][: len(bgp["values"])] == bgp["values"]


def test_the_telescope_is_revised_and_then_stays() -> None:
    early = series("GB", "merit-nt", now=CUT)["values"]
    late = series("GB", "merit-nt")["values"][: len(early)]
    assert early[:-4] == late[:-4]
    assert early[-1] < 0.9 * late[-1]


def test_more_points_than_are_wanted_make_coarser_steps() -> None:
    fine, coarse = series("IS", "bgp"), series("IS", "bgp", maxPoints=50)
    assert (coarse["nativeStep"], coarse["step"] % 300) == (300, 0)
    assert 0 < len(coarse["values"]) <= 50
    assert coarse["from"] % coarse["step"] == 0
    width = coarse["step"] // 300
    first = (coarse["from"] - fine["from"]) // 300
    assert coarse["values"][0] == pytest.approx(np.mean(fine["values"][first : first + width]))


def test_entities_are_found_page_by_page() -> None:
    def query(**asked: Any) -> list[str]:
        return [one["code"] for one in body(ask("ioda", "/v2/entities/query", **asked))["data"]]

    assert query(entityType="country") == ["FO", "GB", "IS"]
    assert query(entityType="country", limit=2, page=1) == ["FO", "GB"]
    assert query(entityType="country", limit=2, page=2) == ["IS"]
    assert query(entityType="country", limit=2, page=3) == []
    assert query(entityType="country", entityCode="IS,GB") == ["GB", "IS"]
    assert query(entityType="asn", relatedTo="country/FO") == ["4200001011"]
    assert query(search="heather") == ["4200001022"]


def test_datasources_are_listed_and_each_can_be_asked_for() -> None:
    listed = body(ask("ioda", "/v2/datasources/"))["data"]
    assert {"datasource", "name", "units"} == set(listed[0])
    for one in listed:
        assert series("GB", one["datasource"])["datasource"] == one["datasource"]
        found = body(ask("ioda", f"/v2/datasources/{one['datasource']}"))["data"]
        assert found == [one]


def test_alerts_and_events_tell_of_the_cut() -> None:
    alerts = body(ask("ioda", "/v2/outages/alerts", **TIME, entityType="country"))["data"]
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for one in alerts:
        first.setdefault((one["datasource"], one["entity"]["code"]), one)
    for datasource in ("bgp", "ping-slash24"):
        alert = first[datasource, "IS"]
        assert alert["level"] == "critical"
        assert -600 <= alert["time"] - seconds(CUT) <= 600
        assert alert["value"] < alert["historyValue"]
    assert not any(code == "GB" for _, code in first)

    events = body(ask("ioda", "/v2/outages/events", **TIME, format="codf"))["data"]
    ours = {one["datasource"]: one for one in events if one["location"] == "country/IS"}
    assert ours["ping-slash24"]["overlaps_window"]
    assert ours["ping-slash24"]["score"] > 50_000
    assert ours["bgp"]["duration"] <= 86_400  # then the median of a day is that of the outage
    told = body(
        ask("ioda", "/v2/outages/events/country/IS", **TIME, format="ioda", includeAlerts="true")
    )["data"]
    assert all(one["alerts"][0]["level"] == "critical" for one in told)
    quiet = body(ask("ioda", "/v2/outages/events/country/GB", **TIME))["data"]
    assert quiet == []


def test_scores_over_time_are_null_while_nothing_is_lost() -> None:
    found = body(ask("ioda", "/v2/signals/events/country/IS", **TIME))["data"][0][0]
    place = (seconds(CUT) - found["from"]) // 300
    assert found["values"][: place - 1] == [None] * (place - 1)
    assert found["values"][place + 6] > 100


@pytest.mark.parametrize(
    ("path", "asked", "said"),
    [
        ("/v2/signals/raw/country/XX", TIME, "metadata entity"),
        ("/v2/signals/raw/country/IS", {"from_": 1}, "until"),
        ("/v2/signals/raw/country/IS", {"from_": 9, "until": 3}, "earlier"),
        ("/v2/signals/raw/country/IS", {"from_": "x", "until": 3}, "from"),
        ("/v2/signals/raw/country/IS", {**TIME, "datasource": "radio"}, "invalid datasource"),
    ],
)
def test_what_makes_no_sense_is_refused_in_the_envelope(
    path: str, asked: dict[str, Any], said: str
) -> None:
    answer = ask("ioda", path, **asked)
    assert answer.code == 400
    assert said in json.loads(answer.body)["error"]


def test_paths_that_are_none_are_not_found() -> None:
    assert ask("ioda", "/v3/signals").code == 404


def test_before_the_world_there_is_nothing() -> None:
    old = asking(from_=1_000_000_000, until=1_000_086_400)
    answer = body(ask("ioda", "/v2/signals/raw/country/IS", **old))
    assert all(one["values"] == [] for one in answer["data"][0])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("zeros", 0), ("silent", None), ("blank", None), ("half", "half"), ("late", "late")],
)
def test_a_sick_service_says_what_its_fault_makes_of_it(kind: str, expected: Any) -> None:
    begin, end = CUT - hours(12), CUT - hours(10)
    world = with_faults(fault("ioda", kind, begin, end, delay_minutes=600))

    def values(now: datetime) -> list[float | None]:
        asked = asking(from_=seconds(begin), until=seconds(end), datasource="bgp")
        found = body(ask("ioda", "/v2/signals/raw/country/GB", world=world, now=now, **asked))
        known: list[float | None] = found["data"][0][0]["values"]
        return known

    told = values(AFTER)
    if expected == 0:
        assert told == [0] * 24
    elif expected is None:
        assert all(value is None for value in told)
    elif expected == "half":
        assert all(value is not None and 1400 < value < 1700 for value in told)
    else:
        assert values(end + hours(1)) == []
        assert len(told) == 24


def test_the_same_world_says_the_same() -> None:
    path = "/v2/signals/raw/country/IS"
    query = (("from", str(BEGIN)), ("until", str(seconds(AFTER))))
    again = ioda(Teller(open_scenario(CABLE)))(Request("GET", path, query), AFTER)
    assert again.body == ask("ioda", path, **TIME).body
    other = ioda(Teller(open_scenario(CABLE, seed=1)))(Request("GET", path, query), AFTER)
    assert other.body != again.body


def test_the_structure_is_that_of_recorded_answers(data_folder: Path) -> None:
    folder = data_folder / "api" / "ioda"
    recorded = json.loads((folder / "1299_upstream_delay_penult_asns.json").read_bytes())
    del recorded["data"][0][0]["values"]  # that data source has objects for values
    ours = body(ask("ioda", "/v2/signals/raw/asn/4200001003", **TIME))
    assert unlike(recorded, ours) == []
    recorded = json.loads((folder / "outages_events_sample.json").read_bytes())
    ours = body(ask("ioda", "/v2/outages/events", **TIME))
    assert unlike(recorded, ours) == []
