"""Small events for the tests of explanations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from zicht.model.outage import Event, Operator, Phase, Restoration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.model.outage import EventClass, Interval

NOON = datetime(2030, 3, 7, 12, 0, tzinfo=UTC)
_SHARP = timedelta(minutes=2)


def about(time: datetime, width: timedelta = _SHARP) -> Interval:
    return time - width / 2, time + width / 2


def operator(number: int, kind: str, onset: datetime, end: datetime | None = None) -> Operator:
    return Operator(
        entity=f"asn/{number}",
        name=f"Operator {number}",
        kind=kind,
        onset=about(onset),
        end=None if end is None else about(end),
        depth_percent=3.0,
        signal="probe.up24",
    )


def event(
    onset: datetime = NOON,
    end: datetime | None = None,
    *,
    windows: Sequence[tuple[datetime, datetime]] = (),
    operators: Sequence[Operator] = (),
    event_class: EventClass = "data-plane",
    country: str = "KZ",
    name: str = "one",
    width: timedelta = _SHARP,
) -> Event:
    return Event(
        id=name,
        entity=f"country/{country}",
        event_class=event_class,
        onset=about(onset, width),
        end=None if end is None else about(end, width),
        ongoing=end is None,
        depth_percent=3.0,
        depth_signal="probe.up24",
        phases=(Phase(start=onset, end=end, event_class=event_class),),
        outages=(),
        operators=tuple(operators),
        restorations=tuple(
            Restoration(start=start, end=stop, signal="probe.up24", connectivity_percent=70.0)
            for start, stop in windows
        ),
        recurrences=len(windows),
        shutdown_likelihood=None,
        sources=(),
        as_of=end or onset + timedelta(hours=1),
    )
