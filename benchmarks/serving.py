"""How many pages and answers a second `zicht serve` gives, beside a store that is written to.

    python benchmarks/serving.py --folder /tmp/world --countries 250 --days 365 --seconds 10

A store of 250 countries and a year (routes every 5 minutes, packets every 10) with five events a
country is made once, and used again. Then `zicht serve` runs in a process of its own, a second one
commits ten minutes of every country each few seconds (``--every``), and wrk (Debian has it) asks
from a third. *Cached* asks the same addresses over and over; each commit has all of them made anew.
*Uncached* asks no address twice. *Core time* is the processor time of the serving process by
answer, which other work on the machine changes little; memory is that of this process, load that of
the machine.
"""

from __future__ import annotations

import argparse
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import numpy as np
import pyarrow as pa

from zicht.model.outage import Event, Outage, Source
from zicht.model.series import OBSERVATIONS
from zicht.model.signal import Origin, Signal
from zicht.model.status import PlaneStatus, Status
from zicht.observe.standing import write_standing
from zicht.place.names import country_codes
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zicht.store import Store

EVENTS = 5
CONNECTIONS = 16
LANGUAGES = ("en", "nl", "fr", "ru", "fa", "ar")
HEADERS = "Accept-Encoding: gzip"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def signal(name: str, plane: str, step: int) -> Signal:
    """A signal of the lab's."""
    return Signal(
        name=name,
        source=name.partition(".")[0],
        title=name,
        unit="/24 blocks",
        step=step,
        plane=plane,  # type: ignore[arg-type]
        scale="count",
        lag=0,
        licence="CC0 1.0",
        citation="generated",
    )


SIGNALS = (signal("bgp.visible24", "control", 300), signal("probe.up24", "data", 600))
ORIGIN = Origin(
    id="bench",
    source="lab",
    name="generated",
    sha256="",
    licence="CC0 1.0",
    citation="generated",
    simulated=True,
)


def rows(entities: Sequence[str], start: datetime, end: datetime, seed: int) -> pa.Table:
    """The bins of all signals of all entities in a time, sorted."""
    chance = np.random.default_rng(seed)
    tables = []
    for one in SIGNALS:
        times = np.arange(start.timestamp(), end.timestamp(), one.step).astype(np.int64) * 1_000_000
        count = len(times) * len(entities)
        daily = 1 + 0.05 * np.sin(times / 86_400e6 * 2 * np.pi)
        values = np.tile(1000 * daily, len(entities)) * (1 + 0.01 * chance.standard_normal(count))
        names = pa.DictionaryArray.from_arrays(
            np.repeat(np.arange(len(entities), dtype=np.int32), len(times)), list(entities)
        )
        tables.append(
            pa.table(
                {
                    "signal": pa.repeat(one.name, count),
                    "entity": names.cast(pa.string()),
                    "time": pa.array(np.tile(times, len(entities))).cast(pa.timestamp("us", "UTC")),
                    "value": np.round(values),
                    "samples": pa.nulls(count, pa.int64()),
                },
                schema=OBSERVATIONS,
            )
        )
    return pa.concat_tables(tables)


def make_store(folder: Path, countries: int, days: int) -> Store:
    """The store, or the one that was made before."""
    if (folder / "made").exists():
        return open_store(folder)
    shutil.rmtree(folder, ignore_errors=True)
    store = open_store(folder, create=True)
    entities = sorted(f"country/{code}" for code in list(country_codes())[:countries])
    begin = NOW - timedelta(days=days)
    for number, day in enumerate(range(0, days, 15)):
        start = begin + timedelta(days=day)
        end = min(start + timedelta(days=15), NOW)
        table = rows(entities, start, end, number)
        store.append(table, signals=SIGNALS, origin=ORIGIN, known_at=end)
        print(f"\r{end:%Y-%m-%d}", end="", file=sys.stderr)
    found = [event_of(entity, one, days) for entity in entities for one in range(EVENTS)]
    outages = [outage for _, own in found for outage in own]
    store.write_detection(
        outages=outages, events=[event for event, _ in found], sicknesses=(), known_at=NOW
    )
    store.maintain()
    keep_standing(store, entities)
    (folder / "made").touch()
    print(file=sys.stderr)
    return store


