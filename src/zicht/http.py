"""Getting bytes over HTTP, politely: who asks is said, and faults of the moment are waited out.

One client with its pool of connections serves all that is fetched from archives and interfaces.
Redirects are followed on the same host alone, so that a log-in page or a seized name elsewhere is
never taken for the source.
"""

from __future__ import annotations

import os
import random
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

import httpx2

from zicht.errors import (
    NotFoundError,
    SourceRefusesError,
    SourceUnreachableError,
    UsageError,
)
from zicht.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_ResultT = TypeVar("_ResultT")

CONTACT = "ZICHT_CONTACT"
"""The environment's variable with a mail address or page of whoever runs this Zicht."""

LAB = "zicht-lab"
"""What servers of the lab call themselves (``Server``, RFC 9110, section 10.2.4), so that nothing
made is ever taken for measured."""

_TIMEOUT = 30.0  # seconds without a byte
_LONGEST = 600.0  # seconds until an answer must be whole
_TRIES = 4  # in a row, without anything gained
_FIRST_WAIT = 2.0  # seconds, doubled each time
_LONGEST_WAIT = 60.0
_LARGEST = 64 << 20  # bytes
_REDIRECTS = 5
_UNCHANGED = 304
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_MISSING = frozenset({404, 410})
_REFUSED = frozenset({400, 422})
_SAID, _READ = 300, 8192  # letters of what a source says of why, and bytes to find them in
_BAD_CERTIFICATE = "CERTIFICATE_VERIFY_FAILED"  # as OpenSSL calls it
_MOVED = frozenset({301, 302, 303, 307, 308})


class PassingFaultError(Exception):
    """A fault that may be gone at the next try; it never leaves ``patiently``.

    Attributes:
        why: what happened, as the end of a sentence.
        wait: the seconds that the source asks to wait, else 0.
    """

    def __init__(self, why: str, wait: float = 0.0) -> None:
        super().__init__(why)
        self.why = why
        self.wait = wait


def user_agent() -> str:
    """Who asks: ``zicht/VERSION`` with the contact that ``ZICHT_CONTACT`` names."""
    contact = os.environ.get(CONTACT, "").strip()
    known = f"; contact: {contact}" if contact.isascii() and contact.isprintable() else ""
    return f"zicht/{__version__} (an open observatory of connectivity{known if contact else ''})"


def open_client() -> httpx2.Client:
    """A client for use with ``answering``; it may be used by several threads, and must be closed.

    Certificates are checked against the system's own; proxies are those of the environment.
    """
    return httpx2.Client(headers={"User-Agent": user_agent()}, timeout=_TIMEOUT)


@dataclass(frozen=True)
class Received:
    """An answer whose body was read to its end.

    Attributes:
        data: the body, unpacked; empty where the answer is that nothing has changed.
        headers: its headers, by their names in small letters.
        unchanged: it is 304: what was received before is still what there is.
    """

    data: bytes
    headers: Mapping[str, str]
    unchanged: bool = False

    @property
    def simulated(self) -> bool:
        """Whether the lab says it, and nothing in it was measured."""
        return self.headers.get("server") == LAB


def get(
    address: str,
    *,
    client: httpx2.Client | None = None,
    accept: str = "application/json",
    largest: int = _LARGEST,
    pause: Callable[[float], None] = time.sleep,
) -> bytes:
    """The body of an answer; see ``receive``.

    Args:
        address: an address of http or https.
        client: what ``open_client`` gave; one for this request alone when not given.
        accept: the media types that are asked for.
        largest: the most bytes that are taken.
        pause: waits for so many seconds.

    Raises:
        NotFoundError: there is no such thing there.
        SourceUnreachableError: the source cannot be reached, keeps failing, or answers too much.
        UsageError: the address is of neither http nor https.
    """
    headers = {"Accept": accept}
    if client is None:
        with open_client() as own:
            return receive(own, address, headers, largest=largest, pause=pause).data
    return receive(client, address, headers, largest=largest, pause=pause).data


