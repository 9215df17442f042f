"""Bins of live routes: into the store, with the health of what saw them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from zicht.model.health import Sickness
from zicht.model.signal import Origin
from zicht.model.time import MICROSECONDS, from_microseconds
from zicht.observe.routes_visibility import fact_of, seen_before
from zicht.sources.bgp.collectors import PROJECTS
from zicht.sources.bgp.series import Entities, observations
from zicht.sources.bgp.signals import SIGNALS, VISIBLE_24, on_step

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from zicht.sources.bgp.follow import Watch
    from zicht.sources.bgp.series import Bin
    from zicht.sources.bgp.visibility import Reading
    from zicht.store import Store

_OWN = "the router operator's own data"


class LiveBins:
    """Writes bins into the store as they come.

    Args:
        store: where they go.
        places: texts of entities, as readings count them.
        step: length of a bin in seconds.
        only: the entities that are wanted; all where there is none.
        origin: where the routes come from.
    """

    def __init__(
        self,
        store: Store,
        places: Sequence[str],
        step: int,
        only: Collection[str],
        origin: Origin,
    ) -> None:
        self._store = store
        self._step = step
        self._signals = [on_step(signal, step) for signal in SIGNALS]
        self._origin = origin
        seen = seen_before(store, step)
        self._entities = Entities(places, step, only=only or None, seen=seen)
        self._told: set[str] = set()  # whose facts are stored
        self._sick: dict[str, Sickness] = {}  # by signal, as long as it lasts

    def write(self, reading: Reading, watch: Watch) -> Bin:
        """Store what a reading tells; nothing where too few vote, and then the signal is sick.

        Raises:
            StoreError: the disk is full or fails.
        """
        believed = [
            voters if voters >= needed else 0
            for voters, needed in zip(watch.voters, watch.needed, strict=True)
        ]
        one = self._entities.bin(replace(reading, voters=(believed[0], believed[1])))
        table = observations([one], self._step)
        now = datetime.now(UTC)
        if table.num_rows:
            names = set(table["entity"].unique().to_pylist())
            self._store.append(
                table,
                signals=self._signals,
                origin=self._origin,
                entities=[fact_of(name) for name in sorted(names - self._told)],
                known_at=now,
            )
            self._told |= names
        self._note_health(one.time, watch, now)
        return one

    def close(self) -> None:
        """Store how long sicknesses that still last have lasted."""
        self._write_health(list(self._sick.values()), datetime.now(UTC))
        self._sick.clear()

    def _note_health(self, begin: int, watch: Watch, now: datetime) -> None:
        """A sickness is stored when it begins, and as a whole when it has ended."""
        changed = []
        end = from_microseconds(begin + self._step * MICROSECONDS)
        for base, signal in zip(SIGNALS, self._signals, strict=True):
            family = 0 if base is VISIBLE_24 else 1
            before = self._sick.get(signal.name)
            if watch.voters[family] < watch.needed[family]:
                self._sick[signal.name] = Sickness(
                    signal=signal.name,
                    start=from_microseconds(begin) if before is None else before.start,
                    end=end,
                    reason=f"only {watch.voters[family]} peer ASes can vote; fewer than"
                    f" {watch.needed[family]} say nothing about the world",
                )
                if before is None:
                    changed.append(self._sick[signal.name])
            elif before is not None:
                changed.append(self._sick.pop(signal.name))
        self._write_health(changed, now)

    def _write_health(self, sicknesses: Sequence[Sickness], now: datetime) -> None:
        if sicknesses:
            self._store.write_detection(outages=(), events=(), sicknesses=sicknesses, known_at=now)


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
