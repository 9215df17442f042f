"""One source on its own cadence: rounds that ask for all that is new or may still change.

Each source has a thread and an ``Asker`` of its own, so that a slow or broken one delays no other.
A round begins where the last whole one ended, less the time in which the source revises; the first
goes back over the history that is wanted, the newest time first.
"""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import InputError, SourceRefusesError, SourceUnreachableError, ZichtError
from zicht.http import open_client
from zicht.observe.fetched import FetchedPieces
from zicht.observe.fetching import KEPT, fetch_or_split
from zicht.observe.watch_state import LOCAL, SourceState, read_state, write_state
from zicht.sources.fetch.ask import Asker
from zicht.sources.fetch.kept import KeptAnswers
from zicht.sources.service import midnight

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Collection, Iterator, Sequence
    from datetime import datetime, timedelta

    from zicht.model.entity import Entity
    from zicht.observe.fetching_pieces import Fetched, Terms
    from zicht.observe.watch_clock import Clock
    from zicht.observe.watch_log import Log
    from zicht.sources.service import Piece, Service
    from zicht.store import Store

JITTER = 0.1
"""Part of the cadence by which a round may come early or late, so that many observatories do not
ask at the same second."""

FIRST_WAIT = 60.0
"""Seconds until the round after one that failed; doubled each time, up to the cadence or an
hour."""

_LONGEST_WAIT = 3600.0


