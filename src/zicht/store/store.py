"""The store: what was observed and what was found, with every revision of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pyarrow as pa

from zicht.errors import InputError, NotFoundError, StoreError, UsageError
from zicht.model.series import to_series
from zicht.store import kinds
from zicht.store.bins import same_as_before
from zicht.store.faults import writing
from zicht.store.holdings import read_holdings
from zicht.store.incoming import prepare
from zicht.store.lock import locked
from zicht.store.log import ConflictError
from zicht.store.readings_table import ReadingsTable
from zicht.store.scan import Engine
from zicht.store.selection import Selection
from zicht.store.series_table import SeriesTable
from zicht.store.tables import RecordTable
from zicht.store.upkeep import Upkeep

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from zicht.model.alert import Alert
    from zicht.model.entity import EntityFact
    from zicht.model.health import Sickness
    from zicht.model.outage import Event, Outage
    from zicht.model.series import Series
    from zicht.model.sighting import Sighting
    from zicht.model.signal import Origin, Signal
    from zicht.store.holdings import Holding
    from zicht.store.records import Stored
    from zicht.store.revisions import Appended
    from zicht.store.tables import Table

_ATTEMPTS = 100

_ResultT = TypeVar("_ResultT")


class Store:
    """A store; open one with ``open_store``. Several threads and processes may use it at once.

    Attributes:
        path: its folder.
        tables: its tables.
        write_lock: the file whose lock a writer holds.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        engine = Engine()
        self._signals = RecordTable(path, kinds.SIGNALS, engine)
        self._origins = RecordTable(path, kinds.ORIGINS, engine)
        self._entities = RecordTable(path, kinds.ENTITIES, engine)
        self._outages = RecordTable(path, kinds.OUTAGES, engine)
        self._events = RecordTable(path, kinds.EVENTS, engine)
        self._health = RecordTable(path, kinds.HEALTH, engine)
        self._sightings = RecordTable(path, kinds.SIGHTINGS, engine)
        self._alerts = RecordTable(path, kinds.ALERTS, engine)
        self._series = SeriesTable(path, engine)
        self._readings = ReadingsTable(path, engine)
        self.tables: tuple[Table, ...] = (
            self._signals,
            self._origins,
            self._entities,
            self._outages,
            self._events,
            self._health,
            self._sightings,
            self._alerts,
            self._readings,
            self._series,
        )
        self.write_lock = path / ".write.lock"
        self._upkeep = Upkeep(path, self.tables, engine, self.write_lock)

    def append(
        self,
        observations: pa.Table,
        *,
        signals: Iterable[Signal],
        origin: Origin,
        entities: Iterable[EntityFact] = (),
        known_at: datetime,
    ) -> Appended:
        """Store observations in one atomic commit.

        A row that says what is stored already is not written again; one that says something else
        of a stored bin becomes a higher revision of it. A null says that the source has no value:
        it is stored only where it takes a value back.

        Args:
            observations: a table with the columns of ``zicht.model.series.OBSERVATIONS``, in any
                order of rows; NaN counts as null.
            signals: the specs of the signals in it that are not stored yet or have changed.
            origin: where the observations came from.
            entities: what the source says about entities; what it leaves open stays as it was.
            known_at: when the observations were known, usually now.

        Raises:
            InputError: rows are wrong, contradict each other, or are of a signal without a spec; a
                signal's step has changed.
            StoreError: the disk is full or fails; nothing of this append was stored.
        """
        _check_zone(known_at, "known_at")
        table = prepare(observations)
        signals = list(signals)
        appended = self._write(
            lambda: self._append(table, signals, origin, list(entities), known_at)
        )
        self._upkeep.run_beside()
        return appended

    def _append(
        self,
        table: pa.Table,
        signals: list[Signal],
        origin: Origin,
        entities: list[EntityFact],
        known_at: datetime,
    ) -> Appended:
        self._check_signals(table, signals)
        self._signals.write(signals, known_at=known_at)
        self._origins.write([origin], known_at=known_at)
        before = self._entities.newest()
        merged = [
            kinds.merge_facts(before[fact.entity].record, fact) if fact.entity in before else fact
            for fact in entities
        ]
        self._entities.write(merged, known_at=known_at)
        return self._series.append(table, origin=origin.id, known_at=known_at)

    def _check_signals(self, table: pa.Table, signals: list[Signal]) -> None:
        stored = self.signals()
        for signal in signals:
            before = stored.get(signal.name)
            if before is not None and before.step != signal.step:
                raise InputError(
                    f"The signal {signal.name} has a step of {signal.step} s and is stored with"
                    f" one of {before.step} s.",
                    "Give the signal with another step another name.",
                )
        known = stored.keys() | {signal.name for signal in signals}
        for name in table["signal"].unique().to_pylist():
            if name not in known:
                raise InputError(
                    f"The signal {name!r} has no spec.", "Give its spec with the observations."
                )

    def signals(self) -> dict[str, Signal]:
        """The specs of the stored signals, by name."""
        return {name: stored.record for name, stored in self._signals.newest().items()}

    def origins(self) -> dict[str, Origin]:
        """Where stored values came from, by the id that the rows name."""
        return {name: stored.record for name, stored in self._origins.newest().items()}

    def entities(self) -> dict[str, EntityFact]:
        """What the sources say about entities, by the entity's text."""
        return {name: stored.record for name, stored in self._entities.newest().items()}

    def keys(self) -> list[tuple[str, str]]:
        """The signal and the entity of every stored series, sorted."""
        return self._series.keys()

    @property
    def version(self) -> int:
        """A number that is another one whenever observations were stored, by any process."""
        return self._series.log.snapshot().version

    def added_since(self, version: int) -> tuple[int, pa.Table | None]:
        """What was stored since a version, by any process, without reading what was there before.

        Args:
            version: what ``version`` said, or this method before.

        Returns:
            the version now, and the added rows, of each bin the newest, with the schema
            ``zicht.model.series.SERIES`` and sorted as ``table`` has them. In place of the rows
            ``None``, where that cannot be told any more: the log reaches back an hour and more.

        Raises:
            StoreError: a file is broken.
        """
        now = self.version
        if version > now:
            return now, None
        return now, self._series.added(version, now)

    def rows(self) -> int:
        """How many rows of series are stored, earlier revisions included."""
        return sum(max(one.rows, 0) for one in self._series.log.snapshot().files.values())

    def holdings(self) -> list[Holding]:
        """How much is stored of each signal, and how fresh it is, sorted by signal."""
        return read_holdings(self._series)

    def read(
        self,
        signal: str,
        entity: str,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        as_of: datetime | None = None,
    ) -> Series:
        """The newest revisions of one series, on the signal's grid.

        Args:
            signal: the signal's name.
            entity: the entity's text.
            start: only bins that begin at or after it.
            end: only bins that begin before it.
            as_of: what was known at that time, else now.

        Returns:
            the series, of length 0 where nothing is stored.

        Raises:
            NotFoundError: the store has no such signal.
        """
        spec = self.signals().get(signal)
        if spec is None:
            raise NotFoundError(
                f"The store has no signal {signal!r}.", "`zicht status` shows what it has."
            )
        found = self.read_all(
            signals=[signal], entities=[entity], start=start, end=end, as_of=as_of
        )
        nothing = np.empty(0, np.int64)
        return found[0] if found else to_series(spec, entity, nothing, np.empty(0), np.empty(0))

    def read_all(
        self,
        *,
        signals: Collection[str] | None = None,
        entities: Collection[str] | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        as_of: datetime | None = None,
    ) -> list[Series]:
        """The newest revisions of several series, sorted by signal and entity; see ``read``."""
        rows = self.table(signals=signals, entities=entities, start=start, end=end, as_of=as_of)
        return series_of(rows, self.signals(), self.origins())

    def table(
        self,
        *,
        signals: Collection[str] | None = None,
        entities: Collection[str] | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        as_of: datetime | None = None,
    ) -> pa.Table:
        """The newest revisions as rows with the schema ``zicht.model.series.SERIES``.

        They are sorted by signal, entity and time. A null value takes an earlier one back.
        """
        for name, instant in (("start", start), ("end", end), ("as_of", as_of)):
            if instant is not None:
                _check_zone(instant, name)
        return self._series.select(Selection(signals, entities, start, end, as_of))

    def append_readings(self, readings: pa.Table) -> None:
        """Store what a vantage point of probing saw, in one atomic commit.

        Args:
            readings: a table with the schema ``zicht.model.reading.READINGS``. Of readings of the
                same minute by the same vantage point the one known last counts.

        Raises:
            StoreError: the disk is full or fails; nothing of this was stored.
        """
        self._write(lambda: self._readings.append(readings))
        self._upkeep.run_beside()

    def readings(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        as_of: datetime | None = None,
    ) -> pa.Table:
        """What vantage points of probing saw in a time, with the schema of ``append_readings``."""
        for name, instant in (("start", start), ("end", end), ("as_of", as_of)):
            if instant is not None:
                _check_zone(instant, name)
        return self._readings.select(start, end, as_of)

    def readings_version(self) -> int:
        """A number that is another one once anybody has stored readings."""
        return self._readings.version()

    def last_readings(self) -> dict[str, datetime]:
        """The begin of the last minute that is stored of each vantage point of probing."""
        return self._readings.last_minutes()

    def revisions(self, entities: Collection[str]) -> pa.Table:
        """Every revision of every value of some entities, with the schema of ``table``."""
        return self._series.select_revisions(Selection(entities=entities))

    def write_detection(
        self,
        *,
        outages: Iterable[Outage],
        events: Iterable[Event],
        sicknesses: Iterable[Sickness],
        known_at: datetime,
    ) -> None:
        """Store what detection found; what is stored so already is not written again.

        The store counts the revisions: a record that differs from its newest stored one in more
        than ``revision`` and ``as_of`` becomes the next. A sickness replaces the stored ones of its
        signal that it overlaps.

        Raises:
            StoreError: the disk is full or fails; run it again.
        """
        _check_zone(known_at, "known_at")
        outages, events, sicknesses = list(outages), list(events), list(sicknesses)

        def write() -> None:
            self._outages.write(outages, known_at=known_at)
            self._events.write(events, known_at=known_at)
            replaced = _overlapped(self.sicknesses(), sicknesses)
            self._health.write(sicknesses, withdrawn=replaced, known_at=known_at)

        self._write(write)
        self._upkeep.run_beside()

    def write_health(
        self,
        sicknesses: Iterable[Sickness],
        *,
        withdrawn: Iterable[Sickness] = (),
        known_at: datetime,
    ) -> None:
        """Store stretches in which signals could not see, and take others back.

        Raises:
            StoreError: the disk is full or fails; run it again.
        """
        _check_zone(known_at, "known_at")
        sicknesses, withdrawn = list(sicknesses), list(withdrawn)
        self._write(lambda: self._health.write(sicknesses, withdrawn=withdrawn, known_at=known_at))
        self._upkeep.run_beside()

    def outages(
        self, *, as_of: datetime | None = None, with_retracted: bool = False
    ) -> list[Outage]:
        """The newest revision of each outage, by onset; as known at ``as_of``, else now."""
        found = self._outages.newest(as_of).values()
        kept = [one.record for one in found if with_retracted or not one.retracted]
        return sorted(kept, key=lambda outage: (outage.onset, outage.id))

    def events(self, *, as_of: datetime | None = None, with_retracted: bool = False) -> list[Event]:
        """The newest revision of each event, by onset; as known at ``as_of``, else now."""
        found = self._events.newest(as_of).values()
        kept = [one.record for one in found if with_retracted or not one.retracted]
        return sorted(kept, key=lambda event: (event.onset, event.id))

    def outage_revisions(self, ids: Collection[str]) -> list[Stored[Outage]]:
        """Every revision of some outages, sorted by id and revision."""
        return [one for one in self._outages.rows() if one.id in ids]

    def event_revisions(self, event_id: str) -> list[Stored[Event]]:
        """Every revision of an event, the first one first; none where there is no such event."""
        return [one for one in self._events.rows() if one.id == event_id]

    def sicknesses(self, *, as_of: datetime | None = None) -> list[Sickness]:
        """Stretches in which signals could not see, by signal and start."""
        found = self._health.newest(as_of).values()
        kept = [one.record for one in found if not one.retracted]
        return sorted(kept, key=lambda sickness: (sickness.signal, sickness.start))

    def write_sightings(
        self,
        sightings: Iterable[Sighting],
        *,
        withdrawn: Iterable[Sighting] = (),
        known_at: datetime,
    ) -> None:
        """Store what other observatories say they saw; what is stored so already is not again.

        Args:
            sightings: what they say.
            withdrawn: stored ones that they do not say any more; they are kept, as retracted.
            known_at: when it was known.

        Raises:
            StoreError: the disk is full or fails; run it again.
        """
        _check_zone(known_at, "known_at")
        said, gone = list(sightings), list(withdrawn)
        if said or gone:
            self._write(lambda: self._sightings.write(said, withdrawn=gone, known_at=known_at))

    def sightings(self, *, as_of: datetime | None = None) -> list[Sighting]:
        """What other observatories say they saw, by start; as known at ``as_of``, else now."""
        if not self._sightings.log.exists():  # a store of before there were any
            return []
        found = self._sightings.newest(as_of).values()
        kept = [one.record for one in found if not one.retracted]
        return sorted(kept, key=lambda sighting: (sighting.start, sighting.id))

    def write_alerts(self, alerts: Iterable[Alert], *, known_at: datetime) -> None:
        """Store alerts, or their new states; what is stored so already is not written again.

        Raises:
            StoreError: the disk is full or fails.
        """
        _check_zone(known_at, "known_at")
        alerts = list(alerts)
        self._write(lambda: self._alerts.write(alerts, known_at=known_at))

    def alerts(self) -> list[Alert]:
        """Every alert in its newest state, by the time at which it was made."""
        if not self._alerts.log.exists():  # the store is older than alerts are
            return []
        found = [one.record for one in self._alerts.newest().values()]
        return sorted(found, key=lambda alert: (alert.made_at, alert.id))

    def maintain(self) -> None:
        """Merge files, write checkpoints, and clean up; it also happens by itself.

        Raises:
            StoreError: the disk is full or fails, or a file is broken.
        """
        self._upkeep.run()

    def _write(self, write: Callable[[], _ResultT]) -> _ResultT:
        with writing(self.path):
            for _ in range(_ATTEMPTS):
                with locked(self.write_lock):
                    try:
                        return write()
                    except ConflictError:
                        continue  # a writer that does not know the lock; look at its rows
        raise StoreError(
            f"Others write to the store at {self.path} all the time.", "Run this again."
        )


