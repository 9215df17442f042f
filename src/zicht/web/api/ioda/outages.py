"""Outages as IODA gives them: events, alerts and summaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from zicht.publish.codf import CodfRecord, codf_records
from zicht.publish.language import language
from zicht.publish.wording import entity_name
from zicht.web.api.common import terms_of_events
from zicht.web.api.ioda.asking import Asked, RefusedError, envelope
from zicht.web.api.ioda.entities import chosen, described, in_their_words
from zicht.web.api.ioda.signals import datasource_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from zicht.model.outage import Event, Outage
    from zicht.web.desk import Desk
    from zicht.web.view import View

_ORDERS = ("time", "score", "name")


def list_events(desk: Desk, asked: Asked) -> dict[str, Any]:
    """``/outages/events``: a record for each outage in each data source."""
    view = desk.view()
    begin, end = asked.period()
    form = asked.text("format") or "codf"
    if form not in {"codf", "ioda"}:
        raise RefusedError(f"invalid format {form} (must be one of the following ['codf', 'ioda'])")
    events = _touching(view, begin, end)
    records = _ordered(_records(view, events, asked), asked, "time/asc")
    page = asked.page(records, first=0)
    if form == "codf":
        data = [msgspec.to_builtins(_in_their_words(one)) for one in page]
    else:
        alerts = asked.flag("includeAlerts")
        data = [_as_ioda(view, one, with_alerts=alerts) for one in page]
    return envelope(
        "outages.events",
        asked,
        data,
        now=desk.now(),
        sources=terms_of_events(events),
        simulated=any(one.simulated for one in page),
    )


def list_alerts(desk: Desk, asked: Asked) -> dict[str, Any]:
    """``/outages/alerts``: when each outage was found, and when it was over."""
    view = desk.view()
    begin, end = asked.period()
    wanted = set(chosen(view, asked))
    source = asked.text("datasource")
    events = _touching(view, begin, end)
    members = {name for event in events for name in event.outages}
    found = [
        alert
        for name in members
        if (one := view.outages.get(name)) is not None and one.entity in wanted
        if source in {None, datasource_of(one.signal, view.signals)[0]}
        for alert in _alerts(view, one)
        if begin.timestamp() <= alert["time"] < end.timestamp()
    ]
    found.sort(key=lambda alert: (alert["time"], alert["datasource"], alert["entity"]["code"]))
    return envelope(
        "outages.alerts",
        asked,
        asked.page(found, first=0),
        now=desk.now(),
        sources=terms_of_events(events),
        simulated=any(one.simulated for one in events),
    )


def list_summaries(desk: Desk, asked: Asked) -> dict[str, Any]:
    """``/outages/summary``: of each entity the scores of its outages added up."""
    view = desk.view()
    events = _touching(view, *asked.period())
    scores: dict[str, dict[str, float]] = {}
    counts: dict[str, int] = {}
    for one in _records(view, events, asked):
        own = scores.setdefault(one.location, {"overall": 0.0})
        own["overall"] += one.score
        own[one.datasource] = own.get(one.datasource, 0.0) + one.score
        counts[one.location] = counts.get(one.location, 0) + 1
    found: list[dict[str, Any]] = [
        {"scores": own, "entity": described(view, text), "event_cnt": counts[text]}
        for text, own in scores.items()
    ]
    found.sort(key=lambda one: one["scores"]["overall"], reverse=True)
    return envelope(
        "outages.summary",
        asked,
        asked.page(found, first=0),
        now=desk.now(),
        sources=terms_of_events(events),
        simulated=any(one.simulated for one in events),
    )


def _touching(view: View, begin: datetime, end: datetime) -> list[Event]:
    """The events of a time, but for blocks of services: there they would pass for outages."""
    return [
        one
        for one in view.events
        if one.event_class != "platform-block"
        and one.onset[0] < end
        and (one.end is None or one.end[1] >= begin)
    ]


def _records(view: View, events: Sequence[Event], asked: Asked) -> list[CodfRecord]:
    """The records of the outages that are asked for; their locations are in our words."""
    begin, end = asked.period()
    wanted = set(chosen(view, asked))
    source = asked.text("datasource")
    records = codf_records(
        events,
        [one for one in view.outages.values() if not one.retracted and one.entity in wanted],
        lambda entity: entity_name(language("en"), entity, view.facts),
        start=begin,
        until=end,
    )
    named = [
        msgspec.structs.replace(one, datasource=datasource_of(_signal(view, one), view.signals)[0])
        for one in records
        if one.start < end.timestamp() and one.start + one.duration >= begin.timestamp()
    ]
    found = [one for one in named if source in {None, one.datasource}]
    return _merged(found) if asked.flag("overall") else found


def _signal(view: View, record: CodfRecord) -> str:
    theirs = f"ioda.{record.datasource}"
    return theirs if theirs in view.signals else record.datasource


def _merged(records: Iterable[CodfRecord]) -> list[CodfRecord]:
    """The records of one event and entity as one, their scores added up."""
    groups: dict[tuple[str, str], list[CodfRecord]] = {}
    for one in records:
        groups.setdefault((one.event, one.location), []).append(one)
    merged = []
    for group in groups.values():
        first = min(group, key=lambda one: one.start)
        end = max(one.start + one.duration for one in group)
        merged.append(
            msgspec.structs.replace(
                first,
                duration=end - first.start,
                datasource="overall",
                score=round(sum(one.score for one in group), 2),
                overlaps_window=any(one.overlaps_window for one in group),
            )
        )
    return merged


def _ordered(records: list[CodfRecord], asked: Asked, default: str) -> list[CodfRecord]:
    attribute, _, direction = (asked.text("orderBy") or default).partition("/")
    if attribute not in _ORDERS:
        raise RefusedError("orderBy attribute must be in ['time', 'score', 'name']")
    if direction not in {"", "asc", "desc"}:
        raise RefusedError("orderBy order must be asc or desc")
    keys: dict[str, Any] = {
        "time": lambda one: (one.start, one.location, one.datasource),
        "score": lambda one: (one.score, one.location, one.datasource),
        "name": lambda one: (one.location_name, one.start, one.datasource),
    }
    return sorted(records, key=keys[attribute], reverse=direction == "desc")


def _in_their_words(record: CodfRecord) -> CodfRecord:
    return msgspec.structs.replace(record, location="/".join(in_their_words(record.location)))


def _as_ioda(view: View, record: CodfRecord, *, with_alerts: bool) -> dict[str, Any]:
    told = {
        "entity": described(view, record.location),
        "from": record.start,
        "until": record.start + record.duration,
        "datasource": record.datasource,
        "method": record.method,
        "score": record.score,
        "overlapsWindow": record.overlaps_window,
        "simulated": record.simulated,
        "event": record.event,
    }
    if with_alerts:
        own = [
            one
            for name in getattr(view.event(record.event), "outages", ())
            if (one := view.outages.get(name)) is not None and one.entity == record.location
        ]
        told["alerts"] = [alert for one in own for alert in _alerts(view, one)]
    return told


def _alerts(view: View, outage: Outage) -> list[dict[str, Any]]:
    """When it was found and when it was over; values are in percent of ordinary."""
    about = {
        "datasource": datasource_of(outage.signal, view.signals)[0],
        "entity": described(view, outage.entity),
        "method": "zicht",
        "historyValue": 100,
        "simulated": outage.simulated,
    }
    found = [
        about
        | {
            "time": int(outage.alerted_at.timestamp()),
            "level": "critical",
            "condition": "below ordinary",
            "value": round(outage.depth_percent, 1),
        }
    ]
    if outage.end is not None:
        end = int(outage.end[1].timestamp())
        found.append(
            about | {"time": end, "level": "normal", "condition": "ordinary", "value": 100}
        )
    return found
