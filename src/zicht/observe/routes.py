"""Backfill of routes: from archives of collectors to observations in the store.

The parent process plans, downloads and applies in the order of time; other processes digest. What
a digest is, and what is made of digests, is given by a ``Pipeline``.
"""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from zicht.errors import NotFoundError, SourceUnreachableError, UsageError
from zicht.model.signal import Origin
from zicht.observe.journal import open_journal
from zicht.observe.routes_digests import Digested, GoneError, digest_in_order, fetching
from zicht.observe.routes_plan import BIN, make_plan, whole_bins
from zicht.observe.workers import cores, open_workers
from zicht.sources.bgp.archives import Gap
from zicht.sources.bgp.collectors import PROJECTS, find_collectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from concurrent.futures import Executor

    from zicht.observe.files import Progress
    from zicht.observe.journal import Journal
    from zicht.observe.routes_pipeline import Pipeline, Visibility
    from zicht.observe.routes_plan import Plan
    from zicht.sources.bgp.collectors import Collector, Project
    from zicht.store import Store
    from zicht.store.revisions import Appended

DigestT = TypeVar("DigestT")

BATCH = timedelta(hours=1)
"""Bins of so long are stored in one commit."""

_MOST_GONE = 100  # files that may vanish between listing and download before the archive is blamed


class Backfilled(msgspec.Struct, frozen=True, kw_only=True):
    """What a backfill did.

    Attributes:
        collectors: names of the collectors.
        start: the begin of the first bin that was asked for, written ``from`` in JSON.
        until: the end of the last bin that is stored.
        resumed: where it went on, or ``None`` when it began anew.
        files: how many files were gone through.
        bytes: their length.
        new: bins that were not stored before.
        revised: bins that had another value before.
        unchanged: bins that were stored so already.
        gaps: stretches in which a collector is unknown.
        journal: the file that tells another run how far this one came.
    """

    collectors: tuple[str, ...]
    start: datetime = msgspec.field(name="from")
    until: datetime
    resumed: datetime | None
    files: int
    bytes: int
    new: int
    revised: int
    unchanged: int
    gaps: tuple[Gap, ...]
    journal: str


def backfill_routes(  # noqa: PLR0913 - each is a choice of the user's
    store: Store,
    collectors: Iterable[str],
    start: datetime,
    end: datetime,
    pipeline: Pipeline[DigestT],
    *,
    cache: Path,
    addresses: Mapping[Project, str] | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    keep: bool = True,
    simulated: bool = False,
    tell: Callable[[str], None] = lambda _: None,
    progress: Progress | None = None,
) -> Backfilled:
    """Go through what collectors published of ``[start, end)``, into the store.

    Bins are stored by the hour, each hour in one atomic commit. A run that is interrupted or killed
    at any instant goes on after the last hour that it stored: it begins from the newest RIB before
    it, as a new run would from there, and stores nothing twice.

    Args:
        store: where the observations go.
        collectors: names of collectors.
        start: a time in the first bin of five minutes.
        end: the end of the last bin, or a time in it; what is not published yet is left for
            another run.
        pipeline: what is done with the files.
        cache: the folder that keeps the files; on a cluster, one that all its machines share.
        addresses: of mirrors, by project.
        executor: where files are digested; processes on this machine when not given. It is not
            shut down.
        workers: how many files it digests at once; as many as there are cores when not given.
        keep: whether files stay in ``cache`` when what they tell is stored.
        simulated: the archives are the lab's, and nothing in them was measured.
        tell: told what is more than figures.
        progress: told the time that is reached, and seconds of data done of how many.

    Raises:
        FaultError: a worker was ended from outside.
        InputError: a listing or a file is not what it should be, or the cache cannot be written.
        NotFoundError: nothing is published of that time.
        SourceUnreachableError: an archive cannot be reached; what was stored stays.
        StoreError: the store failed; what was committed before stays.
        UsageError: a collector or a time makes no sense, or another process is at it.
    """
    chosen = find_collectors(collectors)
    start, end = whole_bins(start), whole_bins(end + BIN - timedelta(microseconds=1))
    if start >= end:
        raise UsageError("The stretch ends before it begins.", "Give --from before --until.")
    with (
        open_journal(
            store.path, pipeline.name, [one.name for one in chosen], start, end
        ) as journal,
        ExitStack() as stack,
    ):
        run = _Run(
            store=store,
            collectors=chosen,
            pipeline=pipeline,
            journal=journal,
            cache=cache,
            addresses=addresses or {},
            workers=workers or cores(),
            keep=keep,
            simulated=simulated,
            tell=tell,
            progress=progress,
        )
        if journal.progress.committed >= end:
            tell(f"This was done before; to do it again, remove {journal.path}.")
        else:
            run.go(executor or stack.enter_context(open_workers(run.workers)))
        return run.result()


