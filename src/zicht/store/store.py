"""The store: what was observed and what was found, with every revision of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.errors import InputError, NotFoundError
from zicht.model.series import to_series
from zicht.store import kinds
from zicht.store.findings import Findings
from zicht.store.holdings import read_holdings
from zicht.store.incoming import prepare
from zicht.store.laying import series_of
from zicht.store.selection import Selection
from zicht.store.store_tables import check_zone

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime

    import pyarrow as pa

    from zicht.model.entity import EntityFact
    from zicht.model.series import Series
    from zicht.model.signal import Origin, Signal
    from zicht.store.holdings import Holding
    from zicht.store.revisions import Appended


class Store(Findings):
    """A store; open one with ``open_store``. Many threads, processes and hosts may use it at once.

    Attributes:
        lake: where its tables lie.
        path: the folder of what this host keeps for itself; of a store in a folder, the folder.
        address: how people name it.
        tables: its tables.
        write_lock: the file whose lock a writer of this host holds.
    """

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
        check_zone(known_at, "known_at")
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
        with self.held_still():
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
        # The records are looked at after the rows, since writers store them before.
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
                check_zone(instant, name)
        return self._series.select(Selection(signals, entities, start, end, as_of))

    def days(self, entity: str, *, as_of: datetime | None = None) -> list[date]:
        """The days, by UTC, of which any value of an entity is stored, sorted.

        A value that was taken back later counts too: that day was watched.
        """
        if as_of is not None:
            check_zone(as_of, "as_of")
        return self._series.days(Selection(entities=[entity], as_of=as_of))

    def basis(
        self, *, start: datetime | None = None, end: datetime | None = None
    ) -> tuple[frozenset[str], tuple[int, ...]]:
        """What the values of a time and all that was found rest on.

        It is another one once values of that time may have been stored, or anything was found,
        told of an entity or retracted; files that were merged make it another one too.
        """
        files = Selection(start=start, end=end).files(self._series.log.snapshot().files.values())
        tables = (self._outages, self._events, self._health, self._entities, self._signals)
        return (
            frozenset(file.name for file in files),
            tuple(table.log.snapshot().version for table in tables),
        )

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
                check_zone(instant, name)
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
