"""Services on this machine: each speaks as its public documentation says, of a small made-up world.

None of it is a recording. What a world says is computed twice: as the bytes of an answer, and as
the values that should come out.
"""

from __future__ import annotations

import gzip
import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from zicht.observe.services import service_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from zicht.sources.service import Service

Said = dict[tuple[str, str, datetime], float]
"""Values by signal, entity and time."""

START = datetime(2022, 1, 5, tzinfo=UTC)
END = START + timedelta(days=1)
LATER = START + timedelta(days=60)  # when nothing of that day is revised any more
STEP = timedelta(hours=1)


@dataclass
class World:
    """What services measure; tests change it between two fetches.

    Attributes:
        factor: all values are times this.
        until: nothing is measured from then on.
        empty: services have nothing at all.
        seen: outages that services say they saw: begin and end in hours from ``START``.
    """

    factor: float = 1.0
    until: datetime = LATER
    empty: bool = False
    seen: tuple[tuple[int, int], ...] = ((3, 5),)

    def value(self, at: datetime, base: float) -> float | None:
        if self.empty or at >= self.until:
            return None
        return round(self.factor * base * (1 + 0.1 * (int(at.timestamp()) // 3600 % 7)), 6)


Query = dict[str, str]


@dataclass(frozen=True)
class Spoken:
    """A service and how it speaks.

    Attributes:
        source: its name.
        speak: world, path and query to the text of an answer; ``None``: there is no such thing.
        say: world to what should be stored of ``START`` to ``END``.
        needed: fields without which an answer cannot be read.
        entities: whom it is asked of.
        columns: whether it answers with a table instead of JSON.
        sees: whether it tells of outages that it saw.
    """

    source: str
    speak: Callable[[World, str, Query], str | None]
    say: Callable[[World], Said]
    needed: tuple[str, ...]
    entities: tuple[str, ...] = ("country/KZ",)
    columns: bool = False
    sees: bool = False

    @property
    def service(self) -> Service:
        return service_of(self.source)


def times(start: datetime, end: datetime, step: timedelta) -> list[datetime]:
    count = -((start - end) // step)
    return [start + i * step for i in range(count)]


def _of(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


# IODA

_IODA = {"bgp": (300, 1000.0), "ping-slash24": (600, 500.0), "merit-nt": (300, 50.0)}


def speak_ioda(world: World, path: str, query: Query) -> str | None:
    if path == "/outages/events":
        return _ioda_events(world, query)
    match = re.fullmatch(r"/signals/raw/country/([A-Z,]+)", path)
    if match is None:
        return None
    known = query["datasource"] in _IODA and not world.empty
    groups = [[_ioda_series(world, code, query)] if known else [] for code in match[1].split(",")]
    return json.dumps({"type": "signals", "error": None, "perf": None, "data": groups})


def _ioda_events(world: World, query: Query) -> str:
    begin, until = _of(query["from"]), _of(query["until"])
    events = [
        {
            "location": location,
            "start": int((START + first * STEP).timestamp()),
            "duration": (last - first) * 3600,
            "uncertainty": None,
            "method": "median",
            "datasource": "bgp",
            "status": 0,
            "fraction": None,
            "score": 59189.58,
            "location_name": "Kazakhstan",
            "overlaps_window": False,
        }
        for first, last in (() if world.empty else world.seen)
        if begin <= START + first * STEP < until
        for location in ("country/KZ", "country/TO", "geoasn/3269-1906", "region/99999")
    ]
    return json.dumps({"type": "outages.events", "error": None, "data": events})


def _ioda_series(world: World, code: str, query: Query) -> dict[str, Any]:
    step, base = _IODA[query["datasource"]]
    begin, until = _of(query["from"]), _of(query["until"])
    values = [world.value(at, base) for at in times(begin, until, timedelta(seconds=step))]
    return {
        "entityType": "country",
        "entityCode": code,
        "entityName": "Kazakhstan",
        "datasource": query["datasource"],
        "subtype": "",
        "from": int(query["from"]),
        "until": int(query["until"]),
        "step": step,
        "nativeStep": step,
        "values": values,
    }


def say_ioda(world: World) -> Said:
    return {
        (f"ioda.{name}", "country/KZ", at): value
        for name, (step, base) in _IODA.items()
        for at in times(START, END, timedelta(seconds=step))
        if (value := world.value(at, base)) is not None
    }


# RIPE Atlas: four probes in Kazakhstan, of which one is off, one elsewhere, one given up

_PROBES = {1: ("KZ", 9198), 2: ("KZ", 9198), 3: ("KZ", 29555), 4: ("KZ", 9198), 5: ("RU", 9198)}
_SNAPSHOT = START - timedelta(days=1)
_EVENTS = [
    (START - timedelta(hours=3), 4, "connect"),
    (START - timedelta(hours=2), 4, "disconnect"),
    (START + timedelta(minutes=62), 1, "disconnect"),
    (START + timedelta(minutes=62), 5, "disconnect"),
    (START + timedelta(minutes=70), 2, "disconnect"),
    (START + timedelta(hours=5), 1, "connect"),
    (START + timedelta(hours=6), 6, "connect"),
    (START + timedelta(hours=22), 3, "disconnect"),
]


def _moment(world: World, at: datetime) -> datetime:
    """When an event is said to have been; revised are those that are young."""
    young = at >= START + timedelta(hours=20)
    return at + young * timedelta(minutes=round(60 * (world.factor - 1)))


def speak_atlas(world: World, path: str, query: Query) -> str | None:
    if path == "/probes/archive/":
        return None if world.empty else _atlas_archive(query)
    if path != "/measurements/7000/results/":
        return None
    begin, stop = _of(query["start"]), min(_of(query["stop"]), world.until)
    return json.dumps(
        [
            {
                "msm_id": 7000,
                "type": "connection",
                "timestamp": int(_moment(world, at).timestamp()),
                "prb_id": probe,
                "event": event,
                "controller": "ctr-ams01",
                "asn": "9198",
                "prefix": "2.132.0.0/16",
            }
            for at, probe, event in _EVENTS
            if begin <= _moment(world, at) < stop
        ]
    )


def _atlas_archive(query: Query) -> str:
    results = [
        {
            "id": number,
            "country_code": country,
            "asn_v4": asn,
            "asn_v6": None,
            "is_public": True,
            "status": {"id": 2 if number == 4 else 1, "name": "any", "since": "2021"},
        }
        for number, (country, asn) in _PROBES.items()
    ]
    given_up = {"id": 7, "country_code": "KZ", "asn_v4": 9198, "status": {"id": 3}}
    day = datetime.fromisoformat(query["date"]).replace(tzinfo=UTC)
    return json.dumps(
        {"snapshot_datetime": int(day.timestamp()), "results": [*results, given_up], "next": None}
    )


def say_atlas(world: World) -> Said:
    said: Said = {}
    for at in [] if world.empty else times(START, END, timedelta(minutes=5)):
        up = {1, 2, 3, 5}
        for when, probe, event in _EVENTS:
            if _moment(world, when) <= min(at, world.until) and probe in _PROBES:
                up = up | {probe} if event == "connect" else up - {probe}
        own = [one for one in up if _PROBES[one][0] == "KZ"]
        said["atlas.connected", "country/KZ", at] = len(own)
    return said


# Tor Metrics


def speak_tor(world: World, path: str, query: Query) -> str | None:
    if path != "/userstats-relay-country.csv":
        return None
    begin, end = (datetime.fromisoformat(query[name]) for name in ("start", "end"))
    lines = ["# Tor Metrics", "date,country,users,lower,upper,frac"]
    for at in times(begin, end + timedelta(days=1), timedelta(days=1)):
        users = world.value(at.replace(tzinfo=UTC), 2000)
        if users is not None:
            lines.append(f"{at:%F},{query['country']},{users},,,82")
    return "\n".join(lines) + "\n"


def say_tor(world: World) -> Said:
    value = world.value(START, 2000)
    return {} if value is None else {("tor.users", "country/KZ", START): value}


# OONI

_TESTS = {"whatsapp": (40, 10), "web_connectivity": (900, 90), "ndt": (30, 0)}


def speak_ooni(world: World, path: str, query: Query) -> str | None:
    if path != "/api/v1/aggregation":
        return None
    begin, end = (datetime.fromisoformat(query[name]) for name in ("since", "until"))
    rows = []
    for at in times(begin, end, timedelta(days=1)):
        if world.empty or at.replace(tzinfo=UTC) >= world.until:
            continue
        if query["axis_y"] == "test_name":
            rows += [{"test_name": name} | _ooni(world, at, *_TESTS[name]) for name in _TESTS]
        else:
            rows += [{"probe_asn": asn} | _ooni(world, at, 485, 50) for asn in (9198, "AS0")]
    return json.dumps({"v": 0, "dimension_count": 2, "db_stats": {}, "result": rows})


def _ooni(world: World, at: datetime, ok: int, anomalies: int) -> dict[str, Any]:
    ok = round(world.factor * ok)
    return {
        "anomaly_count": anomalies - anomalies // 2,
        "confirmed_count": anomalies // 2,
        "failure_count": 5,
        "ok_count": ok,
        "measurement_count": ok + anomalies + 5,
        "measurement_start_day": f"{at:%FT%TZ}",
    }


def say_ooni(world: World) -> Said:
    if world.empty or world.until <= START:
        return {}
    counts = {name: (round(world.factor * ok), bad) for name, (ok, bad) in _TESTS.items()}
    kz = "country/KZ"
    return {
        ("ooni.measurements", kz, START): sum(ok + bad + 5 for ok, bad in counts.values()),
        ("ooni.measurements", "asn/9198", START): round(world.factor * 485) + 55,
        **{
            (f"ooni.working.{name.replace('_', '-')}", kz, START): 100 * ok / (ok + bad)
            for name, (ok, bad) in counts.items()
            if name != "ndt"
        },
    }


# Cloudflare Radar


def speak_radar(world: World, path: str, query: Query) -> str | None:
    if path == "/annotations/outages":
        return _annotations(world, query)
    if path not in {"/netflows/timeseries", "/quality/iqi/timeseries_groups"}:
        return None
    hours = times(_iso(query["dateStart"]), _iso(query["dateEnd"]), STEP)
    found = {at: value for at in hours if (value := world.value(at, 20)) is not None}
    stamps = [f"{at:%FT%TZ}" for at in found]
    if path.startswith("/netflows"):
        most = max(found.values(), default=1.0)  # parts of the largest in the answer
        serie = {"timestamps": stamps, "values": [f"{one / most:.6f}" for one in found.values()]}
        norm = "MIN0_MAX"
    else:
        middle = [f"{one}" for one in found.values()]
        serie = {"timestamps": stamps, "p25": middle, "p50": middle, "p75": middle}
        norm = "RAW_VALUES"
    meta = {"aggInterval": "ONE_HOUR", "normalization": norm, "lastUpdated": "2022-01-06"}
    result = {"serie_0": serie, "meta": meta}
    return json.dumps({"success": True, "errors": [], "result": result})


def _annotations(world: World, query: Query) -> str:
    begin, until = _iso(query["dateStart"]), _iso(query["dateEnd"])
    offset, limit = int(query["offset"]), int(query["limit"])
    annotations = [
        {
            "id": str(1000 + first),
            "dataSource": "ALL",
            "description": "A cable was cut [/b]",
            "scope": None,
            "startDate": f"{START + first * STEP:%FT%TZ}",
            "endDate": f"{START + last * STEP:%FT%TZ}",
            "locations": ["KZ"],
            "asns": [],
            "eventType": "OUTAGE",
            "linkedUrl": "https://example.org/said",
            "outage": {"outageCause": "CABLE_CUT", "outageType": "NATIONWIDE"},
        }
        for first, last in (() if world.empty else world.seen)
        if begin <= START + first * STEP < until
    ][offset : offset + limit]
    return json.dumps({"success": True, "errors": [], "result": {"annotations": annotations}})


def _iso(text: str) -> datetime:
    return datetime.fromisoformat(text)


def say_radar(world: World) -> Said:
    said: Said = {}
    for at in times(START, END, STEP):
        value = world.value(at, 20)
        if value is not None:
            said["radar.bandwidth", "country/KZ", at] = value
            said["radar.traffic", "country/KZ", at] = round(value / world.factor / 32, 6)
    return said


# Google


def speak_google(world: World, path: str, query: Query) -> str | None:
    if path != "/traffic/fraction":
        return None
    begin, end = (_of(query[name][:-3]) for name in ("start", "end"))
    points = [
        [round(at.timestamp() * 1000), [[None, value]]]
        for at in times(begin, end, timedelta(hours=2))
        if (value := world.value(at, 0.01)) is not None
    ]
    return ")]}'\n\n" + json.dumps([["tr.atsr", points, None, [None, [1, 2]]]])


def say_google(world: World) -> Said:
    return {
        ("google.youtube", "country/KZ", at): value
        for at in times(START, END, timedelta(hours=2))
        if (value := world.value(at, 0.01)) is not None
    }


SPOKEN = [
    Spoken(
        "atlas", speak_atlas, say_atlas, ("results", "id", "status", "prb_id", "timestamp", "event")
    ),
    Spoken("google", speak_google, say_google, ()),
    Spoken(
        "ioda",
        speak_ioda,
        say_ioda,
        (
            "data",
            "entityType",
            "entityCode",
            "datasource",
            "from",
            "step",
            "values",
            "location",
            "start",
            "duration",
        ),
        sees=True,
    ),
    Spoken(
        "ooni",
        speak_ooni,
        say_ooni,
        (
            "result",
            "measurement_start_day",
            "measurement_count",
            "ok_count",
            "anomaly_count",
            "confirmed_count",
            "failure_count",
            "test_name",
            "probe_asn",
        ),
    ),
    Spoken(
        "radar",
        speak_radar,
        say_radar,
        (
            "success",
            "result",
            "serie_0",
            "meta",
            "aggInterval",
            "timestamps",
            "values",
            "p50",
            "annotations",
            "startDate",
            "locations",
            "asns",
        ),
        sees=True,
    ),
    Spoken("tor", speak_tor, say_tor, ("date", "country", "users"), columns=True),
]


@dataclass
class Server:
    """A running service.

    ``faults`` are used up one a request: ``code N``, ``html``, ``elsewhere ADDRESS``, ``moved``
    (to another path of the same host), ``cut`` (the body ends too early), ``short`` (half of it,
    said to be all), ``gzip`` (broken), ``packed`` (whole), ``silent`` (no answer while the client
    waits), ``alone`` (asks to be left alone). ``change`` may alter the text of an answer. What
    names the ``strange`` place is refused.
    """

    spoken: Spoken
    world: World = field(default_factory=World)
    faults: list[str] = field(default_factory=list)
    change: Callable[[str], str] = lambda text: text
    validators: bool = False
    strange: str = "??"
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    address: str = ""
    done: threading.Event = field(default_factory=threading.Event)

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


class _Handler(BaseHTTPRequestHandler):
    server_: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the kernel

    def do_GET(self) -> None:
        server = self.server_
        server.asked.append((self.path, dict(self.headers)))
        fault, _, word = (server.faults.pop(0) if server.faults else "").partition(" ")
        parts = urlsplit(self.path.removeprefix("/moved"))
        query = {name: words[0] for name, words in parse_qs(parts.query).items()}
        text = server.spoken.speak(server.world, parts.path, query)
        places = f"{parts.path}/{'/'.join(query.values())}".upper().replace(",", "/").split("/")
        if server.strange in places:
            fault, word = "code", "400"
        if fault == "code":
            self.send(int(word), b"unknown place\n", {})
        elif fault == "alone":
            self.send(429, b"", {"Retry-After": "86400"})
        elif fault == "elsewhere":
            self.send(302, b"", {"Location": f"{word}{self.path}"})
        elif fault == "moved":
            self.send(307, b"", {"Location": f"/moved{self.path}"})
        elif fault == "html":
            self.send(200, b"<!DOCTYPE html><html>502 Bad Gateway</html>", {})
        elif fault == "silent":
            server.done.wait(20)
            self.close_connection = True
        elif text is None:
            self.send(404, b"", {})
        else:
            self.send_body(server.change(text).encode(), fault)

    def send_body(self, body: bytes, fault: str) -> None:
        headers = {"Content-Type": "application/json"}
        if self.server_.validators:
            headers["ETag"] = f'"{hash(body)}"'
            if self.headers.get("If-None-Match") == headers["ETag"]:
                self.send(304, b"", headers)
                return
        if fault in {"gzip", "packed"}:
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body)
            body = body[:12] + bytes(len(body)) if fault == "gzip" else body
        if fault == "short":
            body = body[: len(body) // 2]
        self.send(200, body, headers, cut=fault == "cut")

    def send(self, code: int, body: bytes, headers: dict[str, str], *, cut: bool = False) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        if code != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(spoken: Spoken) -> Iterator[Server]:
    """A running service."""
    there = Server(spoken)
    handler = type("OwnHandler", (_Handler,), {"server_": there})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    there.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield there
    finally:
        there.done.set()
        server.shutdown()
        server.server_close()
        thread.join()
