"""A store with events, and channels, on a clock that is moved by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from zicht.model.outage import Event, Source
from zicht.observe.alert_delivering import deliver_alerts
from zicht.observe.alerts import note_alerts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.model.alert import Alert
    from zicht.store import Store

START = datetime(2030, 3, 7, 9, tzinfo=UTC)
KEY = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def by(*signals: str) -> tuple[Source, ...]:
    return tuple(Source(signal=one, licence="", citation="") for one in signals)


def event(country: str = "KZ", *, seen_at: float = 1, **changes: Any) -> Event:
    fields: dict[str, Any] = {
        "id": f"{country}-20300307",
        "entity": f"country/{country}",
        "event_class": "total",
        "onset": (START, START),
        "end": None,
        "ongoing": True,
        "depth_percent": 4.0,
        "depth_signal": "bgp.visible24",
        "phases": (),
        "outages": (),
        "operators": (),
        "restorations": (),
        "recurrences": 0,
        "shutdown_likelihood": None,
        "sources": by("bgp.visible24", "probe.up24"),
        "as_of": at(seen_at),
        "level": "alert",
        "belief": 0.97,
    }
    return Event(**(fields | changes))


class World:
    """A store, the channel, and a clock that is moved by hand."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.told: list[Alert] = []

    def see(self, *events: Event, hours: float) -> None:
        self.store.write_detection(outages=(), events=events, sicknesses=(), known_at=at(hours))

    def tell(
        self, channels: Sequence[Any], hours: float, *, unsettled: Sequence[str] = ()
    ) -> list[Alert]:
        """Make what is due and send it, as each run of the command does."""
        note_alerts(self.store, channels, now=at(hours), unsettled=unsettled)
        return deliver_alerts(self.store, channels, now=at(hours))
