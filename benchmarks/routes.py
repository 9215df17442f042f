"""How fast routes are read, beside Debian's bgpdump on the same input in the same run.

    python benchmarks/routes.py decode                      # 200,000 prefixes, 1,000,000 messages
    python benchmarks/routes.py decode --prefixes 20000 --messages 100000 --repeats 3
    python benchmarks/routes.py decode --real FILE          # and one file of a collector
    python benchmarks/routes.py visibility                  # from files to /24 blocks of each AS
    python benchmarks/routes.py planet --sizes 0.01 0.1 1   # made by the lab, and read

The input is generated (``routes_data.py``) into ``--folder``, once, packed by gzip. Each job runs
in a process of its own, the jobs in turn; the median counts. *Whole process* is from
the start of Python to its end, kernels being compiled before; *decode alone* is the decoder over
bytes that lie unpacked in memory. Memory is the peak of the process. *Visibility* is
``zicht bgp visibility`` as a user calls it, every AS and bin written as CSV; ``bgpdump -m`` beside
it only writes lines, which somebody would still have to count. *Planet* is the lab's world of all
countries: how fast an hour of updates and a table of one collector are made, and how fast they are
read.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

READ = """
import sys
from zicht.sources.bgp.fetch.files import read_mrt
print(sum(map(len, read_mrt(sys.argv[1], strict=True))))
"""
DECODE = """
import json, sys, time
import numpy as np
from isal import igzip
from zicht.sources.bgp.decode import Decoder
data = np.frombuffer(igzip.open(sys.argv[1]).read(), np.uint8)
seconds, used = [], []
for _ in range(int(sys.argv[2]) + 1):
    decoder = Decoder(strict=True)
    begin, begin_used = time.perf_counter(), time.thread_time()
    count = sum(map(len, decoder.decode(data)))
    seconds.append(time.perf_counter() - begin)
    used.append(time.thread_time() - begin_used)
print(json.dumps([count, len(data), seconds[1:], used[1:]]))
"""


GENERATE = """
import gzip, sys
from pathlib import Path
import routes_data
make, size, path, seed = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
with gzip.open(path.with_suffix(".part"), "wb", compresslevel=4) as sink:
    for piece in getattr(routes_data, make)(size, seed=seed):
        sink.write(piece)
