"""Answers in JSON and CSV, and the parameters of requests, as the lab's services write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from zicht.lab.serve.faults import Answer

if TYPE_CHECKING:
    from zicht.lab.serve.http import Request

JSON = ("Content-Type", "application/json")


class RefusedError(Exception):
    """What a service refuses, in its own words; it never leaves a service."""


def json(body: Any, code: int = 200) -> Answer:
    """An answer in JSON."""
    return Answer(code, msgspec.json.encode(body), (JSON,))


def whole_number(request: Request, name: str, default: int | None = None) -> int:
    """A parameter that is a whole number, perhaps negative.

    Raises:
        RefusedError: it is missing without a default, or no number.
    """
    text = request.asked(name)
    if text is None and default is not None:
        return default
    if text is None or not text.removeprefix("-").isdecimal() or len(text) > 15:  # noqa: PLR2004
        raise RefusedError(f"{name} must be an integer")
    return int(text)


def instant(request: Request, name: str) -> datetime | None:
    """A parameter that is a time in ISO 8601, UTC if it has no zone; ``None`` if it is missing.

    Raises:
        RefusedError: it is no time.
    """
    text = request.asked(name)
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise RefusedError(f"{name} is no date") from None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def iso(seconds: float) -> str:
    """A time as ``2022-01-05T10:45:00Z``."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
