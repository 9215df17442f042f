"""The desk of a watch: detects where data changed, tells what is new, and sends alerts."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from zicht.errors import ZichtError
from zicht.model.entity import parse_entity
from zicht.observe.alert_delivering import Delivering
from zicht.observe.alerts import note_alerts
from zicht.observe.explaining import Premises
from zicht.observe.facts import known_facts
from zicht.observe.replay import Picture, compare
from zicht.observe.standing import read_standing, state_of, write_standing
from zicht.observe.watch_lines import changed_states, told
from zicht.observe.watch_look import look
from zicht.observe.watch_mind import Mind, has_news

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from zicht.model.entity import EntityFact
    from zicht.observe.watch_clock import Clock
    from zicht.observe.watch_lines import Line
    from zicht.observe.watch_log import Log
    from zicht.publish.alerts.settings import Channel
    from zicht.store import Store

PAUSE = 60.0
"""Seconds between two detections, at least."""

AT_ONCE = 5.0
"""Seconds between two detections, at least, where something is there that was measured just now."""

WARMING = 3600.0
"""Seconds for which alerts wait, at most, for the first rounds of sources to be whole."""

_TICK = 0.2  # real seconds
_ASK = 10.0  # likewise


@dataclass(frozen=True)
class Looked:
    """What a detection took.

    Attributes:
        seconds: how long it took, by this machine.
        series: how many series there are.
        ongoing: how many events go on.
        alerts: how many alerts are in each state.
    """

    seconds: float
    series: int
    ongoing: int
    alerts: Mapping[str, int]


@dataclass(kw_only=True)
class Desk:
    """Looks at data that changed, at most once a minute.

    Attributes:
        store: the store.
        lead: the store to write findings to while this watch leads; ``None`` while it stands by.
        channels: who is told of alerts.
        clock: the time.
        stopped: set from outside to end it.
        tell: given what people are told.
        looked: given what each detection took.
        log: where it says what it does.
        shown: the only entities whose lines are told; all where there is none.
        mind: what it has in mind between two looks.
        premises: what the user brings to explanations.
        warming: sources whose first round is under way: what is found without the history that it
            brings is told, and alerts nobody yet.
    """

    store: Store
    lead: Callable[[], Store | None]
    channels: Sequence[Channel]
    clock: Clock
    stopped: threading.Event
    tell: Callable[[Sequence[Line]], None]
    looked: Callable[[Looked], None]
    log: Log
    shown: frozenset[str] = frozenset()
    premises: Premises = field(default_factory=Premises)
    warming: set[str] = field(default_factory=set)
    mind: Mind = field(init=False)
    _asking: set[str] = field(default_factory=set)
    _asked: set[str] = field(default_factory=set)
    _changed: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _states: dict[str, str] = field(default_factory=dict)
    _at_once: bool = False
    _looked: float = -math.inf
    _began: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.mind = Mind(self.store, premises=self.premises)
        self._began = self.clock.now()
        self._delivering = Delivering(
            self.store, self.channels, self.clock, self.log, lambda: self.lead() is not None
        )

    def changed(self, entities: Collection[str], *, at_once: bool = False) -> None:
        """Note that data of entities changed; called in any thread.

        With ``at_once`` they are of the last minute, and are not to wait for the next.
        """
        with self._lock:
            self._changed.update(entities)
            self._at_once |= at_once

    def asking(self, source: str, *, whole: bool) -> None:
        """Note that a source told something, or all of its round; called in any thread.

        Until everybody was looked at after that, what it alone shows may be its own fault.
        """
        with self._lock:
            if whole:
                self._asked.add(source)
            else:
                self._asked.discard(source)
                self._asking.add(source)

    def run(self) -> None:
        """Look, tell and send until stopped; what fails is said and done again."""
        self._delivering.start()
        try:
            self._look_on()
        finally:
            for thread in self._delivering.end():
                thread.join()

    def _look_on(self) -> None:
        picture: Picture | None = None
        last = None
        while not self.stopped.wait(_TICK):
            if not self._leads():
                picture, last, self.mind = None, None, Mind(self.store, premises=self.premises)
                continue
            now = self.clock.now()
            if not _is_due(last, now, AT_ONCE if self._at_once else PAUSE):
                continue
            try:
                if self._take() or self._is_news():
                    last = now
                    picture = self.look(picture)
                elif last is not None:
                    last = now
                    self._send(now)
            except Exception as error:  # noqa: BLE001 - whatever it is, the watch goes on
                last = now
                fault = str(error) if isinstance(error, ZichtError) else repr(error)
                self.log.warning("detection failed", fault=fault)

    def _leads(self) -> bool:
        """Whether this watch leads; what it finds is written under the term that it leads in."""
        store = self.lead()
        if store is not None:
            self.store = self.mind.store = store
        return store is not None

    def _is_news(self) -> bool:
        """Whether anybody has stored observations; asking a store elsewhere takes its time."""
        looked = time.monotonic()
        if self.store.lake.shared and looked - self._looked < _ASK:
            return False
        self._looked = looked
        return has_news(self.mind)

    def _take(self) -> set[str]:
        with self._lock:
            taken, self._changed = self._changed, set()
            self._at_once = False
        return taken

    def look(self, before: Picture | None) -> Picture:
        """Take in what is new, detect, tell what that changed, and send alerts.

        Args:
            before: what was known before; what the store holds where there is none.

        Raises:
            StoreError: the store cannot be read or written.
        """
        begin = time.monotonic()
        now = self.clock.now()
        before = before or self._known(now)
        with self._lock:
            asked = set(self._asked)
        seen = look(self.mind, now=now, before=before.statuses)
        after = replace(self._stored(now), statuses=seen.statuses)
        facts = self.mind.facts
        happenings = compare(before, after)
        statuses = sorted(seen.statuses.values(), key=lambda one: one.entity)
        lines = [*changed_states(self._states, statuses), *told(happenings, facts)]
        self._states = {one.entity: state_of(one) for one in statuses}
        with self._lock:
            self._asking -= asked & self._asked
        self.say(lines, facts)  # before anything is sent: that may take its time
        alerts = self._send(now)
        version = self.mind.screen.version
        write_standing(self.store.lake, statuses, facts, written_at=now, version=version)
        took = time.monotonic() - begin
        ongoing = sum(one.end is None for one in after.events.values())
        self.looked(Looked(took, seen.series, ongoing, alerts))
        return after

    def say(self, lines: Sequence[Line], facts: Mapping[str, EntityFact] | None = None) -> None:
        """Tell people what is of those who are shown."""
        known = known_facts(self.store) if facts is None and lines else facts or {}
        self.tell([one for one in lines if self._is_shown(one, known)])

    def _send(self, now: datetime) -> dict[str, int]:
        if not self.channels:
            return {}
        if not self.warming or _is_due(self._began, now, WARMING):
            with self._lock:
                unsettled = set(self._asking)
            for made in note_alerts(self.store, self.channels, now=now, unsettled=unsettled):
                self.log.info("alert made", id=made.id, kind=made.kind, state=made.state)
            self._delivering.wake()
        states: dict[str, int] = {}
        for one in self.store.alerts():
            states[one.state] = states.get(one.state, 0) + 1
        return states

    def _known(self, now: datetime) -> Picture:
        """What a watch before this one knew: states are told anew, and kept where nobody looks."""
        standing = read_standing(self.store.lake)
        statuses = () if standing is None else standing.statuses
        return replace(self._stored(now), statuses={one.entity: one for one in statuses})

    def _stored(self, now: datetime) -> Picture:
        return Picture(
            known_at=now,
            events={one.id: one for one in self.store.events()},
            outages={one.id: one for one in self.store.outages()},
            sicknesses=tuple(self.store.sicknesses()),
        )

    def _is_shown(self, line: Line, facts: Mapping[str, EntityFact]) -> bool:
        if not self.shown or line.entity is None:
            return True
        return line.entity in self.shown or _country(line.entity, facts) in self.shown


def _is_due(last: datetime | None, now: datetime, seconds: float) -> bool:
    """Whether so much time has passed; a clock that was moved makes it due too."""
    return last is None or abs((now - last).total_seconds()) >= seconds


def _country(text: str, facts: Mapping[str, EntityFact]) -> str | None:
    code = parse_entity(text).country
    if code is None and text in facts:
        code = facts[text].country
    return None if code is None else f"country/{code}"
