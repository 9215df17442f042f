"""The observatory runs: sources on their cadence, detection, alerts; until it is stopped."""

from __future__ import annotations

import os
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from zicht.errors import UsageError
from zicht.http import CONTACT
from zicht.model.entity import parse_entity
from zicht.observe.fetching_pieces import Terms
from zicht.observe.services import OF_EACH_OPERATOR, SERVICES, service_of
from zicht.observe.settings import premises_of
from zicht.observe.watch_clock import Clock
from zicht.observe.watch_desk import Desk
from zicht.observe.watch_entities import operators_of_countries
from zicht.observe.watch_lead import Lead
from zicht.observe.watch_measured import Measuring, measured_sources
from zicht.observe.watch_metrics import Metrics, serving_metrics
from zicht.observe.watch_naming import watch_name
from zicht.observe.watch_settings import SourceSettings
from zicht.observe.watch_sightings import Sightings
from zicht.observe.watch_source import Watched, watch_source
from zicht.observe.watch_state import FOLDER, SourceState, read_state, write_state
from zicht.place.names import country_codes
from zicht.store.faults import writing
from zicht.store.lease import EXPIRY
from zicht.store.lock import locked_if_free

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from zicht.model.entity import Entity
    from zicht.observe.fetching_pieces import Fetched
    from zicht.observe.settings import Settings
    from zicht.observe.watch_lines import Line
    from zicht.observe.watch_log import Log
    from zicht.sources.service import Service
    from zicht.store import Store

ENDING = 4.0
"""Seconds that threads have to end; one that waits for a slow service is left behind."""

_STEP = 30.0  # seconds by which a clock has to jump to be said
_TICK = 0.2


@dataclass(frozen=True, kw_only=True)
class Watching:
    """What is watched, and who is told.

    Attributes:
        store: where everything is kept.
        settings: sources, entities and channels.
        log: where it says what it does.
        entities: whom to watch, before those of the settings.
        metrics: the port of the loopback at which Prometheus may ask, before that of the settings.
        clock: the time.
        tell: given what people are told.
        progress: given how each source fares, after each change of it.
        name: its name among the watches of this store.
        expiry: seconds after which another watch takes over from one that is gone.
    """

    store: Store
    settings: Settings
    log: Log
    entities: Sequence[str] = ()
    metrics: int | None = None
    clock: Clock = field(default_factory=Clock)
    tell: Callable[[Sequence[Line]], None] = lambda _: None
    progress: Callable[[SourceState], None] = lambda _: None
    name: str = ""
    expiry: float = EXPIRY


def watch(watching: Watching, stopped: threading.Event) -> bool:
    """Watch until ``stopped`` is set.

    Returns:
        whether all threads have ended; one that waits for a slow service is left behind, and the
        process should end without it. The store is whole at any instant.

    Raises:
        StoreError: the disk is full or fails.
        UsageError: there is nothing to watch, another watch of this name writes to this store, or
            a port is taken.
    """
    folder = watching.store.path / FOLDER
    name = watch_name(watching)
    with writing(folder):
        folder.mkdir(exist_ok=True)
    with ExitStack() as stack:
        if not stack.enter_context(locked_if_free(folder / f".{name}.lock")):
            raise UsageError(
                f"Another watch writes to the store at {watching.store.address}, under the name"
                f" {name!r}.",
                "End it first, or give this one another --name.",
            )
        return _watch(watching, stopped, stack)


def _watch(watching: Watching, stopped: threading.Event, stack: ExitStack) -> bool:
    _say_who_asks(watching.settings)
    metrics = Metrics()
    port = watching.settings.watch.metrics_port if watching.metrics is None else watching.metrics
    if port is not None:
        served = stack.enter_context(serving_metrics(metrics, port))
        watching.log.info("metrics", address=f"http://127.0.0.1:{served}/metrics")
    entities = entities_of(watching)
    lead = Lead(watching.store, watch_name(watching), watching.log, stopped, expiry=watching.expiry)
    metrics.leading(lambda: lead.store() is not None)
    desk = Desk(
        store=watching.store,
        lead=lead.store,
        channels=watching.settings.channel,
        clock=watching.clock,
        stopped=stopped,
        tell=watching.tell,
        looked=metrics.looked,
        log=watching.log,
        shown=frozenset(map(str, entities)),
        premises=premises_of(watching.settings),
    )

    sightings = Sightings(watching.store, watching.clock, watching.log, desk.say)

    def told(state: SourceState, fetched: Fetched | None = None) -> None:
        if state.until is not None or state.state == "fault":
            desk.warming.discard(state.source)
        desk.asking(state.source, whole=fetched is None)
        metrics.told(state, fetched)
        watching.progress(state)
        for note in () if fetched is None else fetched.notes:
            watching.log.info("note", source=state.source, note=note)
        if fetched is not None and fetched.sightings:
            sightings.tell()

    chosen = _sources(watching)
    sources = [
        watched
        for one in chosen
        if one.name in SERVICES
        and (watched := _watched(watching, one, entities, desk, stopped, told)) is not None
    ]
    measuring = Measuring(
        store=watching.store,
        clock=watching.clock,
        log=watching.log,
        entities=tuple(str(one) for one in entities),
        with_operators=_are_named(watching),
        stopped=stopped,
        changed=partial(desk.changed, at_once=True),
        told=told,
        name=watch_name(watching),
    )
    measured = measured_sources(measuring, chosen)
    if not sources and not measured:
        raise UsageError(
            "None of the sources can be asked of these entities.",
            "docs/sources.md tells what each source tells of; the log above, what is missing.",
        )
    desk.warming.update(one.service.name for one in sources if _is_first(watching.store, one))
    number = len(sources) + len(measured)
    watching.log.info("watching", sources=number, entities=len(entities))
    if watching.clock.made_up:
        watching.log.warning("the clock is the lab's: all that is stored is marked as simulated")
    lead.look()
    leading = _start(lead.run, "lead")
    at_desk = _start(desk.run, "desk")
    threads = [leading, at_desk]
    threads += [_start(partial(watch_source, one), one.service.name) for one in sources]
    threads += [_start(run, name) for name, run in measured.items()]
    sightings.tell()
    _until_stopped(watching, stopped)
    until = time.monotonic() + ENDING
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    if not at_desk.is_alive() and not leading.is_alive():  # else the lease has to expire
        lead.end()
    left = [thread.name for thread in threads if thread.is_alive()]
    watching.log.info("stopped", left_behind=left)
    return not left


