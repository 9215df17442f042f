"""What a watch measures itself: routes that it follows, and probing that it looks at."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from zicht.errors import UsageError
from zicht.http import CONTACT
from zicht.observe.routes_live_process import RoutesJob
from zicht.observe.routes_live_watch import WatchedRoutes
from zicht.observe.watch_probing import WatchedProbing, watch_probing
from zicht.observe.watch_settings import listening_address
from zicht.observe.watch_state import LOCAL
from zicht.sources.bgp.fetch.ris_live import URL

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Collection, Sequence

    from zicht.observe.watch_clock import Clock
    from zicht.observe.watch_log import Log
    from zicht.observe.watch_settings import SourceSettings
    from zicht.observe.watch_state import SourceState
    from zicht.store import Store


@dataclass(frozen=True, kw_only=True)
class Measuring:
    """What sources that are measured here share.

    Attributes:
        store: where observations go.
        clock: the time.
        log: where it is said what is done.
        entities: texts of the entities that are watched.
        with_operators: countries among them bring their operators.
        stopped: set from outside to end it.
        changed: told which entities have new values.
        told: given how a source fares, after each change of it.
        name: the name of the watch.
    """

    store: Store
    clock: Clock
    log: Log
    entities: Sequence[str]
    with_operators: bool
    stopped: threading.Event
    changed: Callable[[Collection[str]], None]
    told: Callable[[SourceState], None]
    name: str = LOCAL


def measured_sources(
    measuring: Measuring, chosen: Sequence[SourceSettings]
) -> dict[str, Callable[[], None]]:
    """What looks after each source that is measured here, to be run in a thread, by its name.

    Raises:
        UsageError: RIS Live is to be followed, and no contact is given.
    """
    threads: dict[str, Callable[[], None]] = {}
    for source in chosen:
        if source.name == "bgp":
            threads[source.name] = _routes(measuring, source).run
        elif source.name == "probe":
            threads[source.name] = partial(watch_probing, _probing(measuring))
    return threads


def _probing(measuring: Measuring) -> WatchedProbing:
    return WatchedProbing(
        store=measuring.store,
        entities=measuring.entities,
        clock=measuring.clock,
        stopped=measuring.stopped,
        changed=measuring.changed,
        told=measuring.told,
        log=measuring.log,
        name=measuring.name,
    )


def _routes(measuring: Measuring, source: SourceSettings) -> WatchedRoutes:
    return WatchedRoutes(
        job=_job(measuring, source),
        entities=measuring.entities,
        clock=measuring.clock,
        stopped=measuring.stopped,
        changed=measuring.changed,
        told=measuring.told,
        log=measuring.log,
        name=measuring.name,
    )


def _job(measuring: Measuring, source: SourceSettings) -> RoutesJob:
    contact = os.environ.get(CONTACT, "").strip()
    if source.collectors and not contact:
        raise UsageError(
            "RIS Live wants to know who listens.",
            f"Say contact in [watch], or set {CONTACT}, to a mail address or a page of yours.",
        )
    return RoutesJob(
        store=measuring.store.place,
        contact=contact,
        ris=source.collectors,
        bmp=None if source.bmp is None else listening_address(source.bmp),
        step=source.step_seconds,
        entities=tuple(measuring.entities),
        with_operators=measuring.with_operators,
        ris_live=source.address or os.environ.get("ZICHT_RIS_LIVE", "").strip() or URL,
        archive=source.archive or os.environ.get("ZICHT_RIS", "").strip() or None,
        clock=measuring.clock,
    )
