"""RIPE Atlas' API, version 2, speaking of a world: ``/api/v2/…`` and the archive of probes.

From recorded answers: a probe's keys, and pages (``next``, ``results``). From the public
documentation (https://atlas.ripe.net/docs/apis/rest-api-manual/): filters and paging of probes and
measurements, ``probes/archive``, the formats ``json`` and ``txt`` of results, and the events of
measurement 7000. The files ``/ripe/atlas/probes/archive/2022/01/20220105.json.bz2`` are as those of
https://ftp.ripe.net/ripe/atlas/probes/archive/.
"""

from __future__ import annotations

import bz2
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
import numpy as np

from zicht.lab import chance
from zicht.lab.serve.faults import Answer
from zicht.lab.services.answers import RefusedError, iso, json, whole_number
from zicht.lab.services.atlas_probes import controller, make_probes, prefix_of
from zicht.lab.services.telling import asn_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zicht.lab.serve.http import Request
    from zicht.lab.world import World

_STATES = {1: "Connected", 2: "Disconnected", 3: "Abandoned"}
_UP, _DOWN, _GIVEN_UP = 1, 2, 3
_LAG = 180  # seconds until an event can be asked for
_LARGEST_PAGE = 500
_YEAR = 365 * 86_400
_DAY = timedelta(days=1)
_CONNECTIONS = 7000
_NAMED = {
    _CONNECTIONS: ("connection", "Probe connection events"),
    1001: ("ping", "Ping measurement for k.root-servers.net"),
    5001: ("traceroute", "Traceroute measurement for k.root-servers.net"),
}


def atlas(world: World) -> Callable[[Request, datetime], Answer]:
    """What answers for RIPE Atlas."""
    return _Atlas(world).answer


