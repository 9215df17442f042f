"""Downloading files of archives into a folder that keeps them.

In that folder a name is seen only when its file is complete. What was begun lies beside it as
``.NAME.part``, with what the server said of the file as ``.NAME.part.json``; after a cut or a kill
the download goes on there, as long as the server still has the same file (RFC 9110, sections 13.1.5
and 14.2). A complete file has the time at which the server says that it last changed.
"""

from __future__ import annotations

import bz2
import fcntl
import gzip
import os
import time
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from zicht.errors import InputError, NotFoundError, SourceUnreachableError
from zicht.http import PassingFaultError, answering, host_of, patiently, refuse_failure
from zicht.sources.bgp.fetch.headers import content_length, content_range, time_of, validator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import httpx2

    from zicht.sources.bgp.archives import ArchiveFile

    Progress = Callable[[str, int, int], None]
    """Told which file, and how many bytes there are of how many; 0 where that is unknown."""

LARGEST = 8 << 30  # bytes: RIBs of the largest collectors have some 1.5 GB
_MAGIC = {".gz": b"\x1f\x8b", ".bz2": b"BZh", ".zst": b"\x28\xb5\x2f\xfd"}
_PIECE = 1 << 20
_SLOW = 60.0  # seconds in which at least so many bytes have to come:
_SLOWEST = 64 << 10
_SAME_MINUTE = timedelta(minutes=1)  # listings tell changes to the minute


class _Begun(msgspec.Struct, frozen=True):
    """What the server said of a file that was begun: a strong validator, length and last change."""

    address: str
    validator: str
    length: int | None
    changed: str | None


@dataclass(frozen=True)
class Download:
    """A file that is there.

    Attributes:
        file: what it is.
        path: where it lies.
        size: its length in bytes.
    """

    file: ArchiveFile
    path: Path
    size: int


