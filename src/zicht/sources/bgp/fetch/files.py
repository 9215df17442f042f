"""Files of MRT, as route collectors publish them: read, decompressed and decoded in one stream."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from zicht.errors import InputError
from zicht.sources.bgp.decode import Decoder, begins_like_mrt
from zicht.sources.bgp.fetch.ahead import run_ahead
from zicht.sources.bgp.fetch.inflate import CutOffError, DamagedError, inflate
from zicht.sources.bgp.problems import Fault
from zicht.sources.bgp.records import HEADER_SIZE

if TYPE_CHECKING:
    from collections.abc import Generator

    from zicht.sources.bgp.elements import Elements, Peer
    from zicht.sources.bgp.problems import Problems


class MrtFile:
    """A file of MRT while it is read: iterate over it once, for its elements.

    Attributes:
        name: what messages call it.
    """

    def __init__(self, source: str | Path | BinaryIO, *, collector: str, strict: bool) -> None:
        self._source = Path(source) if isinstance(source, str) else source
        if isinstance(self._source, Path):
            self.name = str(source)
        else:
            self.name = str(getattr(source, "name", "the stream"))
        self._strict = strict
        self._decoder = Decoder(collector=collector, strict=strict)

    @property
    def peers(self) -> list[Peer]:
        """All routers seen so far; ``Elements.peer`` is an index into it."""
        return self._decoder.peers

    @property
    def problems(self) -> Problems:
        """What was wrong so far."""
        return self._decoder.problems

    def __iter__(self) -> Generator[Elements]:
        """Read; the thread that decompresses ends when this generator does, or is closed.

        Yields:
            batches, which hold until the next one.

        Raises:
            InputError: it cannot be read, or holds something else than MRT; or it is damaged or
                cut off, and reading is strict.
        """
        decoder, name = self._decoder, self.name
        head, size = b"", 0
        pieces = run_ahead(lambda stop: inflate(self._source, stop))
        fault = None
        try:
            for piece in pieces:
                size += len(piece)
                if len(head) < HEADER_SIZE:
                    head += piece[:HEADER_SIZE]
                    _check(head)
                yield from decoder.decode(piece)
        except CutOffError:
            fault = Fault.ARCHIVE_CUT
        except DamagedError:
            fault = Fault.ARCHIVE
        except OSError as error:
            raise InputError(
                f"{name} cannot be read: {error.strerror or error}.", "See to its place and rights."
            ) from error
        except InputError as error:
            raise InputError(f"{name}: {error.message}", error.hint) from error
        finally:
            pieces.close()
        if fault is not None:
            decoder.problems.note(fault, size)
            if self._strict:
                raise InputError(f"{name}: {decoder.problems.first[-1]}.", _NOT_STRICT)
        try:
            decoder.close()
        except InputError as error:
            raise InputError(f"{name}: {error.message}", error.hint) from error


_NOT_STRICT = "Without --strict all before that place is given."


def read_mrt(
    source: str | Path | BinaryIO, *, collector: str = "", strict: bool = False
) -> MrtFile:
    """Read a file or stream of MRT, plain or packed with gzip, bzip2 or Zstandard.

    What packs it is told by its first bytes, never by its name. Decompression runs in a thread
    beside decoding, a few pieces ahead, so memory does not grow with the file. A file that is cut
    off gives all before the cut; ``problems`` says so. An empty file holds nothing, and is sound:
    collectors write them when nothing happened.

    Args:
        source: the file's path, or an open stream of bytes, such as standard input.
        collector: the name that the peers get as their collector.
        strict: whether to stop at the first damage.

    Returns:
        what to iterate over; errors are raised there.
    """
    return MrtFile(source, collector=collector, strict=strict)


def _check(head: bytes) -> None:
    if len(head) >= HEADER_SIZE and not begins_like_mrt(head):
        raise InputError(
            f"it holds no MRT records: it begins with {head[:8]!r}.",
            "Give a file of RIS, RouteViews or a router's own dump; it may be packed with gzip,"
            " bzip2 or zstd.",
        )
