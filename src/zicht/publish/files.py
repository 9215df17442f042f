"""Files for others: written whole or not at all, and never over another file unasked."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

from zicht.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

STANDARD_OUTPUT = Path("-")


def check_writable(path: Path, *, force: bool) -> None:
    """Say early that a file cannot be written, before work is done for it.

    Raises:
        UsageError: there is such a file already and ``force`` is not given, or no such folder.
    """
    if path == STANDARD_OUTPUT:
        return
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", "Make it, or name another file.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", "Name a file.")
    if path.exists() and not force:
        raise UsageError(f"{path} is there already.", "Write over it with --force.")


def write_whole(path: Path, data: bytes, *, force: bool = False) -> None:
    """Write a file in one step: readers see the old one or the new one, nothing between.

    ``-`` is standard output.

    Raises:
        UsageError: there is such a file already and ``force`` is not given, or no such folder.
        InputError: the file cannot be written, for want of rights or of room.
    """
    check_writable(path, force=force)
    if path == STANDARD_OUTPUT:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    with writing_whole(path) as file:
        file.write(data)


@contextmanager
def writing_whole(path: Path) -> Iterator[BinaryIO]:
    """Write a file piece by piece; it takes its place when all is written, or never.

    What is no ordinary file, such as a pipe or ``/dev/null``, is written to and stays what it is.

    Raises:
        InputError: the file cannot be written, for want of rights or of room.
    """
    try:
        with path.open("wb") if _is_device(path) else _replacing(path) as file:
            yield file
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {error.strerror}.", "Make room, or choose another place."
        ) from error


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file()


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name[:80]}.", delete=False) as file:
        temporary = Path(file.name)
        try:
            yield cast("BinaryIO", file.file)
            file.flush()
            os.fsync(file.fileno())
            temporary.chmod(0o666 & ~_mask())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
