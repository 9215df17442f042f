"""Answers of IODA's API, as its public documentation has them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from zicht.errors import InputError
from zicht.sources.ioda.api import parse_answer
from zicht.sources.ioda.events import parse_events

if TYPE_CHECKING:
    from pathlib import Path

BEGIN = 1_573_862_400  # 2019-11-16


def answer(*series: dict[str, Any], **more: Any) -> bytes:
    body: dict[str, Any] = {
        "type": "signals",
        "metadata": {},
        "requestParameters": {},
        "error": None,
        "perf": None,
    }
    return json.dumps(body | {"data": [list(series)]} | more).encode()


def one(**more: Any) -> dict[str, Any]:
    return {
        "entityType": "country",
        "entityCode": "IR",
        "entityName": "Iran (Islamic Republic Of)",
        "entityFqid": "geo.netacuity.AS.IR",
        "datasource": "bgp",
        "subtype": "",
        "from": BEGIN,
        "until": BEGIN + 900,
        "step": 300,
        "nativeStep": 300,
        "values": [46000, None, 45000.5],
    } | more


def test_values_lie_on_the_grid_and_null_is_a_gap() -> None:
    parsed = parse_answer(answer(one()), name="bgp")
    assert [signal.name for signal in parsed.signals] == ["ioda.bgp"]
    rows = parsed.observations.to_pylist()
    assert [row["value"] for row in rows] == [46000.0, None, 45000.5]
    assert rows[0]["time"] == datetime(2019, 11, 16, tzinfo=UTC)
    assert rows[2]["time"] == datetime(2019, 11, 16, 0, 10, tzinfo=UTC)
    assert {row["entity"] for row in rows} == {"country/IR"}
    assert parsed.entities[0].country == "IR"


def test_another_step_is_another_signal() -> None:
    parsed = parse_answer(answer(one(step=600)), name="bgp")
    assert [signal.name for signal in parsed.signals] == ["ioda.bgp.10m"]
    assert parsed.signals[0].step == 600


def test_operators_googles_products_and_unknown_data_sources() -> None:
    parsed = parse_answer(
        answer(
            one(entityType="asn", entityCode="44244", datasource="ping-slash24", step=600),
            one(datasource="gtr", subtype="WEB_SEARCH", step=1800),
            one(datasource="gtr", subtype="YOUTUBE", step=1800),
            one(datasource="ping-slash24-loss", values=[[{"agg_values": {}}]]),
        ),
        name="several",
    )
    assert {signal.name for signal in parsed.signals} == {
        "ioda.ping-slash24",
        "ioda.gtr",
        "ioda.gtr.youtube",
    }
    assert {fact.entity for fact in parsed.entities} == {"asn/44244", "country/IR"}
    assert "ping-slash24-loss" in parsed.notes[0]


def test_an_answer_without_series_holds_nothing() -> None:
    assert parse_answer(answer(), name="none").observations.num_rows == 0
    assert parse_answer(answer(data=None), name="none").observations.num_rows == 0


def test_the_quoted_answer_of_outages_is_read(data_folder: Path) -> None:
    data = (data_folder / "api" / "ioda" / "outages_events_sample.json").read_bytes()
    said = {one.entity: one for one in parse_events(data, name="events")}
    assert set(said) == {"country/TO", "asn/41678", "region/IT-CA"}, "and a part of an operator"
    tonga = said["country/TO"]
    assert tonga.end is not None
    assert (tonga.end - tonga.start).total_seconds() == 3600
    assert tonga.seen_in == "ping-slash24"
    assert said["asn/41678"].end is None, "at the end of the window it went on"


def test_regions_by_number_are_those_that_are_known() -> None:
    parsed = parse_answer(
        answer(
            one(entityType="region", entityCode="1870"),
            one(entityType="region", entityCode="999999"),
        ),
        name="regions",
    )
    assert {fact.entity for fact in parsed.entities} == {"region/IQ-BB"}
    assert "999999" in parsed.notes[0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"[]x",
        answer(error="no such entity"),
        answer(one(values=["many"])),
        answer(one(step=0)),
        answer(one(entityType="planet")),
        answer({"entityType": "country"}),
    ],
)
def test_what_is_no_such_answer_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        parse_answer(data, name="answer")
