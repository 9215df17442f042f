"""Tables of collectors from their archive, for streams that begin in the middle or had a gap.

One thread goes through the archive of all collectors that are wanted. It sleeps where the archive
has not published yet what is needed, and ends with the process however long a server hangs.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from zicht.errors import InputError, NotFoundError, ZichtError
from zicht.http import open_client
from zicht.model.time import from_microseconds
from zicht.observe.routes_files import digest_file
from zicht.observe.watch_clock import Clock
from zicht.sources.bgp.archives import OLDEST_RIB, ArchiveFile, Gap, ribs_for, steps_of
from zicht.sources.bgp.collectors import PROJECTS
from zicht.sources.bgp.fetch.archive import list_archive
from zicht.sources.bgp.fetch.download import download

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    import httpx2

    from zicht.sources.bgp.collectors import Collector
    from zicht.sources.bgp.digest import Digest
    from zicht.sources.bgp.ribs import Ribs


_PATIENCE = 2.0  # seconds
_THIS_MACHINE = Clock()


@dataclass(frozen=True)
class Resynced:
    """The tables of a collector.

    Attributes:
        collector: its name.
        ribs: the tables.
        until: the archive told of all before this, microseconds since 1970 UTC.
    """

    collector: str
    ribs: Ribs
    until: int


class _StoppedError(Exception):
    """Nobody waits any more."""


@dataclass
class _Work:
    """What has been gone through of one collector."""

    collector: Collector
    rib: ArchiveFile | None = None
    ribs: Ribs | None = None
    done: set[str] = field(default_factory=set)  # names of files
    bad: set[str] = field(default_factory=set)  # addresses of files
    broken: datetime | None = None  # updates that follow this are missing
    said: str = ""

    def drop(self) -> None:
        """Forget what was gone through."""
        self.rib = self.ribs = self.broken = None
        self.done.clear()

    def refuse(self, file: ArchiveFile, path: Path) -> None:
        """Take a file for missing from now on."""
        path.unlink(missing_ok=True)
        self.bad.add(file.address)
        if file.kind == "rib":
            self.drop()


class Archivist:
    """Goes through archives in a thread of its own.

    Args:
        collectors: which may be wanted.
        folder: where files are kept; those that a start would not need any more are removed.
        address: of a mirror, or ``None`` for the projects' own.
        poll: seconds between two looks at a listing.
        tell: told what goes on; it is called in the thread.
        clock: the time that collectors go by.
    """

    def __init__(
        self,
        collectors: Sequence[Collector],
        folder: Path,
        *,
        address: str | None,
        poll: float,
        tell: Callable[[str], None],
        clock: Clock = _THIS_MACHINE,
    ) -> None:
        self._works = {one.name: _Work(one) for one in collectors}
        self._folder = folder
        self._address = address
        self._poll = poll
        self._clock = clock
        self._tell = tell
        self._wanted: dict[str, int] = {}
        self._given: dict[str, int] = {}  # which may not have been taken yet
        self._changed = threading.Event()
        self._stopped = threading.Event()
        self._results: SimpleQueue[Resynced | BaseException] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="zicht-archivist", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End soon, and wait for that but not for long: a server may hang."""
        self._stopped.set()
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join(_PATIENCE)

    def want(self, wanted: Mapping[str, int]) -> None:
        """These collectors are wanted, up to these times (microseconds since 1970 UTC)."""
        if wanted != self._wanted:
            self._wanted = dict(wanted)
            self._changed.set()

    def take(self) -> Iterator[Resynced]:
        """What has come; each is given once.

        Raises:
            Exception: what ended the thread.
        """
        while True:
            try:
                result = self._results.get_nowait()
            except Empty:
                return
            if isinstance(result, BaseException):
                raise result
            yield result

    def _run(self) -> None:
        try:
            with suppress(_StoppedError), open_client() as client:
                while not self._stopped.is_set():
                    self._changed.clear()
                    for name, until in self._wanted.items():
                        if self._given.get(name) != until:
                            self._advance(client, self._works[name], until)
                    self._clock.wait(self._poll, self._changed)
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is waited for
            self._results.put(error)

    def _advance(self, client: httpx2.Client, work: _Work, until: int) -> None:
        """Go through what there is of a collector; give its tables if they reach ``until``."""
        try:
            is_whole = self._go_through(client, work, from_microseconds(until))
        except ZichtError as error:
            self._say(work, f"{error.message} Trying again.")
            return
        if is_whole and work.ribs is not None:
            self._forget_files(work)
            self._given[work.collector.name] = until
            self._results.put(Resynced(work.collector.name, work.ribs, until))
            work.drop()

    def _go_through(self, client: httpx2.Client, work: _Work, until: datetime) -> bool:
        files = [file for file in self._list(client, work) if file.address not in work.bad]
        rib = self._choose(work, files, until)
        steps = steps_of(files, rib, until, PROJECTS[work.collector.project].cadence)
        for step in steps:
            if isinstance(step, Gap):
                return self._note_gap(work, files, step)
            if step.name not in work.done:
                self._take(client, work, step)
        return True

    def _list(self, client: httpx2.Client, work: _Work) -> list[ArchiveFile]:
        now = self._clock.now()
        return list_archive(
            client,
            work.collector,
            now - OLDEST_RIB,
            now,
            address=self._address,
            pause=self._pause,
        )

    def _choose(self, work: _Work, files: Sequence[ArchiveFile], until: datetime) -> ArchiveFile:
        """The RIB to begin from: the one that was begun with if it serves, else the newest.

        Raises:
            NotFoundError: there is none.
        """
        ribs = ribs_for(files, until, until)
        if not ribs:
            raise NotFoundError("The archive has no RIB of the last week.", "")
        if work.broken is not None and ribs[0].time >= work.broken:
            work.drop()
        if work.rib is None:
            work.rib = ribs[0]
        return work.rib

    def _note_gap(self, work: _Work, files: Sequence[ArchiveFile], gap: Gap) -> bool:
        """What is needed is not there: not yet, or never, and then another RIB must come."""
        if any(file.kind == "updates" and file.time > gap.start for file in files):
            work.broken = gap.start
            self._say(work, f"{gap.reason}; waiting for them or for its next RIB.")
        else:
            self._say(
                work,
                f"the archive tells of all before {gap.start:%H:%M};"
                f" waiting for it to tell of {gap.end:%H:%M:%S}.",
            )
        return False

    def _take(self, client: httpx2.Client, work: _Work, file: ArchiveFile) -> None:
        """Download a file and take it in.

        Raises:
            InputError: it cannot be read; where it is cut off it may become whole yet.
            SourceUnreachableError: it is not to be had now.
        """
        if file.kind == "rib":
            self._say(work, f"reading its tables of {file.time:%Y-%m-%d %H:%M}.")
        got = download(client, file, self._folder, progress=self._look_up, pause=self._pause)
        digest = self._digest(work, file, got.path)
        if digest.ribs is not None:
            work.ribs = digest.ribs
        if work.ribs is None:
            raise InputError(f"{file.name} holds no tables.", "")
        for changes in digest.changes:
            work.ribs.apply(changes)
            self._look_up()
        work.done.add(file.name)

    def _digest(self, work: _Work, file: ArchiveFile, path: Path) -> Digest:
        """Digest a file; one that serves for nothing is not asked for again.

        Raises:
            InputError: it is no file of MRT, or is cut off.
        """
        try:
            digest = digest_file(str(path), file.collector, look_up=self._look_up)
        except InputError:
            work.refuse(file, path)
            raise
        if digest.problems.is_cut:
            if file.kind == "rib":
                work.refuse(file, path)
            path.unlink(missing_ok=True)  # updates may be on their way into the archive
            raise InputError(f"{file.name} is cut off.", "")
        if digest.problems.damaged:
            self._say(work, f"{file.name} is damaged {digest.problems.first[0]}.")
        return digest

    def _forget_files(self, work: _Work) -> None:
        """Keep what a start would need; all else of the collector is older."""
        for path in (self._folder / work.collector.name).glob("*/*"):
            if path.name not in work.done:
                path.unlink(missing_ok=True)

    def _say(self, work: _Work, text: str) -> None:
        """Tell what is new."""
        if text != work.said:
            self._tell(f"{work.collector.name}: {text}")
            work.said = text

    def _pause(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise _StoppedError

    def _look_up(self, *_: object) -> None:
        if self._stopped.is_set():
            raise _StoppedError
