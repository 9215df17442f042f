"""Tor Metrics, OONI and Google's Transparency Report as the lab speaks them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from asking import (
    AFTER,
    CUT,
    ask,
    asking,
    body,
    cable_cut_text,
    fault,
    hours,
    make_world,
    unlike,
    with_faults,
)

from zicht.sources import google, ooni, tor

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.lab.world import World

USERS = "/userstats-relay-country.csv"
COUNTS = "/api/v1/aggregation"
LIST = "/api/v1/measurements"
FRACTION = "/transparencyreport/api/v3/traffic/fraction"
DAY = timedelta(days=1)


def users(**asked: Any) -> dict[tuple[str, str], float | None]:
    answer = ask("tor", USERS, **asked)
    rows = tor.parse(answer.body, name="lab").observations.to_pylist()
    return {(f"{row['time']:%F}", row["entity"]): row["value"] for row in rows}


def test_our_source_reads_users_of_all_countries() -> None:
    found = users(start="2025-03-01", end="2025-03-20", now=AFTER + 4 * DAY)
    assert {entity for _, entity in found} == {"country/FO", "country/GB", "country/IS"}
    cut, before = found["2025-03-13", "country/IS"], found["2025-03-06", "country/IS"]
    assert cut is not None
    assert before is not None
    assert cut / before == pytest.approx(0.22, abs=0.1)
    assert max(day for day, _ in found) == "2025-03-15"  # two days late


def test_comments_stand_before_the_header_and_everybody_has_no_code() -> None:
    lines = ask("tor", USERS, start="2025-03-01", end="2025-03-02").body.decode().splitlines()
    assert all(line.startswith("#") for line in lines[:5])
    assert lines[5] == "date,country,users,lower,upper,frac"
    assert {line.split(",")[1] for line in lines[6:]} == {"", "fo", "gb", "is"}
    day = [int(line.split(",")[2]) for line in lines[6:10]]
    assert day[0] == sum(day[1:])
    only = ask("tor", USERS, start="2025-03-01", end="2025-03-02", country="is").body.decode()
    assert {line.split(",")[1] for line in only.splitlines()[6:]} == {"is"}


def test_estimates_change_a_little_and_then_stay() -> None:
    asked = asking(start="2025-03-06", end="2025-03-11")
    early = users(**asked, now=datetime(2025, 3, 13, tzinfo=UTC))
    later = users(**asked, now=datetime(2025, 3, 27, tzinfo=UTC))
    last = users(**asked, now=datetime(2025, 4, 27, tzinfo=UTC))
    assert later == last
    pairs = [(value, later[key]) for key, value in early.items()]
    changes = [abs(one / other - 1) for one, other in pairs if one and other]
    assert 0 < max(changes) < 0.03


def test_tor_refuses_what_is_no_day_and_other_paths() -> None:
    assert ask("tor", USERS, start="yesterday").code == 400
    assert ask("tor", "/torperf.csv").code == 404


def test_a_blank_value_is_a_row_without_one() -> None:
    begin = datetime(2025, 3, 5, tzinfo=UTC)
    world = with_faults(fault("tor", "blank", begin, begin + DAY))
    found = users(start="2025-03-04", end="2025-03-06", world=world)
    assert found["2025-03-05", "country/GB"] is None
    assert found["2025-03-04", "country/GB"] is not None
    silent = with_faults(fault("tor", "silent", begin, begin + DAY))
    assert ("2025-03-05", "country/GB") not in users(
        start="2025-03-04", end="2025-03-06", world=silent
    )


def counts(world: World | None = None, **asked: Any) -> list[dict[str, Any]]:
    more = asking(since="2025-03-01", until="2025-03-14", axis_x="measurement_start_day")
    found: list[dict[str, Any]] = body(ask("ooni", COUNTS, world=world, **(more | asked)))["result"]
    return found


def test_each_measurement_is_one_of_four() -> None:
    for row in counts(probe_cc="GB", axis_y="test_name"):
        parts = ("ok_count", "anomaly_count", "confirmed_count", "failure_count")
        assert row["measurement_count"] == sum(row[part] for part in parts)


def test_axes_divide_the_same_measurements() -> None:
    def total(**asked: Any) -> int:
        return sum(row["measurement_count"] for row in counts(probe_cc="GB", **asked))

    whole = total()
    assert whole == total(axis_y="test_name") == total(axis_y="probe_asn") > 5000
    assert total(time_grain="hour") == whole
    asns = {row["probe_asn"] for row in counts(probe_cc="GB", axis_y="probe_asn")}
    assert asns == {4200001021, 4200001022}
    assert total(probe_asn="AS4200001021") < whole
    nothing = body(ask("ooni", COUNTS, probe_cc="GB", since="2025-03-01", until="2025-03-14"))
    assert nothing["dimension_count"] == 0
    assert nothing["result"]["measurement_count"] == whole


def test_nobody_measures_while_all_is_down() -> None:
    days = {row["measurement_start_day"]: row["measurement_count"] for row in counts(probe_cc="IS")}
    assert days["2025-03-13"] < 0.5 * days["2025-03-06"]


def test_counts_grow_while_measurements_come_in() -> None:
    def of_day(now: datetime) -> int:
        asked = asking(since="2025-03-10", until="2025-03-11", probe_cc="GB")
        answer = ask("ooni", COUNTS, now=now, axis_x="measurement_start_day", **asked)
        return int(body(answer)["result"][0]["measurement_count"])

    midnight = datetime(2025, 3, 11, tzinfo=UTC)
    first, second, third = (of_day(midnight + hours(one)) for one in (0, 3, 12))
    assert first < second < third == of_day(AFTER)


def test_where_messengers_alone_are_blocked_their_tests_show_it() -> None:
    text = cable_cut_text().replace(
        "left = { routes = 38, packets = 27, traffic = 22 }",
        "left = { services = { messengers = 5 } }",
    )
    world = make_world(text)

    def anomalies(test: str) -> float:
        asked = asking(test_name=test, since="2025-03-13", probe_cc="IS")
        rows = counts(world, **asked)
        failed = sum(row["anomaly_count"] + row["confirmed_count"] for row in rows)
        return float(failed / sum(row["measurement_count"] for row in rows))

    assert anomalies("whatsapp") > 0.7
    assert anomalies("web_connectivity") < 0.2


def test_ooni_gives_csv_that_our_source_reads() -> None:
    asked = asking(probe_cc="GB", axis_x="measurement_start_day", axis_y="probe_asn")
    asked |= {"since": "2025-03-01", "until": "2025-03-08", "format": "CSV"}
    answer = ask("ooni", COUNTS, **asked)
    parsed = ooni.parse(answer.body, name="lab", country="GB")
    entities = set(parsed.observations["entity"].to_pylist())
    assert entities == {"country/GB", "asn/4200001021", "asn/4200001022"}
    assert parsed.observations.num_rows == 7 * 3


@pytest.mark.parametrize(
    "asked",
    [
        {"axis_x": "colour"},
        {"axis_x": "test_name", "axis_y": "test_name"},
        {"time_grain": "second"},
        {"since": "2025-03-14", "until": "2025-03-01"},
        {"since": "soon"},
    ],
)
def test_ooni_refuses_what_makes_no_sense(asked: dict[str, Any]) -> None:
    answer = ask("ooni", COUNTS, **asked)
    assert answer.code == 400
    assert json.loads(answer.body)["error"]


def test_measurements_are_listed_from_the_newest_page_by_page() -> None:
    asked = asking(probe_cc="GB", since="2025-03-10", until="2025-03-12", limit=40)
    first = body(ask("ooni", LIST, **asked))
    second = body(ask("ooni", LIST, **asked, offset=40))
    assert first["metadata"]["next_url"].endswith("offset=40")
    times = [one["measurement_start_time"] for one in first["results"] + second["results"]]
    assert len(times) == 80
    assert times == sorted(times, reverse=True)
    assert {one["probe_cc"] for one in first["results"]} == {"GB"}
    last = body(ask("ooni", LIST, probe_cc="GB", since="2025-03-12", until="2025-03-12"))
    assert (last["results"], last["metadata"]["next_url"]) == ([], None)
    assert ask("ooni", "/api/v1/nothing").code == 404


def fraction(begin: datetime, end: datetime, now: datetime = AFTER, **more: Any) -> bytes:
    start, stop = (int(one.timestamp()) * 1000 for one in (begin, end))
    asked = asking(start=start, end=stop, region="IS", product=21) | more
    return ask("google", FRACTION, now=now, **asked).body


def test_our_source_reads_google_on_the_step_of_each_length() -> None:
    for days, step in ((1, 1800), (14, 5400), (30, 7200), (60, 10_800), (200, 86_400)):
        answer = fraction(AFTER - days * DAY, AFTER)
        parsed = google.parse(answer, name="lab", country="IS")
        assert [signal.step for signal in parsed.signals] == [step]


def test_the_cut_shows_at_google() -> None:
    parsed = google.parse(fraction(AFTER - 30 * DAY, AFTER), name="lab", country="IS")
    rows = {row["time"]: row["value"] for row in parsed.observations.to_pylist()}
    at = (CUT + hours(3)).replace(minute=0, hour=12)
    assert rows[at] / rows[at - 7 * DAY] == pytest.approx(0.22, abs=0.08)


def test_google_has_nothing_of_nowhere_and_refuses_nonsense() -> None:
    assert json.loads(fraction(CUT, AFTER, region="XX").partition(b"\n\n")[2])[0][1] == []
    assert ask("google", FRACTION, start=1, end="x").code == 400
    assert ask("google", "/elsewhere").code == 404


def test_the_structure_is_that_of_oonis_recorded_answers(data_folder: Path) -> None:
    folder = data_folder / "api" / "ooni" / "explorer"
    first, second = (
        json.loads(json.loads(next(folder.glob(name)).read_bytes())["body"])
        for name in ("aggregation__*day.json", "measurements__since-*order-desc.json")
    )
    asked = asking(axis_x="measurement_start_day", since="2025-03-01")
    ours = body(ask("ooni", COUNTS, test_name="web_connectivity", **asked))
    assert unlike(first, ours) == []
    second["results"].reverse()  # the first has what others need not have
    assert unlike(second, body(ask("ooni", LIST, limit=10))) == []


def test_the_structure_is_that_of_googles_recorded_answer(data_folder: Path) -> None:
    folder = data_folder / "series" / "google-transparency"
    raw = (folder / "raw_api_response_example.txt").read_bytes()
    theirs, ours = (
        json.loads(one.partition(b"\n\n")[2]) for one in (raw, fraction(AFTER - 42 * DAY, AFTER))
    )
    assert unlike(theirs, ours) == []
    assert len(theirs[0]) == len(ours[0])
    steps = [set(np.diff([point[0] for point in each[0][1]]).tolist()) for each in (theirs, ours)]
    assert steps[1] == {10_800_000}
    assert 10_800_000 in steps[0]


def test_the_columns_are_those_of_tors_recorded_table(data_folder: Path) -> None:
    recorded = (data_folder / "series" / "tor-ooni" / "tor-data-ir.csv").read_text(encoding="utf-8")
    lines = ask("tor", USERS).body.decode().splitlines()
    assert recorded.splitlines()[0].lstrip(",") == lines[5]
