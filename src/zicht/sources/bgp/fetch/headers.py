"""What the headers of an HTTP answer say of a file; pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_STRONG = timedelta(minutes=1)


def content_range(headers: Mapping[str, str]) -> tuple[int | None, int | None]:
    """The first byte and the whole length of ``bytes 100-199/200``; ``None`` is unknown.

    RFC 9110, section 14.4.
    """
    match = _RANGE.fullmatch(headers.get("Content-Range", "").strip())
    if match is None:
        return None, None
    return int(match[1]), None if match[2] == "*" else int(match[2])


def content_length(headers: Mapping[str, str]) -> int | None:
    """The stated length in bytes; ``None`` where there is none (RFC 9110, section 8.6)."""
    stated = headers.get("Content-Length", "")
    return int(stated) if stated.isascii() and stated.isdecimal() else None


def validator(headers: Mapping[str, str]) -> str:
    """What tells this very file from a later one; empty where nothing does so for sure.

    A weak ETag does not, and a time of change does only when it is a minute older than the answer
    (RFC 9110, sections 8.8.1 to 8.8.3).
    """
    etag = headers.get("ETag", "")
    if etag.startswith('"'):
        return etag
    changed = headers.get("Last-Modified", "")
    then, now = time_of(changed), time_of(headers.get("Date", ""))
    return changed if then is not None and now is not None and now - then >= _STRONG else ""


def time_of(text: str | None) -> datetime | None:
    """The time that a header states, in UTC; ``None`` where it states none."""
    try:
        time = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
