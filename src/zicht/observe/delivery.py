"""Delivering an alert to its channel, once, and testing whether channels can be reached."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import UsageError, ZichtError
from zicht.model.alert import Alert
from zicht.model.time import from_microseconds
from zicht.publish.alerts import messenger, webhook
from zicht.publish.alerts.atom import feed
from zicht.publish.alerts.cap import cap_message, identifier
from zicht.publish.alerts.settings import Atom, Cap, Messenger, Webhook
from zicht.publish.files import check_writable, write_whole
from zicht.publish.language import language
from zicht.toml import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.publish.alerts.settings import Channel

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


LONGEST = 60.0
"""Seconds that one delivery may take; a channel that hangs is left."""


def deliver_bounded(
    alert: Alert,
    channel: Channel,
    earlier: Sequence[Alert],
    *,
    now: datetime,
    longest: float = LONGEST,
) -> tuple[str | None, threading.Thread | None]:
    """Send one alert to its channel, within a time.

    Args:
        alert: the alert.
        channel: the channel.
        earlier: what the channel got before, the oldest first.
        now: the time.
        longest: the seconds that it may take.

    Returns:
        what was wrong, without any secret, and the thread that still hangs; each may be ``None``.
    """
    outcome: list[str | None] = []

    def send() -> None:
        try:
            deliver_once(alert, channel, earlier, now=now)
        except ZichtError as error:
            outcome.append(str(error))
        except Exception as error:  # noqa: BLE001 - a library's, whose words may hold secrets
            outcome.append(f"The channel failed: {type(error).__name__}.")
        else:
            outcome.append(None)

    thread = threading.Thread(target=send, name=f"to {channel.name}", daemon=True)
    thread.start()
    thread.join(longest)
    if not outcome:
        return f"The channel did not take the message within {longest:.0f} seconds.", thread
    return outcome[0], None


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


def trial_alert(channel: Channel, now: datetime) -> Alert:
    """A message that says that it is a test; it is not kept."""
    words = language(channel.language)
    return Alert(
        id=f"{channel.name} test {int(now.timestamp())}",
        channel=channel.name,
        subject="test",
        number=1,
        kind="test",
        entity=None,
        title=words.say("Test: no outage"),
        text=words.say("Zicht can reach this channel. Nothing happened."),
        event=None,
        simulated=False,
        made_at=now,
        state="pending",
        not_before=now,
    )


def try_channels(
    channels: Sequence[Channel],
    names: Sequence[str] = (),
    *,
    now: datetime | None = None,
    longest: float = LONGEST,
) -> list[Reached]:
    """Send a message that says that it is a test, to all at once; nothing of it is kept.

    Args:
        channels: all that there are.
        names: those to be told; by default all that are not public.
        now: the time; by default the clock's.
        longest: seconds that it may take.

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

    def reach(channel: Channel) -> Reached:
        trial = trial_alert(channel, now)
        fault, _ = deliver_bounded(trial, channel, (), now=now, longest=longest)
        return Reached(channel=channel.name, reached=fault is None, fault=fault)

    with ThreadPoolExecutor(len(chosen)) as pool:
        return list(pool.map(reach, chosen))


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
        public=channel.public,
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