def download(
    client: httpx2.Client,
    file: ArchiveFile,
    folder: Path,
    *,
    progress: Progress | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Download:
    """Have a file in ``folder``, from the server unless it is there already and has not changed.

    Several threads and processes may want the same file: one downloads it, the others wait.

    Args:
        client: of ``zicht.http.open_client``.
        file: which one.
        folder: where files are kept, a folder a collector and month.
        progress: told how far it is.
        pause: waits for so many seconds.

    Raises:
        InputError: the folder cannot be written to, or is full.
        NotFoundError: the archive has it no longer, or what it has is empty.
        SourceUnreachableError: the archive cannot be reached, keeps failing, or sends something
            else in its place.
    """
    place = folder / file.collector / f"{file.time:%Y.%m}"
    path = place / file.name
    with _writing(place), _partial(place, file.name) as partial:
        work = _Work(client, file, path, partial, progress)
        try:
            if not work.is_there(pause):
                patiently(work.fetch, host_of(file.address), gained=work.length, pause=pause)
        finally:
            if work.length() == 0:
                work.drop_partial()
        return Download(file, path, path.stat().st_size)


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    try:
        place.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise InputError(
            f"{place} cannot be written to: {error.strerror or error}.",
            "Make room there, get the right to, or name another folder.",
        ) from error


@contextmanager
def _partial(place: Path, name: str) -> Iterator[BinaryIO]:
    """The unfinished file, open and locked against others who want the same."""
    path = place / f".{name}.part"
    while True:
        partial = path.open("a+b", buffering=_PIECE)
        try:
            fcntl.flock(partial, fcntl.LOCK_EX)
            if _is_named(partial, path):
                yield partial
                return
        finally:
            partial.close()  # which frees the lock, too


def _is_named(partial: BinaryIO, path: Path) -> bool:
    """Whether the open file still has its name; not so when another one has finished it."""
    try:
        return os.path.samestat(os.fstat(partial.fileno()), path.stat())
    except FileNotFoundError:
        return False


class _Work:
    """One file on its way."""

    def __init__(
        self,
        client: httpx2.Client,
        file: ArchiveFile,
        path: Path,
        partial: BinaryIO,
        progress: Progress | None,
    ) -> None:
        self.client = client
        self.file = file
        self.path = path
        self.partial = partial
        self.progress = progress
        self.part = path.with_name(f".{path.name}.part")
        self.note = path.with_name(f".{path.name}.part.json")
        self._in_one_piece = False

    def length(self) -> int:
        return os.fstat(self.partial.fileno()).st_size

    def is_there(self, pause: Callable[[float], None]) -> bool:
        """Whether the complete file is there as the server has it; asks where there is doubt."""
        if not self.path.exists():
            return False
        kept = datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        same = self.file.changed is None or self.file.changed <= kept + _SAME_MINUTE
        if same or self._unchanged(kept, pause):
            self.drop_partial()
            return True
        return False

    def _unchanged(self, kept: datetime, pause: Callable[[float], None]) -> bool:
        since = {"If-Modified-Since": format_datetime(kept, usegmt=True)}

        def ask() -> bool:
            with answering(self.client, self.file.address, since) as answer:
                if answer.status_code != 304:  # noqa: PLR2004 - not modified
                    refuse_failure(answer, self.file.address)
                    return False
                return True

        return patiently(ask, host_of(self.file.address), pause=pause)

    def drop_partial(self) -> None:
        """Remove what was begun."""
        self.note.unlink(missing_ok=True)
        self.part.unlink(missing_ok=True)

    def fetch(self) -> None:
        """Fetch what is missing and give the file its name.

        Raises:
            PassingFaultError: it broke off, or is damaged; the next try goes on, or begins anew.
        """
        begun = self._begun()
        have = self.length() if begun is not None else 0
        if begun is not None and have == begun.length:  # ended just before it got its name
            self._in_one_piece = False
            self._finish(begun.changed)
            return
        headers = {"Accept-Encoding": "identity"}
        if begun is not None and have:
            headers |= {"Range": f"bytes={have}-", "If-Range": begun.validator}
        with answering(self.client, self.file.address, headers) as answer:
            if answer.status_code == 416:  # noqa: PLR2004 - range not satisfiable
                self._anew(None)
                raise PassingFaultError("it does not go on where a download broke off")
            refuse_failure(answer, self.file.address)
            total = self._take_up(answer, begun, have)
            self._receive(answer, total)
        if total is not None and self.length() != total:
            self._anew(None)
            raise PassingFaultError(f"{self.file.name} came with a wrong length")
        self._finish(answer.headers.get("Last-Modified"))

    def _begun(self) -> _Begun | None:
        try:
            begun = msgspec.json.decode(self.note.read_bytes(), type=_Begun)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None
        return begun if begun.address == self.file.address and begun.validator else None

    def _take_up(self, answer: httpx2.Response, begun: _Begun | None, have: int) -> int | None:
        """Make the partial file end where the answer begins; gives the whole length, if known."""
        if answer.status_code == 206 and begun is not None:  # noqa: PLR2004 - partial content
            first, total = content_range(answer.headers)
            other = first != have or len({total, begun.length} - {None}) > 1
            if other or validator(answer.headers) not in {"", begun.validator}:
                self._anew(None)
                raise PassingFaultError(f"{self.file.name} changed while it was downloaded")
            self._in_one_piece = False
            return total if begun.length is None else begun.length
        if answer.status_code != 200:  # noqa: PLR2004 - the whole
            self._anew(None)
            raise PassingFaultError(f"it answers {answer.status_code} to a plain request")
        total = content_length(answer.headers)
        if total is not None and total > LARGEST:
            raise _too_large(self.file)
        changed = answer.headers.get("Last-Modified")
        self._anew(_Begun(self.file.address, validator(answer.headers), total, changed))
        self._in_one_piece = total is not None
        return total

    def _anew(self, begun: _Begun | None) -> None:
        """Forget what was begun, then say what begins: never the other way round."""
        self.note.unlink(missing_ok=True)
        self.partial.truncate(0)
        if begun is not None:
            written = self.note.with_suffix(".new")
            written.write_bytes(msgspec.json.encode(begun))
            written.replace(self.note)

    def _receive(self, answer: httpx2.Response, total: int | None) -> None:
        have = self.length()
        since, then = time.monotonic(), have
        try:
            for piece in answer.iter_raw():
                if have == 0:
                    self._look_at(piece, answer.headers.get("Content-Type", ""))
                self.partial.write(piece)
                have += len(piece)
                if have > LARGEST:
                    raise _too_large(self.file)
                if self.progress is not None:
                    self.progress(self.file.name, have, total or 0)
                if (now := time.monotonic()) > since + _SLOW:
                    if have < then + _SLOWEST:
                        raise PassingFaultError("it all but stands still")
                    since, then = now, have
        finally:
            self.partial.flush()

    def _look_at(self, begin: bytes, media_type: str) -> None:
        magic = _MAGIC[self.path.suffix]
        if begin.startswith(magic[: len(begin)]):
            return
        page = media_type.startswith("text/html") or begin.lstrip()[:1] == b"<"
        what = "a web page" if page else "something else"
        raise SourceUnreachableError(
            f"{host_of(self.file.address)} sends {what} in place of {self.file.name}.",
            f"Open {self.file.address} in a browser: is there a page of an error or a log-in?",
        )

    def _finish(self, changed: str | None) -> None:
        if self.length() == 0:
            raise NotFoundError(f"{self.file.address} is empty.")
        os.fsync(self.partial.fileno())
        fault = None if self._in_one_piece else _fault_of(self.part)
        if fault is not None:
            self._anew(None)
            raise PassingFaultError(f"{self.file.name} came damaged ({fault})")
        moment = (time_of(changed) or datetime.now(UTC)).timestamp()
        os.utime(self.partial.fileno(), (moment, moment))
        self.part.replace(self.path)
        self.note.unlink(missing_ok=True)
        _bring_to_disk(self.path.parent)


def _fault_of(path: Path) -> str | None:
    """What is wrong with a compressed file, by its own check sums; ``None`` when nothing is."""
    if path.suffixes[-2] == ".zst":  # whose check sums are optional
        return None
    try:
        with gzip.open(path) if path.suffixes[-2] == ".gz" else bz2.open(path) as stream:
            while stream.read(_PIECE):
                pass
    except (OSError, EOFError, zlib.error) as error:
        return str(error).rstrip(".")
    return None


def _too_large(file: ArchiveFile) -> SourceUnreachableError:
    return SourceUnreachableError(
        f"{file.name} has more than {LARGEST >> 30} GiB.",
        "No such file is known; see what the archive has there.",
    )


def _bring_to_disk(folder: Path) -> None:
    """Bring names to the disk, so that a power cut does not lose them."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
