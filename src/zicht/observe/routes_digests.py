"""Downloading and digesting files beside one another, and having the digests in order of time.

What is under way is bounded: files that wait on the disk, and digests that wait in memory.
"""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from zicht.errors import FaultError, NotFoundError
from zicht.http import host_of, open_client
from zicht.sources.bgp.archives import ArchiveFile, Gap
from zicht.sources.bgp.collectors import Kind
from zicht.sources.bgp.fetch.download import download

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import httpx2

    from zicht.sources.bgp.archives import Step
    from zicht.sources.bgp.fetch.download import Download

DigestT = TypeVar("DigestT")

PER_HOST = 3
"""Downloads at once from one host: enough to fill a line, few enough to be polite."""

_AHEAD = 12  # files that are downloaded, or being so, and whose digestion has not begun


class DigestJob(msgspec.Struct, frozen=True, kw_only=True):
    """A file to be digested, by a process that may be another one; all of it can be pickled.

    Attributes:
        collector: the collector's name.
        kind: a RIB, or updates.
        path: where the file lies.
        time: the time in its name: of the RIB, or the begin of the updates.
        start: the begin of the first bin that is wanted.
        until: the end of the last one.
    """

    collector: str
    kind: Kind
    path: str
    time: datetime
    start: datetime
    until: datetime


@dataclass(frozen=True)
class Digested(Generic[DigestT]):
    """A file that was gone through.

    Attributes:
        job: what was asked for.
        digest: what came of it.
        size: the file's length in bytes.
    """

    job: DigestJob
    digest: DigestT
    size: int


class GoneError(Exception):
    """A file that was listed is not to be had; it never leaves the backfill.

    Attributes:
        file: which one.
    """

    def __init__(self, file: ArchiveFile) -> None:
        super().__init__(file.address)
        self.file = file


class _StoppedError(Exception):
    """Nobody waits for this download any more."""


class Fetcher:
    """Downloads in threads of their own, a few a host.

    Attributes:
        client: its HTTP client, which others may use too.
    """

    def __init__(self, client: httpx2.Client, cache: Path) -> None:
        self.client = client
        self._cache = cache
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._stopped = threading.Event()

    def submit(self, file: ArchiveFile) -> Future[Download]:
        """Begin to download a file, or wait for a place to do so."""
        host = host_of(file.address)
        pool = self._pools.setdefault(host, ThreadPoolExecutor(PER_HOST))
        return pool.submit(
            download, self.client, file, self._cache, progress=self._look_up, pause=self.pause
        )

    def stop(self) -> None:
        """Break off what is under way; what was begun goes on another time."""
        self._stopped.set()
        for pool in self._pools.values():
            pool.shutdown(cancel_futures=True)

    def pause(self, seconds: float) -> None:
        """Wait, but no longer than until ``stop``."""
        if self._stopped.wait(seconds):
            raise _StoppedError

    def _look_up(self, *_: object) -> None:
        if self._stopped.is_set():
            raise _StoppedError


@contextmanager
def fetching(cache: Path) -> Iterator[Fetcher]:
    """A ``Fetcher`` with a client of its own, stopped at the end."""
    with open_client() as client:
        fetcher = Fetcher(client, cache)
        try:
            yield fetcher
        finally:
            fetcher.stop()


def digest_in_order(
    steps: Sequence[Step],
    window: tuple[datetime, datetime],
    fetcher: Fetcher,
    digest: Callable[[DigestJob], DigestT],
    executor: Executor,
    workers: int,
) -> Iterator[Digested[DigestT] | Gap]:
    """The digest of each file, and each gap, in the order of ``steps``.

    Args:
        steps: files and gaps.
        window: the begin of the first bin that is wanted, and the end of the last.
        fetcher: downloads the files.
        digest: what is done with a file; where the executor is of processes it must be pickled.
        executor: where that is done.
        workers: how many files it can do at once.

    Raises:
        FaultError: a worker ended by itself.
        GoneError: a file is not to be had.
        ZichtError: what downloading and ``digest`` raise.
    """
    waiting = deque(steps)
    ahead: deque[tuple[ArchiveFile, Future[Download]] | Gap] = deque()
    busy: deque[_Busy[DigestT] | Gap] = deque()
    try:
        while waiting or ahead or busy:
            while waiting and len(ahead) < _AHEAD:
                step = waiting.popleft()
                ahead.append(step if isinstance(step, Gap) else (step, fetcher.submit(step)))
            while ahead and len(busy) <= workers and (not busy or _is_ready(ahead[0])):
                first = ahead.popleft()
                if isinstance(first, Gap):
                    busy.append(first)
                else:
                    busy.append(_Busy(_downloaded(*first), window, digest, executor))
            done = busy.popleft()
            yield done if isinstance(done, Gap) else done.wait()
    finally:
        for one in busy:
            if not isinstance(one, Gap):
                one.future.cancel()


def _is_ready(first: tuple[ArchiveFile, Future[Download]] | Gap) -> bool:
    return isinstance(first, Gap) or first[1].done()


def _downloaded(file: ArchiveFile, future: Future[Download]) -> Download:
    try:
        return future.result()
    except NotFoundError as error:
        raise GoneError(file) from error


class _Busy(Generic[DigestT]):
    """A file that is being digested."""

    def __init__(
        self,
        got: Download,
        window: tuple[datetime, datetime],
        digest: Callable[[DigestJob], DigestT],
        executor: Executor,
    ) -> None:
        self.job = DigestJob(
            collector=got.file.collector,
            kind=got.file.kind,
            path=str(got.path),
            time=got.file.time,
            start=window[0],
            until=window[1],
        )
        self.size = got.size
        self.future = executor.submit(digest, self.job)

    def wait(self) -> Digested[DigestT]:
        try:
            return Digested(self.job, self.future.result(), self.size)
        except BrokenExecutor as error:
            raise FaultError(
                f"A process that went through {self.job.path} was ended from outside.",
                "It may have needed more memory than there is. Run this again with fewer"
                " collectors; it goes on where it was.",
            ) from error
