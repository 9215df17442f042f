"""Events in the Common Outage Data Format, as IODA's API gives them (``/v2/outages/events``).

One record tells of one outage in one data source, as at IODA; an event of ours gives as many
records as it has outages. Source: the documentation of IODA's API (``format=codf``), which
refers to ISI-TR-729, *Common Outage Data Format*.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from zicht.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from zicht.model.outage import Event, Outage

_DOWN = 0
_IODA = "ioda."


class CodfRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One outage in one data source.

    Attributes:
        location: the entity's text.
        start: the earliest onset, seconds since 1970 UTC.
        duration: seconds from there to the latest end, or to the last data while there is no end.
        uncertainty: seconds between the earliest and the latest onset.
        method: always ``zicht``.
        datasource: the signal; IODA's own signals have IODA's names (``bgp``, ``ping-slash24``).
        status: always 0, down.
        fraction: always null: which share of a place is out is not what we measure.
        score: the percent lost at the worst times the minutes that it lasted. It orders our own
            records and cannot be compared with IODA's scores.
        location_name: the entity's name.
        overlaps_window: the outage reaches over an end of the period asked for, or has no end.
        simulated: the data are of the lab and no measurement. Not in IODA's records.
        event: the event that it belongs to. Not in IODA's records.
        shutdown_likelihood: how many times better an ordered shutdown explains the event than a
            fault, after its end where it has one, else at its onset; null is unknown. Not in IODA's
            records.
    """

    location: str
    start: int
    duration: int
    uncertainty: int
    method: str
    datasource: str
    status: int
    fraction: float | None
    score: float
    location_name: str
    overlaps_window: bool
    simulated: bool
    event: str
    shutdown_likelihood: float | None = None


def codf_records(
    events: Sequence[Event],
    outages: Sequence[Outage],
    name_of: Callable[[str], str],
    *,
    start: datetime | None = None,
    until: datetime | None = None,
) -> list[CodfRecord]:
    """The outages of events as records; ``start`` and ``until`` are the period asked for."""
    by_id = {outage.id: outage for outage in outages}
    return [
        _record(event, by_id[one], name_of, start, until)
        for event in events
        for one in event.outages
        if one in by_id
    ]


def _record(
    event: Event,
    outage: Outage,
    name_of: Callable[[str], str],
    start: datetime | None,
    until: datetime | None,
) -> CodfRecord:
    begin = outage.onset[0]
    end = outage.end[1] if outage.end else max(event.as_of, begin)
    minutes = (end - begin) / timedelta(minutes=1)
    over = (start is not None and begin < start) or (until is not None and end > until)
    return CodfRecord(
        location=outage.entity,
        start=int(begin.timestamp()),
        duration=int((end - begin).total_seconds()),
        uncertainty=int((outage.onset[1] - begin).total_seconds()),
        method="zicht",
        datasource=outage.signal.removeprefix(_IODA),
        status=_DOWN,
        fraction=None,
        score=round(max(100 - outage.depth_percent, 0.0) * minutes, 2),
        location_name=name_of(outage.entity),
        overlaps_window=over or outage.end is None,
        simulated=outage.simulated,
        event=event.id,
        shutdown_likelihood=_likelihood(event),
    )


def _likelihood(event: Event) -> float | None:
    told = event.shutdown_likelihood
    if told is None:
        return None
    return told.at_onset if told.after_end is None else told.after_end


def codf_envelope(
    records: Sequence[CodfRecord],
    events: Sequence[Event],
    *,
    start: datetime | None = None,
    until: datetime | None = None,
) -> dict[str, Any]:
    """The records in the envelope of IODA's answers; ``metadata`` tells licences and citations."""
    sources = {
        source.signal: {"licence": source.licence, "citation": source.citation}
        for event in events
        for source in event.sources
    }
    return {
        "type": "outages.events",
        "metadata": {
            "generator": f"Zicht {__version__}",
            "simulated": any(record.simulated for record in records),
            "sources": dict(sorted(sources.items())),
        },
        "requestParameters": {
            "from": int(start.timestamp()) if start else None,
            "until": int(until.timestamp()) if until else None,
            "format": "codf",
        },
        "error": None,
        "perf": None,
        "data": [msgspec.to_builtins(record) for record in records],
    }
