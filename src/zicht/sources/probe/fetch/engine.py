"""Probing itself: asks a plan whom, sends at the pace that is set, and tells the plan what came."""

from __future__ import annotations

import errno
import logging
import os
import socket
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from zicht.sources.probe.fetch.buffers import receiving, require_linux, sending
from zicht.sources.probe.fetch.line import (
    BASE,
    DROPPED,
    FIRST_VERDICT,
    FULL,
    SENT,
    STATE,
    TOGETHER,
    Line,
    run_line,
)
from zicht.sources.probe.fetch.network import is_up, way_to
from zicht.sources.probe.pacing import BlockLimit, rhythm
from zicht.sources.probe.plan import Asked, Refusal
from zicht.sources.probe.replies import (
    Kind,
    Probes,
    echo_probes,
    first,
    room_for,
    syn_probes,
)
from zicht.sources.probe.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from zicht.sources.probe.exclusions import Exclusions
    from zicht.sources.probe.fetch.lists import ExclusionList
    from zicht.sources.probe.fetch.sockets import Opened
    from zicht.sources.probe.manners import Manners
    from zicht.sources.probe.plan import Plan
    from zicht.sources.probe.token import Key

_MOST_ASKED = 2048  # addresses, taken from the plan at once
_AHEAD = 0.01  # seconds of probes that are taken from the plan at once
_NANO = 1_000_000_000
_ROOM = 8192  # judged messages
_LOOK_EVERY = 0.1  # seconds, so that time passes for the plan, and who probes is told
_TRIES = 4  # what an earlier probe met stops a later one, once
_NETWORK = {
    errno.ENETUNREACH,
    errno.ENETDOWN,
    errno.EHOSTUNREACH,
    errno.EADDRNOTAVAIL,
    errno.EINVAL,
    errno.ENODEV,
    errno.ENXIO,
}