class _Run(Generic[DigestT]):
    """One call of ``backfill_routes``."""

    def __init__(  # noqa: PLR0913 - what holds for the whole run
        self,
        *,
        store: Store,
        collectors: Sequence[Collector],
        pipeline: Pipeline[DigestT],
        journal: Journal,
        cache: Path,
        addresses: Mapping[Project, str],
        workers: int,
        keep: bool,
        simulated: bool,
        tell: Callable[[str], None],
        progress: Progress | None,
    ) -> None:
        self.store = store
        self.collectors = collectors
        self.pipeline = pipeline
        self.journal = journal
        self.cache = cache
        self.addresses = addresses
        self.workers = workers
        self.keep = keep
        self.tell = tell
        self.progress = progress
        self.origin = _origin(collectors, simulated=simulated)
        self.resumed = self._committed if self._committed > journal.progress.start else None
        self.gaps: tuple[Gap, ...] = ()
        self.files = self.bytes = 0
        self.new = self.revised = self.unchanged = 0
        self.without: set[str] = set()
        self._used: list[Path] = []

    @property
    def _committed(self) -> datetime:
        return self.journal.progress.committed

    def go(self, executor: Executor) -> None:
        """Go through all files, from the last commit anew where one of them proves missing."""
        if self.resumed is not None:
            self.tell(f"Going on from {self.resumed:%Y-%m-%d %H:%M}.")
        while True:
            try:
                self._go_through(executor)
            except GoneError as gone:
                self.without.add(gone.file.address)
                self.tell(f"{gone.file.address} is listed but not to be had; going on without it.")
                if len(self.without) == _MOST_GONE:
                    raise SourceUnreachableError(
                        f"{_MOST_GONE} files are listed but not to be had.",
                        "The archive seems to be in trouble: try again later.",
                    ) from None
            else:
                return

    def _go_through(self, executor: Executor) -> None:
        with fetching(self.cache) as fetcher:
            plan = make_plan(
                fetcher.client,
                self.collectors,
                self._committed,
                self.journal.progress.end,
                addresses=self.addresses,
                now=datetime.now(UTC),
                without=self.without,
                pause=fetcher.pause,
            )
            if plan.until == self._committed:
                self._say_nothing_is_new()
                return
            self._tell_gaps(plan)
            window = (self._committed, plan.until)
            visibility = self.pipeline.begin(*window)
            steps = digest_in_order(
                [turn.step for turn in plan.turns],
                window,
                fetcher,
                self.pipeline.digest,
                executor,
                self.workers,
            )
            following = [turn.time for turn in plan.turns[1:]]
            for done, reached in zip(steps, [*following, plan.until], strict=True):
                self._apply(visibility, done)
                self._store_complete(visibility, min(reached, plan.until))
            self._store(visibility, plan.until)

    def _say_nothing_is_new(self) -> None:
        text = f"Nothing is published from {self._committed:%Y-%m-%d %H:%M} on."
        if self._committed == self.journal.progress.start:
            raise NotFoundError(text, "Take other collectors or another time.")
        self.tell(text)

    def _tell_gaps(self, plan: Plan) -> None:
        for gap in plan.gaps:
            if gap not in self.gaps:
                self.tell(
                    f"{gap.collector} is unknown from {gap.start:%Y-%m-%d %H:%M} to"
                    f" {gap.end:%Y-%m-%d %H:%M}: {gap.reason}."
                )
        self.gaps = (*(gap for gap in self.gaps if gap not in plan.gaps), *plan.gaps)

    def _apply(self, visibility: Visibility[DigestT], done: Digested[DigestT] | Gap) -> None:
        if isinstance(done, Gap):
            visibility.forget(done)
            return
        visibility.apply(done.job, done.digest)
        self._used.append(Path(done.job.path))
        self.files += 1
        self.bytes += done.size
        if self.progress is not None:
            whole = self.journal.progress.end - self.journal.progress.start
            reached = max(done.job.time, self._committed) - self.journal.progress.start
            self.progress(
                f"{done.job.time:%Y-%m-%d %H:%M} {done.job.collector}",
                int(reached.total_seconds()),
                int(whole.total_seconds()),
            )

    def _store_complete(self, visibility: Visibility[DigestT], reached: datetime) -> None:
        """Store the batches that are complete now that all that tells of before is applied."""
        while self._committed + BATCH <= reached:
            self._store(visibility, self._committed + BATCH)

    def _store(self, visibility: Visibility[DigestT], until: datetime) -> None:
        observed = visibility.observe(until)
        if observed.observations.num_rows:
            appended = self.store.append(
                observed.observations,
                signals=observed.signals,
                origin=self.origin,
                entities=observed.entities,
                known_at=datetime.now(UTC),
            )
            self._count(appended)
        self.journal.commit(until)
        if not self.keep:
            for path in self._used:
                path.unlink(missing_ok=True)
        self._used.clear()

    def _count(self, appended: Appended) -> None:
        self.new += appended.new
        self.revised += appended.revised
        self.unchanged += appended.unchanged

    def result(self) -> Backfilled:
        """What was done."""
        return Backfilled(
            collectors=tuple(one.name for one in self.collectors),
            start=self.journal.progress.start,
            until=self._committed,
            resumed=self.resumed,
            files=self.files,
            bytes=self.bytes,
            new=self.new,
            revised=self.revised,
            unchanged=self.unchanged,
            gaps=self.gaps,
            journal=str(self.journal.path),
        )


def _origin(collectors: Sequence[Collector], *, simulated: bool) -> Origin:
    projects = [PROJECTS[name] for name in dict.fromkeys(one.project for one in collectors)]
    name = ", ".join(sorted(one.name for one in collectors))
    licence = "; ".join(project.licence for project in projects)
    citation = "; ".join(project.citation for project in projects)
    said = ("bgp", name, "", licence, citation, simulated)
    return Origin(
        id=hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:16],
        source="bgp",
        name=name,
        sha256="",
        licence=licence,
        citation=citation,
        simulated=simulated,
    )
