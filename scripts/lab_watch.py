"""Write docs/lab-watch.md: what a watch tells of each of the lab's worlds as it happens.

Usage: python scripts/lab_watch.py docs/lab-watch.md [NAME...]

Of some worlds alone where they are named; the rows of the others stay as they are.

Each world runs at many times the speed, as `zicht lab run` in a process of its own: all services,
the archives of its collectors, RIS Live. `zicht watch` listens over real sockets, with routes, and
alerts; then what people were told is held against the world's truth. What is measured depends on
the machine: one that is too slow for a world's speed tells late.
"""

from __future__ import annotations

import argparse
import os
import resource
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # where the listening is

import msgspec
from hearing import compile_all, entities_of

from zicht.lab.clock import LabClock
from zicht.lab.labels import truth_of_world
from zicht.lab.registry import registry_file
from zicht.lab.serve.faults import Faults
from zicht.lab.serve.mouths import Stage
from zicht.model.entity import parse_entity
from zicht.observe.fetching import fetch_source
from zicht.observe.fetching_pieces import Terms
from zicht.observe.watch_health import health
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zicht.lab.labels import TruthRow
    from zicht.lab.world import World
    from zicht.model.alert import Alert
    from zicht.observe.watch_health import Health
    from zicht.store import Store

SERVICES = ("ioda", "atlas", "radar", "tor", "ooni", "google")
ROUTES = ("archives", "ris-live")
BEFORE = timedelta(hours=26)
"""Routes of a day before are read from the archives first, as a watch of long standing has them."""


@dataclass(frozen=True)
class Stretch:
    """What is watched of a world: from when on, for how long, and how fast."""

    begin: datetime
    hours: float
    speed: float


STRETCHES = {
    "exam-week": Stretch(datetime(2025, 6, 2, 2, tzinfo=UTC), 60, 600),
    "mobile-curfew": Stretch(datetime(2025, 3, 10, 14, tzinfo=UTC), 40, 600),
    "cable-cut": Stretch(datetime(2025, 3, 12, 8, tzinfo=UTC), 8, 120),
    "power-failure": Stretch(datetime(2025, 5, 20, 2, tzinfo=UTC), 18, 600),
    "allow-list": Stretch(datetime(2026, 1, 8, 8, tzinfo=UTC), 12, 120),
    "kazakhstan-2022": Stretch(datetime(2022, 1, 4, 13, tzinfo=UTC), 26, 240),
    "sick-day": Stretch(datetime(2025, 2, 10, 20, tzinfo=UTC), 34, 600),
    "quiet-month": Stretch(datetime(2025, 4, 5, 8, tzinfo=UTC), 24, 240),
}

SETTINGS = """
[watch]
contact = "lab@example.org"
history_days = 21
{sources}
[[channel]]
kind = "atom"
name = "desk"
file = "{atom}"
simulated = true

[[channel.rules]]
"""


@dataclass(frozen=True)
class Told:
    """What a watch told of a world.

    Attributes:
        store: what it stored.
        lines: what it wrote to standard output.
        health: how its sources fared, at the begin of each hour of the world.
        seconds: how long it ran.
        memory: the most that the watch and its processes took, in MB.
    """

    store: Store
    lines: list[dict[str, object]]
    health: list[Health]
    seconds: float
    memory: float


def stage_at(name: str, at: datetime) -> Stage:
    """A world that stands still at a time."""
    return Stage(name, None, 1.0, LabClock(at, 0), Faults(()))


def countries_of(world: World) -> list[str]:
    """The countries of a world."""
    return list(entities_of(world, "tor"))


def command(*words: object, store: Path) -> list[str]:
    """A command line of Zicht's."""
    return [sys.executable, "-m", "zicht", "--store", str(store), *map(str, words)]


class Speaking:
    """`zicht lab run` in a process of its own, and the environment that points at it."""

    def __init__(self, folder: Path, name: str, at: datetime, speed: float) -> None:
        self._env = folder / f"settings-{speed:.0f}"
        mouths = [word for mouth in (*SERVICES, *ROUTES) for word in ("--only", mouth)]
        self._process = subprocess.Popen(  # noqa: S603 - our own commands
            command(
                *("lab", "run", name, "--from", f"{at:%FT%TZ}", "--speed", speed),
                *("--env", self._env, *mouths),
                store=folder / "none",
            ),
            stdout=(folder / "lab.out").open("wb"),
            stderr=(folder / "lab.err").open("wb"),
        )

    def __enter__(self) -> dict[str, str]:
        while not self._env.exists() or not self._env.read_text(encoding="utf-8").endswith("\n"):
            if self._process.poll() is not None:
                raise SystemExit("the lab did not speak")
            time.sleep(0.1)
        words = shlex.split(self._env.read_text(encoding="utf-8"))
        pairs = (word.partition("=") for word in words if "=" in word)
        return {key: value for key, _, value in pairs}

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(60)