def event_of(entity: str, number: int, days: int) -> tuple[Event, list[Outage]]:
    """One of an entity's events; every fiftieth entity's last one goes on."""
    code = entity.removeprefix("country/")
    begin = NOW - timedelta(days=days * (EVENTS - number) / EVENTS, hours=-3)
    goes_on = number == EVENTS - 1 and hash(code) % 50 == 0
    onset = (begin, begin + timedelta(minutes=10))
    end = None if goes_on else (begin + timedelta(hours=6), begin + timedelta(hours=6, minutes=10))
    outages = [
        Outage(
            id=f"{code}-{one.name}-{begin:%Y%m%dT%H%M}",
            signal=one.name,
            plane=one.plane,
            entity=entity,
            onset=onset,
            end=end,
            ongoing=goes_on,
            depth_percent=20.0,
            depth_interval=(15.0, 25.0),
            belief=0.999,
            alerted_at=onset[1],
            samples=36,
            simulated=True,
        )
        for one in SIGNALS
    ]
    event = Event(
        id=f"{code}-{begin:%Y%m%d}",
        entity=entity,
        event_class="total",
        onset=onset,
        end=end,
        ongoing=goes_on,
        depth_percent=20.0,
        depth_signal="probe.up24",
        phases=(),
        outages=tuple(one.id for one in outages),
        operators=(),
        restorations=(),
        recurrences=0,
        shutdown_likelihood=None,
        sources=tuple(
            Source(signal=one.name, licence=one.licence, citation=one.citation, simulated=True)
            for one in SIGNALS
        ),
        simulated=True,
        as_of=NOW,
        level="alert",
        belief=0.999,
    )
    return event, outages


def keep_standing(store: Store, entities: Sequence[str]) -> None:
    """What a watch would have written of how all entities stand."""
    statuses = [
        Status(
            entity=entity,
            time=NOW,
            signal="probe.up24",
            connectivity_percent=100.0,
            planes={
                one.plane: [
                    PlaneStatus(
                        signal=one.name,
                        connectivity_percent=100.0,
                        belief_outage=0.001,
                        last=NOW - timedelta(seconds=one.step),
                        health="ok",
                    )
                ]
                for one in SIGNALS
            },
            belief_outage=0.001,
            since=None,
            health="ok",
            simulated=True,
        )
        for entity in entities
    ]
    write_standing(store.lake, statuses, {}, written_at=datetime.now(UTC), version=store.version)


def ingest(folder: Path, every: float) -> None:
    """Commit ten minutes of every country each so many seconds, until ended."""
    store = open_store(folder)
    entities = sorted({entity for _, entity in store.keys()})  # noqa: SIM118 - a store is no dict
    last = max(one.last for one in store.holdings())
    for number in itertools.count(1):
        begin = last + timedelta(seconds=600 * number)
        table = rows(entities, begin, begin + timedelta(seconds=600), number)
        took = time.monotonic()
        store.append(table, signals=SIGNALS, origin=ORIGIN, known_at=datetime.now(UTC))
        keep_standing(store, entities)
        time.sleep(max(0.0, every - (time.monotonic() - took)))


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, int, float]]:
    """`zicht serve` over the store: its address, its process, and seconds to its first page."""
    begin = time.monotonic()
    command = [sys.executable, "-m", "zicht", "--store", str(folder), "serve"]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*command, "--port", "0", "--rate", "0"], stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None  # noqa: S101 - it was asked for
        line = process.stderr.readline()
        address = next(word for word in line.split() if word.startswith("http://")).rstrip("/")
        fetch(f"{address}/en/")
        yield address, process.pid, time.monotonic() - begin
    finally:
        process.terminate()
        process.wait()


@contextmanager
def ingesting(folder: Path, every: float) -> Iterator[None]:
    """A process that commits beside."""
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, __file__, "--folder", str(folder), "--ingest", "--every", str(every)]
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def fetch(address: str) -> bytes:
    """The answer at an address; waits while the server says that it is not ready."""
    for _ in range(600):
        try:
            with urlopen(address, timeout=60) as answer:  # noqa: S310 - our own address
                body: bytes = answer.read()
                return body
        except HTTPError as error:
            if error.code != 503:  # noqa: PLR2004 - not ready
                raise
        except URLError:
            pass
        time.sleep(0.05)
    raise TimeoutError(address)


