"""Sending what is due to one channel: taken by one process at a time, within a time, tried again.

An alert is *taken* before it is sent, by a change of the store that only one process can make, and
for a while: who died in between leaves it to others. What became of it is noted after it was sent.
So a kill repeats it with the same id, and processes that are well send each alert once. While the
store cannot be written nothing is sent, for it would be sent again and again.
"""

from __future__ import annotations

import os
import platform
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from zicht.observe.delivery import LONGEST, deliver_bounded
from zicht.publish.alerts.rules import quiet_until

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence

    from zicht.model.alert import Alert
    from zicht.publish.alerts.settings import Channel
    from zicht.store import Store

LEASE = timedelta(minutes=2)
"""For how long who sends an alert has it for itself; longer than a delivery may take."""

FIRST_WAIT = timedelta(minutes=1)
"""Until an alert is tried again; doubled after each fault, up to an hour."""

MOST_FAULTS = 3
"""After so many faults in a row a channel is let alone until it is asked again."""

_LONGEST_WAIT = timedelta(hours=1)
_FAR = 10 * LEASE  # a lease that ends later was given by a clock that was wrong


def is_taken(alert: Alert, machine_time: datetime) -> bool:
    """Whether somebody is sending an alert now."""
    until = alert.taken_until
    return until is not None and machine_time < until <= machine_time + _FAR


def utc_now() -> datetime:
    """This machine's time, by which alerts are taken."""
    return datetime.now(UTC)


class Sender:
    """Sends to one channel, one alert after the other.

    Args:
        store: with the alerts.
        channel: where they go.
        longest: seconds that a delivery may take.
        machine_clock: tells this machine's time.
    """

    def __init__(
        self,
        store: Store,
        channel: Channel,
        *,
        longest: float = LONGEST,
        machine_clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.store = store
        self.channel = channel
        self._longest = longest
        self._machine_clock = machine_clock
        self._name = f"{platform.node()}/{os.getpid()}/{uuid.uuid4().hex[:8]}"
        self._hanging: threading.Thread | None = None
        self._waiting: tuple[int, list[Alert]] = (-2, [])

    def send_due(self, now: datetime) -> list[Alert]:
        """Send what is due; gives what was tried, as it is afterwards.

        Raises:
            StoreError: the store cannot be read or written.
        """
        tried: list[Alert] = []
        faults = 0
        for alert in self._due(now):
            if self._hanging is not None and self._hanging.is_alive():
                break  # one thread is lost to it, and no more
            taken = self._take(alert, now)
            if taken is None:
                continue
            fault = self._send(taken, now)
            tried += self._settle(taken, fault, now)
            faults = 0 if fault is None else faults + 1
            if faults == MOST_FAULTS:
                break
        return tried

    def _due(self, now: datetime) -> list[Alert]:
        """Those of which none was tried more often first, so that none stands in others' way."""
        version = self.store.alerts_version()
        if self._waiting[0] != version:
            own = [
                one
                for one in self.store.alerts()
                if one.channel == self.channel.name and one.state == "pending"
            ]
            self._waiting = (version, sorted(own, key=lambda one: (one.tries, one.made_at, one.id)))
        return [one for one in self._waiting[1] if self._is_due(one, now)]

    def _is_due(self, alert: Alert, now: datetime) -> bool:
        if alert.state != "pending" or alert.not_before > now:
            return False
        if is_taken(alert, self._machine_clock()):
            return False
        quiet = None if alert.despite_quiet_hours else self.channel.quiet_hours
        return quiet_until(quiet, now) <= now

    def _take(self, alert: Alert, now: datetime) -> Alert | None:
        def take(alerts: Mapping[str, Alert]) -> Sequence[Alert]:
            current = alerts.get(alert.id)
            if current is None or not self._is_due(current, now):
                return ()
            until = self._machine_clock() + LEASE
            return (msgspec.structs.replace(current, taken_by=self._name, taken_until=until),)

        return next(iter(self.store.change_alerts(take, known_at=now)), None)

    def _send(self, alert: Alert, now: datetime) -> str | None:
        """Send it within the time that it may take; gives what was wrong, without any secret."""
        earlier = [
            one
            for one in self.store.alerts()
            if one.channel == self.channel.name and one.state == "delivered"
        ]
        fault, self._hanging = deliver_bounded(
            alert, self.channel, earlier, now=now, longest=self._longest
        )
        return fault

    def _settle(self, taken: Alert, fault: str | None, now: datetime) -> list[Alert]:
        def settle(alerts: Mapping[str, Alert]) -> Sequence[Alert]:
            current = alerts[taken.id]
            if current.state == "delivered":
                return ()
            free = msgspec.structs.replace(current, taken_by=None, taken_until=None)
            if fault is None:
                return (
                    msgspec.structs.replace(
                        free, state="delivered", settled_at=now, fault=None, because=None
                    ),
                )
            if current.state != "pending" or current.taken_by != self._name:
                return ()
            wait = min(FIRST_WAIT * 2 ** min(current.tries, 10), _LONGEST_WAIT)
            return (
                msgspec.structs.replace(
                    free, tries=current.tries + 1, fault=fault, not_before=now + wait
                ),
            )

        return self.store.change_alerts(settle, known_at=now)
