"""Webhooks: alerts as JSON by POST, signed as *Standard Webhooks* asks for.

``webhook-id`` is the idempotency key, the same at each attempt; ``webhook-timestamp`` the time of
the attempt; ``webhook-signature`` the HMAC-SHA256 of id, time and body. Source: the specification
at standardwebhooks.com, version 1.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from zicht.errors import UsageError, ZichtError
from zicht.http import post

if TYPE_CHECKING:
    from datetime import datetime

    from zicht.model.alert import Alert

_PREFIX = "whsec_"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_LARGEST_ANSWER = 1 << 16


def body_of(alert: Alert) -> bytes:
    """What is sent of an alert; nothing of how it is delivered.

    Where operators may not be named, none stands in the event either, nor an outage by whose id one
    could be told.
    """
    told = {
        name: getattr(alert, name)
        for name in ("id", "subject", "kind", "entity", "title", "text", "simulated", "made_at")
    }
    event = alert.event
    if event is not None and not alert.operators_named:
        place = event.entity.partition("/")[2].replace("/", "-")
        own = tuple(f"{place}-{one.signal}-" for one in event.sources)
        outages = tuple(one for one in event.outages if one.startswith(own))
        event = msgspec.structs.replace(event, operators=(), outages=outages)
    return msgspec.json.encode(told | {"event": event})


def headers_of(alert: Alert, body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """The headers that say which message this is and prove from whom.

    Raises:
        UsageError: the secret is none.
    """
    stamp = str(int(now.timestamp()))
    digest = hmac.new(_key(secret), f"{alert.id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": alert.id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def deliver(alert: Alert, address: str, secret: str, now: datetime) -> None:
    """Send an alert once; the caller tries again.

    Raises:
        UsageError: the address is not safe, or the secret is none.
        NotFoundError: there is nothing at the address.
        SourceUnreachableError: it was not taken.
    """
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise UsageError(
            f"A webhook at {parts.hostname} would be sent in the clear.", "Give one of https."
        )
    body = body_of(alert)
    headers = headers_of(alert, body, secret, now)
    try:
        post(
            address,
            body,
            sends="application/json",
            accept="*/*",
            headers=headers,
            once=True,
            largest=_LARGEST_ANSWER,
        )
    except ZichtError as error:  # some addresses are secrets in themselves
        error.message = error.message.replace(address, f"the address at {parts.hostname}")
        raise


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < 24:  # noqa: PLR2004 - bytes, the least that the specification allows
        raise UsageError(
            "The webhook's secret is none.",
            f"It is {_PREFIX} and 24 to 64 random bytes in Base64: openssl rand -base64 32.",
        )
    return key
