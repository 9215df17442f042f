"""The bytes of files that the user names, unpacked where they are compressed."""

from __future__ import annotations

import bz2
import gzip
import io
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from zicht.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    Progress = Callable[[str, int, int], None]
    """Told what is being done, and how many bytes of how many; 0 of 0 where that is unknown."""

STANDARD_INPUT = "-"
LARGEST = 4 << 30  # bytes; what a table needs in memory is a few times that
_PIECE = 8 << 20


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


_GZIP, _BZIP2, _ZSTANDARD = b"\x1f\x8b", b"BZh", b"\x28\xb5\x2f\xfd"


def read_file(path: str, progress: Progress | None = None) -> bytes:
    """The bytes of a file, or of standard input where ``path`` is ``-``.

    Raises:
        InputError: it cannot be read, or is larger than can be imported at once.
    """
    try:
        if path == STANDARD_INPUT:
            return _read_all(sys.stdin.buffer, "standard input", 0, progress)
        with Path(path).open("rb") as file:
            return _read_all(file, path, Path(path).stat().st_size, progress)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror or error}.", "Is it the right path?"
        ) from None


def unpack(data: bytes, *, name: str) -> bytes:
    """The contents of bytes that gzip, bzip2 or Zstandard may have compressed.

    Raises:
        InputError: the compressed bytes are cut off or damaged, or hold too much.
    """
    try:
        return _read_all(_open(data), name, 0, None)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"{name} cannot be unpacked: {error}.", "It may be cut off; fetch it again."
        ) from None


def _open(data: bytes) -> _Readable:
    if data.startswith(_GZIP):
        return gzip.GzipFile(fileobj=io.BytesIO(data))
    if data.startswith(_BZIP2):
        return bz2.BZ2File(io.BytesIO(data))
    if data.startswith(_ZSTANDARD):
        import pyarrow as pa  # noqa: PLC0415 - slow to import, and only needed here

        stream: _Readable = pa.CompressedInputStream(pa.BufferReader(data), "zstd")
        return stream
    return io.BytesIO(data)


def _read_all(stream: _Readable, name: str, total: int, progress: Progress | None) -> bytes:
    pieces = []
    done = 0
    while piece := stream.read(_PIECE):
        pieces.append(piece)
        done += len(piece)
        if done > LARGEST:
            raise InputError(
                f"{name} holds more than {LARGEST >> 30} GiB.", "Split it into several files."
            )
        if progress is not None:
            progress(f"reading {name}", done, max(done, total))
    return b"".join(pieces)
