"""What was found and told, kept in the store: outages, events, health, sightings, alerts."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Literal

from zicht.store.store_tables import StoreTables, check_zone

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime
    from typing import Self

    from zicht.model.alert import Alert
    from zicht.model.health import Sickness
    from zicht.model.outage import Event, Outage
    from zicht.model.sighting import Sighting
    from zicht.store.records import Stored


class Findings(StoreTables):
    """The part of a store that keeps what was found and told."""

    _term: int | None = None

    def begin_term(self, term: int) -> None:
        """Begin a term of who finds and tells: nobody can write findings under an earlier one.

        Raises:
            FencedError: a later term has begun.
            StoreError: the store failed.
        """
        with self._telling():
            for table in (self._outages, self._events, self._health, self._alerts):
                table.log.begin_term(term)

    def fenced(self, term: int) -> Self:
        """The same store, that writes findings only as long as no later term has begun."""
        fenced = copy.copy(self)
        fenced._term = term  # noqa: SLF001 - of its own kind
        return fenced

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
            FencedError: a later term has begun (``fenced``).
            StoreError: the disk is full or fails; run it again.
        """
        check_zone(known_at, "known_at")
        outages, events, sicknesses = list(outages), list(events), list(sicknesses)

        def write() -> None:
            self._outages.write(outages, known_at=known_at, term=self._term)
            self._events.write(events, known_at=known_at, term=self._term)
            replaced = _overlapped(self.sicknesses(), sicknesses)
            self._health.write(sicknesses, withdrawn=replaced, known_at=known_at, term=self._term)

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
            FencedError: a later term has begun (``fenced``).
            StoreError: the disk is full or fails; run it again.
        """
        check_zone(known_at, "known_at")
        sicknesses, withdrawn = list(sicknesses), list(withdrawn)
        self._write(
            lambda: self._health.write(
                sicknesses, withdrawn=withdrawn, known_at=known_at, term=self._term
            )
        )
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

    def first_onsets(self, of: Literal["events", "outages"]) -> dict[str, datetime]:
        """The earliest onset of each as it was first stored, by id; no revision changes it."""
        if of == "events":
            return {one.id: one.record.onset[0] for one in reversed(self._events.rows())}
        return {one.id: one.record.onset[0] for one in reversed(self._outages.rows())}

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
            FencedError: a later term has begun (``fenced``).
            StoreError: the disk is full or fails; run it again.
        """
        check_zone(known_at, "known_at")
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
            FencedError: a later term has begun (``fenced``).
            StoreError: the disk is full or fails.
        """
        check_zone(known_at, "known_at")
        alerts = list(alerts)
        self._write(lambda: self._alerts.write(alerts, known_at=known_at, term=self._term))

    def change_alerts(
        self, change: Callable[[Mapping[str, Alert]], Iterable[Alert]], *, known_at: datetime
    ) -> list[Alert]:
        """Store what is made of the alerts as they are, while no other process changes any.

        Args:
            change: given every alert in its newest state by its id, gives those to store. It is
                called again where another process came between.
            known_at: when it was known.

        Returns:
            what ``change`` gave.

        Raises:
            FencedError: a later term has begun (``fenced``).
            StoreError: the disk is full or fails.
        """
        check_zone(known_at, "known_at")

        def write() -> list[Alert]:
            seen = self._alerts.log.snapshot()
            changed = list(change({one.id: one for one in self.alerts()}))
            self._alerts.write(changed, known_at=known_at, term=self._term, seen=seen)
            return changed

        return self._write(write)

    def alerts_version(self) -> int:
        """A number that is another one once any alert has changed, by any process."""
        return self._alerts.log.snapshot().version if self._alerts.log.exists() else -1

    def alerts(self) -> list[Alert]:
        """Every alert in its newest state, by the time at which it was made."""
        if not self._alerts.log.exists():  # the store is older than alerts are
            return []
        found = [one.record for one in self._alerts.newest().values()]
        return sorted(found, key=lambda alert: (alert.made_at, alert.id))


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
