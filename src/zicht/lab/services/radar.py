"""Cloudflare Radar's API speaking of a world: ``/client/v4/radar/…``; it wants a token.

From a recorded answer (retyped by hand): the envelope and the annotations. From the public
documentation (https://developers.cloudflare.com/api/resources/radar/): a series is ``serie_0`` with
``timestamps`` and ``values`` in words; ``meta`` states the interval and how values are normalised:
traffic as parts of the largest in the same answer, quality in its own unit.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import numpy as np

from zicht.lab.services.answers import RefusedError, instant, iso, json, whole_number
from zicht.lab.services.radar_outages import outages
from zicht.lab.services.radar_values import QUALITY, TRAFFIC
from zicht.lab.services.telling import Told, When, coarser

if TYPE_CHECKING:
    from collections.abc import Callable

    from zicht.lab.serve.faults import Answer
    from zicht.lab.serve.http import Request
    from zicht.lab.services.telling import Quantity, Teller

TOKEN = "made-by-the-lab"  # noqa: S105 - no secret
"""The only token that is accepted."""

_ROOT = ["client", "v4", "radar"]
_INTERVALS = {
    "15m": ("FIFTEEN_MINUTES", 900),
    "1h": ("ONE_HOUR", 3600),
    "1d": ("ONE_DAY", 86_400),
    "1w": ("ONE_WEEK", 604_800),
}
_RANGE = re.compile(r"([1-9][0-9]{0,2})([dw])")
_FORBIDDEN, _NO_TOKEN, _WRONG = 9109, 10000, 1001
_DIGITS = 6


def radar(teller: Teller) -> Callable[[Request, datetime], Answer]:
    """What answers for Cloudflare Radar."""

    def answer(request: Request, now: datetime) -> Answer:
        if (refusal := _refusal(request)) is not None:
            return refusal
        words = [word for word in request.path.split("/") if word]
        if words[:3] != _ROOT:
            return _error(HTTPStatus.NOT_FOUND, 7000, "No route for that URI")
        try:
            match words[3:]:
                case ["netflows", "timeseries"]:
                    return _traffic(teller, request, now)
                case ["quality", "iqi", "timeseries_groups"]:
                    return _quality(teller, request, now)
                case ["annotations", "outages"]:
                    return _annotations(teller, request, now)
        except RefusedError as refused:
            return _error(HTTPStatus.BAD_REQUEST, _WRONG, str(refused))
        return _error(HTTPStatus.NOT_FOUND, 7000, "No route for that URI")

    return answer


def _refusal(request: Request) -> Answer | None:
    kind, _, token = (request.header("authorization") or "").partition(" ")
    if kind.lower() != "bearer" or not token:
        return _error(HTTPStatus.UNAUTHORIZED, _NO_TOKEN, "Authentication error")
    if token.strip() != TOKEN:
        return _error(HTTPStatus.FORBIDDEN, _FORBIDDEN, "Invalid access token")
    return None


def _error(code: HTTPStatus, number: int, message: str) -> Answer:
    errors = [{"code": number, "message": message}]
    return json({"success": False, "errors": errors, "messages": [], "result": None}, code)


def _said(result: dict[str, Any]) -> Answer:
    return json({"success": True, "errors": [], "messages": [], "result": result})


def _traffic(teller: Teller, request: Request, now: datetime) -> Answer:
    interval, when = _asked(request, now)
    told = _told(teller, TRAFFIC, request, interval, when)
    times, values = _usable(told)
    largest = values.max(initial=0.0)
    words = [f"{value / largest if largest else 0.0:.{_DIGITS}f}" for value in values.tolist()]
    serie = {"timestamps": [iso(time) for time in times.tolist()], "values": words}
    return _said({"meta": _meta(interval, when, "MIN0_MAX"), "serie_0": serie})


def _quality(teller: Teller, request: Request, now: datetime) -> Answer:
    interval, when = _asked(request, now)
    metric = (request.asked("metric") or "").upper()
    if metric not in QUALITY:
        raise RefusedError("metric must be one of BANDWIDTH, DNS, LATENCY")
    quantiles = [_told(teller, one, request, interval, when) for one in QUALITY[metric]]
    times, _ = _usable(quantiles[1])
    wanted = np.isin(quantiles[1].times, times)
    serie: dict[str, list[str]] = {"timestamps": [iso(time) for time in times.tolist()]}
    for name, told in zip(("p25", "p50", "p75"), quantiles, strict=True):
        serie[name] = [f"{value:.{_DIGITS}f}" for value in told.values[wanted].tolist()]
    return _said({"meta": _meta(interval, when, "PERCENTAGE"), "serie_0": serie})


def _annotations(teller: Teller, request: Request, now: datetime) -> Answer:
    _, when = _asked(request, now)
    location, asn = request.asked("location"), request.asked("asn")
    found = [
        one
        for one in outages(teller.world, now)
        if (location is None or location in one["locations"])
        and (asn is None or (asn.isdecimal() and int(asn) in one["asns"]))
        and when.begin <= datetime.fromisoformat(one["startDate"]).timestamp() < when.end
    ]
    limit, offset = whole_number(request, "limit", 5), whole_number(request, "offset", 0)
    return _said({"annotations": found[max(offset, 0) :][: max(limit, 0)]})


def _asked(request: Request, now: datetime) -> tuple[str, When]:
    """The interval and the time that are asked for; a week until now if nothing is said."""
    begin, end = instant(request, "dateStart"), instant(request, "dateEnd")
    text = request.asked("dateRange") or "7d"
    match = _RANGE.fullmatch(text)
    if match is None:
        raise RefusedError(f"dateRange {text} is not supported")
    length = timedelta(days=int(match[1]) * (7 if match[2] == "w" else 1))
    end = min(now if end is None else end, now)
    begin = end - length if begin is None else begin
    interval = request.asked("aggInterval") or _usual(end - begin)
    if interval not in _INTERVALS:
        raise RefusedError(f"aggInterval {interval} is not one of 15m, 1h, 1d, 1w")
    if begin >= end:
        raise RefusedError("dateStart must be before dateEnd")
    return interval, When(int(begin.timestamp()), int(end.timestamp()), now)


def _usual(length: timedelta) -> str:
    if length <= timedelta(days=2):
        return "15m"
    return "1h" if length <= timedelta(weeks=4) else "1d"


def _told(teller: Teller, quantity: Quantity, request: Request, interval: str, when: When) -> Told:
    location, asn = request.asked("location"), request.asked("asn")
    if location is None and asn is None:
        raise RefusedError("the lab tells of no whole world: give location or asn")
    entity = f"country/{location.upper()}" if location is not None else f"asn/{asn}"
    rows = teller.world.parts_of(entity).tolist()
    several = location is None and any(teller.world.parts[row].operator.several for row in rows)
    if not rows or several:
        raise RefusedError(f"{entity.replace('/', ' ')} is not known")
    step = _INTERVALS[interval][1]
    begin = when.begin // step * step
    told = teller.told(quantity, entity, when._replace(begin=begin))
    return coarser(told, step) if step != quantity.step else told


def _usable(told: Told) -> tuple[Any, Any]:
    usable = told.present & ~np.isnan(told.values)
    return told.times[usable], told.values[usable]


def _meta(interval: str, when: When, normalisation: str) -> dict[str, Any]:
    return {
        "aggInterval": _INTERVALS[interval][0],
        "confidenceInfo": {"annotations": [], "level": 5},
        "dateRange": [{"startTime": iso(when.begin), "endTime": iso(when.end)}],
        "lastUpdated": iso(when.now.astimezone(UTC).timestamp()),
        "normalization": normalisation,
        "units": [{"name": "*", "value": "bytes" if normalisation == "MIN0_MAX" else "various"}],
    }
