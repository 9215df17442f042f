"""Delivering alerts: at least once, each with an id by which a second delivery is told."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import UsageError, ZichtError
from zicht.model.time import from_microseconds
from zicht.observe.alerts import trial_alert
from zicht.publish.alerts import messenger, webhook
from zicht.publish.alerts.atom import feed
from zicht.publish.alerts.cap import cap_message, identifier
from zicht.publish.alerts.settings import Atom, Cap, Messenger, Webhook
from zicht.publish.files import check_writable, write_whole
from zicht.toml import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zicht.model.alert import Alert
    from zicht.publish.alerts.settings import Channel
    from zicht.store import Store

_FIRST_WAIT = timedelta(minutes=1)  # doubled after each failure
_LONGEST_WAIT = timedelta(hours=1)
_LEAST = from_microseconds(0)


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a test got to a channel.

    Attributes:
        channel: its name.
        reached: whether it was taken.
        fault: why not.
    """

    channel: str
    reached: bool
    fault: str | None = None


def deliver_alerts(
    store: Store,
    channels: Sequence[Channel],
    *,
    now: datetime | None = None,
    go_on: Callable[[], bool] = lambda: True,
) -> list[Alert]:
    """Send what is pending and due, and keep what became of it.

    A delivery is noted after it was made, so that a kill between the two repeats it, with the same
    id. A fault of one channel holds up no other, and is tried again for as long as it lasts, each
    time after twice the wait, up to an hour.

    Args:
        store: with the alerts.
        channels: the channels; alerts of others wait.
        now: the time; by default the clock's.
        go_on: asked before each alert whether it is for this process to send.

    Returns:
        the alerts that were tried, as they are now.

    Raises:
        StoreError: the store cannot be read or written.
    """
    now = now or datetime.now(UTC)
    by_name = {channel.name: channel for channel in channels}
    tried = []
    for alert in store.alerts():
        channel = by_name.get(alert.channel)
        if channel is None or alert.state != "pending" or alert.not_before > now:
            continue
        if not go_on():
            break
        told = _try(store, alert, channel, now)
        store.write_alerts([told], known_at=now)
        tried.append(told)
    return tried


def deliver_once(
    alert: Alert, channel: Channel, earlier: Sequence[Alert], *, now: datetime
) -> None:
    """Send one alert to its channel.

    Args:
        alert: the alert.
        channel: the channel.
        earlier: what the channel got before, the oldest first.
        now: the time.

    Raises:
        UsageError: the channel is not set up rightly.
        ZichtError: it did not get there.
    """
    if isinstance(channel, Messenger):
        messenger.deliver(alert, _secret(channel.address_variable), name=channel.name)
    elif isinstance(channel, Webhook):
        webhook.deliver(alert, channel.address, _secret(channel.secret_variable), now)
    elif isinstance(channel, Atom):
        if alert.kind == "test":
            check_writable(Path(channel.file), force=True)
        else:
            _write_feed(alert, channel, earlier)
    else:
        _write_cap(alert, channel, earlier)


def try_channels(
    channels: Sequence[Channel], names: Sequence[str] = (), *, now: datetime | None = None
) -> list[Reached]:
    """Send a message that says that it is a test; nothing of it is kept.

    Args:
        channels: all that there are.
        names: those to be told; by default all that are not public.
        now: the time; by default the clock's.

    Raises:
        UsageError: a name is no channel's, or there is none.
    """
    now = now or datetime.now(UTC)
    known = [channel.name for channel in channels]
    for name in names:
        if name not in known:
            raise UsageError(
                f"There is no channel {name!r}.{nearest(name, known)}",
                f"The settings have: {', '.join(known) or 'none'}.",
            )
    chosen = [one for one in channels if one.name in names or (not names and not one.public)]
    if not chosen:
        raise UsageError("There is no channel to test.", "docs/alerts.md shows how to set one up.")
    return [_reach(channel, now) for channel in chosen]


def _reach(channel: Channel, now: datetime) -> Reached:
    try:
        deliver_once(trial_alert(channel, now), channel, (), now=now)
    except ZichtError as error:
        return Reached(channel=channel.name, reached=False, fault=str(error))
    return Reached(channel=channel.name, reached=True)


def _try(store: Store, alert: Alert, channel: Channel, now: datetime) -> Alert:
    delivered = [
        one for one in store.alerts() if one.channel == channel.name and one.state == "delivered"
    ]
    try:
        deliver_once(alert, channel, delivered, now=now)
    except ZichtError as error:
        wait = min(_FIRST_WAIT * 2 ** min(alert.tries, 10), _LONGEST_WAIT)
        return msgspec.structs.replace(
            alert, tries=alert.tries + 1, fault=error.message, not_before=now + wait
        )
    return msgspec.structs.replace(alert, state="delivered", settled_at=now, fault=None)


def _write_feed(alert: Alert, channel: Atom, earlier: Sequence[Alert]) -> None:
    newest = [alert, *reversed(earlier)][: channel.entries]
    written = feed(
        newest,
        title=f"Zicht: {channel.name}",
        language=channel.language,
        empty_since=_LEAST,
    )
    write_whole(Path(channel.file), written, force=True)


def _write_cap(alert: Alert, channel: Cap, earlier: Sequence[Alert]) -> None:
    same = [one for one in earlier if one.subject == alert.subject]
    written = cap_message(
        alert,
        sender=channel.sender,
        status="Test" if alert.kind == "test" else channel.status,
        language=channel.language,
        earlier=same,
    )
    write_whole(Path(channel.folder) / f"{identifier(alert.id)}.xml", written, force=True)


def _secret(variable: str) -> str:
    value = os.environ.get(variable, "").strip()
    if not value:
        raise UsageError(
            f"The environment's variable {variable} is not set.",
            "Put the channel's secret there; it does not belong in the settings.",
        )
    return value
