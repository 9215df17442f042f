"""What holds of every page: languages, caches, errors, and that nothing comes from elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from zicht.errors import NotFoundError, StoreError, UsageError
from zicht.web.asked import preferred
from zicht.web.faults import status_of_fault

if TYPE_CHECKING:
    from starlette.testclient import TestClient


def test_a_page_is_in_the_language_of_its_address(client: TestClient) -> None:
    page = client.get("/nl/", headers={"accept-language": "en"})
    assert page.headers["content-language"] == "nl"
    assert '<html lang="nl" dir="ltr">' in page.text
    assert 'href="/nl/events"' in page.text


def test_an_address_without_a_language_follows_the_browser(client: TestClient) -> None:
    page = client.get("/", headers={"accept-language": "de, nl;q=0.8, en;q=0.5"})
    assert page.headers["content-language"] == "nl"
    assert "accept-language" in page.headers["vary"]
    assert 'href="/events"' in page.text


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "en"),
        ("nl", "nl"),
        ("nl-BE,en;q=0.9", "nl"),
        ("xx", "en"),
        ("nl;q=zero, en;q=0.1", "en"),
        ("," * 5000, "en"),
    ],
)
def test_the_language_that_is_asked_for_most(header: str, code: str) -> None:
    assert preferred(header) == code


def test_a_page_that_the_reader_has_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/en/")
    again = client.get("/en/", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_a_page_is_sent_compressed_to_those_who_can_read_it(client: TestClient) -> None:
    zipped = client.get("/en/", headers={"accept-encoding": "gzip"})
    plain = client.get("/en/", headers={"accept-encoding": "identity"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert zipped.text == plain.text


def test_a_page_loads_nothing_from_elsewhere_and_sets_no_cookie(client: TestClient) -> None:
    page = client.get("/en/")
    assert "set-cookie" not in page.headers
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)


def test_a_page_that_is_not_there_says_so(client: TestClient) -> None:
    page = client.get("/en/nowhere")
    assert page.status_code == 404
    assert "There is no such page" in page.text


def test_a_time_that_is_none_is_told_so(client: TestClient) -> None:
    page = client.get("/en/", params={"as_of": "<b>soon</b>"})
    assert page.status_code == 400
    assert "is no time" in page.text
    assert "<b>soon" not in page.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError("No."), 404),
        (UsageError("No."), 400),
        (StoreError("No."), 503),
        (ValueError("No."), 500),
    ],
)
def test_each_kind_of_error_has_its_status(error: Exception, status: int) -> None:
    assert status_of_fault(error) == status
