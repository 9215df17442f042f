"""What a watch remembers of each source, in small files of the store: how far it came, its faults.

``watch/NAME/SOURCE.json`` lies in the store, so that every host can tell how all sources fare. One
file a source and a watch, written anew after each round and whole or not at all. It says no more
than the store has: a kill between a commit and the file makes the next round ask for the same
again, which stores nothing twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

import msgspec

from zicht.store.faults import writing

if TYPE_CHECKING:
    from zicht.store.lake import Lake

FOLDER = "watch"
LOCAL = "local"
"""The name of a watch of a store in a folder, unless it is given another."""

_SUFFIX = ".json"

State = Literal["warming up", "ok", "fault", "needs token"]


class Feeds(msgspec.Struct, frozen=True, kw_only=True):
    """Who tells of routes.

    Attributes:
        collectors: how each fares: ``known``; ``waiting`` for its tables; ``lost``.
        peers: routers of which there is a table.
        voters: how many ASes could vote, of the family that has fewer.
        silent: routers that say nothing for longer than is their habit.
        down: those whose session is down.
        stale: those of which statements are missing.
    """

    collectors: dict[str, str] = {}
    peers: int = 0
    voters: int = 0
    silent: int = 0
    down: int = 0
    stale: int = 0


class Canary(msgspec.Struct, frozen=True, kw_only=True):
    """What must look as is known beforehand, and how it looks.

    Attributes:
        what: ``beacons`` of routes, or ``control blocks`` of probing.
        right: how many look as they must.
        wrong: how many do not.
        undecided: how many tell nothing at the moment.
        fault: why the source is held to be sick; empty where it is not.
    """

    what: Literal["beacons", "control blocks"]
    right: int
    wrong: int
    undecided: int = 0
    fault: str = ""


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """How a source fares.

    Attributes:
        source: its name.
        watch: the name of the watch that asks it.
        state: ``warming up`` until its first round is whole, ``fault`` while it cannot be asked,
            ``needs token`` when it is not asked for want of one.
        written_at: when this was written.
        asked_of: texts of the entities that it is asked of.
        seen: how many of them the last round told something of.
        until: the time up to which everything was asked for and stored, if anything was.
        last: the begin of the newest bin with a value, if there is any.
        cadence: seconds between two rounds.
        settling: seconds for which bins are held back after their end.
        faults: how many rounds in a row failed.
        fault: what was wrong with the last one, in words.
        fault_since: since when.
        live: it is measured here, and there is something new with every round.
        feeds: who tells of routes.
        canary: how what is known beforehand looks.
    """

    source: str
    watch: str = LOCAL
    state: State = "warming up"
    written_at: datetime
    asked_of: tuple[str, ...] = ()
    seen: int = 0
    until: datetime | None = None
    last: datetime | None = None
    cadence: float = 0.0
    settling: float = 0.0
    faults: int = 0
    fault: str | None = None
    fault_since: datetime | None = None
    live: bool = False
    feeds: Feeds | None = None
    canary: Canary | None = None


def write_state(lake: Lake, state: SourceState) -> None:
    """Keep how a source fares.

    Raises:
        StoreError: the disk is full or fails, or the object store cannot be reached.
    """
    with writing(lake.host):
        lake.put(
            _name_of(state.watch, state.source),
            msgspec.json.format(msgspec.json.encode(state), indent=2),
        )


def read_state(lake: Lake, source: str, watch: str = LOCAL) -> SourceState | None:
    """How a source of a watch fared last; ``None`` where nothing is known, or that is damaged.

    Raises:
        StoreError: the object store cannot be reached.
    """
    return _read(lake, _name_of(watch, source))


def read_states(lake: Lake) -> list[SourceState]:
    """How all sources fared that are or were watched, by the name of the source and the watch.

    Raises:
        StoreError: the object store cannot be reached.
    """
    names = [name for name in lake.names(FOLDER) if name.endswith(_SUFFIX)]
    found = [one for one in (_read(lake, name) for name in names) if one is not None]
    return sorted(found, key=lambda one: (one.source, one.watch))


def _name_of(watch: str, source: str) -> str:
    return f"{FOLDER}/{watch}/{source}{_SUFFIX}"


def _read(lake: Lake, name: str) -> SourceState | None:
    try:
        data = lake.read(name)
        return None if data is None else msgspec.json.decode(data, type=SourceState)
    except (OSError, msgspec.MsgspecError):
        return None
