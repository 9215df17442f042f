"""What a running prober writes down: readings, series, its state, and what histories learned."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from zicht.model.health import Sickness
from zicht.model.time import MICROSECONDS, from_microseconds
from zicht.observe.private import write_private
from zicht.observe.probe_joining import join_readings
from zicht.sources.probe.aggregate import advance, new_panel
from zicht.sources.probe.learning import frozen_blocks, refresh
from zicht.sources.probe.panel import lay_out
from zicht.sources.probe.readings import read_minute
from zicht.sources.probe.signals import MINUTE, ROUND
from zicht.sources.probe.suspicion import Suspicion
from zicht.sources.probe.vantage import Sick, find_sick

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from zicht.observe.patience import Patience
    from zicht.observe.probing_watch import Lost, Times, Told, Watch, Watched
    from zicht.sources.probe.aggregate import Panel
    from zicht.sources.probe.history import BlockHistory
    from zicht.sources.probe.learning import Counted
    from zicht.sources.probe.samples import Sample
    from zicht.store import Store

    Learn = Callable[[BlockHistory, Counted, NDArray[np.bool_]], None]

_GRACE = 15.0
"""Seconds that a minute waits for other vantage points once the next is written. Turns take up to
45, so most are there by then; what comes later revises it."""
_REMEMBERED = 5  # minutes whose samples can be taken back
_CAUGHT_UP = ROUND // MINUTE + 2  # minutes before a stop that may not have been joined any more
_HOURS = 24


class Keeper:
    """Writes what minutes told.

    Args:
        store: where readings and series go.
        vantage: the vantage point's name.
        watches: the plans, one for each family.
        folder: where the state is kept.
        times: the clocks.
        tell: told what is more than figures.
        show: given the readings of each minute.
        learn: given what was counted of the blocks of a history, and which are suspected.
        patience: does what has to do with the store, and again while it cannot be reached.
    """

    def __init__(  # noqa: PLR0913 - all by name
        self,
        *,
        store: Store,
        vantage: str,
        watches: Sequence[Watch],
        folder: Path,
        times: Times,
        tell: Callable[[str], None],
        show: Callable[[pa.Table], None],
        learn: Learn,
        patience: Patience,
    ) -> None:
        self._store = store
        self._vantage = vantage
        self._folder = folder
        self._times = times
        self._tell = tell
        self._show = show
        self._learns = learn
        self._patience = patience
        self._watches = {watch.ipv4: watch for watch in watches}
        self._histories = {watch.ipv4: watch.watched.history for watch in watches}
        self._panels = {ipv4: new_panel(len(history)) for ipv4, history in self._histories.items()}
        self._suspicions = {watch.ipv4: Suspicion(watch.watched.membership) for watch in watches}
        self._samples: dict[tuple[bool, int], Sample] = {}
        self._written: dict[bool, int] = {}  # the last minute of each family
        self._joined: int | None = None  # the first minute that is not joined yet
        self._due: float | None = None

    def catch_up(self, last: int) -> None:
        """Join what an earlier run may have written and not joined any more."""
        self._joined = last - _CAUGHT_UP
        join_readings(self._store, self._joined, last)
        self._joined = last

    def take(self, told: Told) -> None:
        """Write a minute.

        Raises:
            StoreError: the disk is full or fails.
        """
        watch, number = self._watches[told.ipv4], told.number
        readings = self._read(told, watch.watched)
        self._patience(lambda: self._store.append_readings(readings))
        if told.state is not None:
            keep_state(self._folder, self._vantage, told.state, ipv4=told.ipv4)
        suspicion = self._suspicions[told.ipv4]
        suspicion.follow(
            told.sample,
            told.belief,
            self._patience(self._outages),
            sick=_is_sick(readings, ipv4=told.ipv4),
        )
        if told.counted is not None:
            self._learn(told.ipv4, told.counted)
        self._samples[told.ipv4, number] = told.sample
        for key in [key for key in self._samples if key[1] < number - _REMEMBERED]:
            del self._samples[key]
        self._written[told.ipv4] = number
        before = number - 1  # this minute shows whether the line was well at the end of that one
        self._joined = before if self._joined is None else min(self._joined, before)
        if self._due is None:
            self._due = self._times.steady() + _GRACE
        self._show(readings)

    def _read(self, told: Told, watched: Watched) -> pa.Table:
        """The minute's readings; of a minute without a line nothing is carried forward."""

        def read(panel: Panel) -> pa.Table:
            return read_minute(
                told.sample,
                panel,
                watched.membership,
                vantage=self._vantage,
                ipv4=told.ipv4,
                unsent=told.unsent,
                known_at=int(self._times.wall() * MICROSECONDS),
            )

        before = self._panels[told.ipv4]
        after = advance(before, told.sample, watched.operator)
        readings = read(after)
        if not _is_sick(readings, ipv4=told.ipv4):
            self._panels[told.ipv4] = after
        return readings

    def lose(self, lost: Lost) -> None:
        """Say that the clock was set."""
        way = "forward" if lost.by > 0 else "back"
        text = f"its clock was set {way} by {abs(lost.by):,.0f} s"
        self._tell(f"This machine: {text}; {len(lost.minutes)} minutes cannot be told.")
        if len(lost.minutes):
            stretch = Sickness(
                signal=f"probe.vantage.{self._vantage}",
                start=from_microseconds(lost.minutes.start * MINUTE * MICROSECONDS),
                end=from_microseconds(lost.minutes.stop * MINUTE * MICROSECONDS),
                reason=f"{self._vantage}: {text}",
            )
            now = datetime.now(UTC)
            self._patience(lambda: self._store.write_health([stretch], known_at=now))

    def join_due(self) -> None:
        """Join minutes for which others have had time enough."""
        if self._due is not None and self._times.steady() >= self._due:
            self._due = None
            self._join(max(self._written.values()))

    def join_all(self) -> None:
        """Join all that was written: this run ends here, and no next minute will show more."""
        if self._written:
            self._join(max(self._written.values()) + 1)

    def _join(self, until: int) -> None:
        if self._joined is None or until <= self._joined:
            return
        first = self._joined
        sick = self._patience(lambda: join_readings(self._store, first, until))
        for vantage, ipv4, number in sick:
            sample = self._samples.pop((ipv4, number), None)
            if vantage == self._vantage and sample is not None:
                self._watches[ipv4].withdrawn.put(sample)
        self._joined = until

    def _outages(self) -> set[str]:
        return {one.entity for one in self._store.outages() if one.ongoing is not False}

    def _learn(self, ipv4: bool, counted: Counted) -> None:  # noqa: FBT001 - the family
        suspicion, before = self._suspicions[ipv4], self._histories[ipv4]
        frozen = frozen_blocks(suspicion.since, suspicion.operator_up(), counted.time)
        history = refresh(before, counted, frozen)
        self._histories[ipv4] = history
        self._learns(before, counted, frozen)
        if len(history.address_high) != len(before.address_high) or counted.hour == _HOURS - 1:
            watch = self._watches[ipv4]
            watch.renewed.put(replace(watch.watched, history=history))


def _is_sick(readings: pa.Table, *, ipv4: bool) -> bool:
    """Whether a minute of one vantage point shows by itself that it was sick."""
    return bool((find_sick(lay_out(readings, ipv4=ipv4)) != Sick.NO).any())


def keep_state(folder: Path, vantage: str, state: pa.Table, *, ipv4: bool) -> None:
    """Write what a restart goes on from, for the owner's eyes alone.

    Raises:
        StoreError: it cannot be written.
    """
    file = io.BytesIO()
    pq.write_table(state, file, compression="zstd")
    write_private(_state_file(folder, vantage, ipv4=ipv4), file.getvalue())


def read_state(folder: Path, vantage: str, *, ipv4: bool) -> pa.Table | None:
    """What an earlier run kept, or ``None``."""
    path = _state_file(folder, vantage, ipv4=ipv4)
    if not path.exists():
        return None
    try:
        return pq.read_table(path, partitioning=None)
    except (OSError, pa.ArrowException):
        return None  # beliefs are found anew within a round


def _state_file(folder: Path, vantage: str, *, ipv4: bool) -> Path:
    return folder / f"state-{vantage}-{4 if ipv4 else 6}.parquet"