class _Atlas:
    def __init__(self, world: World) -> None:
        self.world = world
        self.probes = make_probes(world)
        self.faults = [fault for fault in world.faults if fault.source == "atlas"]

    def answer(self, request: Request, now: datetime) -> Answer:
        words = [word for word in request.path.split("/") if word]
        try:
            match words:
                case ["api", "v2", "probes"]:
                    return self._list_probes(request, now)
                case ["api", "v2", "probes", "archive"]:
                    return self._archive(request, now)
                case ["api", "v2", "probes", number] if number.isdecimal():
                    return self._one(int(number), now)
                case ["api", "v2", "measurements", "7000", "results" | "latest" as what]:
                    return self._results(request, now, latest=what == "latest")
                case ["api", "v2", "measurements", *numbers]:
                    return self._measurements(request, numbers)
                case ["ripe", "atlas", "probes", "archive", year, month, name]:
                    return self._file(f"{year}{month}", name, now)
        except RefusedError as refused:
            return _problem(HTTPStatus.BAD_REQUEST, str(refused))
        return _problem(HTTPStatus.NOT_FOUND, "Not found.")

    def _one(self, number: int, now: datetime) -> Answer:
        found = np.flatnonzero(self.probes.ids == number).tolist()
        if not found:
            return _problem(HTTPStatus.NOT_FOUND, "Not found.")
        return json(next(self._described(found, self._seen(now))))

    def _list_probes(self, request: Request, now: datetime) -> Answer:
        wanted = np.ones(len(self.probes), dtype=np.bool_)
        parts = [self.world.parts[part] for part in self.probes.part.tolist()]
        if (country := request.asked("country_code")) is not None:
            wanted &= np.array([part.country == country.upper() for part in parts])
        for name in ("asn_v4", "asn"):
            if request.asked(name) is not None:
                asn = whole_number(request, name)
                wanted &= np.array([asn_of(part.operator) == asn for part in parts])
        if (ids := request.asked("id__in")) is not None:
            known = [int(one) for one in ids.split(",") if one.isdecimal()]
            wanted &= np.isin(self.probes.ids, known)
        time = self._seen(now)
        if request.asked("status") is not None:
            wanted &= self._states(time) == whole_number(request, "status")
        return _paged(request, list(self._described(np.flatnonzero(wanted).tolist(), time)))

    def _archive(self, request: Request, now: datetime) -> Answer:
        text = request.asked("date")
        try:
            day = (now - _DAY).date() if text is None else date.fromisoformat(text)
        except ValueError:
            raise RefusedError("Enter a valid date.") from None
        time = datetime(day.year, day.month, day.day, tzinfo=UTC)
        if time + _DAY > now or time < self.world.begin:
            return _problem(HTTPStatus.NOT_FOUND, f"There is no archive of {day}.")
        everyone = list(self._described(range(len(self.probes)), int(time.timestamp())))
        return _paged(request, everyone, snapshot_datetime=int(time.timestamp()))

    def _file(self, month: str, name: str, now: datetime) -> Answer:
        day = name.removesuffix(".json.bz2")
        try:
            time = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
        except ValueError:
            return _problem(HTTPStatus.NOT_FOUND, "Not found.")
        if not day.startswith(month) or time + _DAY > now or time < self.world.begin:
            return _problem(HTTPStatus.NOT_FOUND, "Not found.")
        rows = [
            {
                **{key: one[key] for key in _KEPT},
                "status": one["status"]["id"],
                "status_name": one["status"]["name"],
                "latitude": one["geometry"]["coordinates"][1],
                "longitude": one["geometry"]["coordinates"][0],
                "tags": [tag["slug"] for tag in one["tags"]],
                "day": day,
            }
            for one in self._described(range(len(self.probes)), int(time.timestamp()))
        ]
        meta = {"limit": None, "next": None, "offset": 0, "previous": None}
        body = msgspec.json.encode({"meta": meta | {"total_count": len(rows)}, "objects": rows})
        return Answer(200, bz2.compress(body), (("Content-Type", "application/x-bzip2"),))

    def _seen(self, now: datetime) -> int:
        """The time until which RIPE Atlas knows; it stands still while it is silent."""
        for fault in self.faults:
            if fault.kind in {"silent", "dies"} and fault.begin <= now < (fault.end or now + _DAY):
                return int(fault.begin.timestamp())
        return int(now.timestamp())

    def _states(self, time: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        states = np.where(self.probes.connected(time), _UP, _DOWN)
        return np.where(self.probes.given_up, _GIVEN_UP, states)

    def _described(self, places: Iterable[int], time: int) -> Any:
        """Probes as the API tells of them at a time."""
        last = self.probes.last_events(time)
        states = self._states(time)
        begin = int(self.world.begin.timestamp())
        for place in places:
            part = self.world.parts[int(self.probes.part[place])]
            state = int(states[place])
            since = begin - _YEAR if last[place] < 0 else int(self.probes.times[last[place]])
            luck = chance.uniforms(self.world.seed, "atlas", "place", place, count=3).tolist()
            yield {
                "address_v4": None,
                "address_v6": None,
                "asn_v4": asn_of(part.operator),
                "asn_v6": asn_of(part.operator) if part.prefixes6 else None,
                "country_code": part.country,
                "description": "",
                "first_connected": begin - _YEAR - int(luck[2] * 5 * _YEAR),
                "geometry": {
                    "type": "Point",
                    "coordinates": [round(360 * luck[0] - 180, 4), round(120 * luck[1] - 60, 4)],
                },
                "id": int(self.probes.ids[place]),
                "is_anchor": False,
                "is_public": True,
                "last_connected": time if state == _UP else since,
                "prefix_v4": prefix_of(self.world, part.index),
                "prefix_v6": None,
                "status": {"id": state, "name": _STATES[state], "since": iso(since)},
                "status_since": since,
                "tags": [{"name": "system: V3", "slug": "system-v3"}],
                "total_uptime": max(time - begin, 0) + _YEAR,
                "type": "Probe",
            }

    def _measurements(self, request: Request, numbers: list[str]) -> Answer:
        if not numbers:
            return _paged(request, [self._measurement(number) for number in _NAMED])
        if len(numbers) == 1 and numbers[0] in map(str, _NAMED):
            return json(self._measurement(int(numbers[0])))
        return _problem(HTTPStatus.NOT_FOUND, "Not found.")

    def _measurement(self, number: int) -> dict[str, Any]:
        kind, description = _NAMED[number]
        return {
            "id": number,
            "type": kind,
            "description": description,
            "af": 4,
            "is_public": True,
            "is_oneoff": False,
            "interval": None if number == _CONNECTIONS else 240,
            "start_time": int(self.world.begin.timestamp()) - _YEAR,
            "stop_time": None,
            "status": {"id": 2, "name": "Ongoing"},
            "participant_count": len(self.probes),
            "result": f"/api/v2/measurements/{number}/results/",
        }

    def _results(self, request: Request, now: datetime, *, latest: bool) -> Answer:
        """The events of connections in a time, both ends included."""
        until = int(now.timestamp())
        begin = whole_number(request, "start", until - 86_400)
        stop = whole_number(request, "stop", until)
        rows = self._told(begin, stop, now)
        if (ids := request.asked("probe_ids")) is not None:
            rows = rows[np.isin(self.probes.ids[self.probes.probe[rows]], _numbers(ids))]
        if latest:
            rows = np.sort(np.unique(self.probes.probe[rows][::-1], return_index=True)[1])
        events = [self._event(int(row)) for row in rows]
        if request.asked("format") == "txt":
            body = b"".join(msgspec.json.encode(event) + b"\n" for event in events)
            return Answer(200, body, (("Content-Type", "text/plain"),))
        return json(events)

    def _told(
        self, begin: int, stop: int, now: datetime
    ) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """The events in a time that can be asked for by now, in order of time."""
        times = self.probes.times
        rows = np.arange(np.searchsorted(times, begin), np.searchsorted(times, stop, side="right"))
        ready = times[rows] + _LAG
        there = np.ones(len(rows), dtype=np.bool_)
        for fault in self.faults:
            end = np.inf if fault.end is None else fault.end.timestamp()
            inside = (times[rows] >= fault.begin.timestamp()) & (times[rows] < end)
            if fault.kind in {"silent", "dies"}:
                there &= ~inside
            elif fault.kind == "late":
                ready = np.where(inside, ready + fault.delay_minutes * 60, ready)
            elif fault.kind == "missing":
                key = chance.key(self.world.seed, "atlas", "missing", str(fault.begin))
                lost = chance.uniforms_at(key, rows.astype(np.uint64)) < fault.share / 100
                there &= ~(inside & lost)
        return np.asarray(rows[there & (ready <= now.timestamp())])

    def _event(self, row: int) -> dict[str, Any]:
        place = int(self.probes.probe[row])
        part = self.world.parts[int(self.probes.part[place])]
        asn = asn_of(part.operator)
        return {
            "asn": None if asn is None else str(asn),
            "controller": controller(self.world, place),
            "event": "connect" if self.probes.up[row] else "disconnect",
            "msm_id": _CONNECTIONS,
            "prb_id": int(self.probes.ids[place]),
            "prefix": prefix_of(self.world, part.index),
            "timestamp": int(self.probes.times[row]),
            "type": "connection",
        }


_KEPT = (
    *("id", "address_v4", "address_v6", "asn_v4", "asn_v6", "prefix_v4", "prefix_v6"),
    *("is_anchor", "is_public", "country_code", "first_connected", "last_connected"),
    *("status_since", "total_uptime"),
)


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",") if word.isdecimal()]


def _paged(request: Request, found: list[dict[str, Any]], **more: Any) -> Answer:
    """A page of what was found, with the address of the next one."""
    size = min(max(whole_number(request, "page_size", 100), 1), _LARGEST_PAGE)
    page = max(whole_number(request, "page", 1), 1)
    count = len(found)

    def address(number: int) -> str:
        own = {name: value for name, value in request.query if name != "page"}
        host = request.header("host") or "localhost"
        return f"http://{host}{request.path}?{urlencode({**own, 'page': number})}"

    return json(
        {
            "count": count,
            "next": address(page + 1) if page * size < count else None,
            "previous": address(page - 1) if page > 1 else None,
            **more,
            "results": found[(page - 1) * size : page * size],
        }
    )


def _problem(code: HTTPStatus, detail: str) -> Answer:
    title = code.phrase
    return json({"error": {"status": code, "code": 104, "detail": detail, "title": title}}, code)
