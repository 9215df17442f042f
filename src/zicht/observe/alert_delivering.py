"""Delivering alerts: each channel in a thread of its own, so that none waits for another."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from zicht.errors import ZichtError
from zicht.observe.alert_sending import FIRST_WAIT, MOST_FAULTS, Sender, utc_now
from zicht.observe.delivery import LONGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zicht.model.alert import Alert
    from zicht.observe.watch_clock import Clock
    from zicht.observe.watch_log import Log
    from zicht.publish.alerts.settings import Channel
    from zicht.store import Store

_TICK = 1.0  # real seconds between two looks at what is due
_TICK_ELSEWHERE = 10.0  # likewise, where each look is a request to an object store
_FIRST_PAUSE, _LONGEST_PAUSE = FIRST_WAIT, timedelta(minutes=10)


def deliver_alerts(
    store: Store,
    channels: Sequence[Channel],
    *,
    now: datetime | None = None,
    longest: float = LONGEST,
    machine_clock: Callable[[], datetime] = utc_now,
) -> list[Alert]:
    """Send what is pending and due once, each channel beside the others, and keep what became.

    A delivery is noted after it was made, so that a kill between the two repeats it, with the same
    id. What failed is tried again in later calls for as long as it takes, each time after twice the
    wait, up to an hour. Of alerts that another process is sending this one keeps off.

    Args:
        store: with the alerts.
        channels: the channels; alerts of others wait.
        now: the time; by default the clock's.
        longest: seconds that one delivery may take; a channel that hangs is left.
        machine_clock: tells this machine's time, by which processes keep off one another's alerts.

    Returns:
        the alerts that were tried, as they are now.

    Raises:
        StoreError: the store cannot be read or written.
    """
    now = now or datetime.now(UTC)
    if not channels:
        return []
    senders = [Sender(store, one, longest=longest, machine_clock=machine_clock) for one in channels]
    with ThreadPoolExecutor(len(senders)) as pool:
        passes = [pool.submit(sender.send_due, now) for sender in senders]
    return [alert for one in passes for alert in one.result()]


@dataclass
class Delivering:
    """Sends in the background, one thread a channel, until it is ended.

    Attributes:
        store: with the alerts.
        channels: where they go.
        clock: the time, by which quiet hours and waits go.
        log: told what could not be delivered.
        may: whether it is for this process to send now.
        longest: seconds that one delivery may take.
    """

    store: Store
    channels: Sequence[Channel]
    clock: Clock
    log: Log
    may: Callable[[], bool] = lambda: True
    longest: float = LONGEST
    _threads: list[threading.Thread] = field(default_factory=list)
    _woken: list[threading.Event] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin to send."""
        for channel in self.channels:
            sender = Sender(self.store, channel, longest=self.longest)
            woken = threading.Event()
            name = f"channel {channel.name}"
            thread = threading.Thread(
                target=self._run, args=(sender, woken), name=name, daemon=True
            )
            self._woken.append(woken)
            self._threads.append(thread)
            thread.start()

    def wake(self) -> None:
        """Look at once for what is due."""
        for one in self._woken:
            one.set()

    def end(self) -> list[threading.Thread]:
        """Send what is due once more, and end; gives the threads, for the caller to wait for."""
        self._ended.set()
        self.wake()
        return self._threads

    def _run(self, sender: Sender, woken: threading.Event) -> None:
        pause, rest_until = _FIRST_PAUSE, None
        while True:
            woken.wait(_TICK_ELSEWHERE if self.store.lake.shared else _TICK)
            woken.clear()
            last = self._ended.is_set()
            now = self.clock.now()
            resting = rest_until is not None and now < rest_until <= now + _LONGEST_PAUSE
            if not resting and self.may():
                rest_until = None
                if self._send(sender, now) >= MOST_FAULTS:
                    rest_until, pause = now + pause, min(2 * pause, _LONGEST_PAUSE)
                else:
                    pause = _FIRST_PAUSE
            if last:
                return

    def _send(self, sender: Sender, now: datetime) -> int:
        """Send what is due; gives how many failed at the end, one after the other."""
        try:
            tried = sender.send_due(now)
        except Exception as error:  # noqa: BLE001 - whatever it is, the channel is tried again
            fault = str(error) if isinstance(error, ZichtError) else type(error).__name__
            self.log.warning("alerts not sent", channel=sender.channel.name, fault=fault)
            return MOST_FAULTS
        faults = 0
        for one in tried:
            faults = 0 if one.state == "delivered" else faults + 1
            if one.state != "delivered":
                self.log.warning("alert not delivered", id=one.id, fault=one.fault)
        return faults
