"""Reports from the network: fetched only when somebody asks, and from nowhere within.

An address in a text may lead anywhere. Each host is looked up once, every address of it must be a
public one, and the connection goes to the very address that was checked; redirects are followed a
few times, each checked likewise. Size and time are bounded.
"""

from __future__ import annotations

import socket
import time
from ipaddress import ip_address
from typing import TYPE_CHECKING

import httpx2

from zicht.errors import InputError, SourceUnreachableError, UsageError
from zicht.http import user_agent
from zicht.reports.reading import LARGEST

if TYPE_CHECKING:
    from collections.abc import Callable

_REDIRECTS = 3
_LONGEST = 30.0  # seconds for all of it
_SILENT = 10.0  # seconds without a byte
_MOVED = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}


def is_address(text: str) -> bool:
    """Whether somebody names a page of the web rather than a file."""
    return text.lower().startswith(("http://", "https://"))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    found = ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_global and not found.is_multicast


def fetch_report(address: str, *, allowed: Callable[[str], bool] = is_public) -> tuple[bytes, str]:
    """The bytes of a page, and the address that they came from in the end.

    Args:
        address: an address of http or https.
        allowed: tells of an IP address whether it may be asked.

    Raises:
        UsageError: the address is none, or leads to a machine within.
        InputError: the page is larger than a report may be.
        SourceUnreachableError: nobody answers, or not with a page.
    """
    deadline = time.monotonic() + _LONGEST
    url = httpx2.URL(address)
    timeout = httpx2.Timeout(_SILENT)
    # No proxy: it would look names up by itself, and what was checked would not be what is asked.
    with httpx2.Client(timeout=timeout, trust_env=False, follow_redirects=False) as client:
        for _ in range(_REDIRECTS + 1):
            answer, data = _ask(client, url, allowed, deadline)
            if answer.status_code not in _MOVED or "Location" not in answer.headers:
                break
            url = url.join(answer.headers["Location"])
        else:
            raise SourceUnreachableError(f"{address} redirects more than {_REDIRECTS} times.")
    if not answer.is_success:
        raise SourceUnreachableError(
            f"{url.host} answers {answer.status_code} {answer.reason_phrase}.",
            "Save the page and give the file.",
        )
    return data, str(url)


def _ask(
    client: httpx2.Client, url: httpx2.URL, allowed: Callable[[str], bool], deadline: float
) -> tuple[httpx2.Response, bytes]:
    address = _looked_up(url, allowed)
    headers = {
        "Host": url.netloc.decode("ascii"),
        "User-Agent": user_agent(),
        "Accept": "text/html, text/plain, text/markdown",
    }
    request = client.build_request(
        "GET", url.copy_with(host=address), headers=headers, extensions={"sni_hostname": url.host}
    )
    data = b""
    try:
        answer = client.send(request, stream=True)
        try:
            for piece in answer.iter_bytes():
                data += piece
                if len(data) > LARGEST:
                    raise InputError(
                        f"{url} is larger than {LARGEST >> 20} MiB.", "Give the article alone."
                    )
                if time.monotonic() > deadline:
                    raise SourceUnreachableError(f"{url.host} took more than {_LONGEST:.0f} s.")
        finally:
            answer.close()
    except httpx2.TransportError as error:
        raise SourceUnreachableError(
            f"{url.host} could not be reached: {error}.", "Save the page and give the file."
        ) from None
    return answer, data


def _looked_up(url: httpx2.URL, allowed: Callable[[str], bool]) -> str:
    """The address to ask; every one of the host's must be allowed.

    Raises:
        UsageError: one is not, or the address is of neither http nor https.
        SourceUnreachableError: the host has none.
    """
    if url.scheme not in _PORTS or not url.host or url.userinfo:
        raise UsageError(f"{str(url)!r} is no address of a page.", "Begin it with https://")
    try:
        found = socket.getaddrinfo(
            url.host, url.port or _PORTS[url.scheme], type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError) as error:
        raise SourceUnreachableError(f"{url.host} has no address: {error}.") from None
    addresses = [str(one[4][0]) for one in found]
    if not all(allowed(one) for one in addresses):
        raise UsageError(
            f"{url.host} is a machine within a network, not of the public internet.",
            "Save the page and give the file.",
        )
    return addresses[0]
