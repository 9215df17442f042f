"""What a backfill of routes has to go through, over all collectors, in the order of time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from zicht.errors import NotFoundError
from zicht.sources.bgp.archives import (
    OLDEST_RIB,
    ArchiveFile,
    Gap,
    lengths_of,
    ribs_for,
    steps_of,
    updates_for,
)
from zicht.sources.bgp.collectors import PROJECTS
from zicht.sources.bgp.fetch.archive import list_archive

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    import httpx2

    from zicht.sources.bgp.archives import Step
    from zicht.sources.bgp.collectors import Collector, Project

BIN = timedelta(minutes=5)
"""The length of a bin; what is planned begins and ends with bins."""

_AT_ONCE = 4  # listings
_AWAITED = timedelta(hours=2)  # a collector whose newest updates are younger will publish more


def whole_bins(time_: datetime) -> datetime:
    """The latest begin of a bin of five minutes that is not after a time."""
    return time_ - (time_ - datetime(1970, 1, 1, tzinfo=UTC)) % BIN


@dataclass(frozen=True)
class Turn:
    """A step and when it has its turn among those of all collectors.

    Attributes:
        time: no step that comes later tells anything of before it.
        step: a file to go through, or a gap.
    """

    time: datetime
    step: Step


@dataclass(frozen=True)
class Plan:
    """What there is to go through.

    Attributes:
        turns: in the order of time; of each collector a RIB first, or a gap until there is one;
            none where nothing is published of ``start`` and after.
        until: the end of what can be known: the end that was asked for, or before it the end of
            what all collectors have published that go on publishing.
    """

    turns: tuple[Turn, ...]
    until: datetime

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The stretches in which a collector is unknown."""
        return tuple(turn.step for turn in self.turns if isinstance(turn.step, Gap))


def make_plan(
    client: httpx2.Client,
    collectors: Sequence[Collector],
    start: datetime,
    end: datetime,
    *,
    addresses: Mapping[Project, str],
    now: datetime,
    without: Collection[str] = (),
    pause: Callable[[float], None] = time.sleep,
) -> Plan:
    """List the archives and plan what ``[start, end)`` needs of them.

    Args:
        client: of ``zicht.http.open_client``.
        collectors: which.
        start: the begin of the first bin that is wanted.
        end: the end of the last one.
        addresses: of mirrors, by project.
        now: the time by the clock; what was published in the last two hours goes on.
        without: addresses of files that are to be taken for missing.
        pause: waits for so many seconds.

    Raises:
        InputError: what answers is no listing.
        NotFoundError: no collector has a RIB to begin from.
        SourceUnreachableError: an archive cannot be reached.
    """

    def list_one(collector: Collector) -> list[ArchiveFile]:
        files = list_months(collector, start, end)
        if all(file.kind != "rib" or file.time > start for file in files):
            files |= list_months(collector, start - OLDEST_RIB, start)
        return sorted(files, key=lambda file: (file.time, file.kind))

    def list_months(collector: Collector, first: datetime, last: datetime) -> set[ArchiveFile]:
        address = addresses.get(collector.project)
        files = list_archive(client, collector, first, last, address=address, pause=pause)
        return {file for file in files if file.address not in without}

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        listed = list(pool.map(list_one, collectors))
    published = [
        _published(collector, files)
        for collector, files in zip(collectors, listed, strict=True)
        if any(file.kind == "updates" for file in files)
    ]
    awaited = [time_ for time_ in published if now - time_ < _AWAITED]
    until = whole_bins(min(end, max(published, default=start), *awaited))
    if until <= start:
        return Plan((), start)
    turns: list[Turn] = []
    for collector, files in zip(collectors, listed, strict=True):
        turns += _turns(collector, files, start, until)
    if not any(isinstance(turn.step, ArchiveFile) for turn in turns):
        raise NotFoundError(
            f"{_names(collectors)} have no RIB from which {start:%Y-%m-%d %H:%M} could be reached.",
            "Take other collectors, or begin later.",
        )
    return Plan(tuple(sorted(turns, key=lambda turn: turn.time)), until)


def _published(collector: Collector, files: Sequence[ArchiveFile]) -> datetime:
    """The end of what a collector has published."""
    updates = [file for file in files if file.kind == "updates"]
    return updates[-1].time + lengths_of(updates, PROJECTS[collector.project].cadence)[-1]


def _turns(
    collector: Collector, files: Sequence[ArchiveFile], start: datetime, until: datetime
) -> list[Turn]:
    """The steps of a collector; updates that begin before their RIB have their turn with it."""
    ribs = ribs_for(files, start, until)
    if not ribs or not updates_for(files, ribs[0].time, until):
        return [
            Turn(start, Gap(collector.name, start, until, "it has published no RIB, or no updates"))
        ]
    steps: list[Step] = []
    if ribs[0].time > start:
        steps.append(Gap(collector.name, start, ribs[0].time, "it has no RIB before"))
    steps += steps_of(files, ribs[0], until, PROJECTS[collector.project].cadence)
    times = [step.start if isinstance(step, Gap) else step.earliest for step in steps]
    return [Turn(turn, step) for turn, step in zip(accumulate(times, max), steps, strict=True)]


def _names(collectors: Sequence[Collector]) -> str:
    return ", ".join(collector.name for collector in collectors)
