"""A lake in an object store: ``s3://BUCKET/PREFIX`` and the like.

Names are made by conditional puts (``If-None-Match: *``, RFC 9110 section 13.1.2), of which all
object stores of note let one succeed. Data files never change, so that this host keeps those that
it wrote or read in a cache and reads them as if they were of a folder. Credentials come from the
environment alone and stand in no message.
"""

from __future__ import annotations

import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import from_url

from zicht.errors import StoreError, UsageError
from zicht.store.faults import StoreAwayError, damaged, writing
from zicht.store.files import OURS, RETENTION_HOURS
from zicht.store.scan import FilesGoneError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from obstore.store import ClientConfig, RetryConfig

    from zicht.store.files import DataFile

_TIMEOUT = 60  # seconds for one request
_CONNECT_TIMEOUT = 5
_RETRIES = 5
_RETRY_SECONDS = 60
_THREADS = 16
_USED_SECONDS = 60.0  # a use of a cached file is noted no more often
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_NO_CREDENTIALS = re.compile(
    r"169\.254\.169\.254|169\.254\.170\.2|metadata\.google|MissingCred", re.IGNORECASE
)
_NO_BUCKET = re.compile(r"NoSuchBucket|ContainerNotFound|bucket does not exist", re.IGNORECASE)
_REFUSED = re.compile(
    r"\b40[13] |AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken|ExpiredToken"
)
_UNREACHED = re.compile(r"Generic (S3|GCS|MicrosoftAzure) error|Error performing|HTTP error")