def receive(
    client: httpx2.Client,
    address: str,
    headers: Mapping[str, str],
    *,
    largest: int = _LARGEST,
    longest: float = _LONGEST,
    pause: Callable[[float], None] = time.sleep,
) -> Received:
    """Ask, and read the answer to its end.

    Faults that pass (no connection, a time-out, 429, 5xx, a body that is cut off or cannot be
    unpacked) are tried again after about 2, 4 and 8 seconds, or after what ``Retry-After`` asks
    for. A source that asks to be left alone for more than a minute is.

    Args:
        client: what ``open_client`` gave.
        address: an address of http or https.
        headers: of the request. They go to this host alone, for no redirect leads to another.
        largest: the most bytes that are taken, counted as they come and unpacked.
        longest: the seconds that one try may take altogether.
        pause: waits for so many seconds.

    Raises:
        NotFoundError: there is no such thing there.
        SourceRefusesError: the source does not take the question.
        SourceUnreachableError: the source cannot be reached, keeps failing, or answers too much.
        UsageError: the address is of neither http nor https.
    """
    host = host_of(address)

    def read() -> Received:
        pieces, length, deadline = [], 0, time.monotonic() + longest
        with answering(client, address, headers) as answer:
            if answer.status_code == _UNCHANGED:
                return Received(b"", dict(answer.headers), unchanged=True)
            refuse_failure(answer, address)
            for piece in answer.iter_bytes():
                pieces.append(piece)
                length += len(piece)
                if length > largest:
                    raise SourceUnreachableError(
                        f"{host} answers with more than {largest / (1 << 20):.3g} MiB.",
                        "Ask for less at once.",
                    )
                if time.monotonic() > deadline:
                    raise PassingFaultError(f"the answer was not whole after {longest:.0f} seconds")
            return Received(b"".join(pieces), dict(answer.headers))

    return patiently(read, host, pause=pause)


def host_of(address: str) -> str:
    """The host that an address names, with its port where it names one.

    Raises:
        UsageError: the address is of neither http nor https.
    """
    try:
        url = httpx2.URL(address)
    except httpx2.InvalidURL:
        url = httpx2.URL("")
    if url.scheme not in {"http", "https"} or not url.host:
        raise UsageError(f"{address!r} is no address of http or https.", "Begin it with https://")
    return url.netloc.decode("ascii")


@contextmanager
def answering(
    client: httpx2.Client, address: str, headers: Mapping[str, str]
) -> Iterator[httpx2.Response]:
    """Ask once; yields the answer, whatever its code, with its body still to be read.

    Faults of the connection while the body is read inside the ``with`` are told likewise.

    Raises:
        PassingFaultError: no connection, or it broke, or the body cannot be unpacked.
        SourceUnreachableError: the source sends elsewhere, or shows a certificate that is not its.
        UsageError: the address is of neither http nor https.
    """
    host_of(address)
    url = httpx2.URL(address)
    try:
        for _ in range(_REDIRECTS + 1):
            with client.stream("GET", url, headers=dict(headers)) as answer:
                if answer.status_code not in _MOVED or "Location" not in answer.headers:
                    yield answer
                    return
                url = _followed(url, answer.headers["Location"])
    except httpx2.TimeoutException:
        raise PassingFaultError(f"nothing came for {_TIMEOUT:.0f} seconds") from None
    except httpx2.DecodingError:
        raise PassingFaultError("what it sends cannot be unpacked") from None
    except httpx2.TransportError as error:
        why = str(error).rstrip(".") or type(error).__name__
        if _BAD_CERTIFICATE in why:
            raise SourceUnreachableError(
                f"{host_of(address)} is not known to be what it says: {why}.",
                "Is there somebody between? Never send a token over such a line.",
            ) from None
        raise PassingFaultError(why) from None
    raise SourceUnreachableError(
        f"{host_of(address)} redirects in circles at {address}.", "Try again later."
    )


def _followed(url: httpx2.URL, location: str) -> httpx2.URL:
    """Where a redirect leads, as long as that is the same host, or its encrypted door."""
    try:
        to = url.join(location)
    except httpx2.InvalidURL:
        to = httpx2.URL("")
    same_door = (to.scheme, to.netloc) == (url.scheme, url.netloc)
    if same_door or (to.scheme, to.host) == ("https", url.host):
        return to
    raise SourceUnreachableError(
        f"{url.host} sends elsewhere: from {url} to {location[:200]!r}.",
        "Is there a log-in page between? If the source has moved, give its new address.",
    )


def refuse_failure(answer: httpx2.Response, address: str) -> None:
    """Return when the answer is a success; else tell what its code means.

    Raises:
        NotFoundError: 404 or 410.
        PassingFaultError: 429, 5xx and the like.
        SourceRefusesError: 400 or 422, with what the source says of why.
        SourceUnreachableError: any other failure.
    """
    code, host = answer.status_code, host_of(address)
    if answer.is_success:
        return
    if code in _MISSING:
        raise NotFoundError(f"{host} has nothing at {address}.")
    why = f"it answers {code} {answer.reason_phrase}".rstrip()
    if code in _REFUSED:
        raise SourceRefusesError(
            f"{host} does not take this question, {address}: {why}{_said(answer)}.",
            "Ask for something else.",
        )
    if code in _PASSING:
        wait = retry_after(answer.headers.get("Retry-After", ""), datetime.now(UTC))
        if wait > _LONGEST_WAIT:
            raise SourceUnreachableError(
                f"{host} asks to be left alone for {wait:.0f} seconds: {why}.",
                "Run this again after that; what was fetched before is kept.",
                wait=wait,
            )
        raise PassingFaultError(why, wait)
    raise _unreachable(host, why)


