"""A small country in network namespaces of a test's own, and vantage points that look at it.

A *world* is a namespace in which the kernel answers every address of the country's blocks; each
*vantage point* is another, joined to it by a pair of virtual Ethernet devices. Nothing in them is
joined to any other network, so no packet can leave the machine.
"""

from __future__ import annotations

import ctypes
import os
import queue
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pytest

from zicht.model.reading import CONTROL
from zicht.observe.probing_run import Prober, run_prober
from zicht.observe.probing_watch import Times, Watched
from zicht.sources.probe.fetch.lists import ExclusionList
from zicht.sources.probe.fetch.sockets import open_socket
from zicht.sources.probe.history import BlockHistory, unmeasured
from zicht.sources.probe.manners import Manners
from zicht.sources.probe.readings import Membership
from zicht.sources.probe.replies import naming
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from zicht.store import Store

OPERATORS = {1: "10.64.0.0/18", 2: "10.64.64.0/18", 3: "10.64.128.0/18", 4: "10.64.192.0/18"}
"""Sixty-four blocks each."""
BLOCKS_EACH = 64
CONTROLS = "10.80.0.0/18"
SPEED = 60.0
"""A minute of the prober is a second."""
_ACTIVE = 16  # addresses of each block that are known


def country(*, controls: bool = True) -> Watched:
    """The blocks of KZ, and those of control."""
    first = np.array([0x0A40_0000, *([0x0A50_0000] if controls else [])], dtype=np.uint64)
    count = [len(OPERATORS) * BLOCKS_EACH, *([BLOCKS_EACH] if controls else [])]
    blocks = np.concatenate(
        [
            begin + np.arange(n, dtype=np.uint64) * np.uint64(256)
            for begin, n in zip(first, count, strict=True)
        ]
    )
    addresses = np.repeat(blocks, _ACTIVE) + np.tile(
        np.arange(1, _ACTIVE + 1, dtype=np.uint64), len(blocks)
    )
    high = addresses << np.uint64(32)
    history: BlockHistory = unmeasured(high, np.zeros_like(high), ipv4=True)
    n = len(history)
    history = replace(
        history,
        availability=np.full(n, 0.95, dtype=np.float32),
        weight=np.full(n, 500.0, dtype=np.float32),
        rounds=np.full(n, 100, dtype=np.int32),
    )
    watched = len(OPERATORS) * BLOCKS_EACH
    operator = (np.arange(n) // BLOCKS_EACH).astype(np.int32)
    entities = ("country/KZ", *(f"asn/{number}/KZ" for number in OPERATORS), CONTROL)
    of_block = np.full((n, 2), -1, dtype=np.int32)
    of_block[:watched, 0] = 0
    of_block[:watched, 1] = 1 + operator[:watched]
    of_block[watched:, 0] = len(entities) - 1
    return Watched(history, Membership(entities, of_block), operator)


@dataclass
class Space:
    """A thread in a network namespace of its own, that does what it is told."""

    work: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue)
    done: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue)
    thread: int = 0

    def __post_init__(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()
        self.thread = self._answer()

    def call(self, work: Callable[[], Any]) -> Any:
        """Do something inside and give its result."""
        self.work.put(work)
        return self._answer()

    def ip(self, arguments: str) -> None:
        """Run iproute2 inside."""
        self.call(lambda: _ip(arguments))

    def end(self) -> None:
        """Let the namespace go."""
        self.work.put(None)

    def _answer(self) -> Any:
        answer = self.done.get(timeout=60)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _run(self) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        clone_newnet = 0x40000000
        failed = libc.unshare(clone_newnet)
        self.done.put(OSError(ctypes.get_errno()) if failed else threading.get_native_id())
        while not failed and (work := self.work.get()) is not None:
            try:
                self.done.put(work())
            except BaseException as error:  # noqa: BLE001 - raised again in the test
                self.done.put(error)


class World:
    """The country and its vantage points."""

    def __init__(self) -> None:
        if os.geteuid() != 0 or not shutil.which("ip"):
            pytest.skip("a network namespace needs root and iproute2")
        self.space = Space()
        self.vantages: list[Space] = []
        self.space.ip("link set lo up")
        for network in (*OPERATORS.values(), CONTROLS):
            self.space.ip(f"route add local {network} dev lo")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for space in (*self.vantages, self.space):
            space.end()

    def vantage(self) -> Space:
        """One more vantage point."""
        number = len(self.vantages) + 1
        space = Space()
        self.vantages.append(space)
        self.space.ip(f"link add up{number} type veth peer name eth0 netns {space.thread}")
        self.space.ip(f"addr add 10.90.{number}.1/24 dev up{number}")
        self.space.ip(f"link set up{number} up")
        space.ip("link set lo up")
        space.ip(f"addr add 10.90.{number}.2/24 dev eth0")
        space.ip("link set eth0 up")
        space.ip(f"route add default via 10.90.{number}.1")
        return space

    def cut_operator(self, number: int) -> None:
        """Nobody of this operator answers any more."""
        self.space.ip(f"route del local {OPERATORS[number]} dev lo")
        self.space.ip(f"route add blackhole {OPERATORS[number]}")

    def mend_operator(self, number: int) -> None:
        """They answer again."""
        self.space.ip(f"route del blackhole {OPERATORS[number]}")
        self.space.ip(f"route add local {OPERATORS[number]} dev lo")

    def cut_line(self, number: int) -> None:
        """No answer reaches this vantage point any more."""
        self.space.ip(f"route add blackhole 10.90.{number}.2/32")

    def mend_line(self, number: int) -> None:
        """Answers reach it again."""
        self.space.ip(f"route del blackhole 10.90.{number}.2/32")


def _ip(arguments: str) -> None:
    program = shutil.which("ip")
    assert program
    subprocess.run([program, *arguments.split()], check=True)


@dataclass
class Running:
    """A prober at work in a thread of a vantage point's namespace."""

    stopped: threading.Event
    said: list[str]
    thread: threading.Thread
    failures: list[BaseException]

    def end(self) -> None:
        """Stop it, and raise what it failed with."""
        self.stopped.set()
        self.thread.join(timeout=60)
        assert not self.thread.is_alive()
        for failure in self.failures:
            raise failure


def start(
    space: Space,
    store: Store,
    vantage: str,
    times: Times,
    *,
    watched: Watched | None = None,
    exclude: Path | None = None,
    rounds: int | None = None,
) -> Running:
    """Let a prober run in a namespace."""
    said: list[str] = []
    failures: list[BaseException] = []
    stopped = threading.Event()
    prober = replace(
        _prober(store, vantage, times, watched or country()),
        exclusions=lambda: ExclusionList(exclude, allow_private=True),
        rounds=rounds,
        tell=said.append,
    )

    def run() -> None:
        try:
            run_prober(prober, [open_socket(ipv4=True)], stopped)
        except BaseException as error:  # noqa: BLE001 - raised again in the test
            failures.append(error)

    thread = space.call(lambda: _started(run))
    return Running(stopped, said, thread, failures)


def _prober(store: Store, vantage: str, times: Times, watched: Watched) -> Prober:
    text = naming("noc@example.org")
    return Prober(
        store=store,
        vantage=vantage,
        families=[watched],
        manners=Manners(rate=20_000, per_minute=1e9, timeout=3 / SPEED, text=text),
        exclusions=lambda: ExclusionList(None, allow_private=True),
        seed=7,
        times=times,
    )


def _started(run: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def main() -> None:
    """Probe as a process of its own, to be killed: the store, and the begin of both clocks."""
    store, steady, wall = sys.argv[1:]
    times = Times(SPEED, (float(steady), float(wall)))
    run_prober(
        _prober(open_store(Path(store)), "ams", times, country()),
        [open_socket(ipv4=True)],
        threading.Event(),
    )


if __name__ == "__main__":
    main()
