"""Probing itself: one loop that sends when it may and takes what comes."""

from __future__ import annotations

import os
import select
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zicht.sources.probe.fetch.batches import BATCH, Batches
from zicht.sources.probe.pacing import LONGEST_BURST, BlockLimit, Pace
from zicht.sources.probe.replies import judge, probes
from zicht.sources.probe.schedule import Schedule
from zicht.sources.probe.token import mark_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from zicht.sources.probe.fetch.lists import ExclusionList
    from zicht.sources.probe.fetch.sockets import Opened
    from zicht.sources.probe.order import Order
    from zicht.sources.probe.tally import Tally
    from zicht.sources.probe.targets import Targets
    from zicht.sources.probe.token import Key

_MOST_AT_ONCE = 8  # batches taken in before it is time to send again
_LONGEST_WAIT = 0.2  # seconds, so that progress is told and the list looked at


@dataclass(frozen=True, kw_only=True)
class Manners:
    """How probes are sent.

    Attributes:
        rate: probes a second, of all together.
        per_minute: probes a minute to one /24 (IPv6: /48).
        timeout: seconds after which an answer is late, and for which the last ones are waited for.
        text: what ``naming`` gives.
    """

    rate: float
    per_minute: float
    timeout: float
    text: bytes


def probe(
    opened: Opened,
    targets: Targets,
    order: Order,
    key: Key,
    manners: Manners,
    exclusions: ExclusionList,
    *,
    tally: Tally,
    tell: Callable[[int], None] = lambda _sent: None,
) -> None:
    """Send one probe to each target that is not excluded, and wait for the last answers.

    Args:
        opened: the socket.
        targets: whom to probe.
        order: drawn over as many positions.
        key: drawn for this run alone.
        manners: how.
        exclusions: whom to leave alone, looked at each second.
        tally: what comes of it is noted there, so that it is kept if this is interrupted.
        tell: called now and then with how many were sent.

    Raises:
        OSError: the socket is broken.
    """
    batches = Batches(opened)
    mark_of(key)  # compiles the hash, if need be, before the clock runs
    began = time.monotonic()
    pace = Pace(manners.rate, 0.0)
    schedule = Schedule(targets, order, BlockLimit(manners.per_minute))
    last = told = sent = 0.0

    while True:
        now = time.monotonic() - began
        allowed = exclusions.current(now)
        due = min(pace.due(now), BATCH) if allowed and not schedule.done else 0
        if allowed and due and schedule.next(now) <= now:
            taken = schedule.take(due, now, allowed)
            tally.note_excluded(taken.excluded)
            stamp = time.time_ns()
            rows = probes(key, taken.high, taken.low, stamp, manners.text, ipv4=opened.ipv4)
            out = error = 0
            if len(rows):
                out, error = batches.send(rows, taken.high, taken.low)
                last = now
            tally.note_sent(taken.positions[:out])
            if error:  # of the first that did not go out; it is not tried again
                tally.send_errors[os.strerror(error)] += 1
            schedule.put_back(taken.positions[out + bool(error) :], now)
            pace.take(out + bool(error))
            sent += out
        _take_in(batches, opened, key, manners.timeout, tally)
        now = time.monotonic() - began
        if now > told + _LONGEST_WAIT:
            told = now
            tell(int(sent))
        if schedule.done and now >= last + manners.timeout:
            return
        _wait(opened, _until(schedule, pace, now) if allowed else _LONGEST_WAIT)


def _take_in(batches: Batches, opened: Opened, key: Key, timeout: float, tally: Tally) -> None:
    for _ in range(_MOST_AT_ONCE):
        messages = batches.receive()
        if messages is None:
            return
        tally.note_heard(
            judge(key, messages, timeout, ipv4=opened.ipv4, ip_header=opened.ip_header)
        )
        if len(messages.rows) < BATCH:
            return


def _until(schedule: Schedule, pace: Pace, now: float) -> float:
    """Seconds until there is something to send; a bit more at high rates, so that batches form."""
    if schedule.done:
        return _LONGEST_WAIT
    wait = max(pace.wait(now), schedule.next(now) - now)
    return min(max(wait, LONGEST_BURST / 4), _LONGEST_WAIT)


def _wait(opened: Opened, seconds: float) -> None:
    """Wait for messages or the time; messages alone do not wake it more often than 4,000/s."""
    if seconds <= LONGEST_BURST:
        time.sleep(seconds)
    else:
        select.select([opened.socket], [], [], seconds)
