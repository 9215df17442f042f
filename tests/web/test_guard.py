"""The guard: who is let through, how often, and what every answer carries."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.testclient import TestClient

from zicht.web import rates
from zicht.web.app import application
from zicht.web.clients import client_of, host_of, is_loopback, is_ours
from zicht.web.guard import LONGEST_ADDRESS, Guard, Terms
from zicht.web.rates import Rates
from zicht.web.serving import terms_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from zicht.web.desk import Desk

NAME = "observatory.example"
PUBLIC = Terms(names=frozenset({NAME}), public=True)


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(f"hello {scope['state']['client']}")(scope, receive, send)


def reader(terms: Terms | None = None, app: ASGIApp = hello, host: str = "127.0.0.1") -> TestClient:
    return TestClient(Guard(app, terms), base_url=f"http://{host}", client=("203.0.113.7", 5000))


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:8600", "[::1]", "192.0.2.9", "LocalHost."]
)
def test_addresses_and_localhost_are_names_of_ours(host: str) -> None:
    assert reader().get("/", headers={"host": host}).status_code == 200


def test_a_name_that_points_here_is_not_ours_unless_it_is_allowed() -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", NAME, f"x.{NAME}"):
        answer = reader().get("/", headers={"host": host})
        assert answer.status_code == 421
        assert answer.json()["type"] == "/api/v1/problems/wrong-host"
    assert reader(PUBLIC).get("/", headers={"host": f"{NAME.upper()}:443"}).status_code == 200


@pytest.mark.parametrize("host", ["", "a b", "a/b", "a@b", "[::1", "a:b", "é", "127.0.0.1:80:80"])
def test_a_host_that_is_none_is_refused(host: str) -> None:
    headers = [(b"host", host.encode())]
    assert reader().get("/", headers=headers).status_code == 400


@given(st.text(max_size=80))
def test_no_text_makes_the_reading_of_hosts_and_clients_fail(text: str) -> None:
    host = host_of(text)
    assert host is None or is_ours(host, {"x"}) in {True, False}
    assert client_of(text, [text, "203.0.113.9"], {text})
    assert is_loopback(text) in {True, False}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_nothing_can_be_written(method: str) -> None:
    answer = reader().request(method, "/")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_what_is_too_large_is_refused() -> None:
    asked = reader()
    assert asked.get("/" + "a" * LONGEST_ADDRESS).status_code == 414
    assert asked.get("/", headers={"x": "a" * 20_000}).status_code == 431
    assert asked.get("/", headers={f"x{i}": "a" for i in range(80)}).status_code == 431
    assert asked.request("GET", "/", content=b"body").status_code == 413


@pytest.mark.parametrize(
    "path", ["/%2e%2e/etc/passwd", "/static/%2e%2e%2fx", "/a%00b", "/a%0ab", "/a%5cb", "/%e2%80%ae"]
)
def test_paths_that_lead_upwards_or_hide_something_are_refused(path: str) -> None:
    answer = reader().get(path)
    assert answer.status_code == 400
    assert answer.json()["type"] == "/api/v1/problems/bad-request"


def test_a_client_that_asks_too_often_is_told_when_to_come_again() -> None:
    now = [0.0]
    asked = reader(Terms(per_second=0.5, burst=3, now=lambda: now[0]))
    assert [asked.get("/").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = asked.get("/")
    assert refused.headers["retry-after"] == "2"
    assert "Wait" in refused.json()["hint"]
    now[0] += 2.0
    assert asked.get("/").status_code == 200


@given(st.lists(st.floats(0, 5), max_size=60), st.floats(0.1, 50), st.integers(1, 20))
def test_no_client_gets_more_than_its_burst_and_its_rate(
    pauses: list[float], per_second: float, burst: int
) -> None:
    bucket = Rates(per_second=per_second, burst=burst)
    now, through = 0.0, 0
    for pause in pauses:
        now += pause
        through += bucket.wait("one", now) == 0
    assert through <= burst + now * per_second + 1e-6


def test_one_client_does_not_use_up_another_ones_tokens() -> None:
    bucket = Rates(per_second=1, burst=1)
    assert bucket.wait("one", 0.0) == 0
    assert bucket.wait("one", 0.0) == 1.0
    assert bucket.wait("other", 0.0) == 0


def test_remembered_clients_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_CLIENTS", 10)
    bucket = Rates(per_second=1, burst=1)
    for number in range(100):
        bucket.wait(str(number), float(number))
    assert len(bucket._buckets) == 10  # noqa: SLF001 - the memory is what is tested


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["spoofed, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["<script>"], "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", [], "203.0.113.7"),
        ("", [], "unknown"),
    ],
)
def test_who_asks_is_told_by_the_connection_and_by_trusted_proxies_alone(
    peer: str, forwarded: list[str], client: str
) -> None:
    assert client_of(peer, forwarded, {"10.0.0.1", "10.0.0.2"}) == client


def test_every_answer_carries_what_keeps_browsers_safe(desk: Desk) -> None:
    asked = reader(app=application(desk))
    for address in ("/en/", "/api/v1/events", "/api/v1/nowhere", "/nowhere", "/static/zicht.css"):
        headers = asked.get(address).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "unsafe-eval" not in headers["content-security-policy"]
        assert "set-cookie" not in headers
        assert "access-control-allow-origin" not in headers


def test_pages_of_others_may_read_the_api_of_a_published_observatory(desk: Desk) -> None:
    asked = reader(PUBLIC, application(desk), NAME)
    answer = asked.get("/api/v1/events", headers={"origin": "https://other.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Link" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers
    assert "access-control-allow-origin" not in asked.get("/en/").headers
    before = asked.options("/api/v1/events", headers={"origin": "https://other.example"})
    assert before.status_code == 204
    assert "GET" in before.headers["access-control-allow-methods"]


def test_what_is_on_the_loopback_alone_is_not_read_by_pages_of_others() -> None:
    cross = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}
    assert reader().get("/", headers=cross).status_code == 403
    assert reader(PUBLIC).get("/", headers=cross).status_code == 200
    followed = cross | {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert reader().get("/", headers=followed).status_code == 200
    framed = cross | {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}
    assert reader().get("/", headers=framed).status_code == 403
    assert "access-control-allow-methods" not in reader().options("/").headers


def test_what_is_served_to_others_or_has_a_name_is_public() -> None:
    assert not terms_at("127.0.0.1").public
    assert not terms_at("::1").public
    assert terms_at("0.0.0.0").public  # noqa: S104 - what is tested
    assert terms_at("127.0.0.1", [NAME + "."]).names == {NAME}
    assert terms_at("127.0.0.1", [NAME]).public
    assert terms_at("127.0.0.1", per_second=0).per_second == 0


def test_an_answer_that_takes_too_long_is_given_up() -> None:
    async def slow(_: Scope, __: Receive, ___: Send) -> None:
        await asyncio.sleep(120)

    answer = reader(Terms(seconds=0.01), slow).get("/")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"


def test_an_answer_that_has_begun_may_take_its_time() -> None:
    async def parts() -> AsyncIterator[str]:
        yield "a"
        await asyncio.sleep(0.05)
        yield "b"

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await StreamingResponse(parts())(scope, receive, send)

    assert reader(Terms(seconds=0.01), stream).get("/").text == "ab"


def test_a_fault_of_ours_tells_nothing_and_is_noted_without_what_was_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def faulty(scope: Scope, _: Receive, __: Send) -> None:
        raise RuntimeError(f"secret of {scope['query_string']!r}")

    answer = reader(app=faulty).get("/?token=secret")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_a_fault_after_the_beginning_ends_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    async def faulty(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError

    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }
    asyncio.run(Guard(faulty)(scope, receive, send))
    assert [one["type"] for one in sent] == ["http.response.start", "http.response.body"]
    assert "RuntimeError" in caplog.text


def test_websockets_are_not_spoken() -> None:
    async def send(message: Any) -> None:
        raise AssertionError(message)

    asyncio.run(Guard(hello)({"type": "websocket"}, None, send))  # type: ignore[arg-type]