def _is_first(store: Store, watched: Watched) -> bool:
    before = read_state(store.lake, watched.service.name, watched.name)
    return before is None or before.until is None


def _start(run: Callable[[], None], name: str) -> threading.Thread:
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def _say_who_asks(settings: Settings) -> None:
    if settings.watch.contact and not os.environ.get(CONTACT, "").strip():
        os.environ[CONTACT] = settings.watch.contact


def _are_named(watching: Watching) -> bool:
    return bool(watching.entities or watching.settings.watch.entities)


def entities_of(watching: Watching) -> list[Entity]:
    """Whom to watch: those that were named, those of the settings, or all countries.

    Raises:
        UsageError: a text names no entity.
    """
    texts = (
        watching.entities
        or watching.settings.watch.entities
        or tuple(f"country/{code}" for code in sorted(set(country_codes())))
    )
    return list({str(one): one for one in map(parse_entity, texts)}.values())


def _sources(watching: Watching) -> Sequence[SourceSettings]:
    usual = (*SERVICES, "probe")  # routes take much bandwidth: they are followed if asked for
    return watching.settings.source or [SourceSettings(name=name) for name in usual]  # type: ignore[arg-type]


def _watched(
    watching: Watching,
    source: SourceSettings,
    entities: Sequence[Entity],
    desk: Desk,
    stopped: threading.Event,
    told: Callable[[SourceState, Fetched | None], None],
) -> Watched | None:
    """A source as it is to be watched, or ``None``, with a word why, where it cannot be."""
    service = service_of(source.name)
    own = [one for one in entities if one.type in service.types]
    if source.name in OF_EACH_OPERATOR and _are_named(watching):
        most = watching.settings.watch.operators
        own = operators_of_countries(own, watching.store.entities(), most)
    if not own:
        watching.log.info(
            "not watched", source=source.name, fault="it tells of none of these entities"
        )
        return None
    if service.token and not os.environ.get(service.token, "").strip():
        _say_token_missing(watching, service)
        return None
    minutes = source.cadence_minutes
    return Watched(
        store=watching.store,
        service=service,
        entities=own,
        cadence=service.cadence.total_seconds() if minutes is None else minutes * 60,
        address=source.address,
        history=timedelta(days=watching.settings.watch.history_days),
        terms=Terms(simulated=watching.clock.made_up),
        clock=watching.clock,
        stopped=stopped,
        changed=desk.changed,
        told=told,
        log=watching.log,
        name=watch_name(watching),
    )


def _say_token_missing(watching: Watching, service: Service) -> None:
    fault = f"{service.token} is not set"
    watching.log.warning("not watched", source=service.name, fault=fault, get=service.documentation)
    write_state(
        watching.store.lake,
        SourceState(
            source=service.name,
            watch=watch_name(watching),
            state="needs token",
            written_at=watching.clock.now(),
            fault=fault,
        ),
    )


def _until_stopped(watching: Watching, stopped: threading.Event) -> None:
    """Wait; a clock that is moved is said, since times of what is known then are off."""
    offset = _offset(watching.clock.now())
    while not stopped.wait(_TICK):
        now = _offset(watching.clock.now())
        if watching.clock.made_up:
            continue
        if abs(now - offset) > _STEP:
            watching.log.warning("this machine's clock was moved", seconds=round(now - offset))
            offset = now


def _offset(now: datetime) -> float:
    return float(now.timestamp()) - time.monotonic()