def _said(answer: httpx2.Response) -> str:
    """The begin of what an answer says, on one line; empty where it says nothing.

    Some services say a token back that they do not take; it is left out.
    """
    said = b""
    for piece in answer.iter_bytes():
        said += piece
        if len(said) >= _READ:
            break
    text = said[:_READ].decode(errors="replace")
    for secret in answer.request.headers.get("Authorization", "").split()[1:]:
        text = text.replace(secret, "(a secret)")
    words = " ".join(text.split())[:_SAID]
    shown = "".join(one for one in words if one.isprintable())
    return f"; it says: {shown}" if shown else ""


def retry_after(text: str, now: datetime) -> float:
    """The seconds that ``Retry-After`` asks to wait, said as such or as a time; else 0.

    RFC 9110, section 10.2.3.
    """
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    then = then.replace(tzinfo=UTC) if then.tzinfo is None else then
    return max(0.0, (then - now).total_seconds())


def patiently(
    attempt: Callable[[], _ResultT],
    host: str,
    *,
    gained: Callable[[], int] = lambda: 0,
    pause: Callable[[float], None] = time.sleep,
) -> _ResultT:
    """What ``attempt`` gives, tried again after faults that pass.

    The waits grow twofold from 2 seconds to a minute, each varied by a quarter so that many who
    were cut off together do not come back together. A source's own ``Retry-After`` is kept to, up
    to a minute.

    Args:
        attempt: raises ``PassingFaultError`` for what may be tried again.
        host: whom to blame.
        gained: how much there is so far; the tries are counted anew when it has grown.
        pause: waits for so many seconds.

    Raises:
        SourceUnreachableError: four tries in a row gained nothing.
    """
    tries, before = 0, gained()
    while True:
        try:
            return attempt()
        except PassingFaultError as fault:
            now = gained()
            tries = 1 if now > before else tries + 1
            before = max(before, now)
            if tries == _TRIES:
                raise _unreachable(host, fault.why) from None
            backoff = _FIRST_WAIT * 2 ** (tries - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - a wait
            pause(min(max(backoff, fault.wait), _LONGEST_WAIT))


def _unreachable(host: str, why: str) -> SourceUnreachableError:
    return SourceUnreachableError(
        f"{host} could not be reached: {why}.", "See that there is a network, or try again later."
    )


def post(
    address: str,
    body: bytes,
    *,
    sends: str,
    accept: str,
    headers: Mapping[str, str] | None = None,
    largest: int = _LARGEST,
    pause: Callable[[float], None] = time.sleep,
    once: bool = False,
) -> bytes:
    """The body of the answer to some bytes that are sent; redirects are not followed.

    Args:
        address: an address of http or https.
        body: what is sent.
        sends: its media type.
        accept: the media type that is asked for.
        headers: more headers.
        largest: the most bytes that are taken.
        pause: waits for so many seconds.
        once: faults that pass are not tried again.

    Raises:
        NotFoundError: there is no such thing there.
        SourceUnreachableError: it cannot be reached, keeps failing, or answers too much.
        UsageError: the address is of neither http nor https.
    """
    host = host_of(address)

    def attempt() -> bytes:
        asked = {"Content-Type": sends, "Accept": accept, **(headers or {})}
        taken = b""
        try:
            with (
                open_client() as client,
                client.stream("POST", address, content=body, headers=asked) as answer,
            ):
                refuse_failure(answer, address)
                for piece in answer.iter_bytes():
                    taken += piece
                    if len(taken) > largest:
                        raise _unreachable(host, f"it answers with more than {largest:,} bytes")
        except httpx2.TimeoutException:
            raise PassingFaultError(f"nothing came for {_TIMEOUT:.0f} seconds") from None
        except httpx2.TransportError as error:
            raise PassingFaultError(str(error).rstrip(".") or type(error).__name__) from None
        return taken

    if not once:
        return patiently(attempt, host, pause=pause)
    try:
        return attempt()
    except PassingFaultError as fault:
        raise _unreachable(host, fault.why) from None
