"""How soon a watch tells of a national shutdown, measured at the world's own speed.

Usage: python scripts/lab_latency.py [--keep FOLDER]

The lab's exam week: at 07:30 by Malta's clock the country's operators withdraw their routes one
after the other, within four minutes. First the world runs fast for some hours, so that routes are
warm; then at speed 1, from nine minutes before until five minutes after. It takes twenty
minutes. Each line that the watch tells of the country is shown with its seconds from the onset (the
first withdrawal) and from the truth (the first minute in which less than 80 % of routes is left).
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from lab_watch import (
    SERVICES,
    SETTINGS,
    Speaking,
    Stretch,
    command,
    countries_of,
    learn,
    stage_at,
)

from zicht.lab.labels import truth_of_world
from zicht.store import open_store

if TYPE_CHECKING:
    from zicht.model.alert import Alert

NAME, COUNTRY = "exam-week", "country/MT"
ONSET = datetime(2025, 6, 2, 5, 30, tzinfo=UTC)
WARM = timedelta(hours=4)
BEFORE = timedelta(minutes=9)
AFTER = timedelta(minutes=5)
FAST = 60.0

_NOTICES = """
[[channel]]
kind = "atom"
name = "notices"
file = "{atom}"
simulated = true

[[channel.rules]]
level = "notice"
"""


def follow(folder: Path, begin: datetime, end: datetime, speed: float) -> list[dict[str, object]]:
    """Watch from a time to a time; what was told, each with its ``seen_at``."""
    world = stage_at(NAME, begin).world
    lines: list[dict[str, object]] = []
    with Speaking(folder, NAME, begin, speed) as settings:
        first, _, at = settings["ZICHT_CLOCK"].split(",")
        process = subprocess.Popen(  # noqa: S603 - our own commands
            command(
                *("--format", "jsonl", "watch", "--log", "json"),
                *("--settings", folder / "zicht.toml", *countries_of(world)),
                store=folder / "store",
            ),
            env=os.environ | settings,
            stdout=subprocess.PIPE,
            stderr=(folder / f"watch-{speed:.0f}.err").open("wb"),
        )
        if process.stdout is None:
            raise SystemExit("nothing can be heard of the watch")
        os.set_blocking(process.stdout.fileno(), False)
        rest = b""

        def now() -> datetime:
            passed = (time.time() - float(at)) * speed
            return datetime.fromisoformat(first) + timedelta(seconds=passed)

        while now() < end and process.poll() is None:
            *whole, rest = (rest + (process.stdout.read() or b"")).split(b"\n")
            lines += [msgspec.json.decode(line) | {"seen_at": now()} for line in whole]
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    return lines


def main() -> None:
    """Measure, and show each line with its seconds."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--step", type=int, default=60, help="Seconds of a bin.")
    parser.add_argument("--keep", type=Path, help="Keep what is stored and said in this folder.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = asked.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        learn(folder, NAME, Stretch(ONSET - WARM, 0, 0))
        sources = "".join(f'\n[[source]]\nname = "{one}"\n' for one in SERVICES)
        sources += f'\n[[source]]\nname = "bgp"\nstep_seconds = {asked.step}\n'
        sources += 'collectors = ["rrc00"]\n'
        text = SETTINGS.format(sources=sources, atom=folder / "alerts.xml")
        text += _NOTICES.format(atom=folder / "notices.xml")
        (folder / "zicht.toml").write_text(text, encoding="utf-8")
        follow(folder, ONSET - WARM, ONSET - BEFORE, FAST)
        lines = follow(folder, ONSET - BEFORE, ONSET + AFTER, 1.0)
        report(folder, lines, open_store(folder / "store").alerts())


def report(folder: Path, lines: list[dict[str, object]], alerts: list[Alert]) -> None:
    """Show what was told, and when."""
    world = stage_at(NAME, ONSET).world
    truth = min(
        row.begin
        for row in truth_of_world(world)
        if (row.entity, row.signal) == (COUNTRY, "world.routes") and row.begin >= ONSET
    )
    print(f"onset {ONSET:%H:%M:%S}, less than 80 % of routes from {truth:%H:%M:%S} on")
    for line in lines:
        seen = line["seen_at"]
        if line["entity"] == COUNTRY and isinstance(seen, datetime) and seen >= ONSET:
            after = (seen - ONSET).total_seconds(), (seen - truth).total_seconds()
            print(f"{after[0]:7.1f} s {after[1]:7.1f} s  {line['what']}: {line['signal']}")
    for alert in alerts:
        if alert.entity == COUNTRY:
            after = (alert.made_at - ONSET).total_seconds(), (alert.made_at - truth).total_seconds()
            print(f"{after[0]:7.1f} s {after[1]:7.1f} s  alert to {alert.channel}: {alert.kind}")
    print(f"kept in {folder}")


if __name__ == "__main__":
    main()
