"""Getting bytes over HTTP, politely: who asks is said, and faults of the moment are waited out."""

from __future__ import annotations

import time
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING

from zicht.errors import NotFoundError, SourceUnreachableError, UsageError
from zicht.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

USER_AGENT = f"zicht/{__version__} (an open observatory of connectivity)"

_TIMEOUT = 30.0  # seconds without a byte
_TRIES = 4
_FIRST_WAIT = 2.0  # seconds, doubled each time
_LONGEST_WAIT = 60.0
_LARGEST = 64 << 20  # bytes
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_MISSING = frozenset({404, 410})


def get(address: str, *, pause: Callable[[float], None] = time.sleep) -> bytes:
    """The body of an answer.

    Faults that pass (no connection, a time-out, 429, 5xx) are tried again after 2, 4 and 8 seconds,
    or after what ``Retry-After`` asks for, at most a minute.

    Args:
        address: an address of http or https.
        pause: waits for so many seconds.

    Raises:
        NotFoundError: there is no such thing there.
        SourceUnreachableError: the source cannot be reached, or keeps failing.
        UsageError: the address is of neither http nor https.
    """
    host = _host(address)
    wait = _FIRST_WAIT
    for attempt in range(1, _TRIES + 1):
        try:
            return _read(address, host)
        except urllib.error.HTTPError as error:
            if error.code in _MISSING:
                raise NotFoundError(f"{host} has nothing at {address}.") from None
            why = f"it answers {error.code} {error.reason}"
            asked = error.headers.get("Retry-After", "") if error.headers else ""
            wait = max(wait, float(asked)) if asked.isdecimal() else wait
            if error.code not in _PASSING:
                break
        except (urllib.error.URLError, OSError) as error:
            why = str(getattr(error, "reason", error))
        if attempt < _TRIES:
            pause(min(wait, _LONGEST_WAIT))
            wait *= 2
    raise SourceUnreachableError(
        f"{host} could not be reached: {why}.", "See that there is a network, or try again later."
    )


def _host(address: str) -> str:
    parts = urllib.parse.urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{address!r} is no address of http or https.", "Begin it with https://")
    return parts.hostname


def _read(address: str, host: str) -> bytes:
    request = urllib.request.Request(  # noqa: S310 - its scheme was looked at
        address, headers={"User-Agent": USER_AGENT, "Accept": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - likewise
        body: bytes = answer.read(_LARGEST + 1)
    if len(body) > _LARGEST:
        raise SourceUnreachableError(
            f"{host} answers with more than {_LARGEST >> 20} MiB.", "Ask for less at once."
        )
    return body