path.with_suffix(".part").rename(path)
"""


PLANET = """
import json, resource, sys, time
from datetime import timedelta
from pathlib import Path
from zicht.lab.routes.collectors import stations_of
from zicht.lab.routes.files import packed, table_records, update_records
from zicht.lab.world import open_scenario
folder, size, minutes = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
begin = time.perf_counter()
world = open_scenario("planet", size=size)
station = stations_of(world)[0]
told = {"prefixes": len(world.prefixes()), "world": time.perf_counter() - begin}
step, start = timedelta(minutes=5), world.live_from
next(update_records(station, start, start + step))  # compiles, as does this:
tables = table_records(station, start)
next(tables), next(tables)
files = [start + step * number for number in range(minutes // 5)]
def write(name, pieces):
    with (folder / name).open("wb") as sink:
        for piece in pieces:
            sink.write(piece)
def measure(what, action):
    begin, used = time.perf_counter(), time.process_time()
    action()
    told[what] = time.perf_counter() - begin, time.process_time() - used
def updates(pack):
    for at in files:
        pieces = update_records(station, at, at + step)
        name = f"updates.{at:%Y%m%d.%H%M}"
        write(f"{name}.gz" if pack else name, packed(pieces, "gz") if pack else pieces)
measure("updates", lambda: updates(False))
measure("updates, gzip", lambda: updates(True))
told["peak of updates"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
measure("table, gzip", lambda: write("bview.gz", packed(table_records(station, start), "gz")))
told["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps(told))
"""


def generate(folder: Path, make: str, size: int, seed: int = 1) -> Path:
    """Write what is generated, unless it is there.

    A process of its own does so: a process that is started inherits the peak of this one.
    """
    path = folder / f"rrc{seed:02}.{make}.{size}.gz"
    if not path.exists():
        command = [sys.executable, "-c", GENERATE, make, str(size), str(path), str(seed)]
        subprocess.run(command, check=True, cwd=Path(__file__).parent)  # noqa: S603 - ours
    return path


def run(command: list[str]) -> tuple[float, float, float]:
    """Run a process; give its seconds by the clock and of processors, and its peak in MiB."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - ours
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    processors = usage.ru_utime + usage.ru_stime
    return time.perf_counter() - begin, processors, usage.ru_maxrss / 1024


def compare(name: str, path: Path, repeats: int) -> None:
    """Measure one file, and print its rows."""
    zicht = [sys.executable, "-c", READ, str(path)]
    lines = [sys.executable, "-m", "zicht", "bgp", "dump", "-m", str(path)]
    for command in (zicht, lines):
        run(command)  # compiles
    jobs = {"zicht, whole process": zicht, "zicht bgp dump -m, whole process": lines}
    if shutil.which("bgpdump"):
        jobs["bgpdump -m, whole process"] = ["bgpdump", "-m", str(path)]
    found: dict[str, list[tuple[float, float, float]]] = {job: [] for job in jobs}
    for _ in range(repeats):
        for job, command in jobs.items():
            found[job].append(run(command))
    command = [sys.executable, "-c", DECODE, str(path), str(repeats)]
    answer = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603 - ours
    count, size, seconds, used = json.loads(answer.stdout)
    rows = [("zicht, decode alone", list(zip(seconds, used, strict=True)), "")]
    for job, results in found.items():
        peak = f"{max(mebibytes for _, _, mebibytes in results):.0f}"
        rows.append((job, [(clock, processors) for clock, processors, _ in results], peak))
    print(f"| {name}: {count:,} elements, {size / 1e6:,.0f} MB | s | of processors | M/s | MiB |")
    print("|---|---|---|---|---|")
    for job, times, peak in rows:
        clock, processors = (statistics.median(column) for column in zip(*times, strict=True))
        speed = f"{count / clock / 1e6:.2f}"
        print(f"| {job} | {clock:.3f} | {processors:.3f} | {speed} | {peak} |")
    print(flush=True)


def decode(arguments: argparse.Namespace) -> None:
    """Measure decoding."""
    folder = arguments.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    prefixes, messages = arguments.prefixes, arguments.messages
    jobs = {
        "smallest job": generate(folder, "make_updates", 100),
        "table": generate(folder, "make_rib", prefixes),
        "updates": generate(folder, "make_updates", messages),
    }
    for name, path in (*jobs.items(), *((path.name, path) for path in arguments.real)):
        compare(name, path, arguments.repeats)


def count_visible(title: str, paths: list[Path], repeats: int, *, tables: bool = False) -> None:
    """Measure visibility of some files together, with a table or not, and print its rows."""
    options = ["--format", "csv", *([] if tables else ["--from-nothing"])]
    zicht = [sys.executable, "-m", "zicht", "bgp", "visibility", *options, *map(str, paths)]
    run(zicht)  # compiles
    jobs = {"zicht bgp visibility": zicht}
    if shutil.which("bgpdump"):
        each = " && ".join(f"bgpdump -m {path}" for path in paths)
        jobs["bgpdump -m, one after another"] = ["sh", "-c", each]
    found: dict[str, list[tuple[float, float, float]]] = {job: [] for job in jobs}
    for _ in range(repeats):
        for job, command in jobs.items():
            found[job].append(run(command))
    print(f"| {title} | s | of processors | MiB |")
    print("|---|---|---|---|")
    for job, results in found.items():
        clock, processors, _ = (statistics.median(column) for column in zip(*results, strict=True))
        print(f"| {job} | {clock:.2f} | {processors:.2f} | {max(r[2] for r in results):.0f} |")
    print(flush=True)


def visibility(arguments: argparse.Namespace) -> None:
    """Measure visibility: a table, updates, and those of 1, 2 and 8 collectors at once."""
    folder = arguments.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    prefixes, each, repeats = arguments.prefixes, arguments.messages // 4, arguments.repeats
    rib = generate(folder, "make_rib", prefixes)
    collectors = [generate(folder, "make_updates", each, seed) for seed in range(1, 9)]
    count_visible("smallest job", [generate(folder, "make_updates", 100)], repeats)
    count_visible(f"table of {prefixes:,} prefixes, 40 peers", [rib], repeats)
    for count in (1, 2, 8):
        title = f"updates of {count} collectors, {each:,} messages each"
        count_visible(title, collectors[:count], repeats)


def planet(arguments: argparse.Namespace) -> None:
    """Measure how fast the lab makes files of a planet, and how fast they are read."""
    for size in arguments.sizes:
        folder = arguments.folder.resolve() / f"planet.{size:g}" / "rrc00"
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-c", PLANET, str(folder), str(size), str(arguments.minutes)]
        made = []
        for _ in range(arguments.repeats):
            answer = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603
            made.append(json.loads(answer.stdout))
        updates, table = sorted(folder.glob("updates.*.gz")), folder / "bview.gz"
        counts = {"table": count_elements([table]), "updates": count_elements(updates)}
        print(
            f"| planet of size {size:g}, {made[0]['prefixes']:,} prefixes | s | processors | M/s |"
        )
        print("|---|---|---|---|")
        for what in ("updates", "updates, gzip", "table, gzip"):
            count = counts[what.partition(",")[0]]
            clock, used = (statistics.median(one[what][i] for one in made) for i in range(2))
            title = f"{what}: {count:,} elements"
            print(f"| {title} | {clock:.2f} | {used:.2f} | {count / clock / 1e6:.2f} |")
        world = statistics.median(one["world"] for one in made)
        peaks = [max(one[name] for one in made) for name in ("peak of updates", "peak")]
        print(f"world {world:.1f} s, peak {peaks[0]:.0f} MiB, with tables {peaks[1]:.0f} MiB\n")
        count_visible("that table and updates", [table, *updates], arguments.repeats, tables=True)


def count_elements(paths: list[Path]) -> int:
    """How many elements some files hold."""
    answers = [
        subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, check=True)  # noqa: S603
        for path in paths
    ]
    return sum(int(answer.stdout) for answer in answers)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("section", choices=["decode", "visibility", "planet"])
    parser.add_argument("--prefixes", type=int, default=200_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--sizes", type=float, nargs="*", default=[0.01, 0.1, 1.0])
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--real", type=Path, nargs="*", default=[])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "zicht-routes")
    arguments = parser.parse_args()
    sections = {"decode": decode, "visibility": visibility, "planet": planet}
    sections[arguments.section](arguments)


if __name__ == "__main__":
    main()
