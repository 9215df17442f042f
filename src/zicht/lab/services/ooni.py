"""OONI's API speaking of a world: ``/api/v1/aggregation`` and ``/api/v1/measurements``.

The keys of both answers are those of recorded ones. From the public documentation
(https://api.ooni.io/apidocs/): the axes ``axis_x`` and ``axis_y``, ``time_grain``, the filters,
CSV, and a row of totals where no axis is asked for.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from zicht.lab.serve.faults import Answer
from zicht.lab.services.answers import RefusedError, instant, json, whole_number
from zicht.lab.services.ooni_measurements import newest
from zicht.lab.services.ooni_values import TESTS, counts_of
from zicht.lab.services.telling import When

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from zicht.lab.serve.http import Request
    from zicht.lab.services.ooni_values import Test
    from zicht.lab.services.telling import Teller

_COUNTS = ("anomaly_count", "confirmed_count", "failure_count", "ok_count", "measurement_count")
_AXES = ("measurement_start_day", "probe_asn", "probe_cc", "test_name")

_LARGEST_PAGE = 1000


def ooni(teller: Teller) -> Callable[[Request, datetime], Answer]:
    """What answers for OONI."""

    def answer(request: Request, now: datetime) -> Answer:
        try:
            match request.path.rstrip("/"):
                case "/api/v1/aggregation":
                    return _aggregation(teller, request, now)
                case "/api/v1/measurements":
                    return _measurements(teller, request, now)
        except RefusedError as refused:
            return json({"error": str(refused), "v": 0}, HTTPStatus.BAD_REQUEST)
        return json({"error": "Not found"}, HTTPStatus.NOT_FOUND)

    return answer


def _aggregation(teller: Teller, request: Request, now: datetime) -> Answer:
    axes = [axis for axis in (request.asked("axis_x"), request.asked("axis_y")) if axis]
    for axis in axes:
        if axis not in _AXES:
            raise RefusedError(f"Invalid axis {axis}")
    if len(set(axes)) < len(axes):
        raise RefusedError("Axis X and Y cannot be the same")
    grain = request.asked("time_grain") or "day"
    if grain not in {"day", "hour", "auto"}:
        raise RefusedError(f"Invalid time_grain {grain}")
    unknown = {one.asn for one in teller.world.operators if one.several}
    groups: dict[tuple[Any, ...], list[int]] = {}
    rows = 0
    for test, country, asn, when, own in _counted(teller, request, now, hourly=grain == "hour"):
        named = {
            "measurement_start_day": when,
            "probe_asn": 0 if asn in unknown else asn,
            "probe_cc": country,
            "test_name": test.name,
        }
        total = groups.setdefault(tuple(named[axis] for axis in axes), [0] * len(_COUNTS))
        for place, count in enumerate((*own, sum(own))):
            total[place] += count
        rows += sum(own)
    found = [
        dict(zip((*_COUNTS, *axes), (*counts, *group), strict=True))
        for group, counts in sorted(groups.items())
        if counts[-1]
    ]
    if request.asked("format") == "CSV":
        return _csv(found, axes)
    stats = {"row_count": rows, "bytes": 40 * rows, "total_row_count": rows}
    body: dict[str, Any] = {
        "v": 0,
        "dimension_count": len(axes),
        "db_stats": {**stats, "elapsed_seconds": 0.05},
        "result": found if axes else (found or [dict.fromkeys(_COUNTS, 0)])[0],
    }
    return json(body)


def _csv(found: list[dict[str, Any]], axes: list[str]) -> Answer:
    names = sorted((*axes, *_COUNTS))
    lines = [",".join(names), *(",".join(str(row[name]) for name in names) for row in found)]
    return Answer(200, ("\r\n".join(lines) + "\r\n").encode(), (("Content-Type", "text/csv"),))


def _counted(
    teller: Teller, request: Request, now: datetime, *, hourly: bool
) -> Iterator[tuple[Test, str, int, str, tuple[int, int, int, int]]]:
    """Test, country, operator, time and counts (anomaly, confirmed, failure, ok) of each hour."""
    span = _span(request, now)
    for test, country, asn in _wanted(teller, request):
        counts = counts_of(teller, test, f"asn/{asn}/{country}", span)
        columns = (counts.anomaly, counts.confirmed, counts.failure, counts.ok)
        rows = zip(counts.times.tolist(), *(one.tolist() for one in columns), strict=True)
        for time, *own in rows:
            moment = datetime.fromtimestamp(time, UTC)
            text = f"{moment:%Y-%m-%dT%H:00:00Z}" if hourly else f"{moment:%Y-%m-%d}"
            yield test, country, asn, text, (own[0], own[1], own[2], own[3])


def _wanted(teller: Teller, request: Request) -> Iterator[tuple[Test, str, int]]:
    countries, asns, tests = (
        None if (text := request.asked(name)) is None else set(text.split(","))
        for name in ("probe_cc", "probe_asn", "test_name")
    )
    numbers = None if asns is None else {text.upper().removeprefix("AS") for text in asns}
    unknown = {one.asn for one in teller.world.operators if one.several}
    places = sorted({(part.country, part.operator.asn) for part in teller.world.parts})
    for country, asn in places:
        if countries is not None and country not in countries:
            continue
        if numbers is not None and str(0 if asn in unknown else asn) not in numbers:
            continue
        for test in TESTS:
            if tests is None or test.name in tests:
                yield test, country, asn


def _span(request: Request, now: datetime) -> When:
    since, until = instant(request, "since"), instant(request, "until")
    until = now if until is None else until
    since = until - timedelta(days=30) if since is None else since
    if since > until:
        raise RefusedError("since must be before until")
    return When(int(since.timestamp()), int(until.timestamp()), now)


def _measurements(teller: Teller, request: Request, now: datetime) -> Answer:
    """A page of measurements, the newest first; how many there are is not told, as OONI does."""
    limit = min(max(whole_number(request, "limit", 100), 0), _LARGEST_PAGE)
    offset = max(whole_number(request, "offset", 0), 0)
    span = _span(request, now)
    rows = newest(teller, list(_wanted(teller, request)), span, offset + limit + 1)
    more = len(rows) > offset + limit
    asked = {name: value for name, value in request.query if name != "offset"}
    host = request.header("host") or "localhost"
    following = urlencode({**asked, "offset": offset + limit})
    metadata = {
        "count": -1,
        "current_page": offset // limit + 1 if limit else 1,
        "limit": limit,
        "next_url": f"http://{host}{request.path}?{following}" if more else None,
        "offset": offset,
        "pages": -1,
        "query_time": 0.05,
    }
    return json({"metadata": metadata, "results": rows[offset : offset + limit]})
