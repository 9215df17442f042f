"""The guard before pages and API: refuses what nobody needs to ask, and bounds all the rest.

It stands outside of everything else, so that what it says holds of every answer. docs/threats.md
tells against whom.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from zicht.publish.language import LANGUAGES
from zicht.web.api.problems import ProblemError, problem_response
from zicht.web.clients import client_of, host_of, is_ours
from zicht.web.rates import Rates
from zicht.web.tracing import place_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_ADDRESS = 8192
"""Bytes of a path with its query."""

MOST_HEADERS = 64
LARGEST_HEADERS = 16 * 1024
"""Bytes of all names and values."""

SECONDS = 30.0
"""An answer has begun within these, or there is none."""

_METHODS = ("GET", "HEAD")
_TAKES_BODIES = re.compile(
    rf"(/({'|'.join(LANGUAGES)}))?(/check|/ledger|/kept/[A-Za-z0-9_-]{{1,64}})"
    "|/api/v1/(check|ledger)"
)
"""Where a text may be sent to be read; that writes nothing but what a reader asks to keep."""

_SECONDS_WITH_BODY = 420.0  # it is sent, waits for its turn, and is read; each has its own bound
_MACHINES = ("/api/", "/v2/", "/feeds/", "/grafana/")
_SAFE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox"
_PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_LENGTH = re.compile("[0-9]{1,12}")
_EXPOSED = "ETag, Link, Retry-After"

_LOG = logging.getLogger("zicht.web")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is let through.

    Attributes:
        names: names that we go by, beside ``localhost`` and addresses.
        proxies: addresses of proxies whose ``X-Forwarded-For`` is believed.
        public: pages of others may read the API from within a browser (CORS); what is served on
            the loopback alone is nobody else's business.
        per_second: requests that one client may make in a second; 0 sets no limit.
        burst: requests that it may make at once.
        seconds: an answer has begun within these.
        now: a clock that only goes forward, in seconds.
    """

    names: frozenset[str] = frozenset()
    proxies: frozenset[str] = frozenset()
    public: bool = False
    per_second: float = 20.0
    burst: float = 200.0
    seconds: float = SECONDS
    now: Callable[[], float] = field(default=time.monotonic)


