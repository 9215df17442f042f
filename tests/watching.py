"""A watch in this process that listens to a world of the lab, over real sockets."""

from __future__ import annotations

import asyncio
import io
import json
import threading
import time
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from zicht.lab.clock import LabClock
from zicht.lab.serve.faults import Faults
from zicht.lab.serve.mouths import MOUTHS, Stage
from zicht.observe.fetching import fetch_source
from zicht.observe.fetching_pieces import Terms
from zicht.observe.settings import Settings
from zicht.observe.watch import Watching, watch
from zicht.observe.watch_clock import Clock
from zicht.observe.watch_log import open_log
from zicht.observe.watch_settings import SourceSettings, WatchSettings
from zicht.publish.alerts.settings import Atom, Rule
from zicht.store import open_store
from zicht.store.lease import EXPIRY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    import pytest

    from zicht.lab.serve.faults import Fault
    from zicht.observe.watch_lines import Line
    from zicht.store import Store


@contextmanager
def speaking(
    stage: Stage, services: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Services of a world on the loopback; the environment points at them."""
    ready, ended = threading.Event(), threading.Event()

    async def speak() -> None:
        async with AsyncExitStack() as stack:
            for mouth in MOUTHS:
                if mouth.name in services:
                    opened = await stack.enter_async_context(mouth.open(stage, 0))
                    for variable, value in opened.settings.items():
                        monkeypatch.setenv(variable, value)
            ready.set()
            await asyncio.to_thread(ended.wait)

    thread = threading.Thread(target=asyncio.run, args=(speak(),))
    thread.start()
    try:
        assert ready.wait(60)
        yield
    finally:
        ended.set()
        thread.join(30)


@dataclass
class Watched:
    """What a watch did."""

    store: Store
    clock: Clock
    lines: list[Line] = field(default_factory=list)
    log: io.StringIO = field(default_factory=io.StringIO)
    all_ended: bool | None = None
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def logged(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def until(self, holds: Callable[[], bool], *, seconds: float = 60) -> None:
        """Wait until something holds; that it ever does is bounded, not how soon."""
        last = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < last, self.log.getvalue()
            time.sleep(0.05)


@contextmanager
def watching(
    store: Path | str,
    clock: Clock,
    entities: Sequence[str],
    services: Sequence[str],
    *,
    settings: Settings | None = None,
    metrics: int | None = None,
    name: str = "",
    expiry: float = EXPIRY,
) -> Iterator[Watched]:
    """A watch that runs until the context is left."""
    watched = Watched(open_store(store, create=True), clock)
    days = 21 if "tor" in services else 1
    read = settings or settings_of(services, watched.store.path, history_days=days)
    stopped = watched.stopped

    def run() -> None:
        watched.all_ended = watch(
            Watching(
                store=watched.store,
                settings=read,
                log=open_log(watched.log, as_json=True),
                entities=entities,
                metrics=metrics,
                clock=clock,
                tell=watched.lines.extend,
                name=name,
                expiry=expiry,
            ),
            stopped,
        )

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield watched
    finally:
        stopped.set()
        thread.join(60)


def settings_of(services: Sequence[str], store: Path, *, history_days: float = 1) -> Settings:
    """Settings with one channel, which is told of the lab's events."""
    channel = Atom(
        name="desk", file=str(store.parent / "alerts.xml"), simulated=True, rules=(Rule(),)
    )
    return Settings(
        watch=WatchSettings(history_days=history_days),
        source=tuple(SourceSettings(name=name) for name in services),  # type: ignore[arg-type]
        channel=(channel,),
    )


def stage_at(scenario: str | Path, begin: datetime, speed: float, *faults: Fault) -> Stage:
    """A world that is at a time, and goes on from there."""
    return Stage(scenario, None, 1.0, LabClock(begin, speed), Faults(faults))


def clock_of(stage: Stage) -> Clock:
    """The world's clock, as a watch takes it."""
    return Clock(begin=stage.clock.now(), at=time.time(), speed=stage.clock.speed or 1.0)


def learn(
    store: Path,
    scenario: str | Path,
    until: datetime,
    entities: Sequence[str],
    services: Sequence[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fetch the history of a world that stands still, as a watch of weeks would have it."""
    stage = stage_at(scenario, until, 0)
    with speaking(stage, services, monkeypatch):
        for name in services:
            fetch_source(
                open_store(store, create=True),
                name,
                entities,
                max(stage.world.begin, until - timedelta(days=21)),
                until,
                terms=Terms(simulated=True),
                pause=lambda _: None,
                clock=stage.clock.now,
            )
