"""Probing itself: one loop that sends when it may and takes what comes."""

from __future__ import annotations

import os
import select
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from zicht.sources.probe.fetch.batches import BATCH, Batches
from zicht.sources.probe.pacing import LONGEST_BURST, BlockLimit, Pace
from zicht.sources.probe.plan import Refusal
from zicht.sources.probe.replies import judge, probes
from zicht.sources.probe.token import mark_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from zicht.sources.probe.exclusions import Exclusions
    from zicht.sources.probe.fetch.lists import ExclusionList
    from zicht.sources.probe.fetch.sockets import Opened
    from zicht.sources.probe.plan import Asked, Plan
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


@dataclass(kw_only=True)
class Counts:
    """What became of a run, beside what its plan was told.

    Attributes:
        sent: probes that went out.
        refused: addresses that were not probed.
        send_errors: those of them that this machine could not send to, by why.
    """

    sent: int = 0
    refused: int = 0
    send_errors: Counter[str] = field(default_factory=Counter)


def run_plan(
    opened: Opened,
    plan: Plan,
    key: Key,
    manners: Manners,
    exclusions: ExclusionList,
    *,
    tell: Callable[[Counts], None] = lambda _counts: None,
    stop: Callable[[], bool] = lambda: False,
) -> Counts:
    """Probe whom a plan asks for until it is done, and wait for the last answers.

    Args:
        opened: the socket.
        plan: whom to probe.
        key: drawn for this run alone.
        manners: how.
        exclusions: whom to leave alone, looked at each second.
        tell: called now and then with what was counted so far.
        stop: asked a few times a second; true ends the run at once.

    Raises:
        OSError: the socket is broken.
    """
    batches = Batches(opened)
    mark_of(key)  # compiles the hash, if need be, before the clock runs
    began = time.monotonic()
    pace = Pace(manners.rate, 0.0)
    limit = BlockLimit(manners.per_minute)
    counts = Counts()
    last = told = 0.0

    while True:
        now = time.monotonic() - began
        allowed = exclusions.current(now)
        due = min(pace.due(now), BATCH) if allowed and not plan.done else 0
        if allowed and due and plan.next(now) <= now:
            asked = _admitted(plan, plan.take(due, now), limit, allowed, counts, now)
            rows = probes(key, *asked, time.time_ns(), manners.text, ipv4=opened.ipv4)
            out = error = 0
            if len(rows):
                out, error = batches.send(rows, *asked)
                last = now
            plan.note_sent(asked.where(slice(out)), now)
            if error:  # of the first that did not go out; it is not tried again
                counts.send_errors[os.strerror(error)] += 1
                plan.note_refused(asked.where(slice(out, out + 1)), Refusal.UNSENDABLE)
            rest = asked.where(slice(out + bool(error), None))
            plan.put_back(rest, np.full(len(rest.high), now))
            pace.take(out + bool(error))
            counts.sent += out
        _take_in(batches, opened, key, manners.timeout, plan, began)
        now = time.monotonic() - began
        if now > told + _LONGEST_WAIT:
            told = now
            plan.tick(now)
            tell(counts)
            if stop():
                return counts
        if plan.done and now >= last + manners.timeout:
            plan.tick(now)
            return counts
        _wait(opened, _until(plan, pace, now) if allowed else _LONGEST_WAIT)


def _admitted(
    plan: Plan, asked: Asked, limit: BlockLimit, allowed: Exclusions, counts: Counts, now: float
) -> Asked:
    """Those that may be probed now; the plan is told of the others."""
    listed = allowed.listed(asked.high, ipv4=plan.ipv4)
    private = allowed.private(asked.high, ipv4=plan.ipv4) & ~listed
    for barred, why in ((listed, Refusal.EXCLUDED), (private, Refusal.PRIVATE)):
        if barred.any():
            plan.note_refused(asked.where(barred), why)
            counts.refused += int(barred.sum())
    asked = asked.where(~(listed | private))
    admitted, again = limit.admit(asked.high, ipv4=plan.ipv4, now=now)
    if not admitted.all():
        plan.put_back(asked.where(~admitted), again[~admitted])
    return asked.where(admitted)


def _take_in(
    batches: Batches, opened: Opened, key: Key, timeout: float, plan: Plan, began: float
) -> None:
    for _ in range(_MOST_AT_ONCE):
        messages = batches.receive()
        if messages is None:
            return
        judged = judge(key, messages, timeout, ipv4=opened.ipv4, ip_header=opened.ip_header)
        plan.note_heard(judged, time.monotonic() - began)
        if len(messages.rows) < BATCH:
            return


def _until(plan: Plan, pace: Pace, now: float) -> float:
    """Seconds until there is something to send; a bit more at high rates, so that batches form."""
    if plan.done:
        return _LONGEST_WAIT
    wait = max(pace.wait(now), plan.next(now) - now)
    return min(max(wait, LONGEST_BURST / 4), _LONGEST_WAIT)


def _wait(opened: Opened, seconds: float) -> None:
    """Wait for messages or the time; messages alone do not wake it more often than 4,000/s."""
    if seconds <= LONGEST_BURST:
        time.sleep(seconds)
    else:
        select.select([opened.socket], [], [], seconds)