def _check_zone(instant: datetime, name: str) -> None:
    if instant.tzinfo is None:
        raise UsageError(f"{name} ({instant}) has no time zone.", "Give it with one, best in UTC.")


def series_of(
    rows: pa.Table, specs: Mapping[str, Signal], origins: Mapping[str, Origin]
) -> list[Series]:
    """Lay rows, one a bin and sorted as ``Store.table`` gives them, on their signals' grids.

    Args:
        rows: with the schema ``zicht.model.series.SERIES``.
        specs: the signals by name.
        origins: where values came from, by the id that rows name.
    """
    if not rows.num_rows:
        return []
    begins = np.flatnonzero(~same_as_before(rows, ("signal", "entity")))
    ends = np.append(begins[1:], rows.num_rows)
    return [
        _one_series(rows.slice(begin, end - begin), specs, origins)
        for begin, end in zip(begins, ends, strict=True)
    ]


def _one_series(
    rows: pa.Table, specs: Mapping[str, Signal], origins: Mapping[str, Origin]
) -> Series:
    return to_series(
        specs[rows["signal"][0].as_py()],
        rows["entity"][0].as_py(),
        rows["time"].cast(pa.int64()).to_numpy(),
        _floats(rows["value"]),
        _floats(rows["samples"]),
        tuple(origins[name] for name in sorted(rows["origin"].unique().to_pylist())),
    )


def _floats(column: pa.ChunkedArray) -> np.typing.NDArray[np.float64]:
    """float64[n] with NaN for null."""
    floats: np.typing.NDArray[np.float64] = column.cast(pa.float64(), safe=False).to_numpy()
    return floats


def _overlapped(stored: list[Sickness], given: list[Sickness]) -> list[Sickness]:
    kept = {(sickness.signal, sickness.start) for sickness in given}
    return [
        old
        for old in stored
        if (old.signal, old.start) not in kept
        and any(
            new.signal == old.signal and new.start < old.end and old.start < new.end
            for new in given
        )
    ]
