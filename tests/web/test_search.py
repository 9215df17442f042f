"""Search, over real HTTP paths and by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.publish.language import language
from zicht.web.finding import MOST, find

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from zicht.web.desk import Desk


def _first(desk: Desk, text: str) -> str | None:
    found = find(language("en"), desk.view(), text)
    return found[0].entity if found else None


@pytest.mark.parametrize(
    "text",
    [
        "Kazachstan",
        "Казахстан",
        "قزاقستان",
        "كازاخستان",
        "哈萨克斯坦",
        "kazakhstan",
        "Kazahkstan",
        "KZ",
        "kaza",
        "country/KZ",
    ],
)
def test_a_country_is_found_in_any_language(desk: Desk, text: str) -> None:
    assert _first(desk, text) == "country/KZ"


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("AS64501", "asn/64501/KZ"),
        ("64501", "asn/64501/KZ"),
        ("as 64501", "asn/64501/KZ"),
        ("Dala", "asn/64501/KZ"),
        ("dala fixed", "asn/64501/KZ"),
        ("AS9198", "asn/9198"),
        ("Kazakhtelecom", "asn/9198"),
        ("kz-75", "region/KZ-75"),
    ],
)
def test_an_operator_or_a_region_is_found(desk: Desk, text: str, entity: str) -> None:
    assert _first(desk, text) == entity


def test_what_is_not_measured_here_is_said(client: TestClient) -> None:
    page = client.get("/en/search", params={"q": "AS9198"}).text
    assert "nothing is measured of it here" in page


def test_a_search_without_a_find_says_what_to_try(client: TestClient) -> None:
    page = client.get("/en/search", params={"q": "zzzzqqq"}).text
    assert "Try another spelling" in page


def test_a_question_is_shown_as_it_is_and_does_no_harm(client: TestClient) -> None:
    page = client.get("/en/search", params={"q": '"><script>alert(1)</script>\u202e'}).text
    assert "<script>alert" not in page
    assert "\u202e" not in page


@given(st.text(max_size=300))
def test_any_question_has_an_answer(desk: Desk, text: str) -> None:
    assert len(find(language("en"), desk.view(), text)) <= MOST
