"""Faults on demand, before any socket."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.errors import InputError
from zicht.lab.serve.faults import Answer, Fault, Faults, Kind, met, read_faults, spoken, told_at

NOON = datetime(2022, 1, 5, 12, tzinfo=UTC)
ANSWER = Answer(200, b'{"data": [1, 2, 3, "four"]}', (("Content-Type", "application/json"),))

FILE = b"""
seed = 3
[[fault]]
service = "ioda"
path = "/v2/signals/*"
kind = "unavailable"
begin = 2022-01-05T10:00:00Z
end = 2022-01-05T13:00:00Z
first = 2
seconds = 30
[[fault]]
kind = "stale"
service = "tor"
"""


def test_a_fault_is_met_on_its_paths_in_its_time_and_so_many_times() -> None:
    faults = read_faults(FILE, name="faults.toml")
    path = "/v2/signals/raw/country/KZ"
    first = faults.fault[0]
    assert met(faults, "ioda", path, NOON, 0) == first
    assert met(faults, "ioda", path, NOON, 1) == first
    assert met(faults, "ioda", path, NOON, 2) is None
    assert met(faults, "ioda", path, NOON - timedelta(hours=3), 0) is None
    assert met(faults, "ioda", path, NOON + timedelta(hours=1), 0) is None
    assert met(faults, "ioda", "/v2/entities/query", NOON, 0) is None
    assert met(faults, "atlas", path, NOON, 0) is None
    assert met(faults, "tor", "/userstats-relay-country.csv", NOON, 99) == faults.fault[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'[[fault]]\nkind = "sulking"', "sulking"),
        (b'[[fault]]\nkind = "cut"\nbyte = 3', "byte"),
        (b"[[fault]]\npath = '/'", "kind"),
        (b'[[fault]]\nkind = "cut"\nshare = 2.0', "share"),
        (b'[[fault]]\nkind = "cut"\nbegin = 2022-01-05T10:00:00', "zone"),
        (b"[[", "faults.toml"),
    ],
)
def test_a_wrong_file_is_told(text: bytes, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        read_faults(text, name="faults.toml")


@given(st.integers(0, 2**32), st.floats(0.1, 0.9))
def test_a_share_of_requests_is_drawn_the_same_each_time(seed: int, share: float) -> None:
    faults = Faults((Fault(kind="reset", share=share),), seed)
    drawn = [met(faults, "ioda", "/a", NOON, n) is not None for n in range(400)]
    assert drawn == [met(faults, "ioda", "/a", NOON, n) is not None for n in range(400)]
    assert abs(sum(drawn) / 400 - share) < 0.2


def test_without_a_fault_the_answer_is_said_as_it_is() -> None:
    said = spoken(ANSWER, None)
    assert (said.answer, said.length, said.sent, said.silent) == (ANSWER, 27, None, False)


def test_each_kind_does_what_it_says() -> None:
    def of(**more: object) -> tuple[int, bytes, dict[str, str]]:
        said = spoken(ANSWER, Fault(**more))  # type: ignore[arg-type] # a case each
        assert said.length == len(said.answer.body)
        return said.answer.code, said.answer.body, dict(said.answer.headers)

    assert of(kind="error")[0] == 500
    assert of(kind="error", code=404)[0] == 404
    code, _, headers = of(kind="unavailable", seconds=30)
    assert (code, headers["Retry-After"]) == (503, "30")
    code, _, headers = of(kind="too-many", seconds=5)
    assert (code, headers["Retry-After"]) == (429, "5")
    code, _, headers = of(kind="redirect", location="http://elsewhere.invalid/")
    assert (code, headers["Location"]) == (302, "http://elsewhere.invalid/")
    code, body, headers = of(kind="html")
    assert (code, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert body.startswith(b"<!DOCTYPE html>")
    assert of(kind="empty")[:2] == (200, b"")
    code, body, headers = of(kind="malformed")
    assert (code, headers["Content-Type"]) == (200, "application/json")
    with pytest.raises(ValueError, match="char"):
        json.loads(body)


def test_the_wire_can_be_wrong_where_the_answer_is_right() -> None:
    assert spoken(ANSWER, Fault(kind="slow", seconds=3)).before == 3
    assert spoken(ANSWER, Fault(kind="trickle", seconds=3)).during == 3
    assert spoken(ANSWER, Fault(kind="cut", bytes=5)).sent == 5
    assert spoken(ANSWER, Fault(kind="cut", bytes=500)).sent == 26
    assert spoken(ANSWER, Fault(kind="length", bytes=2)).length == 29
    assert spoken(ANSWER, Fault(kind="length", bytes=-2)).length == 25
    assert spoken(ANSWER, Fault(kind="reset")).silent


def test_what_is_stale_is_of_before() -> None:
    assert told_at(Fault(kind="stale", seconds=7200), NOON) == NOON - timedelta(hours=2)
    assert told_at(Fault(kind="stale", begin=NOON - timedelta(days=1)), NOON) == NOON - timedelta(
        days=1
    )
    assert told_at(Fault(kind="cut"), NOON) == NOON
    assert told_at(None, NOON) == NOON


def test_the_page_tells_of_every_kind_and_its_example_is_read() -> None:
    page = (Path(__file__).parents[3] / "docs" / "lab-services.md").read_text(encoding="utf-8")
    example = page.partition("```toml\n")[2].partition("```")[0]
    (fault,) = read_faults(example.encode(), name="lab-services.md").fault
    assert (fault.kind, fault.service, fault.first) == ("unavailable", "ioda", 3)
    assert all(f"`{kind}`" in page for kind in get_args(Kind))
