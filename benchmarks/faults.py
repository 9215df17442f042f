"""What the observatory does when things go wrong: real processes against the lab's servers.

    python benchmarks/faults.py watch-kills              # SIGKILL of a watch at 50 random instants
    python benchmarks/faults.py day-down                 # a source is gone for a day, and back
    python benchmarks/faults.py dns                      # names are not found any more
    python benchmarks/faults.py disk                     # a full disk
    python benchmarks/faults.py clock                    # the clock is six hours off, both ways
    python benchmarks/faults.py two                      # two watches, two senders, on one store

Each prints what it found; ``docs/faults.md`` has the table. ``dns`` and ``disk`` need root.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from fault_tools import (
    ZICHT,
    Watch,
    counted_twice,
    lab,
    newest_of,
    opened,
    receiver,
    rows_of,
    until,
    write_settings,
)

from zicht.observe.fetching import fetch_source
from zicht.observe.fetching_pieces import Terms
from zicht.observe.watch_clock import clock_of
from zicht.observe.watch_state import read_state
from zicht.store import open_store
from zicht.store.location import lake_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from zicht.store import Store

HOUR = timedelta(hours=1)
EXAM = datetime(2025, 6, 2, 3, tzinfo=UTC)  # two hours before Malta's exam begins
PEACE = datetime(2025, 6, 3, 12, tzinfo=UTC)
ISLANDS = ("MT", "CY")
FAILED = 3  # rounds that are waited for before a fault is mended


def compared(folder: Path, env: dict[str, str], end: datetime, start: datetime) -> tuple[int, int]:
    """How many values an undisturbed fetch gives of a time, and in how many the store differs."""
    os.environ.update({name: value for name, value in env.items() if name.startswith("ZICHT_IODA")})
    other = open_store(folder / "other", create=True)
    fetch_source(
        other,
        "ioda",
        [f"country/{code}" for code in ISLANDS],
        start,
        end + HOUR,
        terms=Terms(simulated=True),
        pause=time.sleep,
        clock=clock_of(env).now,
    )
    straight, stored = (newest_of(one, end, start) for one in (other, opened(folder)))
    return len(straight), len(straight ^ stored)


def complete(folder: Path, at: datetime) -> bool:
    """Whether the store has all up to a time."""
    state = read_state(lake_of(folder / "store"), "ioda")
    return state is not None and state.state == "ok" and (state.until or EXAM) >= at


def watch_kills(folder: Path, kills: int) -> dict[str, object]:
    """Kill a watch again and again while a country is cut off and comes back."""
    instants = random.Random(20260102)  # noqa: S311 - instants, no secrets
    with receiver() as received, lab(folder, "exam-week", "ioda", begin=EXAM, speed=150) as env:
        write_settings(folder, received.address)
        watch, clock = Watch(folder, env, ISLANDS), clock_of(env)
        committed: set[tuple[object, ...]] = set()
        lost, alerts = 0, 0
        for _ in range(kills):
            process = watch.start()
            time.sleep(instants.uniform(0.5, 6.0))
            process.kill()
            process.wait()
            store = opened(folder)
            rows = rows_of(store)
            lost += len(committed - rows)
            committed = rows
            told = len(store.alerts())
            lost += max(0, alerts - told)
            alerts = told
        watch.start()
        until(lambda: "end" in received.kinds.values(), "the end is told")
        end = clock.now()
        until(lambda: complete(folder, end), "all is there")
        code = watch.end()
        values, differing = compared(folder, env, end - 3 * HOUR, EXAM - 48 * HOUR)
        return {
            "kills": kills,
            "committed rows lost": lost,
            "bins counted twice": counted_twice(rows_of(opened(folder))),
            "values compared": values,
            "differing": differing,
            "messages": len(set(received.ids)),
            "of an event as new": received.new(),
            "sent again, same id": received.repeated(),
            "exit code": code,
        }


def day_down(folder: Path, _: int) -> dict[str, object]:
    """IODA answers 500 for a day of its time."""
    gone, back = PEACE + 2 * HOUR, PEACE + 26 * HOUR
    faults = f'[[fault]]\nkind = "error"\nbegin = {gone:%FT%TZ}\nend = {back:%FT%TZ}\n'
    with (
        receiver() as received,
        lab(folder, "exam-week", "ioda", begin=PEACE, speed=1200, faults=faults) as env,
    ):
        write_settings(folder, received.address)
        watch = Watch(folder, env, ISLANDS)
        watch.start()
        until(lambda: bool(watch.said("source is back")), "it is back")
        until(lambda: complete(folder, back + HOUR), "all is there")
        code = watch.end()
        values, differing = compared(folder, env, back - HOUR, gone - 12 * HOUR)
        return {
            "failed rounds": len(watch.said("round failed")),
            "values compared": values,
            "differing": differing,
            "new events told": received.new(),
            "exit code": code,
        }


def dns(folder: Path, _: int) -> dict[str, object]:
    """The service's name is in a file that the watch's namespace has for ``/etc/hosts``."""
    hosts = folder / "hosts"
    known = "127.0.0.1 localhost\n127.0.0.1 ioda.example\n"
    hosts.write_text(known, encoding="utf-8")
    nowhere = folder / "resolv.conf"
    nowhere.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n", encoding="utf-8")
    binds = f"mount --bind {hosts} /etc/hosts && mount --bind {nowhere} /etc/resolv.conf"
    before = ["unshare", "-m", "sh", "-c", f'{binds} && exec "$@"', "sh"]
    with receiver() as received, lab(folder, "exam-week", "ioda", begin=PEACE, speed=600) as env:
        env["ZICHT_IODA_URL"] = env["ZICHT_IODA_URL"].replace("127.0.0.1", "ioda.example")
        write_settings(folder, received.address)
        watch, clock = Watch(folder, env, ISLANDS, before), clock_of(env)
        watch.start()
        until(lambda: complete(folder, PEACE + HOUR), "all is there")
        hosts.write_text("127.0.0.1 localhost\n", encoding="utf-8")
        until(lambda: len(watch.said("round failed")) >= FAILED, "rounds failed")
        fault = str(watch.said("round failed")[-1]["fault"])
        hosts.write_text(known, encoding="utf-8")
        until(lambda: bool(watch.said("source is back")), "it is back")
        end = clock.now()
        until(lambda: complete(folder, end), "all is there")
        code = watch.end()
        env["ZICHT_IODA_URL"] = env["ZICHT_IODA_URL"].replace("ioda.example", "127.0.0.1")
        values, differing = compared(folder, env, end - 3 * HOUR, PEACE - 12 * HOUR)
        return {
            "failed rounds": len(watch.said("round failed")),
            "said": fault[:60],
            "values compared": values,
            "differing": differing,
            "exit code": code,
        }


def disk(folder: Path, _: int) -> dict[str, object]:
    """The store lies on a disk of 48 MB that is filled to the last byte, and emptied again."""
    (folder / "store").mkdir()
    mount = f"mount -t tmpfs -o size=48m none {folder / 'store'}"
    subprocess.run(["sh", "-c", mount], check=True)  # noqa: S603, S607 - fixed words
    try:
        return _disk(folder)
    finally:
        subprocess.run(["umount", str(folder / "store")], check=False)  # noqa: S603, S607 - likewise


def _disk(folder: Path) -> dict[str, object]:
    with receiver() as received, lab(folder, "exam-week", "ioda", begin=EXAM, speed=600) as env:
        write_settings(folder, received.address)
        watch, clock = Watch(folder, env, ISLANDS), clock_of(env)
        watch.start()
        until(lambda: complete(folder, EXAM + HOUR), "all is there")
        ballast = folder / "store" / "ballast"
        _fill(ballast)
        until(lambda: len(watch.said("round failed")) >= FAILED, "rounds failed")
        _fill(ballast)
        before = rows_of(opened_to_read(folder))
        until(lambda: clock.now() > EXAM + 6 * HOUR, "the exam has begun")
        fault = str(watch.said("round failed")[-1]["fault"])
        said_while_full = len(received.ids)
        ballast.unlink()
        until(lambda: bool(watch.said("source is back")), "it is back")
        until(lambda: "end" in received.kinds.values(), "the end is told")
        end = clock.now()
        until(lambda: complete(folder, end), "all is there")
        code = watch.end()
        rows = rows_of(opened(folder))
        values, differing = compared(folder, env, end - 3 * HOUR, EXAM - 48 * HOUR)
        return {
            "said": fault[:50],
            "messages while full": said_while_full,
            "committed rows lost": len(before - rows),
            "values compared": values,
            "differing": differing,
            "of an event as new": received.new(),
            "sent again": received.repeated(),
            "exit code": code,
        }


def opened_to_read(folder: Path) -> Store:
    """A store on a disk on which nothing can be written."""
    return open_store(folder / "store")


def _fill(file: Path) -> None:
    try:
        with file.open("ab", buffering=0) as ballast:
            for size in (1 << 20, 1 << 12, 1):
                while True:
                    try:
                        ballast.write(b"\0" * size)
                    except OSError:
                        break
    except OSError:
        pass  # not even a file of nothing


STEPPING = """
import sys, threading, signal, time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zicht.observe.settings import read_settings
from zicht.observe.watch import Watching, watch
from zicht.observe.watch_clock import Clock, clock_of
from zicht.observe.watch_log import open_log
from zicht.store import open_store
import os

