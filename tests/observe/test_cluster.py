"""Ray on this machine in the place of processes."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import BrokenExecutor
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import msgspec
import pytest
from route_world import ENTITY, SIGNAL, START, truth

from zicht.errors import InputError, UsageError
from zicht.observe.cluster import open_cluster
from zicht.store import open_store

TESTS = Path(__file__).parents[1]
with_ray = pytest.mark.skipif(
    find_spec("ray") is None, reason="Ray is not installed: pip install zicht[cluster]"
)

# Ray holds on to its sockets and warns when they are collected, so it runs in a process of its own.
CALLS = """
import os, sys
from pathlib import Path
from test_cluster import die, refuse, square, listening
from zicht.observe.cluster import open_cluster

def say(answer):
    print(answer, file=answers, flush=True)

if __name__ == "__main__":
    answers = open(sys.argv[1], "w")  # Ray's own log goes to the standard streams
    before = listening()
    with open_cluster() as cluster:
        say(cluster.workers)
        say([one.result() for one in [cluster.submit(square, number) for number in range(5)]])
        say(cluster.submit(os.getpid).result() != os.getpid())
        say(repr(cluster.submit(refuse).exception()))
        say(type(cluster.submit(die).exception()).__name__)
        say(sorted(listening() - before))
        say(os.environ["RAY_USAGE_STATS_ENABLED"])
    try:
        cluster.submit(square, 1)
    except RuntimeError as error:
        say(error)
"""

BACKFILL = """
import sys
from archive_server import serving
from route_world import pipeline, publish
from zicht.cli import run
from zicht.observe import routes_visibility

if __name__ == "__main__":
    routes_visibility.pipeline = lambda _, entities, *__: pipeline(entities)
    with serving() as archive:
        publish(archive, "rrc00", 4)
        words = "bgp backfill --collectors rrc00 --from 2024-10-01T01:00 --until 2024-10-01T03:00"
        sys.exit(run([*words.split(), "--ris", archive.address, "--cluster", *sys.argv[1:]]))
"""


def square(number: int) -> int:
    return number * number


def refuse() -> None:
    raise InputError("This is refused.")


def die() -> None:
    os._exit(9)


def listening() -> set[str]:
    """Addresses, beyond loopback, on which this machine waits for connections over TCP."""
    found = set()
    for family in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{family}").read_text(encoding="ascii").splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            address = local.partition(":")[0]
            if state == "0A" and not address.endswith("0100007F") and int(address, 16) != 1 << 24:
                found.add(local)
    return found


def said(script: str, folder: Path, *words: str) -> list[str]:
    path = folder / "script.py"
    path.write_text(script, encoding="utf-8")
    search = os.pathsep.join([str(TESTS), str(Path(__file__).parent), *sys.path])
    done = subprocess.run(
        [sys.executable, str(path), *words],
        env=os.environ | {"PYTHONPATH": search},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if "(raylet)" not in line]


@with_ray
def test_ray_calls_functions_as_other_executors_do_and_listens_on_loopback_alone(
    tmp_path: Path,
) -> None:
    answers = tmp_path / "answers"
    said(CALLS, tmp_path, str(answers))
    lines = answers.read_text(encoding="utf-8").splitlines()
    workers, squares, elsewhere, refused, died, heard, usage, closed = lines
    assert int(workers) >= 1
    assert squares == "[0, 1, 4, 9, 16]"
    assert elsewhere == "True"
    assert refused == "InputError('This is refused.')"
    assert died == BrokenExecutor.__name__
    assert heard == "[]"
    assert usage == "0"
    assert closed == "cannot schedule new futures after shutdown"


@with_ray
def test_a_backfill_over_ray_gives_the_same_bins(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    (line,) = said(BACKFILL, tmp_path, "--store", str(folder), "--format", "jsonl")
    assert msgspec.json.decode(line)["new"] == 24
    start = START + timedelta(hours=1)
    expected = truth(["rrc00"], start, start + timedelta(hours=2))
    assert open_store(folder).read(SIGNAL.name, ENTITY).values.tolist() == expected


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"zicht\[cluster\]"), open_cluster():
        pass
