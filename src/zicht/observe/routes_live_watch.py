"""Live routes as a source of a watch: in a process of their own, and again after each fault."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import ZichtError
from zicht.model.time import from_microseconds
from zicht.observe.routes_live import STRAGGLERS
from zicht.observe.routes_live_process import follow_in_process
from zicht.observe.watch_source import FIRST_WAIT
from zicht.observe.watch_state import LOCAL, Canary, Feeds, SourceState, read_state, write_state
from zicht.store.location import lake_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Collection, Sequence

    from zicht.observe.routes_live_process import RoutesJob, Seen
    from zicht.observe.watch_clock import Clock
    from zicht.observe.watch_log import Log

SOURCE = "bgp"

_LONGEST_WAIT = 3600.0
_STEADY = 3600.0  # seconds after which a fault is not one of a row
_OFTEN = 1.0  # real seconds between two writings of the state, at least


@dataclass(kw_only=True)
class WatchedRoutes:
    """Live routes that are watched.

    Attributes:
        job: what is followed.
        entities: texts of the entities that are watched.
        clock: the time.
        stopped: set from outside to end it.
        changed: told which entities have new values.
        told: given how the source fares, after each change of it.
        log: where it says what it does.
        name: the name of the watch.
    """

    job: RoutesJob
    entities: Sequence[str]
    clock: Clock
    stopped: threading.Event
    changed: Callable[[Collection[str]], None]
    told: Callable[[SourceState], None]
    log: Log
    name: str = LOCAL
    _state: SourceState = field(init=False)
    _kept: float = 0.0

    def __post_init__(self) -> None:
        self._lake = lake_of(self.job.store)
        before = read_state(self._lake, SOURCE, self.name)
        self._state = SourceState(
            source=SOURCE,
            watch=self.name,
            written_at=self.clock.now(),
            asked_of=tuple(self.entities),
            until=None if before is None else before.until,
            last=None if before is None else before.last,
            cadence=float(self.job.step),
            settling=STRAGGLERS,
            live=True,
        )

    def run(self) -> None:
        """Follow routes until stopped; faults are said, and it is tried again."""
        faults = 0
        while not self.stopped.is_set():
            began = time.monotonic()
            self._keep(msgspec.structs.replace(self._state, state="warming up", feeds=None))
            try:
                follow_in_process(self.job, self.stopped, seen=self._seen, tell=self._tell)
                problem = None
            except ZichtError as error:
                problem = error
            except Exception as error:  # noqa: BLE001 - one source's fault must not end the watch
                text = f"{type(error).__name__}: {error}"
                problem = ZichtError(text, "This is a fault of Zicht's.")
            if problem is None:
                return
            faults = 1 if time.monotonic() - began > _STEADY else faults + 1
            wait = min(FIRST_WAIT * 2 ** min(faults - 1, 10), _LONGEST_WAIT)
            wait *= random.uniform(0.9, 1.1)  # noqa: S311 - a wait
            self.log.warning(
                "round failed", source=SOURCE, fault=str(problem), faults=faults, again=round(wait)
            )
            self._keep(_faulty(self._state, problem.message, faults, self.clock), at_once=True)
            if self.clock.wait(wait, self.stopped):
                return

    def _tell(self, text: str) -> None:
        self.log.info("routes", source=SOURCE, note=text)

    def _seen(self, seen: Seen) -> None:
        """A bin was stored: keep how routes fare, and have them looked at."""
        state = state_after(self._state, seen, self.clock)
        said = state.state != self._state.state or state.fault != self._state.fault
        if said and state.fault:
            self.log.warning("routes", source=SOURCE, fault=state.fault)
        elif said:
            self.log.info("routes", source=SOURCE, state=state.state)
        self._keep(state, at_once=said)
        if seen.entities:
            self.changed(seen.entities)

    def _keep(self, state: SourceState, *, at_once: bool = False) -> None:
        self._state = msgspec.structs.replace(state, written_at=self.clock.now())
        self.told(self._state)
        if not at_once and time.monotonic() - self._kept < _OFTEN:
            return
        self._kept = time.monotonic()
        try:
            write_state(self._lake, self._state)
        except ZichtError as error:
            self.log.warning("state not kept", source=SOURCE, fault=str(error))


def state_after(state: SourceState, seen: Seen, clock: Clock) -> SourceState:
    """How routes fare after a bin."""
    sight = seen.sight
    begin = from_microseconds(seen.begin)
    told = len(set(seen.entities).intersection(state.asked_of))
    state = msgspec.structs.replace(
        state,
        feeds=Feeds(
            collectors=sight.collectors,
            peers=sight.watch.peers,
            voters=min(sight.watch.voters) if all(sight.watch.voters) else max(sight.watch.voters),
            silent=sight.watch.silent,
            down=sight.watch.down,
            stale=sight.watch.stale,
        ),
        canary=Canary(
            what="beacons",
            right=sight.canaries.right,
            wrong=sight.canaries.wrong,
            undecided=sight.canaries.undecided,
            fault=next((one for one in sight.canaries.faults if one), ""),
        ),
    )
    if sight.trouble:
        return _faulty(state, f"RIS Live: {sight.trouble}.", max(state.faults, 1), clock)
    state = msgspec.structs.replace(
        state,
        state="ok" if seen.entities or state.state == "ok" else "warming up",
        faults=0,
        fault=None,
        fault_since=None,
    )
    if not seen.entities:
        return state
    end = from_microseconds(sight.end)
    return msgspec.structs.replace(state, until=end, last=begin, seen=told)


def _faulty(state: SourceState, fault: str, faults: int, clock: Clock) -> SourceState:
    since = state.fault_since or clock.now()
    return msgspec.structs.replace(
        state, state="fault", faults=faults, fault=fault, fault_since=since
    )
