"""How fast addresses are probed, beside fping and zmap on the same line in the same run.

Two network namespaces are joined by a veth pair; the kernel of one answers for every address that
the other asks. Needs root, iproute2, and Debian's fping and zmap where they are to be compared. No
packet leaves the machine. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from ipaddress import ip_network
from pathlib import Path
from typing import NamedTuple

SIZES = ("10.64.0.0/20", "10.64.0.0/16", "10.64.0.0/14")
PUBLIC_IPV4 = 3_702_258_432  # addresses that are not reserved (IANA's special-purpose registry)
COOLDOWN = 1.0  # seconds that each waits for the last answers


class Result(NamedTuple):
    """What one run took: seconds without the wait at the end, and of the processor."""

    answered: int
    seconds: float
    processor: float
    megabytes: float


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--engine", metavar="NETWORK", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.engine:
        engine(arguments.engine)
        return
    here, there = (f"zicht-bench-{os.getpid()}-{side}" for side in "ab")
    try:
        hardware = join(here, there)
        measure(here, hardware, arguments.repeats)
    finally:
        for name in (here, there):
            subprocess.run(["ip", "netns", "del", name], check=False)  # noqa: S603, S607


def join(here: str, there: str) -> str:
    """Make the namespaces; the hardware address of the side that answers."""
    for arguments in (
        f"netns add {here}",
        f"netns add {there}",
        f"-n {here} link add v0 type veth peer name v1 netns {there}",
        f"-n {here} addr add 10.9.0.1/24 dev v0",
        f"-n {there} addr add 10.9.0.2/24 dev v1",
        f"-n {here} link set v0 up",
        f"-n {there} link set lo up",
        f"-n {there} link set v1 up",
        f"-n {there} route add local 10.64.0.0/12 dev lo",
        f"-n {here} route add 10.64.0.0/12 via 10.9.0.2",
    ):
        subprocess.run(["ip", *arguments.split()], check=True)  # noqa: S603, S607
    shown = subprocess.run(  # noqa: S603
        ["ip", "-n", there, "link", "show", "v1"],  # noqa: S607
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return str(re.findall(r"link/ether (\S+)", shown)[0])


def measure(here: str, hardware: str, repeats: int) -> None:
    """Run each in turn, so that what else the machine does meets all alike."""
    fastest = run_zicht(here, SIZES[0])  # compiles
    print(f"Load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n")
    columns = (
        *("addresses", "", "answers/s", "best", "per processor second", "lost", "MB"),
        *("× fping", "× zmap, processor"),
    )
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for network in SIZES:
        runs: dict[str, list[Result]] = {"Zicht": [], "fping": [], "zmap": []}
        for _ in range(repeats):
            runs["Zicht"].append(run_zicht(here, network))
            if shutil.which("fping"):
                runs["fping"].append(run_fping(here, network))
            if shutil.which("zmap"):
                runs["zmap"].append(run_zmap(here, network, hardware))
        table(ip_network(network).num_addresses, runs)
        fastest = min(runs["Zicht"], key=lambda run: run.seconds)
    rate = fastest.answered / fastest.seconds
    print(
        f"\nAt the best rate measured ({rate:,.0f}/s) the {PUBLIC_IPV4:,} addresses of the public"
        f" IPv4 internet take {PUBLIC_IPV4 / rate / 3600:.1f} h, at 10,000/s"
        f" {PUBLIC_IPV4 / 10_000 / 86_400:.1f} days."
    )
    print(f"Load after: {os.getloadavg()[0]:.1f}.")


def table(size: int, runs: dict[str, list[Result]]) -> None:
    """Print the rows of one size: medians, and ratios of the medians."""
    middle = {
        name: (
            statistics.median(run.answered / run.seconds for run in own),
            statistics.median(run.answered / run.processor for run in own),
        )
        for name, own in runs.items()
        if own
    }
    for name, (rate, per_processor) in middle.items():
        lost = statistics.median(size - run.answered for run in runs[name])
        best = max(run.answered / run.seconds for run in runs[name])
        megabytes = max(run.megabytes for run in runs[name])
        ratios = [
            f"{rate / middle['fping'][0]:.2f}" if "fping" in middle else "",
            f"{per_processor / middle['zmap'][1]:.2f}" if "zmap" in middle else "",
        ]
        print(
            f"| {size:,} | {name} | {rate:,.0f} | {best:,.0f} | {per_processor:,.0f} |"
            f" {lost:,.0f} | {megabytes:.0f} | {' | '.join(ratios)} |"
        )


def run_zicht(here: str, network: str) -> Result:
    """Zicht's engine in a process of its own; its start is not counted, as it is once a run."""
    done = timed(here, [sys.executable, __file__, "--engine", network])[0]
    return Result(*json.loads(done))