def wrk(address: str, paths: Sequence[str], seconds: int) -> tuple[float, dict[str, str], int]:
    """Ask for paths in turn: answers a second, latencies, and how many were no 200."""
    with tempfile.TemporaryDirectory() as folder:
        listed, script = Path(folder) / "paths", Path(folder) / "ask.lua"
        listed.write_text("\n".join(paths) + "\n")
        script.write_text(
            "local paths, at = {}, 0\n"
            f'for line in io.lines("{listed}") do paths[#paths + 1] = line end\n'
            "request = function() at = at % #paths + 1; return wrk.format('GET', paths[at]) end\n"
        )
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "--latency", "--timeout=30"]
        told = subprocess.run(  # noqa: S603 - wrk is the measure
            [*command, "-H", HEADERS, "-s", str(script), address],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    latencies = dict(re.findall(r"(\d+)%\s+([\d.]+\w+)", told))
    return float(rate[1]) if rate else 0.0, latencies, int(failed[1]) if failed else 0


def memory(pid: int) -> float:
    """Resident memory of a process, in MB."""
    text = Path(f"/proc/{pid}/status").read_text()
    match = re.search(r"VmRSS:\s+(\d+)", text)
    return int(match[1]) / 1024 if match else 0.0


def used(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(name: str, address: str, pid: int, paths: Sequence[str], seconds: int) -> None:
    """Ask, and tell a row of figures."""
    before = used(pid)
    rate, latencies, failed = wrk(address, paths, seconds)
    cost = 1000 * (used(pid) - before) / max(rate * seconds, 1)
    load = os.getloadavg()[0]
    median, slow = latencies.get("50", "?"), latencies.get("99", "?")
    figures = f"{len(paths):,} | {rate:,.0f} | {cost:.2f} ms | {median} | {slow} | {failed}"
    print(f"| {name} | {figures} | {memory(pid):,.0f} MB | {load:.1f} |", flush=True)


def run(given: argparse.Namespace) -> None:
    """All figures, as a table."""
    folder, seconds, only = given.folder, given.seconds, given.only
    store = make_store(folder, given.countries, given.days)
    events = [one.id for one in store.events()]
    entities = sorted({one.entity for one in store.events()})
    cached = ["/en/", "/en/events", "/en/health", *(f"/en/event/{one}" for one in events[:5])]
    machines = ["/api/v1/status", "/api/v1/events", "/v2/entities/query", "/feeds/all.atom"]
    uncached = [f"/{code}/event/{one}" for one in events for code in LANGUAGES]
    answers = [f"/api/v1/events/{one}" for one in events]
    answers += [f"/api/v1/events?entity={one}&limit={n}" for one in entities for n in range(1, 9)]
    values = [
        f"/api/v1/series?entity={one}&signal=probe.up24&from=2025-12-{day}&until=2025-12-{day + 1}"
        for one in entities
        for day in range(10, 28)
    ]
    places = [f"/{code}/{one}" for code in LANGUAGES for one in entities]
    with served(folder) as (address, pid, first):
        print(f"First page {first:.2f} s after the command; {memory(pid):,.0f} MB.\n")
        for path in (*cached, *machines):
            fetch(f"{address}{path}")
        print("| what | addresses | a second | core time | median | p99 | failed | memory | load |")
        print("|---|---|---|---|---|---|---|---|---|")
        rooms = {
            "pages, cached, nothing written": cached,
            "answers, cached, nothing written": machines,
        }
        beside = {
            "pages, cached, while ingesting": cached,
            "answers, cached, while ingesting": machines,
            "event pages, uncached, while ingesting": uncached,
            "answers, uncached, while ingesting": answers,
            "series of a day, uncached, while ingesting": values,
            "country pages, uncached, while ingesting": places,
        }
        for name, paths in rooms.items():
            if only in name:
                measure(name, address, pid, paths, seconds)
        with ingesting(folder, given.every):
            time.sleep(3)
            for name, paths in beside.items():
                if only in name:
                    measure(name, address, pid, paths, seconds)


def main() -> None:
    """Run what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("serving-store"))
    parser.add_argument("--countries", type=int, default=250)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--every", type=float, default=5.0, help="Seconds between commits.")
    parser.add_argument("--only", default="", help="Only figures whose name holds this.")
    parser.add_argument("--ingest", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ingest:
        ingest(given.folder, given.every)
    else:
        run(given)


if __name__ == "__main__":
    main()
