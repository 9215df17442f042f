"""How fast routes are read, beside Debian's bgpdump on the same input in the same run.

    python benchmarks/routes.py decode                      # 200,000 prefixes, 1,000,000 messages
    python benchmarks/routes.py decode --prefixes 20000 --messages 100000 --repeats 3
    python benchmarks/routes.py decode --real FILE          # and one file of a collector

The input is generated (``routes_data.py``) into ``--folder``, once, packed by gzip. Each job runs
in a process of its own, the jobs in turn; the median counts. *Whole process* is from
the start of Python to its end, kernels being compiled before; *decode alone* is the decoder over
bytes that lie unpacked in memory. Memory is the peak of the process.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from routes_data import make_rib, make_updates

if TYPE_CHECKING:
    from collections.abc import Iterator

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
seconds = []
for _ in range(int(sys.argv[2]) + 1):
    decoder = Decoder(strict=True)
    begin = time.perf_counter()
    count = sum(map(len, decoder.decode(data)))
    seconds.append(time.perf_counter() - begin)
print(json.dumps([count, len(data), seconds[1:]]))
"""


def generate(folder: Path, name: str, pieces: Iterator[bytes]) -> Path:
    """Write what is generated, unless it is there."""
    path = folder / name
    if not path.exists():
        begin = time.perf_counter()
        unfinished = path.with_suffix(".part")
        with gzip.open(unfinished, "wb", compresslevel=4) as sink:
            for piece in pieces:
                sink.write(piece)
        unfinished.rename(path)
        print(f"{name} generated in {time.perf_counter() - begin:.0f} s", file=sys.stderr)
    return path


def run(command: list[str]) -> tuple[float, float]:
    """Run a process; give its seconds and its peak of memory in MiB."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - ours
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def compare(name: str, path: Path, repeats: int) -> None:
    """Measure one file, and print its rows."""
    zicht = [sys.executable, "-c", READ, str(path)]
    lines = [sys.executable, "-m", "zicht", "bgp", "dump", "-m", str(path)]
    for command in (zicht, lines):
        run(command)  # compiles
    jobs = {"zicht, whole process": zicht, "zicht bgp dump -m, whole process": lines}
    if shutil.which("bgpdump"):
        jobs["bgpdump -m, whole process"] = ["bgpdump", "-m", str(path)]
    found: dict[str, list[tuple[float, float]]] = {job: [] for job in jobs}
    for _ in range(repeats):
        for job, command in jobs.items():
            found[job].append(run(command))
    command = [sys.executable, "-c", DECODE, str(path), str(repeats)]
    answer = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603 - ours
    count, size, seconds = json.loads(answer.stdout)
    alone = statistics.median(seconds)
    print(f"| {name}: {count:,} elements, {size / 1e6:,.0f} MB | s | M elements/s | MiB |")
    print("|---|---|---|---|")
    print(f"| zicht, decode alone | {alone:.3f} | {count / alone / 1e6:.1f} | |")
    for job, results in found.items():
        median = statistics.median(seconds for seconds, _ in results)
        memory = max(mebibytes for _, mebibytes in results)
        print(f"| {job} | {median:.2f} | {count / median / 1e6:.2f} | {memory:.0f} |")
    print()


def decode(arguments: argparse.Namespace) -> None:
    """Measure decoding."""
    folder = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    prefixes, messages = arguments.prefixes, arguments.messages
    small = folder / "small.gz"
    small.write_bytes(gzip.compress(b"".join(make_updates(100))))
    rib = generate(folder, f"rib.{prefixes}.gz", make_rib(prefixes))
    updates = generate(folder, f"updates.{messages}.gz", make_updates(messages))
    compare("smallest job", small, arguments.repeats)
    compare("table", rib, arguments.repeats)
    compare("updates", updates, arguments.repeats)
    for path in arguments.real:
        compare(path.name, path, arguments.repeats)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("section", choices=["decode"])
    parser.add_argument("--prefixes", type=int, default=200_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--real", type=Path, nargs="*", default=[])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "zicht-routes")
    decode(parser.parse_args())


if __name__ == "__main__":
    main()