class Guard:
    """Stands before an application."""

    def __init__(self, app: ASGIApp, terms: Terms | None = None) -> None:
        self._app = app
        self._terms = terms or Terms()
        self._rates = Rates(per_second=self._terms.per_second, burst=self._terms.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the application answer."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # nothing here speaks over WebSockets
        headers = Headers(scope=scope)
        answering = _Answering(scope, send, headers, public=self._terms.public)
        try:
            self._check(scope, headers)
            if scope["method"] == "OPTIONS":
                await _preflight(public=self._terms.public)(scope, receive, answering.send)
                return
            seconds = _SECONDS_WITH_BODY if scope["method"] == "POST" else self._terms.seconds
            async with asyncio.timeout(seconds) as limit:
                answering.limit = limit
                await self._app(scope, receive, answering.send)
        except ProblemError as error:
            await problem_response(error)(scope, receive, answering.send)
        except TimeoutError:
            await answering.fail("unavailable", "It took too long.", {"Retry-After": "30"})
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are served
            _LOG.error("answer failed: %s at %s", type(error).__name__, place_of(error))
            await answering.fail(
                "our-fault", "The request was understood and could not be answered."
            )

    def _check(self, scope: Scope, headers: Headers) -> None:
        _check_size(scope)
        _check_host(headers, self._terms.names)
        _check_path(scope["path"])
        self._check_origin(headers)
        _check_method(scope, headers, self._terms.names)
        peer = scope["client"][0] if scope.get("client") else ""
        client = client_of(peer, headers.getlist("x-forwarded-for"), self._terms.proxies)
        scope.setdefault("state", {})["client"] = client
        wait = self._rates.wait(client, self._terms.now())
        if wait > 0:
            raise ProblemError(
                "too-many-requests",
                f"One client may ask {self._terms.per_second:g} times a second.",
                headers={"Retry-After": str(math.ceil(wait))},
            )

    def _check_origin(self, headers: Headers) -> None:
        """What is served on the loopback alone is not read by other sites' pages."""
        if self._terms.public or headers.get("sec-fetch-site") != "cross-site":
            return
        if (
            headers.get("sec-fetch-mode") != "navigate"
            or headers.get("sec-fetch-dest") != "document"
        ):
            raise ProblemError("not-for-others", "A page of another site asks for this.")


class _Answering:
    """Sends an answer with the headers that every answer has."""

    def __init__(self, scope: Scope, send: Send, headers: Headers, *, public: bool) -> None:
        self._scope, self._send, self._asked, self._public = scope, send, headers, public
        self._started = False
        self.limit: asyncio.Timeout | None = None

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        if message["type"] == "http.response.start":
            self._started = True
            if self.limit is not None:
                with contextlib.suppress(RuntimeError):  # it is over
                    self.limit.reschedule(None)
            self._dress(MutableHeaders(scope=message))
        await self._send(message)

    async def fail(self, name: str, detail: str, headers: dict[str, str] | None = None) -> None:
        """Tell that there is no answer, unless it has begun: then it ends where it is."""
        if not self._started:
            response = problem_response(ProblemError(name, detail, headers=headers))
            await response(self._scope, _nothing, self.send)

    def _dress(self, headers: MutableHeaders) -> None:
        for name, value in _SAFE.items():
            headers.setdefault(name, value)
        picture = headers.get("content-type", "").startswith("image/svg")
        headers.setdefault("content-security-policy", _PICTURE_POLICY if picture else _POLICY)
        resource = "cross-origin" if self._public else "same-origin"
        headers.setdefault("cross-origin-resource-policy", resource)
        if self._public and self._scope["path"].startswith(_MACHINES):
            headers["access-control-allow-origin"] = "*"
            headers["access-control-expose-headers"] = _EXPOSED


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def _preflight(*, public: bool) -> Response:
    """The answer to what a browser asks before a page of another site may read."""
    headers = {"Allow": "GET, HEAD, OPTIONS"}
    if public:
        headers |= {
            "Access-Control-Allow-Methods": "GET, HEAD",
            "Access-Control-Allow-Headers": "Accept, If-None-Match, Last-Event-ID",
            "Access-Control-Max-Age": "86400",
        }
    return Response(status_code=204, headers=headers)


def _check_size(scope: Scope) -> None:
    length = len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"])
    if length > LONGEST_ADDRESS:
        raise ProblemError("address-too-long", f"It has {length} bytes.")
    size = sum(len(name) + len(value) for name, value in scope["headers"])
    if len(scope["headers"]) > MOST_HEADERS or size > LARGEST_HEADERS:
        raise ProblemError("headers-too-large", "They are more or longer than anybody needs.")


def _check_host(headers: Headers, names: frozenset[str]) -> None:
    given = headers.getlist("host")
    host = host_of(given[0]) if len(given) == 1 else None
    if host is None:
        raise ProblemError("bad-request", "It does not say for whom it is (Host).")
    if not is_ours(host, names):
        raise ProblemError("wrong-host", "It is for another name than those that are allowed here.")


def _check_method(scope: Scope, headers: Headers, names: frozenset[str]) -> None:
    """Only reading; and, where a text may be sent to be read, that, from a page of ours or none."""
    takes_body = _TAKES_BODIES.fullmatch(scope["path"]) is not None
    if scope["method"] == "POST" and takes_body:
        _check_sender(headers, names)
        if "transfer-encoding" in headers or not _LENGTH.fullmatch(
            headers.get("content-length", "")
        ):
            raise ProblemError(
                "length-required", "It has no Content-Length.", headers={"Connection": "close"}
            )
        return
    allowed = [*_METHODS, "OPTIONS"]
    if takes_body:
        is_api = scope["path"].startswith("/api/")
        allowed = ["POST", "OPTIONS"] if is_api else [*_METHODS, "POST", "OPTIONS"]
    if scope["method"] not in allowed:
        raise ProblemError(
            "method-not-allowed",
            f"Only {' and '.join(allowed[:-1])} are answered here.",
            headers={"Allow": ", ".join(allowed), "Connection": "close"},
        )
    if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
        raise ProblemError(
            "too-large", "A request to read needs no body.", headers={"Connection": "close"}
        )


def _check_sender(headers: Headers, names: frozenset[str]) -> None:
    """A form is sent from a page of ours; programs say nothing of where they come from.

    A proxy may ask by another name than that by which it was asked: names of ours will do.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    ours = site is None or site in {"same-origin", "none"}
    if origin is not None and (origin != "null" or site is None):
        host = origin.partition("://")[2].lower()
        ours = ours and (host == headers["host"].lower() or host_of(host) in names)
    if not ours:
        raise ProblemError(
            "not-for-others",
            "A page of another site sends this.",
            headers={"Connection": "close"},
        )


def _check_path(path: str) -> None:
    if any(not letter.isprintable() or letter == "\\" for letter in path) or any(
        part in {".", ".."} for part in path.split("/")
    ):
        raise ProblemError(
            "bad-request", "The path leads nowhere.", "Write it without dots that lead upwards."
        )
