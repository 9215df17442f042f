"""Import and detection killed at any instant: nothing committed is lost, a rerun completes."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import msgspec

from zicht.observe.detection import run_detection
from zicht.observe.ingest import import_files
from zicht.store import Store, open_store

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 50
FILES = 6
CHILD = """
import sys
from pathlib import Path
import numpy as np
from zicht.sources.ioda import SIGNALS
from zicht.observe.detection import run_detection
from zicht.observe.ingest import import_files
from zicht.store import open_store
from zicht.detect.assess import assess
from zicht.model.series import Series

store = open_store(Path(sys.argv[1]), create=True)
value = np.ones(1)
assess(Series(SIGNALS[0], "country/IR", 0, value, value))  # the kernels are loaded from here on
print("ready", flush=True)
for file in sys.argv[2:]:
    import_files(store, "ioda", [Path(file)], country="IR")
    print(file, flush=True)
    run_detection(store)
"""


def ioda_files(folder: Path) -> list[Path]:
    """Days of a country and an operator, with a blackout from the fourth to the fifth."""
    files = []
    for day in range(FILES):
        rows = []
        for minute in range(0, 1440, 10):
            for asn, name, level in ((0, "Country wide", 9000), (64500, "Example", 700)):
                value = level // 20 if day in {3, 4} else level + minute % 7
                time = f"2019-11-{14 + day} {minute // 60:02}:{minute % 60:02}:00+00:00"
                rows.append(f"active_probing,{value},{asn},{name},{time}\n")
        files.append(folder / f"day-{day}.csv")
        files[-1].write_text("".join(rows), encoding="utf-8")
    return files


def test_a_kill_at_any_instant_loses_only_what_was_not_committed(tmp_path: Path) -> None:
    files = ioda_files(tmp_path)
    rows_of_a_file = len(files[0].read_text(encoding="utf-8").splitlines())
    instants = random.Random(20191116)  # noqa: S311 - instants, no secrets
    folder = tmp_path / "store"
    stored, number = 0, 0
    for _ in range(KILLS):
        said = said_until_killed(folder, files, after=instants.uniform(0.0, 0.6))
        store = open_store(folder, create=True)
        whole, part = divmod(store.table().num_rows, rows_of_a_file)
        assert part == 0, "a file is there in part"
        assert whole >= max(stored, said), "a file that was reported is gone"
        stored = whole
        number = max(number, len(store.events()) + len(store.outages()))
    assert number > 0, "no detection ever got to write"

    interrupted = open_store(folder)
    straight = open_store(tmp_path / "straight", create=True)
    for one in (interrupted, straight):
        import_files(one, "ioda", files, country="IR")
        run_detection(one)
    assert interrupted.table().num_rows == straight.table().num_rows
    assert told(interrupted) == told(straight)


def said_until_killed(folder: Path, files: list[Path], *, after: float) -> int:
    """Kill an import with detection some seconds after it was ready; gives the files reported."""
    command = [sys.executable, "-c", CHILD, str(folder), *map(str, files)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        timer = threading.Timer(after, child.kill)
        timer.start()
        lines = child.stdout.readlines()
        timer.join()
    return sum(line.endswith("\n") for line in lines)


def told(store: Store) -> list[object]:
    """Events and outages, but for what depends on how often they were looked at."""
    records = [*store.events(), *store.outages()]
    return [msgspec.structs.replace(one, revision=1) for one in records]