def learn(folder: Path, name: str, stretch: Stretch) -> Store:
    """A store with the history that a watch of long standing has: three weeks, a day of routes."""
    path = folder / "store"
    store = open_store(path, create=True)
    stage = stage_at(name, stretch.begin)
    world = stage.world
    file = folder / "delegated-ripencc"
    file.write_bytes(registry_file(world, world.begin.date() - timedelta(days=1)))
    run("place", "import", file, store=path, settings={})
    compile_all(stage, path)
    since = max(world.begin, stretch.begin - timedelta(days=21))
    with Speaking(folder, name, stretch.begin, 0) as settings:
        os.environ.update(settings)
        for service in SERVICES:
            fetch_source(
                store,
                service,
                entities_of(world, service),
                since,
                stretch.begin,
                terms=Terms(simulated=True),
                pause=lambda _: None,
                clock=stage.clock.now,
            )
        ris = ",".join(one.name for one in world.collectors if one.project == "ris")
        run(
            *("bgp", "backfill", "--collectors", ris, "--simulated"),
            *("--from", f"{stretch.begin - BEFORE:%FT%TZ}"),
            *("--until", f"{stretch.begin:%FT%TZ}", "--cache", folder / "archives"),
            store=path,
            settings=settings,
        )
    return store


def run(*words: object, store: Path, settings: Mapping[str, str]) -> None:
    """Run a command of Zicht's to its end."""
    done = subprocess.run(  # noqa: S603 - our own commands
        command(*words, store=store),
        env=os.environ | dict(settings),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}\n{done.stderr.decode()}")


def watch(folder: Path, name: str, stretch: Stretch) -> Told:
    """Watch a stretch of a world as it happens."""
    store = learn(folder, name, stretch)
    world = stage_at(name, stretch.begin).world
    ris = [one.name for one in world.collectors if one.project == "ris"]
    sources = "".join(f'\n[[source]]\nname = "{one}"\n' for one in SERVICES)
    sources += f'\n[[source]]\nname = "bgp"\nstep_seconds = 300\ncollectors = {ris}\n'
    (folder / "zicht.toml").write_text(
        SETTINGS.format(sources=sources.replace("'", '"'), atom=folder / "alerts.xml"),
        encoding="utf-8",
    )
    end = stretch.begin + timedelta(hours=stretch.hours)
    looks: list[Health] = []
    began = time.monotonic()
    with Speaking(folder, name, stretch.begin, stretch.speed) as settings:
        begin, speed, at = settings["ZICHT_CLOCK"].split(",")
        process = subprocess.Popen(  # noqa: S603 - our own commands
            command(
                *("--format", "jsonl", "watch", "--log", "json"),
                *("--settings", folder / "zicht.toml", *countries_of(world)),
                store=folder / "store",
            ),
            env=os.environ | settings,
            stdout=(folder / "watch.out").open("wb"),
            stderr=(folder / "watch.err").open("wb"),
        )
        first = datetime.fromisoformat(begin)
        while True:
            time.sleep(max(0.2, 3600 / float(speed)))
            now = first + timedelta(seconds=(time.time() - float(at)) * float(speed))
            looks.append(health(store, at=now))
            if now >= end or process.poll() is not None:
                break
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    lines = [msgspec.json.decode(line) for line in (folder / "watch.out").read_bytes().splitlines()]
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    return Told(store, lines, looks, time.monotonic() - began, memory)


@dataclass(frozen=True)
class Truth:
    """What an event of a world did to a country, as sources that were watched could show it.

    Attributes:
        event: its name, with the country's where it befell several.
        begin: when the first of its entities fell below ordinary.
        alerts: how many events people were alerted of that are it.
        first: when they were, the first time.
    """

    event: str
    begin: datetime
    alerts: int
    first: datetime | None


