"""Decompression by content: gzip, bzip2, Zstandard and plain, in pieces, from files and pipes."""

from __future__ import annotations

import bz2
import os
import select
import sys
from contextlib import ExitStack
from io import UnsupportedOperation
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

import indexed_bzip2
from isal import igzip_lib

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import Event

PIECE = 1 << 20
"""Bytes of a decompressed piece, at most."""

_READ = 1 << 18  # compressed bytes that are read at once
_BZIP2_THREADS = 4  # bzip2 is slow: some 50 MB/s a core
_WAIT = 0.2  # seconds between looks at whether anybody still wants more
_MAGIC_SIZE = 4


class CutOffError(Exception):
    """The archive ends before its end; all that it held was given."""


class DamagedError(Exception):
    """The archive's bytes make no sense from some place on; what came a piece before was given."""


class _Decompressor(Protocol):
    """What bz2, igzip and zstd have in common."""

    eof: bool
    unused_data: bytes
    needs_input: bool

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def _new_gzip() -> _Decompressor:
    return cast("_Decompressor", igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP))


def _new_bzip2() -> _Decompressor:
    return cast("_Decompressor", bz2.BZ2Decompressor())


def _new_zstd() -> _Decompressor:
    return cast("_Decompressor", zstd.ZstdDecompressor())


_BZIP2 = b"BZh"
_MAGICS = {
    b"\x1f\x8b": _new_gzip,  # RFC 1952
    _BZIP2: _new_bzip2,
    b"\x28\xb5\x2f\xfd": _new_zstd,  # RFC 8878
}


def inflate(source: Path | BinaryIO, stop: Event) -> Iterator[bytes]:
    """Give the bytes of a file or stream, decompressed if its first bytes say that they are packed.

    Archives of several parts one after another are read to the end. Padding with zeros behind
    the end is ignored, as gzip does.

    Args:
        source: a file's path, or a stream of bytes such as a pipe; streams are not closed.
        stop: set when nobody wants more.

    Raises:
        CutOffError: the archive is incomplete.
        DamagedError: it is damaged, or something else follows it.
        OSError: it cannot be read.
    """
    with ExitStack() as stack:
        if isinstance(source, Path):
            stream = cast("BinaryIO", stack.enter_context(source.open("rb", buffering=0)))
        else:
            stream = source
        pieces = _read(stream, stop)
        head = b""
        while len(head) < _MAGIC_SIZE and (piece := next(pieces, b"")):
            head += piece
        magic = next((magic for magic in _MAGICS if head.startswith(magic)), None)
        if magic is None:
            yield head
            yield from pieces
        elif magic == _BZIP2 and isinstance(source, Path) and source.is_file():
            yield from _inflate_bzip2(source, stop)
        else:
            yield from _inflate(_MAGICS[magic], magic, head, pieces)


def _inflate_bzip2(path: Path, stop: Event) -> Iterator[bytes]:
    """Inflate with several threads; where that fails, go on from there with one.

    The threads' library gives up at damage without giving all that came before it.
    """
    given = 0
    threads = min(_BZIP2_THREADS, os.cpu_count() or 1)
    try:
        with indexed_bzip2.open(str(path), parallelization=threads) as archive:
            while piece := archive.read(PIECE):
                given += len(piece)
                yield piece
    except Exception:  # noqa: BLE001, S110 - it raises many kinds; the next attempt tells which
        pass
    else:
        return
    with path.open("rb", buffering=0) as stream:
        pieces = _inflate(_new_bzip2, _BZIP2, b"", _read(cast("BinaryIO", stream), stop))
        for piece in pieces:
            yield piece[max(given, 0) :]
            given -= len(piece)


def _inflate(
    make: Callable[[], _Decompressor], magic: bytes, data: bytes, pieces: Iterator[bytes]
) -> Iterator[bytes]:
    decompressor = make()
    while True:
        try:
            piece = decompressor.decompress(data, PIECE)
        except Exception as error:
            raise DamagedError(str(error)) from error
        if piece:
            yield piece
        data = b""
        if decompressor.eof:
            data = _next_part(decompressor.unused_data, magic, pieces)
            if not data:
                return
            decompressor = make()
        elif decompressor.needs_input:
            data = next(pieces, b"")
            if not data:
                raise CutOffError


def _next_part(data: bytes, magic: bytes, pieces: Iterator[bytes]) -> bytes:
    """Give the beginning of an archive's next part, or nothing where there is none."""
    while len(data := data.lstrip(b"\0")) < len(magic) and (more := next(pieces, b"")):
        data += more
    if data and not data.startswith(magic):
        raise DamagedError("something else follows the archive's end")
    return data


def _read(stream: BinaryIO, stop: Event) -> Iterator[bytes]:
    """Read what there is, again and again; a pipe that is silent is left when ``stop`` is set."""
    try:
        descriptor: int | None = stream.fileno()
    except (AttributeError, UnsupportedOperation, OSError):
        descriptor = None
    read = cast("Callable[[int], bytes]", getattr(stream, "read1", stream.read))
    while not stop.is_set():
        if descriptor is not None and not select.select([descriptor], [], [], _WAIT)[0]:
            continue
        piece = read(_READ)
        if not piece:
            return
        yield piece
