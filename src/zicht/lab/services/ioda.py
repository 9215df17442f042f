"""IODA's API, version 2, speaking of a world: ``/v2/…``.

From recorded answers: the envelope (``type``, ``metadata``, ``requestParameters``, ``error``,
``perf``, ``data``, ``copyright``), a series' keys, and an event in the format ``codf``. From the
API's public documentation (https://api.ioda.inetintel.cc.gatech.edu/v2/): which paths and
parameters there are, entities, data sources, alerts, and that ``maxPoints`` makes coarser steps.
Several entities of one type may be asked for at once, their codes between commas.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import numpy as np

from zicht.lab.services import ioda_values as values
from zicht.lab.services.answers import RefusedError, json, whole_number
from zicht.lab.services.ioda_entities import entities_of, in_our_words, is_in
from zicht.lab.services.ioda_outages import alerts_of, as_events, scores_of
from zicht.lab.services.telling import When

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from zicht.lab.serve.faults import Answer
    from zicht.lab.serve.http import Request
    from zicht.lab.services.ioda_outages import Alert
    from zicht.lab.services.telling import Quantity, Teller

_SOURCES: tuple[tuple[str, str, str, tuple[Quantity, ...]], ...] = (
    ("gtr", "Google", "Normalized", (values.SEARCH, values.VIDEO)),
    ("merit-nt", "Telescope", "Unique Source IPs", (values.MERIT,)),
    ("bgp", "BGP", "Visible /24s", (values.BGP,)),
    ("ping-slash24", "Active Probing", "Up /24s", (values.PING,)),
    ("mozilla", "Mozilla", "Cities", (values.MOZILLA,)),
)
_PRODUCTS = {"gtr": "WEB_SEARCH", "gtr/youtube": "YOUTUBE"}
_OF_COUNTRIES_ALONE = {"gtr", "mozilla"}
_COPYRIGHT = "This data is Copyright (c) of the lab: made, and no measurement."
_PARAMETERS = {
    "signals": ("from", "until", "datasource", "sourceParams", "maxPoints"),
    "outages.alerts": ("from", "until", "datasource", "limit", "page"),
    "outages.events": ("from", "until", "datasource", "includeAlerts", "format", "limit", "page"),
}
"""What is repeated of a request, null where it was not asked."""
_MOST_POINTS = 100_000


def ioda(teller: Teller) -> Callable[[Request, datetime], Answer]:
    """What answers for IODA."""
    return _Ioda(teller).answer


class _Ioda:
    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.entities = list(entities_of(teller.world))
        self.by_name = {(one["type"], one["code"]): one for one in self.entities}

    def answer(self, request: Request, now: datetime) -> Answer:
        words = [word for word in request.path.split("/") if word]
        try:
            match words:
                case ["v2", "datasources"]:
                    return self._say("datasources", request, now, _datasources())
                case ["v2", "datasources", name]:
                    found = [one for one in _datasources() if one["datasource"] == name]
                    return self._say("datasources", request, now, found)
                case ["v2", "entities", "query", *rest]:
                    return self._say("entities", request, now, self._query(request, rest))
                case ["v2", "signals", "raw", kind, codes]:
                    return self._signals(request, now, kind, codes)
                case ["v2", "signals", "events", kind, code]:
                    return self._scores(request, now, kind, code)
                case ["v2", "outages", "alerts" | "events" as what, *rest]:
                    return self._outages(request, now, what, rest)
        except RefusedError as refused:
            return self._say("error", request, now, None, str(refused))
        return json({"error": f"No route found for GET {request.path}"}, HTTPStatus.NOT_FOUND)

    def _say(
        self, kind: str, request: Request, now: datetime, data: Any, error: str | None = None
    ) -> Answer:
        time = now.replace(microsecond=0).isoformat()
        body = {
            "type": kind,
            "metadata": {"requestTime": time, "responseTime": time},
            "requestParameters": dict.fromkeys(_PARAMETERS.get(kind, ()))
            | {name: int(word) if word.isdecimal() else word for name, word in request.query},
            "error": error,
            "perf": None,
            "data": data,
            "copyright": _COPYRIGHT,
        }
        return json(body, HTTPStatus.OK if error is None else HTTPStatus.BAD_REQUEST)

    def _query(self, request: Request, rest: list[str]) -> list[dict[str, Any]]:
        """Entities by type, codes, relation and a word of the name, page by page."""
        kind = request.asked("entityType") or (rest[0] if rest else None)
        codes = request.asked("entityCode") or (rest[1] if len(rest) > 1 else None)
        related = request.asked("relatedTo")
        word = (request.asked("search") or "").lower()
        wanted = None if codes is None else set(codes.split(","))
        found = [
            one
            for one in self.entities
            if kind in {None, one["type"]}
            and (wanted is None or one["code"] in wanted)
            and (related is None or is_in(one, related))
            and word in one["name"].lower()
        ]
        return _page(found, request, first=1)

    def _signals(self, request: Request, now: datetime, kind: str, codes: str) -> Answer:
        when = _when(request, now)
        points = whole_number(request, "maxPoints", _MOST_POINTS)
        wanted = request.asked("datasource")
        known = [name for name, *_ in _SOURCES]
        if wanted is not None and wanted not in known:
            raise RefusedError(
                f"invalid datasource {wanted} (must be one of the following [{', '.join(known)}])"
            )
        data = []
        for code in codes.split(","):
            one = self._entity(kind, code)
            data.append(
                [
                    self._series(one, name, quantity, when, points)
                    for name, _, _, quantities in _SOURCES
                    for quantity in quantities
                    if wanted in {None, name} and _has(kind, name)
                ]
            )
        return self._say("signals", request, now, data)

    def _series(
        self, one: dict[str, Any], name: str, quantity: Quantity, when: When, points: int
    ) -> dict[str, Any]:
        told = self.teller.told(quantity, in_our_words(one), when)
        length = len(told.times)
        while length and not told.present[length - 1]:
            length -= 1  # what is not told yet is no null
        series = told.values_or_none()[:length]
        step, first = quantity.step, -(-when.begin // quantity.step) * quantity.step
        if points > 0 and length > points:
            step, first, series = _coarser(series, first, step, points)
        return {
            "entityType": one["type"],
            "entityCode": one["code"],
            "entityName": one["name"],
            "entityFqid": one["attrs"]["fqid"],
            "datasource": name,
            "subtype": _PRODUCTS.get(quantity.name, ""),
            "from": first,
            "until": first + step * len(series),
            "step": step,
            "nativeStep": quantity.step,
            "values": [_number(value) for value in series],
        }

    def _scores(self, request: Request, now: datetime, kind: str, code: str) -> Answer:
        when = _when(request, now)
        one = self._entity(kind, code)
        alerts = self._alerts([one], None, when)
        step = values.BGP.step
        times = range(-(-when.begin // step) * step, when.end, step)
        series = {
            "entityType": kind,
            "entityCode": code,
            "entityName": one["name"],
            "entityFqid": one["attrs"]["fqid"],
            "datasource": "outages",
            "subtype": "",
            "from": times.start,
            "until": times.start + step * len(times),
            "step": step,
            "nativeStep": step,
            "values": scores_of(alerts, times),
        }
        return self._say("signals", request, now, [[series]])

    def _outages(self, request: Request, now: datetime, what: str, rest: list[str]) -> Answer:
        when = _when(request, now)
        kind = request.asked("entityType") or (rest[0] if rest else None)
        codes = request.asked("entityCode") or (rest[1] if len(rest) > 1 else None)
        if kind is not None and codes is not None:
            asked = [self._entity(kind, code) for code in codes.split(",")]
        else:
            related = request.asked("relatedTo")
            asked = [
                one
                for one in self._suspects()
                if kind in {None, one["type"]} and (related is None or is_in(one, related))
            ]
        alerts = self._alerts(asked, request.asked("datasource"), when)
        if what == "alerts":
            said = [alert.as_answer() for alert in alerts]
        else:
            form = request.asked("format") or "codf"
            with_alerts = request.asked("includeAlerts") == "true"
            said = as_events(alerts, when.end, codf=form == "codf", with_alerts=with_alerts)
        return self._say(f"outages.{what}", request, now, _page(said, request, first=0))

    def _alerts(
        self, entities: Sequence[dict[str, Any]], datasource: str | None, when: When
    ) -> list[Alert]:
        found = [
            alert
            for one in entities
            for quantity in (values.BGP, values.PING, values.MERIT)
            if datasource in {None, quantity.name}
            for alert in alerts_of(self.teller, quantity, one, in_our_words(one), when)
        ]
        return sorted(found, key=lambda alert: (alert.time, alert.datasource, str(alert.entity)))

    def _suspects(self) -> list[dict[str, Any]]:
        """Who may have an alert: the countries, and others to whom something happens."""
        world = self.teller.world
        touched = {text for row in world.touched() for text in world.parts[row].entities()}
        return [
            one for one in self.entities if one["type"] == "country" or in_our_words(one) in touched
        ]

    def _entity(self, kind: str, code: str) -> dict[str, Any]:
        if (kind, code) not in self.by_name:
            raise RefusedError("cannot find corresponding metadata entity")
        return self.by_name[kind, code]


def _when(request: Request, now: datetime) -> When:
    begin, end = whole_number(request, "from"), whole_number(request, "until")
    if begin > end:
        raise RefusedError(f"from ({begin}) must be earlier than until ({end})")
    return When(begin, min(end, int(now.timestamp())), now)


def _datasources() -> list[dict[str, str]]:
    return [{"datasource": key, "name": name, "units": units} for key, name, units, _ in _SOURCES]


def _has(kind: str, datasource: str) -> bool:
    return kind == "country" or datasource not in _OF_COUNTRIES_ALONE


def _coarser(
    series: list[float | None], first: int, step: int, points: int
) -> tuple[int, int, list[float | None]]:
    """Means over so many bins that no more than ``points`` are left."""
    width = -(-len(series) // points)
    skipped = -(first // step) % width
    rows = [series[at : at + width] for at in range(skipped, len(series) - width + 1, width)]
    known = [[value for value in row if value is not None] for row in rows]
    means = [float(np.mean(row)) if row else None for row in known]
    return step * width, first + step * skipped, means


def _number(value: float | None) -> float | int | None:
    return int(value) if value is not None and value == int(value) else value


def _page(found: list[dict[str, Any]], request: Request, *, first: int) -> list[dict[str, Any]]:
    limit = whole_number(request, "limit", 0)
    page = whole_number(request, "page", first) - first
    return found[page * limit : (page + 1) * limit] if limit > 0 and page >= 0 else found
