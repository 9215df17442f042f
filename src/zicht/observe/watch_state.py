"""What a watch remembers of each source in small files of the store: how far it came, its faults.

One file a source, written anew after each round and whole or not at all. It says no more than the
store has: a kill between a commit and the file makes the next round ask for the same again, which
stores nothing twice.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import msgspec

from zicht.store.faults import writing

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "watch"
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


def write_state(store: Path, state: SourceState) -> None:
    """Keep how a source fares.

    Raises:
        StoreError: the disk is full or fails.
    """
    folder = store / FOLDER
    with writing(folder):
        folder.mkdir(exist_ok=True)
        new = folder / f"{state.source}.new"
        with new.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(state), indent=2))
            file.flush()
            os.fsync(file.fileno())
        new.replace(folder / f"{state.source}{_SUFFIX}")


def read_state(store: Path, source: str) -> SourceState | None:
    """How a source fared last; ``None`` where nothing is known, or the file is damaged."""
    try:
        data = (store / FOLDER / f"{source}{_SUFFIX}").read_bytes()
        return msgspec.json.decode(data, type=SourceState)
    except (OSError, msgspec.MsgspecError):
        return None


def read_states(store: Path) -> list[SourceState]:
    """How all sources fared that are or were watched, by name."""
    names = sorted(file.stem for file in (store / FOLDER).glob(f"*{_SUFFIX}"))
    found = (read_state(store, name) for name in names)
    return [one for one in found if one is not None]