class BucketLake:
    """A prefix in an object store; see ``zicht.store.lake.Lake``.

    What fails is a ``StoreError``. After one, a name may have been made nevertheless.
    """

    shared = True

    def __init__(self, address: str, host: Path) -> None:
        self.address = address
        self.host = host
        self._cache = host / "cache"
        self._used: dict[Path, float] = {}
        self.options = {
            "timeout": f"{_TIMEOUT}s",
            "connect_timeout": f"{_CONNECT_TIMEOUT}s",
            "max_retries": str(_RETRIES),
            "retry_timeout": f"{_RETRY_SECONDS}s",
        }
        client: ClientConfig = {
            "timeout": timedelta(seconds=_TIMEOUT),
            "connect_timeout": timedelta(seconds=_CONNECT_TIMEOUT),
        }
        if _endpoint().startswith("http://"):  # it was asked for by name
            client["allow_http"] = True
            self.options["allow_http"] = "true"
        retry: RetryConfig = {
            "max_retries": _RETRIES,
            "retry_timeout": timedelta(seconds=_RETRY_SECONDS),
        }
        try:
            self._store: Any = from_url(address, client_options=client, retry_config=retry)
        except (BaseError, ValueError) as error:
            raise UsageError(
                f"The store {address} cannot be opened: {_first_line(error)}",
                "docs/growing.md tells which variables of the environment it needs.",
            ) from error

    def table_address(self, table: str) -> str:
        """The table's address."""
        return f"{self.address}/{table}"

    def prepare(self, table: str) -> None:
        """Nothing: an object store has no folders."""

    def read(self, name: str) -> bytes | None:
        """The bytes of an object."""
        with self._telling():
            try:
                return bytes(self._store.get(name).bytes())
            except FileNotFoundError as error:
                if _NO_BUCKET.search(str(error)):
                    raise
                return None

    def read_some(self, names: Sequence[str]) -> list[bytes]:
        """The bytes of objects of one folder, up to the first that is not there.

        Of several those that are there are listed, and asked for at once.
        """
        if len(names) == 1:
            data = self.read(names[0])
            return [] if data is None else [data]
        folder = names[0].rpartition("/")[0]
        with self._telling():
            listed = self._store.list(folder, offset=names[0]).collect()
        there = {one["path"] for one in listed} | {names[0]}
        asked = list(takewhile(there.__contains__, names))
        with ThreadPoolExecutor(_THREADS) as pool:
            found = list(pool.map(self.read, asked))
        return [data for data in takewhile(lambda one: one is not None, found) if data is not None]

    def create(self, name: str, data: bytes) -> bool:
        """Put an object that is not there.

        Where an answer was lost on its way, the request was repeated and found its own object: that
        is told by the bytes, of which no two writers' are alike.
        """
        with self._telling():
            try:
                self._store.put(name, data, mode="create", use_multipart=False)
            except (AlreadyExistsError, PreconditionError):
                return self.read(name) == data
            return True

    def put(self, name: str, data: bytes) -> None:
        """Put an object."""
        with self._telling():
            self._store.put(name, data, use_multipart=False)

    def delete(self, name: str) -> None:
        """Delete an object."""
        with self._telling():
            try:
                self._store.delete(name)
            except FileNotFoundError as error:
                if _NO_BUCKET.search(str(error)):
                    raise

    def names(self, folder: str) -> list[str]:
        """The objects below a prefix."""
        with self._telling():
            return sorted(one["path"] for one in self._store.list(folder).collect())

    def stamp(self, folder: str) -> str:
        """Names, times and entity tags."""
        with self._telling():
            found = self._store.list(folder).collect()
        parts = sorted(f"{one['path']} {one['last_modified']} {one['e_tag']}" for one in found)
        return "|".join(parts)

    def folder_of(self, table: str) -> Path:
        """The table's part of the cache."""
        folder = self._cache / table
        with writing(self.host):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def publish(self, table: str, file: DataFile) -> None:
        """Upload a file; it stays in the cache."""
        with self._telling():
            obstore.put(self._store, f"{table}/{file.name}", self._cache / table / file.name)

    def fetch(self, table: str, files: Iterable[DataFile]) -> None:
        """Download those that are not in the cache, several at once; the others are in use again.

        Raises:
            FilesGoneError: one is not there.
            StoreError: one cannot be had, or the cache cannot be written.
        """
        missing = [file for file in files if not self._is_cached(table, file)]
        if len(missing) == 1:
            self._download(table, missing[0])
        elif missing:
            with ThreadPoolExecutor(_THREADS) as pool:
                list(pool.map(lambda file: self._download(table, file), missing))

    def _is_cached(self, table: str, file: DataFile) -> bool:
        path = self._cache / table / file.name
        now = time.monotonic()
        try:
            if now - self._used.get(path, -_USED_SECONDS) >= _USED_SECONDS:
                os.utime(path)
                self._used[path] = now
            return path.stat().st_size == file.size
        except FileNotFoundError:
            return False

    def _download(self, table: str, file: DataFile) -> None:
        path = self._cache / table / file.name
        draft = path.with_name(f".{file.name}.{os.getpid()}.{time.monotonic_ns()}")
        try:
            with self._telling(), writing(self._cache):
                try:
                    got = self._store.get(f"{table}/{file.name}")
                except FileNotFoundError as error:
                    if _NO_BUCKET.search(str(error)):
                        raise BaseError(str(error)) from error
                    raise FilesGoneError(path) from error
                with draft.open("xb") as sink:
                    for piece in got.stream():
                        sink.write(piece)
                size = draft.stat().st_size
                if size != file.size:
                    name = f"{self.address}/{table}/{file.name}"
                    raise damaged(name, f"has {size:,} bytes and should have {file.size:,}")
                draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    def mark_replaced(self, table: str, files: Iterable[DataFile]) -> None:
        """Nothing: the log says when files were replaced."""

    def left_over(self, table: str) -> list[str] | None:
        """Nothing by itself; and what nobody here has used for a day leaves the cache."""
        long_ago = time.time() - RETENTION_HOURS * 3600
        for path in (self._cache / table).glob(OURS):
            try:
                if path.stat().st_mtime < long_ago:
                    path.unlink()
            except FileNotFoundError:  # another process was quicker
                continue
        return None

    def delete_data(self, table: str, name: str) -> None:
        """Delete a data file, here and in the store."""
        (self._cache / table / name).unlink(missing_ok=True)
        self.delete(f"{table}/{name}")

    def told(self, error: Exception) -> StoreError | None:
        """What an error of the object store means for who runs Zicht."""
        text = _COLOURS.sub("", str(error))
        place = _endpoint() or self.address.partition(":")[0]
        if _NO_BUCKET.search(text):
            return StoreError(
                f"There is no bucket for {self.address} at {place}.",
                "Make it, with the tools of the object store, or correct --store.",
            )
        if _NO_CREDENTIALS.search(text):
            return StoreError(
                f"There are no credentials for {self.address}.",
                "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; docs/growing.md tells of others.",
            )
        if _REFUSED.search(text):
            return StoreError(
                f"The object store at {place} refuses the credentials for {self.address}.",
                "Look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, and at what they"
                " may do.",
            )
        if _UNREACHED.search(text) or isinstance(error, BaseError):
            return StoreAwayError(
                f"The object store at {place} cannot be reached: {_reason(text)}.",
                "What was committed is safe; run this again when it answers.",
            )
        return None

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell what fails as a StoreError.

        Raises:
            StoreError: no bucket, no right, no answer, or no sense.
        """
        try:
            yield
        except (BaseError, FileNotFoundError, OSError, ValueError) as error:
            raise self.told(error) or StoreError(
                f"The store {self.address} could not be used: {_first_line(error)}"
            ) from error


def _endpoint() -> str:
    return next((value for name in _ENDPOINTS if (value := os.environ.get(name, "").strip())), "")


def _reason(text: str) -> str:
    """The innermost reason that the client gives, without its own debugging."""
    text = " ".join(text.partition("Debug source")[0].replace("↳", " ").split())
    for phrase in ("tcp connect error", "operation timed out", "dns error", "connection closed"):
        if phrase in text:
            return phrase
    if found := re.search(r"non-2xx status code: (\d+ [A-Za-z ]+)", text):
        return f"it answers {found[1].strip()}"
    if found := re.search(r"HTTP error: ([a-z ]+)", text):
        return found[1].strip()
    return text[-120:].strip(" .")


def _first_line(error: Exception) -> str:
    return _COLOURS.sub("", str(error)).partition("\n")[0][:200]