@dataclass(frozen=True, kw_only=True)
class Stepping(Clock):
    file: Path
    def now(self):
        return super().now() + timedelta(hours=float(self.file.read_text() or 0))

folder, entities = Path(sys.argv[1]), sys.argv[2:]
plain = clock_of(os.environ)
clock = Stepping(begin=plain.begin, at=plain.at, speed=plain.speed, file=folder / "step")
stopped = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=stopped.set).start())
watch(
    Watching(
        store=open_store(folder / "store", create=True),
        settings=read_settings(folder / "zicht.toml"),
        log=open_log(sys.stderr, as_json=True),
        entities=entities,
        clock=clock,
    ),
    stopped,
)
os._exit(0)
"""


def clock(folder: Path, ahead: int) -> dict[str, object]:
    """The watch's clock is some hours ahead for half a day, and as many behind for another."""
    with receiver() as received, lab(folder, "exam-week", "ioda", begin=PEACE, speed=1200) as env:
        write_settings(folder, received.address)
        step, right = folder / "step", clock_of(env)
        step.write_text("0", encoding="utf-8")
        with (folder / "watch.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-c", STEPPING, str(folder), *ISLANDS], stderr=log, env=env
            )
        until(lambda: complete(folder, PEACE + HOUR), "all is there")
        begin = right.now()
        for hours, wrong in ((12, ahead), (24, 0), (36, -ahead), (48, 0)):
            step.write_text(str(wrong), encoding="utf-8")
            until(lambda: right.now() > begin + hours * HOUR, "time passes")  # noqa: B023 - at once
        end = right.now()
        until(lambda: complete(folder, end), "all is there")
        process.terminate()
        code = process.wait(60)
        values, differing = compared(folder, env, end - 3 * HOUR, PEACE - 12 * HOUR)
        return {
            "hours": ahead,
            "values compared": values,
            "differing": differing,
            "of an event as new": received.new(),
            "sent again": received.repeated(),
            "exit code": code,
        }