def run_fping(here: str, network: str) -> Result:
    """``fping`` as fast as it goes."""
    hosts = "\n".join(map(str, ip_network(network)))
    how = ["fping", "-a", "-q", "-i", "0", "-r", "0", "-t", str(int(COOLDOWN * 1000))]
    text, seconds, usage = timed(here, how, hosts)
    processor = usage.ru_utime + usage.ru_stime
    return Result(len(text.split()), seconds, processor, usage.ru_maxrss / 1024)


def run_zmap(here: str, network: str, hardware: str) -> Result:
    """``zmap`` as fast as it goes; its cooldown is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        nobody, out = Path(folder) / "nobody", Path(folder) / "out"
        nobody.write_text("192.0.2.0/24\n", encoding="ascii")
        how = f"zmap -M icmp_echoscan -i v0 -S 10.9.0.1 -G {hardware} -b {nobody} -B 10G -q"
        how += f" -c {COOLDOWN:.0f} -f saddr -o {out} {network}"
        _, seconds, usage = timed(here, how.split())
        answered = len(set(out.read_text("ascii").split()))
    processor = usage.ru_utime + usage.ru_stime
    return Result(answered, seconds - COOLDOWN, processor, usage.ru_maxrss / 1024)


def timed(
    here: str, command: list[str], text: str = ""
) -> tuple[str, float, resource.struct_rusage]:
    """Run a command in a namespace: what it wrote, the seconds, and what it used."""
    with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile("w+") as written:
        given.write(text)
        given.seek(0)
        began = time.monotonic()
        process = subprocess.Popen(  # noqa: S603 - the contenders
            ["ip", "netns", "exec", here, *command],  # noqa: S607
            stdin=given,
            stdout=written,
            stderr=subprocess.DEVNULL,
        )
        _, _, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = 0
        written.seek(0)
        return written.read(), seconds, usage


def engine(network: str) -> None:
    """Probe in this process, and print a ``Result`` as JSON."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from zicht.kernels import keep_compiled  # noqa: PLC0415 - only where it is measured

    keep_compiled()
    from zicht.sources.probe.fetch.engine import run_plan  # noqa: PLC0415
    from zicht.sources.probe.fetch.lists import ExclusionList  # noqa: PLC0415
    from zicht.sources.probe.fetch.sockets import open_socket  # noqa: PLC0415
    from zicht.sources.probe.manners import Manners  # noqa: PLC0415
    from zicht.sources.probe.order import draw_order  # noqa: PLC0415
    from zicht.sources.probe.replies import naming  # noqa: PLC0415
    from zicht.sources.probe.schedule import Schedule  # noqa: PLC0415
    from zicht.sources.probe.tally import Tally  # noqa: PLC0415
    from zicht.sources.probe.targets import Targets  # noqa: PLC0415

    def once(asked: str, timeout: float) -> Result:
        targets = Targets([ip_network(asked)], ipv4=True)
        order = draw_order(targets.size, random.Random(7).randrange)  # noqa: S311 - repeatable
        tally = Tally(targets)
        manners = Manners(rate=1e9, per_minute=1e9, timeout=timeout, text=naming("a@example.org"))
        opened = open_socket(ipv4=True)
        began, used = time.monotonic(), time.process_time()
        with opened.socket:
            run_plan(
                opened,
                Schedule(targets, order, tally),
                (1, 2),
                manners,
                ExclusionList(None, allow_private=True),
            )
        seconds = time.monotonic() - began - timeout
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return Result(tally.counts["answered"], seconds, time.process_time() - used, peak)

    once("10.64.0.0/30", 0.01)  # loads the kernels
    print(json.dumps(once(network, COOLDOWN)))


if __name__ == "__main__":
    main()
