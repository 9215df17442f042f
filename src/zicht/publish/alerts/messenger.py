"""Messengers, mail and the like, through Apprise; its addresses are secrets and never shown."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from zicht.errors import SourceUnreachableError, UsageError

if TYPE_CHECKING:
    from zicht.model.alert import Alert

_IMPORTANCE = {"new": "failure", "update": "warning", "end": "success", "retracted": "info"} | {
    "health": "warning",
    "health-end": "success",
}


def deliver(alert: Alert, address: str, *, name: str) -> None:
    """Send an alert once; the caller tries again.

    Args:
        alert: what to send.
        address: Apprise's address, which holds the secrets.
        name: what the channel is called, for errors.

    Raises:
        UsageError: the address is none that Apprise knows.
        SourceUnreachableError: it was not taken.
    """
    import apprise  # noqa: PLC0415 - takes a while, and only channels of this kind need it

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it may log addresses
    sender = apprise.Apprise()
    if not sender.add(address):
        raise UsageError(
            f"The address of the channel {name} is none that Apprise knows.",
            "Its documentation lists them: tgram://…, mailtos://…, matrixs://… and many more.",
        )
    kind = apprise.NotifyType(_IMPORTANCE.get(alert.kind, "info"))
    body = f"{alert.text}\n\n{alert.id}"
    if not sender.notify(title=alert.title, body=body, notify_type=kind, body_format="text"):
        raise SourceUnreachableError(f"The channel {name} did not take the message.")