class StoppedError(Exception):
    """The watch is to end; it never leaves ``watch_source``."""


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A source that is watched.

    Attributes:
        store: where observations go.
        service: what is asked.
        entities: whom it is asked of.
        cadence: seconds between two rounds.
        address: where it answers, if not at its own address.
        history: how far back the first round goes.
        terms: licence and the like.
        clock: the time.
        stopped: set from outside to end it.
        changed: told which entities have new or revised values.
        told: given how the source fares, after each change of it, and what was fetched last.
        log: where it says what it does.
        name: the name of the watch.
    """

    store: Store
    service: Service
    entities: Sequence[Entity]
    cadence: float
    address: str | None
    history: timedelta
    terms: Terms
    clock: Clock
    stopped: threading.Event
    changed: Callable[[Collection[str]], None]
    told: Callable[[SourceState, Fetched | None], None]
    log: Log
    name: str = LOCAL


def watch_source(watched: Watched) -> None:
    """Ask a source round after round until it is told to stop; faults are said, and retried."""
    state = _begin_when_known(watched)
    if state is None:
        return
    _keep(watched, state)
    while not watched.stopped.is_set():
        state, wait = _round(watched, state)
        _keep(watched, state)
        if watched.clock.wait(wait, watched.stopped):
            return


def _begin_when_known(watched: Watched) -> SourceState | None:
    """Where to begin, once the store tells; ``None`` where the watch ends before."""
    while True:
        try:
            return _begin(watched)
        except ZichtError as error:
            watched.log.warning("state not read", source=watched.service.name, fault=str(error))
        if watched.clock.wait(FIRST_WAIT, watched.stopped):
            return None


def _begin(watched: Watched) -> SourceState:
    """Where an earlier watch left off, if it asked of the same entities."""
    asked_of = tuple(str(one) for one in watched.entities)
    before = read_state(watched.store.lake, watched.service.name, watched.name)
    plain = SourceState(
        source=watched.service.name,
        watch=watched.name,
        written_at=watched.clock.now(),
        asked_of=asked_of,
        cadence=watched.cadence,
        settling=watched.service.settling.total_seconds(),
    )
    if before is None or not set(asked_of) <= set(before.asked_of):
        return plain
    return msgspec.structs.replace(
        plain,
        state="warming up" if before.until is None else "ok",
        until=before.until,
        last=before.last,
    )


def _round(watched: Watched, state: SourceState) -> tuple[SourceState, float]:
    """One round: the state after it, and the seconds to wait for the next."""
    try:
        with _asker(watched) as asker:
            state, problem = _ask_all(watched, asker, state)
    except StoppedError:
        return state, 0.0
    except ZichtError as error:
        problem = error
    except Exception as error:  # noqa: BLE001 - one source's fault must not end the watch
        problem = ZichtError(f"{type(error).__name__}: {error}", "This is a fault of Zicht's.")
    now = watched.clock.now()
    if problem is None:
        spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - a wait
        healthy = msgspec.structs.replace(state, faults=0, fault=None, fault_since=None)
        if state.faults:
            watched.log.info("source is back", source=state.source, after=state.faults)
        return healthy, watched.cadence * spread
    faults = state.faults + 1
    wait = _wait(watched, faults, problem)
    watched.log.warning(
        "round failed", source=state.source, fault=str(problem), faults=faults, again=round(wait)
    )
    state = msgspec.structs.replace(
        state,
        state="fault",
        faults=faults,
        fault=problem.message,
        fault_since=state.fault_since or now,
    )
    return state, wait


def _wait(watched: Watched, faults: int, problem: ZichtError) -> float:
    longest = max(FIRST_WAIT, min(watched.cadence, _LONGEST_WAIT))
    wait: float = min(FIRST_WAIT * 2 ** min(faults - 1, 10), longest)
    asked = problem.wait if isinstance(problem, SourceUnreachableError) else 0.0
    return max(wait, asked) * random.uniform(1.0, 1 + 2 * JITTER)  # noqa: S311 - a wait


@contextmanager
def _asker(watched: Watched) -> Iterator[Asker]:
    def pause(seconds: float) -> None:
        if watched.clock.wait(seconds, watched.stopped):
            raise StoppedError

    with open_client() as client:
        yield Asker(
            watched.service,
            client,
            address=watched.address,
            kept=KeptAnswers(watched.store.path / KEPT / watched.service.name),
            pause=pause,
            clock=watched.clock.now,
        )


def _ask_all(
    watched: Watched, asker: Asker, state: SourceState
) -> tuple[SourceState, ZichtError | None]:
    """Ask for all pieces of a round; what is wrong with some hides no others.

    Raises:
        SourceUnreachableError: the service cannot be reached; the rest would fail as well.
        StoppedError: the watch is to end.
        StoreError: the store failed.
    """
    now = watched.clock.now()
    done = FetchedPieces(watched.store.path, watched.service.name)
    pieces = [one for one in _plan(watched, state, asker.address, now) if one not in done]
    heard = _Heard(state)
    asked = 0
    for end, group in groupby(pieces, key=lambda one: one.end):
        if state.until is None:
            watched.log.info(
                "first round", source=state.source, to=f"{end:%F %R}", done=asked, of=len(pieces)
            )
        try:
            for piece in group:
                asked += 1
                _ask(watched, asker, piece, heard)
                if heard.settled and now >= piece.end + watched.service.revised:
                    done.add(piece)
        finally:  # what is stored is looked at, whatever becomes of the rest
            watched.changed(heard.changed)
            heard.changed = set()
    if heard.refused and not heard.entities:
        heard.problem = SourceRefusesError(f"{watched.service.title} knows none of these entities.")
    if heard.problem is not None:
        return heard.state, heard.problem
    if state.until is None:
        watched.log.info("first round is whole", source=state.source)
    told = len(heard.entities.intersection(state.asked_of))
    return msgspec.structs.replace(heard.state, state="ok", until=now, seen=told), None


@dataclass
class _Heard:
    """What a round heard so far.

    Attributes:
        state: how the source fares.
        entities: of whom something came.
        changed: of whom something new or revised came since it was last passed on.
        refused: of how many the service takes no question.
        settled: whether the last piece came as a whole.
        problem: what was wrong with a piece.
    """

    state: SourceState
    entities: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    refused: int = 0
    settled: bool = False
    problem: ZichtError | None = None


def _ask(watched: Watched, asker: Asker, piece: Piece, heard: _Heard) -> None:
    if watched.stopped.is_set():
        raise StoppedError
    heard.settled = False
    try:
        one = fetch_or_split(
            watched.store, asker, piece, terms=watched.terms, clock=watched.clock.now
        )
    except InputError as error:
        heard.problem = error
        return
    heard.settled = not one.refused
    heard.refused += one.refused
    heard.entities.update(one.entities)
    if one.new or one.revised:
        heard.changed.update(one.entities)
    times = [time for time in (heard.state.last, one.last) if time is not None]
    heard.state = msgspec.structs.replace(heard.state, last=max(times, default=None))
    watched.told(heard.state, one)


def _plan(watched: Watched, state: SourceState, address: str, now: datetime) -> list[Piece]:
    """The pieces of a round, the newest time first.

    A service whose answers are joined to what is stored before them is asked in order of time.
    """
    service = watched.service
    oldest = midnight(now - watched.history)
    since = oldest if state.until is None else min(state.until, now) - service.revised
    pieces = list(service.plan(watched.entities, max(since, oldest), now, address))
    pieces.sort(key=lambda one: one.end, reverse=service.join is None)
    return pieces


def _keep(watched: Watched, state: SourceState) -> None:
    """Keep how it fares; a full disk is said, and costs no more than asking again."""
    state = msgspec.structs.replace(state, written_at=watched.clock.now())
    watched.told(state, None)
    try:
        write_state(watched.store.lake, state)
    except ZichtError as error:
        watched.log.warning("state not kept", source=state.source, fault=str(error))