_log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Counts:
    """What became of a run, as far as it has come.

    Attributes:
        sent: probes that went out.
        refused: addresses that were not probed, by ``Refusal``.
        send_errors: those of them that this machine could not send to, by why.
        messages: what came, by ``Verdict``.
        dropped: messages that the kernel had no room for.
        no_room: how often sending waited because the kernel had no room; nothing is lost by it.
        down: whether the network is down, so that probing pauses.
        seconds_down: for how long it was.
    """

    sent: int = 0
    refused: Counter[Refusal] = field(default_factory=Counter)
    send_errors: Counter[str] = field(default_factory=Counter)
    messages: Counter[Verdict] = field(default_factory=Counter)
    dropped: int = 0
    no_room: int = 0
    down: bool = False
    seconds_down: float = 0.0


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
        plan: whom to probe, of the socket's family.
        key: drawn for this run alone.
        manners: how.
        exclusions: whom to leave alone, looked at each second.
        tell: called a few times a second with what was counted so far.
        stop: asked as often; true ends the run at once.

    Raises:
        UsageError: this is no Linux with 64 bits.
    """
    require_linux()
    run = _Run(opened, plan, key, manners, exclusions)
    while run.goes_on(tell, stop):
        run.step()
    run.end()
    return run.counts


class _Run:
    """A run as it stands."""

    def __init__(
        self,
        opened: Opened,
        plan: Plan,
        key: Key,
        manners: Manners,
        exclusions: ExclusionList,
    ) -> None:
        self.counts = Counts()
        self._opened = opened
        self._plan = plan
        self._manners = manners
        self._exclusions = exclusions
        self._key = key
        self._limit = BlockLimit(manners.per_minute)
        self._found = room_for(_ROOM)
        self._probes: Probes | None = None
        self._asked = Asked(np.empty(0, np.uint64), np.empty(0, np.uint64))
        self._at = 0
        self._tries = 0
        self._good: tuple[int, int] | None = None  # the last address that a probe went to
        self._last = self._looked = self._went_down = 0.0
        self._allowed: Exclusions | None = None
        self._line = self._new_line()
        self._idle_probes = self._new_probes(b"")
        run_line(self._line, self._idle_probes, *self._asked, 0, 0, self._found)  # compiles it
        self._line.state[:] = 0
        self._line.pace[:] = 0
        self._line.state[BASE] = time.monotonic_ns()

    def _new_line(self) -> Line:
        template = self._new_probes(b"").template
        ipv4 = self._opened.ipv4
        return Line(
            descriptor=self._opened.socket.fileno(),
            errors=self._opened.errors,
            rhythm=rhythm(self._manners.rate),
            pace=np.zeros(2),
            out=sending(template, TOGETHER, ipv4=ipv4),
            into=receiving(ipv4=ipv4),
            state=np.zeros(STATE, dtype=np.int64),
            spec=np.zeros(4, dtype=np.int64),
        )

    def _new_probes(self, source: bytes) -> Probes:
        opened, manners = self._opened, self._manners
        if opened.kind is Kind.ECHO:
            return echo_probes(
                self._key,
                manners.text,
                manners.timeout,
                ipv4=opened.ipv4,
                ip_header=opened.ip_header,
            )
        number = int.from_bytes(source[:8].ljust(8, b"\0"), "big")
        return syn_probes(self._key, manners.port, manners.timeout, ipv4=opened.ipv4, source=number)

    def _now(self) -> float:
        return (time.monotonic_ns() - int(self._line.state[BASE])) / _NANO

    def goes_on(self, tell: Callable[[Counts], None], stop: Callable[[], bool]) -> bool:
        """Let time pass for the plan and those who watch; whether there is more to do."""
        now = self._now()
        over = self._plan.done and self._rest() == 0 and now >= self._last + self._manners.timeout
        if over or now >= self._looked + _LOOK_EVERY:
            self._looked = now
            self._look_for_network(now)
            self._plan.tick(now)
            tell(self.counts)
            if stop():
                return False
        return not over

    def step(self) -> None:
        """Send for some milliseconds, and take what comes."""
        now = self._now()
        allowed = self._exclusions.current(now)
        if allowed is not self._allowed:
            self._allowed = allowed
            self._give_back(now)  # they are looked at anew
        idle = allowed is None or self.counts.down
        if not idle and self._rest() == 0:
            self._ask(now)
        self._run_line(now, idle=idle)

    def end(self) -> None:
        """Give back what was not sent."""
        self._give_back(self._now())

    def _rest(self) -> int:
        return len(self._asked.high) - self._at

    def _ask(self, now: float) -> None:
        """Take from the plan what can be sent soon; the plan is told whom that leaves out."""
        assert self._allowed is not None  # noqa: S101 - nobody is asked for otherwise
        if self._plan.done or self._plan.next(now) > now:
            return
        count = min(max(int(self._manners.rate * _AHEAD), 1), _MOST_ASKED)
        asked = self._plan.take(count, now)
        ipv4 = self._opened.ipv4
        listed = self._allowed.listed(asked.high, ipv4=ipv4)
        private = self._allowed.private(asked.high, ipv4=ipv4) & ~listed
        for barred, why in ((listed, Refusal.EXCLUDED), (private, Refusal.PRIVATE)):
            if barred.any():
                self._refuse(asked.where(barred), why)
        asked = asked.where(~(listed | private))
        admitted, again = self._limit.admit(asked.high, ipv4=ipv4, now=now)
        if not admitted.all():
            self._plan.put_back(asked.where(~admitted), again[~admitted])
        self._asked, self._at = asked.where(admitted), 0
        if self._probes is None and self._rest():
            self._find_source()

    def _run_line(self, now: float, *, idle: bool) -> None:
        probes = self._probes or self._idle_probes
        until = now + _LOOK_EVERY
        if not idle and not self._plan.done:
            until = min(until, max(self._plan.next(now), now + _AHEAD / 10))
        rest = self._asked if not idle else self._asked.where(slice(self._at))
        at, found, number = run_line(
            self._line, probes, *rest, self._at, int(until * _NANO), self._found
        )
        now = self._now()
        if at > self._at:
            self._note_sent(self._asked.where(slice(self._at, at)), now)
            self._at, self._tries = at, 0
        if found:
            self._plan.note_heard(first(self._found, found), now)
        self._count()
        if number:
            self._meet(number, now)

    def _note_sent(self, sent: Asked, now: float) -> None:
        self._limit.sent(sent.high, ipv4=self._opened.ipv4, now=now)
        self._plan.note_sent(sent, now)
        self._last = now
        self._good = int(sent.high[-1]), int(sent.low[-1])

    def _count(self) -> None:
        state, counts = self._line.state, self.counts
        counts.sent = int(state[SENT])
        counts.dropped, counts.no_room = int(state[DROPPED]), int(state[FULL])
        for verdict in Verdict:
            counts.messages[verdict] = int(state[FIRST_VERDICT + verdict])

    def _meet(self, number: int, now: float) -> None:
        """Deal with an error that stopped the next probe."""
        self._tries += 1
        if self._opened.errors and self._tries < _TRIES:
            return  # perhaps of an earlier probe
        if number in _NETWORK:
            self._look_for_network(now)
            if self.counts.down:
                return
        self.counts.send_errors[os.strerror(number)] += 1
        self._refuse(self._asked.where(slice(self._at, self._at + 1)), Refusal.UNSENDABLE)
        self._at += 1
        self._tries = 0

    def _look_for_network(self, now: float) -> None:
        """Pause while the way is gone that the last probe took; a lost carrier is no error."""
        up = self._good is None or is_up(*self._good, ipv4=self._opened.ipv4)
        if up and self.counts.down:
            self.counts.down = False
            self.counts.seconds_down += now - self._went_down
            self._probes = None  # this machine's address may be another one
            _log.warning("The network is up again: probing goes on.")
        elif not up and not self.counts.down:
            self.counts.down = True
            self._went_down = now
            self._give_back(now)
            _log.warning("The network is down: probing pauses.")

    def _refuse(self, asked: Asked, why: Refusal) -> None:
        self.counts.refused[why] += len(asked.high)
        self._plan.note_refused(asked, why)

    def _give_back(self, now: float) -> None:
        if self._rest():
            rest = self._asked.where(slice(self._at, None))
            self._plan.put_back(rest, np.full(len(rest.high), now))
        self._asked, self._at = self._asked.where(slice(0)), 0

    def _find_source(self) -> None:
        """Bind to the address that probes go out from, which TCP's checksum covers."""
        source = b""
        if self._opened.kind is Kind.SYN:
            high, low = int(self._asked.high[self._at]), int(self._asked.low[self._at])
            way = way_to(high, low, ipv4=self._opened.ipv4)
            source = way.source if way else b""
            if source:
                family = socket.AF_INET if self._opened.ipv4 else socket.AF_INET6
                self._opened.socket.bind((socket.inet_ntop(family, source), 0))
        self._probes = self._new_probes(source)
