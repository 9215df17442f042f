"""OONI's aggregation API: shares without an anomaly, and counts of operators."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from zicht.errors import InputError
from zicht.model.entity import parse_entity
from zicht.sources.ooni import SERVICE, WORKING
from zicht.sources.service import Answer

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.sources.parsed import Parsed

START = datetime(2022, 3, 1, tzinfo=UTC)
END = START + timedelta(days=3)


def row(**more: Any) -> dict[str, Any]:
    return {
        "measurement_start_day": "2022-03-01",
        "measurement_count": 20,
        "ok_count": 12,
        "anomaly_count": 3,
        "confirmed_count": 1,
        "failure_count": 4,
        "test_name": "whatsapp",
    } | more


def read(rows: list[Any], entity: str = "country/RU", axis: int = 0) -> Parsed:
    (piece,) = SERVICE.plan([parse_entity(entity)], START, END, "http://127.0.0.1")
    return SERVICE.parse(
        piece, [Answer(piece.requests[axis], json.dumps({"result": rows}).encode())]
    )


def values(parsed: Parsed) -> dict[str, float | None]:
    return {one["signal"]: one["value"] for one in parsed.observations.to_pylist()}


def test_the_share_without_an_anomaly_is_of_tests_that_did_not_fail() -> None:
    parsed = read([row()])
    assert values(parsed) == {"ooni.working.whatsapp": 75.0, "ooni.measurements": 20.0}
    assert parsed.observations["samples"].to_pylist() == [None, 16]


def test_a_day_on_which_all_tests_failed_has_no_share() -> None:
    parsed = read([row(ok_count=0, anomaly_count=0, confirmed_count=0)])
    assert values(parsed) == {"ooni.measurements": 20.0}


def test_all_tests_count_as_measurements() -> None:
    parsed = read([row(), row(test_name="ndt", measurement_count=5)])
    assert values(parsed)["ooni.measurements"] == 25.0


def test_the_recorded_answer_is_read(data_folder: Path) -> None:
    (path,) = (data_folder / "api" / "ooni" / "explorer").glob("aggregation*")
    body = json.loads(json.loads(path.read_text())["body"])
    rows = [one | {"test_name": "web_connectivity"} for one in body["result"]]
    found = read(rows).observations.to_pylist()
    shares = [one for one in found if one["signal"] == "ooni.working.web-connectivity"]
    assert len(shares) == 3
    first = body["result"][0]
    judged = first["measurement_count"] - first["failure_count"]
    assert shares[0]["samples"] == judged
    bad = first["anomaly_count"] + first["confirmed_count"]
    assert shares[0]["value"] == pytest.approx(100 - 100 * bad / judged)


def test_operators_are_counted_in_their_country() -> None:
    rows = [row(probe_asn=12389), row(probe_asn="AS9198"), row(probe_asn=0)]
    parsed = read(rows, axis=1)
    assert set(parsed.observations["entity"].to_pylist()) == {"asn/12389", "asn/9198/RU"}
    with pytest.raises(InputError, match="probe_asn"):
        read([row(probe_asn="ASx")], axis=1)


def test_an_operator_is_asked_of_in_its_country() -> None:
    (piece,) = SERVICE.plan([parse_entity("asn/9198")], START, END, "http://127.0.0.1")
    assert len(piece.requests) == 1
    assert "probe_cc=KZ&probe_asn=AS9198&since=2022-03-01&until=2022-03-04" in (
        piece.requests[0].address
    )


def test_blocks_of_services_are_no_outages() -> None:
    assert all(not one.tells_outages and one.platform for one in WORKING.values())
    assert len({one.name for one in WORKING.values()}) == len(WORKING)


@pytest.mark.parametrize("day", ["today", "1970-01-01", "2022-13-01", ""])
def test_what_is_no_day_is_refused(day: str) -> None:
    with pytest.raises(InputError, match="measurement_start_day"):
        read([row(measurement_start_day=day)])


def test_counts_below_zero_are_refused() -> None:
    with pytest.raises(InputError, match="counts on '2022-03-01'"):
        read([row(ok_count=-1)])
