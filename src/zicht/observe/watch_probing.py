"""Probing as a source of a watch: what probers of other processes write, looked at as it comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import ZichtError
from zicht.model.reading import CONTROL
from zicht.observe.watch_state import LOCAL, Canary, SourceState, read_state, write_state
from zicht.sources.probe.canaries import look_at_controls
from zicht.sources.probe.signals import MINUTE

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    import pyarrow as pa

    from zicht.observe.watch_clock import Clock
    from zicht.observe.watch_log import Log
    from zicht.sources.probe.canaries import Controls
    from zicht.store import Store

SOURCE = "probe"

_LOOK = 2.0  # seconds between two looks; minutes are joined some seconds after they are read
_LOOK_ELSEWHERE = 10.0  # likewise, where each look is some requests to an object store
_RECENT = timedelta(minutes=5)  # readings that tell how probing fares


@dataclass(frozen=True, kw_only=True)
class WatchedProbing:
    """Probing that is watched.

    Attributes:
        store: where probers write.
        entities: texts of the entities that are watched.
        clock: the time.
        stopped: set from outside to end it.
        changed: told which entities have new values.
        told: given how the source fares, after each change of it.
        log: where it says what it does.
        name: the name of the watch.
    """

    store: Store
    entities: Sequence[str]
    clock: Clock
    stopped: threading.Event
    changed: Callable[[Collection[str]], None]
    told: Callable[[SourceState], None]
    log: Log
    name: str = LOCAL


def watch_probing(watched: WatchedProbing) -> None:
    """Look at what probers write until stopped; where none ever did nothing is said."""
    read, stored = -1, _version(watched)
    state = _known(watched)
    entities: set[str] = set()
    look = _LOOK_ELSEWHERE if watched.store.lake.shared else _LOOK
    while not watched.clock.wait(max(look, 0.2 * watched.clock.speed), watched.stopped):
        try:
            version = watched.store.readings_version()
            if version != read:
                now = watched.clock.now()
                readings = watched.store.readings(start=now - _RECENT)
                if readings.num_rows:
                    entities = set(readings["entity"].unique().to_pylist()) - {CONTROL}
                    state = state_after(state, readings, watched.entities, now)
                    _keep(watched, state)
                else:
                    entities = set()
                read = version
            version = watched.store.version
            if entities and version != stored:
                watched.changed(entities)
            stored = version
        except ZichtError as error:
            watched.log.warning("round failed", source=SOURCE, fault=str(error))
            if watched.clock.wait(float(MINUTE), watched.stopped):
                return


def state_after(
    before: SourceState | None, readings: pa.Table, watched: Sequence[str], now: datetime
) -> SourceState:
    """How probing fares, told by its readings of the last minutes.

    Args:
        before: how it fared.
        readings: with the schema ``zicht.model.reading.READINGS``; there are some.
        watched: texts of the entities that are watched.
        now: the time.
    """
    told = set(readings["entity"].unique().to_pylist())
    asked = told | set(() if before is None else before.asked_of)
    asked_of = tuple(sorted(asked.intersection(watched)))
    last = max(readings["time"].to_pylist())
    controls = look_at_controls(readings)
    canary = Canary(
        what="control blocks", right=controls.up, wrong=controls.down, fault=fault_of(controls)
    )
    return SourceState(
        source=SOURCE,
        state="ok",
        written_at=now,
        asked_of=asked_of,
        seen=len(told.intersection(asked_of)),
        until=last + timedelta(seconds=MINUTE),
        last=last,
        cadence=float(MINUTE),
        live=True,
        canary=canary,
    )


def fault_of(controls: Controls) -> str:
    """Why probing is held to be sick; empty where a vantage point is well, or nothing is known."""
    if controls.well or not controls.sick:
        return ""
    return f"control blocks in other countries do not answer {', '.join(controls.sick)} either"


def _version(watched: WatchedProbing) -> int:
    try:
        return watched.store.version
    except ZichtError:
        return -1  # the store is away: everything is news when it is back


def _known(watched: WatchedProbing) -> SourceState | None:
    try:
        return read_state(watched.store.lake, SOURCE, watched.name)
    except ZichtError:
        return None  # the store is away; what is read next tells


def _keep(watched: WatchedProbing, state: SourceState) -> None:
    watched.told(state)
    try:
        write_state(watched.store.lake, msgspec.structs.replace(state, watch=watched.name))
    except ZichtError as error:
        watched.log.warning("state not kept", source=SOURCE, fault=str(error))
