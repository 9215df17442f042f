"""Reading a view from the store."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from zicht.observe.facts import known_facts
from zicht.observe.standing import standing_now
from zicht.observe.watch_health import health
from zicht.observe.watch_state import FOLDER
from zicht.web.view import View

if TYPE_CHECKING:
    from datetime import datetime

    from zicht.model.status import Status
    from zicht.store import Store


_FEW = 400
"""Series whose state at a past time is worked out for a page; of more, only events are told."""


def version_of(store: Store) -> str:
    """A word that is another one whenever anything in the store is."""
    parts = [*map(str, store.versions()), store.lake.stamp(FOLDER)]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def read_view(
    store: Store, *, now: datetime, as_of: datetime | None = None, with_statuses: bool = False
) -> View:
    """What the store holds, and with ``with_statuses`` the state of every entity.

    The states at a past time are worked out where there are not too many.

    Raises:
        StoreError: the store cannot be read.
    """
    with store.held_still():  # each table is looked at once
        return _read(store, version_of(store), now, as_of, with_statuses=with_statuses)


def _read(
    store: Store, version: str, now: datetime, as_of: datetime | None, *, with_statuses: bool
) -> View:
    everything = store.events(as_of=as_of, with_retracted=True)
    seeing = health(store, at=now)
    keys = store.keys()
    statuses = _statuses(
        store, now, as_of, worked_out=with_statuses or (as_of is not None and len(keys) <= _FEW)
    )
    time = max((one.time for one in (statuses or {}).values()), default=None)
    if time is None:
        time = now if seeing.sources else max((one.as_of for one in everything), default=now)
    time = min(time, as_of) if as_of is not None else time
    events = sorted(
        (one for one in everything if not one.retracted), key=lambda one: one.onset, reverse=True
    )
    return View(
        key=f"{version}-{'states' if statuses is not None else 'events'}",
        as_of=as_of,
        time=time,
        entities=tuple(sorted({entity for _, entity in keys})),
        facts=known_facts(store),
        signals=store.signals(),
        events=tuple(events),
        retracted={one.id: one for one in everything if one.retracted},
        outages={one.id: one for one in store.outages(as_of=as_of, with_retracted=True)},
        sicknesses=tuple(store.sicknesses(as_of=as_of)),
        sightings=tuple(store.sightings(as_of=as_of)),
        health=seeing,
        statuses=statuses,
        simulated=any(one.simulated for one in events)
        or any(one.simulated for one in (statuses or {}).values()),
    )


def _statuses(
    store: Store, now: datetime, as_of: datetime | None, *, worked_out: bool
) -> dict[str, Status] | None:
    """The states of entities: as a watch keeps them, else worked out, else ``None``."""
    kept = standing_now(store, now=now) if as_of is None else None
    if kept is None and worked_out:
        from zicht.observe.status import status  # noqa: PLC0415 - loads Numba

        kept = status(store, as_of=as_of)
    return None if kept is None else {one.entity: one for one in kept}
