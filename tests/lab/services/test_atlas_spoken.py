"""RIPE Atlas' API as the lab speaks it."""

from __future__ import annotations

import bz2
import json
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
    fault,
    hours,
    seconds,
    unlike,
    with_faults,
)

from zicht.lab.services.atlas_probes import make_probes
from zicht.lab.views import VIEWS

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from zicht.lab.world import World

RESULTS = "/api/v2/measurements/7000/results/"


def events(
    begin: datetime, end: datetime, *, now: datetime = AFTER, world: World | None = None
) -> list[dict[str, Any]]:
    asked = asking(start=seconds(begin), stop=seconds(end))
    found: list[dict[str, Any]] = body(ask("atlas", RESULTS, now=now, world=world, **asked))
    return found


def connected(probes: list[dict[str, Any]], country: str) -> int:
    return sum(one["status"]["id"] == 1 and one["country_code"] == country for one in probes)


def archive(day: str, **more: Any) -> list[dict[str, Any]]:
    answer = body(ask("atlas", "/api/v2/probes/archive/", date=day, page_size=500, **more))
    found: list[dict[str, Any]] = answer["results"]
    return found


def test_probes_are_connected_as_packets_pass() -> None:
    assert connected(archive("2025-03-11"), "IS") >= 7  # of eight
    assert connected(archive("2025-03-13"), "IS") <= 4
    assert connected(archive("2025-03-13"), "GB") >= 16  # of eighteen


def test_events_lead_from_one_archive_to_the_next() -> None:
    before = {one["id"]: one["status"]["id"] for one in archive("2025-03-12")}
    for one in events(CUT - hours(9.3), CUT + hours(14.7)):
        before[one["prb_id"]] = 1 if one["event"] == "connect" else 2
    after = {one["id"]: one["status"]["id"] for one in archive("2025-03-13")}
    assert before == after


def test_a_silent_probe_is_found_to_be_gone_half_an_hour_later() -> None:
    gone = [
        one
        for one in events(CUT, CUT + hours(1))
        if one["event"] == "disconnect" and one["asn"] == "4200001003"
    ]
    assert gone
    assert all(1800 <= one["timestamp"] - seconds(CUT) <= 2600 for one in gone)


def test_what_is_counted_is_what_the_truth_says_that_it_sees() -> None:
    world = cable_cut()
    probes = make_probes(world)
    view = next(one for one in VIEWS if one.source == "atlas")
    share = view.share(world, "country/IS")
    icelandic = np.array([world.parts[part].country == "IS" for part in probes.part])
    icelandic &= ~probes.given_up
    for offset in (-1.0, 0.4, 0.75, 2.0, 12.0):
        time = CUT + hours(offset)
        left = probes.connected(seconds(time))[icelandic].mean()
        minute = int((time - world.begin).total_seconds()) // 60
        assert left == pytest.approx(share[minute], abs=0.26)  # eight probes: eighths


def test_events_come_a_little_late() -> None:
    now = CUT + hours(0.6)
    known = events(CUT, AFTER, now=now)
    assert max(one["timestamp"] for one in known) <= seconds(now) - 180
    assert events(CUT, now) != known


def test_lines_hold_the_same_as_the_list() -> None:
    asked = asking(start=seconds(CUT), stop=seconds(CUT + hours(6)), format="txt")
    lines = ask("atlas", RESULTS, **asked).body.splitlines()
    assert [json.loads(line) for line in lines] == events(CUT, CUT + hours(6))


def test_probes_are_found_page_by_page() -> None:
    seen, page = [], 1
    while page:
        answer = body(ask("atlas", "/api/v2/probes/", page_size=10, page=page))
        seen += [one["id"] for one in answer["results"]]
        assert len(answer["results"]) <= 10
        page = page + 1 if answer["next"] else 0
    assert answer["previous"].endswith("page=3")
    assert len(seen) == len(set(seen)) == answer["count"]
    assert seen == sorted(seen)


def test_probes_are_chosen_by_what_they_are() -> None:
    def chosen(**asked: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = body(ask("atlas", "/api/v2/probes/", **asked))["results"]
        return found

    assert {one["country_code"] for one in chosen(country_code="fo")} == {"FO"}
    assert {one["asn_v4"] for one in chosen(asn_v4=4200001003)} == {4200001003}
    assert {one["status"]["id"] for one in chosen(status=3)} == {3}
    first, second = (one["id"] for one in chosen(page_size=2))
    assert [one["id"] for one in chosen(id__in=f"{first},{second}")] == [first, second]
    assert body(ask("atlas", f"/api/v2/probes/{first}/"))["id"] == first


def test_the_file_of_a_day_is_as_the_archive() -> None:
    answer = ask("atlas", "/ripe/atlas/probes/archive/2025/03/20250312.json.bz2")
    held = json.loads(bz2.decompress(answer.body))
    assert held["meta"]["total_count"] == len(held["objects"])
    listed = {one["id"]: one["status"]["id"] for one in archive("2025-03-12")}
    assert {one["id"]: one["status"] for one in held["objects"]} == listed
    assert {one["status_name"] for one in held["objects"]} >= {"Connected", "Abandoned"}


def test_there_is_no_archive_of_today_or_of_nonsense() -> None:
    assert ask("atlas", "/api/v2/probes/archive/", date="2025-03-14").code == 404
    assert ask("atlas", "/api/v2/probes/archive/", date="2015-03-14").code == 404
    assert ask("atlas", "/api/v2/probes/archive/", date="noon").code == 400
    assert ask("atlas", "/ripe/atlas/probes/archive/2025/03/20250314.json.bz2").code == 404
    assert ask("atlas", "/ripe/atlas/probes/archive/2025/03/yesterday.json.bz2").code == 404
    assert ask("atlas", "/api/v2/credits/").code == 404
    assert ask("atlas", "/api/v2/probes/9/").code == 404


def test_measurements_are_listed() -> None:
    listed = body(ask("atlas", "/api/v2/measurements/"))["results"]
    assert 7000 in {one["id"] for one in listed}
    assert body(ask("atlas", "/api/v2/measurements/7000/"))["type"] == "connection"


def test_a_silent_service_tells_of_no_events_and_a_sick_one_of_too_many() -> None:
    begin, end = CUT - hours(20), CUT - hours(14)
    silent = with_faults(fault("atlas", "silent", begin, end))
    assert events(begin, end, world=silent) == []
    assert events(end, CUT, world=silent) == events(end, CUT)
    zeros = with_faults(fault("atlas", "zeros", begin, end))
    gone = events(begin, begin + hours(1), world=zeros)
    assert sum(one["event"] == "disconnect" for one in gone) >= 30  # all of 31, or all but one
    back = [one for one in events(end, end + hours(0.1), world=zeros) if one["event"] == "connect"]
    assert len(back) >= 30
    late = with_faults(fault("atlas", "late", begin, end, delay_minutes=300))
    assert events(begin, end, world=late, now=end) != events(begin, end, now=end)
    assert events(begin, end, world=late) == events(begin, end)


def test_the_structure_is_that_of_recorded_answers(data_folder: Path) -> None:
    recorded = json.loads((data_folder / "api" / "atlas" / "pierky-1071935.json").read_bytes())
    ours = body(ask("atlas", "/api/v2/probes/", country_code="GB"))
    assert unlike(recorded["probes"], ours) == []
