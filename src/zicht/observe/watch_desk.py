"""The desk of a watch: detects where data changed, tells what is new, and sends alerts."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from zicht.detect.status import status_of
from zicht.errors import ZichtError
from zicht.model.entity import parse_entity
from zicht.observe.alerts import note_alerts
from zicht.observe.delivery import deliver_alerts
from zicht.observe.detection import known_facts
from zicht.observe.replay import Picture, compare
from zicht.observe.watch_detection import detect_recent
from zicht.observe.watch_lines import changed_states, state_of, told

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

OTHERS = 300.0
"""Seconds between two looks at everybody, what other processes (a prober, live routes) wrote
included."""

WARMING = 3600.0
"""Seconds for which alerts wait, at most, for the first rounds of sources to be whole."""

_TICK = 0.2  # real seconds
_ASK = 10.0  # likewise


@dataclass(frozen=True)
class Looked:
    """What a detection took.

    Attributes:
        seconds: how long it took, by this machine.
        series: how many series were looked at.
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
    warming: set[str] = field(default_factory=set)
    _changed: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _states: dict[str, str] = field(default_factory=dict)
    _version: int = -1
    _asked: float = -math.inf
    _began: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.clock.now()

    def changed(self, entities: Collection[str]) -> None:
        """Note that data of entities changed; called in any thread."""
        with self._lock:
            self._changed.update(entities)

    def run(self) -> None:
        """Look, tell and send until stopped; what fails is said and done again."""
        picture: Picture | None = None
        last, last_whole = None, None
        while not self.stopped.wait(_TICK):
            if not self._leads():
                picture, last, last_whole, self._version = None, None, None, -1
                continue
            now = self.clock.now()
            if not _is_due(last, now, PAUSE):
                continue
            changed: set[str] = set()
            try:
                if _is_due(last_whole, now, OTHERS) and self._is_news():
                    self.changed(self.everybody())
                    last_whole = now
                changed = self._take()
                if changed:
                    last = now
                    picture = self.look(changed, picture)
                elif last is not None:
                    last = now
                    self._send(now)
            except Exception as error:  # noqa: BLE001 - whatever it is, the watch goes on
                last = now
                self.changed(changed)
                fault = str(error) if isinstance(error, ZichtError) else repr(error)
                self.log.warning("detection failed", fault=fault)

    def _leads(self) -> bool:
        """Whether this watch leads; what it finds is written under the term that it leads in."""
        store = self.lead()
        if store is not None:
            self.store = store
        return store is not None

    def _is_news(self) -> bool:
        """Whether anybody has stored observations; asking a store elsewhere takes its time."""
        asked = time.monotonic()
        if self.store.lake.shared and asked - self._asked < _ASK:
            return False
        self._asked = asked
        return self.store.version != self._version

    def _take(self) -> set[str]:
        with self._lock:
            taken, self._changed = self._changed, set()
        return taken

    def everybody(self) -> set[str]:
        """All entities of the store."""
        return {entity for _, entity in self.store.keys()}  # noqa: SIM118 - a store is no dict

    def look(self, changed: Collection[str], before: Picture | None) -> Picture:
        """Detect where data changed, tell what that changed, and send alerts.

        Args:
            changed: texts of the entities.
            before: what was known before; what the store holds where there is none.

        Raises:
            StoreError: the store cannot be read or written.
        """
        begin = time.monotonic()
        now = self.clock.now()
        facts = known_facts(self.store)
        before = before or self._stored(now)
        version = self.store.version
        scope = _scope(changed, self.everybody(), facts)
        detection = detect_recent(self.store, scope, now=now, known_at=now)
        statuses = status_of(detection.assessments, detection.outages, now)
        after = replace(
            self._stored(now),
            sicknesses=tuple(self.store.sicknesses()),
            statuses=before.statuses | {one.entity: one for one in statuses},
        )
        happenings = compare(before, after)
        lines = [*changed_states(self._states, statuses), *told(happenings, facts)]
        self._states |= {one.entity: state_of(one) for one in statuses}
        if scope is None:
            self._version = version
        alerts = self._send(now)
        self.tell([one for one in lines if self._is_shown(one, facts)])
        took = time.monotonic() - begin
        ongoing = sum(one.end is None for one in after.events.values())
        self.looked(Looked(took, len(detection.assessments), ongoing, alerts))
        return after

    def _send(self, now: datetime) -> dict[str, int]:
        if not self.channels:
            return {}
        if not self.warming or _is_due(self._began, now, WARMING):
            for made in note_alerts(self.store, self.channels, now=now):
                self.log.info("alert made", id=made.id, kind=made.kind, state=made.state)
        for tried in deliver_alerts(
            self.store, self.channels, now=now, go_on=lambda: self.lead() is not None
        ):
            if tried.state != "delivered":
                self.log.warning("alert not delivered", id=tried.id, fault=tried.because)
        states: dict[str, int] = {}
        for one in self.store.alerts():
            states[one.state] = states.get(one.state, 0) + 1
        return states

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


def _scope(
    changed: Collection[str], everybody: Collection[str], facts: Mapping[str, EntityFact]
) -> set[str] | None:
    """Whom to look at: the changed ones with all of their countries, or ``None`` for everybody.

    Whether a source is sick shows in all of its entities alone, so that where most have changed
    everybody is looked at.
    """
    if 2 * len(set(changed)) >= len(everybody):
        return None
    return {_country(text, facts) or text for text in changed}


def _country(text: str, facts: Mapping[str, EntityFact]) -> str | None:
    code = parse_entity(text).country
    if code is None and text in facts:
        code = facts[text].country
    return None if code is None else f"country/{code}"
