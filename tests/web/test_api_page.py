"""The page about the API: every example on it is asked, and no address is left out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from zicht.web.api.about import OPERATIONS
from zicht.web.api.ioda.routes import HANDLES
from zicht.web.api.reports import SENT
from zicht.web.api.updates import PATH

if TYPE_CHECKING:
    from starlette.testclient import TestClient

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(http|json)\n(.*?)^```", re.MULTILINE | re.DOTALL)

# The page tells of the demo's January 2022, the store of these tests of March 2030.
DAYS = {"2022-01-01": "2030-03-01", "2022-01-05": "2030-03-19", "2022-01-06": "2030-03-20"}
DAYS |= {"2022-01-07": "2030-03-21", "20220105": "20300319"}
SECONDS = {"1641340800": "1900108800", "1641427200": "1900195200"}


def examples() -> list[tuple[str, int, str | None]]:
    """Addresses with the status that is expected, and the JSON shown of the first of a block."""
    found: list[tuple[str, int, str | None]] = []
    first = 0
    for kind, text in BLOCK.findall(PAGE):
        if kind == "json":
            found[first] = (*found[first][:2], text)
            continue
        first = len(found)
        for line in text.splitlines():
            if line.isdigit():
                found[-1] = (found[-1][0], int(line), None)
            else:
                found.append((line.removeprefix("GET "), 200, None))
    return found


def in_these_tests(address: str) -> str:
    for there, here in (DAYS | SECONDS).items():
        address = address.replace(there, here)
    return address


@pytest.mark.parametrize(("address", "status", "shown"), examples(), ids=lambda _: "")
def test_every_example_is_answered_as_the_page_says(
    client: TestClient, address: str, status: int, shown: str | None
) -> None:
    asked = in_these_tests(address)
    if "as_of" in address and status == 200:
        asked = asked.replace("as_of=2030-03-20", "as_of=2030-03-23")  # known from its import on
    answer = client.get(asked)
    assert answer.status_code == status, answer.text[:300]
    assert answer.content
    if answer.headers["content-type"] == "application/json" and status == 200:
        data = answer.json()
        assert data
        assert not isinstance(data, dict) or data.get("data", True)
    if shown is not None:
        check(json.loads(shown), answer.json())


def check(shown: Any, told: Any) -> None:
    """Whether all fields that are shown are told."""
    if isinstance(shown, dict):
        assert set(shown) <= set(told)
        for name, value in shown.items():
            check(value, told[name])
    elif isinstance(shown, list) and shown and isinstance(shown[0], dict):
        check(shown[0], told[0])


SENT_EXAMPLE = re.compile(r"^curl -s http://[^/]+(/\S+) [^\n]*\n  -d '(.*)'$", re.MULTILINE)


@pytest.mark.parametrize(("address", "body"), SENT_EXAMPLE.findall(PAGE), ids=lambda _: "")
def test_every_example_that_is_sent_is_answered(
    client: TestClient, address: str, body: str
) -> None:
    answer = client.post(address, json=json.loads(body))
    assert answer.status_code == 200, answer.text[:300]
    assert answer.json().get("data") or answer.json()["claims"]


def test_the_page_leaves_no_address_out() -> None:
    assert [one for one, _ in SENT_EXAMPLE.findall(PAGE)] == [one.path for one in SENT]
    shown = [address.partition("?")[0] for address, _, _ in examples()]
    for path in (*(one.path for one in OPERATIONS), *HANDLES):
        pattern = re.sub(r"\\\{\w+\\\}", r"[^/]+", re.escape(path))
        assert any(re.fullmatch(pattern, one) for one in shown), path
    assert PATH in PAGE
