"""The running prober of one vantage point: rounds go on, minutes go into the store.

A thread for each address family probes and does nothing else. The thread that called writes what
the minutes told, keeps what a restart goes on from, and joins it with what other vantage points
read. When it is killed, the minutes that were going on are lost: those whose turns were not over,
of which the answers came and the silence was still to come.
"""

from __future__ import annotations

import secrets
import threading
from contextlib import ExitStack
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import numpy as np

from zicht.errors import UsageError
from zicht.model.time import to_microseconds
from zicht.observe.patience import Patience, alone
from zicht.observe.private import locked
from zicht.observe.probing_keep import Keeper, read_state
from zicht.observe.probing_watch import Lost, Times, Told, Watch
from zicht.sources.probe.clock import Clock
from zicht.sources.probe.fetch.engine import Counts, run_plan
from zicht.sources.probe.panel import minute_of
from zicht.sources.probe.signals import MINUTE, ROUND

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pyarrow as pa

    from zicht.observe.probing_keep import Learn
    from zicht.observe.probing_watch import Watched
    from zicht.sources.probe.fetch.lists import ExclusionList
    from zicht.sources.probe.fetch.sockets import Opened
    from zicht.sources.probe.manners import Manners
    from zicht.store import Store

_LOOK = 0.1  # seconds between two looks at what is due


@dataclass(frozen=True, kw_only=True)
class Prober:
    """A vantage point at work.

    Attributes:
        store: where readings and series go.
        vantage: its name.
        families: the blocks to watch, one entry for each address family.
        manners: how to probe; the rate is that of all families together.
        exclusions: gives a list of whom to leave alone, one for each thread.
        seed: of the order in which blocks have their turns; kept over restarts.
        rounds: how many rounds; ``None`` is until it is stopped.
        learn: given what was counted of the blocks of a history in an hour, and which of them are
            suspected of an outage.
        tell: told what is more than figures.
        show: given the readings of each minute.
        progress: given what the engines counted, some times a second.
        times: the clocks.
    """

    store: Store
    vantage: str
    families: Sequence[Watched]
    manners: Manners
    exclusions: Callable[[], ExclusionList]
    seed: int
    rounds: int | None = None
    learn: Learn = lambda *_: None
    tell: Callable[[str], None] = lambda _: None
    show: Callable[[pa.Table], None] = lambda _: None
    progress: Callable[[Counts], None] = lambda _: None
    times: Times


def run_prober(prober: Prober, opened: Sequence[Opened], stopped: threading.Event) -> None:
    """Probe until ``stopped`` is set, or for as many rounds as are asked for.

    Args:
        prober: what, and how.
        opened: an open socket for each family, in the same order; they are closed in the end.
        stopped: set by whoever wants it to end.

    Raises:
        UsageError: another prober of this name works on this store.
        InputError: the list of exclusions cannot be read as it begins.
        OSError: a socket is broken.
        StoreError: the disk is full or fails.
    """
    folder = prober.store.path / "probe"
    with ExitStack() as closing:
        for one in opened:
            closing.enter_context(one.socket)
        lock = locked(folder / f"vantage-{prober.vantage}.lock", wait=False)
        if not closing.enter_context(lock):
            raise UsageError(
                f"Another prober named {prober.vantage!r} works on this store.",
                "Stop it first, or give this one another name with --vantage.",
            )
        if prober.store.lake.shared:
            taken = f"Another prober named {prober.vantage!r} works on this store: {{holder}}."
            name = prober.vantage

            def lost() -> None:
                prober.tell(f"Another prober named {name!r} has taken over; this one ends.")
                stopped.set()

            closing.enter_context(alone(prober.store, f"vantage-{name}", name, taken, lost=lost))
        _run(prober, opened, stopped, folder)


