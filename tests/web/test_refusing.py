"""What the server does with requests that no honest reader sends, over real sockets."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from zicht.web import serving as module
from zicht.web.reports import receiving
from zicht.web.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zicht.store import Store

_GUARD = 60
END = b"Host: 127.0.0.1\r\nConnection: close\r\n\r\n"
FORM = b"Content-Type: multipart/form-data; boundary=x\r\n"
ASKED = b"GET /api/v1/problems/our-fault HTTP/1.1\r\n"


@pytest.fixture(scope="module")
def port(store: Store) -> Iterator[int]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "HEADERS_WITHIN", 1.0)
        patch.setattr(receiving, "WITHIN", 1.0)
        with serving(store) as address:
            yield int(address.rstrip("/").rpartition(":")[2])


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=_GUARD)


def answer(port: int, request: bytes) -> bytes:
    with connect(port) as line:
        line.sendall(request)
        return read_all(line)


def read_all(line: socket.socket) -> bytes:
    parts = []
    try:
        while part := line.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass  # it does not read on, and says so
    return b"".join(parts)


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (ASKED + END, 200),
        (ASKED.replace(b"GET /", b"GET http://elsewhere.example/") + END, 200),
        (ASKED + b"Host: elsewhere.example\r\nConnection: close\r\n\r\n", 421),
        (ASKED + b"Connection: close\r\n\r\n", 400),
        (ASKED + b"Host: 127.0.0.1\r\n" + END, 400),
        (b"GET /api/v1 HTTP/1.0\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", 400),
        (b"/api HTTP/1.1\r\n\r\n", 400),
        (b"GET /api/v1 HTTP/1.1\r\nHo st: x\r\n" + END, 400),
        (b"GET /api/v1?limit=%0d%0aSet-Cookie:x HTTP/1.1\r\n" + END, 400),
        (b"GET /static/../../../etc/passwd HTTP/1.1\r\n" + END, 400),
        (b"GET /static/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" + END, 400),
        (b"GET /static//etc/passwd HTTP/1.1\r\n" + END, 404),
        (b"GET /static/a%00b HTTP/1.1\r\n" + END, 400),
        (b"GET /static/%ff%fe HTTP/1.1\r\n" + END, 404),
        (b"GET /api/v1?x=" + b"a" * 9_000 + b" HTTP/1.1\r\n" + END, 414),
        (b"GET /api/v1?x=" + b"a" * 90_000 + b" HTTP/1.1\r\n" + END, 431),
        (ASKED + b"X: " + b"a" * 20_000 + b"\r\n" + END, 431),
        (ASKED + b"X: " + b"a" * 1_000_000 + b"\r\n" + END, 431),
        (ASKED + b"".join(b"X%d: a\r\n" % i for i in range(90)) + END, 431),
        (ASKED + b"".join(b"X%d: a\r\n" % i for i in range(900)) + END, 431),
        (b"POST /api/v1 HTTP/1.1\r\nContent-Length: 3\r\n" + END + b"abc", 405),
        (ASKED + b"Content-Length: 100000000\r\n" + END + b"abc", 413),
        (ASKED + b"Content-Length: -1\r\n" + END, 400),
        (ASKED + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n" + END + b"0\r\n\r\n", 413),
        (b"POST /check HTTP/1.1\r\nContent-Length: 3\r\n" + END + b"abc", 415),
        (b"POST /check HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + END + b"0\r\n\r\n", 411),
        (b"POST /check HTTP/1.1\r\n" + FORM + b"Content-Length: 900000000\r\n" + END, 413),
        (b"POST /check HTTP/1.1\r\n" + FORM + b"Content-Length: 9\r\n" + END + b"--x\r\nabcd", 422),
        (b"POST /check HTTP/1.1\r\nOrigin: http://x.example\r\nContent-Length: 0\r\n" + END, 403),
        (b"POST /api/v1/ledger HTTP/1.1\r\nContent-Length: 2\r\n" + END + b"{}", 415),
        (b"POST /kept/../check HTTP/1.1\r\nContent-Length: 0\r\n" + END, 400),
        (b"CONNECT elsewhere.example:443 HTTP/1.1\r\n" + END, 405),
        (b"TRACE /api/v1 HTTP/1.1\r\n" + END, 405),
    ],
)
def test_what_is_malformed_or_too_large_is_refused_with_a_status(
    port: int, request_bytes: bytes, status: int
) -> None:
    told = answer(port, request_bytes)
    assert told.split(b" ", 2)[:2][1] == str(status).encode(), told[:200]
    assert b"root:" not in told
    assert b"set-cookie" not in told.lower()


def test_two_requests_in_one_body_are_not_both_answered(port: int) -> None:
    smuggled = ASKED + b"Content-Length: 90\r\nHost: 127.0.0.1\r\n\r\n" + ASKED + END
    assert answer(port, smuggled).count(b"HTTP/1.1 ") == 1


def test_http2_without_being_asked_is_not_spoken(port: int) -> None:
    assert b"SETTINGS" not in answer(port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(40))
    assert answer(port, ASKED + END).startswith(b"HTTP/1.1 200")


def test_those_who_are_slow_to_ask_are_let_go_of_and_others_are_served(port: int) -> None:
    with ExitStack() as stack:
        lines = [stack.enter_context(connect(port)) for _ in range(60)]
        for number, line in enumerate(lines):
            line.sendall((b"", ASKED, ASKED + b"X: a", b"G")[number % 4])
        assert answer(port, ASKED + END).startswith(b"HTTP/1.1 200")
        for line in lines:
            assert not read_all(line).startswith(b"HTTP/1.1 200")


def test_a_text_that_does_not_come_is_not_waited_for_and_others_are_served(port: int) -> None:
    begun = b"POST /check HTTP/1.1\r\n" + FORM + b"Content-Length: 100\r\n" + END + b"--x"
    with ExitStack() as stack:
        lines = [stack.enter_context(connect(port)) for _ in range(6)]
        for line in lines:
            line.sendall(begun)
        assert answer(port, ASKED + END).startswith(b"HTTP/1.1 200")
        told = [read_all(line).split(b" ", 2)[1] for line in lines]
    assert b"408" in told
    assert set(told) <= {b"408", b"503"}  # two at once are waited for, of one client
    with connect(port) as line:
        line.sendall(begun)  # and gone
    assert answer(port, ASKED + END).startswith(b"HTTP/1.1 200")


def test_a_connection_that_is_not_used_any_more_is_let_go_of(port: int) -> None:
    with connect(port) as line:
        line.sendall(ASKED + b"Host: 127.0.0.1\r\n\r\n")
        assert read_all(line).count(b"HTTP/1.1 200") == 1


def test_a_reader_that_goes_away_does_no_harm(port: int) -> None:
    for _ in range(20):
        with connect(port) as line:
            line.sendall(b"GET /api/v1/connectivity?entity=KZ HTTP/1.1\r\n" + END)
    assert answer(port, ASKED + END).startswith(b"HTTP/1.1 200")
