"""How long a watch of a planet takes for each bin, what memory and disk it takes, and how it grows.

    python benchmarks/watching_planet.py  # three sizes, ten minutes or so
    python benchmarks/watching_planet.py --sizes 25:2500 --bins 4032  # two weeks at full speed

Countries and operators are those of the lab's ``planet``, with what each announces and answers.
Routes and packets of each are live bins of five minutes, appended in one commit a bin, as a prober
or a follower of routes does; after each the desk of a watch looks, with all it does but sending
alerts. A country is cut off for an hour, operators fall by themselves every day, one row in a
thousand comes late, and once the packets' source says zero of everybody for half an hour. The
store's upkeep runs beside.

``headroom`` is a bin's length divided by what ingest and look take together. Each size has a
process of its own.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from zicht.lab.world import open_scenario
from zicht.model.entity import EntityFact
from zicht.model.series import OBSERVATIONS
from zicht.model.signal import Origin, Signal
from zicht.observe.watch_clock import Clock
from zicht.observe.watch_desk import Desk, Looked
from zicht.observe.watch_log import open_log
from zicht.store import open_store

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.store import Store

STEP = timedelta(minutes=5)
A_DAY = 288
BEGIN = datetime(2025, 5, 5, tzinfo=UTC)
SIZES = ("25:2500", "83:12500", "248:75000")
FALLS = 0.1  # of the operators fall by themselves each week, for half an hour
LATE = 0.001
CUT = slice(6, 18)  # live bins in which a country is cut off
BLIND = slice(20, 26)  # live bins in which the packets' source says zero of everybody


def _signal(name: str, plane: Any) -> Signal:
    return Signal(
        name=name,
        source=name.partition(".")[0],
        title=name,
        unit="/24 blocks",
        step=300,
        plane=plane,
        scale="count",
        lag=0,
        licence="CC0-1.0",
        citation="generated",
    )


ROUTES, PACKETS = _signal("bgp.visible24", "control"), _signal("probe.up24", "data")
ORIGIN = Origin(
    id="bench",
    source="bench",
    name="generated",
    sha256="",
    licence="CC0-1.0",
    citation="generated",
    simulated=True,
)


class Planet:
    """The values of each bin: operators first, then their countries."""

    def __init__(self, countries: int, operators: int) -> None:
        world = open_scenario("planet", size=1.0)
        codes = [row.code for row in world.countries]
        codes = codes[:: max(1, len(codes) // countries)][:countries]
        rows = [one for one in world.parts if one.country in set(codes)]
        rows = rows[:: max(1, round(len(rows) / operators))][:operators]
        self.codes = codes
        self.random = np.random.default_rng(1)
        self.country = np.array([codes.index(one.country) for one in rows])
        self.levels = {
            ROUTES.name: np.array([one.blocks for one in rows]),
            PACKETS.name: np.array([one.answering for one in rows]),
        }
        self.names = [f"asn/{one.operator.asn}" for one in rows]
        self.facts = [
            EntityFact(
                entity=f"asn/{one.operator.asn}",
                name=one.operator.name,
                country=one.country,
                kind=one.operator.kind,
            )
            for one in rows
        ]
        counts = np.bincount(self.country, minlength=len(codes))
        self.cut = int(np.argmin(np.abs(counts - 30)))
        self.fallen = np.zeros(len(rows), dtype=np.int64)
        self.late: list[tuple[int, pa.Table]] = []
        self.entities = pa.array([*self.names, *(f"country/{code}" for code in codes)])

    def rows(self, number: int, live: int | None) -> pa.Table:
        """The observations of a bin; ``live`` counts bins from the first live one."""
        left = np.ones(len(self.names))
        if live is not None:
            falls = self.random.random(len(left)) < FALLS / (7 * A_DAY)
            self.fallen = np.where(falls, 6, np.maximum(self.fallen - 1, 0))
            left[self.fallen > 0] = 0.1
        packets = left.copy()
        if live is not None and CUT.start <= live < CUT.stop:
            packets[self.country == self.cut] = 0.03
        hour = (number % A_DAY) / A_DAY * 2 * np.pi
        shares = {ROUTES.name: left, PACKETS.name: packets * 0.93 * (1 + 0.02 * np.sin(hour))}
        tables = []
        for name, share in shares.items():
            level = self.levels[name]
            if name == ROUTES.name:
                flaps = self.random.poisson(level * 0.0008)
                values = np.maximum(np.rint(level * share) - flaps, 0.0)
            else:
                values = self.random.binomial(level, np.clip(share, 0, 1)).astype(np.float64)
            if live is not None and name == PACKETS.name and BLIND.start <= live < BLIND.stop:
                values[:] = 0.0
            of_countries = np.bincount(self.country, weights=values, minlength=len(self.codes))
            there = np.append(level > 0, np.ones(len(self.codes), dtype=bool))
            tables.append(self._table(name, number, np.append(values, of_countries), there))
        table = pa.concat_tables(tables)
        return table if live is None else self._some_late(table, live)

    def _table(
        self, name: str, number: int, values: NDArray[np.float64], there: NDArray[np.bool_]
    ) -> pa.Table:
        count = len(values)
        time_ = pa.scalar(BEGIN + number * STEP, OBSERVATIONS.field("time").type)
        columns = [
            pa.array([name]).dictionary_encode().cast(pa.string()).take(pa.array([0] * count)),
            self.entities,
            pa.repeat(time_, count),
            pa.array(values),
            pa.nulls(count, pa.int64()),
        ]
        return pa.Table.from_arrays(columns, schema=OBSERVATIONS).filter(pa.array(there))

    def _some_late(self, table: pa.Table, live: int) -> pa.Table:
        late = self.random.random(table.num_rows) < LATE
        self.late.append((live + 3, table.filter(pa.array(late))))
        due = [one for when, one in self.late if when <= live]
        self.late = [one for one in self.late if one[0] > live]
        return pa.concat_tables([table.filter(pa.array(~late)), *due])


def measure(countries: int, operators: int, bins: int, history: int) -> dict[str, Any]:
    """Watch so many live bins after so many bins of history."""
    planet = Planet(countries, operators)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "store", create=True)
        for first in range(0, history, 48):
            last = min(first + 48, history)
            rows = pa.concat_tables([planet.rows(one, None) for one in range(first, last)])
            _append(store, rows, BEGIN + last * STEP, planet.facts if not first else ())
        began = time.perf_counter()
        desk = _desk(store)
        picture = _look(desk, BEGIN + history * STEP, None)
        filled = time.perf_counter() - began
        ingests, looks, memory, used = [], [], [], []
        for live in range(bins):
            number = history + live
            rows = planet.rows(number, live)
            now = BEGIN + (number + 1) * STEP
            began, processor = time.perf_counter(), time.process_time()
            _append(store, rows, now, ())
            stored = time.perf_counter()
            picture = _look(desk, now, picture)
            ingests.append(stored - began)
            looks.append(time.perf_counter() - stored)
            used.append(time.process_time() - processor)
            memory.append(_resident())
            if live % 12 == 0 or live in range(CUT.start, BLIND.stop):
                sys.stderr.write(
                    f"{operators} bin {live}: {ingests[-1]:.2f} + {looks[-1]:.2f} s,"
                    f" {used[-1]:.2f} s of processors,"
                    f" {memory[-1]:.0f} MB, suspects {len(desk.mind.suspects)}\n"
                )
        store.maintain()
        files = store._series.log.snapshot().files.values()  # noqa: SLF001 - its size is the question
        values = sum(one.rows for one in files)
        size = sum(one.size for one in files)
        a_bin = rows.num_rows
        return {
            "countries": len(planet.codes),
            "operators": len(planet.names),
            "series": desk.mind.screen.series,
            "values_a_bin": a_bin,
            "history_bins": history,
            "bins": bins,
            "first_look_s": filled,
            "ingest_s": ingests,
            "look_s": looks,
            "processors_s": used,
            "resident_mb": memory,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "bytes_a_value": size / values,
            "series_mb_a_day": size / values * a_bin * A_DAY / 1e6,
            "folder_mb": _folder_mb(store.path),
            "screen_mb": (store.path / "watch" / "screen").stat().st_size / 1e6,
            "standing_mb": (store.path / "watch" / "standing.parquet").stat().st_size / 1e6,
            "events": len(store.events()),
            "outages": len(store.outages()),
            "sicknesses": len(store.sicknesses()),
        }


def _append(store: Store, rows: pa.Table, now: datetime, facts: Any) -> None:
    store.append(rows, signals=(ROUTES, PACKETS), origin=ORIGIN, entities=facts, known_at=now)


def _desk(store: Store) -> Desk:
    return Desk(
        store=store,
        lead=lambda: store,
        channels=(),
        clock=_standing(BEGIN),
        stopped=threading.Event(),
        tell=lambda _: None,
        looked=_passed_over,
        log=open_log(io.StringIO(), as_json=True),
    )


def _passed_over(_: Looked) -> None:
    """The desk tells how long a look took; it is measured from outside."""


def _standing(now: datetime) -> Clock:
    return Clock(begin=now, at=time.time(), speed=1e-9)


def _look(desk: Desk, now: datetime, picture: Any) -> Any:
    desk.clock = _standing(now)
    return desk.look(picture)


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def _folder_mb(folder: Path) -> float:
    return sum(one.stat().st_size for one in folder.rglob("*") if one.is_file()) / 1e6


def _row(found: dict[str, Any]) -> str:
    both = np.array(found["ingest_s"]) + np.array(found["look_s"])
    used = np.array(found["processors_s"])
    step = STEP.total_seconds()
    return (
        f"| {found['countries']} / {found['operators']:,} | {found['series']:,} |"
        f" {np.median(found['ingest_s']):.2f} s | {np.median(found['look_s']):.2f} s |"
        f" {np.median(used):.2f} s | {step / np.median(both):,.0f} |"
        f" {both.max():.1f} s ({used.max():.1f} s) | {step / both.max():,.1f} |"
        f" {found['peak_mb']:,.0f} MB | {found['series_mb_a_day']:,.0f} MB |"
    )


def main() -> None:
    """Measure each size in a process of its own, and write a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", default=SIZES, help="COUNTRIES:OPERATORS")
    parser.add_argument("--bins", type=int, default=36, help="live bins of five minutes")
    parser.add_argument("--history", type=int, default=288, help="bins before them")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        countries, operators = map(int, given.one.split(":"))
        found = measure(countries, operators, given.bins, given.history)
        sys.stdout.write(json.dumps(found) + "\n")
        return
    sys.stdout.write(
        "| countries / operators | series | ingest | look | of processors | headroom |"
        " slowest bin (of processors) | headroom | peak | disk a day |\n"
        "|---|---|---|---|---|---|---|---|---|---|\n"
    )
    for size in given.sizes:
        command = [sys.executable, __file__, "--one", size, "--bins", str(given.bins)]
        command += ["--history", str(given.history)]
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603
        sys.stdout.write(_row(json.loads(told)) + "\n")
        sys.stderr.write(told)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