def two(folder: Path, senders: int) -> dict[str, object]:
    """A second watch on the store is refused, takes over after a kill; many send beside it."""
    with receiver() as received, lab(folder, "exam-week", "ioda", begin=EXAM, speed=300) as env:
        write_settings(folder, received.address)
        first, second = Watch(folder, env, ISLANDS), Watch(folder, env, ISLANDS)
        first.start()
        until(lambda: bool(first.said("watching")), "the first watches")
        refused = second.start().wait(60)
        sending = [*ZICHT, "--store", str(folder / "store"), "alert", "send"]
        sending += ["--settings", str(folder / "zicht.toml")]
        runs = 0
        killed = False
        while "end" not in received.kinds.values():
            beside = [
                subprocess.Popen(sending, env=env, stdout=subprocess.DEVNULL)  # noqa: S603 - ours
                for _ in range(senders)
            ]
            runs += sum(one.wait(120) in {0, 1} for one in beside)
            if not killed and received.new() and first.process is not None:
                first.process.kill()
                first.process.wait()
                second.start()
                killed = True
        code = second.end()
        return {
            "exit code of the second watch": refused,
            "runs of alert send beside it": runs,
            "messages": len(set(received.ids)),
            "of an event as new": received.new(),
            "sent again": received.repeated(),
            "exit code after taking over": code,
        }


TRIALS: dict[str, tuple[Callable[[Path, int], dict[str, object]], int]] = {
    "watch-kills": (watch_kills, 50),
    "day-down": (day_down, 1),
    "dns": (dns, 1),
    "disk": (disk, 1),
    "clock": (clock, 6),
    "two": (two, 2),
}


def main() -> None:
    """Run the trials that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trials", nargs="*", choices=[*TRIALS, []], metavar="TRIAL")
    parser.add_argument(
        "--times", type=int, help="how many kills or senders; of clock, how many hours"
    )
    asked = parser.parse_args()
    for name in asked.trials or TRIALS:
        run, times = TRIALS[name]
        begin = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            found = run(Path(folder), asked.times or times)
        took = round(time.monotonic() - begin)
        print(json.dumps({"trial": name, **found, "seconds": took}), flush=True)


if __name__ == "__main__":
    main()
