"""Taking in what a reader sends: so large and no larger, within a time, in memory alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from starlette.requests import Request

LARGEST_TEXT = 4 << 20
"""Bytes of all texts of a request; the command line reads larger ones."""

LARGEST_BODY = 6 << 20
"""Bytes of a request's body: the texts, written as letters (base64), and what stands beside."""

WITHIN = 60.0
"""Seconds in which a body must have come."""

_POURED_AWAY = 32 << 20  # bytes of a body that is too large, so that its sender hears that it is


async def receive_body(request: Request) -> bytes:
    """The body of a request.

    Raises:
        HTTPException: it is too large (413), came too slowly (408), or not whole (400).
    """
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise HTTPException(411)
    try:
        async with asyncio.timeout(WITHIN):
            if int(length) > LARGEST_BODY:
                await _pour_away(request, int(length))
                raise HTTPException(413)
            parts, size = [], 0
            async for part in request.stream():
                size += len(part)
                if size > LARGEST_BODY:
                    raise HTTPException(413)
                parts.append(part)
    except TimeoutError:
        raise HTTPException(408) from None
    except ClientDisconnect:
        raise HTTPException(400) from None
    return b"".join(parts)


async def _pour_away(request: Request, length: int) -> None:
    """Let a sender finish who sends too much but not very much: else it hears no answer."""
    if length <= _POURED_AWAY:
        async for _ in request.stream():
            pass
