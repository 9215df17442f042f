"""The same of what measures by itself: ``zicht bgp live`` and ``zicht probe run``.

    python benchmarks/faults_measured.py live-kills      # SIGKILL at 50 random instants, an hour
    python benchmarks/faults_measured.py probe-kills     # the same; needs root

Routes go by this machine's own clock, a minute a minute; the prober is that of the tests, with a
minute a second.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc
from fault_tools import ZICHT, counted_twice, free_port, lab, opened, rows_of, until

from zicht.lab.registry import registry_file
from zicht.lab.world import open_scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HOUR = timedelta(hours=1)
LONGEST = {"live-kills": 130.0, "probe-kills": 15.0}
"""Seconds that one lives at most: a minute of routes is one, a prober's is a second."""

TESTS = Path(__file__).parents[1] / "tests" / "observe"

PLACE = "IS"


def scenario(folder: Path) -> Path:
    """A small quiet world of today."""
    now = datetime.now(UTC)
    begin = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=now.hour % 8 + 8)
    text = f"""
[scenario]
id = "today"
title = "A quiet day"
summary = "Nothing happens."
seed = 11
begin = {begin:%FT%TZ}
live_from = {begin + 8 * HOUR:%FT%TZ}
end = {begin + 48 * HOUR:%FT%TZ}
invented = "Everything but the names of countries."

[[collector]]
name = "rrc00"
project = "ris"
peers = 6
"""
    for place, code in enumerate((PLACE, "NL", "BE")):
        text += f"""
[[country]]
code = "{code}"

[[operator]]
asn = {4200003001 + place}
name = "Lab {code}"
kind = "mixed"
country = "{code}"
users = 300_000
blocks = 64
prefixes6 = 4
answering = 60
"""
    file = folder / "today.toml"
    file.write_text(text, encoding="utf-8")
    return file


def placed(folder: Path, file: Path) -> None:
    """Where the world's addresses are, in the store."""
    world = open_scenario(file)
    delegated = folder / "delegated-ripencc"
    delegated.write_bytes(registry_file(world, world.begin.date() - timedelta(days=1)))
    command = [*ZICHT, "--store", str(folder / "store"), "place", "import", str(delegated)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command


def kill_again_and_again(
    start: Callable[[], subprocess.Popen[bytes]],
    instants: Sequence[float],
    rows: Callable[[], set[tuple[object, ...]]],
) -> tuple[int, set[tuple[object, ...]]]:
    """Kill what is started after so many seconds; how many committed rows were lost, what is."""
    committed: set[tuple[object, ...]] = set()
    lost = 0
    for seconds in instants:
        process = start()
        time.sleep(seconds)
        process.kill()
        process.wait()
        found = rows()
        lost += len(committed - found)
        committed = found
    return lost, committed


def live_kills(folder: Path, instants: Sequence[float]) -> dict[str, object]:
    """Kill ``zicht bgp live`` again and again while a router tells of what does not change.

    By BMP, for a router tells its tables at once; RIS Live would have to be waited for six minutes
    each time, until its archive tells of the time at which it was connected to.
    """
    file = scenario(folder)
    placed(folder, file)
    router = f"127.0.0.1:{free_port()}"
    with lab(folder, str(file), "bmp", begin=datetime.now(UTC), speed=1, bmp=router) as env:
        words = [*ZICHT, "--store", str(folder / "store"), "bgp", "live", "--bmp", router]

        def start() -> subprocess.Popen[bytes]:
            with (folder / "live.log").open("ab") as log:
                return subprocess.Popen(words, stdout=log, stderr=log, env=env)  # noqa: S603 - ours

        lost, committed = kill_again_and_again(start, instants, lambda: rows_of(opened(folder)))
        process = start()
        until(lambda: len(rows_of(opened(folder))) > len(committed), "it goes on", seconds=900)
        process.terminate()
        code = process.wait(60)
    store = opened(folder)
    rows = rows_of(store)
    own = [row for row in rows if row[:2] == ("bgp.visible24.1m", f"country/{PLACE}")]
    return {
        "kills": len(instants),
        "minutes stored": len(own),
        "committed rows lost": lost,
        "bins counted twice": counted_twice(rows),
        "minutes said to be other than they are": sum(row[3] not in {64.0, None} for row in own),
        "exit code": code,
    }


def probe_kills(folder: Path, instants: Sequence[float]) -> dict[str, object]:
    """Kill a prober again and again while all answer, in the tests' small country."""
    sys.path.insert(0, str(TESTS))
    from probe_country import BLOCKS_EACH, OPERATORS, SPEED, World  # noqa: PLC0415 - the tests'

    from zicht.observe.probing_watch import Times  # noqa: PLC0415 - with the tests' alone

    store = opened(folder)
    with World() as world:
        space, times = world.vantage(), Times(SPEED)
        words = [sys.executable, str(TESTS / "probe_country.py"), str(folder / "store")]
        words += [str(times.begin[0]), str(times.wall())]

        def start() -> subprocess.Popen[bytes]:
            process: subprocess.Popen[bytes] = space.call(lambda: subprocess.Popen(words))  # noqa: S603
            return process

        def rows() -> set[tuple[object, ...]]:
            table = opened(folder).readings()
            return set(zip(*(column.to_pylist() for column in table.columns), strict=True))

        lost, committed = kill_again_and_again(start, instants, rows)
        process = start()
        until(lambda: len(rows()) > len(committed), "it goes on", seconds=900)
        process.kill()
        process.wait()
    readings = store.readings()
    named = (readings[name].to_pylist() for name in ("vantage", "entity", "ipv4", "time"))
    keys = list(zip(*named, strict=True))
    values = store.read("probe.up24.1m", "country/KZ").values
    known = values[~np.isnan(values)]
    asked = readings.filter(pc.equal(readings["entity"], "country/KZ"))["judged"].to_pylist()
    return {
        "kills": len(instants),
        "minutes stored": len(known),
        "committed rows lost": lost,
        "readings counted twice": len(keys) - len(set(keys)),
        "least share said to be up": round(float(known.min()) / (len(OPERATORS) * BLOCKS_EACH), 3),
        "most blocks judged in a minute": max(asked, default=0),
    }


TRIALS = {"live-kills": live_kills, "probe-kills": probe_kills}


def main() -> None:
    """Run the trials that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trials", nargs="+", choices=TRIALS, metavar="TRIAL")
    parser.add_argument("--times", type=int, default=50, help="how many kills")
    parser.add_argument("--seed", type=int, default=20260103, help="of the instants")
    asked = parser.parse_args()
    chance = random.Random(asked.seed)  # noqa: S311 - instants, no secrets
    for name in asked.trials:
        begin = time.monotonic()
        instants = [chance.uniform(0.5, LONGEST[name]) for _ in range(asked.times)]
        with tempfile.TemporaryDirectory() as folder:
            found = TRIALS[name](Path(folder), instants)
        took = round(time.monotonic() - begin)
        print(json.dumps({"trial": name, **found, "seconds": took}), flush=True)


if __name__ == "__main__":
    main()
