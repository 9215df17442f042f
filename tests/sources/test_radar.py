"""Cloudflare Radar: answers on scales of their own, and its token."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from zicht.errors import InputError, SourceUnreachableError, UsageError
from zicht.http import open_client
from zicht.model.entity import parse_entity
from zicht.model.series import Series, to_series
from zicht.sources.fetch.ask import Asker
from zicht.sources.radar import SERVICE, TRAFFIC
from zicht.sources.service import Answer, Piece, Request

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2022, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def answer(values: list[Any], *, start: datetime = START, **meta: Any) -> Answer:
    stamps = [f"{start + i * HOUR:%FT%TZ}" for i in range(len(values))]
    result = {
        "serie_0": {"timestamps": stamps, "values": values},
        "meta": {"aggInterval": "ONE_HOUR", "normalization": "MIN0_MAX"} | meta,
    }
    request = Request("http://127.0.0.1/netflows", topic="traffic", subject="country/KZ")
    return Answer(request, json.dumps({"success": True, "result": result}).encode())


def read(one: Answer) -> Any:
    return SERVICE.parse(Piece(("country/KZ",), START, START + HOUR, (one.request,)), [one])


def joined(one: Answer, before: Series | None) -> tuple[list[float], tuple[str, ...]]:
    assert SERVICE.join is not None
    parsed = SERVICE.join(read(one), lambda *_: before)
    return parsed.observations["value"].to_pylist(), parsed.notes


def stored(values: list[float], start: datetime = START) -> Series:
    first = int(start.timestamp())
    times = (first + 3600 * np.arange(len(values))) * 1_000_000
    none = np.full(len(values), np.nan)
    return to_series(TRAFFIC, "country/KZ", times, np.array(values), none)


def test_an_answer_is_brought_to_the_scale_of_what_is_stored() -> None:
    truth = [10 + i % 5 for i in range(48)] + [56.0]
    before = stored([one / 14 for one in truth[:40]])
    values, notes = joined(answer([f"{one / 56:.6f}" for one in truth]), before)
    assert values == pytest.approx([one / 14 for one in truth], rel=1e-4)
    assert values[:40] == before.values.tolist(), "what is as it was stays as it was"
    assert notes == ()


def test_a_value_that_has_changed_is_told_from_rounding() -> None:
    before = stored([10.0] * 40)
    values, _ = joined(answer(["1"] * 39 + ["0.5"]), before)
    assert values == [10.0] * 39 + [5.0]


def test_without_enough_in_common_the_scale_stays_and_is_noted() -> None:
    far = stored([10.0] * 40, START - timedelta(days=90))
    values, notes = joined(answer(["1"] * 30), far)
    assert values == [1.0] * 30
    assert "do not compare" in notes[0]
    assert joined(answer(["1"] * 30), None)[1] == ()


def test_other_steps_are_other_signals_and_unknown_ones_are_refused() -> None:
    parsed = read(answer(["1", None, "NaN"], aggInterval="ONE_DAY"))
    assert [signal.name for signal in parsed.signals] == ["radar.traffic.1d"]
    assert parsed.observations["value"].to_pylist() == [1.0, None, None]
    with pytest.raises(InputError, match="step of 'FORTNIGHT'"):
        read(answer(["1"], aggInterval="FORTNIGHT"))


def test_values_that_are_normalised_otherwise_are_refused() -> None:
    with pytest.raises(InputError, match="PERCENTAGE_CHANGE"):
        read(answer(["1"], normalization="PERCENTAGE_CHANGE"))


def test_what_cloudflare_says_of_a_refusal_is_passed_on() -> None:
    body = b'{"success": false, "errors": [{"code": 7003, "message": "No such asn"}]}'
    with pytest.raises(InputError, match="it says: No such asn"):
        read(replace(answer([]), data=body))


def annotation(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "dataSource": "ALL",
        "description": "Two cables were cut.",
        "scope": "Two networks",
        "startDate": "2022-01-05T10:30:00Z",
        "endDate": None,
        "locations": ["KZ"],
        "asns": [],
        "outage": {"outageCause": "CABLE_CUT"},
    } | more


def page(*found: dict[str, Any], offset: int = 0) -> Answer:
    body = {"success": True, "result": {"annotations": list(found)}}
    address = f"http://127.0.0.1/annotations/outages?limit=100&offset={offset}&format=json"
    request = Request(address, topic="annotations", subject=str(offset))
    return Answer(request, json.dumps(body).encode())


def test_an_annotation_is_of_the_networks_that_it_names_else_of_its_countries() -> None:
    said = read(page(annotation(1), annotation(2, asns=[9198, 29555]))).sightings
    assert [one.entity for one in said] == ["country/KZ", "asn/9198", "asn/29555"]
    assert {one.end for one in said} == {None}
    assert said[0].cause == "CABLE_CUT"
    assert said[0].description == "Two cables were cut. Two networks"


def test_a_full_page_of_annotations_is_followed_by_another() -> None:
    full = page(*(annotation(number) for number in range(100)))
    following = SERVICE.more(full)
    assert following is not None
    assert "&offset=100&" in following.address
    assert SERVICE.more(page(annotation(1), offset=100)) is None


def test_an_annotation_of_no_time_is_refused() -> None:
    with pytest.raises(InputError, match="startDate"):
        read(page(annotation(1, startDate="soon")))


def test_the_quoted_answer_is_read(data_folder: Path) -> None:
    (path,) = (data_folder / "api" / "radar").glob("annotations*.json")
    said = read(replace(page(), data=path.read_bytes())).sightings
    assert len(said) == 9
    assert said[0].entity == "country/IE"
    assert {one.cause for one in said} >= {"WEATHER", "CABLE_CUT", "FIRE", "UNKNOWN"}


def test_times_and_values_must_be_as_many() -> None:
    body = json.loads(answer(["1", "2"]).data)
    body["result"]["serie_0"]["values"].pop()
    with pytest.raises(InputError, match="2 times and 1 values"):
        read(replace(answer([]), data=json.dumps(body).encode()))


def test_an_operator_in_a_country_is_not_told_of() -> None:
    with pytest.raises(UsageError, match="asn/9198"):
        list(SERVICE.plan([parse_entity("asn/9198/KZ")], START, START + HOUR, "http://x"))


def asker(address: str) -> Asker:
    with open_client() as client:
        return Asker(SERVICE, client, address=address)


def test_without_a_token_it_is_said_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZICHT_RADAR_TOKEN", raising=False)
    with pytest.raises(UsageError, match="ZICHT_RADAR_TOKEN"):
        asker("https://example.org")


@pytest.mark.parametrize("token", ["two words", "line\nend", "naïve"])
def test_what_is_no_token_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("ZICHT_RADAR_TOKEN", token)
    with pytest.raises(UsageError) as raised:
        asker("https://example.org")
    assert token not in str(raised.value)


def test_a_token_travels_encrypted_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZICHT_RADAR_TOKEN", "secret")
    for open_line in ("http://example.org", "http://10.0.0.1:80", "http://localhost.example.org"):
        with pytest.raises(UsageError, match="in the open"):
            asker(open_line)
    for private in ("https://example.org", "http://127.0.0.1:1", "http://[::1]:1"):
        assert "secret" not in repr(asker(private))


def test_a_page_at_another_host_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZICHT_RADAR_TOKEN", "secret")
    with open_client() as client:
        own = Asker(SERVICE, client, address="http://127.0.0.1:1")
        with pytest.raises(SourceUnreachableError, match="another host"):
            own.ask(Request("http://127.0.0.2:1/x"))