def _run(prober: Prober, opened: Sequence[Opened], stopped: threading.Event, folder: Path) -> None:
    told: SimpleQueue[Told | Lost] = SimpleQueue()
    last = prober.store.last_readings().get(prober.vantage)
    before = None if last is None else minute_of(to_microseconds(last))
    watches = [_watch(prober, watched, before, told, folder) for watched in prober.families]
    keeper = Keeper(
        store=prober.store,
        vantage=prober.vantage,
        watches=watches,
        folder=folder,
        times=prober.times,
        tell=prober.tell,
        show=prober.show,
        learn=prober.learn,
        patience=Patience(stopped, prober.tell),
    )
    if before is not None:
        keeper.catch_up(before)
    engines = _Engines(prober, opened, watches, stopped)
    until = _last_minute(prober)
    try:
        engines.start()
        while not stopped.is_set() and not engines.failed:
            number = _take(keeper, told, _LOOK)
            keeper.join_due()
            if until is not None and number is not None and number >= until:
                break
    finally:
        stopped.set()
        engines.join()
    while not told.empty():
        _take(keeper, told, 0)
    keeper.join_all()
    engines.check()


def _watch(
    prober: Prober,
    watched: Watched,
    before: int | None,
    told: SimpleQueue[Told | Lost],
    folder: Path,
) -> Watch:
    times = prober.times
    clock = Clock(times.wall(), times.steady(), before)
    state = read_state(folder, prober.vantage, ipv4=watched.history.ipv4)
    if state is not None:
        prober.tell(f"IPv{4 if watched.history.ipv4 else 6}: going on where it stopped.")
    return Watch(watched, prober.seed, state, times, clock, told)


def _last_minute(prober: Prober) -> int | None:
    """The minute in which the last round ends."""
    if prober.rounds is None:
        return None
    return int((prober.times.wall() + prober.rounds * ROUND) // MINUTE)


def _take(keeper: Keeper, told: SimpleQueue[Told | Lost], seconds: float) -> int | None:
    """Write what a minute told, if one did; gives its number."""
    try:
        item = told.get(timeout=seconds) if seconds else told.get_nowait()
    except Empty:
        return None
    if isinstance(item, Lost):
        keeper.lose(item)
        return None
    keeper.take(item)
    return item.number


class _Engines:
    """The threads that probe, one for each family."""

    def __init__(
        self,
        prober: Prober,
        opened: Sequence[Opened],
        watches: Sequence[Watch],
        stopped: threading.Event,
    ) -> None:
        self.failed: Exception | None = None
        self._counts = [Counts() for _ in watches]
        self._prober = prober
        self._stopped = stopped
        blocks = np.array([len(watch.watched.history) for watch in watches], dtype=np.float64)
        rates = prober.manners.rate * blocks / max(blocks.sum(), 1)
        self._threads = [
            threading.Thread(
                target=self._probe, args=(place, socket, watch, rate), name="zicht-prober"
            )
            for place, (socket, watch, rate) in enumerate(
                zip(opened, watches, rates.tolist(), strict=True)
            )
            if rate
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def check(self) -> None:
        """Raise what ended a thread."""
        if self.failed:
            raise self.failed

    def _probe(self, place: int, opened: Opened, watch: Watch, rate: float) -> None:
        def tell(counts: Counts) -> None:
            self._counts[place] = counts
            watch.note_counts(counts)
            self._prober.progress(_total(self._counts))

        try:
            run_plan(
                opened,
                watch,
                (secrets.randbits(64), secrets.randbits(64)),
                replace(self._prober.manners, rate=rate),
                self._prober.exclusions(),
                tell=tell,
                stop=self._stopped.is_set,
            )
        except Exception as error:  # noqa: BLE001 - raised again: nobody must watch in vain
            self.failed = error


def _total(counts: Sequence[Counts]) -> Counts:
    total = Counts()
    for one in counts:
        total.sent += one.sent
        total.refused += one.refused
        total.send_errors += one.send_errors
        total.dropped += one.dropped
        total.down |= one.down
    return total