def truths(world: World, alerts: Sequence[Alert], stretch: Stretch) -> list[Truth]:
    """The events that began in a stretch and that some source shows, with their alerts."""
    end = stretch.begin + timedelta(hours=stretch.hours)
    by_country: dict[tuple[str, str], list[TruthRow]] = {}
    for row in truth_of_world(world):
        by_country.setdefault((row.event, country_of(world, row.entity)), []).append(row)
    names = [event for event, _ in by_country]
    found = []
    for (name, country), own in by_country.items():
        begin = min(row.begin for row in own)
        shown = any(not row.signal.startswith("world.") for row in own)
        if not shown or not stretch.begin <= begin < end:
            continue
        new = [one for one in alerts if one.kind == "new" and is_of(one, own)]
        first = min((one.made_at for one in new), default=None)
        where = f" in {country}" if names.count(name) > 1 else ""
        found.append(Truth(f"{name}{where}", begin, len({one.subject for one in new}), first))
    return found


def country_of(world: World, entity: str) -> str:
    """The country of an entity of a world."""
    parsed = parse_entity(entity)
    if parsed.country is not None or parsed.asn is None:
        return parsed.country or entity
    return world.parts_by(parsed.asn)[0].country


def is_of(alert: Alert, rows: Sequence[TruthRow]) -> bool:
    """Whether an alert's event overlaps what truly happened to its entity."""
    event = alert.event
    return event is not None and any(
        row.entity == event.entity
        and (row.end is None or event.onset[0] <= row.end)
        and (event.end is None or event.end[1] >= row.begin)
        for row in rows
    )


def row_of(name: str, told: Told, stretch: Stretch) -> str:
    """A line of the table."""
    world = stage_at(name, stretch.begin).world
    rows = truth_of_world(world)
    alerts = told.store.alerts()
    events = truths(world, alerts, stretch)
    false = [one for one in alerts if one.kind == "new" and not is_of(one, rows)]
    sick = {one.subject.split("/")[1] for one in alerts if one.kind == "health"}
    seeing = sum(one.sees for one in told.health)
    cells = [
        f"`{name}`",
        f"{stretch.hours:.0f} h at {stretch.speed:.0f}",
        "; ".join(f"{one.event}: {one.alerts}" for one in events) or "–",
        "; ".join(_after(one) for one in events) or "–",
        ", ".join(sorted({f"{one.entity}" for one in false})) or "none",
        ", ".join(sorted(sick)) or "–",
        f"{100 * seeing / max(len(told.health), 1):.0f} %",
        f"{told.memory:.0f} MB",
    ]
    return "| " + " | ".join(cells) + " |\n"


def _after(one: Truth) -> str:
    return "never" if one.first is None else f"{(one.first - one.begin).total_seconds() / 60:.0f}"


_HEAD = """# Watching the lab's worlds

<!-- Written by `make lab-watch`. -->

What `zicht watch` tells of [the lab's worlds](lab.md) as they happen. Each world speaks as
`zicht lab run` at many times the speed, over real sockets: six services, the archives of its
collectors and RIS Live, for the hours around what happens in it. The watch has three weeks of
history and a day of routes, follows routes in bins of five minutes, and alerts; what people were
told is held against the world's truth.

*Alerted* is of how many events people were told that are the true one: it should be 1. *After* is
the minutes of the world from the true begin to the alert; at such speeds a second of this machine
is two to ten minutes, so [latency is measured at speed 1](watch.md#how-soon). *False* are alerts
that are of nothing true. *Sick* are the sources of which health alerts went out. A world without a
row was not watched.

| world | watched | alerted | after | false | sick | sees | memory |
|---|---|---|---|---|---|---|---|
"""


def main() -> None:
    """Watch all worlds, or some, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("page", type=Path)
    parser.add_argument("names", nargs="*", default=list(STRETCHES))
    parser.add_argument("--keep", type=Path, help="Keep what is stored and said in this folder.")
    asked = parser.parse_args()
    for name in asked.names:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made) if asked.keep is None else asked.keep / name
            folder.mkdir(parents=True, exist_ok=True)
            row = row_of(name, watch(folder, name, STRETCHES[name]), STRETCHES[name])
        print(row, end="", file=sys.stderr, flush=True)
        write(asked.page, name, row)


def write(page: Path, name: str, row: str) -> None:
    """Write a world's row; those of the others stay as they are."""
    lines = page.read_text(encoding="utf-8").splitlines() if page.exists() else []
    rows = {line.split("`")[1]: f"{line}\n" for line in lines if line.startswith("| `")}
    rows[name] = row
    told = "".join(rows[one] for one in STRETCHES if one in rows)
    page.write_text(_HEAD + told, encoding="utf-8")


if __name__ == "__main__":
    main()
