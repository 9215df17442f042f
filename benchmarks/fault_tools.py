"""What the trials of faults share: a lab that speaks, processes that are killed, what is stored."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from zicht.store import Store

ZICHT = (sys.executable, "-m", "zicht")
SECRET = "FAULTS_SECRET"  # noqa: S105 - the name of a variable
_KEY = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
_HANG = 600.0

Row = tuple[object, ...]


def until(holds: Callable[[], bool], what: str, *, seconds: float = _HANG) -> None:
    """Wait until something holds.

    Raises:
        TimeoutError: it never did.
    """
    last = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > last:
            raise TimeoutError(what)
        time.sleep(0.05)


def free_port() -> int:
    """A port of the loopback that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def lab(
    folder: Path,
    scenario: str,
    *mouths: str,
    begin: datetime | None,
    speed: float,
    faults: str = "",
    bmp: str = "",
) -> Iterator[dict[str, str]]:
    """``zicht lab run``, BMP to who listens at ``bmp``; gives the environment of who listens."""
    env = folder / "lab.env"
    words = [
        *ZICHT,
        "--format",
        "json",
        "lab",
        "run",
        scenario,
        "--speed",
        str(speed),
        "--env",
        str(env),
    ]
    words += [word for mouth in mouths for word in ("--only", mouth)]
    if begin is not None:
        words += ["--from", f"{begin:%FT%TZ}"]
    if bmp:
        words += ["--bmp", bmp]
    if faults:
        (folder / "faults.toml").write_text(faults, encoding="utf-8")
        words += ["--faults", str(folder / "faults.toml")]
    with (folder / "lab.log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)  # noqa: S603 - our own command
    try:
        until(env.exists, "the lab speaks")
        lines = env.read_text(encoding="utf-8").splitlines()
        pairs = [
            shlex.split(line.removeprefix("export "))[0].split("=", 1) for line in lines if line
        ]
        yield os.environ | dict(pairs) | {SECRET: _KEY, "ZICHT_CONTACT": "noc@example.net"}
    finally:
        process.terminate()
        process.wait()


@dataclass
class Received:
    """What a receiver of webhooks was sent."""

    address: str = ""
    ids: list[str] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)

    def repeated(self) -> int:
        """How many deliveries came with an id that had come before."""
        return len(self.ids) - len(set(self.ids))

    def new(self) -> int:
        """How many messages tell of an event as new."""
        return sum(kind == "new" for kind in self.kinds.values())


@contextmanager
def receiver() -> Iterator[Received]:
    """Takes webhooks, and remembers their ids."""
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            received.ids.append(self.headers["webhook-id"])
            received.kinds[body["id"]] = body["kind"]
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    received.address = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()


def write_settings(folder: Path, hook: str, *, source: str = "ioda", days: int = 14) -> Path:
    """Settings of a watch with one source and one webhook."""
    file = folder / "zicht.toml"
    file.write_text(
        f"""
[watch]
history_days = {days}
[[source]]
name = "{source}"
[[channel]]
kind = "webhook"
name = "hook"
address = "{hook}"
secret_variable = "{SECRET}"
simulated = true
""",
        encoding="utf-8",
    )
    return file


@dataclass
class Watch:
    """``zicht watch`` in a process of its own."""

    folder: Path
    env: dict[str, str]
    entities: Sequence[str]
    before: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """Where it says what it does."""
        return self.folder / "watch.log"

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, anew or for the first time."""
        words = ["--store", str(self.folder / "store"), "watch", *self.entities]
        words += ["--settings", str(self.folder / "zicht.toml"), "--log", "json"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                [*self.before, *ZICHT, *words], stdout=subprocess.DEVNULL, stderr=log, env=self.env
            )
        return self.process

    def said(self, event: str) -> list[dict[str, Any]]:
        """What it logged of some kind."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        found = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
        return [one for one in found if one["event"] == event]

    def end(self) -> int:
        """End it as a service manager does; gives its exit code."""
        if self.process is None:
            return 0
        self.process.terminate()
        return self.process.wait(60)


def rows_of(store: Store) -> set[Row]:
    """Every revision of every value that is stored, but when it was known."""
    entities = {entity for _, entity in store.keys()}  # noqa: SIM118 - a store is no dict
    table = store.revisions(entities).select(["signal", "entity", "time", "value", "revision"])
    return set(zip(*(column.to_pylist() for column in table.columns), strict=True))


def newest_of(store: Store, end: datetime, start: datetime | None = None) -> set[Row]:
    """The newest values of bins that begin in a time."""
    table = store.table(start=start, end=end).select(["signal", "entity", "time", "value"])
    return set(zip(*(column.to_pylist() for column in table.columns), strict=True))


def counted_twice(rows: set[Row]) -> int:
    """How many bins have the same revision twice."""
    keys = [(signal, entity, at, revision) for signal, entity, at, _, revision in rows]
    return len(keys) - len(set(keys))


def opened(folder: Path) -> Store:
    """The store of a trial."""
    return open_store(folder / "store", create=True)
