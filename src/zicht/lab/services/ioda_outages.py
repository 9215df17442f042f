"""IODA's alerts and outage events, worked out from what it itself tells of a world.

The rule is that of IODA's help pages (https://ioda.inetintel.cc.gatech.edu/help): a value below a
share of the median of the time before it: of BGP 99 % of a day's, of active probing 80 % and of the
telescope 25 % of a week's. An event runs from an alert to the next that says ``normal``; its score
is the percent lost times the minutes, as IODA's own code adds it up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from zicht.lab.services.telling import Quantity, Teller, When

_DAY = 86_400
_RULES = {"bgp": (0.99, _DAY), "ping-slash24": (0.8, 7 * _DAY), "merit-nt": (0.25, 7 * _DAY)}
_LEAST = 10  # values without which there is no median


class Alert(NamedTuple):
    """A change of state.

    Attributes:
        datasource: of which data source.
        entity: of whom, as IODA's metadata have it.
        time: seconds since 1970.
        level: ``critical`` or ``normal``.
        condition: what the value was held against.
        value: it.
        history: the median that it was held against.
    """

    datasource: str
    entity: dict[str, Any]
    time: int
    level: str
    condition: str
    value: float
    history: float

    def as_answer(self) -> dict[str, Any]:
        """The alert as IODA's API tells it."""
        return {
            "datasource": self.datasource,
            "entity": self.entity,
            "time": self.time,
            "level": self.level,
            "condition": self.condition,
            "value": self.value,
            "historyValue": self.history,
            "method": "median",
        }


class _Event(NamedTuple):
    first: Alert
    end: int
    ongoing: bool
    score: float
    alerts: Sequence[Alert]


def alerts_of(
    teller: Teller, quantity: Quantity, entity: dict[str, Any], text: str, when: When
) -> Iterator[Alert]:
    """The alerts of an entity, ``text`` in our own words, as far as they are known now."""
    share, history = _RULES[quantity.name]
    told = teller.told(quantity, text, when._replace(begin=when.begin - history))
    usable = told.present & ~np.isnan(told.values)
    times, values = told.times[usable], told.values[usable]
    if len(values) < _LEAST or values.min() >= share * values.max():
        return  # nothing can be below the share of a median
    down = False
    for place in np.flatnonzero(times >= when.begin).tolist():
        first = int(np.searchsorted(times, times[place] - history))
        if place - first < _LEAST:
            continue
        median = float(np.median(values[first:place]))
        is_low = bool(values[place] < share * median)
        if is_low != down:
            down = is_low
            yield Alert(
                datasource=quantity.name,
                entity=entity,
                time=int(times[place]),
                level="critical" if is_low else "normal",
                condition=f"< {share}" if is_low else "normal",
                value=float(values[place]),
                history=median,
            )


def as_events(
    alerts: Iterable[Alert], end: int, *, codf: bool, with_alerts: bool
) -> list[dict[str, Any]]:
    """Events of alerts in order of time; those that go on at ``end`` say so."""
    found = sorted(_events(alerts, end), key=lambda event: event.first.time)
    return [_codf(event) if codf else _ioda(event, with_alerts=with_alerts) for event in found]


def scores_of(alerts: Sequence[Alert], times: range) -> list[float | None]:
    """How much is lost at each time, in percent, all data sources multiplied; null is nothing."""
    spans = [(one.first.time, one.end, _lost(one.first)) for one in _events(alerts, times.stop)]
    scores: list[float | None] = []
    for time in times:
        lost = [percent for begin, end, percent in spans if begin <= time < end]
        scores.append(float(np.prod(lost)) if lost else None)
    return scores


def _events(alerts: Iterable[Alert], end: int) -> Iterator[_Event]:
    going: dict[tuple[str, str, str], list[Alert]] = {}
    for alert in alerts:
        key = (alert.datasource, alert.entity["type"], alert.entity["code"])
        if alert.level != "normal":
            going.setdefault(key, []).append(alert)
        elif key in going:
            own = [*going.pop(key), alert]
            yield _Event(own[0], alert.time, False, _score(own, alert.time), own)  # noqa: FBT003
    for own in going.values():
        yield _Event(own[0], end, True, _score(own, end), own)  # noqa: FBT003


def _lost(alert: Alert) -> float:
    largest = max(alert.history, alert.value)
    return 100 * abs(alert.history - alert.value) / largest if largest else 0.0


def _score(alerts: Sequence[Alert], end: int) -> float:
    return _lost(alerts[0]) * (end - alerts[0].time) / 60


def _codf(event: _Event) -> dict[str, Any]:
    """An event in the common outage data format, as IODA writes it."""
    entity = event.first.entity
    return {
        "location": f"{entity['type']}/{entity['code']}",
        "start": event.first.time,
        "duration": event.end - event.first.time,
        "uncertainty": None,
        "method": "median",
        "datasource": event.first.datasource,
        "status": 0,
        "fraction": None,
        "score": event.score,
        "location_name": entity["name"],
        "overlaps_window": event.ongoing,
    }


def _ioda(event: _Event, *, with_alerts: bool) -> dict[str, Any]:
    said = {
        "entity": event.first.entity,
        "from": event.first.time,
        "until": event.end,
        "datasource": event.first.datasource,
        "score": event.score,
        "overlapsWindow": event.ongoing,
    }
    if with_alerts:
        said["alerts"] = [alert.as_answer() for alert in event.alerts]
    return said
