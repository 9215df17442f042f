"""Bins of live routes: into the store, with the health of what saw them."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from zicht.model.health import Sickness
from zicht.model.signal import Origin
from zicht.model.time import MICROSECONDS, from_microseconds
from zicht.observe.routes_visibility import fact_of, seen_before
from zicht.sources.bgp.collectors import PROJECTS
from zicht.sources.bgp.series import Entities, observations
from zicht.sources.bgp.signals import SIGNALS, VISIBLE_24, on_step
from zicht.store.faults import StoreAwayError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Sequence
    from datetime import datetime

    import pyarrow as pa

    from zicht.sources.bgp.follow import Watch
    from zicht.sources.bgp.series import Bin
    from zicht.sources.bgp.visibility import Reading
    from zicht.store import Store

_LONGEST_WAIT = 86_400  # seconds of bins
_OWN = "the router operator's own data"


class LiveBins:
    """Writes bins into the store as they come.

    Args:
        store: where they go.
        places: texts of entities, as readings count them.
        step: length of a bin in seconds.
        only: the entities that are wanted; all where it is ``None``.
        origin: where the routes come from.
        now: gives the time.
        tell: told when bins have to wait.
    """

    def __init__(
        self,
        store: Store,
        places: Sequence[str],
        step: int,
        only: Container[str] | None,
        origin: Origin,
        *,
        now: Callable[[], datetime],
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._step = step
        self._signals = [on_step(signal, step) for signal in SIGNALS]
        self._origin = origin
        self._now = now
        seen = seen_before(store, step)
        self._entities = Entities(places, step, only=only, seen=seen)
        self._told: set[str] = set()  # whose facts are stored
        self._sick: dict[str, Sickness] = {}  # by signal, as long as it lasts
        self._waiting: deque[tuple[pa.Table, datetime]] = deque(maxlen=_LONGEST_WAIT // step)
        self._changed: list[Sickness] = []  # that wait to be stored
        self._tell = tell

    def write(self, reading: Reading, watch: Watch, faults: tuple[str, str] = ("", "")) -> Bin:
        """Store what a reading tells; nothing where it cannot be, and then the signal is sick.

        Args:
            reading: the tables at the end of the bin.
            watch: who could vote.
            faults: what canaries say against the routes of IPv4 and of IPv6; empty where nothing.

        Where an object store cannot be reached bins wait for the next one, those of a day at most.

        Raises:
            StoreError: the disk is full or fails.
        """
        reasons = [
            _too_few(voters, needed) or fault
            for voters, needed, fault in zip(watch.voters, watch.needed, faults, strict=True)
        ]
        believed = [
            0 if reason else voters for voters, reason in zip(watch.voters, reasons, strict=True)
        ]
        one = self._entities.bin(replace(reading, voters=(believed[0], believed[1])))
        table = observations([one], self._step)
        now = self._now()
        if table.num_rows:
            self._waiting.append((table, now))
        self._changed += self._changed_health(one.time, reasons)
        try:
            self._store_waiting()
        except StoreAwayError as error:
            self._tell(f"{error.message} Bins that wait to be stored: {len(self._waiting)}.")
        return one

    def close(self) -> None:
        """Store what waits, and how long sicknesses that still last have lasted.

        Raises:
            StoreError: the store failed; what waited is lost.
        """
        self._changed += self._sick.values()
        self._sick.clear()
        self._store_waiting()

    def _store_waiting(self) -> None:
        while self._waiting:
            table, known_at = self._waiting[0]
            names = set(table["entity"].unique().to_pylist())
            self._store.append(
                table,
                signals=self._signals,
                origin=self._origin,
                entities=[fact_of(name) for name in sorted(names - self._told)],
                known_at=known_at,
            )
            self._told |= names
            self._waiting.popleft()
        if self._changed:
            self._store.write_detection(
                outages=(), events=(), sicknesses=self._changed, known_at=self._now()
            )
            self._changed = []

    def _changed_health(self, begin: int, reasons: Sequence[str]) -> list[Sickness]:
        """A sickness is stored when it begins, and as a whole when it has ended."""
        changed = []
        end = from_microseconds(begin + self._step * MICROSECONDS)
        for base, signal in zip(SIGNALS, self._signals, strict=True):
            family = 0 if base is VISIBLE_24 else 1
            before = self._sick.get(signal.name)
            if reasons[family]:
                self._sick[signal.name] = Sickness(
                    signal=signal.name,
                    start=from_microseconds(begin) if before is None else before.start,
                    end=end,
                    reason=reasons[family],
                )
                if before is None:
                    changed.append(self._sick[signal.name])
            elif before is not None:
                changed.append(self._sick.pop(signal.name))
        return changed


def _too_few(voters: int, needed: int) -> str:
    if voters >= needed:
        return ""
    return f"only {voters} peer ASes can vote; fewer than {needed} say nothing about the world"


def origin_of(
    collectors: Collection[str], routers: str | None, *, simulated: bool = False
) -> Origin:
    """Where live routes come from: RIS Live's collectors, and the address that routers come to."""
    ris = PROJECTS["ris"]
    parts = [("ris-live", ris.licence, ris.citation)] if collectors else []
    parts += [("bmp", _OWN, _OWN)] if routers else []
    name = ", ".join([*sorted(collectors), *([f"bmp at {routers}"] if routers else [])])
    licence, citation = ("; ".join(part[i] for part in parts) for i in (1, 2))
    said = ("bgp live", name, licence, citation, simulated)
    return Origin(
        id=hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:16],
        source="bgp",
        name=name,
        sha256="",
        licence=licence,
        citation=citation,
        simulated=simulated,
    )
