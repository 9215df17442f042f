"""Exports of M-Lab's BigQuery, as its console writes them."""

from __future__ import annotations

import json

import pytest

from zicht.errors import InputError, UsageError
from zicht.sources import mlab

ROWS = [
    {
        "date": "2022-01-04",
        "country_code": "KZ",
        "asn": "9198",
        "tests": "812",
        "download_mbps": "31.5",
        "min_rtt_ms": None,
    },
    {
        "date": "2022-01-04",
        "country_code": "RU",
        "asn": "9198",
        "tests": "3",
        "download_mbps": "8.25",
        "min_rtt_ms": "40",
    },
]


def test_json_and_lines_of_json_say_the_same_as_csv() -> None:
    lines = "\n".join(json.dumps(row) for row in ROWS).encode()
    table = (
        b"date,country_code,asn,tests,download_mbps,min_rtt_ms\n"
        b"2022-01-04,KZ,9198,812,31.5,\n2022-01-04,RU,9198,3,8.25,40\n"
    )
    plain = mlab.parse(table, name="file").observations
    assert mlab.parse(json.dumps(ROWS).encode(), name="file").observations.equals(plain)
    assert mlab.parse(lines, name="file").observations.equals(plain)
    medians = [row for row in plain.to_pylist() if row["signal"] == "mlab.download"]
    assert [(row["entity"], row["value"], row["samples"]) for row in medians] == [
        ("asn/9198", 31.5, 812),
        ("asn/9198/RU", 8.25, 3),
    ]


def test_one_country_can_be_picked() -> None:
    parsed = mlab.parse(json.dumps(ROWS).encode(), name="file", country="RU")
    assert {fact.entity: fact.country for fact in parsed.entities} == {"asn/9198/RU": "RU"}
    assert set(parsed.observations["entity"].to_pylist()) == {"asn/9198/RU"}


def test_speed_tells_no_outage_and_tests_do() -> None:
    tells = {signal.name: signal.tells_outages for signal in mlab.SIGNALS}
    assert tells == {
        "mlab.tests": True,
        "mlab.download": False,
        "mlab.upload": False,
        "mlab.min-rtt": False,
    }


@pytest.mark.parametrize("data", [b"[]", b"[{}]", b"{", b"[1]", b'[{"date": "2022-01-04"}]'])
def test_json_that_is_no_export_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        mlab.parse(data, name="file", country="KZ")


def test_a_table_that_names_no_country_needs_one() -> None:
    table = b"date,tests\n2022-01-04,812\n"
    with pytest.raises(UsageError, match="--country"):
        mlab.parse(table, name="file")
    parsed = mlab.parse(table, name="file", country="KZ")
    assert parsed.observations["entity"].to_pylist() == ["country/KZ"]
