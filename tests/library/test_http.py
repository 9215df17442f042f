"""Getting bytes over HTTP, from a server on this machine that follows a script."""

from __future__ import annotations

import gzip
import shutil
import ssl
import subprocess
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from zicht.errors import NotFoundError, SourceUnreachableError, UsageError
from zicht.http import (
    CONTACT,
    PassingFaultError,
    get,
    host_of,
    open_client,
    patiently,
    receive,
    retry_after,
    user_agent,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Scripted:
    """Gives one answer after the other: a code, headers and a body."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        scripted = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                scripted.asked.append((self.path, dict(self.headers)))
                code, headers, body = scripted.answers.pop(0)
                self.send_response(code)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    there = Scripted()
    thread = threading.Thread(target=there.server.serve_forever, daemon=True)
    thread.start()
    yield there
    there.server.shutdown()
    there.server.server_close()
    thread.join()


def no_pause(_: float) -> None:
    pass


def test_who_asks_is_said_with_the_contact_of_whoever_runs_it(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CONTACT, "noc@example.org")
    scripted.answers = [(200, {}, b"body")]
    assert get(f"{scripted.address}/x", accept="text/html") == b"body"
    (_, headers), *_ = scripted.asked
    assert headers["User-Agent"] == user_agent()
    assert user_agent().endswith("contact: noc@example.org)")
    assert headers["Accept"] == "text/html"


def test_a_contact_that_would_break_the_request_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(CONTACT, "a\r\nX-Other: b")
    assert "X-Other" not in user_agent()
    monkeypatch.delenv(CONTACT)
    assert "contact" not in user_agent()


def test_a_redirect_on_the_same_host_is_followed(scripted: Scripted) -> None:
    scripted.answers = [(301, {"Location": "/there"}, b""), (200, {}, b"body")]
    assert get(f"{scripted.address}/here") == b"body"
    assert [path for path, _ in scripted.asked] == ["/here", "/there"]


@pytest.mark.parametrize(
    "location", ["http://login.example/", "//127.0.0.2/x", "ftp://127.0.0.1/x", "http://[/"]
)
def test_a_redirect_to_elsewhere_is_refused(scripted: Scripted, location: str) -> None:
    scripted.answers = [(302, {"Location": location}, b"")]
    with pytest.raises(SourceUnreachableError, match="sends elsewhere"):
        get(f"{scripted.address}/x", pause=no_pause)
    assert len(scripted.asked) == 1


def test_redirects_in_a_circle_end(scripted: Scripted) -> None:
    scripted.answers = [(302, {"Location": "/x"}, b"")] * 20
    with pytest.raises(SourceUnreachableError, match="in circles"):
        get(f"{scripted.address}/x", pause=no_pause)
    assert len(scripted.asked) == 6


def test_an_answer_that_is_too_much_is_not_read_to_its_end(scripted: Scripted) -> None:
    scripted.answers = [(200, {}, bytes(3 << 20))]
    with pytest.raises(SourceUnreachableError, match="more than 1 MiB"):
        get(f"{scripted.address}/x", largest=1 << 20)


def test_a_body_that_is_cut_off_is_asked_for_again(scripted: Scripted) -> None:
    scripted.answers = [(200, {"Content-Length": "9"}, b"half"), (200, {}, b"whole")]
    scripted.server.RequestHandlerClass.protocol_version = "HTTP/1.0"  # type: ignore[attr-defined]
    assert get(f"{scripted.address}/x", pause=no_pause) == b"whole"


def test_what_is_gone_and_what_is_forbidden_are_not_asked_for_again(scripted: Scripted) -> None:
    scripted.answers = [(410, {}, b""), (403, {}, b"")]
    with pytest.raises(NotFoundError):
        get(f"{scripted.address}/x")
    with pytest.raises(SourceUnreachableError, match="403"):
        get(f"{scripted.address}/x")


def test_what_has_not_changed_has_no_body(scripted: Scripted) -> None:
    scripted.answers = [(200, {"ETag": '"1"'}, b"body"), (304, {}, b"")]
    with open_client() as client:
        first = receive(client, f"{scripted.address}/x", {})
        assert (first.data, first.headers["etag"], first.unchanged) == (b"body", '"1"', False)
        again = receive(client, f"{scripted.address}/x", {"If-None-Match": '"1"'})
    assert (again.data, again.unchanged) == (b"", True)
    assert scripted.asked[1][1]["If-None-Match"] == '"1"'


def test_what_is_packed_is_unpacked_and_what_cannot_be_is_asked_for_again(
    scripted: Scripted,
) -> None:
    packed = gzip.compress(b"body" * 1000)
    broken = packed[:10] + b"\xff" * 20
    headers = {"Content-Encoding": "gzip"}
    scripted.answers = [(200, headers, broken), (200, headers, packed)]
    assert get(f"{scripted.address}/x", pause=no_pause) == b"body" * 1000
    scripted.answers = [(200, headers, broken)] * 4
    with pytest.raises(SourceUnreachableError, match="cannot be unpacked"):
        get(f"{scripted.address}/x", pause=no_pause)


def test_a_small_body_that_unpacks_to_too_much_is_not_taken(scripted: Scripted) -> None:
    bomb = gzip.compress(bytes(8 << 20))
    scripted.answers = [(200, {"Content-Encoding": "gzip"}, bomb)]
    with pytest.raises(SourceUnreachableError, match="more than 1 MiB"):
        get(f"{scripted.address}/x", largest=1 << 20)


def test_an_answer_that_only_drips_is_given_up(scripted: Scripted) -> None:
    scripted.answers = [(200, {}, bytes(1 << 20))] * 4
    with open_client() as client, pytest.raises(SourceUnreachableError, match="not whole"):
        receive(client, f"{scripted.address}/x", {}, longest=0.0, pause=no_pause)


def test_a_source_that_wants_to_be_left_alone_is(scripted: Scripted) -> None:
    scripted.answers = [(429, {"Retry-After": "3600"}, b"")]
    with pytest.raises(SourceUnreachableError, match="left alone for 3600 seconds"):
        get(f"{scripted.address}/x", pause=no_pause)
    assert len(scripted.asked) == 1


def test_how_long_to_wait_is_said_in_seconds_or_as_a_time() -> None:
    now = datetime(2022, 1, 5, 10, 0, tzinfo=UTC)
    assert retry_after("7", now) == 7.0
    assert retry_after("Wed, 05 Jan 2022 10:00:30 GMT", now) == 30.0
    assert retry_after("Wed, 05 Jan 2022 09:00:00 GMT", now) == 0.0
    assert retry_after("soon", now) == retry_after("", now) == 0.0


def test_a_door_that_speaks_no_tls_is_told(scripted: Scripted) -> None:
    with pytest.raises(SourceUnreachableError, match=r"SSL|TLS"):
        get(scripted.address.replace("http:", "https:"), pause=no_pause)


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    assert openssl, "this test makes a certificate with openssl"
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -keyout key -out cert"
    subprocess.run([openssl, *words.split()], cwd=tmp_path, check=True, capture_output=True)
    there = Scripted()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    there.server.socket = context.wrap_socket(there.server.socket, server_side=True)
    thread = threading.Thread(target=there.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    pauses: list[float] = []
    with pytest.raises(SourceUnreachableError, match="not known to be what it says"):
        get(there.address.replace("http:", "https:"), pause=pauses.append)
    there.server.shutdown()
    there.server.server_close()
    thread.join()
    assert (there.asked, pauses) == ([], [])


@pytest.mark.parametrize("address", ["file:///etc/passwd", "x", "http://", "ftp://a/"])
def test_only_http_and_https_are_addresses(address: str) -> None:
    with pytest.raises(UsageError, match="http"):
        host_of(address)


def test_as_long_as_something_is_gained_it_goes_on() -> None:
    steps = iter([0, 0, 0, 5, 5, 5, 9, 9, 9, 9])  # at the begin, and after each fault
    pauses: list[float] = []

    def fail() -> None:
        raise PassingFaultError("it broke", wait=600.0)

    with pytest.raises(SourceUnreachableError, match="it broke"):
        patiently(fail, "host", gained=lambda: next(steps), pause=pauses.append)
    assert len(pauses) == 8, "four in a row without a gain end it, and no earlier"
    assert set(pauses) == {60.0}, "no source makes us wait longer than a minute"
